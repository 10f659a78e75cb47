"""An Ogg file, cut where a page of it ends.

Knows pages. Must not know what is coded in them.
"""

import struct
from collections.abc import Iterator

_MARK = b"OggS"
_HEAD_BYTES = 27


class OggError(ValueError):
    """Bytes that are no Ogg file, or end within a page."""


def cut(content: bytes, samples: int) -> bytes:
    """The shortest beginning of whole pages that holds so many samples; all of it where there are no more."""
    ends = (end for end, position in _pages(content) if position >= samples)
    return content[: next(ends, len(content))]


def _pages(content: bytes) -> Iterator[tuple[int, int]]:
    """Each page: where it ends, and the number of samples up to there."""
    begin = 0
    while begin < len(content):
        begin, position = _page_at(content, begin)
        yield begin, position


def _page_at(content: bytes, begin: int) -> tuple[int, int]:
    head = content[begin : begin + _HEAD_BYTES]
    if len(head) < _HEAD_BYTES or head[:4] != _MARK:
        raise OggError(f"no page begins at byte {begin}")
    table = content[begin + _HEAD_BYTES : begin + _HEAD_BYTES + head[26]]
    end = begin + _HEAD_BYTES + head[26] + sum(table)
    if len(table) < head[26] or end > len(content):
        raise OggError(f"the page at byte {begin} ends too soon")
    (position,) = struct.unpack_from("<q", head, 6)
    return end, position
