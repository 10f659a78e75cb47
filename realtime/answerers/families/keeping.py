"""An answer's notes, kept within the bounds of its call (`answerers.bounds`), and its end.

What would be too full is left out, what would be too empty comes sooner, and with it all that follows. Knows
notes and bounds. Must not know models or encodings.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from math import ceil, inf

from music.notes import LOWEST_KEY, Note, is_on_the_piano
from realtime.answerers.bounds import Course, bounds_for
from realtime.answerers.line import LONGEST_WAIT_S, SHORTEST_NOTE_S

SOON_S = 0.01  # after the hand-over: in the future when it arrives


@dataclass
class Keeping:
    """Takes notes as a model made them, by onset, and gives them as they are played.

    `step_s` is the length of a step for a model of steps: then the answer begins some whole steps later than
    it was drawn, so that it stays on its grid.
    """

    call: Sequence[Note]
    starts_after: float
    length_s: float
    step_s: float = 0.0
    is_over: bool = field(default=False, init=False)
    _later_s: float | None = field(default=None, init=False)
    _ends_at: float = field(default=inf, init=False)
    _at: float = field(default=-inf, init=False)  # of the note that was kept last
    _sounding: dict[int, float] = field(default_factory=dict, init=False)  # until when
    _course: Course = field(init=False)

    def __post_init__(self) -> None:
        self._course = Course(bounds_for(self.call), self.starts_after + LONGEST_WAIT_S)

    def take(self, note: Note) -> Note | None:
        """The note as it is played; None where it is left out, or the answer is over."""
        if self._later_s is None:
            self._later_s = self._wait_s(note.at)
        at = note.at + self._later_s
        self._let_go(at)
        if at > self._course.latest:
            sooner = max(self._course.latest, self._at, self.starts_after + SOON_S)
            self._later_s, at = self._later_s + sooner - at, sooner
        if at >= self._ends_at:
            self.is_over = True
            return None
        key = note.pitch - LOWEST_KEY
        course = self._course
        is_left_out = not is_on_the_piano(note.pitch) or at < max(course.earliest, self._at)
        if is_left_out or key == course.weary or course.sounding.get(key) == at:
            return None
        course.strike(at, key)
        self._ends_at, self._at = min(self._ends_at, at + self.length_s), at
        kept = replace(note, at=at, length_s=max(note.length_s, SHORTEST_NOTE_S))
        self._sounding[key] = kept.until
        return kept

    def _wait_s(self, first_at: float) -> float:
        """How much later than it was drawn the answer is played."""
        missing = max(self.starts_after + SOON_S - first_at, 0.0)
        return ceil(missing / self.step_s) * self.step_s if self.step_s else missing

    def _let_go(self, at: float) -> None:
        for until, key in sorted((until, key) for key, until in self._sounding.items() if until <= at):
            self._course.release(until, key)
            del self._sounding[key]
