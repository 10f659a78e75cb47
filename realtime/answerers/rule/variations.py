"""How a motif is varied without leaving its key: moved, turned over, run backwards, decorated, thinned.

Knows scales and motifs; chance comes in as an argument. Must not know requests or where in the answer it
stands.
"""

from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from random import Random

from music.keys import Key, scale_of
from music.notes import HIGHEST_KEY, Note
from music.passages import MOMENT_S, SECOND_S
from realtime.answerers.rule.motifs import Moment, Motif

DISSONANT = (1, 2, 6, 10, 11)  # semitones, octaves apart, between tune and bass struck together
_ROUNDING_S = 1e-6  # beyond the end of a window, however the numbers round
SPLIT_FROM_S = 0.24  # a note that lasts this long may be decorated


@dataclass(frozen=True, slots=True)
class Scale:
    """The steps of a key over all of MIDI's pitches; a step is counted from the key's lowest tonic."""

    key: Key
    pitches: tuple[int, ...]

    @classmethod
    def of(cls, key: Key) -> "Scale":
        """The key's seven steps in every octave."""
        steps = set(scale_of(key))
        return cls(key, tuple(pitch for pitch in range(-24, 152) if pitch % 12 in steps))

    def step_of(self, pitch: int) -> int:
        """The step that a pitch is, or the one just below it."""
        return bisect_right(self.pitches, pitch) - 1

    def pitch_of(self, step: int) -> int:
        """The pitch of a step; far outside the keyboard it stays at the edge."""
        return self.pitches[min(max(step, 0), len(self.pitches) - 1)]

    def moved(self, pitch: int, steps: int) -> int:
        """A pitch moved by steps; outside the key, it stays altered over octaves, else joins the key."""
        step = self.step_of(pitch)
        altered = pitch - self.pitch_of(step) if steps % 7 == 0 else 0
        return self.pitch_of(step + steps) + altered

    def nearest(self, pitch: int, classes: Sequence[int]) -> int:
        """The pitch of one of these pitch classes that lies nearest; of two the lower."""
        return min(
            range(pitch - 12, pitch + 13),
            key=lambda other: (other % 12 not in classes, abs(other - pitch), other),
        )


def moved(motif: Motif, scale: Scale, steps: int) -> Motif:
    """Both hands moved by steps of the scale."""
    return _repitched(motif, lambda note: scale.moved(note.pitch, steps))


def refreshed(notes: Sequence[Note], most: int, scale: Scale) -> list[Note]:
    """Notes with no key struck over `most` times running, counted from the end: a step takes its place."""
    fresh: list[Note] = []
    times = 0
    for note in reversed(notes):
        times = times + 1 if fresh and note.pitch == fresh[-1].pitch else 1
        tired = times > most
        fresh.append(replace(note, pitch=_neighbour(note.pitch, scale)) if tired else note)
        times = 1 if tired else times
    return fresh[::-1]


def _neighbour(pitch: int, scale: Scale) -> int:
    """The step above a pitch, or at the top of the piano the one below."""
    above = scale.moved(pitch, 1)
    return above if above <= HIGHEST_KEY else scale.moved(pitch, -1)


def turned_over(motif: Motif, scale: Scale) -> Motif:
    """The tune's contour upside down about its first note; chords move with their top, the bass stays."""
    if not motif.upper:
        return motif
    axis = scale.step_of(motif.upper[0].top.pitch)
    moments = tuple(
        _moment_moved(moment, scale, 2 * (axis - scale.step_of(moment.top.pitch))) for moment in motif.upper
    )
    return replace(motif, upper=moments)


def backwards(motif: Motif) -> Motif:
    """The tune's pitches in reverse, in the rhythm and loudness as they were."""
    tunes = [[note.pitch for note in moment.notes] for moment in motif.upper][::-1]
    if any(len(pitches) != len(moment.notes) for pitches, moment in zip(tunes, motif.upper, strict=True)):
        return motif  # chords would fall where single notes were
    moments = tuple(
        replace(
            moment,
            notes=tuple(
                replace(note, pitch=pitch) for note, pitch in zip(moment.notes, pitches, strict=True)
            ),
        )
        for moment, pitches in zip(motif.upper, tunes, strict=True)
    )
    return replace(motif, upper=moments)


def decorated(motif: Motif, scale: Scale, chance: Random, share: float) -> Motif:
    """Some long single notes give their second half to a neighbour, or to a step towards the next note."""
    made: list[Moment] = []
    for place, moment in enumerate(motif.upper):
        following = motif.upper[place + 1].top.pitch if place + 1 < len(motif.upper) else moment.top.pitch
        if len(moment.notes) == 1 and moment.gap_s >= SPLIT_FROM_S and chance.random() < share:
            made.extend(_split(moment, _between(moment.top.pitch, following, scale, chance)))
        else:
            made.append(moment)
    return replace(motif, upper=tuple(made))


