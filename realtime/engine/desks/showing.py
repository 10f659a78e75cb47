"""What an answerer has in mind, as rows for those who look: the answer that stands ready, what it expects.

Nothing is worked out while nobody looks, and rows are few. Notes are shown as the performer would play them,
bent to its limits. Knows rows and rules. Must not know threads, pages or who answers.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

from music.notes import KeyEvent, Note, NoteOff, NoteOn
from music.phrase import Phrase, events_of, phrase_of
from realtime.engine.clock import Clock
from realtime.performer.rules import DEFAULT_RULES, Rules
from realtime.performer.sound.limits import begun, bent
from realtime.rows.kinds import Row

EVERY_S = 0.1  # an idea that changes and changes
MOST_NOTES = 400  # of an idea; more are as good as hidden behind one another

Call = Sequence[KeyEvent]


class Showing:
    """Shows ideas to whoever looks: on the answerer's thread alone, but for `look`."""

    def __init__(
        self,
        clock: Clock,
        rules: Callable[[], Rules] = lambda: DEFAULT_RULES,
        tell: Callable[[Row], None] = lambda _: None,
    ) -> None:
        self._clock, self._rules = clock, rules
        self.tell = tell
        self._shown_at = -EVERY_S
        self._notes: object = None
        self._keys: object = None
        self.is_wanted = False

    def look(self, wanted: bool) -> None:
        """Somebody looks, and has seen nothing yet, or nobody does any more; from any thread."""
        if wanted:
            self._notes = self._keys = None
        self.is_wanted = wanted

    @property
    def is_due(self) -> bool:
        """Whether another idea may be shown."""
        return self.is_wanted and self._clock.now() >= self._shown_at + EVERY_S

    def sketched(self, call: Call, events: Iterable[NoteOn | NoteOff], after: float) -> None:
        """What would be answered at once to a call that ends at a moment, as far as it is worked out."""
        self._show(call, events, after, begins_at=None, is_sketch=True)

    def stands_ready(self, call: Call, notes: Sequence[Note], begins_at: float) -> None:
        """What will be answered if nothing more happens, from a moment on; nothing, where there is none."""
        events = [event for event in events_of(Phrase.of(notes)) if isinstance(event, NoteOn | NoteOff)]
        self._show(call, events, begins_at, begins_at=begins_at, is_sketch=False)

    def expects(self, keys: Mapping[int, float]) -> None:
        """The keys that may go down next."""
        if keys != self._keys:
            self._keys = keys
            shares = [[pitch, round(share, 3)] for pitch, share in keys.items()]
            self.tell({"kind": "expected", "at": self._clock.now(), "keys": shares})

    def _show(
        self,
        call: Call,
        events: Iterable[NoteOn | NoteOff],
        after: float,
        *,
        begins_at: float | None,
        is_sketch: bool,
    ) -> None:
        limits = self._rules().limits
        if not limits.are_none:
            _, events = bent(begun(tuple(call), limits), tuple(events), limits)
        notes = phrase_of(tuple(events)).notes[:MOST_NOTES]
        listed = [[round(n.at - after, 3), n.pitch, n.velocity, round(n.length_s, 3)] for n in notes]
        shown = (begins_at, is_sketch, listed)
        if shown == self._notes:
            return
        self._notes, self._shown_at = shown, self._clock.now()
        idea = {"kind": "idea", "at": self._shown_at, "begins_at": begins_at}
        self.tell({**idea, "is_sketch": is_sketch, "notes": listed})
