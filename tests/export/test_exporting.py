"""A kept file gives others of its model: each precision is written or says why not; old formats renewed."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import onnx
import pytest

import export.exporting as exporting
from export.exporting import NotWritten, Source, Written, export_each, source_of_file
from export.parity import Parity, ParityError, check_parity
from export.quantize import QuantisationError
from export.step_graph import TracingError
from music.settings import SettingError
from realtime.inference.bundle import FORMAT, ModelFileError, read_bundle, sealed
from realtime.inference.session import open_session
from tests.support.golden import drawn


@pytest.fixture(scope="module")
def source(kept_file: Path) -> Source:
    return source_of_file(kept_file, None)


def written(source: Source, out: Path, *precisions: str) -> list[Written]:
    results = list(export_each(source, out, precisions))
    assert all(isinstance(result, Written) for result in results), results
    return [result for result in results if isinstance(result, Written)]


def test_a_file_of_the_first_format_becomes_one_of_todays_that_plays_the_same(
    kept_file: Path, source: Source, tmp_path: Path
) -> None:
    (result,) = written(source, tmp_path, "fp32")
    before, after = read_bundle(kept_file).header, result.bundle.header
    assert before.format == 1
    assert after == replace(before, format=FORMAT)
    assert drawn(open_session(result.bundle.path)) == drawn(open_session(kept_file))


@pytest.mark.slow
def test_each_precision_is_a_file_with_its_figures_beside_it(source: Source, tmp_path: Path) -> None:
    results = written(source, tmp_path, "int8", "fp16", "int8")
    assert [result.bundle.header.precision for result in results] == ["int8", "fp16"]
    for result in results:
        figures = json.loads(result.bundle.path.with_suffix(".parity.json").read_text())
        assert figures.pop("fingerprint") == result.bundle.fingerprint
        assert figures.pop("music") == "made by rule"
        assert figures == json.loads(json.dumps(result.found.record()))
    assert len(list(tmp_path.iterdir())) == 4


def test_what_was_written_is_said_in_a_line(source: Source, tmp_path: Path) -> None:
    (result,) = written(source, tmp_path, "fp32")
    megabytes = len(result.bundle.content) / 1e6
    assert result.line.startswith(f"{tmp_path / 'golden-fp32.onnx'}: {megabytes:.1f} MB; differs from the ")
    assert result.line.endswith(f"over {result.found.events:,} events")


@pytest.mark.parametrize("error", [ParityError, QuantisationError, TracingError])
def test_a_precision_that_fails_says_so_and_the_next_is_tried(
    error: type[Exception], source: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(exporting._SMALLER, "fp16", failing(error("it is too coarse")))
    refused, kept = export_each(source, tmp_path, ["fp16", "fp32"])
    assert refused == NotWritten("fp16", "it is too coarse")
    assert refused.line == "no fp16 file was written: it is too coarse; play its fp32 file"
    assert isinstance(kept, Written)
    assert not list(tmp_path.glob("*fp16*"))


def test_a_fault_of_our_own_is_not_taken_for_a_precision_that_fails(
    source: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(exporting._SMALLER, "fp16", failing(KeyError("a name")))
    with pytest.raises(KeyError, match="a name"):
        list(export_each(source, tmp_path, ["fp16"]))


def failing(error: Exception) -> Callable[[onnx.ModelProto], onnx.ModelProto]:
    def raise_it(_: onnx.ModelProto) -> onnx.ModelProto:
        raise error

    return raise_it


def test_nothing_is_made_before_it_is_asked_for(source: Source, tmp_path: Path) -> None:
    results = export_each(source, tmp_path, ["fp32", "fp16"])
    assert not list(tmp_path.iterdir())
    assert isinstance(next(results), Written)
    assert {path.suffix for path in tmp_path.iterdir()} == {".onnx", ".json"}


def test_a_file_that_differs_is_proved_to_before_it_takes_its_name(
    source: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Parity] = []

    def refuse(found: Parity, precision: str) -> None:
        seen.append(found)
        check_parity(found, precision)
        raise ParityError("judged by another ear")

    monkeypatch.setattr(exporting, "check_parity", refuse)
    assert list(export_each(source, tmp_path, ["fp32"])) == [NotWritten("fp32", "judged by another ear")]
    assert seen[0].events == len(source.reference.whole)
    assert not list(tmp_path.iterdir())


def test_eight_bits_are_refused_with_what_to_name_instead(kept_eight_bits: Path) -> None:
    with pytest.raises(SettingError, match="can't be exported anew; name its fp32 or fp16 file, or the run"):
        source_of_file(kept_eight_bits, None)


def test_a_file_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match="no such model file"):
        source_of_file(tmp_path / "none.onnx", None)


def test_a_file_in_another_version_of_its_encoding_is_refused(kept_file: Path, tmp_path: Path) -> None:
    bundle = read_bundle(kept_file)
    strange = replace(bundle.header, encoding=replace(bundle.header.encoding, fingerprint="0" * 16))
    path = tmp_path / "strange.onnx"
    graph = onnx.load_from_string(bundle.content)
    del graph.metadata_props[:]
    path.write_bytes(sealed(graph.SerializeToString(), strange))
    with pytest.raises(ModelFileError, match="another version of 'event'"):
        source_of_file(path, None)
