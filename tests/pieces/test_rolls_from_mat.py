"""MATLAB files that a test writes byte by byte are read back; a roll's phrase, encoded, is the roll."""

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from music.encodings.roll import RollEncoding
from music.notes import KEYS
from music.settings import SettingError
from pieces.rolls_from_mat import _sequence, cells_named, sequences
from tests.support.mat_files import Writer


def rolls(seed: int, lengths: tuple[int, ...] = (9, 1, 30)) -> list[np.ndarray]:
    chance = np.random.default_rng(seed)
    made = [(chance.random((length, KEYS)) < 0.1).astype(np.uint8) for length in lengths]
    for roll in made:
        roll[-1, 40] = 1
    return made


def write(
    path: Path, writer: Writer | None = None, kind: str = "double", stored: str = "u1"
) -> list[list[np.ndarray]]:
    writer = writer or Writer()
    splits = [rolls(1), rolls(2, (4,)), rolls(3, (12, 5))]
    names = ("traindata", "validdata", "testdata")
    arrays = [
        writer.cells(name, [writer.numbers(roll, kind, stored) for roll in split])
        for name, split in zip(names, splits, strict=True)
    ]
    path.write_bytes(writer.file(*arrays))
    return splits


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("compressed", [True, False])
@pytest.mark.parametrize(
    ("kind", "stored"), [("double", "u1"), ("double", "f8"), ("uint8", "u1"), ("uint16", "i4")]
)
def test_every_way_of_storing_them_is_read(
    tmp_path: Path, order: str, compressed: bool, kind: str, stored: str
) -> None:
    path = tmp_path / "set.mat"
    splits = write(path, Writer(order, compressed), kind, stored)
    for name, split in zip(("traindata", "validdata", "testdata"), splits, strict=True):
        cells = cells_named(path, name)
        assert len(cells) == len(split)
        assert all(np.array_equal(one, other) for one, other in zip(cells, split, strict=True))


@given(st.integers(0, 10_000), st.integers(0, 6), st.integers(0, 6), st.floats(0.0, 0.4))
def test_a_phrase_encoded_is_the_roll_but_for_silence_at_its_end(
    seed: int, before: int, after: int, density: float
) -> None:
    chance = np.random.default_rng(seed)
    middle = chance.random((20, KEYS)) < density
    keys = np.concatenate([np.zeros((before, KEYS)), middle, np.zeros((after, KEYS))]).astype(np.int8)
    sequence = _sequence(keys)
    roll = RollEncoding(steps=4.0).encode(sequence.phrase)[:, :KEYS]
    assert np.array_equal(roll, keys[: len(roll)])
    assert not keys[len(roll) :].any()
    assert sequence.silent_end == len(keys) - len(roll)


def test_a_key_that_sounds_on_is_one_note() -> None:
    keys = np.zeros((6, KEYS), np.int8)
    keys[1:4, 39], keys[5, 39], keys[2, 87] = 1, 1, 1
    notes = _sequence(keys).phrase.notes
    assert [(note.at, note.pitch, note.length_s) for note in notes] == [
        (0.125, 60, 0.375),
        (0.25, 108, 0.125),
        (0.625, 60, 0.125),
    ]


def test_each_split_has_its_sequences_in_order(tmp_path: Path) -> None:
    splits = write(tmp_path / "set.mat")
    for split, meant in zip(("train", "validation", "test"), splits, strict=True):
        read = [
            RollEncoding().encode(each.phrase)[:, :KEYS] for each in sequences(tmp_path / "set.mat", split)
        ]
        assert all(np.array_equal(one, other) for one, other in zip(read, meant, strict=True))


def test_an_empty_sequence_is_a_phrase_without_notes(tmp_path: Path) -> None:
    writer = Writer()
    empty = [writer.numbers(np.zeros((0, 0))), writer.element(14, b""), writer.numbers(np.zeros((3, KEYS)))]
    (tmp_path / "set.mat").write_bytes(writer.file(writer.cells("traindata", empty)))
    read = list(sequences(tmp_path / "set.mat", "train"))
    assert [(len(each.phrase.notes), each.silent_end) for each in read] == [(0, 0), (0, 0), (0, 3)]


@pytest.mark.parametrize("cell", [np.full((4, KEYS), 2), np.zeros((4, 87)), np.zeros((4, KEYS, 2))])
def test_what_is_no_roll_of_88_keys_is_refused(tmp_path: Path, cell: np.ndarray) -> None:
    writer = Writer()
    (tmp_path / "set.mat").write_bytes(writer.file(writer.cells("testdata", [writer.numbers(cell)])))
    with pytest.raises(SettingError, match="testdata 0 is no roll of 88 keys"):
        list(sequences(tmp_path / "set.mat", "test"))


def wrong_files() -> dict[str, tuple[bytes, str]]:
    writer, flat = Writer(), Writer(compressed=False)
    roll = writer.numbers(np.ones((2, KEYS)))
    good = flat.file(flat.cells("traindata", [roll]))
    sparse = writer.element(14, writer.head("traindata", 5, (2, 2)))
    imaginary = writer.element(14, writer.head("", 6 | 0x0800, (1, 1)) + writer.element(9, bytes(8)))
    shape = writer.element(14, writer.head("", 6, (3, 3)) + writer.element(9, bytes(8)))
    text = writer.element(14, writer.head("", 6, (1, 1)) + writer.element(16, b"x"))
    return {
        "empty": (b"", "format 5"),
        "newer": (b"MATLAB 7.3 MAT-file".ljust(124) + b"\0\2IM", "format 5"),
        "letter": (b"Dear reader" * 40, "format 5"),
        "cut": (good[:-100], "cut short"),
        "packed wrong": (writer.file()[:128] + struct.pack("<II", 15, 9) + b"not zlib!", "damaged part"),
        "packed short": (
            writer.file() + struct.pack("<II", 15, 20) + zlib.compress(good)[:20],
            "cut short|damaged",
        ),
        "packed nothing": (writer.file(b""), "empty part"),
        "no such array": (writer.file(writer.cells("other", [roll])), "no cell array 'traindata'"),
        "no cells": (writer.file(writer.numbers(np.ones((2, 2)), name="traindata")), "no cell array"),
        "sparse": (writer.file(sparse), "of a kind that isn't read"),
        "complex": (writer.file(writer.cells("traindata", [imaginary])), "of a kind that isn't read"),
        "shape": (writer.file(writer.cells("traindata", [shape])), "not as its shape says"),
        "text": (writer.file(writer.cells("traindata", [text])), "unknown type 16"),
    }


@pytest.mark.parametrize("name", wrong_files())
def test_a_file_that_can_not_be_read_is_refused(tmp_path: Path, name: str) -> None:
    content, why = wrong_files()[name]
    (tmp_path / "set.mat").write_bytes(content)
    with pytest.raises(SettingError, match=why) as refused:
        cells_named(tmp_path / "set.mat", "traindata")
    assert "\n" not in str(refused.value)


@given(st.data())
def test_no_damage_is_more_than_one_line(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    path = tmp_path_factory.getbasetemp() / "damaged.mat"
    write(path, Writer(compressed=data.draw(st.booleans())))
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(128, len(content) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(content)
    message = ""
    try:
        list(sequences(path, "train"))
    except SettingError as error:
        message = str(error)
    assert "\n" not in message
