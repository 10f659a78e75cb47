"""What was read of files, kept as long as they stay as they are, and no more of it than memory should hold.

Knows when files changed. Must not know what they say.
"""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Generic, TypeVar

from music.settings import SettingError

Value = TypeVar("Value")
Stamp = tuple[tuple[int, int, int], ...]  # of each file: which it is, when it changed last (ns), its bytes


@dataclass(frozen=True, slots=True)
class _Entry(Generic[Value]):
    stamp: Stamp
    value: Value | None
    refusal: str = ""

    @property
    def bytes(self) -> int:
        return sum(size for _, _, size in self.stamp)


class Kept(Generic[Value]):
    """Reads a place once until one of its files changes; a refusal is kept like a value.

    `read` takes the place and what it gave before, so that it can go on from there. `files` are names within
    the place; without any, the place is the file. What was asked for longest ago is let go once files of more
    than `most_bytes` are kept.
    """

    def __init__(self, read: Callable[[Path, Value | None], Value], *files: str, most_bytes: int) -> None:
        self._read, self._files, self._most_bytes = read, files, most_bytes
        self._entries: dict[Path, _Entry[Value]] = {}  # what was asked for last stands last
        self._bytes = 0
        self._lock = Lock()  # every browser's pages run on a thread of their own

    def of(self, place: Path) -> Value:
        """What the place says now."""
        stamp = self._stamp(place)  # before reading: a change meanwhile is seen at the next look
        with self._lock:
            before = self._take(place)
            if before is not None and before.stamp == stamp:
                self._put(place, before)
                return _value_of(before)
        entry = self._read_now(place, stamp, None if before is None else before.value)
        with self._lock:
            self._take(place)  # another thread may have read it at the same time
            self._put(place, entry)
        return _value_of(entry)

    def _read_now(self, place: Path, stamp: Stamp, before: Value | None) -> _Entry[Value]:
        try:
            with _nothing_collected():
                return _Entry(stamp, self._read(place, before))
        except SettingError as error:
            return _Entry(stamp, None, str(error))
        except (RecursionError, OverflowError) as error:  # JSON that nobody's program writes
            return _Entry(stamp, None, f"{place}: damaged, so it is left out: {error}")

    def _stamp(self, place: Path) -> Stamp:
        return tuple(_stamp_of(path) for path in ([place / name for name in self._files] or [place]))

    def _take(self, place: Path) -> _Entry[Value] | None:
        entry = self._entries.pop(place, None)
        if entry is not None:
            self._bytes -= entry.bytes
        return entry

    def _put(self, place: Path, entry: _Entry[Value]) -> None:
        self._entries[place] = entry
        self._bytes += entry.bytes
        while self._bytes > self._most_bytes and len(self._entries) > 1:
            self._take(next(iter(self._entries)))


@contextmanager
def _nothing_collected() -> Iterator[None]:
    """Nothing of what is being read can be rubbish yet. Where there is much of it, looking for rubbish
    meanwhile takes longer than reading."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


def _value_of(entry: _Entry[Value]) -> Value:
    if entry.value is None:
        raise SettingError(entry.refusal)
    return entry.value


def _stamp_of(path: Path) -> tuple[int, int, int]:
    """Zeros where there is no file."""
    try:
        status = path.stat()
    except OSError:
        return 0, 0, 0
    return status.st_ino, status.st_mtime_ns, status.st_size
