"""Real files: who shares a call changes no event in full precision, and little in eight bits."""

from pathlib import Path

import numpy as np
import pytest

from realtime.batch.batch import Batch
from realtime.batch.host_slots import HostSlots
from realtime.batch.slots import Ask
from realtime.inference.chance import chances
from realtime.inference.session import EventToken, Inputs, ModelSession, ModelState, open_session
from tests.support.command import ROOT

GOLDEN = ROOT / "tests" / "golden"
PERFORMERS, EVENTS = 12, 40
ALL_KEYS = np.ones(176, np.float32)

pytest.importorskip("onnxruntime")


def together(session: ModelSession) -> list[tuple[list[EventToken], ModelState]]:
    """Each performer joins a call later than the one before; what each draws, and its state in the end."""
    batch = Batch(HostSlots(session))
    seats: list[int] = []
    drawn: list[list[EventToken]] = [[] for _ in range(PERFORMERS)]
    while any(len(events) < EVENTS for events in drawn):
        if len(seats) < PERFORMERS:
            seats.append(batch.join(session.silent_state(), session.begin))
        for performer, seat in enumerate(seats):
            if len(drawn[performer]) < EVENTS:
                luck = chances(1, performer, 0, len(drawn[performer]))
                batch.ask(seat, Ask(luck, ALL_KEYS, 0, (1.0, 1.0, 1.0), 0.95), 0.0)
        for made in batch.step():
            drawn[seats.index(made.seat)].append(made.event)
            batch.keep(made.seat, made.event)
    return [(events, batch.standing(seat)[0]) for events, seat in zip(drawn, seats, strict=True)]


def alone(
    session: ModelSession, performer: int, events: list[EventToken]
) -> tuple[list[EventToken], ModelState]:
    """What it draws with nobody beside after each of these events, and its state in the end."""
    state, drawn = session.silent_state(), []
    for number, event in enumerate([session.begin, *events[:-1]]):
        made, state = session.step(Inputs(event, chances(1, performer, 0, number), top_p=0.95), state)
        drawn.append(made.event)
    return drawn, state


def opened(name: str) -> ModelSession:
    return open_session(Path(GOLDEN / name))


def test_in_full_precision_each_draws_what_it_draws_alone() -> None:
    session, others = opened("format-1-fp32.onnx"), 0
    for performer, (events, state) in enumerate(together(session)):
        by_itself, state_by_itself = alone(session, performer, events)
        others += sum(ours != theirs for ours, theirs in zip(events, by_itself, strict=True))
        for ours, theirs in zip(state, state_by_itself, strict=True):
            np.testing.assert_allclose(ours, theirs, atol=2e-5)
    assert others <= 1  # a number may lie on the border of two events, as a processor rounds


def test_in_eight_bits_a_batch_of_one_is_what_it_is_alone_and_others_change_a_state_little() -> None:
    session = opened("format-2-int8.onnx")
    rng = np.random.default_rng(1)
    states = [
        tuple(rng.uniform(-0.5, 0.5, part.shape).astype(np.float32) for part in session.silent_state())
        for _ in range(8)
    ]
    events = [(int(rng.integers(0, 141)), int(rng.integers(0, 176)), 9) for _ in states]
    batch = Batch(HostSlots(session))
    seats = [batch.join(state, event) for state, event in zip(states, events, strict=True)]
    for seat in seats:
        batch.hear(seat, [(5, 40, 9)], 0.0, 0.0)
    batch.step()
    hidden = [state.name for state in session.bundle.header.states].index("hidden")
    apart = []
    for seat, before, event in zip(seats, states, events, strict=True):
        by_itself = session.feed(event, before)
        shared, _ = batch.standing(seat)
        apart.append(float(np.abs(shared[hidden] - by_itself[hidden]).max()))
    assert 0.0 < max(apart) < 0.02
    single = Batch(HostSlots(session))
    seat = single.join(states[0], events[0])
    single.hear(seat, [(5, 40, 9)], 0.0, 0.0)
    single.step()
    for ours, theirs in zip(single.standing(seat)[0], session.feed(events[0], states[0]), strict=True):
        assert (ours == theirs).all()
