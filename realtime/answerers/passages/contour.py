"""A few steps of the call's tune, taken up by an answer's from wherever that is: what comes back in the call.

What a call plays twice it is likely to go on with, so of the places at hand the motif is taken up that stands
in the call most often. Knows notes and motifs. Must not know features or models.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from music.manner.chords import TOGETHER_S
from music.manner.features import PATTERN, motif_at
from realtime.answerers.passages.harmony import Harmony
from realtime.answerers.passages.voicing import Chords, Voices, on_the_piano

CONTOUR = PATTERN  # steps of the call's tune that are taken up at a time
CONTOUR_EVERY = 9  # chords, once in each so many
FEWEST_OF_A_CONTOUR = 4  # notes: fewer aren't known again
_FURTHEST = 4  # semitones from where the answer's own tune is
_STEPS_OF_FOREIGN = 2  # to a unit: of what is about as foreign, the nearest is taken


@dataclass(frozen=True, slots=True)
class CallTune:
    """The highest pitch of each of a call's chords, and how often the motif that begins at each chord stands
    in it: 0 where none does."""

    pitches: tuple[int, ...]
    times: tuple[int, ...]

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
        )


def with_contour(chords: Chords, tune: CallTune, first: int, harmonies: Sequence[Harmony]) -> Chords:
    """The answer's tune goes as the call's does for a few steps, in each `CONTOUR_EVERY` chords once, where
    the call, taken up from its chord `first` on, has what comes back most often; at each of the call's chords
    within its harmony, as far as it can."""
    made = list(chords)
    for begin in range(0, len(chords), CONTOUR_EVERY):
        last = min(CONTOUR_EVERY, len(chords) - begin) - CONTOUR
        places = range(begin, begin + max(last, 1))
        begin_at = max(places, key=lambda place: tune.times[(first + place) % len(tune.times)])
        part = chords[begin_at : begin_at + CONTOUR + 1]
        place = (first + begin_at) % len(tune.pitches)
        made[begin_at : begin_at + len(part)] = _as_the_tune_goes(
            part, tune.pitches[place : place + CONTOUR + 1], harmonies[place : place + CONTOUR + 1]
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
        wanted = on_the_piano(pitch + shift)
        others = [note for note in chord if note is not top and note.pitch < wanted]
        made.append([*others, replace(top, pitch=wanted)])
    return made + chords[count:]
