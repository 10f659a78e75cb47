"""Model files as somebody might have changed them: whole, and sealed anew."""

from dataclasses import replace
from typing import Any

from realtime.inference.bundle import Bundle, sealed
from realtime.inference.graphs.fields import outer_fields

_METADATA = 14  # its field number in an ONNX file


def resealed(bundle: Bundle, **changes: Any) -> bytes:
    """The file with these changes to its header."""
    return sealed(bare(bundle.content), replace(bundle.header, **changes))


def bare(content: bytes) -> bytes:
    """The ONNX file without what Antiphon says of it."""
    return b"".join(field.whole for field in outer_fields(content) if field.number != _METADATA)
