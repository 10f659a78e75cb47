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

from music.keys import Key
from music.manner.chords import chords_of
from music.manner.copying import Intervals, intervals_of
from music.manner.features import Features, features_of
from music.notes import Note
from music.phrase import phrase_of
from realtime.answerers.bounds import Bounds, bounds_for, keeps_within
from realtime.answerers.passages.call_time import SOON_S, CallTime
from realtime.answerers.passages.candidates import Candidates
from realtime.answerers.passages.choosing import NONSENSE, cost_of, cost_of_copying
from realtime.answerers.passages.closing import closed, key_heard
from realtime.answerers.passages.fitting import Lent, each_fitted, towards
from realtime.answerers.passages.goal import goal_of

ENOUGH = 0.4  # of a passage, that it may be taken as far as it has come
FEWEST_NOTES = 3  # drawn: of fewer nothing can be made
FEWEST_LEFT = 2  # of them, when chords have become single notes
FEWEST_S = 0.2
LENGTH_FREE = 0.25  # octaves: a fifth longer or shorter than asked for
_BREATH = 1.5  # times the usual gap
_USUAL_GAP_S = 0.5
_ROUNDING_S = 1e-9  # so that moved notes never begin before their moment by a rounding
_SHARES = (
    (),
    (Lent.RHYTHM, Lent.CONTOUR),
    (Lent.VOICES,),
    (Lent.VOICES, Lent.CONTOUR),
)  # what a call lends to an answer: each is tried


@dataclass
class Thought:
    """Passages that could begin after a moment: `step` until `is_complete`, then take them by rank."""

    call: Sequence[Note]  # what is answered, the pedal folded in
    like: Sequence[Note]  # what the answer is to be like: the call, or, where a hand steers, one beside it
    starts_after: float
    length_s: float
    candidates: Candidates
    before: Sequence[Note] = ()  # the last notes of the passage before, which this one's join on to
    ends: bool = True  # whether the answer ends with it
    ranked: list[list[Note]] = field(default_factory=list, init=False)
    _costs: list[float] = field(default_factory=list, init=False)
    _judged: int = field(default=0, init=False)
    _goal: Features = field(init=False, repr=False)  # the call as it goes on
    _tune: Intervals = field(init=False, repr=False)  # the call's
    _bounds: Bounds = field(init=False, repr=False)
    _time: CallTime = field(init=False, repr=False)
    _key: Key | None = field(init=False, repr=False)  # in which the answer closes

    def __post_init__(self) -> None:
        like = features_of(self.like)
        call = like if self.like is self.call else features_of(self.call)
        self._tune = intervals_of(self.like)
        self._bounds = bounds_for(self.like)
        heard = key_heard(self.call)
        self._goal = goal_of(like, call, heard)
        self._time = towards(CallTime.of(self.like, call.beat), like, self._goal)
        self._key = heard if self.ends else None

    @property
    def is_nonsense(self) -> bool:
        """Whether even the best that was thought of is no answer to the call."""
        return not self.ranked or self._costs[0] > NONSENSE

    @property
    def is_ready(self) -> bool:
        """Whether there is something to play, if not yet the best of all."""
        return bool(self.ranked) or self.is_complete

    @property
    def is_complete(self) -> bool:
        """Whether all answers are drawn and ranked."""
        return self.candidates.is_over and self._judged == len(self.candidates.answers)

    @property
    def is_nearly_ready(self) -> bool:
        """Whether enough has been drawn for a passage, be it a shorter one."""
        return self.is_ready or self.candidates.done >= ENOUGH

    def hurry(self) -> bool:
        """Be ready at once, if enough has been drawn for a passage that is shorter; whether it is.

        The answer then goes on with another passage, so that this one doesn't close.
        """
        if self.is_ready:
            return True
        if not self.is_nearly_ready:
            return False
        self.length_s, self._key = self.length_s * self.candidates.done, None
        self.candidates.is_cut_short = True
        while not self.ranked and self._judged < len(self.candidates.answers):
            self.step()
        return bool(self.ranked)

    def step(self) -> None:
        """One draw of each answer, or the fitting and judging of one."""
        if not self.candidates.is_over:
            self.candidates.step()
            return
        self._judge(phrase_of(self.candidates.answers[self._judged]).notes, self._judged)
        self._judged += 1

    def standing(self, rank: int, starts_after: float) -> list[Note]:
        """The notes of this rank as far as has been judged, moved to the moment after which they would begin;
        nothing more is judged for it."""
        return self.moved(self.ranked[rank % len(self.ranked)], starts_after)

    def moved(self, notes: Sequence[Note], starts_after: float) -> list[Note]:
        """Notes of a passage, moved to the moment after which it is to begin."""
        return self._time.moved(notes, self.later_s(starts_after))

    def later_s(self, starts_after: float) -> float:
        """By how much later than was foreseen an answer begins that is to begin after a moment; an alarm that
        rings a little late moves nothing, as there is room before the first note."""
        later_s = starts_after - self.starts_after
        return later_s if later_s < 0.0 else max(later_s - SOON_S + _ROUNDING_S, 0.0)

    def keep_first(self, passage: list[Note]) -> None:
        """A passage that is being played is the first, whatever has been ranked since."""
        place = next(place for place, notes in enumerate(self.ranked) if notes is passage)
        if place:
            self.ranked.insert(0, self.ranked.pop(place))
            self._costs.insert(0, min(self._costs.pop(place), self._costs[0]))

    def taken(self, rank: int, starts_after: float) -> list[Note]:
        """The notes of the passage of this rank, moved to the moment after which it is to begin; none where
        there is none."""
        if not self.ranked:
            return []
        if rank:
            self._judge_the_rest()
        return self.moved(self.ranked[rank % len(self.ranked)], starts_after)

    def _judge_the_rest(self) -> None:
        """What there was no time to judge; what is first has been played, and stays first."""
        first, its_cost = self.ranked[0], self._costs[0]
        while self.candidates.is_over and not self.is_complete:
            self.step()
        place = next(place for place, passage in enumerate(self.ranked) if passage is first)
        del self.ranked[place], self._costs[place]
        self.ranked.insert(0, first)
        self._costs.insert(0, its_cost)

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

    def _cost(self, passage: Sequence[Note]) -> float:
        """What a passage costs in all."""
        tune = self._time.tune
        copying = cost_of_copying(intervals_of(passage), self._tune, tune.steps)
        costs = cost_of(features_of(passage, with_beat=False), self._goal, tune.repeated)
        return costs + copying + self._off_length(passage)

    def _judge(self, notes: Sequence[Note], number: int) -> None:
        """Keep the best of what this answer can be made, at its rank."""
        if len(notes) < FEWEST_NOTES:
            return
        place = self.candidates.place_of(number)
        ways = each_fitted(
            notes, self._goal, self._time, _SHARES, starts_after=self.starts_after, place=place
        )
        tried = [closed(passage, self._key, keeps_beat=self._time.beat is not None) for passage in ways]
        costs = {
            which: self._cost(passage)
            for which, passage in enumerate(tried)
            if len(passage) >= FEWEST_LEFT and keeps_within([*self.before, *passage], self._bounds)
        }
        if not costs:
            return
        best = min(costs, key=costs.__getitem__)
        rank = int(np.searchsorted(self._costs, costs[best], side="right"))
        self._costs.insert(rank, costs[best])
        self.ranked.insert(rank, tried[best])
