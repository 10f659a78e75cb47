"""A file that is wrong, old, cut short, foreign or changed is refused in one line, and quickly."""

import json
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from music.encodings.event import EventEncoding
from realtime.inference import bundle as bundles
from realtime.inference.bundle import (
    FINGERPRINT_KEY,
    FORMAT,
    HEADER_KEY,
    CorpusRecord,
    Counted,
    EncodingRecord,
    Header,
    ModelFileError,
    StateShape,
    fingerprint_of,
    read_bundle,
    sealed,
)
from realtime.inference.graphs.handmade import one_node_model

HEADER = Header(
    format=1,
    run="mine",
    precision="int8",
    family="event",
    sizes=(Counted("layers", 2), Counted("width", 8)),
    encoding=EncodingRecord("event", 1, (("pedal", "False"),), EventEncoding().fingerprint),
    fields=(Counted("gap", 141), Counted("key", 176), Counted("velocity", 33)),
    begin=(0, 176, 0),
    states=(StateShape("hidden", (2, -1, 8)),),
    tier="own",
    data=(CorpusRecord("mine", "own", "mine", "me", "00ff", 12),),
    source_commit="0123abcd",
)
WHOLE = sealed(one_node_model(), HEADER)


def refused(content: bytes, folder: Path) -> str:
    path = folder / "model.onnx"
    path.write_bytes(content)
    with pytest.raises(ModelFileError) as error:
        read_bundle(path)
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < 1500
    return str(error.value)


def test_a_file_comes_back_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(WHOLE)
    read = read_bundle(path)
    assert read.header == HEADER
    assert read.content == WHOLE
    assert read.fingerprint == fingerprint_of(WHOLE)
    assert "'mine', 2 x 8, int8" in read.summary


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        (replace(HEADER, format=FORMAT + 1), f"made by a newer Antiphon (format {FORMAT + 1}"),
        (replace(HEADER, precision="int4"), "there are: int8, fp32, fp16"),
        (replace(HEADER, encoding=replace(HEADER.encoding, name="tablature")), "written as 'tablature'"),
        (
            replace(HEADER, encoding=replace(HEADER.encoding, fingerprint="0" * 16)),
            "another version of 'event'",
        ),
        (
            replace(HEADER, encoding=replace(HEADER.encoding, settings=(("speed", "3"),))),
            "no setting 'speed'",
        ),
        (replace(HEADER, encoding=replace(HEADER.encoding, settings=(("pedal",),))), "are not pairs"),
        (replace(HEADER, fields=HEADER.fields[:2]), "a live model's are gap, key, velocity"),
        (replace(HEADER, states=(StateShape("hidden", (2, 8)),)), "a state 'hidden'"),
        (replace(HEADER, states=(StateShape("hidden", (0, -1)),)), "a state 'hidden'"),
        (replace(HEADER, states=(StateShape("hidden", (10**9, -1, 10**9)),)), "a state 'hidden'"),
        (replace(HEADER, fields=(*HEADER.fields[:2], Counted("velocity", 10**12))), "a live model's are"),
        (replace(HEADER, begin=(0, 176)), "no event before the first"),
        (replace(HEADER, sizes=()), "no layers and width"),
    ],
)
def test_a_header_that_does_not_fit_is_refused_with_its_reason(
    tmp_path: Path, changed: Header, why: str
) -> None:
    assert why in refused(sealed(one_node_model(), changed), tmp_path)


def test_a_newer_format_is_named_before_anything_else_of_it_is_judged(tmp_path: Path) -> None:
    entry = bundles._entry_bytes(HEADER_KEY, json.dumps({"format": 9, "poem": True}))
    assert "newer Antiphon (format 9" in refused(one_node_model() + entry, tmp_path)


@pytest.mark.parametrize(
    "header",
    [
        "",
        "no",
        "[]",
        "{}",
        '{"format": "1"}',
        '{"format": true}',
        '{"format": 1e0}',
        "[" * 100_000,
        "9" * 10_000,
    ],
)
def test_a_header_that_is_none_is_refused(tmp_path: Path, header: str) -> None:
    assert "its header" in refused(one_node_model() + bundles._entry_bytes(HEADER_KEY, header), tmp_path)


def test_foreign_and_missing_files_are_refused(tmp_path: Path) -> None:
    assert "not a model of Antiphon's" in refused(one_node_model(), tmp_path)
    assert "not a whole ONNX file" in refused(b"", tmp_path)
    assert "not a whole ONNX file" in refused(b"MThd\x00\x00\x00\x06\x00\x01\x00\x01", tmp_path)
    assert "not a whole ONNX file" in refused(b"PK\x03\x04" + bytes(400), tmp_path)
    for absent in (tmp_path, tmp_path / "none.onnx"):
        with pytest.raises(ModelFileError, match="no such model file"):
            read_bundle(absent)


@pytest.mark.slow
def test_a_file_cut_short_anywhere_is_refused(tmp_path: Path) -> None:
    for length in range(len(WHOLE)):
        refused(WHOLE[:length], tmp_path)


@pytest.mark.slow
def test_any_changed_bit_is_noticed(tmp_path: Path) -> None:
    for place in range(0, len(WHOLE), 3):
        changed = bytearray(WHOLE)
        changed[place] ^= 1 << place % 8
        refused(bytes(changed), tmp_path)


def test_a_file_too_big_is_refused_by_its_size_alone(tmp_path: Path) -> None:
    path = tmp_path / "big.onnx"
    with path.open("wb") as file:
        file.truncate(bundles.LARGEST_FILE + 1)  # a hole: no byte of it lies on the disk
    with pytest.raises(ModelFileError, match="at most 512"):
        read_bundle(path)


def test_a_million_tiny_fields_are_not_walked(tmp_path: Path) -> None:
    assert "outer fields" in refused(b"\x08\x01" * 1_000_000, tmp_path)


def test_two_headers_are_one_too_many(tmp_path: Path) -> None:
    entry = bundles._entry_bytes(HEADER_KEY, "{}")
    assert "twice" in refused(one_node_model() + entry + entry, tmp_path)


def test_a_fingerprint_that_is_missing_is_refused(tmp_path: Path) -> None:
    entry = bundles._entry_bytes(HEADER_KEY, json.dumps(HEADER.record()))
    assert "damaged or changed" in refused(one_node_model() + entry, tmp_path)
    wrong = bundles._entry_bytes(FINGERPRINT_KEY, "\n" * 10)
    assert "damaged or changed" in refused(one_node_model() + entry + wrong, tmp_path)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)


@given(content=st.binary(max_size=300))
def test_no_bytes_do_worse_than_a_refusal(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    refused(content, tmp_path_factory.getbasetemp())


@given(name=st.sampled_from([*HEADER.record()]), value=JSON)
def test_no_value_in_the_header_does_worse_than_a_refusal(
    tmp_path_factory: pytest.TempPathFactory, name: str, value: object
) -> None:
    content = one_node_model() + bundles._entry_bytes(HEADER_KEY, json.dumps(HEADER.record() | {name: value}))
    content += bundles._entry_bytes(FINGERPRINT_KEY, fingerprint_of(content))
    path = tmp_path_factory.getbasetemp() / "header.onnx"
    path.write_bytes(content)
    with suppress(ModelFileError):  # any other error fails
        read_bundle(path)
