"""What an answer is steered towards: its call, as it would have been played denser, higher, held longer.

Whoever answers is like the call: by its portrait, by what it lends, by what is chosen, by rule. So a hand
that steers moves the call that is answered, and nothing else has to know of it. Tempo, key and loudness stay;
in the middle of every knob the call is itself. Knows notes and knobs. Must not know who answers.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from music.notes import HIGHEST_KEY, LOWEST_KEY, Note
from music.phrase import Phrase, each_key_once
from realtime.answerers.passages.voicing import Chords, gathered, on_the_piano
from realtime.knobs import DEFAULT_KNOBS, Knobs

FEWEST_CHORDS = 3  # that stay of a call, however sparse: fewer are no rhythm
LEAST_GAP_S = 0.07  # between chords that are put in: fourteen a second are as many as hands strike
SHORTEST_S, LONGEST_S = 0.04, 4.0  # of a note that is held shorter, or longer
_DIGITS = 3  # that count of a knob: a step up and a step down are back in the middle
_ASIDE = 4  # semitones: a note that is put in lies no further outside the two that it lies between


@dataclass(frozen=True, slots=True)
class Steering:
    """By how much an answer is to differ from its call."""

    density: float = 1.0  # times as many notes
    register: float = 0.0  # semitones higher
    articulation: float = 1.0  # times as long is each note, beside the gap after it

    @classmethod
    def of(cls, knobs: Knobs, already: Knobs = DEFAULT_KNOBS) -> "Steering":
        """What the knobs say beyond what was heard `already`, where the call is an answer itself."""
        return cls(
            round(knobs.density / already.density, _DIGITS),
            round(knobs.register - already.register, _DIGITS),
            round(knobs.articulation / already.articulation, _DIGITS),
        )

    def of_call(self, call: Sequence[Note]) -> Sequence[Note]:
        """The notes of a call, by onset and the pedal folded in, as an answer is to be like them."""
        if self == STRAIGHT or not call:
            return call
        notes: Sequence[Note] = call
        if self.register:
            notes = _higher(notes, round(self.register))
        if self.density != 1.0:
            chords = gathered(notes)
            notes = _joined(
                _sparser(chords, self.density) if self.density < 1.0 else _denser(chords, self.density)
            )
        if self.articulation != 1.0:
            notes = [replace(note, length_s=_held(note.length_s * self.articulation)) for note in notes]
        return each_key_once(notes)


STRAIGHT = Steering()


def _held(length_s: float) -> float:
    return min(max(length_s, SHORTEST_S), LONGEST_S)


def _joined(chords: Chords) -> list[Note]:
    return sorted((note for chord in chords for note in chord), key=lambda note: (note.at, note.pitch))


def _higher(notes: Sequence[Note], semitones: int) -> list[Note]:
    """Notes at another height, on pitch classes that are the call's own; what would leave the piano comes
    back by octaves."""
    pitches = {note.pitch for note in notes}
    classes = {pitch % 12 for pitch in pitches}
    moved = {pitch: _nearest(on_the_piano(pitch + semitones), classes) for pitch in pitches}
    return [replace(note, pitch=moved[note.pitch]) for note in notes]


def _nearest(pitch: int, classes: set[int]) -> int:
    """The nearest key of these pitch classes; of two the lower."""
    keys = (key for key in range(LOWEST_KEY, HIGHEST_KEY + 1) if key % 12 in classes)
    return min(keys, key=lambda key: (abs(key - pitch), key))


def _sparser(chords: Chords, density: float) -> Chords:
    """As many of the chords as there are to be, from everywhere in the phrase: of neighbours the one that is
    longest. Each lasts for as much of its longer gap as it did of its own."""
    wanted = min(max(round(len(chords) * density), FEWEST_CHORDS), len(chords))
    gaps = _gaps(chords)
    edges = [place * len(chords) // wanted for place in range(wanted + 1)]
    kept = [
        max(range(begin, end), key=lambda place: (round(gaps[place], 2), -place))
        for begin, end in pairwise(edges)
    ]
    ends = chords[-1][0].at + gaps[-1]
    later = [*(chords[place][0].at for place in kept[1:]), ends]
    return [
        _lasting(chords[place], (until - chords[place][0].at) / gaps[place])
        for place, until in zip(kept, later, strict=True)
    ]


def _denser(chords: Chords, density: float) -> Chords:
    """The chords, and between them as many more as there are to be, as evenly as gaps allow."""
    classes = {note.pitch % 12 for chord in chords for note in chord}
    gaps = _gaps(chords)
    made: Chords = []
    owed = 0.0
    for (chord, following), gap in zip(pairwise(chords), gaps, strict=False):
        owed = min(owed + density - 1.0, density)
        more = max(min(int(owed + 1e-6), int(gap / LEAST_GAP_S) - 1), 0)
        owed -= more
        first = _lasting(chord, 1 / (more + 1))
        made.append(first)
        made.extend(_put_in(first, following, gap / (more + 1), more, classes))
    return [*made, chords[-1]]


def _put_in(
    chord: Sequence[Note], following: Sequence[Note], gap: float, more: int, classes: set[int]
) -> Iterator[list[Note]]:
    """So many chords after one, on the way to the next: the highest voice goes there, the others stay."""
    before, after = (max(note.pitch for note in one) for one in (chord, following))
    highest = before
    for number in range(1, more + 1):
        way = before + (after - before) * number / (more + 1)
        highest = _between(way, {highest, after}, (before, after), classes)
        later = [replace(note, at=note.at + gap * number) for note in chord]
        *others, top = sorted(later, key=lambda note: note.pitch)
        yield [*(note for note in others if note.pitch < highest), replace(top, pitch=highest)]


def _between(way: float, beside: set[int], ends: tuple[int, int], classes: set[int]) -> int:
    """The key of these pitch classes that is nearest to a height, if there is one other than those beside."""
    reach = range(max(min(ends) - _ASIDE, LOWEST_KEY), min(max(ends) + _ASIDE, HIGHEST_KEY) + 1)
    keys = [key for key in reach if key % 12 in classes]
    others = [key for key in keys if key not in beside] or keys
    return min(others, key=lambda key: (abs(key - way), key))


def _lasting(chord: Sequence[Note], factor: float) -> list[Note]:
    return [replace(note, length_s=note.length_s * factor) for note in chord]


def _gaps(chords: Chords) -> list[float]:
    """From each chord to the next, and how long the last one lasts."""
    onsets = [chord[0].at for chord in chords]
    last_s = Phrase.of(chords[-1]).until - onsets[-1]
    gaps = [later - before for before, later in pairwise(onsets)]
    return [*gaps, max(last_s, SHORTEST_S)]
