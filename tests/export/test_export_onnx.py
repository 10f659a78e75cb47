"""A run becomes a file per precision, each proved against the model, or is not written."""

import argparse
import json
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from onnx import numpy_helper

import commands.export_onnx as command
import export.exporting as exporting
from export.parity import Difference, Parity, ParityError, Reference, check_parity
from export.quantize import QuantisationError, bare_layers, halved, in_eight_bits
from export.saturation import MOST_PAIR
from export.step_graph import Pieces, joined
from music.encodings.event import EventEncoding
from realtime.inference.bundle import PRECISIONS, Bundle, read_bundle
from realtime.inference.session import ModelSession, open_session
from tests.support.command import ROOT
from tests.support.corpora import tiny_corpus
from tests.support.models import small_run
from tests.support.phrases import improvised
from training.models.event_model import EventModel

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("exported")]


def export(*words: str | Path) -> int:
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    return command.run(parser.parse_args([str(word) for word in words]))


@pytest.fixture
def exported(small_files: Path) -> Path:
    return small_files


@pytest.mark.parametrize("precision", PRECISIONS)
def test_each_precision_is_written_with_its_figures_beside_it(exported: Path, precision: str) -> None:
    bundle = read_bundle(exported / f"small-{precision}.onnx")
    assert bundle.header.precision == precision
    assert bundle.header.tier == "own"
    assert bundle.header.source_commit == "0123abcd"
    assert bundle.header.encoding.fingerprint == EventEncoding().fingerprint
    assert [(state.name, state.shape) for state in bundle.header.states] == [
        ("hidden", (2, -1, 32)),
        ("cell", (2, -1, 32)),
        ("sounding", (-1, 88)),
        ("age", (-1, 88)),
    ]
    figures = json.loads((exported / f"small-{precision}.parity.json").read_text())
    assert figures["fingerprint"] == bundle.fingerprint
    assert figures["events"] > 1000
    onnx.checker.check_model(onnx.load_from_string(bundle.content))


@pytest.mark.parametrize("precision", PRECISIONS)
def test_the_file_scores_music_as_the_model_does(exported: Path, model: EventModel, precision: str) -> None:
    music = [EventEncoding().encode(improvised(11, notes=60, pedal=True))]
    found = Reference.of_model(model, music).found(read_bundle(exported / f"small-{precision}.onnx"))
    check_parity(found, precision)
    if precision != "fp32":
        assert found.file.mean > 0, "a smaller precision that differs in nothing is not smaller"


def test_in_eight_bits_the_file_is_smaller_and_every_layer_is_in_eight_bits(exported: Path) -> None:
    sizes = {name: (exported / f"small-{name}.onnx").stat().st_size for name in PRECISIONS}
    graph = onnx.load(exported / "small-int8.onnx").graph
    tables = sum(value.ByteSize() for value in graph.initializer if value.name == "model.rows")
    assert sizes["int8"] - tables < sizes["fp32"], "beside tables that are as large in every model"
    assert sizes["fp16"] < sizes["fp32"]
    nodes = graph.node
    assert sum(node.op_type == "DynamicQuantizeLSTM" for node in nodes) == 2
    assert not any(node.op_type == "LSTM" for node in nodes)


@pytest.mark.parametrize("precision", PRECISIONS)
def test_a_file_says_nothing_of_the_machine_that_made_it(exported: Path, precision: str) -> None:
    content = (exported / f"small-{precision}.onnx").read_bytes()
    for place in (ROOT, Path(torch.__path__[0]), exported):
        assert str(place).encode() not in content
    assert b'File "' not in content


def test_music_of_a_corpus_can_prove_a_file(tmp_path: Path) -> None:
    small_run(tmp_path)
    tiny_corpus(tmp_path)
    corpus = tmp_path / "corpora" / "tiny.safetensors"
    out = tmp_path / "out"
    assert export("small", "--runs", tmp_path, "--out", out, "--precision", "fp32", "--corpus", corpus) == 0
    assert sorted(path.name for path in out.iterdir()) == ["small-fp32.onnx", "small-fp32.parity.json"]


def test_a_graph_with_another_weight_is_not_exported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(pieces: Pieces, *, puts_off: bool) -> onnx.ModelProto:
        for value in pieces.trunk.graph.initializer:
            if "key_in" in value.name:
                values = numpy_helper.to_array(value)[::-1]
                value.CopyFrom(numpy_helper.from_array(np.ascontiguousarray(values), value.name))
        return joined(pieces, puts_off=puts_off)

    small_run(tmp_path)
    monkeypatch.setattr(exporting, "joined", broken)
    assert export("small", "--runs", tmp_path, "--precision", "fp32") == 1
    printed = capsys.readouterr().err
    assert "differs from the model" in printed
    assert printed.count("\n") == 1
    assert not list((tmp_path / "small").glob("*.onnx*"))


