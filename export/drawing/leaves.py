"""What a model read, taken apart into named tensors, and put together again: a graph knows no tuples with
names.

Must not know models.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from torch import Tensor


@dataclass(frozen=True, slots=True)
class Shape:
    """The names of what was read, and what it is put together as; None where it is one tensor."""

    names: tuple[str, ...]
    kind: Any = None

    def __len__(self) -> int:
        return len(self.names)

    @classmethod
    def of(cls, read: Any) -> "Shape":
        """Of a tensor, or of a named tuple of tensors."""
        return cls(("read",)) if isinstance(read, Tensor) else cls(read._fields, type(read))

    def whole(self, leaves: Sequence[Tensor]) -> Any:
        """Put together."""
        return leaves[0] if self.kind is None else self.kind(*leaves)

    def leaves(self, read: Any) -> tuple[Tensor, ...]:
        """Taken apart."""
        return (read,) if self.kind is None else tuple(read)
