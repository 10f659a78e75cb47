"""An answer that was drawn, fitted to its call: its loudness, register, thickness and articulation moved
towards the call's, its onsets into the call's time.

What is played stays the model's: which keys, in which order, with which accents. The call lends it a beat or
a rhythm, as partners do who listen. Knows notes and features. Must not know models.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from itertools import pairwise
from math import inf
from statistics import fmean, median

import numpy as np

from music.manner.chords import TOGETHER_S, Chord
from music.manner.features import Features
from music.manner.pulse import Beat
from music.notes import HIGHEST_KEY, LOWEST_KEY, Note
from music.phrase import each_key_once

CLEAR_BEAT = 0.3  # a beat that is less clear than this is not kept
_PARTS = (2, 3, 4, 6, 8)  # of a beat, that onsets may fall on
_OFF = 0.14  # of a part: how far off onsets lie on average where they fall on it
SOON_S = 0.01  # after the hand-over: in the future when it arrives
LONGEST_PART_S = 0.3  # an answer waits no longer for its place in the beat
CONTOUR = 4  # steps of the call's tune that are taken up
FEWEST_OF_A_CONTOUR = 4  # notes: fewer aren't known again
_BREATH = 1.4  # times the usual gap: what follows it is a beginning
_SPREAD_KEPT = 0.5  # of how a chord was spread
_KEPT_OFF = 0.2  # of how far an onset was off its place, so much stays
_FURTHEST_SPREAD = 2.0  # loudness is spread out or drawn together by no more
_LONGEST_S = 4.0
_SHORTEST_S = 0.04
_LAST_LONGER = 2.0  # the last note lasts so many usual gaps at least

Chords = list[list[Note]]


class Lent(Enum):
    """What a call can lend to an answer beside its beat."""

    RHYTHM = "rhythm"  # its chords' onsets, one after another
    CONTOUR = "contour"  # a few steps of its tune, from wherever the answer's tune is


@dataclass(frozen=True, slots=True)
class CallTime:
    """What of a call's time and tune there is to lend: its chords' onsets and highest pitches, and its beat
    with the parts that onsets fall on, where it keeps one."""

    onsets: tuple[float, ...]
    tune: tuple[int, ...]
    classes: frozenset[int]  # of its pitches
    beat: Beat | None
    parts: int

    @classmethod
    def of(cls, notes: Sequence[Note], chords: Sequence[Chord], beat: Beat | None) -> "CallTime":
        """The time of a call."""
        onsets = tuple(chord.at for chord in chords)
        kept = beat if beat is not None and beat.clarity >= CLEAR_BEAT else None
        return cls(
            onsets,
            tuple(chord.pitches[-1] for chord in chords),
            frozenset(note.pitch % 12 for note in notes),
            kept,
            1 if kept is None else _parts(onsets, kept),
        )

    def place_after(self, moment: float) -> float:
        """The first moment after another, and not at once, at which an onset would be in time."""
        if self.beat is None:
            return moment + SOON_S
        part_s = self._part_s
        return float(self.beat.at + np.ceil((moment + SOON_S - self.beat.at) / part_s) * part_s)

    def moved(self, notes: Sequence[Note], later_s: float) -> list[Note]:
        """Notes as much later, or earlier; in the call's beat still, so no earlier than that and a little
        later."""
        by_s = later_s if self.beat is None else float(np.ceil(later_s / self._part_s - 1e-6)) * self._part_s
        return [replace(note, at=note.at + by_s) for note in notes]

    @property
    def _part_s(self) -> float:
        """The part of the beat on which an answer may begin: nobody waits long for it."""
        assert self.beat is not None
        part_s = self.beat.length_s / self.parts
        while part_s > LONGEST_PART_S:
            part_s /= 2
        return part_s


def _parts(onsets: Sequence[float], beat: Beat) -> int:
    """The fewest parts of the beat near which the onsets fall."""
    turns = (np.array(onsets) - beat.at) / beat.length_s
    for parts in _PARTS:
        off = np.abs(turns * parts - np.round(turns * parts)).mean()
        if off <= _OFF:
            return parts
    return 4


def fitted(
    notes: Sequence[Note],
    call: Features,
    time: CallTime,
    *,
    lent: Collection[Lent],
    starts_after: float,
    place: float,
) -> list[Note]:
    """The answer's notes as they are played, from the first place of the call's time after a moment; `place`,
    from 0 to 1, chooses where the call's rhythm or contour is taken up."""
    chords = _as_thick(_chords(notes), call)
    begin = time.place_after(starts_after)
    first = _taken_up_at(time, place)
    if Lent.RHYTHM in lent and len(time.onsets) > 2:
        chords = _in_rhythm(chords, time.onsets, begin, first)
    elif time.beat is not None:
        chords = _on_the_grid(chords, time.beat, time.parts, begin)
    else:
        chords = _moved(chords, begin - chords[0][0].at)
    if Lent.CONTOUR in lent:
        chords = _with_contour(chords, time, first)
    played = _articulated([note for chord in chords for note in chord], chords, call)
    return each_key_once(_as_loud(_as_high(played, call), call))


