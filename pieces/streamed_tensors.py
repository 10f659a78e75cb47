"""A safetensors file written as its rows come, and read a few rows at a time: memory doesn't grow with it.

While it is written, each column's rows lie in a file of its own, in a folder beside the target that is gone
afterwards. At the end header and columns become one file, which takes the target's place in one step: whoever
opens the target finds it whole, or doesn't find it. Read rows are copied out of the file, not mapped, so that
what was read doesn't stay in memory. Knows bytes and columns; must not know music.
"""

import errno
import json
import os
import sys
import weakref
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from threading import Lock
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray
from safetensors import safe_open

from music.settings import SettingError
from music.whole_file import unfinished_beside, whole

_KINDS: dict[str, np.dtype[Any]] = {
    "F64": np.dtype("<f8"),
    "I64": np.dtype("<i8"),
    "F32": np.dtype("<f4"),
    "I32": np.dtype("<i4"),
    "I16": np.dtype("<i2"),
    "U8": np.dtype("u1"),
    "I8": np.dtype("i1"),
}
_NAMES = {kind: name for name, kind in _KINDS.items()}
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_COPIED = 1 << 20  # bytes that are copied at a time
_HEADER_UNIT = 8  # bytes: so that the widest numbers lie where processors like them
_LENGTH_BYTES = 8  # in front of the header, little-endian: its length

Places = tuple[int, int]  # the first row, and the one after the last


@dataclass(frozen=True, slots=True)
class Column:
    """Rows of one kind of number; `width` is how many a row has,
    or None where the column has one dimension."""

    kind: np.dtype[Any]
    width: int | None = None

    @classmethod
    def of(cls, kind: Any, width: int | None = None) -> "Column":
        """A column of numpy's kind of number, little-endian as the file has it."""
        stored = np.dtype(kind).newbyteorder("<")
        if stored not in _NAMES:
            raise ValueError(f"no column of {stored}: there are {', '.join(map(str, _NAMES))}")
        return cls(stored, width)

    @property
    def row_bytes(self) -> int:
        """How long a row is."""
        return self.kind.itemsize * (1 if self.width is None else self.width)

    def shape(self, rows: int) -> tuple[int, ...]:
        """The shape of so many rows."""
        return (rows,) if self.width is None else (rows, self.width)


@contextmanager
def streamed(target: Path, columns: Mapping[str, Column]) -> Iterator["TensorsWriter"]:
    """A writer of these columns; the target appears when it is finished, and nothing else stays."""
    with ExitStack() as held:
        with refusing_if_unwritable(target):
            folder = held.enter_context(_folder_beside(target))
            parts = {
                name: held.enter_context((folder / f"{number}").open("w+b", buffering=0))
                for number, name in enumerate(columns)
            }
        yield TensorsWriter(target, dict(columns), parts)


class TensorsWriter:
    """Takes rows, column by column; `finish` makes the file. Made by `streamed`."""

    def __init__(self, target: Path, columns: dict[str, Column], parts: Mapping[str, BinaryIO | Any]) -> None:
        self._target, self._columns, self._parts = target, columns, parts
        self._rows = dict.fromkeys(columns, 0)

    def append(self, name: str, rows: NDArray[Any]) -> Places:
        """Put rows at the end of a column; says which rows of it they are."""
        column = self._columns[name]
        if rows.shape != column.shape(len(rows)):
            raise ValueError(f"{name}: rows of shape {rows.shape}, where {column.shape(len(rows))} is meant")
        with refusing_if_unwritable(self._target):
            _write(self._parts[name], np.ascontiguousarray(rows, column.kind).tobytes())
        first = self._rows[name]
        self._rows[name] = first + len(rows)
        return first, self._rows[name]

    def count(self, name: str) -> int:
        """How many rows of a column there are so far."""
        return self._rows[name]

    def finish(
        self, metadata: Mapping[str, str] | None = None, chosen: Mapping[str, Sequence[Places]] | None = None
    ) -> None:
        """Write the file. Of a column that is named in `chosen`, those rows alone, in that order."""
        places = {name: [(0, rows)] for name, rows in self._rows.items()} | dict(chosen or {})
        order = sorted(self._columns, key=lambda name: (-self._columns[name].kind.itemsize, name))
        with (
            refusing_if_unwritable(self._target),
            whole(self._target) as unfinished,
            unfinished.open("wb", buffering=0) as file,
        ):
            _write(file, self._header(order, places, metadata))
            for name in order:
                self._copy(name, places[name], file)

    def _header(
        self, order: list[str], places: Mapping[str, Sequence[Places]], metadata: Mapping[str, str] | None
    ) -> bytes:
        header: dict[str, Any] = {"__metadata__": dict(metadata)} if metadata else {}
        offset = 0
        for name in order:
            column = self._columns[name]
            rows = sum(end - begin for begin, end in places[name])
            until = offset + rows * column.row_bytes
            header[name] = {
                "dtype": _NAMES[column.kind],
                "shape": column.shape(rows),
                "data_offsets": [offset, until],
            }
            offset = until
        text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
        text += b" " * (-len(text) % _HEADER_UNIT)
        return len(text).to_bytes(_LENGTH_BYTES, "little") + text

    def _copy(self, name: str, places: Sequence[Places], file: BinaryIO | Any) -> None:
        part, row_bytes = self._parts[name], self._columns[name].row_bytes
        for begin, end in places:
            part.seek(begin * row_bytes)
            left = (end - begin) * row_bytes
            while left:
                data = part.read(min(left, _COPIED))
                if not data:
                    raise OSError(errno.EIO, "what was written there is gone")
                _write(file, data)
                left -= len(data)
        part.truncate(0)  # its room is free for the columns to come


