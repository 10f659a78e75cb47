"""Rows that must not be lost and are seldom looked at again: an evening of them, in memory that hardly grows.

Many at a time are packed and put into a file without a name, which is gone with the process; where no file
can be had, the packed rows stay in memory. One thread at a time. Must not know what rows say.
"""

import json
import zlib
from array import array
from collections.abc import Iterator
from tempfile import TemporaryFile
from typing import IO
from weakref import finalize

from realtime.rows.kinds import Row

PACKED_AT = 512  # rows


class KeptRows:
    """Rows in order. To go through them again takes reading and unpacking."""

    def __init__(self) -> None:
        self._loose: list[Row] = []
        self._file: IO[bytes] | None = None
        self._ends = array("Q")  # of the packs in the file
        self._packs: list[bytes] = []  # that the file did not take, and all after them

    def append(self, row: Row) -> None:
        """One more at the end."""
        self._loose.append(row)
        if len(self._loose) >= PACKED_AT:
            lines = "\n".join(json.dumps(row, separators=(",", ":")) for row in self._loose)
            self._loose = []
            self._put_away(zlib.compress(lines.encode()))

    def __iter__(self) -> Iterator[Row]:
        """All of them, from the first on."""
        begin = 0
        for end in self._ends:
            assert self._file is not None
            self._file.seek(begin)
            yield from _unpacked(self._file.read(end - begin))
            begin = end
        for pack in self._packs:
            yield from _unpacked(pack)
        yield from self._loose

    def _put_away(self, pack: bytes) -> None:
        if self._packs:
            self._packs.append(pack)
            return
        begin = self._ends[-1] if self._ends else 0
        try:
            if self._file is None:
                self._file = TemporaryFile(prefix="antiphon-")  # noqa: SIM115  closed when we are gone
                finalize(self, self._file.close)
            self._file.seek(begin)
            self._file.write(pack)
            self._file.flush()
        except OSError:  # a full disk, or no place for such a file
            self._packs.append(pack)
        else:
            self._ends.append(begin + len(pack))


def _unpacked(pack: bytes) -> Iterator[Row]:
    yield from map(json.loads, zlib.decompress(pack).decode().split("\n"))
