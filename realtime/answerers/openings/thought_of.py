"""The best passage that has been thought of by now, ready to be played.

Knows what was thought of. Must not know a model, nor whether there will be time to think of a better one.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from music.notes import Note, NoteOff, NoteOn
from realtime.answerers.answerer import AnswerEvents
from realtime.answerers.passages.part import Part
from realtime.answerers.passages.thinking import Thought
from realtime.knobs import Knobs
from realtime.performer.actions import Request

IsOf = Callable[[Request, Knobs], bool]
Plays = Callable[[Sequence[Note], Request, Knobs], AnswerEvents]


@dataclass
class ThoughtOf:
    """A passage that was thought of for this request, as it would begin if it were asked for just then.

    `is_of` says whether another request is for the same; `plays` gives the whole answer that begins with
    these notes.
    """

    request: Request
    thought: Thought
    passage: list[Note]
    is_of: IsOf
    plays: Plays
    _standing: Part = field(init=False)

    def __post_init__(self) -> None:
        self._standing = self._part(self._moved(self.request), self.request)

    def fits(self, request: Request, knobs: Knobs) -> bool:
        """Whether it was thought of for this, whenever it is asked."""
        is_same = (request.turn, request.attempt) == (self.request.turn, self.request.attempt)
        return is_same and self.is_of(request, knobs)

    def begun(self, request: Request) -> Sequence[NoteOn | NoteOff]:
        """The events of the passage."""
        if not self.thought.later_s(request.starts_after):  # at the moment that was foreseen, or nearly
            return self._standing.events
        return self._part(self._moved(request), request).events

    def answer(self, request: Request, knobs: Knobs) -> AnswerEvents:
        """This passage, and what follows it; whatever has come to be ranked higher meanwhile."""
        self.thought.keep_first(self.passage)
        return self.plays(self._moved(request), request, knobs)

    def _moved(self, request: Request) -> list[Note]:
        return self.thought.moved(self.passage, request.starts_after)

    def _part(self, notes: Sequence[Note], request: Request) -> Part:
        return Part.of(self.thought, notes, notes[0].at + request.length_s)
