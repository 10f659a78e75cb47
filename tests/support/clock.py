"""Time under a test's own hand."""

from dataclasses import dataclass, field

from realtime.engine.clock import SetClock
from realtime.engine.inbox import Item

ManualClock = SetClock


@dataclass
class ManualInbox:
    """Hands out what a test put in, and moves the clock on to the alarm; `StopIteration` at `until`."""

    clock: ManualClock
    items: list[Item] = field(default_factory=list)
    is_waiting: bool = False  # each item comes when it is taken

    def put(self, item: Item) -> None:
        self.items.append(item)

    def next(self, until: float | None) -> Item | None:
        if self.items:
            item = self.items.pop(0)
            self.clock.set(item.at)
            return item
        assert until is not None, "the loop would wait for ever"
        self.clock.set(until)
        return None
