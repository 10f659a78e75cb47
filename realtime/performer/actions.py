"""What the performer wants done: small values, carried out in order, at once, by whoever called `step`.

`at` is the moment of the event that led to the action. Must not know how an action is carried out.
"""

from dataclasses import dataclass

from music.notes import KeyEvent
from realtime.knobs import DEFAULT_KNOBS, Knobs
from realtime.performer.events import PlayerEvent
from realtime.performer.phases import Phase, Reason

NOT_ASKED = -1  # the attempt of a request that is only kept: asked for, it becomes the first, 0


@dataclass(frozen=True, slots=True)
class PassOn:
    """Send the player's own event on to the outputs."""

    at: float
    event: PlayerEvent


@dataclass(frozen=True, slots=True)
class KeepBack:
    """Don't send the player's own event on, though it was played: it would end what must sound on.

    Either another keyboard holds the same key, or the channel is lent to the model.
    """

    at: float
    event: PlayerEvent


@dataclass(frozen=True, slots=True)
class PassLate:
    """Send on now what was kept back; it has been counted as played already."""

    at: float
    event: PlayerEvent


@dataclass(frozen=True, slots=True)
class LiftPedal:
    """Lift the player's pedal on a channel that the model is about to play on."""

    at: float
    channel: int


@dataclass(frozen=True, slots=True)
class PlayNote:
    """Strike a key for the model. Meant for `due`; `at` minus `due` is how late it is."""

    at: float
    id: int
    pitch: int
    velocity: int
    channel: int
    due: float


@dataclass(frozen=True, slots=True)
class StopNote:
    """Release the key that `PlayNote` with this id struck."""

    at: float
    id: int
    pitch: int
    channel: int


@dataclass(frozen=True, slots=True)
class Silence:
    """End whatever hangs on a channel."""

    at: float
    channel: int


@dataclass(frozen=True, slots=True)
class Request:
    """What an answerer needs to know. The same request and seed get the same answer, whenever it is asked.

    The call ends with everything released. No onset may come before `starts_after`: a silence of
    `gap_at_least_s` has already passed by then. `length_s` bounds the onsets, counted from the first. Asked
    again for the same turn, all but ticket, attempt and `starts_after` stay as they were. Where the call is
    an answer itself, which goes on, `already` is how the knobs stood when it was asked for.
    """

    ticket: int
    turn: int
    attempt: int
    call: tuple[KeyEvent, ...]
    gap_at_least_s: float
    starts_after: float
    length_s: float
    already: Knobs = DEFAULT_KNOBS

    @property
    def was_asked(self) -> bool:
        """Whether an answer to this call has been asked for."""
        return self.attempt != NOT_ASKED


@dataclass(frozen=True, slots=True)
class AskForAnswer:
    """Ask for an answer, at least for what it does before `until`. Older requests are void."""

    at: float
    request: Request
    until: float
    knobs: Knobs = DEFAULT_KNOBS


@dataclass(frozen=True, slots=True)
class AskForMore:
    """Ask for what the answer does next, before `until`."""

    at: float
    ticket: int
    until: float
    knobs: Knobs = DEFAULT_KNOBS


@dataclass(frozen=True, slots=True)
class WakeAt:
    """Send `Woke` at this moment; takes the place of the one before."""

    at: float


@dataclass(frozen=True, slots=True)
class TurnChanged:
    """The turn is another's now."""

    at: float
    phase: Phase
    reason: Reason


Action = (
    PassOn
    | KeepBack
    | PassLate
    | LiftPedal
    | PlayNote
    | StopNote
    | Silence
    | AskForAnswer
    | AskForMore
    | WakeAt
    | TurnChanged
)
