"""The states of many performers as rows of a table, and a model's graph that finds and leaves them there.

A row is all that one performer's states hold, laid side by side; of each kind of number there is a table. A
call says which rows it reads, a lane for each, and which it writes: the rest of the table it leaves alone. So
where a table is given as what goes in and as what comes out, it is written in place. That is safe in whatever
order the runtime works, as long as no row is both read and written in one call.

A row is cut into pieces, since a GPU writes each piece by a thread of its own, number by number.

Knows states' shapes and how a graph is written. Must not import onnx or a runtime, nor know whose row is
whose.
"""

from collections.abc import Iterator, Mapping, Sequence
from math import prod
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from realtime.inference.bundle import AFTER, GRAPH, LANES, StateShape
from realtime.inference.graphs.fields import outer_fields, whole_field
from realtime.inference.graphs.writing import (
    CONSTANT,
    GIVES,
    MOST_PARTS,
    NODE,
    TAKES,
    constant,
    model,
    name_of,
    node,
    value,
)

Array = NDArray[Any]

READ, WRITTEN, ROWS = "rows.read", "rows.written", "rows"  # the rows' numbers, and rows by themselves
_LONGEST_PIECE = 32  # numbers


class Table(NamedTuple):
    """Where rows of one kind of number lie: its name, and the states that a row holds."""

    name: str
    kind: type
    states: tuple[StateShape, ...]

    @property
    def extents(self) -> tuple[int, int]:
        """Of a row: how many pieces it has, and how many numbers each."""
        size = sum(_size(state) for state in self.states)
        piece = next(piece for piece in range(_LONGEST_PIECE, 0, -1) if size % piece == 0)
        return size // piece, piece

    @property
    def after(self) -> str:
        """What it is called when a call has written into it."""
        return self.name + AFTER


def tables_of(states: Sequence[StateShape]) -> tuple[Table, ...]:
    """The tables that hold these states."""
    kinds = (("rows.numbers", np.float32, False), ("rows.whole_numbers", np.int64, True))
    tables = (
        Table(name, kind, tuple(state for state in states if state.is_whole is whole))
        for name, kind, whole in kinds
    )
    return tuple(table for table in tables if table.states)


def rows_of(table: Table, state: Mapping[str, Array]) -> Array:
    """States by name as rows, a row for each lane."""
    lanes_first = [np.moveaxis(state[shape.name], _axis(shape), 0) for shape in table.states]
    flat = [part.reshape(len(part), -1) for part in lanes_first]
    return np.concatenate(flat, 1, dtype=table.kind).reshape(-1, *table.extents)


def states_of(table: Table, rows: Array) -> dict[str, Array]:
    """Rows as states by name, a lane for each."""
    ends = np.cumsum([_size(shape) for shape in table.states])[:-1]
    parts = np.split(rows.reshape(len(rows), -1), ends, 1)
    return {
        shape.name: np.ascontiguousarray(
            np.moveaxis(part.reshape(len(rows), *_others(shape)), 0, _axis(shape))
        )
        for shape, part in zip(table.states, parts, strict=True)
    }


def written_rows(rows: Sequence[int]) -> Array:
    """The numbers of rows as `WRITTEN` takes them: where the first piece of each lies."""
    return np.array([[(row, 0)] for row in rows], np.int64)


def with_tables(content: bytes, tables: Sequence[Table]) -> bytes:
    """A model file's graph, or an entry of it, that takes and gives tables in place of states."""
    return b"".join(
        whole_field(GRAPH, _rewritten(field.value, tables)) if field.number == GRAPH else field.whole
        for field in outer_fields(content)
    )


def reading(tables: Sequence[Table]) -> bytes:
    """A graph that gives rows of each table."""
    nodes = [node("Gather", [table.name, READ], [f"{ROWS}.{table.name}"]) for table in tables]
    takes = [_table(table, table.name) for table in tables] + [value(READ, np.int64, ("lanes",))]
    return model("reading_rows", nodes, takes, [_rows(table) for table in tables])


def writing(tables: Sequence[Table]) -> bytes:
    """A graph that puts rows into each table."""
    nodes = [part for table in tables for part in _nodes_that_write(table, f"{ROWS}.{table.name}")]
    takes = [part for table in tables for part in (_table(table, table.name), _rows(table))]
    constants = [_pieces(table) for table in tables]
    gives = [_table(table, table.after) for table in tables]
    return model("writing_rows", nodes, [*takes, _WHERE], gives, constants)


_WHERE = value(WRITTEN, np.int64, ("lanes", 1, 2))


