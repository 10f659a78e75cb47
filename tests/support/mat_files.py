"""MATLAB files of format 5, written byte by byte."""

import struct
import zlib

import numpy as np

_TYPES = {"i1": 1, "u1": 2, "i2": 3, "u2": 4, "i4": 5, "u4": 6, "f4": 7, "f8": 9}
_CLASSES = {"double": 6, "single": 7, "int8": 8, "uint8": 9, "uint16": 11}


class Writer:
    """Writes format 5 as its description says, in either order of bytes."""

    def __init__(self, order: str = "<", compressed: bool = True) -> None:
        self.order, self.compressed = order, compressed

    def element(self, kind: int, data: bytes, small: bool = False) -> bytes:
        """A part of a file; a small one lies in one word with its length."""
        if small and 0 < len(data) <= 4:
            return struct.pack(f"{self.order}I", len(data) << 16 | kind) + data.ljust(4, b"\0")
        return struct.pack(f"{self.order}II", kind, len(data)) + data + bytes(-len(data) % 8)

    def head(self, name: str, flags: int, shape: tuple[int, ...]) -> bytes:
        """How an array begins."""
        return (
            self.element(6, struct.pack(f"{self.order}II", flags, 0))
            + self.element(5, struct.pack(f"{self.order}{len(shape)}i", *shape))
            + self.element(1, name.encode(), small=True)
        )

    def numbers(self, rows: np.ndarray, kind: str = "double", stored: str = "u1", name: str = "") -> bytes:
        """An array of numbers, said to be of one kind and stored as another."""
        data = rows.astype(f"{self.order}{stored}").tobytes(order="F")
        inner = self.head(name, _CLASSES[kind], rows.shape) + self.element(_TYPES[stored], data, small=True)
        return self.element(14, inner)

    def cells(self, name: str, cells: list[bytes]) -> bytes:
        """An array of arrays."""
        return self.element(14, self.head(name, 1, (1, len(cells))) + b"".join(cells))

    def file(self, *arrays: bytes) -> bytes:
        """All of a file."""
        head = b"MATLAB 5.0 MAT-file".ljust(124) + struct.pack(f"{self.order}H", 0x0100)
        parts = list(arrays)
        if self.compressed:
            packed = [zlib.compress(array) for array in parts]
            parts = [struct.pack(f"{self.order}II", 15, len(data)) + data for data in packed]
        return head + (b"IM" if self.order == "<" else b"MI") + b"".join(parts)
