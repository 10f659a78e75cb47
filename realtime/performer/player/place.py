"""A place in music that was played before, from which the player goes on: what stands before it, and when.

Until somebody plays on or hands over, time stands still there: then it is laid to that moment. Knows key
events. Must not know turns.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import TypeVar

from music.notes import KeyEvent, NoteOff, NoteOn, Pedal

_Timed = TypeVar("_Timed", NoteOn | NoteOff | Pedal, NoteOn | NoteOff)


def laid(events: Iterable[_Timed], by_s: float) -> tuple[_Timed, ...]:
    """The same events, so many seconds later."""
    return tuple(replace(event, at=event.at + by_s) for event in events)


def let_go(events: Iterable[KeyEvent], at: float) -> tuple[KeyEvent, ...]:
    """What would let everything go that they leave held, at a moment."""
    held: dict[int, None] = {}
    is_pedal_down = False
    for event in events:
        if isinstance(event, NoteOn):
            held[event.pitch] = None
        elif isinstance(event, NoteOff):
            held.pop(event.pitch, None)
        else:
            is_pedal_down = event.down
    pedal: tuple[KeyEvent, ...] = (Pedal(at, False),) if is_pedal_down else ()
    return (*(NoteOff(at, pitch) for pitch in held), *pedal)