def _taken_up_at(time: CallTime, place: float) -> int:
    """The chord of the call at which its rhythm is taken up: one that follows a longer gap, or the first."""
    gaps = [later - before for before, later in pairwise(time.onsets)]
    if not gaps:
        return 0
    usual = median(gaps)
    begins = [0, *(number + 1 for number, gap in enumerate(gaps[:-CONTOUR]) if gap > _BREATH * usual)]
    return begins[int(place * len(begins)) % len(begins)]


def _chords(notes: Sequence[Note]) -> Chords:
    chords: Chords = []
    for note in notes:
        if chords and note.at - chords[-1][0].at < TOGETHER_S:
            chords[-1].append(note)
        else:
            chords.append([note])
    return chords


def _moved(chords: Chords, by_s: float) -> Chords:
    return [[replace(note, at=note.at + by_s) for note in chord] for chord in chords]


def _as_thick(chords: Chords, call: Features) -> Chords:
    """Chords with notes left out from within, where the call's are thinner: the highest and the lowest stay
    longest."""
    ours, theirs = fmean(len(chord) for chord in chords), call.notes_a_chord
    if ours <= theirs * 1.15:
        return chords
    made, owed = [], 0.0
    for chord in chords:
        owed += 1 + (len(chord) - 1) * max(theirs - 1, 0.0) / max(ours - 1, 1e-6)
        keep = max(round(owed), 1)
        owed -= keep
        low_to_high = sorted(chord, key=lambda note: note.pitch)
        order = [low_to_high[-1], *low_to_high[:-1]]  # the tune, then the bass and what is above it
        made.append(sorted(order[:keep], key=lambda note: (note.at, note.pitch)))
    return made


def _on_the_grid(chords: Chords, beat: Beat, parts: int, begin: float) -> Chords:
    """Each chord on a part of the beat, nearly; what came quickly after another shares its place or takes the
    next."""
    part_s = beat.length_s / parts
    first = round((begin - beat.at) / part_s)
    shift_s = begin - (beat.at + first * part_s)  # an answer may begin between two parts
    origin = chords[0][0].at
    made: Chords = []
    place_before, at_before = first - 1, -inf
    for chord in chords:
        at = chord[0].at - origin
        place = first + round(at / part_s)
        if place <= place_before:
            place = place_before + 1 if at - at_before > 0.4 * part_s else max(place_before, first)
        off = (at - (place - first) * part_s) * _KEPT_OFF
        at_now = beat.at + place * part_s + min(max(off, -0.1 * part_s), 0.1 * part_s)
        at_now = max(at_now, begin) + (shift_s if place == first else 0.0)
        (moved,) = _moved([chord], at_now - chord[0].at)
        if place == place_before:
            made[-1] += moved
        else:
            made.append(moved)
        place_before, at_before = place, at
    return made


