"""The face of everything that can answer a call.

Knows requests and key events. Must not know threads, ports, clocks or whose turn it is.
"""

from collections.abc import Callable, Iterator
from typing import Protocol

from music.notes import KeyEvent, NoteOff, NoteOn
from realtime.performer.actions import Request

Temperature = Callable[[], float]  # how daring to be now; it may change while an answer is given


def lukewarm() -> float:
    """The temperature when nobody says one."""
    return 1.0


class Answerer(Protocol):
    """Answers calls. The same seed, request and temperature give the same answer, whenever they come."""

    @property
    def name(self) -> str:
        """What it is, in a few honest words, for the line at start and for the take."""
        ...

    @property
    def device(self) -> str:
        """What works it out: `cpu`, `cuda`, or `none` without a network."""
        ...

    def hear(self, call: tuple[KeyEvent, ...]) -> None:
        """Get ready for a call that is still growing; this changes no answer, only how soon it comes."""
        ...

    def answer(self, request: Request, temperature: Temperature = lukewarm) -> Iterator[NoteOn | NoteOff]:
        """The answer's events in order of time, in seconds on the request's clock.

        Only as many are taken as the next stretch needs, so an answerer that works them out one by one starts
        at once. All is called, and events are taken, on one thread.
        """
        ...
