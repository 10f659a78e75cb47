"""Lines that wait for a slow reader, in order; of some only the newest is worth waiting for.

Knows no reader. One thread at a time.
"""

from collections import OrderedDict
from collections.abc import Hashable


class Backlog:
    """First in, first out.

    A line put in as the newest of something takes out the older one that still waits.
    """

    def __init__(self) -> None:
        self._lines: OrderedDict[int, tuple[str, Hashable]] = OrderedDict()
        self._newest: dict[Hashable, int] = {}
        self._count = 0

    def __len__(self) -> int:
        return len(self._lines)

    def put(self, line: str, newest_of: Hashable = None) -> None:
        """One more at the end."""
        self._count += 1
        if newest_of is not None:
            older = self._newest.get(newest_of)
            if older is not None:
                del self._lines[older]
            self._newest[newest_of] = self._count
        self._lines[self._count] = (line, newest_of)

    def pop(self) -> str:
        """The line that has waited longest; `KeyError` if none does."""
        _, (line, newest_of) = self._lines.popitem(last=False)
        if newest_of is not None:
            del self._newest[newest_of]
        return line

    def clear(self) -> None:
        """Forget them all."""
        self._lines.clear()
        self._newest.clear()
