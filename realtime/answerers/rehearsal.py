"""A whole call answered at once, as it would be live: the same silence before, the same length and end.

For judging and for pictures, where nobody waits. Knows requests and the performer's rules. Must not know
ports or clocks.
"""

from dataclasses import dataclass, replace

from music.notes import Note, NoteOn
from music.phrase import Phrase, events_of, pedal_folded, phrase_of
from music.phrase_ends.cues import playing_of
from realtime.answerers.answerer import Answerer
from realtime.answerers.families.row_network import RowNetwork
from realtime.answerers.network import Network
from realtime.performer.actions import Request
from realtime.performer.pace import Pace, silence_needed
from realtime.performer.rules import DEFAULT_RULES, Rules


@dataclass(frozen=True)
class Rehearsal:
    """Any answerer with whole phrases in place of events."""

    answerer: Answerer
    rules: Rules = DEFAULT_RULES

    @property
    def stood_in(self) -> int:
        """How often the rule has answered in place of a model."""
        return self.answerer.stood_in if isinstance(self.answerer, Network | RowNetwork) else 0

    def answer_to(self, call: Phrase, number: int) -> Phrase:
        """The answer to a call, on the call's clock; `number` is the turn, by which chances differ."""
        return self._played(request_for(call, number, self.rules))

    def go_on(self, call: Phrase, number: int, length_s: float) -> Phrase:
        """The same for so many seconds, however long an answer may be while somebody waits for a turn."""
        return self._played(replace(request_for(call, number, self.rules), length_s=length_s))

    def _played(self, request: Request) -> Phrase:
        knobs = self.rules.knobs
        self.answerer.expect(request, knobs)
        while self.answerer.think():  # the silence before an answer is long enough
            pass
        events = tuple(self.answerer.answer(request, knobs))
        first = next((event.at for event in events if isinstance(event, NoteOn)), None)
        if first is None:
            return Phrase()
        latest = first + request.length_s + self.rules.closing_s
        notes = (_let_go(note, latest, self.rules) for note in phrase_of(events).notes)
        return Phrase.of(notes)


def request_for(call: Phrase, number: int, rules: Rules) -> Request:
    """What the performer would ask for when this call has been played, its pedal lifted at its last sound."""
    folded = pedal_folded(call)
    if not folded.notes:
        raise ValueError("a call without notes can't be answered")
    events = tuple(events_of(folded))
    silence_s = silence_needed(Pace(playing_of(events)), rules)
    length_s = folded.until - folded.notes[0].at
    return Request(
        ticket=1,
        turn=number,
        attempt=0,
        call=events,
        gap_at_least_s=silence_s,
        starts_after=folded.until + silence_s,
        length_s=min(max(length_s * rules.knobs.length, rules.shortest_answer_s), rules.longest_answer_s),
    )


def _let_go(note: Note, latest: float, rules: Rules) -> Note:
    """The note as the performer lets it sound: no longer than a note may, and silent after the closing."""
    return replace(note, length_s=max(min(note.length_s, rules.longest_note_s, latest - note.at), 0.0))
