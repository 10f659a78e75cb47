"""States in slots: a row for each performer, taken, read side by side, written back and given up.

A slot is a row of each of the model's state arrays, along the axis on which lanes are counted. Slots that are
given back are taken again; when there are none left, there are twice as many. Knows arrays. Must not know who
has a slot, nor what a state means.
"""

from collections.abc import Sequence

import numpy as np

from realtime.inference.bundle import LANES, StateShape
from realtime.inference.session import Array, ModelState

FIRST_SLOTS = 16


class Slots:
    """Rows of state, for a model with states of these shapes; `silent` is one of as many lanes as there are
    slots at first."""

    def __init__(self, shapes: Sequence[StateShape], silent: ModelState) -> None:
        self._axes = tuple(state.shape.index(LANES) for state in shapes)
        self._arrays: list[Array] = list(silent)
        self._free = list(range(FIRST_SLOTS))[::-1]

    def take(self, state: ModelState) -> int:
        """A slot that holds this state, which has one lane."""
        if not self._free:
            self._grow()
        slot = self._free.pop()
        self.write([slot], state, [0])
        return slot

    def give_back(self, slot: int) -> None:
        """Let another have it."""
        self._free.append(slot)

    def read(self, slots: Sequence[int]) -> ModelState:
        """The states of these slots as lanes side by side; copies."""
        return tuple(
            np.take(array, slots, axis) for array, axis in zip(self._arrays, self._axes, strict=True)
        )

    def write(self, slots: Sequence[int], state: ModelState, lanes: Sequence[int]) -> None:
        """Put these lanes of a state into these slots."""
        into, out_of = np.array(slots), np.array(lanes)
        for array, made, axis in zip(self._arrays, state, self._axes, strict=True):
            lanes_first = np.moveaxis(array, axis, 0)  # a view: what is written there is written in the array
            lanes_first[into] = np.moveaxis(made, axis, 0)[out_of]

    def _grow(self) -> None:
        count = self._arrays[0].shape[self._axes[0]] if self._arrays else FIRST_SLOTS
        self._arrays = [
            np.concatenate([array, np.zeros_like(array)], axis)
            for array, axis in zip(self._arrays, self._axes, strict=True)
        ]
        self._free = list(range(count, 2 * count))[::-1]
