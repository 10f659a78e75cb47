"""States in slots: what a batch asks of the place where the states of its performers lie.

A slot holds one performer's state. A call reads a slot for each of its lanes and writes another, never one
that it reads: so a state that stands in a slot is a value, which several performers can share, and what was
drawn counts by taking the slot that was written. Knows what is asked for a draw. Must not know who has a
slot, nor where slots lie.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

from realtime.inference.session import Array, EventToken, ModelState

SILENT = 0  # the slot that holds the state before anything was played, for everybody; never written again
SPARE = 1  # a slot whose state nobody needs
FIRST_SLOTS = 16  # when there are none left, there are twice as many


@dataclass(frozen=True, slots=True)
class Ask:
    """What the next event is drawn with: see `Inputs` of a session."""

    chance: tuple[float, float, float]
    key_mask: Array
    gap_at_least: int
    temperature: tuple[float, float, float]
    top_p: float


class Slots(ABC):
    """Where states lie, and which slots are taken: several batches may share them."""

    def __init__(self) -> None:
        self.count = FIRST_SLOTS
        self._users = {SILENT: 1, SPARE: 1}  # of each slot that is taken
        self._free = list(range(SPARE + 1, FIRST_SLOTS))[::-1]

    def take(self) -> int:
        """A slot that nobody has."""
        if not self._free:
            self._free = list(range(self.count, 2 * self.count))[::-1]
            self.grow()
        slot = self._free.pop()
        self._users[slot] = 1
        return slot

    def share(self, slot: int) -> int:
        """The same slot for one more."""
        self._users[slot] += 1
        return slot

    def give_back(self, slot: int) -> None:
        """One less has it; a slot that nobody has is taken again."""
        self._users[slot] -= 1
        if not self._users[slot]:
            del self._users[slot]
            self._free.append(slot)

    @abstractmethod
    def grow(self) -> None:
        """Make twice as many slots; what stands in them stays."""

    @abstractmethod
    def put(self, slot: int, state: ModelState) -> None:
        """Let a slot hold this state, which has one lane."""

    @abstractmethod
    def state(self, slot: int) -> ModelState:
        """What a slot holds, as arrays that later calls leave alone."""

    @abstractmethod
    def hear(self, events: Sequence[EventToken], read: Sequence[int], written: Sequence[int]) -> None:
        """One event of each lane."""

    @abstractmethod
    def hear_in_order(self, events: Sequence[EventToken], read: int, written: int) -> None:
        """Several events of one lane."""

    @abstractmethod
    def draw(
        self,
        events: Sequence[EventToken],
        asks: Sequence[Ask],
        read: Sequence[int],
        written: Sequence[int],
    ) -> tuple[list[EventToken], list[int]]:
        """The event that follows each of these, and the cells until it; what is written is the state after
        the event just past."""
