"""The face of everything that can answer a call.

Knows requests and key events. Must not know threads, ports, clocks or whose turn it is.
"""

from collections.abc import Iterator
from typing import Protocol

from music.notes import NoteOff, NoteOn
from realtime.performer.actions import Request


class Answerer(Protocol):
    """Answers calls. The same seed and request get the same answer, whatever was asked before and however late."""

    @property
    def name(self) -> str:
        """What it is, in a few honest words, for the line at start and for the take."""
        ...

    def answer(self, request: Request) -> Iterator[NoteOn | NoteOff]:
        """The answer's events in order of time, in seconds on the request's clock.

        Only as many are taken as the next stretch needs, so an answerer that works them out one by one starts
        at once. It is called, and its events are taken, on one thread.
        """
        ...
