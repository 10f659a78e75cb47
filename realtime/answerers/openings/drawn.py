"""An answer drawn event by event ahead of the question, as far as it has come.

Knows requests and events. Must not know a model: it is given what draws.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from music.notes import NoteOff, NoteOn
from realtime.answerers.answerer import AnswerEvents
from realtime.answerers.openings.last_key import at_last_key, later_s, struck_of
from realtime.answerers.steering import Steering
from realtime.knobs import Knobs
from realtime.performer.actions import Request

Draws = Callable[[Request, Knobs], AnswerEvents]


@dataclass
class Drawn:
    """The answer to a request by these knobs for which there is no time to think.

    `draws` works it out, for the request as it stands at its last key; `answers` gives it whole.
    """

    request: Request
    knobs: Knobs
    draws: Draws
    answers: Draws
    _events: list[NoteOn | NoteOff] = field(default_factory=list, init=False)  # only ever added to
    _basis: Request = field(init=False)

    def __post_init__(self) -> None:
        self._basis = at_last_key(self.request)

    def draw(self) -> Iterator[NoteOn | NoteOff]:
        """Its events as they would be given to the request, each drawn as it is taken."""
        for event in self.draws(self._basis, self.knobs):
            self._events.append(event)
            yield self._moved(event, self.request)

    def fits(self, request: Request, knobs: Knobs) -> bool:
        """Whether no key has gone down since, and nothing that shapes an answer was turned."""
        ours, theirs = (
            (asked.turn, asked.attempt, turned.temperature, Steering.of(turned, asked.already))
            for asked, turned in ((self.request, self.knobs), (request, knobs))
        )
        return ours == theirs and struck_of(request.call) == struck_of(self.request.call)

    def begun(self, request: Request) -> Sequence[NoteOn | NoteOff]:
        """What has been drawn by now."""
        return [self._moved(event, request) for event in tuple(self._events)]

    def answer(self, request: Request, knobs: Knobs) -> AnswerEvents:
        """Drawn once more from its beginning, which comes out the same: what may be drawn ahead of it was
        drawn by the knobs as they stood."""
        return self.answers(request, knobs)

    def _moved(self, event: NoteOn | NoteOff, request: Request) -> NoteOn | NoteOff:
        by_s = later_s(self._events[0].at, self._basis.starts_after, request.starts_after)
        return replace(event, at=event.at + by_s)
