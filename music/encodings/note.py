"""`note`: whole notes.

Each is one token: the gap since the onset before it, pitch, velocity, sounding length.

The rules:

- The pedal is folded by `music.pedal`; a length is how long the note sounds.
- Tokens stand in the order of onsets. Live, a note is written once it and every note before it has ended: a
  whole note can't be known earlier, which is why the instrument itself writes in `event`.
- Gaps and lengths are counted between moments rounded to 10 ms cells, in the buckets of
  `music.tokens.scales`. A length is one cell or more.
- Keys outside the 88 are left out.
- Performed, a key struck again while it sounds goes up first.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from math import inf
from typing import ClassVar

from music.beats import nearest_frame
from music.notes import (
    HIGHEST_KEY,
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

_STILL_SOUNDING = 0


@dataclass(frozen=True, slots=True)
class OpenNote:
    """A note by cells: where it began, and for how long it sounds (0 while that is not known)."""

    cell: int
    pitch: int
    velocity: int
    cells: int = _STILL_SOUNDING


@dataclass(frozen=True, slots=True)
class NoteState:
    """What is held, the last onset written, the moment of the last event, and notes not written or ended yet.

    Fed, `open` holds the notes not written yet, by onset; performed, those that have still to end.
    """

    keyboard: Keyboard
    cell: int
    last_at: float
    open: tuple[OpenNote, ...] = ()


@cache
def _vocabulary() -> Vocabulary:
    return Vocabulary(
        (
            Field("gap_s", gap_names()),
            Field("pitch", tuple(pitch_name(pitch) for pitch in range(LOWEST_KEY, HIGHEST_KEY + 1))),
            Field("velocity", velocity_names()),
            Field("length_s", gap_names()[1:]),
        )
    )


@dataclass(frozen=True)
class NoteEncoding(LiveEncoding[NoteState]):
    """Four fields: 141 gaps, 88 pitches, 32 velocities, 140 lengths."""

    name: ClassVar[str] = "note"
    loses: ClassVar[str] = (
        "time below 10 ms (below 9 % in gaps and lengths over a second), velocity below 4 of 127, "
        "keys outside the 88, the pedal (folded into lengths)"
    )

    @property
    def vocabulary(self) -> Vocabulary:
        """Gaps, pitches, velocities and lengths."""
        return _vocabulary()

    def start(self, at: float = 0.0) -> NoteState:
        """Nothing sounds; the clock stands at `at` seconds."""
        return NoteState(SILENT_KEYBOARD, nearest_frame(at, CELLS_PER_S), at)

    def feed(self, state: NoteState, event: KeyEvent) -> tuple[NoteState, tuple[Token, ...]]:
        """The state after what the player did, and the notes that are known by it."""
        if not isinstance(event, Pedal) and not is_on_the_piano(event.pitch):
            return state, ()
        keyboard, sounds = fold(state.keyboard, event)
        return _tell(state.cell, keyboard, _heard(state.open, sounds), event.at)

    def flush(self, state: NoteState) -> tuple[NoteState, tuple[Token, ...]]:
        """Whatever still sounds ends with the last event, and every note is written."""
        keyboard, sounds = silence(state.keyboard, state.last_at)
        return _tell(state.cell, keyboard, _heard(state.open, sounds), state.last_at)

    def perform(self, state: NoteState, token: Token) -> tuple[NoteState, tuple[KeyEvent, ...]]:
        """The ends that fall due up to the note's onset, then the note's key going down."""
        gap, pitch, velocity, length = token
        cell, pitch = state.cell + gap_cells(gap), LOWEST_KEY + pitch
        note = OpenNote(cell, pitch, velocity_of(velocity), gap_cells(length + 1))
        due = [other for other in state.open if other.cell + other.cells <= cell or other.pitch == pitch]
        left = tuple(other for other in state.open if other not in due)
        struck = NoteOn(cell / CELLS_PER_S, pitch, note.velocity)
        return NoteState(SILENT_KEYBOARD, cell, cell / CELLS_PER_S, (*left, note)), (
            *_ends(due, cell),
            struck,
        )

    def finish(self, state: NoteState) -> tuple[KeyEvent, ...]:
        """The ends of all notes that still sound, each in its time."""
        return _ends(state.open)


def _heard(notes: tuple[OpenNote, ...], sounds: tuple[NoteOn | NoteOff, ...]) -> tuple[OpenNote, ...]:
    heard = list(notes)
    for sound in sounds:
        cell = nearest_frame(sound.at, CELLS_PER_S)
        if isinstance(sound, NoteOn):
            heard.append(OpenNote(cell, sound.pitch, sound.velocity))
            continue
        for place, note in enumerate(heard):
            if note.pitch == sound.pitch and note.cells == _STILL_SOUNDING:
                heard[place] = OpenNote(note.cell, note.pitch, note.velocity, max(cell - note.cell, 1))
    return tuple(heard)


def _tell(
    cell: int, keyboard: Keyboard, notes: tuple[OpenNote, ...], last_at: float
) -> tuple[NoteState, tuple[Token, ...]]:
    tokens: list[Token] = []
    for note in notes:
        if note.cells == _STILL_SOUNDING:
            break
        gap, length = gap_number(note.cell - cell), gap_number(note.cells) - 1
        tokens.append((gap, note.pitch - LOWEST_KEY, velocity_bin(note.velocity), length))
        cell = note.cell
    return NoteState(keyboard, cell, last_at, notes[len(tokens) :]), tuple(tokens)


def _ends(notes: Iterable[OpenNote], latest: float = inf) -> tuple[NoteOff, ...]:
    ends = sorted((min(note.cell + note.cells, latest), note.pitch) for note in notes)
    return tuple(NoteOff(cell / CELLS_PER_S, pitch) for cell, pitch in ends)
