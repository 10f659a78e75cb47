"""Rows of a table hold a state whole, and the graphs that read and write them are right by ONNX's rules."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.inference.bundle import LANES, StateShape, read_bundle
from realtime.inference.default_model import default_model
from realtime.inference.entries import entry, input_names
from realtime.inference.graphs.tables import (
    READ,
    ROWS,
    WRITTEN,
    reading,
    rows_of,
    states_of,
    tables_of,
    with_tables,
    writing,
    written_rows,
)
from realtime.inference.runtime import loaded_runtime
from realtime.inference.session import neutral_controls
from tests.support.command import ROOT

pytest.importorskip("onnxruntime")

GOLDEN = ROOT / "tests" / "golden"
FILES = [GOLDEN / "format-1-fp32.onnx", GOLDEN / "format-2-int8.onnx", default_model("cuda")]
SHAPES = (
    StateShape("hidden", (2, LANES, 5)),
    StateShape("place", (LANES, 1), is_whole=True),
    StateShape("sounding", (LANES, 3, 4)),
    StateShape("last", (3, 2, LANES)),
)


@given(st.integers(1, 9))
def test_a_row_holds_all_of_a_lane_and_its_pieces_are_equally_long(lanes: int) -> None:
    rng = np.random.default_rng(lanes)
    state = {
        shape.name: rng.integers(0, 1000, [lanes if extent == LANES else extent for extent in shape.shape])
        for shape in SHAPES
    }
    tables = tables_of(SHAPES)
    assert [table.extents for table in tables] == [(1, 28), (1, 1)]
    found = {}
    for table in tables:
        rows = rows_of(table, state)
        assert rows.shape == (lanes, *table.extents)
        assert rows.dtype == table.kind
        found |= states_of(table, rows)
    assert found.keys() == state.keys()
    assert all((found[name] == state[name]).all() for name in state)


def test_a_long_row_is_cut_into_pieces() -> None:
    (table,) = tables_of([StateShape("hidden", (2, LANES, 512)), StateShape("sounding", (LANES, 88))])
    assert table.extents == (139, 8)
    (table,) = tables_of([StateShape("hidden", (LANES, 37))])
    assert table.extents == (37, 1)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_graphs_are_right_and_take_and_give_no_state(path: Path) -> None:
    onnx = pytest.importorskip("onnx")
    bundle = read_bundle(path)
    tables, names = tables_of(bundle.header.states), {state.name for state in bundle.header.states}
    for graph in (reading(tables), writing(tables)):
        onnx.checker.check_model(onnx.load_from_string(graph), full_check=True)
    for draws in (False, True):
        made = with_tables(entry(bundle.content, draws=draws), tables)
        onnx.checker.check_model(onnx.load_from_string(made))
        controls = set(neutral_controls(bundle.header, 1))
        assert input_names(made) == controls | {READ, WRITTEN} | {table.name for table in tables}
        gives = {value.name for value in onnx.load_from_string(made).graph.output}
        assert {table.after for table in tables} <= gives
        assert not {f"{name}_after" for name in names} & gives


def test_a_table_that_goes_in_and_comes_out_is_written_in_place_and_nothing_else_of_it() -> None:
    runtime, tables = loaded_runtime(), tables_of(SHAPES[:1])
    (table,) = tables
    session = runtime.InferenceSession(writing(tables), providers=["CPUExecutionProvider"])
    before = np.arange(40 * 10, dtype=np.float32).reshape(40, *table.extents)
    lies = before.copy()
    value = runtime.OrtValue.ortvalue_from_numpy(lies)  # which lies in the array itself
    rows, written = np.full((2, *table.extents), -1, np.float32), written_rows([39, 7])
    kept = [runtime.OrtValue.ortvalue_from_numpy(array) for array in (rows, written)]
    binding = session.io_binding()
    for name, each in zip((table.name, f"{ROWS}.{table.name}", WRITTEN), (value, *kept), strict=True):
        binding.bind_ortvalue_input(name, each)
    binding.bind_ortvalue_output(table.after, value)
    session.run_with_iobinding(binding)
    before[[39, 7]] = -1
    assert (lies == before).all()
