"""Lines of a journal that couldn't be written yet: kept in order, packed where they are many.

A disk may be full for hours. Must not know what lines say, nor when it is tried again.
"""

import os
import zlib
from collections import deque

PACKED_AT = 1 << 18  # bytes, which become a tenth
MOST_PACKS = 1024  # some 25 MB of memory: an evening of rows; the oldest go, which the take has all the same


class Unwritten:
    """Lines that wait for a file. To add one costs the same, however many wait."""

    def __init__(self) -> None:
        self._begun = bytearray()  # what is being written
        self._packs: deque[bytes] = deque(maxlen=MOST_PACKS)
        self._loose = bytearray()

    def add(self, line: bytes) -> None:
        """One more at the end."""
        self._loose += line
        if len(self._loose) >= PACKED_AT:
            self._packs.append(zlib.compress(self._loose))
            self._loose = bytearray()

    def begin_with(self, line: bytes) -> None:
        """One more, before all others."""
        self._begun = bytearray(line) + self._begun

    def write_to(self, file: int) -> None:
        """Write all; where that fails, what is left waits on."""
        while self._begun or self._packs or self._loose:
            if not self._begun:
                self._unpack()
            del self._begun[: os.write(file, self._begun)]

    def _unpack(self) -> None:
        if self._packs:
            self._begun = bytearray(zlib.decompress(self._packs.popleft()))
        else:
            self._begun, self._loose = self._loose, bytearray()
