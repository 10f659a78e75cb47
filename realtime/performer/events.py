"""What can happen to the performer: small values, each with the moment it happened.

`at` is in seconds on one monotonic clock, stamped where the thing happened. Channels count from 0. `source`
numbers the keyboard that it came from. Must not know ports, clocks or models.
"""

from dataclasses import dataclass

from music.notes import DEFAULT_VELOCITY, KeyEvent, NoteOff, NoteOn

PEDAL_IS_DOWN_FROM = 64  # of 127: the MIDI standard's switch point of a pedal


@dataclass(frozen=True, slots=True)
class KeyDown:
    """The player struck a key."""

    at: float
    pitch: int
    velocity: int
    channel: int = 0
    source: int = 0


@dataclass(frozen=True, slots=True)
class KeyUp:
    """The player let a key go; `velocity` says how fast."""

    at: float
    pitch: int
    channel: int = 0
    source: int = 0
    velocity: int = DEFAULT_VELOCITY


@dataclass(frozen=True, slots=True)
class PedalMoved:
    """The player's sustain pedal stands at `depth`, from 0 (up) to 127 (down)."""

    at: float
    depth: int
    channel: int = 0
    source: int = 0

    @property
    def down(self) -> bool:
        """Whether it sustains."""
        return self.depth >= PEDAL_IS_DOWN_FROM


@dataclass(frozen=True, slots=True)
class HandOverNow:
    """The player asked for the answer without waiting for the silence."""

    at: float


@dataclass(frozen=True, slots=True)
class AskedAnew:
    """The player wants another answer, also in place of the one that is being given."""

    at: float


@dataclass(frozen=True, slots=True)
class Forgot:
    """The player wants the last phrase forgotten, and how it was played."""

    at: float


@dataclass(frozen=True, slots=True)
class TookUp:
    """The player goes on from a place in music that was played before: this phrase, and this of its answer.

    There, moments count from the place, so that none lies after 0; without an answer the phrase isn't over.
    """

    at: float
    call: tuple[KeyEvent, ...]
    answered: tuple[NoteOn | NoteOff, ...] = ()


@dataclass(frozen=True, slots=True)
class Froze:
    """The player wants the answer to go on whatever is played; or, said again, no longer."""

    at: float


@dataclass(frozen=True, slots=True)
class Paused:
    """The clock that is followed stopped: the answer is in a pause."""

    at: float


@dataclass(frozen=True, slots=True)
class WentOn:
    """It goes on."""

    at: float


@dataclass(frozen=True, slots=True)
class Panic:
    """Somebody asked for silence."""

    at: float


@dataclass(frozen=True, slots=True)
class InputLost:
    """A keyboard went away; what was held on it will never be let go."""

    at: float
    source: int


@dataclass(frozen=True, slots=True)
class OutputLost:
    """A port that the answer sounds through went away."""

    at: float


@dataclass(frozen=True, slots=True)
class Woke:
    """The moment of the last `WakeAt` has come, perhaps a little ago."""

    at: float


@dataclass(frozen=True, slots=True)
class AnswerCame:
    """A stretch of the answer: all that it does before `covers_until`, in seconds on the clock of the events.

    The notes carry the moments at which they are meant; the first stretch follows a request, the
    next ones an `AskForMore`. `is_over` says that no more is to come.
    """

    at: float
    ticket: int
    events: tuple[NoteOn | NoteOff, ...]
    covers_until: float
    is_over: bool


@dataclass(frozen=True, slots=True)
class AnswerFailed:
    """The answerer gave up."""

    at: float
    ticket: int
    reason: str


@dataclass(frozen=True, slots=True)
class Stopped:
    """The instrument is being put away."""

    at: float


PlayerEvent = KeyDown | KeyUp | PedalMoved
Event = (
    PlayerEvent
    | HandOverNow
    | AskedAnew
    | Forgot
    | TookUp
    | Froze
    | Paused
    | WentOn
    | Panic
    | InputLost
    | OutputLost
    | Woke
    | AnswerCame
    | AnswerFailed
    | Stopped
)
EVENTS: tuple[type[Event], ...] = (
    KeyDown,
    KeyUp,
    PedalMoved,
    HandOverNow,
    AskedAnew,
    Forgot,
    TookUp,
    Froze,
    Paused,
    WentOn,
    Panic,
    InputLost,
    OutputLost,
    Woke,
    AnswerCame,
    AnswerFailed,
    Stopped,
)
