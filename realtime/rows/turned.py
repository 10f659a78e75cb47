"""What the loop did with one item, as its watchers get to know: rows, the terminal, measurements.

Knows the performer's values. Must not know the loop.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

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
class Pressed:
    """Somebody pressed a button, by its name in `realtime/knobs.py`, or called a preset by its own.

    What it does depends on what stands.
    """

    at: float
    name: str


@dataclass(frozen=True, slots=True)
class LearnWished:
    """The next controller that is moved shall move this control, or press this button.

    With `UNLEARN` for a name, what was learnt shall be forgotten.
    """

    at: float
    name: str


@dataclass(frozen=True, slots=True)
class Learnt:
    """A controller moves a control from here on; `instead_of` is another that it moved before."""

    at: float
    name: str
    controller: int
    instead_of: str | None = None

    @property
    def text(self) -> str:
        """What happened, and the option that says the same."""
        no_longer = f", and {self.instead_of} no longer" if self.instead_of is not None else ""
        option = f"--cc {self.name}={self.controller}"
        return f"controller {self.controller} moves {self.name} now{no_longer} ({option})"


@dataclass(frozen=True, slots=True)
class Unlearnt:
    """What was learnt is forgotten: controllers move what they did without it."""

    at: float

    @property
    def text(self) -> str:
        """What happened."""
        return "what controllers had learnt is forgotten"


@dataclass(frozen=True, slots=True)
class PresetWished:
    """Where the controls stand shall be kept, by this name."""

    at: float
    name: str


@dataclass(frozen=True, slots=True)
class PresetStands:
    """A preset was kept, with a program that recalls it, counted from 0; or, with no `names`, it was refused.

    `names` are those of all presets, `text` says in a line what came of it.
    """

    at: float
    name: str
    moves: tuple[tuple[str, float | str], ...]
    program: int | None
    names: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class MessageCame:
    """Something of the player's that is no key and no sustain pedal: a bend, a controller, a program."""

    at: float
    source: int
    message: bytes


@dataclass(frozen=True, slots=True)
class MessagesCame:
    """The same of several, in order, at least one; `at` is the first one's moment."""

    at: float
    messages: tuple[MessageCame, ...]


@dataclass(frozen=True, slots=True)
class Starred:
    """Somebody liked the newest answer; or took that back, by saying it once more."""

    at: float


@dataclass(frozen=True, slots=True)
class ModelWished:
    """Somebody wants another model to answer: by its name, its number from 1, or the word `next`."""

    at: float
    name: str


@dataclass(frozen=True, slots=True)
class ModelStands:
    """Which model answers from here on; or still, where another was wished for, and `refused` says why not.

    `name` is its name on the shelf, `model` the model in one line, `file` what to ask for to have it again
    (`default`, `none` or a path); `remarks` are lines worth reading.
    """

    at: float
    name: str
    model: str
    device: str
    file: str
    refused: str | None = None
    remarks: tuple[str, ...] = ()

    def still(self, at: float, refused: str) -> "ModelStands":
        """The same one at a later moment, another having been refused."""
        return replace(self, at=at, refused=refused, remarks=())


@dataclass(frozen=True, slots=True)
class Turned:
    """An event, the actions that followed, when the last of them was sent, and how all stands then."""

    event: Event | ControlMoved | Learnt | MessagesCame | ModelStands | PresetStands | Starred | Unlearnt
    actions: tuple[Action, ...]
    sent_at: float
    state: State = FRESH
    rules: Rules = DEFAULT_RULES


Watcher = Callable[[Turned], None]  # called on the loop's thread after sending: it must only note and return


def lateness_s(turned: Turned) -> list[float]:
    """How late each of the model's notes was sent, in seconds after it was due."""
    return [turned.sent_at - action.due for action in turned.actions if isinstance(action, PlayNote)]
