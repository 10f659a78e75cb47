"""Rows of state are kept apart, whoever comes and goes."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from realtime.batch.slots import FIRST_SLOTS, Slots
from realtime.inference.bundle import LANES, StateShape
from realtime.inference.session import ModelState

SHAPES = (StateShape("hidden", (2, LANES, 3)), StateShape("sounding", (LANES, 4)))


def fresh() -> Slots:
    return Slots(SHAPES, (np.zeros((2, FIRST_SLOTS, 3), np.float32), np.zeros((FIRST_SLOTS, 4), np.float32)))


def state_of(number: int) -> ModelState:
    return (np.full((2, 1, 3), number, np.float32), np.full((1, 4), -number, np.float32))


def numbers_in(state: ModelState) -> list[int]:
    hidden, sounding = state
    assert (hidden == hidden[:1, :, :1]).all()
    assert (sounding == -hidden[0, :, :1]).all()
    return [int(number) for number in hidden[0, :, 0]]


@given(st.lists(st.integers(min_value=-1, max_value=60), max_size=120))
def test_what_was_put_into_a_slot_stays_there_until_it_is_given_back(wishes: list[int]) -> None:
    """A wish is -1 (somebody new comes), or which of those who are there goes."""
    slots, held, came = fresh(), dict[int, int](), 0
    for wish in wishes:
        if wish < 0 or not held:
            came += 1
            slot = slots.take(state_of(came))
            assert slot not in held
            held[slot] = came
        else:
            gone = list(held)[wish % len(held)]
            slots.give_back(gone)
            del held[gone]
        if held:
            assert numbers_in(slots.read(list(held))) == list(held.values())


def test_more_come_than_there_are_slots_at_first() -> None:
    slots = fresh()
    taken = [slots.take(state_of(number)) for number in range(5 * FIRST_SLOTS)]
    assert len(set(taken)) == len(taken)
    assert numbers_in(slots.read(taken)) == list(range(5 * FIRST_SLOTS))


def test_lanes_are_written_where_they_belong_and_what_was_read_is_a_copy() -> None:
    slots = fresh()
    first, second, third = (slots.take(state_of(number)) for number in (1, 2, 3))
    lanes = tuple(
        np.concatenate(parts, axis)
        for parts, axis in zip(zip(state_of(7), state_of(8), state_of(9), strict=True), (1, 0), strict=True)
    )
    before = slots.read([first, second, third])
    slots.write([third, first], lanes, [0, 2])
    assert numbers_in(slots.read([first, second, third])) == [9, 2, 7]
    assert numbers_in(before) == [1, 2, 3]
