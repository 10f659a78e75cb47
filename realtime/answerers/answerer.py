"""The face of everything that can answer a call.

Knows requests and key events. Must not know threads, ports, clocks or whose turn it is.
"""

from collections.abc import Generator
from typing import Protocol

from music.notes import KeyEvent, NoteOff, NoteOn
from realtime.knobs import DEFAULT_KNOBS, Knobs
from realtime.performer.actions import Request

# Events in order of time. Whoever takes one may `send` where the knobs stand by now; with `next`, they stay.
AnswerEvents = Generator[NoteOn | NoteOff, Knobs | None, None]


class Answerer(Protocol):
    """Answers calls.

    The same seed, request, knobs and time to think get the same answer, whatever was asked before and however
    late.
    """

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

    def expect(self, request: Request, knobs: Knobs = DEFAULT_KNOBS) -> None:
        """Be ready to think of answers to this request, which is expected but not asked yet."""
        ...

    def think(self) -> bool:
        """Think of what is expected for some milliseconds; whether there is more to think of."""
        ...

    def answer(self, request: Request, knobs: Knobs = DEFAULT_KNOBS) -> AnswerEvents:
        """The answer's events in order, in seconds on the request's clock; the knobs may turn meanwhile.

        Only as many are taken as the next stretch needs, so an answerer that works them out one by one starts
        at once. All is called, and events are taken, on one thread.
        """
        ...
