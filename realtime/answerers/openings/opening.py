"""The face of an answer whose beginning stands ready before it is asked for, as finished notes.

Whoever asks takes the beginning at once, on whatever thread; the rest is worked out on the answerer's own.
Knows requests and key events. Must not know threads or clocks, nor how the notes were found.
"""

from collections.abc import Iterator, Sequence
from typing import Protocol, runtime_checkable

from music.notes import NoteOff, NoteOn
from realtime.answerers.answerer import AnswerEvents
from realtime.knobs import DEFAULT_KNOBS, Knobs
from realtime.performer.actions import Request


class Opening(Protocol):
    """How an answer begins. `fits` and `begun` may be asked from any thread, and take no time to speak of."""

    def fits(self, request: Request, knobs: Knobs) -> bool:
        """Whether it is how this would be answered now."""
        ...

    def begun(self, request: Request) -> Sequence[NoteOn | NoteOff]:
        """The first events of the answer, as many as are known, in order, on the request's clock."""
        ...

    def answer(self, request: Request, knobs: Knobs) -> AnswerEvents:
        """The whole answer, which begins with just these events; on the answerer's thread."""
        ...


class DrawnOpening(Opening, Protocol):
    """One that is being drawn."""

    def draw(self) -> Iterator[NoteOn | NoteOff]:
        """Its events, each worked out as it is taken; on the answerer's thread."""
        ...


@runtime_checkable
class OpensAhead(Protocol):
    """An answerer whose answers can stand ready. On its own thread, as all of it."""

    def opening(self, request: Request, knobs: Knobs = DEFAULT_KNOBS) -> DrawnOpening:
        """The answer that is given where there was no time to think."""
        ...

    def is_nearly_ready(self, request: Request, knobs: Knobs = DEFAULT_KNOBS) -> bool:
        """Whether so much has been thought of by now that another answer is given than the one drawn."""
        ...

    def opening_thought_of(self, request: Request, knobs: Knobs = DEFAULT_KNOBS) -> Opening | None:
        """The best that has been thought of by now; None where that can't be played as it stands."""
        ...
