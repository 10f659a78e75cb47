"""An answer's notes in the voices of its call: as many at a time, each about as high and held as long.

So a bass is answered by a bass, and a tune over chords by a tune over chords. Which notes are struck, in
about which order and with which accents, stays the answer's; of those that are next, a voice takes one of
which there has been too little, which belongs to the harmony that the call has there and doesn't clash with
what sounds, and the tune one to which it steps as such music does. A note may give way to a neighbour that is
more wanted. A voice that doubles another in octaves does so again, and takes no note for it. Knows notes and
harmonies. Must not know features or models.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf, log

from music.manner.chords import TOGETHER_S
from music.notes import HIGHEST_KEY, LOWEST_KEY, Note
from realtime.answerers.passages.harmony import Harmony, apart_as_in_the_call

Chords = list[list[Note]]
Voices = Sequence[Sequence[Note]]  # the call's notes, chord by chord

CHOICE = 6  # notes that are next: of these one takes a voice
GIVES_WAY = (0, -1, 1, -2, 2)  # semitones: where a note may go instead
_LEFT_BEHIND = 4  # a note that so many later ones were taken before is left out
SPREAD_KEPT = 0.5  # of how a chord was spread
OCTAVE = 12  # semitones
LEAP = 12  # semitones: a larger step of the tune counts as this one
LEAST_OF_A_CLASS = 0.028  # of all notes: to a pitch class of which less is wanted no note gives way
_WEIGHS, _LONGEST_WEIGHT_S = 0.05, 1.0  # a note weighs as much as it lasts in seconds, within these
# What counts where a voice takes a note, in semitones that it lies away from the voice.
_CLASS = 10.0  # what there is too much of its pitch class, in notes as long
_STEP = 15.0  # the logarithm of how much too often the tune has gone so
_OTHER_NOTE = 10.0  # that it gives way
_FOREIGN = 8.0  # how foreign it is to the harmony, as a logarithm
_CLASHES: Mapping[int, float] = {1: 12.0, 2: 4.0, 11: 6.0, 13: 6.0}  # so many semitones from what sounds
_FEW = 1.0  # steps: so many of each are no surprise
_USUAL_SHARE = 0.1
_HEARD_S = 0.25  # a shorter note passes by: harmony and clashes count for it in proportion
_TUNE_IS_FREER = 0.5  # of what harmony counts for the voices under it
_AS_ITS_VOICE = 0.7  # of how loud a note is, as loud as its voice in the call


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an answer is to have as much of: each of the twelve pitch classes, by how long its notes last, and
    each step of the tune, from `LEAP` down to `LEAP` up, as shares."""

    classes: Sequence[float]
    steps: Sequence[float]


@dataclass(frozen=True, slots=True)
class Heights:
    """How high voices are answered: about another pitch in place of their middle, and so many times as far
    from it."""

    middle: float
    goal: float
    wider: float

    def of(self, voice: int) -> int:
        """The pitch near which a voice is answered."""
        return min(max(round(self.goal + (voice - self.middle) * self.wider), LOWEST_KEY), HIGHEST_KEY)


WHERE_THEY_ARE = Heights(0.0, 0.0, 1.0)


@dataclass(frozen=True, slots=True)
class CallChords:
    """A call chord by chord: its voices, the seconds to the next chord (from the last, to the first were it
    to begin again), and how foreign each pitch class is to what sounds then; how clearly it lets go; in what
    share of its time keys clash; and how high it is to be answered."""

    voices: Voices
    gaps: Sequence[float]
    harmonies: Sequence[Harmony]
    clearness: float
    clashes: float
    heights: Heights = WHERE_THEY_ARE

    @property
    def avoids(self) -> float:
        """How much it avoids clashes, from 0 to 1: it lets go of its keys, or has few though it doesn't."""
        return max(self.clearness, 1.0 - self.clashes)


