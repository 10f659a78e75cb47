"""The bounds of an answer: how full and how empty what people play is, and what this call leaves open.

A model that is driven to the end of a knob repeats one chord a hundred times, or rests for as long as it may.
So an answer keeps within what about 99 of 100 passages of real music keep within, 3 to 12 s long, performed
and written (docs/figures.md; `antiphon bench passages`), and within twice what its call came to: from one
passage to the next, real music hardly ever goes further. Knows notes and times. Must not know models.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import inf

from music.notes import KEYS, LOWEST_KEY, Note
from music.passages import MOMENT_S, SECOND_S, Passage, Passing, passage_of

MOST_IN_A_SECOND = 36
MOST_AT_ONCE = 8
MOST_REPETITIONS = 3  # of one key, with no other between
LONGEST_GAP_S = 3.0  # from onset to onset; a slower call is answered as slowly
LONGEST_SILENCE_S = 1.2

FULLER = 2  # times what the call came to
LEAST_IN_A_SECOND = 4  # a call of one note may be answered by this many all the same
LEAST_AT_ONCE = 3
LEAST_GAP_S = (
    2.0  # 95 of 100 passages have no longer one; a fast call may be answered with as long a note all the same
)

_AFTER = 1e-6  # s: beyond the end of a window, however the numbers round


@dataclass(frozen=True, slots=True)
class Bounds:
    """What an answer keeps within."""

    in_a_second: int
    at_once: int
    repetitions: int
    gap_s: float
    silence_s: float


def bounds_for(call: Sequence[Note]) -> Bounds:
    """The bounds of an answer to this call, its pedal folded in."""
    return bounds_beside(passage_of(call))


def bounds_beside(passage: Passage) -> Bounds:
    """The bounds of an answer to a call that came to this."""
    return Bounds(
        min(max(FULLER * passage.fullest_second, LEAST_IN_A_SECOND), MOST_IN_A_SECOND),
        min(max(FULLER * passage.fullest_moment, LEAST_AT_ONCE), MOST_AT_ONCE),
        max(passage.longest_repetition, MOST_REPETITIONS),
        max(min(FULLER * passage.longest_gap_s, LONGEST_GAP_S), passage.longest_gap_s, LEAST_GAP_S),
        max(passage.longest_silence_s, LONGEST_SILENCE_S),
    )


def keeps_within(notes: Sequence[Note], bounds: Bounds) -> bool:
    """Whether notes by onset are neither too full nor too empty."""
    passage = passage_of(notes)
    return (
        passage.fullest_second <= bounds.in_a_second
        and passage.fullest_moment <= bounds.at_once
        and passage.longest_repetition <= bounds.repetitions
        and passage.longest_gap_s <= bounds.gap_s
        and passage.longest_silence_s <= bounds.silence_s
    )


class CallSoFar:
    """What of a call the answer to it is bound by, key by key as it is played, the pedal folded in."""

    def __init__(self) -> None:
        self.pitches: set[int] = set()
        self._passing = Passing()
        self._down: set[int] = set()
        self._silent_since = inf

    def take(self, at: float, key: int) -> None:
        """A key went down (a number below `KEYS`) or up, in order of time."""
        if key >= KEYS:
            self._down.discard(key - KEYS)
            self._silent_since = at
            return
        silent_s = 0.0 if self._down else max(at - self._silent_since, 0.0)
        self._down.add(key)
        self.pitches.add(key + LOWEST_KEY)
        self._passing.strike(at, key, silent_s)

    def copy(self) -> "CallSoFar":
        """The same, that may go on otherwise."""
        other = CallSoFar()
        other.pitches, other._down = set(self.pitches), set(self._down)
        other._passing, other._silent_since = self._passing.copy(), self._silent_since
        return other

    @property
    def bounds(self) -> Bounds:
        """The bounds of an answer to it."""
        return bounds_beside(self._passing.passage)


def so_far_of(call: Sequence[Note]) -> CallSoFar:
    """The whole of a call: its notes by onset."""
    so_far = CallSoFar()
    keys = [(note.at, 1, note.pitch - LOWEST_KEY) for note in call]
    keys += [(note.until, 0, note.pitch - LOWEST_KEY + KEYS) for note in call]
    for at, _, key in sorted(keys):
        so_far.take(at, key)
    return so_far


@dataclass
class Course:
    """What an answer has struck, and what its bounds leave open; it begins by `latest_first`."""

    bounds: Bounds
    latest_first: float
    sounding: dict[int, float] = field(default_factory=dict, init=False)  # since when each key is down
    _strikes: deque[float] = field(init=False)
    _silent_since: float = field(default=inf, init=False)
    _struck_at: float = field(default=-inf, init=False)
    _runs: dict[int, int] = field(
        default_factory=dict, init=False
    )  # of the keys struck then: how often running
    _before: dict[int, int] = field(default_factory=dict, init=False)  # runs that could go on at that moment

    def __post_init__(self) -> None:
        self._strikes = deque(maxlen=self.bounds.in_a_second)

    def strike(self, at: float, key: int) -> None:
        """A key went down."""
        self.sounding[key] = at
        self._strikes.append(at)
        if at > self._struck_at:
            together = len(self._runs) > 1  # each of them may count as the last one struck
            self._before = dict.fromkeys(self._runs, 1) if together else self._runs
            self._runs, self._struck_at = {}, at
        self._runs[key] = self._before.get(key, 0) + 1

    def release(self, at: float, key: int) -> None:
        """A key went up."""
        self.sounding.pop(key, None)
        self._silent_since = at

    @property
    def earliest(self) -> float:
        """Before this, no other key may go down."""
        bounds, strikes = self.bounds, self._strikes
        windows = ((bounds.in_a_second, SECOND_S), (bounds.at_once, MOMENT_S))
        full = [strikes[-most] + window_s + _AFTER for most, window_s in windows if len(strikes) >= most]
        return max(full, default=-inf)

    @property
    def latest(self) -> float:
        """By then a key must have gone down."""
        if not self._strikes:
            return self.latest_first
        silent = inf if self.sounding else self._silent_since + self.bounds.silence_s
        return min(self._strikes[-1] + self.bounds.gap_s, silent)

    @property
    def weary(self) -> int | None:
        """The key that has been struck so often running that another must come first."""
        if len(self._runs) != 1:
            return None
        ((key, times),) = self._runs.items()
        return key if times >= self.bounds.repetitions else None

    def is_too_often(self, at: float, key: int) -> bool:
        """Whether a key would be struck too often running if it went down at a moment: a key that goes down
        with it, and makes it less weary for later, may count as after it."""
        return at <= self._struck_at and self._before.get(key, 0) >= self.bounds.repetitions
