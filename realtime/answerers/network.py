"""Answers by a model: it hears the call event by event, then goes on from there, one event at a time.

While the player plays, what has come so far is heard already, so that the answer starts from a state that is ready. A call that is unlike
the music that the model knows is heard as if it were like it (`likeness`), and answered in its own loudness and pace. The first gap
is drawn above the silence that has already passed, and the first event is a key going down. When the answer has lasted its length,
keys may only go up; when none sounds any more, it is over. Knows a session and the encoding of its events. Must not know
threads, ports, clocks or whose turn it is.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from music.encodings.event import EventEncoding, EventState, key_event
from music.encodings.scales import CELLS_PER_S
from music.notes import KEYS, KeyEvent, NoteOff, NoteOn
from realtime.answerers.answerer import Temperature, lukewarm
from realtime.answerers.likeness import Likeness, likeness_of
from realtime.inference.bundle import Bundle, ModelFileError
from realtime.inference.chance import chances
from realtime.inference.session import Event, Inputs, ModelSession, State
from realtime.performer.actions import Request

TOP_P = 0.99  # leaves out the tail in which a small model's blunders lie; less, and it leaves out the rests
KEY_COOLER = (
    0.85  # times the temperature, for keys: what is played is surer than when (docs/default-model.md)
)
LONGEST_WAIT_S = 1.0  # before the first note: a model that rests for longer would seem not to answer
SHORTEST_NOTE_S = 0.02  # a key that would go up at the moment it went down goes up so much later: less is a click, or nothing
MOST_EVENTS = 4000  # a guard: no answer has so many

_ONLY_UP = np.concatenate([np.zeros(KEYS, np.float32), np.ones(KEYS, np.float32)])


@dataclass(frozen=True, slots=True)
class _Heard:
    """A call as far as it was heard: how, as written, its last event, and the model's state from before that event.

    Written time begins with the call and runs as the likeness says.
    """

    call: tuple[KeyEvent, ...]
    likeness: Likeness
    written: EventState
    last: Event
    before: State


@dataclass
class Network:
    """A model's answers."""

    session: ModelSession
    seed: int
    _encoding: EventEncoding = field(init=False, repr=False)
    _heard: _Heard | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self._encoding = _playable(self.session.bundle)

    @property
    def name(self) -> str:
        """What it is, for the line at start and for the take."""
        return self.session.bundle.told

    @property
    def device(self) -> str:
        """What runs the model."""
        return self.session.device

    def hear(self, call: tuple[KeyEvent, ...]) -> None:
        """Read what is new of a call; 0.1 ms an event."""
        if call:
            self._heard = self._read_on(call)

    def answer(self, request: Request, temperature: Temperature = lukewarm) -> Iterator[NoteOn | NoteOff]:
        """The answer's events in order of time, drawn one by one as they are taken."""
        heard = self._heard = self._read_on(request.call)
        event, state, likeness = heard.last, heard.before, heard.likeness
        begins = request.call[0].at if request.call else request.starts_after
        silent_cells = int(likeness.heard_s(request.starts_after - begins) * CELLS_PER_S) - heard.written.cell
        passed = max(silent_cells, 0)  # up to the cell of this very moment
        at, ends_at, closing = request.starts_after, None, False
        struck: dict[int, float] = {}  # when each key that sounds went down
        for number in range(MOST_EVENTS):
            if closing and not struck:
                return
            inputs = self._inputs(request, number, event, passed, closing, temperature())
            drawn, after = self.session.step(inputs, state)
            _, key, velocity = drawn.event
            next_at = at + likeness.played_s(drawn.cells - passed)
            if ends_at is None:
                next_at = min(next_at, at + LONGEST_WAIT_S)
                ends_at = next_at + request.length_s
            goes_down = key < KEYS
            if goes_down and next_at >= ends_at:
                closing = True  # drawn again, from the same place: now keys only go up
                continue
            if goes_down:
                struck[key] = next_at
            else:
                next_at = max(next_at, struck.pop(key - KEYS, -math.inf) + SHORTEST_NOTE_S)
            event, state, at, passed = drawn.event, after, next_at, 0
            yield key_event(at, key, likeness.played_velocity(velocity))

    def _read_on(self, call: tuple[KeyEvent, ...]) -> _Heard:
        """The call heard to its end, from where it was heard to if it is the same call, heard alike."""
        header = self.session.bundle.header
        likeness = likeness_of(call, header.loudness, header.density)
        heard = self._heard
        if heard is None or heard.likeness != likeness or call[: len(heard.call)] != heard.call:
            heard = _Heard(
                (), likeness, self._encoding.start(), self.session.begin, self.session.silent_state()
            )
        written, last, state = heard.written, heard.last, heard.before
        for happened in call[len(heard.call) :]:
            at = likeness.heard_s(happened.at - call[0].at)
            written, made = self._encoding.feed(written, replace(happened, at=at))
            for gap, key, velocity in made:
                state = self.session.feed(last, state)
                last = (gap, key, likeness.heard_velocity(velocity))
        return _Heard(call, likeness, written, last, state)

    def _inputs(
        self, request: Request, number: int, event: Event, passed: int, closing: bool, heat: float
    ) -> Inputs:
        return Inputs(
            event=event,
            chance=chances(self.seed, request.turn, request.attempt, number),
            temperature=_by_field(heat),
            top_p=TOP_P,
            key_mask=_ONLY_UP if closing else None,
            gap_at_least=passed,
        )


def _playable(bundle: Bundle) -> EventEncoding:
    """The encoding of a model's music, if it can be played live: a key's own ups and downs, and nothing of a pedal."""
    encoding = bundle.encoding
    if isinstance(encoding, EventEncoding) and not encoding.pedal:
        return encoding
    settings = ", ".join(f"{name}={value}" for name, value in sorted(encoding.settings.items()))
    raise ModelFileError(
        f"{bundle.path}: its music is written as {encoding.name!r} ({settings}), which can't be played live; "
        "export a run that is written as 'event' (pedal=False)"
    )


def _by_field(heat: float) -> tuple[float, float, float]:
    """The temperature of gap, key and velocity.

    A cold gap is always the likeliest, which is short: so gaps follow the knob only from afar, or a safe answer would be a crowded one.
    """
    return (float(heat**0.25), heat * KEY_COOLER, heat)
