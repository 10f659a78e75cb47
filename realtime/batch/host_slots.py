"""Slots in the machine's memory: a row of each of the model's state arrays, gathered for a call and put back.

On a processor this is the quickest (docs/decisions/078). Knows a session. Must not know who has a slot.
"""

from collections.abc import Sequence

import numpy as np

from realtime.batch.slots import FIRST_SLOTS, Ask, Slots
from realtime.inference.bundle import LANES
from realtime.inference.session import Array, EventToken, Inputs, LaneInputs, ModelSession, ModelState


class HostSlots(Slots):
    """For a model that a session has opened, on whatever device."""

    def __init__(self, session: ModelSession) -> None:
        super().__init__()
        self._session = session
        self._axes = tuple(state.shape.index(LANES) for state in session.bundle.header.states)
        self._arrays: list[Array] = list(session.silent_state(FIRST_SLOTS))

    def grow(self) -> None:
        """Twice as many."""
        self.count *= 2
        self._arrays = [
            np.concatenate([array, np.zeros_like(array)], axis)
            for array, axis in zip(self._arrays, self._axes, strict=True)
        ]

    def put(self, slot: int, state: ModelState) -> None:
        """Let a slot hold this state."""
        self._write([slot], self._session.on_host(state))

    def state(self, slot: int) -> ModelState:
        """A copy."""
        return self._read([slot])

    def hear(self, events: Sequence[EventToken], read: Sequence[int], written: Sequence[int]) -> None:
        """One event of each lane."""
        self._write(written, self._session.feed_lanes(np.array(events, np.int64), self._read(read)))

    def hear_in_order(self, events: Sequence[EventToken], read: int, written: int) -> None:
        """Several events of one lane."""
        state = self._read([read])
        for event in events:
            state = self._session.feed(event, state)
        self._write([written], self._session.on_host(state))

    def draw(
        self,
        events: Sequence[EventToken],
        asks: Sequence[Ask],
        read: Sequence[int],
        written: Sequence[int],
    ) -> tuple[list[EventToken], list[int]]:
        """The event that follows each of these, and the cells until it."""
        state = self._read(read)
        if len(asks) == 1:
            return self._draw_alone(events[0], asks[0], state, written)
        made, cells, after = self._session.step_lanes(
            LaneInputs(
                events=np.array(events, np.int64),
                chance=np.array([ask.chance for ask in asks], np.float32),
                key_mask=np.stack([ask.key_mask for ask in asks]),
                gap_at_least=np.array([ask.gap_at_least for ask in asks], np.int64),
                temperature=np.array([ask.temperature for ask in asks], np.float32),
                top_p=np.array([ask.top_p for ask in asks], np.float32),
            ),
            state,
        )
        self._write(written, after)
        return [(gap, key, velocity) for gap, key, velocity in made.tolist()], cells.tolist()

    def _draw_alone(
        self, event: EventToken, ask: Ask, state: ModelState, written: Sequence[int]
    ) -> tuple[list[EventToken], list[int]]:
        """The same for a single lane, which a session takes at less cost."""
        inputs = Inputs(
            event,
            ask.chance,
            ask.temperature,
            ask.top_p,
            ask.key_mask,
            gap_at_least=ask.gap_at_least,
        )
        made, after = self._session.step(inputs, state)
        self._write(written, self._session.on_host(after))
        return [made.event], [made.cells]

    def _read(self, slots: Sequence[int]) -> ModelState:
        """The states of these slots as lanes side by side; copies."""
        return tuple(
            np.take(array, slots, axis) for array, axis in zip(self._arrays, self._axes, strict=True)
        )

    def _write(self, slots: Sequence[int], state: ModelState) -> None:
        """Put the lanes of a state into these slots."""
        into = np.array(slots)
        for array, made, axis in zip(self._arrays, state, self._axes, strict=True):
            lanes_first = np.moveaxis(array, axis, 0)  # a view: what is written there is written in the array
            lanes_first[into] = np.moveaxis(made, axis, 0)