def thinned(motif: Motif, chance: Random, share: float) -> Motif:
    """Some notes of the tune, never the first, are left to the note before."""
    made: list[Moment] = []
    for moment in motif.upper:
        if len(made) > 0 and chance.random() < share:
            before = made[-1]
            notes = tuple(replace(note, length_s=note.length_s + moment.gap_s) for note in before.notes)
            made[-1] = replace(before, gap_s=before.gap_s + moment.gap_s, notes=notes)
        else:
            made.append(moment)
    return replace(motif, upper=tuple(made))


def no_fuller(notes: Sequence[Note], in_a_second: int, at_once: int) -> list[Note]:
    """Notes by onset without those that are too many within a second or a moment, counted from the end; of a
    chord the highest and the lowest stay for longest."""
    windows = ((in_a_second, SECOND_S + _ROUNDING_S), (at_once, MOMENT_S + _ROUNDING_S))
    kept: list[Note] = []
    for note in _from_the_end(notes):
        if all(len(kept) < most or kept[-most].at - note.at >= window_s for most, window_s in windows):
            kept.append(note)
    return sorted(kept, key=lambda note: (note.at, note.pitch))


def never_silent_for_longer(notes: Sequence[Note], silence_s: float) -> list[Note]:
    """Notes by onset; where none sounds for longer than this between two, what rang last is held on."""
    kept: list[Note] = []
    ringing = -1  # the place of the note that rings for longest
    for note in notes:
        if kept and note.at - kept[ringing].until > silence_s:
            longer = note.at - silence_s - kept[ringing].at
            kept[ringing] = replace(kept[ringing], length_s=longer)
        kept.append(note)
        if ringing < 0 or note.until >= kept[ringing].until:
            ringing = len(kept) - 1
    return kept


def _from_the_end(notes: Sequence[Note]) -> Iterator[Note]:
    """Notes, latest first; of those at one moment the highest, the lowest, and then from there inwards."""
    for _, struck in groupby(reversed(notes), key=lambda note: note.at):
        chord = deque(sorted(struck, key=lambda note: note.pitch))
        while chord:
            yield chord.pop()
            if chord:
                yield chord.popleft()


def agreeing(motif: Motif, scale: Scale) -> Motif:
    """Where tune and bass are struck together and clash, the tune gives way by a step."""
    basses = [(moment.at, moment.notes[0].pitch) for moment in motif.lower]
    moments = []
    for moment in motif.upper:
        bass = next((pitch for at, pitch in basses if abs(at - moment.at) < 0.05), None)
        clashes = bass is not None and (moment.top.pitch - bass) % 12 in DISSONANT
        moments.append(
            _moment_moved(moment, scale, _way_out(moment.top.pitch, bass or 0, scale)) if clashes else moment
        )
    return replace(motif, upper=tuple(moments))


def _way_out(pitch: int, bass: int, scale: Scale) -> int:
    return next((by for by in (-1, 1, -2, 2) if (scale.moved(pitch, by) - bass) % 12 not in DISSONANT), 0)


def _between(pitch: int, following: int, scale: Scale, chance: Random) -> int:
    here, there = scale.step_of(pitch), scale.step_of(following)
    if abs(there - here) >= 2:
        return scale.pitch_of(here + (1 if there > here else -1))
    return scale.pitch_of(here + chance.choice((1, -1)))


def _split(moment: Moment, pitch: int) -> list[Moment]:
    half = moment.gap_s / 2
    note = moment.top
    first = replace(note, length_s=min(note.length_s, half))
    second = Note(note.at, pitch, max(round(note.velocity * 0.9), 1), min(note.length_s, half))
    return [Moment(moment.at, half, (first,)), Moment(moment.at + half, half, (second,))]


def _moment_moved(moment: Moment, scale: Scale, steps: int) -> Moment:
    if steps == 0:
        return moment
    return replace(moment, notes=tuple(replace(n, pitch=scale.moved(n.pitch, steps)) for n in moment.notes))


def _repitched(motif: Motif, pitch_of: Callable[[Note], int]) -> Motif:
    def hand(moments: tuple[Moment, ...]) -> tuple[Moment, ...]:
        return tuple(
            replace(moment, notes=tuple(replace(note, pitch=pitch_of(note)) for note in moment.notes))
            for moment in moments
        )

    return replace(motif, upper=hand(motif.upper), lower=hand(motif.lower))