def gathered(notes: Sequence[Note]) -> Chords:
    """Notes by onset, chord by chord."""
    chords: Chords = []
    for note in notes:
        if chords and note.at - chords[-1][0].at < TOGETHER_S:
            chords[-1].append(note)
        else:
            chords.append([note])
    return chords


def in_voices(
    notes: Sequence[Note], call: CallChords, begin: float, first: int, lasts_s: float, wanted: Wanted
) -> Chords:
    """The notes on the onsets of the call's chords, from its chord `first` on and from a moment on, for about
    so long; the call begins again when it is over."""
    waiting, made, at = _Waiting(list(enumerate(notes)), wanted, call), [], begin
    place = first
    while waiting.notes and at - begin <= lasts_s + call.gaps[-1]:
        number = place % len(call.voices)
        if struck := waiting.taken_by(call.voices[number], call.harmonies[number], at):
            made.append(struck)
        at += call.gaps[number]
        place += 1
    return made


class _Waiting:
    """Notes that no voice has taken, by their number in the answer, and what has been struck so far."""

    def __init__(self, notes: list[tuple[int, Note]], wanted: Wanted, call: CallChords) -> None:
        self.notes = notes
        self._avoids, self._heights = call.avoids, call.heights
        self._wanted = wanted
        self._open = [share >= LEAST_OF_A_CLASS for share in wanted.classes]
        self._taken = 0
        self._weights = [0.0] * 12  # of each pitch class so far
        self._steps = [0] * len(wanted.steps)  # so far
        self._tune: int | None = None  # its last pitch
        self._no_tune = [0.0] * len(wanted.steps)
        self._sounding: list[tuple[int, float]] = []  # pitches, and until when

    def taken_by(self, chord: Sequence[Note], harmony: Harmony, at: float) -> list[Note]:
        """What the voices of one chord strike at a moment, in a harmony: the highest chooses first."""
        struck: dict[int, Note] = {}
        above: list[tuple[int, int]] = []  # voices, and what was struck for them
        self._sounding = [one for one in self._sounding if one[1] > at + TOGETHER_S]
        for voice in sorted(chord, key=lambda note: -note.pitch):
            weight = min(max(voice.length_s, _WEIGHS), _LONGEST_WEIGHT_S)
            found = self._doubled(voice.pitch, above, struck)
            found = found or self._taken_for(voice.pitch, above, weight, harmony)
            if found is None:
                continue
            note, pitch = found
            self._weights[pitch % 12] += weight
            above.append((voice.pitch, pitch))
            later_s = (voice.at - chord[0].at) * SPREAD_KEPT
            velocity = round(note.velocity + _AS_ITS_VOICE * (voice.velocity - note.velocity))
            struck[pitch] = Note(at + later_s, pitch, velocity, voice.length_s, note.voice)
        self._sounding += [(pitch, at + note.length_s) for pitch, note in struck.items()]
        if struck:
            self._tune_goes_to(max(struck))
        self.notes = [one for one in self.notes if one[0] >= self._taken - _LEFT_BEHIND]
        return sorted(struck.values(), key=lambda note: (note.at, note.pitch))

    @staticmethod
    def _doubled(
        voice: int, above: Sequence[tuple[int, int]], struck: Mapping[int, Note]
    ) -> tuple[Note, int] | None:
        """What a voice strikes that doubles another in octaves: that one's note; None where it doubles none,
        or can't."""
        for other, answer in above:
            pitch = answer - OCTAVE
            if other - voice == OCTAVE and pitch >= LOWEST_KEY and pitch not in struck:
                return struck[answer], pitch
        return None

    def _taken_for(
        self, voice: int, above: Sequence[tuple[int, int]], weight: float, harmony: Harmony
    ) -> tuple[Note, int] | None:
        """The note that a voice takes, and the pitch that it strikes; None if each of them is struck
        already."""
        place, pitch = self._best_for(voice, above, weight, harmony)
        if pitch is None:
            return None
        self._taken += 1
        return self.notes.pop(place)[1], pitch

    def _best_for(
        self, voice: int, above: Sequence[tuple[int, int]], weight: float, harmony: Harmony
    ) -> tuple[int, int | None]:
        """The place of the note that suits a voice best, under those voices that have struck something; and
        the pitch that it strikes: none if each of them is struck already."""
        heard = min(weight / _HEARD_S, 1.0)
        struck = {pitch for _, pitch in above}
        classes = self._classes(weight, harmony, heard if struck else heard * _TUNE_IS_FREER)
        apart = apart_as_in_the_call(voice, above)
        classes = [cost + other for cost, other in zip(classes, apart, strict=True)]
        clashes = self._clashes(heard * self._avoids)
        steps, tune = self._surprise(bool(struck)), self._tune or 0
        best, height = inf, self._heights.of(voice)
        found: tuple[int, int | None] = 0, None
        for place, (_, note) in enumerate(self.notes[:CHOICE]):
            away, near = abs(note.pitch - height), brought_near(note.pitch, height)
            for by in GIVES_WAY:
                pitch = near + by
                cost = away + classes[pitch % 12] + steps[min(max(pitch - tune, -LEAP), LEAP)]
                cost += clashes.get(pitch, 0.0)
                if by:
                    cost += _OTHER_NOTE
                if cost < best and pitch not in struck and (not by or self._may_be(pitch)):
                    best, found = cost, (place, pitch)
        return found

    def _classes(self, weight: float, harmony: Harmony, heard: float) -> list[float]:
        """What a note of each pitch class costs that would weigh so much: there may be too much of it
        already, or it is foreign to the harmony, which counts as far as it is heard."""
        return [
            surplus + _FOREIGN * heard * foreign
            for surplus, foreign in zip(self._surplus(weight), harmony, strict=True)
        ]

    def _clashes(self, heard: float) -> dict[int, float]:
        """What it costs to strike a pitch against what sounds."""
        found: dict[int, float] = {}
        for sounding, _ in self._sounding:
            for by, cost in _CLASHES.items():
                for pitch in (sounding - by, sounding + by):
                    found[pitch] = found.get(pitch, 0.0) + cost * heard
        return found

    def _may_be(self, pitch: int) -> bool:
        return LOWEST_KEY <= pitch <= HIGHEST_KEY and self._open[pitch % 12]

    def _surplus(self, weight: float) -> list[float]:
        """What a note of each pitch class costs that would weigh so much: how much more of it there would be
        than is wanted."""
        total = sum(self._weights) + weight
        return [
            _CLASS * (so_far + weight / 2 - share * total) / weight
            for so_far, share in zip(self._weights, self._wanted.classes, strict=True)
        ]

    def _surprise(self, is_under_another: bool) -> list[float]:
        """What each step of the tune costs, by how often it has gone so: none up first, and down from the end
        of the list. Nothing where there is no tune to go on with, nor for a voice that is under another."""
        if is_under_another or self._tune is None:
            return self._no_tune
        count = sum(self._steps) + 1
        costs = [
            _STEP * log((so_far + _FEW) / (share * count + _USUAL_SHARE * _FEW))
            for so_far, share in zip(self._steps, self._wanted.steps, strict=True)
        ]
        return costs[LEAP:] + costs[:LEAP]

    def _tune_goes_to(self, pitch: int) -> None:
        if self._tune is not None:
            self._steps[min(max(pitch - self._tune, -LEAP), LEAP) + LEAP] += 1
        self._tune = pitch


def brought_near(pitch: int, other: int) -> int:
    """The pitch moved by octaves to within half an octave of another, on the piano."""
    return on_the_piano(other + (pitch - other + 6) % 12 - 6)


def on_the_piano(pitch: int) -> int:
    """The pitch, or, where the piano has no such key, the nearest one by octaves."""
    while pitch < LOWEST_KEY:
        pitch += 12
    while pitch > HIGHEST_KEY:
        pitch -= 12
    return pitch