def test_a_precision_that_does_not_pass_keeps_no_other_from_being_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def saturating(whole: onnx.ModelProto) -> onnx.ModelProto:
        small = in_eight_bits(whole)
        for value in small.graph.initializer:
            if value.name.endswith("_quantized"):
                numbers = np.full(tuple(value.dims), MOST_PAIR - 1, np.int8)
                value.CopyFrom(numpy_helper.from_array(numbers, value.name))
        return small

    small_run(tmp_path)
    monkeypatch.setitem(exporting._SMALLER, "int8", saturating)
    assert export("small", "--runs", tmp_path, "--precision", "int8", "fp32", "fp16") == 1
    said = capsys.readouterr()
    assert said.err == (
        "antiphon: no int8 file was written: two neighbouring weights reach 254 together, "
        "of which 128 are safe: without VNNI their products would saturate; "
        "play its fp32 file on the CPU, or fp16 on CUDA\n"
    )
    assert [line.partition(":")[0] for line in said.out.splitlines()] == [
        str(tmp_path / "small" / f"small-{precision}.onnx") for precision in ("fp32", "fp16")
    ]
    assert not list((tmp_path / "small").glob("*int8*"))


@pytest.mark.parametrize("precision", ["fp32", "fp16"])
def test_a_file_whose_run_is_gone_is_exported_anew(
    exported: Path, tmp_path: Path, precision: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert export(exported / f"small-{precision}.onnx", "--out", tmp_path) == 0
    before, again = (read_bundle(folder / "small-fp32.onnx").header for folder in (exported, tmp_path))
    assert again == before
    assert "small-int8.onnx: " in capsys.readouterr().out
    bound = "fp32" if precision == "fp32" else "fp16"
    music = [EventEncoding().encode(improvised(11, notes=60, pedal=True))]
    first = Reference.of_file(open_session(exported / "small-fp32.onnx"), music)
    check_parity(first.found(read_bundle(tmp_path / "small-fp32.onnx")), bound)


def test_a_file_in_eight_bits_is_not_exported_anew(
    exported: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert export(exported / "small-int8.onnx", "--out", tmp_path) == 2
    assert "eight bits can't be exported anew; name its fp32 or fp16 file" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_a_difference_that_is_no_number_is_never_allowed() -> None:
    right, wrong = Difference(0.0, 0.0, 0.0), Difference(float("nan"), float("nan"), float("nan"))
    for streaming, file in ((right, wrong), (wrong, right)):
        with pytest.raises(ParityError):
            check_parity(Parity(1, streaming, file, {}), "int8")


def test_a_graph_that_was_not_folded_is_not_called_quantised() -> None:
    graph = bare_layers(1, 8, 8)
    assert sum(node.op_type == "DynamicQuantizeLSTM" for node in graph.graph.node) == 1
    unfolded = onnx.parser.parse_model(
        """<ir_version: 10, opset_import: ["" : 20]>
        whole (float[1,1,8] x, float[1,32,8] w, float[1,32,8] r) => (float[1,1,1,8] y)
        { y = LSTM <hidden_size = 8> (x, w, r) }"""
    )
    with pytest.raises(QuantisationError, match="of 1 recurrent layers 0 are in eight bits"):
        in_eight_bits(unfolded)


def test_what_goes_into_a_halved_graph_and_comes_out_stays_single(pieces: Pieces) -> None:
    made = joined(Pieces(halved(pieces.trunk), halved(pieces.draw)))
    kinds = {value.type.tensor_type.elem_type for value in (*made.graph.input, *made.graph.output)}
    assert onnx.TensorProto.FLOAT16 not in kinds
    assert any(value.data_type == onnx.TensorProto.FLOAT16 for value in made.graph.initializer)


def test_a_run_without_a_result_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    small_run(tmp_path).model.unlink()
    assert export("small", "--runs", tmp_path) == 2
    assert "antiphon train --resume small" in capsys.readouterr().err
    assert export("none", "--runs", tmp_path) == 2
    assert "no run lies there" in capsys.readouterr().err


def test_a_file_that_fails_its_check_leaves_the_one_before(exported: Path, tmp_path: Path) -> None:
    from export.bundle import write_bundle

    bundle = read_bundle(exported / "small-fp32.onnx")
    path = tmp_path / "kept.onnx"
    path.write_bytes(bundle.content)

    def refuse(_: Bundle) -> None:
        raise ParityError("no")

    with pytest.raises(ParityError):
        write_bundle(path, joined_again(exported), bundle.header, refuse)
    assert path.read_bytes() == bundle.content
    assert list(tmp_path.iterdir()) == [path]


def joined_again(exported: Path) -> onnx.ModelProto:
    graph = onnx.load(exported / "small-fp32.onnx")
    del graph.metadata_props[:]
    return graph


def test_asking_for_cuda_with_an_eight_bit_file_is_refused_with_the_remedy(exported: Path) -> None:
    with pytest.raises(ValueError, match="--precision fp16"):
        ModelSession(read_bundle(exported / "small-int8.onnx"), "cuda")
