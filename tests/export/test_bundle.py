"""A header says what its run recorded; a file is written whole and checked, or not at all."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import onnx
import pytest

from export.bundle import header_of, write_bundle, write_figures
from music.encodings.event import EventEncoding
from realtime.inference.bundle import FORMAT, Bundle, Header, ModelFileError, StateShape, read_bundle
from tests.support.command import ROOT
from tests.support.models import CORPUS_RECORD
from training.models.event_model import EventModel, EventModelSettings
from training.models.trunks.recurrent import RecurrentSettings

RECORD: Mapping[str, Any] = {"data": [CORPUS_RECORD], "tier": "own", "source_commit": "0123abcd"}


def header(model: EventModel, **more: Any) -> Header:
    return header_of("mine", {**RECORD, **more}, EventEncoding(), model, "fp32")


def graph() -> onnx.ModelProto:
    return onnx.parser.parse_model(
        '<ir_version: 10, opset_import: ["" : 20]> whole (float[1] x) => (float[1] y) { y = Add (x, x) }'
    )


def check_nothing(_: Bundle) -> None:
    """Everything is right."""


def test_a_header_says_what_the_run_and_the_model_are(model: EventModel) -> None:
    made = header(model)
    assert (made.format, made.run, made.precision, made.family) == (FORMAT, "mine", "fp32", "event")
    assert {size.name: size.count for size in made.sizes} == {
        "layers": 2,
        "width": 32,
        "gap_size": 8,
        "key_size": 8,
        "velocity_size": 4,
        "head": 16,
    }
    assert [(field.name, field.count) for field in made.fields] == [
        ("gap", 141),
        ("key", 176),
        ("velocity", 33),
    ]
    assert made.encoding.settings == (("pedal", "False"),)
    assert made.encoding.fingerprint == EventEncoding().fingerprint
    assert [corpus.name for corpus in made.data] == ["made"]
    assert (made.tier, made.source_commit) == ("own", "0123abcd")


def test_the_shapes_of_states_say_where_the_lanes_are() -> None:
    trunk = RecurrentSettings("lstm", layers=3, width=5)
    settings = EventModelSettings(trunk=trunk, gap_size=2, key_size=2, velocity_size=2, head=2)
    assert header(EventModel(settings)).states == (
        StateShape("hidden", (3, -1, 5)),
        StateShape("cell", (3, -1, 5)),
        StateShape("sounding", (-1, 88)),
        StateShape("age", (-1, 88)),
    )


def test_the_corpora_that_a_run_began_with_are_named_too_each_once(model: EventModel) -> None:
    other = {**CORPUS_RECORD, "name": "before", "hash": "11"}
    made = header(model, began_with=[other, CORPUS_RECORD, other])
    assert [corpus.name for corpus in made.data] == ["made", "before"]


def test_the_ranges_of_the_music_are_there_if_the_run_recorded_them(model: EventModel) -> None:
    made = header(model, manner={"loudness": [35, 82.5], "density": [5.8, 27.0]})
    assert (made.loudness, made.density) == ((35, 82.5), (5.8, 27.0))
    some = header(model, manner={"density": [1.0, 2.0]})
    assert (some.loudness, some.density) == (None, (1.0, 2.0))
    assert header(model).loudness is header(model).density is None


def test_a_file_is_read_back_before_it_takes_its_name(model: EventModel, tmp_path: Path) -> None:
    path, seen = tmp_path / "folder" / "model.onnx", []

    def check(bundle: Bundle) -> None:
        seen.append((bundle.path != path, bundle.header.run, path.exists()))

    bundle = write_bundle(path, graph(), header(model), check)
    assert seen == [(True, "mine", False)]
    assert bundle.path == path
    assert read_bundle(path).fingerprint == bundle.fingerprint
    assert list(path.parent.iterdir()) == [path]


def test_a_file_that_is_refused_leaves_nothing_and_keeps_the_one_before(
    model: EventModel, tmp_path: Path
) -> None:
    path = tmp_path / "model.onnx"

    def refuse(_: Bundle) -> None:
        raise ValueError("it plays something else")

    with pytest.raises(ValueError, match="something else"):
        write_bundle(path, graph(), header(model), refuse)
    assert not list(tmp_path.iterdir())
    before = write_bundle(path, graph(), header(model), check_nothing)
    with pytest.raises(ValueError, match="something else"):
        write_bundle(path, graph(), replace(header(model), run="other"), refuse)
    assert read_bundle(path).fingerprint == before.fingerprint
    assert list(tmp_path.iterdir()) == [path]


def test_a_header_that_no_player_would_take_is_not_written(model: EventModel, tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match="precision 'int4'"):
        write_bundle(
            tmp_path / "model.onnx", graph(), replace(header(model), precision="int4"), check_nothing
        )
    assert not list(tmp_path.iterdir())


def test_what_the_exporter_noted_beside_the_graph_is_not_written(model: EventModel, tmp_path: Path) -> None:
    noted = onnx.parser.parse_model(
        """<ir_version: 10, opset_import: ["" : 20]> whole (bool b, float[1] x) => (float[1] y) {
            y = If (b) <
                then_branch = one () => (float[1] z) { z = Add (x, x) },
                else_branch = other () => (float[1] z) { z = Mul (x, x) }>
        }"""
    )
    choice = noted.graph.node[0]
    for place in (
        choice,
        choice.attribute[0].g.node[0],
        choice.attribute[1].g,
        noted.graph.input[0],
        noted.graph,
    ):
        place.doc_string = f'File "{ROOT}/export/step_graph.py"'
        entry = place.metadata_props.add()
        entry.key, entry.value = "stack_trace", f"{ROOT}/export/step_graph.py, line 1"
    before = noted.SerializeToString()
    bundle = write_bundle(tmp_path / "model.onnx", noted, header(model), check_nothing)
    assert str(ROOT).encode() not in bundle.path.read_bytes()
    assert noted.SerializeToString() == before  # what was given is left as it was
    written = onnx.load(bundle.path)
    assert [part.op_type for branch in written.graph.node[0].attribute for part in branch.g.node] == [
        "Add",
        "Mul",
    ]


def test_figures_lie_beside_their_file(tmp_path: Path) -> None:
    beside = write_figures(tmp_path / "mine-fp32.onnx", {"events": 3})
    assert beside == tmp_path / "mine-fp32.parity.json"
    assert json.loads(beside.read_text()) == {"events": 3}
    write_figures(tmp_path / "mine-fp32.onnx", {"events": 4})
    assert json.loads(beside.read_text()) == {"events": 4}
