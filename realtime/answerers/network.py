"""Answers by a model: it hears the call event by event, then goes on from there, one event at a time.

While the player plays, what has come so far is heard already, so that the answer starts from a state that is
ready. A call that is unlike the music that the model knows is heard as if it were like it (`likeness`), and
answered in its own loudness and pace. The first gap is drawn above the silence that has already passed, and
the first event is a key going down. It keeps within the bounds of what people play (`bounds`), however the
knob stands (`daring`): what would be too full is drawn again later, what would be too empty sooner. When the
answer has lasted its length, keys may only go up; when none sounds any more, it is over. Knows a session and
the encoding of its events. Must not know threads, ports, clocks or whose turn it is.
"""

from dataclasses import dataclass, field, replace
from enum import Enum
from math import ceil, inf

import numpy as np

from music.encodings.event import EventState, key_event
from music.notes import KEYS, KeyEvent
from music.tokens.encoding import EncodingError, LiveEncoding
from music.tokens.scales import CELLS_PER_S, gap_number
from realtime.answerers.answerer import AnswerEvents
from realtime.answerers.bounds import CallSoFar, Course
from realtime.answerers.daring import Keys, heats, nats_off, outside_of
from realtime.answerers.likeness import Likeness, likeness_of
from realtime.inference.bundle import UNWISHED_NATS, Bundle, ModelFileError
from realtime.inference.chance import chances
from realtime.inference.session import EventToken, Inputs, ModelSession, ModelState
from realtime.knobs import DEFAULT_KNOBS, Knobs
from realtime.performer.actions import Request

TOP_P = 0.99  # leaves out the tail in which a small model's blunders lie; less, and it leaves out the rests
LONGEST_WAIT_S = 1.0  # before the first note: a model that rests for longer would seem not to answer
SHORTEST_NOTE_S = 0.02  # a key goes up so much later than it went down at least: less is a click, or nothing
MOST_EVENTS = 4000  # a guard: no answer has so many


@dataclass(frozen=True, slots=True)
class _Heard:
    """A call as far as it was heard: how, as written, its last event, and the state from before that event.

    Written time begins with the call and runs as the likeness says.
    """

    call: tuple[KeyEvent, ...]
    likeness: Likeness
    written: EventState
    last: EventToken
    before: ModelState
    so_far: CallSoFar


