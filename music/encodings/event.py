"""`event`: the live writing. Every key that goes down or up is one token, the moment it happens.

A token has three fields: the gap since the token before it, which key went down or up, and how hard it went
down (`none` for a key going up). The rules:

- The pedal is folded by `music.pedal`, live too: one lift of the pedal can be several keys going up, gap 0
  between them. With `pedal=true` it is not folded: the pedal's own changes are two more symbols of the key
  field.
- A gap is counted between moments rounded to 10 ms cells, so rounding never adds up; above a second it is one
  of the growing buckets of `music.tokens.scales`, so a long rest may move what follows it as a whole and
  never tears a chord.
- A note that would end in the cell where it began lasts one cell; what follows in that cell moves with it.
- Keys outside the 88 are left out, and their time counts towards the next key that is written.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar

from music.beats import nearest_frame
from music.notes import (
    HIGHEST_KEY,
    KEYS,
    LOWEST_KEY,
    KeyEvent,
    NoteOff,
    NoteOn,
    Pedal,
    is_on_the_piano,
    pitch_name,
)
from music.pedal import SILENT_KEYBOARD, Keyboard, fold, silence
from music.tokens.encoding import LiveEncoding, Token
from music.tokens.scales import (
    CELLS_PER_S,
    gap_cells,
    gap_names,
    gap_number,
    velocity_bin,
    velocity_names,
    velocity_of,
)
from music.tokens.vocabulary import Field, Vocabulary

_FIRST_UP = KEYS
_PEDAL_DOWN = 2 * KEYS
_PEDAL_UP = 2 * KEYS + 1
_NO_VELOCITY = 0  # the velocity field of anything but a key going down; bins follow from 1


@dataclass(frozen=True, slots=True)
class EventState:
    """What sounds, the cell written last, the keys struck in it (as bits), the moment of the last event.

    `pedal_written` is the pedal as an event of its own; the keyboard's own pedal stays up then.
    """

    keyboard: Keyboard
    cell: int
    fresh: int
    last_at: float
    pedal_written: bool = False


@cache
def _vocabulary(with_pedal: bool) -> Vocabulary:
    piano = range(LOWEST_KEY, HIGHEST_KEY + 1)
    keys = [f"down {pitch_name(pitch)}" for pitch in piano] + [f"up {pitch_name(pitch)}" for pitch in piano]
    if with_pedal:
        keys += ["pedal down", "pedal up"]
    return Vocabulary(
        (
            Field("gap_s", gap_names()),
            Field("key", tuple(keys)),
            Field("velocity", ("none", *velocity_names())),
        )
    )


@dataclass(frozen=True)
class EventEncoding(LiveEncoding[EventState]):
    """Three fields: 141 gaps, 176 keys going down or up (178 with `pedal`), 32 velocities and none."""

    name: ClassVar[str] = "event"
    loses: ClassVar[str] = (
        "time below 10 ms (below 9 % in gaps over a second), velocity below 4 of 127, keys outside the 88, "
        "and, unless pedal=true, the pedal (folded into lengths)"
    )

    pedal: bool = False

    @property
    def vocabulary(self) -> Vocabulary:
        """Gaps, keys and velocities."""
        return _vocabulary(self.pedal)

    def as_live(self) -> "LiveEncoding[Any]":
        """This encoding, unless the pedal is an event of its own: the instrument has keys alone."""
        return super().as_live() if self.pedal else self

    def start(self, at: float = 0.0) -> EventState:
        """Nothing sounds; the clock stands at `at` seconds."""
        return EventState(SILENT_KEYBOARD, nearest_frame(at, CELLS_PER_S), 0, at)

    def feed(self, state: EventState, event: KeyEvent) -> tuple[EventState, tuple[Token, ...]]:
        """The state after what the player did, and the tokens that write it down: usually one, at once."""
        if isinstance(event, Pedal):
            if self.pedal:
                return _tell_pedal(state, event)
        elif not is_on_the_piano(event.pitch):
            return state, ()
        keyboard, sounds = fold(state.keyboard, event)
        return _tell_keys(state, keyboard, sounds, event.at)

    def flush(self, state: EventState) -> tuple[EventState, tuple[Token, ...]]:
        """Whatever still sounds goes up with the last event."""
        keyboard, sounds = silence(state.keyboard, state.last_at)
        return _tell_keys(state, keyboard, sounds, state.last_at)

    def perform(self, state: EventState, token: Token) -> tuple[EventState, tuple[KeyEvent, ...]]:
        """What a token does at the keyboard; an up of a silent key only lets its gap pass."""
        gap, key, velocity = token
        cell = state.cell + gap_cells(gap)
        at = cell / CELLS_PER_S
        if key >= _PEDAL_DOWN:
            down = key == _PEDAL_DOWN
            changes = (Pedal(at, down),) if down != state.pedal_written else ()
            return EventState(state.keyboard, cell, 0, at, down), changes
        keyboard, sounds = fold(state.keyboard, key_event(at, key, velocity))
        return EventState(keyboard, cell, 0, at, state.pedal_written), sounds

    def finish(self, state: EventState) -> tuple[KeyEvent, ...]:
        """Whatever still sounds goes up in the last cell."""
        return silence(state.keyboard, state.cell / CELLS_PER_S)[1]


def key_event(at: float, key: int, velocity: int) -> NoteOn | NoteOff:
    """What the key and velocity fields of a token say that happens at `at` seconds."""
    if key < _FIRST_UP:
        return NoteOn(at, LOWEST_KEY + key, velocity_of(max(velocity - 1, 0)))
    return NoteOff(at, LOWEST_KEY + key - _FIRST_UP)


def _tell_pedal(state: EventState, event: Pedal) -> tuple[EventState, tuple[Token, ...]]:
    if event.down == state.pedal_written:
        return state, ()
    cell = max(nearest_frame(event.at, CELLS_PER_S), state.cell)
    fresh = state.fresh if cell == state.cell else 0
    key = _PEDAL_DOWN if event.down else _PEDAL_UP
    token = (gap_number(cell - state.cell), key, _NO_VELOCITY)
    return EventState(state.keyboard, cell, fresh, event.at, event.down), (token,)


def _tell_keys(
    state: EventState, keyboard: Keyboard, sounds: tuple[NoteOn | NoteOff, ...], last_at: float
) -> tuple[EventState, tuple[Token, ...]]:
    tokens: list[Token] = []
    cell, fresh = state.cell, state.fresh
    for sound in sounds:
        key = 1 << sound.pitch
        due = max(nearest_frame(sound.at, CELLS_PER_S), cell)
        goes_down = isinstance(sound, NoteOn)
        if due == cell and fresh & key and not goes_down:
            due += 1
        if due > cell:
            fresh = 0
        tokens.append(_token(due - cell, sound))
        cell = due
        if goes_down:
            fresh |= key
    return EventState(keyboard, cell, fresh, last_at, state.pedal_written), tuple(tokens)


def _token(cells: int, sound: NoteOn | NoteOff) -> Token:
    key = sound.pitch - LOWEST_KEY
    if isinstance(sound, NoteOn):
        return (gap_number(cells), key, velocity_bin(sound.velocity) + 1)
    return (gap_number(cells), _FIRST_UP + key, _NO_VELOCITY)