@contextmanager
def _folder_beside(target: Path) -> Iterator[Path]:
    """A folder of our own on the target's disk, gone afterwards with all that is still in it."""
    target.parent.mkdir(parents=True, exist_ok=True)
    folder = unfinished_beside(target)
    try:  # named before it is made: an interruption at the very moment leaves nothing either
        folder.mkdir(mode=0o700)
        yield folder
    finally:
        rmtree(folder, ignore_errors=True)


def _write(file: BinaryIO | Any, data: bytes) -> None:
    """All of it: a disk that is nearly full may take a part,
    and refuses the rest only when it is asked again."""
    left = memoryview(data)
    while left:
        left = left[file.write(left) :]


@contextmanager
def refusing_if_unwritable(target: Path) -> Iterator[None]:
    """A file that can't be written is an error of one line, with what to do."""
    try:
        yield
    except OSError as error:
        if error.errno in _NO_ROOM:
            raise SettingError(
                f"{target}: no room left on its disk; nothing was kept there: make room, or write "
                "elsewhere, and try again"
            ) from error
        raise SettingError(f"{target}: can't be written: {error.strerror or error}") from error


class Tensors:
    """A safetensors file that is read a few rows at a time; the library checks it when it is opened.

    What is wrong with a file is the library's SafetensorError, or an OSError.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        with safe_open(path, framework="numpy") as file:
            self.metadata: dict[str, str] = file.metadata() or {}
        self._file = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
        weakref.finalize(self, os.close, self._file)
        length = int.from_bytes(_read_at(self._file, _LENGTH_BYTES, 0), "little")
        header = json.loads(_read_at(self._file, length, _LENGTH_BYTES))
        header.pop("__metadata__", None)
        self._columns = {
            name: _stored(each, _LENGTH_BYTES + length)
            for name, each in header.items()
            if each["dtype"] in _KINDS
        }

    def column(self, name: str) -> Column | None:
        """What a column holds; None where there is none of that name."""
        stored = self._columns.get(name)
        return stored.column if stored else None

    def count(self, name: str) -> int:
        """How many rows a column has."""
        return self._columns[name].rows

    def rows(self, name: str, begin: int, end: int) -> NDArray[Any]:
        """Rows of a column from `begin` up to, and without, `end`; nothing else is read.
        Not to be written to."""
        stored = self._columns[name]
        begin = min(max(begin, 0), stored.rows)
        count = max(min(end, stored.rows) - begin, 0)
        row_bytes = stored.column.row_bytes
        data = _read_at(self._file, count * row_bytes, stored.offset + begin * row_bytes)
        if len(data) < count * row_bytes:
            raise SettingError(f"{self.path}: it was cut short while it was read; make it anew")
        return np.frombuffer(data, stored.column.kind).reshape(stored.column.shape(count))

    def all(self, name: str) -> NDArray[Any]:
        """A whole column."""
        return self.rows(name, 0, self.count(name))


@dataclass(frozen=True, slots=True)
class _Stored:
    column: Column
    rows: int
    offset: int  # bytes from the beginning of the file


def _stored(entry: Mapping[str, Any], data_begins: int) -> _Stored:
    rows, *width = entry["shape"]
    held = Column(_KINDS[entry["dtype"]], int(np.prod(width)) if width else None)
    return _Stored(held, rows, data_begins + entry["data_offsets"][0])


if sys.platform == "win32":
    _one_at_a_time = Lock()

    def _read_once(file: int, count: int, offset: int) -> bytes:
        with _one_at_a_time:
            os.lseek(file, offset, os.SEEK_SET)
            return os.read(file, count)

else:

    def _read_once(file: int, count: int, offset: int) -> bytes:
        return os.pread(file, count, offset)


def _read_at(file: int, count: int, offset: int) -> bytes:
    """So many bytes from a place on; fewer only where the file ends."""
    data = _read_once(file, count, offset)
    while data and len(data) < count:  # the system may give less than was asked for
        more = _read_once(file, count - len(data), offset + len(data))
        if not more:
            break
        data += more
    return data
