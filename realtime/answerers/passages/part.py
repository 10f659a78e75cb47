"""A passage as it is played within an answer: what of it sounds on, and whether another one follows.

Knows notes and what was thought of. Must not know who asks.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from music.notes import Note, NoteOff, NoteOn, Pedal
from music.phrase import Phrase, events_of
from realtime.answerers.passages.thinking import Thought

SHORTEST_PASSAGE_S = 1.5  # what is left of an answer is another passage only if it is as long


@dataclass(frozen=True, slots=True)
class Part:
    """The notes, let go where the next passage begins, and their events; then from when on, and for how long,
    the answer goes on."""

    notes: Sequence[Note]
    events: tuple[NoteOn | NoteOff, ...]
    next_after: float
    left_s: float

    @classmethod
    def of(cls, thought: Thought, notes: Sequence[Note], until: float) -> "Part":
        """These notes, thought of for an answer that lasts until a moment."""
        next_after = thought.next_place(notes)
        left_s = until - next_after
        kept = _let_go_by(next_after, notes) if left_s >= SHORTEST_PASSAGE_S else notes
        return cls(kept, _events_of(kept), next_after, left_s)

    @property
    def goes_on(self) -> bool:
        """Whether another passage follows."""
        return self.left_s >= SHORTEST_PASSAGE_S


def _let_go_by(moment: float, notes: Sequence[Note]) -> list[Note]:
    """The notes, none sounding after a moment."""
    return [replace(note, length_s=min(note.length_s, max(moment - note.at, 0.0))) for note in notes]


def _events_of(notes: Sequence[Note]) -> tuple[NoteOn | NoteOff, ...]:
    return tuple(event for event in events_of(Phrase.of(notes)) if not isinstance(event, Pedal))
