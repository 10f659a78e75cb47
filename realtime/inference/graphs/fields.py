"""How a field of an ONNX message is written, and read: its number and kind, and what it holds.

Knows the form of fields. Must not know what any of them means.
"""

from collections.abc import Iterator
from typing import NamedTuple

MOST_OUTER_FIELDS = (
    1000  # an ONNX file has some ten; a file of nothing but tiny fields would be walked for minutes
)


class BrokenFile(Exception):
    """What is wrong with the fields of a message."""


class Field(NamedTuple):
    """A field: its number, what it holds, and all of it."""

    number: int
    value: memoryview  # empty unless the field has a length
    whole: memoryview  # with its tag


def number_field(number: int, value: int) -> bytes:
    """A field that holds a number."""
    return varint(number << 3) + varint(value)


def whole_field(number: int, value: bytes) -> bytes:
    """A field with a length: bytes, or a message."""
    return varint(number << 3 | 2) + varint(len(value)) + value


def text_field(number: int, value: str) -> bytes:
    """A field that holds words."""
    return whole_field(number, value.encode())


def varint(number: int) -> bytes:
    """A number from 0, seven bits a byte, the last ones first."""
    parts = bytearray()
    while number > 0x7F:
        parts.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*parts, number])


def outer_fields(content: bytes | memoryview, most: int = MOST_OUTER_FIELDS) -> Iterator[Field]:
    """The fields of a message of ONNX, those within them left whole; an error where they are too many."""
    view, place, count = memoryview(content), 0, 0
    while place < len(view):
        begin = place
        tag, place = _varint(view, place)
        value, place = _value(view, place, tag & 7)
        count += 1
        if count > most:
            raise BrokenFile(f"more than {most} outer fields")
        yield Field(tag >> 3, value, view[begin:place])


def _value(view: memoryview, place: int, kind: int) -> tuple[memoryview, int]:
    if kind == 0:
        return view[:0], _varint(view, place)[1]
    if kind not in (1, 2, 5):
        raise BrokenFile(f"byte {place} begins no field")
    length, place = _varint(view, place) if kind == 2 else ({1: 8, 5: 4}[kind], place)
    if length > len(view) - place:
        raise BrokenFile(f"cut short: {length} bytes are promised at byte {place} of {len(view)}")
    return view[place : place + length], place + length


def _varint(view: memoryview, place: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        if place >= len(view):
            raise BrokenFile(f"cut short at byte {place}")
        byte = view[place]
        place += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, place
    raise BrokenFile(f"a number of more than ten bytes ends at byte {place}")
