"""Music as rows of tokens, piece by piece: the face through which feeds and judges read it."""

from typing import Any, Protocol

from numpy.typing import NDArray

from pieces.corpus import PieceRecord

Rows = NDArray[Any]  # T x F: one piece's tokens


class Music(Protocol):
    """Pieces as rows, read as they are asked for."""

    def __len__(self) -> int: ...

    def length(self, number: int) -> int:
        """How many rows a piece has, without reading them."""

    def rows(self, number: int, begin: int, end: int) -> Rows:
        """Those rows of a piece."""

    def record(self, number: int) -> PieceRecord:
        """What is known of a piece."""
