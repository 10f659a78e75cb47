"""Slots are kept apart, whoever comes and goes: in this machine's memory, and where a model runs."""

from collections.abc import Callable
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from realtime.batch.device_slots import DeviceSlots
from realtime.batch.host_slots import HostSlots
from realtime.batch.slots import FIRST_SLOTS, SILENT, SPARE, Slots
from realtime.inference.bundle import read_bundle
from realtime.inference.session import ModelSession, ModelState
from tests.support.command import ROOT

pytest.importorskip("onnxruntime")


@cache
def session() -> ModelSession:
    return ModelSession(read_bundle(ROOT / "tests" / "golden" / "format-1-fp32.onnx"))


def here() -> Slots:
    return HostSlots(session())


def there() -> Slots:
    return DeviceSlots(read_bundle(session().bundle.path))


both = pytest.mark.parametrize("fresh", [here, there])


def state_of(number: int) -> ModelState:
    """One in which each number tells whose it is and which part it is in."""
    return tuple(
        np.full_like(part, 10 * number + place) for place, part in enumerate(session().silent_state())
    )


def number_in(state: ModelState) -> int:
    first = state[0].flat[0]
    for place, part in enumerate(state):
        assert (part == first + place).all()
    return int(first) // 10


def put(slots: Slots, number: int) -> int:
    slot = slots.take()
    slots.put(slot, state_of(number))
    return slot


@both
@settings(max_examples=20)
@given(wishes=st.lists(st.integers(min_value=-1, max_value=60), max_size=60))
def test_what_was_put_into_a_slot_stays_there_until_it_is_given_back(
    fresh: Callable[[], Slots], wishes: list[int]
) -> None:
    """A wish is -1 (somebody new comes), or which of those who are there goes."""
    slots, held, came = fresh(), dict[int, int](), 0
    for wish in wishes:
        if wish < 0 or not held:
            came += 1
            slot = put(slots, came)
            assert slot not in {*held, SILENT, SPARE}
            held[slot] = came
        else:
            gone = list(held)[wish % len(held)]
            slots.give_back(gone)
            del held[gone]
    assert [number_in(slots.state(slot)) for slot in held] == list(held.values())


@both
def test_more_come_than_there_are_slots_at_first(fresh: Callable[[], Slots]) -> None:
    slots = fresh()
    taken = [put(slots, number) for number in range(5 * FIRST_SLOTS)]
    assert len(set(taken)) == len(taken)
    assert [number_in(slots.state(slot)) for slot in taken] == list(range(5 * FIRST_SLOTS))
    assert not any(part.any() for part in slots.state(SILENT))


@both
def test_a_slot_that_is_shared_is_taken_again_only_when_all_have_given_it_back(
    fresh: Callable[[], Slots],
) -> None:
    slots = fresh()
    shared = put(slots, 1)
    slots.share(shared)
    slots.give_back(shared)
    assert shared not in [put(slots, 2) for _ in range(2 * FIRST_SLOTS)]
    assert number_in(slots.state(shared)) == 1
    slots.give_back(shared)
    assert slots.take() == shared


@both
def test_what_was_read_is_a_copy(fresh: Callable[[], Slots]) -> None:
    slots = fresh()
    slot = put(slots, 3)
    before = slots.state(slot)
    slots.put(slot, state_of(4))
    assert (number_in(before), number_in(slots.state(slot))) == (3, 4)


@both
def test_a_call_writes_the_slots_that_it_is_to_write_and_no_other(fresh: Callable[[], Slots]) -> None:
    slots, begin = fresh(), session().begin
    held = [put(slots, number) for number in range(9)]
    slots.hear([begin] * 3, [SILENT, held[2], held[2]], [held[0], held[5], held[8]])
    left = [slot for place, slot in enumerate(held) if place not in (0, 5, 8)]
    assert [number_in(slots.state(slot)) for slot in left] == [1, 2, 3, 4, 6, 7]
    heard = session().feed(begin, session().silent_state())
    for ours, theirs in zip(slots.state(held[0]), heard, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-6)
    assert not any(part.any() for part in slots.state(SILENT))
