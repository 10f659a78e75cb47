"""Answers by a model: it hears the call event by event, then goes on from there, one event at a time.

The first gap is drawn above the silence that has already passed, and the first event is a key going down. When the answer
has lasted its length, keys may only go up; when none sounds any more, it is over. Knows a session and the encoding of its
events. Must not know threads, ports, clocks or whose turn it is.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil

import numpy as np

from music.encodings.event import EventEncoding, key_event
from music.encodings.scales import CELLS_PER_S
from music.notes import KEYS, NoteOff, NoteOn
from realtime.inference.chance import chances
from realtime.inference.session import Event, Inputs, ModelSession, State
from realtime.performer.actions import Request

HEARD_EVENTS = 600  # of a long call the end: a minute of dense playing, 75 ms of hearing it at hand-over
TOP_P = 0.98  # leaves out the tail in which a small model's blunders lie
LONGEST_WAIT_S = 1.0  # before the first note: a model that rests for longer would seem not to answer
MOST_EVENTS = 4000  # a guard: no answer has so many

_ONLY_UP = np.concatenate([np.zeros(KEYS, np.float32), np.ones(KEYS, np.float32)])


@dataclass(frozen=True)
class Network:
    """A model's answers; `temperature` holds for gaps, keys and velocities alike."""

    session: ModelSession
    seed: int
    temperature: float = 1.0

    @property
    def name(self) -> str:
        """What it is, for the line at start and for the take."""
        return f"{self.session.bundle.told}, on {self.session.device}"

    def answer(self, request: Request) -> Iterator[NoteOn | NoteOff]:
        """The answer's events in order of time, drawn one by one as they are taken."""
        event, state, cell = self._heard(request)
        starts_at = max(ceil(request.starts_after * CELLS_PER_S), cell)
        passed, ends_at, sounding, closing = starts_at - cell, None, 0, False
        for number in range(MOST_EVENTS):
            if closing and not sounding:
                return
            drawn, after = self.session.step(self._inputs(request, number, event, passed, closing), state)
            _, key, velocity = drawn.event
            at = cell + drawn.cells
            if ends_at is None:
                at = min(at, starts_at + round(LONGEST_WAIT_S * CELLS_PER_S))
                ends_at = at + round(request.length_s * CELLS_PER_S)
            goes_down = key < KEYS
            if goes_down and at >= ends_at:
                closing = True  # drawn again, from the same place: now keys only go up
                continue
            event, state, cell, passed = drawn.event, after, at, 0
            sounding += 1 if goes_down else -1
            yield key_event(cell / CELLS_PER_S, key, velocity)

    def _heard(self, request: Request) -> tuple[Event, State, int]:
        """The last event of the call, the state from before it, and the cell that it lies in."""
        encoding = EventEncoding()
        written = encoding.start(request.call[0].at if request.call else request.starts_after)
        tokens: list[Event] = []
        for happened in request.call:
            written, made = encoding.feed(written, happened)
            tokens.extend((gap, key, velocity) for gap, key, velocity in made)
        *past, last = self.session.begin, *tokens[-HEARD_EVENTS:]
        state = self.session.silent_state()
        for event in past:
            state = self.session.feed(event, state)
        return last, state, written.cell

    def _inputs(self, request: Request, number: int, event: Event, passed: int, closing: bool) -> Inputs:
        heat = self.temperature
        return Inputs(
            event=event,
            chance=chances(self.seed, request.turn, request.attempt, number),
            temperature=(heat, heat, heat),
            top_p=TOP_P,
            key_mask=_ONLY_UP if closing else None,
            gap_at_least=passed,
        )
