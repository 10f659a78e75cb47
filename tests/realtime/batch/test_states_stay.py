"""Where states stay on the device, each draws to the last bit what it draws with its state in this machine's
memory, whoever comes and goes; and nothing but events, controls and slots' numbers crosses.

What this does not prove is what a GPU does with it: the device here is the CPU, by the same code.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from music.notes import KEYS
from realtime.batch.batch import Batch
from realtime.batch.device_slots import DeviceSlots
from realtime.batch.host_slots import HostSlots
from realtime.batch.slots import Ask, Slots
from realtime.inference.bundle import read_bundle
from realtime.inference.chance import chances
from realtime.inference.default_model import default_model
from realtime.inference.graphs.opening import DeviceError
from realtime.inference.runtime import loaded_runtime
from realtime.inference.session import EventToken, ModelSession, ModelState
from tests.support.command import ROOT
from tests.support.runtime import DEFAULT_STATES, FakeRuntime

pytest.importorskip("onnxruntime")

GOLDEN = ROOT / "tests" / "golden"
FULL, EIGHT = GOLDEN / "format-1-fp32.onnx", GOLDEN / "format-2-int8.onnx"
ALL_KEYS = np.ones(2 * KEYS, np.float32)
TURNS = 14


def both(path: Path) -> tuple[Slots, Slots, EventToken]:
    """States here and there, for one file, and the event before the first."""
    bundle = read_bundle(path)
    session = ModelSession(bundle)
    return HostSlots(session), DeviceSlots(bundle), session.begin


@dataclass
class Evening:
    """Performers come and go at random, some beside others; each turn some hear, some ask, and some keep what
    was drawn. What was drawn, and states on the way and in the end."""

    slots: Slots
    begin: EventToken
    lanes: int
    seed: int
    drawn: list[tuple[int, EventToken, int]] = field(default_factory=list)
    states: list[ModelState] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rng, self.batch = np.random.default_rng(self.seed), Batch(self.slots, self.lanes)
        self.seats = [self.batch.join(None, self.begin) for _ in range(self.lanes)]
        for turn in range(TURNS):
            self.come_and_go()
            self.wish(turn)
            self.play()
            self.states.append(self.batch.standing(self.anybody())[0])
        self.states += [self.batch.standing(seat)[0] for seat in self.seats]

    def anybody(self) -> int:
        return self.seats[int(self.rng.integers(len(self.seats)))]

    def come_and_go(self) -> None:
        if len(self.seats) > 1 and self.rng.random() < 0.5:
            goes = self.anybody()
            self.batch.leave(goes)
            self.seats.remove(goes)
        while len(self.seats) < self.lanes and self.rng.random() < 0.7:
            beside = self.anybody()
            ways = (
                lambda: self.batch.join(None, self.begin),
                lambda beside=beside: self.batch.join_beside(beside),
                lambda beside=beside: self.batch.join(*self.batch.standing(beside)),
            )
            self.seats.append(ways[int(self.rng.integers(3))]())

    def wish(self, turn: int) -> None:
        for seat in self.seats:
            if self.rng.random() < 0.3:
                events = self.rng.integers(0, (141, 2 * KEYS, 33), (int(self.rng.integers(1, 5)), 3))
                played = [(gap, key, velocity) for gap, key, velocity in events.tolist()]
                self.batch.hear(seat, played, turn, turn + 1.0)
            if self.rng.random() < 0.8:
                luck = chances(self.seed, seat, 0, turn)
                self.batch.ask(seat, Ask(luck, ALL_KEYS, 0, (1.0, 0.9, 1.1), 0.95), turn + 1.0)

    def play(self) -> None:
        while not self.batch.is_idle:
            for made in self.batch.step():
                self.drawn.append((made.seat, made.event, made.cells))
                if self.rng.random() < 0.8:
                    self.batch.keep(made.seat, made.event)


def assert_alike(path: Path, lanes: int, seed: int) -> None:
    host, device, begin = both(path)
    ours, theirs = (Evening(slots, begin, lanes, seed) for slots in (device, host))
    assert len(ours.drawn) > lanes
    assert ours.drawn == theirs.drawn
    for one, other in zip(ours.states, theirs.states, strict=True):
        for part, its in zip(one, other, strict=True):
            assert part.dtype == its.dtype
            assert (part == its).all()


@pytest.mark.parametrize("lanes", [1, 2, 8, 64])
@pytest.mark.parametrize("path", [FULL, EIGHT], ids=lambda path: path.name)
def test_each_is_to_the_last_bit_what_it_is_with_states_in_this_machines_memory(
    path: Path, lanes: int
) -> None:
    assert_alike(path, lanes, 7)


@pytest.mark.slow
@settings(max_examples=12)
@given(st.integers(1, 70), st.integers(0, 1 << 30))
def test_however_many_there_are_and_however_they_come_and_go(lanes: int, seed: int) -> None:
    assert_alike(FULL, lanes, seed)


@pytest.mark.slow
def test_the_model_in_half_precision_is_the_same_too() -> None:
    assert_alike(default_model("cuda"), 5, 3)


def test_one_that_joins_beside_another_goes_its_own_way() -> None:
    *kinds, begin = both(FULL)
    for slots in kinds:
        batch = Batch(slots)
        first = batch.join(None, begin)
        batch.hear(first, [(5, 40, 9)], 0.0, 0.0)
        batch.step()
        stood = batch.standing(first)
        second = batch.join_beside(first)
        batch.hear(first, [(5, 40 + KEYS, 0)], 0.0, 0.0)
        batch.step()
        batch.leave(first)
        for _ in range(40):  # new ones, in whatever slots are free
            batch.hear(batch.join(None, begin), [(9, 50, 20)], 0.0, 0.0)
        batch.step()
        after = batch.standing(second)
        assert after[1] == stood[1]
        assert all((ours == theirs).all() for ours, theirs in zip(after[0], stood[0], strict=True))


@contextmanager
def crossing(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """How many numbers each array has that crosses between this machine's memory and the device's."""
    value, crossed = loaded_runtime().OrtValue, list[int]()
    make, send, fetch = value.ortvalue_from_numpy, value.update_inplace, value.numpy

    def making(array: Any, *where: Any) -> Any:
        crossed.append(array.size)
        return make(array, *where)

    def sending(self: Any, array: Any) -> None:
        crossed.append(array.size)
        send(self, array)

    def fetching(self: Any) -> Any:
        found = fetch(self)
        crossed.append(found.size)
        return found

    with monkeypatch.context() as patched:
        patched.setattr(value, "ortvalue_from_numpy", making)
        patched.setattr(value, "update_inplace", sending)
        patched.setattr(value, "numpy", fetching)
        yield crossed


def test_nothing_but_events_controls_and_numbers_of_slots_crosses(monkeypatch: pytest.MonkeyPatch) -> None:
    slots, begin = DeviceSlots(read_bundle(FULL)), (0, 2 * KEYS, 0)
    batch = Batch(slots)
    seats = [batch.join(None, begin) for _ in range(8)]

    def turn(draw: int) -> None:
        for seat in seats:
            batch.hear(seat, [(5, 40, 9)], 0.0, 0.0)
            batch.ask(seat, Ask(chances(1, seat, 0, draw), ALL_KEYS, 0, (1.0, 1.0, 1.0), 1.0), 0.0)
        while not batch.is_idle:
            for made in batch.step():
                batch.keep(made.seat, made.event)
        seats.append(batch.join_beside(seats[0]))
        batch.leave(seats.pop(0))

    for draw in range(2):  # places are made, and slots enough
        turn(draw)
    with crossing(monkeypatch) as crossed:
        for draw in range(2, 6):
            turn(draw)
        most = max(crossed)
        batch.standing(seats[0])
        assert max(crossed) > most
    state = sum(part.size for part in batch.standing(seats[0])[0])
    assert most <= 3 * 8 < state  # an event of each lane: the most that a call carries, and less than a state


def test_on_a_device_no_node_may_run_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    runtime = FakeRuntime("partly", DEFAULT_STATES)
    monkeypatch.setitem(sys.modules, "onnxruntime", runtime)
    with pytest.raises(DeviceError, match=r"not all of default-fp16.onnx runs there \(nodes are assigned"):
        DeviceSlots(read_bundle(default_model("cuda")), "cuda")
    assert runtime.options["session.disable_cpu_ep_fallback"] == "1"


def test_a_file_in_eight_bits_is_refused_on_cuda() -> None:
    with pytest.raises(DeviceError, match="in eight bits, which CUDA can't run"):
        DeviceSlots(read_bundle(EIGHT), "cuda")
