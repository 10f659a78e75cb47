"""The benchmark sets of Boulanger-Lewandowski and others: rolls of 88 keys in MATLAB files, as phrases.

A file holds cell arrays `traindata`, `validdata` and `testdata`, each cell a sequence, each row a time step,
each column a key from A0 up. A step is one step of the `roll` encoding on its grid of beats, four to a beat.
The rolls say which keys sound and not which are struck, so a key that sounds through several steps is one
note; encoded again, the phrase gives the same 88 columns, but for silent steps at the end.

Reads as much of MATLAB's format 5 as such files have: little- and big-endian, compressed or not, cells and
real numbers. The reader is here, and not a library's, because it is these hundred lines, and a library's
would be the largest thing that learning needs after torch.
"""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from music.encodings.roll import RollEncoding
from music.notes import KEYS
from music.phrase import Phrase
from music.settings import SettingError
from pieces.music_sets import Split

STEPS_PER_BEAT = 4.0
_CELLS: dict[Split, str] = {"train": "traindata", "validation": "validdata", "test": "testdata"}


@dataclass(frozen=True, slots=True)
class RollSequence:
    """A sequence of a benchmark: its notes, and how many silent steps follow at its end,
    which notes can't express."""

    phrase: Phrase
    silent_end: int


def sequences(path: Path, split: Split) -> Iterator[RollSequence]:
    """Every sequence of a split, in the file's order."""
    name = _CELLS[split]
    for number, roll in enumerate(cells_named(path, name)):
        if roll.size and (roll.ndim != 2 or roll.shape[1] != KEYS or not np.isin(roll, (0, 1)).all()):
            raise SettingError(f"{path}: {name} {number} is no roll of {KEYS} keys, each 0 or 1")
        yield _sequence(roll.reshape(-1, KEYS).astype(np.int8))


def _sequence(keys: NDArray[np.int8]) -> RollSequence:
    steps = int(np.flatnonzero(keys.any(axis=1)).max(initial=-1)) + 1
    roll = np.concatenate([keys, np.zeros_like(keys)], axis=1)
    return RollSequence(RollEncoding(steps=STEPS_PER_BEAT).decode(roll), len(keys) - steps)


# The format: after a header, elements, each a type, a length in bytes, and data padded to eight bytes.
_HEADER = 128
_NUMBERS = {1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8", 13: "u8"}
_MATRIX, _COMPRESSED = 14, 15
_CELL_CLASS = 1
_NUMBER_CLASSES = range(6, 16)  # double, single, and whole numbers of 8 to 64 bits
_COMPLEX = 0x08  # of the flags beside the class
_MOST_BYTES = 1 << 30  # of one array, unpacked: the largest of the known sets has 22 MB
_DEEPEST = 4  # cells within cells


def cells_named(path: Path, name: str) -> list[NDArray[Any]]:
    """The arrays in a cell array of a MATLAB file, in order."""
    try:
        found = _find(path.read_bytes(), name)
    except _DamageError as damage:
        raise SettingError(f"{path}: {damage}; fetch it again") from None
    if not isinstance(found, list):
        raise SettingError(f"{path}: no cell array {name!r} in it, as the benchmark sets have")
    return [cell if isinstance(cell, np.ndarray) else np.empty((0, 0)) for cell in found]


class _DamageError(Exception):
    """What can't be read about a file."""


@dataclass(frozen=True, slots=True)
class _Element:
    type: int
    data: memoryview


def _find(data: bytes, name: str) -> Any:
    order = {b"IM": "<", b"MI": ">"}.get(data[_HEADER - 2 : _HEADER])
    if order is None or data[_HEADER - 4 : _HEADER - 2] not in (b"\0\1", b"\1\0"):
        raise _DamageError("not a MATLAB file of format 5 (version 7.3 is another format: save it as -v7)")
    for held in _elements(memoryview(data)[_HEADER:], order):
        element = _unpacked(held, order)
        if element.type == _MATRIX:
            found, value = _matrix(element.data, order, name)
            if found == name:
                return value
    return None


def _unpacked(element: _Element, order: str) -> _Element:
    if element.type != _COMPRESSED:
        return element
    for inner in _elements(memoryview(_inflated(element.data)), order):
        return inner
    raise _DamageError("an empty part")


def _inflated(data: memoryview) -> bytes:
    reader = zlib.decompressobj()
    try:
        whole = reader.decompress(data, _MOST_BYTES)
    except zlib.error as error:
        raise _DamageError(f"a damaged part ({error})") from None
    if not reader.eof:
        raise _DamageError("a part that is cut short, or far too large")
    return whole


def _elements(data: memoryview, order: str) -> Iterator[_Element]:
    """The elements of a stretch, one after the other."""
    while len(data) >= 8:
        kind, length = (int(word) for word in np.frombuffer(data[:8], f"{order}u4"))
        begin, small = 8, kind >> 16
        if small:  # up to four bytes of data lie beside type and length, in one word
            kind, length, begin = kind & 0xFFFF, small, 4
        end = begin + length
        if end > len(data) or (small and length > 4):
            raise _DamageError("a part that is cut short")
        yield _Element(kind, data[begin:end])
        padded = 8 if small else end if kind == _COMPRESSED else end + -length % 8
        data = data[padded:]


def _matrix(data: memoryview, order: str, wanted: str | None, depth: int = 0) -> tuple[str, Any]:
    """The name of an array and what it holds: numbers, or a list of cells; None where another is wanted."""
    parts = _elements(data, order)
    if not data:
        return "", np.empty((0, 0))  # how an empty array is written within a cell
    try:
        flags = int(_numbers(next(parts), order)[0])
        shape = tuple(_numbers(next(parts), order).tolist())
        name = bytes(next(parts).data).decode("latin-1")
        if wanted is not None and name != wanted:
            return name, None
        if flags & 0xFF == _CELL_CLASS and depth < _DEEPEST:
            return name, [_matrix(cell.data, order, None, depth + 1)[1] for cell in parts]
        if flags & 0xFF in _NUMBER_CLASSES and not flags >> 8 & _COMPLEX:
            return name, _numbers(next(parts), order).reshape(shape, order="F")
    except (StopIteration, IndexError, ValueError):
        raise _DamageError("an array that is cut short or not as its shape says") from None
    raise _DamageError(f"an array {name!r} of a kind that isn't read (complex, sparse, text or a structure)")


def _numbers(element: _Element, order: str) -> NDArray[Any]:
    if element.type not in _NUMBERS:
        raise _DamageError(f"numbers of the unknown type {element.type}")
    return np.frombuffer(element.data, f"{order}{_NUMBERS[element.type]}")
