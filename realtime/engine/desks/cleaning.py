"""What an answerer gives, before the performer sees it: only what can be played gets through.

An answerer is somebody else's code, or a graph in a file, and may give a pitch of -5 or a moment that is no
number; the performer goes by what it is given. Knows events. Must not know tickets, threads or ports.
"""

from collections.abc import Callable
from math import isfinite
from numbers import Integral, Real

from music.notes import NoteOff, NoteOn

FARTHEST_S = 600.0  # from the moment that an answer starts after; the longest answer has 120 seconds
MOST_IN_A_STRETCH = 4096  # events: some minutes of dense playing, for a stretch of a second


class Endless(Exception):
    """An answer of which more is given at one moment than anybody can play."""


def cleaned(event: object, starts_after: float) -> NoteOn | NoteOff | None:
    """The event in plain numbers, its velocity brought within 1 to 127; None for one that can't be played."""
    if not isinstance(event, NoteOn | NoteOff):
        return None
    at, pitch = _number(event.at), _pitch(event.pitch)
    if at is None or pitch is None or abs(at - starts_after) > FARTHEST_S:
        return None
    if isinstance(event, NoteOff):
        return NoteOff(at, pitch)
    velocity = _number(event.velocity)
    return None if velocity is None else NoteOn(at, pitch, min(max(round(velocity), 1), 127))


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, Real) and isfinite(value) else None


def _pitch(value: object) -> int | None:
    pitch = int(value) if isinstance(value, Integral) else -1
    return pitch if 0 <= pitch <= 127 else None


class Sieve:
    """Lets events through that can be played, and says the first time that it leaves one out."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._has_said = False

    def sifted(self, event: object, starts_after: float) -> NoteOn | NoteOff | None:
        """The event as it may be played, or None."""
        clean = cleaned(event, starts_after)
        if clean is None and not self._has_said:
            self._has_said = True
            self._say(f"the answerer gave what nobody can play, which is left out: {str(event)[:100]}")
        return clean
