"""How an answer begins that stands ready: put here by the answerer's thread, taken by whoever asks, at once.

The two threads meet in one attribute, which is read and written as a whole. What stands here may be of an
older call, or of knobs that have been turned: whether it fits is seen when it is asked for. Knows openings.
Must not know who thinks of them, or when.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from music.notes import NoteOff, NoteOn
from realtime.answerers.openings.opening import Opening
from realtime.engine.desks.cleaning import cleaned
from realtime.performer.actions import AskForAnswer
from realtime.performer.events import AnswerCame


class OtherwiseError(Exception):
    """An answer that goes on as another than it was begun as."""


@dataclass(frozen=True, slots=True)
class Begun:
    """The first stretch of an answer, which has been given; the rest is still to be worked out."""

    question: AskForAnswer
    opening: Opening
    events: tuple[NoteOn | NoteOff, ...]
    covers_until: float

    def came(self, at: float) -> AnswerCame:
        """The stretch, as the performer gets it."""
        return AnswerCame(at, self.question.request.ticket, self.events, self.covers_until, is_over=False)

    def check_goes_on(self, events: Sequence[NoteOn | NoteOff]) -> None:
        """An error if the answer, worked out from its beginning, doesn't begin so."""
        if _keys(events) != _keys(self.events):
            raise OtherwiseError("it goes on as another answer than it was begun as")


class Standing:
    """The opening that stands ready, if there is one."""

    def __init__(self) -> None:
        self._opening: Opening | None = None

    def put(self, opening: Opening | None) -> None:
        """In place of the one before."""
        self._opening = opening

    def begun(self, question: AskForAnswer) -> Begun | None:
        """The first stretch of the answer to this, where what stands ready is just that; None where it has to
        be worked out."""
        opening = self._opening
        with suppress(Exception):  # what is wrong with an answerer shows itself where it answers
            if opening is not None and opening.fits(question.request, question.knobs):
                return _begun(opening, question)
        return None


def _begun(opening: Opening, question: AskForAnswer) -> Begun | None:
    """None where not all of the stretch is known, or not all that is known can be played."""
    stretch: list[NoteOn | NoteOff] = []
    for event in opening.begun(question.request):
        clean = cleaned(event, question.request.starts_after)
        if clean is None:
            return None
        if clean.at >= question.until:
            return Begun(question, opening, tuple(stretch), clean.at)
        stretch.append(clean)
    return None


def _keys(events: Sequence[NoteOn | NoteOff]) -> list[tuple[type, int]]:
    return [(type(event), event.pitch) for event in events]
