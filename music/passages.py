"""How full and how empty a passage is: onsets, strikes of one key again and again, gaps and silences.

Knows notes. Must not know what is too much: that is the caller's to say.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

from music.notes import Note

MOMENT_S = 0.03  # onsets this near to one another are heard as one chord
SECOND_S = 1.0


@dataclass(frozen=True, slots=True)
class Passage:
    """What some notes come to at most, anywhere in them."""

    fullest_second: int  # onsets
    fullest_moment: int  # onsets
    longest_repetition: int  # strikes of one key running, with no other key struck between them
    longest_gap_s: float  # from one onset to the next
    longest_silence_s: float  # between two notes, with none sounding


class Passing:
    """A passage as it grows: a strike takes the same time however many there were."""

    def __init__(self) -> None:
        self._second, self._moment = _Window(SECOND_S), _Window(MOMENT_S)
        self._last_at: float | None = None
        self._again = (-1, 0)  # the key struck last, and how often running
        self.passage = Passage(0, 0, 0, 0.0, 0.0)

    def strike(self, at: float, pitch: int, silent_s: float) -> None:
        """A key went down, no earlier than the one before, after so long a silence."""
        last, times = self._again
        self._again = (pitch, times + 1 if pitch == last else 1)
        gap_s = 0.0 if self._last_at is None else at - self._last_at
        self._last_at = at
        before = self.passage
        self.passage = Passage(
            max(before.fullest_second, self._second.take(at)),
            max(before.fullest_moment, self._moment.take(at)),
            max(before.longest_repetition, self._again[1]),
            max(before.longest_gap_s, gap_s),
            max(before.longest_silence_s, silent_s),
        )

    def copy(self) -> "Passing":
        """The same, that may go on otherwise."""
        other = Passing()
        other._second, other._moment = self._second.copy(), self._moment.copy()
        other._last_at, other._again, other.passage = self._last_at, self._again, self.passage
        return other


class _Window:
    """Onsets, in order, that lie within one length of time; what is exactly so far apart is not within it."""

    def __init__(self, window_s: float) -> None:
        self._window_s, self._onsets = window_s, deque[float]()

    def copy(self) -> "_Window":
        """The same, that may go on otherwise."""
        other = _Window(self._window_s)
        other._onsets = self._onsets.copy()
        return other

    def take(self, at: float) -> int:
        """How many onsets the window that ends with this one holds."""
        self._onsets.append(at)
        while at - self._onsets[0] >= self._window_s:
            self._onsets.popleft()
        return len(self._onsets)


def passage_of(notes: Sequence[Note]) -> Passage:
    """Measure notes in order of their onsets, the pedal folded in; none come to nothing."""
    passing, until = Passing(), inf
    for note in notes:
        passing.strike(note.at, note.pitch, max(note.at - until, 0.0))
        until = max(until if until < inf else note.until, note.until)
    return passing.passage
