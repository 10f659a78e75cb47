"""What is thought of before it is needed: many passages that could come next, fitted to the call and ranked.

The first passage of an answer is thought of in the silence after the call, each further one while the one
before it sounds. It goes in small steps, so that whatever happens meanwhile is seen at once. Knows
candidates, how they are fitted and chosen. Must not know when there is time to think.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import log2
from statistics import median

import numpy as np

from music.manner.chords import chords_of
from music.manner.features import Features, features_of
from music.notes import Note
from music.phrase import phrase_of
from realtime.answerers.bounds import Bounds, bounds_for, keeps_within
from realtime.answerers.candidates import Candidates
from realtime.answerers.choosing import cost_of
from realtime.answerers.fitting import CallTime, Lent, fitted

FEWEST_NOTES = 3  # drawn: of fewer nothing can be made
FEWEST_LEFT = 2  # of them, when chords have become single notes
FEWEST_S = 0.2
LENGTH_FREE = 0.25  # octaves: a fifth longer or shorter than asked for
_BREATH = 1.5  # times the usual gap
_USUAL_GAP_S = 0.5
_SHARES = ((), (Lent.RHYTHM,), (Lent.RHYTHM, Lent.CONTOUR))  # what a call lends to an answer: each is tried


@dataclass
class Thought:
    """Passages that could begin after a moment: `step` until `is_complete`, then take them by rank."""

    call: Sequence[Note]  # what is answered, the pedal folded in
    starts_after: float
    length_s: float
    candidates: Candidates
    before: Sequence[Note] = ()  # the last notes of the passage before, which this one's join on to
    ranked: list[list[Note]] = field(default_factory=list, init=False)
    _costs: list[float] = field(default_factory=list, init=False)
    _judged: int = field(default=0, init=False)
    _call: Features = field(init=False, repr=False)
    _bounds: Bounds = field(init=False, repr=False)
    _time: CallTime = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._call = features_of(self.call)
        self._bounds = bounds_for(self.call)
        self._time = CallTime.of(self.call, chords_of(self.call), self._call.beat)

    @property
    def is_complete(self) -> bool:
        """Whether all answers are drawn and ranked."""
        return self.candidates.is_over and self._judged == len(self.candidates.answers)

    def step(self) -> None:
        """One draw of each answer, or the fitting and judging of one."""
        if not self.candidates.is_over:
            self.candidates.step()
            return
        self._judge(phrase_of(self.candidates.answers[self._judged]).notes, self._judged)
        self._judged += 1

    def taken(self, rank: int, starts_after: float) -> list[Note]:
        """The notes of the passage of this rank, moved to the moment after which it is to begin; none where
        there is none."""
        if not self.ranked:
            return []
        notes = self.ranked[rank % len(self.ranked)]
        return self._time.moved(notes, starts_after - self.starts_after)

    def next_place(self, notes: Sequence[Note]) -> float:
        """After these notes, when the next passage may begin: a little later than one more gap, as after a
        phrase."""
        onsets = [chord.at for chord in chords_of(notes)]
        gaps = [later - before for before, later in pairwise(onsets)]
        return onsets[-1] + _BREATH * (median(gaps) if gaps else _USUAL_GAP_S)

    def _off_length(self, passage: Sequence[Note]) -> float:
        """What it costs to last longer or shorter than was asked for, by octaves of a factor; a little costs
        nothing."""
        lasts_s = max(self.next_place(passage) - passage[0].at, FEWEST_S)
        return max(abs(log2(lasts_s / max(self.length_s, FEWEST_S))) - LENGTH_FREE, 0.0)

    def _judge(self, notes: Sequence[Note], number: int) -> None:
        """Keep the best of what this answer can be made, at its rank."""
        if len(notes) < FEWEST_NOTES:
            return
        place = self.candidates.place_of(number)
        tried = [
            fitted(notes, self._call, self._time, lent=lent, starts_after=self.starts_after, place=place)
            for lent in _SHARES
        ]
        costs = {
            which: cost_of(features_of(passage), self._call) + self._off_length(passage)
            for which, passage in enumerate(tried)
            if len(passage) >= FEWEST_LEFT and keeps_within([*self.before, *passage], self._bounds)
        }
        if not costs:
            return
        best = min(costs, key=costs.__getitem__)
        rank = int(np.searchsorted(self._costs, costs[best], side="right"))
        self._costs.insert(rank, costs[best])
        self.ranked.insert(rank, tried[best])
