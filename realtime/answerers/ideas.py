"""What an answerer has in mind before it plays, for those who want to see it.

To look changes nothing: whoever is looked at answers as it would have. Knows requests and notes. Must not
know threads, ports, clocks, or who looks.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol, runtime_checkable

from music.notes import Note, NoteOff, NoteOn
from realtime.knobs import DEFAULT_KNOBS, Knobs
from realtime.performer.actions import Request


@runtime_checkable
class OpenMind(Protocol):
    """An answerer that can be looked at while it hears a call and thinks. On its own thread, as all of it."""

    def sketch(self, request: Request, knobs: Knobs = DEFAULT_KNOBS) -> Iterator[NoteOn | NoteOff | None]:
        """What it would answer if it were asked now, with no time to think; an event as it is worked out, and
        None where it is still at work, so that whoever waits can look around."""
        ...

    def ready(self, request: Request, knobs: Knobs = DEFAULT_KNOBS) -> Sequence[Note]:
        """The best of what it has thought of by now for this request; none where nothing is ready."""
        ...

    def likely_keys(self) -> Mapping[int, float]:
        """The keys that may go down next in what it hears, each with its share of the chances; none where it
        expects nothing."""
        ...