def _rewritten(graph: memoryview, tables: Sequence[Table]) -> bytes:
    """The table is read before all that the graph does, and written after it."""
    names = {shape.name for table in tables for shape in table.states}
    gone = {TAKES: names, GIVES: {name + AFTER for name in names}}
    before: list[bytes] = [whole_field(NODE, part) for table in tables for part in _nodes_that_read(table)]
    kept = [
        field.whole
        for field in outer_fields(graph, MOST_PARTS)
        if field.number not in gone or name_of(field.value) not in gone[field.number]
    ]
    after: list[bytes] = []
    for table in tables:
        after += [whole_field(NODE, part) for part in _nodes_that_leave(table)]
        after += [whole_field(CONSTANT, part) for part in (*_shapes(table), _pieces(table))]
        after += [
            whole_field(TAKES, _table(table, table.name)),
            whole_field(GIVES, _table(table, table.after)),
        ]
    numbers = [whole_field(TAKES, part) for part in (value(READ, np.int64, ("lanes",)), _WHERE)]
    return b"".join([*before, *kept, *after, *numbers])


def _nodes_that_read(table: Table) -> Iterator[bytes]:
    """Rows into states, which then have the names that the graph knows."""
    rows, flat = f"{ROWS}.{table.name}", f"{table.name}.flat"
    yield node("Gather", [table.name, READ], [rows])
    yield node("Reshape", [rows, f"{table.name}.as_flat"], [flat])
    parts = [f"{shape.name}.flat" for shape in table.states]
    yield node("Split", [flat, f"{table.name}.sizes"], parts, axis=1)
    for shape, part in zip(table.states, parts, strict=True):
        axis, lanes_first = _axis(shape), f"{shape.name}.lanes_first"
        yield node("Reshape", [part, f"{shape.name}.as_state"], [lanes_first if axis else shape.name])
        if axis:
            order = [*range(1, axis + 1), 0, *range(axis + 1, len(shape.shape))]
            yield node("Transpose", [lanes_first], [shape.name], perm=order)


def _nodes_that_leave(table: Table) -> Iterator[bytes]:
    """States after a call into rows."""
    parts = []
    for shape in table.states:
        axis, made, lanes_first = _axis(shape), shape.name + AFTER, f"{shape.name}{AFTER}.lanes_first"
        if axis:
            order = [axis, *range(axis), *range(axis + 1, len(shape.shape))]
            yield node("Transpose", [made], [lanes_first], perm=order)
        parts.append(f"{shape.name}{AFTER}.flat")
        yield node("Reshape", [lanes_first if axis else made, f"{shape.name}.as_flat"], [parts[-1]])
    flat, rows = f"{table.after}.flat", f"{ROWS}.{table.after}"
    yield node("Concat", parts, [flat], axis=1)
    yield node("Reshape", [flat, f"{table.name}.as_rows"], [rows])
    yield from _nodes_that_write(table, rows)


def _nodes_that_write(table: Table, rows: str) -> Iterator[bytes]:
    where = f"{table.name}.where"
    yield node("Add", [WRITTEN, f"{table.name}.pieces"], [where])
    yield node("ScatterND", [table.name, where, rows], [table.after])


def _pieces(table: Table) -> bytes:
    """What is added to where a row begins, for each of its pieces."""
    pieces, _ = table.extents
    return constant(f"{table.name}.pieces", np.array([[(0, piece) for piece in range(pieces)]], np.int64))


def _shapes(table: Table) -> Iterator[bytes]:
    """Those that something is brought into."""
    pieces, piece = table.extents
    sizes = [_size(shape) for shape in table.states]
    shapes = {
        f"{table.name}.sizes": sizes,
        f"{table.name}.as_flat": [-1, pieces * piece],
        f"{table.name}.as_rows": [-1, pieces, piece],
    }
    for shape, size in zip(table.states, sizes, strict=True):
        shapes |= {f"{shape.name}.as_state": [-1, *_others(shape)], f"{shape.name}.as_flat": [-1, size]}
    for name, extents in shapes.items():
        yield constant(name, np.array(extents, np.int64))


def _table(table: Table, name: str) -> bytes:
    return value(name, table.kind, ("rows", *table.extents))


def _rows(table: Table) -> bytes:
    return value(f"{ROWS}.{table.name}", table.kind, ("lanes", *table.extents))


def _axis(shape: StateShape) -> int:
    return shape.shape.index(LANES)


def _others(shape: StateShape) -> tuple[int, ...]:
    """Its extents beside the lanes'."""
    return tuple(extent for extent in shape.shape if extent != LANES)


def _size(shape: StateShape) -> int:
    return prod(_others(shape))
