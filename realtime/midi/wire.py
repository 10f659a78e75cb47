"""Bytes of MIDI 1.0 and the performer's events and actions.

A message is read once, by `read`. Knows status bytes. Must not know ports, threads or whose turn it is.
"""

from dataclasses import dataclass

from music.notes import DEFAULT_VELOCITY
from realtime.performer.events import KeyDown, KeyUp, PedalMoved, PlayerEvent

NOTE_OFF, NOTE_ON, CONTROL, PROGRAM = 0x80, 0x90, 0xB0, 0xC0
FIRST_STATUS, FIRST_SYSTEM_STATUS, FIRST_REAL_TIME = 0x80, 0xF0, 0xF8
SUSTAIN, LEFT_PEDAL, ALL_SOUND_OFF, CONTROLLERS_RESET, ALL_NOTES_OFF = 64, 67, 120, 121, 123
LETTING_GO = frozenset(range(ALL_NOTES_OFF, 128))  # by the standard, a change of mode lets go as well
KEYS = 128
EXCLUSIVE, END_OF_EXCLUSIVE = 0xF0, 0xF7
_SYSTEM_LENGTHS = {0xF1: 2, 0xF2: 3, 0xF3: 2, 0xF6: 1, 0xF8: 1, 0xFA: 1, 0xFB: 1, 0xFC: 1, 0xFE: 1, 0xFF: 1}
_LENGTHS = {0x80: 3, 0x90: 3, 0xA0: 3, 0xB0: 3, 0xC0: 2, 0xD0: 2, 0xE0: 3}  # of channel messages, by status


@dataclass(frozen=True, slots=True)
class ControllerTurned:
    """A controller other than the sustain pedal stands at a value from 0 to 127."""

    at: float
    number: int
    value: int
    channel: int = 0
    source: int = 0


@dataclass(frozen=True, slots=True)
class ProgramChosen:
    """A program was chosen, counted from 0."""

    at: float
    program: int


@dataclass(frozen=True, slots=True)
class OtherMessage:
    """Something else that a keyboard sends to be heard, such as a pitch bend."""

    at: float


@dataclass(frozen=True, slots=True)
class SystemMessage:
    """What speaks to the whole instrument: the clock, start and stop, active sensing, a system exclusive."""

    at: float


Played = PlayerEvent | ControllerTurned | ProgramChosen | OtherMessage | SystemMessage


def read(message: bytes, at: float, source: int) -> Played | None:
    """What the player did, None for no whole message; striking with velocity 0 is a release."""
    if not _is_channel_message(message):
        return SystemMessage(at) if _is_system_message(message) else None
    kind, channel = message[0] & 0xF0, message[0] & 0x0F
    if kind == NOTE_ON and message[2] > 0:
        return KeyDown(at, message[1], message[2], channel, source)
    if kind == NOTE_ON:
        return KeyUp(at, message[1], channel, source)
    if kind == NOTE_OFF:
        return KeyUp(at, message[1], channel, source, message[2])
    if kind == PROGRAM:
        return ProgramChosen(at, message[1])
    if kind == CONTROL and message[1] == SUSTAIN:
        return PedalMoved(at, message[2], channel, source)
    if kind == CONTROL:
        return ControllerTurned(at, message[1], message[2], channel, source)
    return OtherMessage(at)


def _is_channel_message(message: bytes) -> bool:
    if not message or not FIRST_STATUS <= message[0] < FIRST_SYSTEM_STATUS:
        return False
    return len(message) == _LENGTHS[message[0] & 0xF0] and max(message[1:], default=0) < 0x80


def _is_system_message(message: bytes) -> bool:
    if not message or message[0] < FIRST_SYSTEM_STATUS:
        return False
    if message[0] == EXCLUSIVE:
        return len(message) > 1 and message[-1] == END_OF_EXCLUSIVE and max(message[1:-1], default=0) < 0x80
    return len(message) == _SYSTEM_LENGTHS.get(message[0]) and max(message[1:], default=0) < 0x80


def bytes_of(event: PlayerEvent) -> bytes:
    """The message that says what the player did."""
    if isinstance(event, KeyDown):
        return struck(event.channel, event.pitch, event.velocity)
    if isinstance(event, KeyUp):
        return released(event.channel, event.pitch, event.velocity)
    return bytes((CONTROL | event.channel, SUSTAIN, event.depth))


def struck(channel: int, pitch: int, velocity: int) -> bytes:
    """A key going down; channels count from 0."""
    return bytes((NOTE_ON | channel, pitch, velocity))


def released(channel: int, pitch: int, velocity: int = DEFAULT_VELOCITY) -> bytes:
    """A key going up."""
    return bytes((NOTE_OFF | channel, pitch, velocity))


def silence(channel: int) -> list[bytes]:
    """Messages that end everything on a channel."""
    return [*let_go(channel), bytes((CONTROL | channel, ALL_SOUND_OFF, 0))]


def every_key_released(channel: int) -> list[bytes]:
    """A release for each key of a channel: for synths that don't know "all notes off"."""
    return [released(channel, pitch) for pitch in range(KEYS)]


def lifted(channel: int) -> bytes:
    """The pedal going up."""
    return bytes((CONTROL | channel, SUSTAIN, 0))


def let_go(channel: int) -> list[bytes]:
    """Messages that let go of the pedal and of all keys on a channel; what rings may die away."""
    status = CONTROL | channel
    return [bytes((status, SUSTAIN, 0)), bytes((status, ALL_NOTES_OFF, 0))]


def silence_everywhere() -> list[bytes]:
    """Messages that end everything on all sixteen channels."""
    return [message for channel in range(16) for message in silence(channel)]
