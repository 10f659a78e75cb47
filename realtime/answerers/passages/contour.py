"""A few steps of the call's tune, taken up by an answer's from wherever that is: what comes back in the call.

What a call plays twice it is likely to go on with, so of the places at hand the motif is taken up that stands
in the call most often; and of a call that repeats itself more is taken up at a time. Knows notes and motifs.
Must not know features or models.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import fmean

from music.manner.chords import TOGETHER_S
from music.manner.features import PATTERN, motif_at
from music.notes import Note
from realtime.answerers.passages.harmony import Harmony
from realtime.answerers.passages.voicing import Chords, Voices, on_the_piano

CONTOUR = PATTERN  # steps of the call's tune that are taken up at a time
MOST_STEPS = 6  # of a call that repeats itself
_REPEATED_FOR_A_STEP = 0.15  # of a call's motifs, that one step more is taken up
CONTOUR_EVERY = 9  # chords, once in each so many
FEWEST_OF_A_CONTOUR = 4  # notes: fewer aren't known again
_FURTHEST = 4  # semitones from where the answer's own tune is
_SECOND = 2  # semitones
_STEPS_OF_FOREIGN = 2  # to a unit: of what is about as foreign, the nearest is taken


@dataclass(frozen=True, slots=True)
class CallTune:
    """The highest pitch of each of a call's chords, and how often the motif that begins at each chord stands
    in it: 0 where none does. `repeated` is the share of the motifs of its second half that stand in its
    first."""

    pitches: tuple[int, ...]
    times: tuple[int, ...]
    repeated: float

    @classmethod
    def of(cls, voices: Voices) -> "CallTune":
        """The tune of a call, chord by chord."""
        tune = [max(note.pitch for note in chord) for chord in voices]
        gaps = [max(later[0].at - before[0].at, TOGETHER_S) for before, later in pairwise(voices)]
        motifs = [motif_at(tune, gaps, place) for place in range(len(tune))]
        count = Counter(motifs)
        return cls(
            tuple(tune),
            tuple(0 if motif is None else count[motif] for motif in motifs),
            _repeated([motif for motif in motifs if motif is not None]),
        )

    @property
    def steps(self) -> int:
        """How many steps of it are taken up at a time."""
        return min(CONTOUR + int(self.repeated / _REPEATED_FOR_A_STEP), MOST_STEPS)

    def comes_back(self, place: int) -> int:
        """How often what is taken up from a chord on stands in the call, motif by motif; behind its last
        chord comes its first."""
        places = range(place, place + self.steps - CONTOUR + 1)
        return sum(self.times[each % len(self.times)] for each in places)


def _repeated(motifs: Sequence[tuple[int, ...]]) -> float:
    half = len(motifs) // 2
    before = set(motifs[:half])
    return fmean(motif in before for motif in motifs[half:]) if half else 0.0


def with_contour(chords: Chords, tune: CallTune, first: int, harmonies: Sequence[Harmony]) -> Chords:
    """The answer's tune goes as the call's does for a few steps, in each `CONTOUR_EVERY` chords once, where
    the call, taken up from its chord `first` on, has what comes back most often; at each of the call's chords
    within its harmony, as far as it can."""
    made = list(chords)
    for begin in range(0, len(chords), CONTOUR_EVERY):
        last = min(CONTOUR_EVERY, len(chords) - begin) - tune.steps
        places = range(begin, begin + max(last, 1))
        begin_at = max(places, key=lambda place: tune.comes_back(first + place))
        part = chords[begin_at : begin_at + tune.steps + 1]
        place = (first + begin_at) % len(tune.pitches)
        taken_up = slice(place, place + tune.steps + 1)
        made[begin_at : begin_at + len(part)] = _as_the_tune_goes(
            part, tune.pitches[taken_up], harmonies[taken_up]
        )
    return made


def _as_the_tune_goes(chords: Chords, tune: Sequence[int], harmonies: Sequence[Harmony]) -> Chords:
    """As many chords, their highest notes at the tune's intervals, from where the answer's own is or near it:
    where they are least foreign to the call's harmony. As they were, where there is too little of it to be
    known again."""
    count = min(len(tune), len(chords))
    if count < FEWEST_OF_A_CONTOUR or len(set(tune)) < 2:
        return chords
    own = max(note.pitch for note in chords[0])
    nearest_first = sorted(
        range(own - tune[0] - _FURTHEST, own - tune[0] + _FURTHEST + 1),
        key=lambda by: abs(tune[0] + by - own),
    )

    def foreign(by: int) -> float:
        heard = (harmony[(pitch + by) % 12] for pitch, harmony in zip(tune, harmonies, strict=True))
        return round(_STEPS_OF_FOREIGN * sum(heard)) / _STEPS_OF_FOREIGN

    shift = min(nearest_first, key=lambda by: (foreign(by), by == 0))
    made = []
    for chord, pitch in zip(chords[:count], tune, strict=False):
        top = max(chord, key=lambda note: note.pitch)
        made.append(_with_top(chord, top, on_the_piano(pitch + shift)))
    return made + chords[count:]


def _with_top(chord: Sequence[Note], top: Note, wanted: int) -> list[Note]:
    """The chord with its highest note at another pitch: what doubled it in octaves goes with it; what is not
    under it any more, or would be a second from it and was none, is left out."""
    made = []
    for note in chord:
        under = top.pitch - note.pitch
        pitch = on_the_piano(note.pitch + wanted - top.pitch) if under % 12 == 0 else note.pitch
        if note is top or (pitch < wanted and (wanted - pitch > _SECOND or under <= _SECOND)):
            made.append(replace(note, pitch=wanted if note is top else pitch))
    return made
