"""One answer as it is drawn, event by event: what is asked of the model next, and what becomes of what it
draws.

The first gap is drawn above the silence that has already passed, and the first event is a key going down. The
answer keeps within the bounds of what people play (`bounds`), wherever the knob stands (`daring`): what would
be too full is drawn again later, what would be too empty sooner. When it has lasted its length, keys may only
go up; when none sounds any more, it is over. Knows events, times and bounds. Must not know a session, nor how
many answers are drawn side by side.
"""

from dataclasses import dataclass
from enum import Enum
from math import ceil, inf

import numpy as np

from music.encodings.event import key_event
from music.notes import KEYS, LOWEST_KEY, NoteOff, NoteOn
from music.tokens.scales import CELLS_PER_S, gap_number
from realtime.answerers.bounds import Bounds, Course
from realtime.answerers.daring import Keys, nats_off
from realtime.answerers.likeness import Likeness
from realtime.inference.bundle import UNWISHED_NATS
from realtime.inference.session import EventToken

LONGEST_WAIT_S = 1.0  # before the first note: a model that rests for longer would seem not to answer
SHORTEST_NOTE_S = (
    0.02  # a key that would go up at the moment it went down goes up so much later: less is a click
)
MOST_DRAWS = 4000  # a guard: no answer of half a minute takes so many
MOST_DRAWS_A_SECOND = 134  # the same for one that lasts longer


class Wanted(Enum):
    """Which way a key may go next."""

    ANY = "any"
    DOWN = "down"  # it is time that something is struck
    UP = "up"  # the answer has lasted its length


@dataclass(frozen=True, slots=True)
class Start:
    """Where an answer begins: the event heard last, the moment, the cells that passed since that event, and
    how long it shall last."""

    event: EventToken
    at: float
    passed: int
    length_s: float


class Line:
    """An answer under way. `event`, `passed` and `draws` are what the next draw is asked with."""

    def __init__(self, start: Start, bounds: Bounds, likeness: Likeness, outside: Keys) -> None:
        self.event, self.passed, self.draws = start.event, start.passed, 0
        self._at, self._length_s, self._likeness, self._outside = start.at, start.length_s, likeness, outside
        self._course = Course(bounds, start.at + LONGEST_WAIT_S)
        self._wanted, self._ends_at = Wanted.ANY, inf
        self._most_draws = max(MOST_DRAWS, ceil(MOST_DRAWS_A_SECOND * start.length_s))

    @property
    def is_over(self) -> bool:
        """Whether nothing more comes."""
        return self.draws >= self._most_draws or (self._wanted is Wanted.UP and not self._course.sounding)

    @property
    def done(self) -> float:
        """Which share of its length has been drawn, 0 to 1."""
        if self.is_over:
            return 1.0
        left_s = self._ends_at - self._at
        return 1.0 - min(max(left_s / self._length_s, 0.0), 1.0) if self._length_s > 0 else 0.0

    def mask(self, knob: float) -> Keys:
        """1 for what may happen next, 0 for what may not, and a little less than 1 for keys that lie outside
        the call."""
        mask = np.ones(2 * KEYS, np.float32)
        mask[:KEYS] -= nats_off(knob, self._outside) / np.float32(UNWISHED_NATS)
        if self._course.weary is not None:
            mask[self._course.weary] = 0.0
        if self._wanted is Wanted.UP:
            mask[:KEYS] = 0.0
        elif self._wanted is Wanted.DOWN:
            mask[KEYS:] = 0.0
        return mask

    def take(self, drawn: EventToken, cells: int) -> NoteOn | NoteOff | None:
        """What happens by this draw, `cells` after the event just past; None where it has to be drawn again
        from the same place."""
        self.draws += 1
        gap, key, velocity = drawn
        course, wanted = self._course, self._wanted
        at = self._at + self._likeness.played_s(cells - self.passed)
        if wanted is Wanted.ANY and at > course.latest:
            self._wanted = Wanted.DOWN
            return None
        if wanted is Wanted.DOWN and at > course.latest:
            at = max(course.latest, self._at)
            gap = gap_number(self.passed + round(self._likeness.heard_s(at - self._at) * CELLS_PER_S))
        if key < KEYS and at >= self._ends_at:
            self._wanted = Wanted.UP
            return None
        if key < KEYS and at < course.earliest:
            self._wait(course.earliest)
            return None
        if key < KEYS and course.is_too_often(at, key):
            self._wait(at + 1 / CELLS_PER_S)
            return None
        if key < KEYS:
            self._ends_at = min(self._ends_at, at + self._length_s)
            course.strike(at, key)
        else:
            at = max(at, course.sounding.get(key - KEYS, -inf) + SHORTEST_NOTE_S)
            course.release(at, key - KEYS)
        self._wanted = Wanted.UP if wanted is Wanted.UP else Wanted.ANY
        self.event, self.passed, self._at = (gap, key, velocity), 0, at
        return key_event(at, key, self._likeness.played_velocity(velocity))

    def has_played(self, event: NoteOn | NoteOff) -> None:
        """What this answer has played before: it bounds what may follow, and what still sounds has to end."""
        key = event.pitch - LOWEST_KEY
        if isinstance(event, NoteOff):
            self._course.release(event.at, key)
            return
        self._ends_at = self._at + self._length_s
        self._course.strike(event.at, key)

    def _wait(self, until: float) -> None:
        """Nothing has happened until then."""
        self.passed += ceil(self._likeness.heard_s(until - self._at) * CELLS_PER_S)
        self._at = until