def _in_rhythm(chords: Chords, onsets: Sequence[float], begin: float, first: int) -> Chords:
    """The chords one after another on the call's onsets from its chord `first` on; they begin again when they
    are over."""
    gaps = [later - before for before, later in pairwise(onsets)]
    gaps.append(max(gaps[-1], median(gaps)))
    wanted = chords[-1][0].at - chords[0][0].at
    made: Chords = []
    at = begin
    for number, chord in enumerate(chords):
        if at - begin > wanted + gaps[-1]:
            break
        gap_before, gap_now = _gap_after(chords, number), gaps[(first + number) % len(gaps)]
        made.append(
            [
                replace(
                    note,
                    at=at + (note.at - chord[0].at) * _SPREAD_KEPT,
                    length_s=note.length_s * gap_now / gap_before,
                )
                for note in chord
            ]
        )
        at += gap_now
    return made


def _with_contour(chords: Chords, time: CallTime, first: int) -> Chords:
    """The tune of the first chords goes as the call's does from its chord `first` on, from where the answer's
    own tune begins or near it: where most of it lies on the call's pitch classes."""
    tune = time.tune[first : first + CONTOUR + 1]
    count = min(len(tune), len(chords))
    if count < FEWEST_OF_A_CONTOUR or len(set(tune)) < 2:
        return chords
    own = max(note.pitch for note in chords[0])
    shifts = sorted(range(own - tune[0] - 4, own - tune[0] + 5), key=lambda by: abs(tune[0] + by - own))
    shift = max(shifts, key=lambda by: (sum((pitch + by) % 12 in time.classes for pitch in tune), by != 0))
    made = []
    for chord, pitch in zip(chords[:count], tune, strict=False):
        top = max(chord, key=lambda note: note.pitch)
        wanted = _on_the_piano(pitch + shift)
        others = [note for note in chord if note is not top and note.pitch < wanted]
        made.append([*others, replace(top, pitch=wanted)])
    return made + chords[count:]


def _gap_after(chords: Chords, number: int) -> float:
    if number + 1 < len(chords):
        return max(chords[number + 1][0].at - chords[number][0].at, TOGETHER_S)
    return max(chords[number][0].length_s, TOGETHER_S)


def _articulated(notes: Sequence[Note], chords: Chords, call: Features) -> list[Note]:
    """Notes held for as much of their gaps as the call's are; the last ones for longer."""
    gaps = [later[0].at - before[0].at for before, later in pairwise(chords)]
    usual = max(median(gaps), TOGETHER_S) if gaps else 0.5
    ours = median(note.length_s for note in notes) / usual
    factor = min(max(call.articulation / max(ours, 0.05), 0.3), 4.0)
    last_at = chords[-1][0].at
    return [
        replace(
            note,
            length_s=min(
                max(
                    note.length_s * factor,
                    _SHORTEST_S,
                    _LAST_LONGER * usual if note.at >= last_at else 0.0,
                ),
                _LONGEST_S,
            ),
        )
        for note in notes
    ]


def _as_loud(notes: Sequence[Note], call: Features) -> list[Note]:
    """As loud on average as the call, and about as uneven."""
    loud = np.array([note.velocity for note in notes], float)
    spread = min(
        max(call.loudness_spread / max(float(loud.std()), 1.0), 1 / _FURTHEST_SPREAD), _FURTHEST_SPREAD
    )
    moved = call.loudness + (loud - loud.mean()) * spread
    return [
        replace(note, velocity=min(max(round(velocity), 1), 127))
        for note, velocity in zip(notes, moved.tolist(), strict=True)
    ]


def _as_high(notes: Sequence[Note], call: Features) -> list[Note]:
    """Moved by whole octaves towards the call's register."""
    octaves = round((call.register - fmean(note.pitch for note in notes)) / 12)
    return (
        [replace(note, pitch=_on_the_piano(note.pitch + 12 * octaves)) for note in notes]
        if octaves
        else list(notes)
    )


def _on_the_piano(pitch: int) -> int:
    while pitch < LOWEST_KEY:
        pitch += 12
    while pitch > HIGHEST_KEY:
        pitch -= 12
    return pitch