@dataclass
class Network:
    """A model's answers."""

    session: ModelSession
    seed: int
    _encoding: LiveEncoding[EventState] = field(init=False, repr=False)
    _heard: _Heard | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self._encoding = _playable(self.session.bundle)

    @property
    def name(self) -> str:
        """What it is, for the line at start and for the take."""
        return self.session.bundle.summary

    @property
    def device(self) -> str:
        """What runs the model."""
        return self.session.device

    def hear(self, call: tuple[KeyEvent, ...]) -> None:
        """Read what is new of a call; 0.1 ms an event."""
        if call:
            self._heard = self._read_on(call)

    def answer(self, request: Request, knobs: Knobs = DEFAULT_KNOBS) -> AnswerEvents:
        """The answer's events in order of time, drawn one by one as they are taken."""
        heard = self._heard = self._read_on(request.call)
        likeness = heard.likeness
        course = Course(heard.so_far.bounds, request.starts_after + LONGEST_WAIT_S)
        place, outside = _first_place(heard, request), outside_of(heard.so_far.pitches)
        wanted, ends_at = _Wanted.ANY, inf
        for number in range(MOST_EVENTS):
            if wanted is _Wanted.UP and not course.sounding:
                return
            knob = knobs.temperature
            mask = _mask(wanted, nats_off(knob, outside), course.weary)
            drawn, after = self.session.step(self._inputs(request, number, place, knob, mask), place.before)
            gap, key, velocity = drawn.event
            at = place.at + likeness.played_s(drawn.cells - place.passed)
            if wanted is _Wanted.ANY and at > course.latest:
                wanted = _Wanted.DOWN  # drawn again, from the same place
                continue
            if wanted is _Wanted.DOWN and at > course.latest:
                at = max(course.latest, place.at)
                gap = gap_number(place.passed + round(likeness.heard_s(at - place.at) * CELLS_PER_S))
            if key < KEYS and at >= ends_at:
                wanted = _Wanted.UP
                continue
            if key < KEYS and at < course.earliest:
                place = place.waited(course.earliest, likeness)
                continue
            if key < KEYS:
                ends_at = min(ends_at, at + request.length_s)
                course.strike(at, key)
            else:
                at = max(at, course.sounding.get(key - KEYS, -inf) + SHORTEST_NOTE_S)
                course.release(at, key - KEYS)
            wanted = _Wanted.UP if wanted is _Wanted.UP else _Wanted.ANY
            place = _Place((gap, key, velocity), after, at)
            knobs = (yield key_event(at, key, likeness.played_velocity(velocity))) or knobs

    def _read_on(self, call: tuple[KeyEvent, ...]) -> _Heard:
        """The call heard to its end, from where it was heard to if it is the same call, heard alike."""
        header = self.session.bundle.header
        likeness = likeness_of(call, header.loudness, header.density)
        heard = self._heard
        if heard is None or heard.likeness != likeness or call[: len(heard.call)] != heard.call:
            fresh = self._encoding.start(), self.session.begin, self.session.silent_state(), CallSoFar()
            heard = _Heard((), likeness, *fresh)
        written, last, state = heard.written, heard.last, heard.before
        for happened in call[len(heard.call) :]:
            at = likeness.heard_s(happened.at - call[0].at)
            written, made = self._encoding.feed(written, replace(happened, at=at))
            for gap, key, velocity in made:
                state = self.session.feed(last, state)
                last = (gap, key, likeness.heard_velocity(velocity))
                heard.so_far.take(happened.at, key)
        return _Heard(call, likeness, written, last, state, heard.so_far)

    def _inputs(self, request: Request, number: int, place: "_Place", knob: float, mask: Keys) -> Inputs:
        return Inputs(
            event=place.event,
            chance=chances(self.seed, request.turn, request.attempt, number),
            temperature=heats(knob),
            top_p=TOP_P,
            key_mask=mask,
            gap_at_least=place.passed,
        )


class _Wanted(Enum):
    """Which way a key may go next."""

    ANY = "any"
    DOWN = "down"  # it is time that something is struck
    UP = "up"  # the answer has lasted its length


@dataclass(frozen=True, slots=True)
class _Place:
    """Where an answer is: the event just past, the state from before it, when it was, cells waited since."""

    event: EventToken
    before: ModelState
    at: float
    passed: int = 0

    def waited(self, until: float, likeness: Likeness) -> "_Place":
        """The same, when nothing has happened until then."""
        cells = ceil(likeness.heard_s(until - self.at) * CELLS_PER_S)
        return replace(self, at=until, passed=self.passed + cells)


def _first_place(heard: _Heard, request: Request) -> _Place:
    begins = request.call[0].at if request.call else request.starts_after
    silent_s = heard.likeness.heard_s(request.starts_after - begins)
    silent_cells = int(silent_s * CELLS_PER_S) - heard.written.cell  # up to the cell of this very moment
    return _Place(heard.last, heard.before, request.starts_after, max(silent_cells, 0))


def _mask(wanted: _Wanted, off: Keys, weary: int | None) -> Keys:
    """1 for what may happen, 0 for what may not, and a little less than 1 for keys that lie outside."""
    mask = np.ones(2 * KEYS, np.float32)
    mask[:KEYS] -= off / np.float32(UNWISHED_NATS)
    if weary is not None:
        mask[weary] = 0.0
    if wanted is _Wanted.UP:
        mask[:KEYS] = 0.0
    elif wanted is _Wanted.DOWN:
        mask[KEYS:] = 0.0
    return mask


def _playable(bundle: Bundle) -> LiveEncoding[EventState]:
    """The encoding that the model's file names, if music can be played in it as it comes."""
    try:
        return bundle.encoding.as_live()
    except EncodingError as error:
        remedy = "export a run that is written as 'event' (pedal=False)"
        raise ModelFileError(f"{bundle.path}: {error}; {remedy}") from None
