"""`performance`: the 388 events of Performance RNN, on a 10 ms grid with the pedal folded in.

The rules, which decide how many events a piece has:

- The pedal is folded by `music.pedal`: a released key sounds until the pedal lifts or the key is struck
  again.
- A moment is rounded to the nearest cell of 10 ms, half a cell upwards; no event lies before the one before
  it.
- A note that would end in the cell where it began lasts one cell; what follows in that cell moves with it.
- Time passes in shifts of 1 to 100 cells, the longest first.
- Velocities have 32 bins of four (1-4, 5-8, ... 125-127); a velocity event stands before a key that goes down
  when the bin differs from the last one written, and so always before the first note.
- A key struck while it sounds goes up first, then down, in the same cell.
"""

from dataclasses import dataclass, replace
from functools import cache
from typing import ClassVar

from music.beats import nearest_frame
from music.notes import DEFAULT_VELOCITY, KeyEvent, NoteOff, NoteOn, pitch_name
from music.pedal import SILENT_KEYBOARD, Keyboard, fold, silence
from music.tokens.encoding import LiveEncoding, Token
from music.tokens.scales import CELLS_PER_S, VELOCITY_BINS, velocity_bin, velocity_of
from music.tokens.vocabulary import Vocabulary, symbols

_PITCHES = 128
_SHIFTS = 100
_FIRST_OFF = _PITCHES
_FIRST_SHIFT = 2 * _PITCHES
_FIRST_VELOCITY = _FIRST_SHIFT + _SHIFTS
_NO_VELOCITY = -1


@dataclass(frozen=True, slots=True)
class PerformanceState:
    """What sounds, the last cell written, keys struck in it (bits), the last event's moment, the last bin."""

    keyboard: Keyboard
    cell: int
    fresh: int
    last_at: float
    velocity: int = _NO_VELOCITY


@cache
def _vocabulary() -> Vocabulary:
    return symbols(
        *(f"down {pitch_name(pitch)}" for pitch in range(_PITCHES)),
        *(f"up {pitch_name(pitch)}" for pitch in range(_PITCHES)),
        *(f"wait {cells / CELLS_PER_S:.2f}" for cells in range(1, _SHIFTS + 1)),
        *(f"velocity {velocity_of(number)}" for number in range(VELOCITY_BINS)),
    )


@dataclass(frozen=True)
class PerformanceEncoding(LiveEncoding[PerformanceState]):
    """One field of 388 symbols: 128 keys down, 128 up, 100 shifts of time, 32 velocities."""

    name: ClassVar[str] = "performance"
    loses: ClassVar[str] = "time below 10 ms, velocity below 4 of 127, the pedal (folded into lengths)"

    @property
    def vocabulary(self) -> Vocabulary:
        """The 388 symbols."""
        return _vocabulary()

    def start(self, at: float = 0.0) -> PerformanceState:
        """Nothing sounds; the clock stands at `at` seconds."""
        return PerformanceState(SILENT_KEYBOARD, nearest_frame(at, CELLS_PER_S), 0, at)

    def feed(self, state: PerformanceState, event: KeyEvent) -> tuple[PerformanceState, tuple[Token, ...]]:
        """The state after what the player did, and the events that write it down."""
        keyboard, sounds = fold(state.keyboard, event)
        return _tell(state, keyboard, sounds, event.at)

    def flush(self, state: PerformanceState) -> tuple[PerformanceState, tuple[Token, ...]]:
        """Whatever still sounds goes up with the last event."""
        keyboard, sounds = silence(state.keyboard, state.last_at)
        return _tell(state, keyboard, sounds, state.last_at)

    def perform(self, state: PerformanceState, token: Token) -> tuple[PerformanceState, tuple[KeyEvent, ...]]:
        """What one of the 388 events does at the keyboard; an up of a silent key does nothing."""
        (number,) = token
        if number >= _FIRST_VELOCITY:
            return replace(state, velocity=number - _FIRST_VELOCITY), ()
        if number >= _FIRST_SHIFT:
            return replace(state, cell=state.cell + number - _FIRST_SHIFT + 1), ()
        at = state.cell / CELLS_PER_S
        if number >= _FIRST_OFF:
            event: KeyEvent = NoteOff(at, number - _FIRST_OFF)
        else:
            event = NoteOn(at, number, _velocity_now(state))
        keyboard, sounds = fold(state.keyboard, event)
        return replace(state, keyboard=keyboard), sounds

    def finish(self, state: PerformanceState) -> tuple[KeyEvent, ...]:
        """Whatever still sounds goes up in the last cell."""
        return silence(state.keyboard, state.cell / CELLS_PER_S)[1]


def _tell(
    state: PerformanceState, keyboard: Keyboard, sounds: tuple[NoteOn | NoteOff, ...], last_at: float
) -> tuple[PerformanceState, tuple[Token, ...]]:
    tokens: list[Token] = []
    cell, fresh, velocity = state.cell, state.fresh, state.velocity
    for sound in sounds:
        key = 1 << sound.pitch
        due = max(nearest_frame(sound.at, CELLS_PER_S), cell)
        if due == cell and fresh & key and isinstance(sound, NoteOff):
            due += 1
        if due > cell:
            tokens.extend(_shifts(due - cell))
            cell, fresh = due, 0
        if isinstance(sound, NoteOff):
            tokens.append((_FIRST_OFF + sound.pitch,))
            continue
        if velocity_bin(sound.velocity) != velocity:
            velocity = velocity_bin(sound.velocity)
            tokens.append((_FIRST_VELOCITY + velocity,))
        tokens.append((sound.pitch,))
        fresh |= key
    return PerformanceState(keyboard, cell, fresh, last_at, velocity), tuple(tokens)


def _velocity_now(state: PerformanceState) -> int:
    return DEFAULT_VELOCITY if state.velocity == _NO_VELOCITY else velocity_of(state.velocity)


def _shifts(cells: int) -> list[Token]:
    whole, rest = divmod(cells, _SHIFTS)
    tokens: list[Token] = [(_FIRST_SHIFT + _SHIFTS - 1,)] * whole
    if rest:
        tokens.append((_FIRST_SHIFT + rest - 1,))
    return tokens
