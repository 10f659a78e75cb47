"""How a field of an ONNX message is written: its number and kind, and what it holds.

Knows the form of fields. Must not know what any of them means.
"""


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
