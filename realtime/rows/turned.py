"""What the loop did with one item, as its watchers get to know: rows, the terminal, measurements.

Knows the performer's values. Must not know the loop.
"""

from collections.abc import Callable
from dataclasses import dataclass

from realtime.performer.actions import Action, PlayNote
from realtime.performer.events import Event
from realtime.performer.rules import DEFAULT_RULES, Rules
from realtime.performer.state import FRESH, State


@dataclass(frozen=True, slots=True)
class ControlMoved:
    """Somebody set a control: `value` is a number, or `next`, `same` or 1 to 16 for the channel."""

    at: float
    name: str
    value: float | str


@dataclass(frozen=True, slots=True)
class Turned:
    """An event, the actions that followed, when the last of them was sent, and how all stands then."""

    event: Event | ControlMoved
    actions: tuple[Action, ...]
    sent_at: float
    state: State = FRESH
    rules: Rules = DEFAULT_RULES


Watcher = Callable[[Turned], None]  # called on the loop's thread after sending: it must only note and return


def lateness_s(turned: Turned) -> list[float]:
    """How late each of the model's notes was sent, in seconds after it was due."""
    return [turned.sent_at - action.due for action in turned.actions if isinstance(action, PlayNote)]
