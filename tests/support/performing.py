"""A performer under test: events go in, and all that it did stays to be looked at."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeVar

from music.notes import NoteOff, NoteOn
from realtime.performer.actions import Action, PlayNote, StopNote, WakeAt
from realtime.performer.events import AnswerCame, Event, KeyDown, KeyUp, Woke
from realtime.performer.phases import Phase
from realtime.performer.rules import DEFAULT_RULES, Rules
from realtime.performer.state import FRESH, State
from realtime.performer.turns import step

Kind = TypeVar("Kind")


@dataclass
class Performing:
    """Runs the pure core, keeping every action; `rules` may be changed between two events."""

    rules: Rules = DEFAULT_RULES
    state: State = FRESH
    actions: list[Action] = field(default_factory=list)

    def take(self, *events: Event) -> list[Action]:
        """Take events in order; the actions of them all."""
        done: list[Action] = []
        for event in events:
            self.state, actions = step(self.state, event, self.rules)
            done.extend(actions)
        self.actions.extend(done)
        return done

    def wake(self) -> list[Action]:
        """The alarm rings, just in time; and again, where a silence was only looked at."""
        done = self._ring()
        while self._is_in_a_silence and set(map(type, done)) == {WakeAt}:
            done.extend(self._ring())
        return done

    @property
    def _is_in_a_silence(self) -> bool:
        return self.phase is Phase.CALLING and self.state.quiet_since is not None

    def _ring(self) -> list[Action]:
        assert self.state.wake_at is not None, "no alarm is set"
        return self.take(Woke(self.state.wake_at))

    def wake_until(self, at: float) -> list[Action]:
        """The alarm rings as often as it is set, until a moment."""
        done: list[Action] = []
        while self.state.wake_at is not None and self.state.wake_at <= at:
            done.extend(self._ring())
        return done

    @property
    def phase(self) -> Phase:
        """Whose turn it is."""
        return self.state.phase

    def all(self, kind: type[Kind]) -> list[Kind]:
        """All actions of a kind so far."""
        return [action for action in self.actions if isinstance(action, kind)]

    def sounding(self) -> set[int]:
        """The ids of the model's notes that have been struck and not released."""
        ids: set[int] = set()
        for action in self.actions:
            if isinstance(action, PlayNote):
                ids.add(action.id)
            elif isinstance(action, StopNote):
                ids.discard(action.id)
        return ids


def struck(
    pitches: Iterable[int], at: float = 10.0, every_s: float = 0.25, length_s: float = 0.2
) -> list[Event]:
    """One key after the other, evenly."""
    events: list[Event] = []
    for place, pitch in enumerate(pitches):
        onset = at + place * every_s
        events += [KeyDown(onset, pitch, 80), KeyUp(onset + length_s, pitch)]
    return events


def asking(rules: Rules = DEFAULT_RULES) -> Performing:
    """A performer that has just asked for an answer to four notes."""
    performing = Performing(rules)
    performing.take(*struck([60, 62, 64, 65]))
    performing.wake()
    assert performing.phase is Phase.ASKING
    return performing


def stretch(
    performing: Performing,
    *notes: tuple[float, int, float],
    is_over: bool = False,
    covers_s: float = 1.0,
    ticket: int | None = None,
) -> AnswerCame:
    """A stretch of an answer to the request that is open: (seconds from now, pitch, length in seconds)."""
    now = performing.state.now
    events: list[NoteOn | NoteOff] = []
    for after_s, pitch, length_s in notes:
        events += [NoteOn(now + after_s, pitch, 70), NoteOff(now + after_s + length_s, pitch)]
    in_order = tuple(sorted(events, key=lambda event: (event.at, isinstance(event, NoteOn))))
    number = performing.state.ticket if ticket is None else ticket
    return AnswerCame(now + 0.001, number, in_order, now + covers_s, is_over)


def answering(rules: Rules = DEFAULT_RULES) -> Performing:
    """A performer that sounds the first note, 60, of an answer with three long notes."""
    performing = asking(rules)
    notes = ((0.01, 60, 5.0), (0.5, 64, 5.0), (1.0, 67, 5.0))
    performing.take(stretch(performing, *notes, covers_s=20.0))
    performing.wake()
    assert performing.phase is Phase.ANSWERING
    return performing
