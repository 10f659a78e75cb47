"""Slots in a device's memory: rows of a table that no call carries over; only events and slots' numbers
cross.

The table is bound as what a call takes and as what it gives, so it is written in place: a call reads some
rows and writes others (`realtime.inference.graphs.tables`). A call has as many lanes as the next power of
two, so that shapes are few and places are bound once; the lanes that are left read silence, and write where
nobody reads. In eight bits these would share the scale of the others' activations, so there are none. On the
CPU the same code runs, with places there.

Knows the runtime's faces. Must not know who has a slot.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from realtime.batch.slots import SILENT, SPARE, Ask, Slots
from realtime.inference.binding import DevicePlace
from realtime.inference.bundle import EVENT, EVENT_FIELDS, OUTPUTS, Bundle
from realtime.inference.graphs.opening import opened_with_tables, warm
from realtime.inference.graphs.tables import (
    READ,
    ROWS,
    WRITTEN,
    Table,
    rows_of,
    states_of,
    tables_of,
    written_rows,
)
from realtime.inference.native_report import caught_report
from realtime.inference.runtime import loaded_runtime
from realtime.inference.session import (
    Array,
    EventToken,
    ModelState,
    arrays_of,
    check_is_live,
    neutral_controls,
    silent_state,
)


class DeviceSlots(Slots):
    """For a model file, with its content, on a device that it can be played on."""

    def __init__(self, bundle: Bundle, device: str = "cpu", threads: int = 1) -> None:
        super().__init__()
        check_is_live(bundle)
        self._header, self._device = bundle.header, device
        self._names = tuple(state.name for state in bundle.header.states)
        self._tables = tables_of(bundle.header.states)
        self._silent = {  # what a lane is given that nobody needs
            EVENT: np.array([bundle.header.begin]),
            READ: np.array([SILENT]),
            WRITTEN: written_rows([SPARE]),
        }
        self._places: dict[int, dict[str, DevicePlace]] = {}  # by how many lanes
        with caught_report():  # what goes wrong is in the error, in one line
            self._sessions = opened_with_tables(bundle, device, self._tables, threads)
            self._begin()
            warm(bundle, self._warm_up)

    def grow(self) -> None:
        """A table twice as large, into which what stands is copied there."""
        before, rows = self._values, range(self.count)
        self.count *= 2
        self._begin()
        self._put(rows, {f"{ROWS}.{name}": value for name, value in before.items()})

    def put(self, slot: int, state: ModelState) -> None:
        """Let a slot hold this state: it crosses over."""
        named = dict(zip(self._names, arrays_of(state), strict=True))
        rows = {f"{ROWS}.{table.name}": self._there(rows_of(table, named)) for table in self._tables}
        self._put([slot], rows)

    def state(self, slot: int) -> ModelState:
        """What a slot holds: the only way in which a state crosses back."""
        binding, number = self._sessions.reading.io_binding(), self._there(np.array([slot], np.int64))
        binding.bind_ortvalue_input(READ, number)  # a binding doesn't keep what an array lies behind
        found = {}
        for table in self._tables:
            row: Array = np.zeros((1, *table.extents), table.kind)
            place = DevicePlace(loaded_runtime(), row, self._device)
            binding.bind_ortvalue_input(table.name, self._values[table.name])
            binding.bind_ortvalue_output(f"{ROWS}.{table.name}", place.value)
            found[table] = place
        self._sessions.reading.run_with_iobinding(binding)
        named: dict[str, Array] = {}
        for table, place in found.items():
            named |= states_of(table, place.array())
        return tuple(named[name] for name in self._names)

    def hear(self, events: Sequence[EventToken], read: Sequence[int], written: Sequence[int]) -> None:
        """One event of each lane."""
        self._call(len(events), draws=False)({EVENT: events, READ: read}, written)

    def hear_in_order(self, events: Sequence[EventToken], read: int, written: int) -> None:
        """Several events of one lane; in between, its state stands in this slot and the spare one by
        turns."""
        call = self._call(1, draws=False)
        for left, event in zip(range(len(events) - 1, -1, -1), events, strict=True):
            into = SPARE if left % 2 else written
            call({EVENT: [event], READ: [read]}, [into])
            read = into

    def draw(
        self,
        events: Sequence[EventToken],
        asks: Sequence[Ask],
        read: Sequence[int],
        written: Sequence[int],
    ) -> tuple[list[EventToken], list[int]]:
        """The event that follows each of these, and the cells until it."""
        made, cells = self._call(len(events), draws=True)(
            {
                EVENT: events,
                READ: read,
                "chance": [ask.chance for ask in asks],
                "key_mask": [ask.key_mask for ask in asks],
                "gap_at_least": [ask.gap_at_least for ask in asks],
                "temperature": [ask.temperature for ask in asks],
                "top_p": [ask.top_p for ask in asks],
            },
            written,
        )
        return [(gap, key, velocity) for gap, key, velocity in made.tolist()], cells.tolist()

    def _call(self, lanes: int, *, draws: bool) -> "_Call":
        """What calls an entry for so many lanes, or some more."""
        size = lanes if self._header.precision == "int8" else 1 << (lanes - 1).bit_length()
        if size not in self._places:
            self._places[size] = self._inputs(size)
        if (size, draws) not in self._calls:
            session = self._sessions.drawing if draws else self._sessions.hearing
            outputs = self._outputs(size) if draws else {}
            self._calls[size, draws] = _Call(
                session, self._places[size], outputs, self._tables, self._values, self._silent
            )
        return self._calls[size, draws]

    def _inputs(self, lanes: int) -> dict[str, DevicePlace]:
        controls = neutral_controls(self._header, lanes)
        likes = controls | {name: np.repeat(like, lanes, 0) for name, like in self._silent.items()}
        return {name: DevicePlace(loaded_runtime(), like, self._device) for name, like in likes.items()}

    def _outputs(self, lanes: int) -> dict[str, DevicePlace]:
        """What was drawn; its log-probabilities nobody asks for."""
        event, cells, _ = OUTPUTS
        likes = {event: np.zeros((lanes, len(EVENT_FIELDS)), np.int64), cells: np.zeros(lanes, np.int64)}
        return {name: DevicePlace(loaded_runtime(), like, self._device) for name, like in likes.items()}

    def _begin(self) -> None:
        """Tables of as many rows as there are slots, with nothing in them but silence."""
        make = loaded_runtime().OrtValue.ortvalue_from_shape_and_type
        self._values = {
            table.name: make([self.count, *table.extents], table.kind, self._device, 0)
            for table in self._tables
        }
        self._calls: dict[tuple[int, bool], _Call] = {}
        self.put(SILENT, silent_state(self._header.states, 1))

    def _put(self, slots: Sequence[int], rows: Mapping[str, Any]) -> None:
        """Let slots hold these rows, which lie on the device."""
        binding, written = self._sessions.writing.io_binding(), self._there(written_rows(slots))
        for name, value in {**rows, WRITTEN: written}.items():
            binding.bind_ortvalue_input(name, value)
        _bind_in_place(binding, self._tables, self._values)
        self._sessions.writing.run_with_iobinding(binding)

    def _there(self, array: Array) -> Any:
        make = loaded_runtime().OrtValue.ortvalue_from_numpy
        return make(np.ascontiguousarray(array), self._device, 0)

    def _warm_up(self) -> None:
        for draws in (False, True):
            self._call(1, draws=draws)(self._silent, [SPARE])


class _Call:
    """An entry, bound for a number of lanes."""

    def __init__(
        self,
        session: Any,
        inputs: Mapping[str, DevicePlace],
        outputs: Mapping[str, DevicePlace],
        tables: Sequence[Table],
        values: Mapping[str, Any],
        silent: Mapping[str, Array],
    ) -> None:
        self._session, self._inputs, self._outputs, self._silent = session, inputs, outputs, silent
        self._binding = session.io_binding()
        for value in session.get_inputs():
            if value.name in inputs:
                self._binding.bind_ortvalue_input(value.name, inputs[value.name].value)
        for name, place in outputs.items():
            self._binding.bind_ortvalue_output(name, place.value)
        _bind_in_place(self._binding, tables, values)

    def __call__(self, filled_in: Mapping[str, Any], written: Sequence[int]) -> list[Array]:
        """What comes out for each lane that is filled in."""
        lanes = len(written)
        for name, values in {**filled_in, WRITTEN: written_rows(written)}.items():
            self._inputs[name].here[:lanes] = values
        for name, silent in self._silent.items():
            self._inputs[name].here[lanes:] = silent
        for place in self._inputs.values():
            place.send()
        self._session.run_with_iobinding(self._binding)
        return [place.array()[:lanes] for place in self._outputs.values()]


def _bind_in_place(binding: Any, tables: Sequence[Table], values: Mapping[str, Any]) -> None:
    """Each table goes in, and comes out where it lies."""
    for table in tables:
        binding.bind_ortvalue_input(table.name, values[table.name])
        binding.bind_ortvalue_output(table.after, values[table.name])
