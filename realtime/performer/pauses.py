"""A pause in an answer: somebody else's clock was stopped in it. What is done with the time until it goes on.

As a rest, the answer goes its way unheard. Frozen, all of it is so much later. Caught up, it goes on where it
was, twice as fast, until it is where it would have been. Must not know turns, nor who says that time stands.
"""

from collections.abc import Iterable

from music.changed import changed
from music.notes import NoteOff, NoteOn
from realtime.knobs import Pause
from realtime.performer.actions import StopNote
from realtime.performer.agenda import Agenda
from realtime.performer.rules import Rules
from realtime.performer.state import Answer, State, is_paused

HASTE = 2.0  # so many times as fast, what was missed is caught up


def stands_still(state: State, rules: Rules) -> bool:
    """Whether nothing of the answer is done until it goes on."""
    return is_paused(state) and rules.pause in (Pause.FROZEN, Pause.CAUGHT_UP)


def paused(state: State) -> tuple[State, list[StopNote]]:
    """The answer with nothing sounding, from now on in a pause."""
    assert state.answer is not None
    stops = [StopNote(state.now, note.id, note.pitch, note.channel) for note in state.agenda.sounding]
    agenda = changed(state.agenda, sounding=())
    return changed(state, agenda=agenda, answer=changed(state.answer, paused_at=state.now)), stops


def gone_on(state: State, rules: Rules) -> State:
    """The answer out of its pause, with all that is due when it is to be."""
    answer = state.answer
    assert answer is not None
    assert answer.paused_at is not None
    pause = (answer.paused_at, state.now)
    passed_s = state.now - answer.paused_at
    answer = changed(answer, paused_at=None, asked_at=answer.asked_at + passed_s)
    if rules.pause is Pause.CAUGHT_UP:
        return changed(state, agenda=_hurried_agenda(state.agenda, pause), answer=_with_pause(answer, pause))
    if rules.pause is not Pause.FROZEN:
        return changed(state, answer=answer)
    agenda = changed(state.agenda, delay_s=state.agenda.delay_s + passed_s)
    until = None if answer.until is None else answer.until + passed_s
    spell = None if state.spell_ends_at is None else state.spell_ends_at + passed_s
    return changed(state, agenda=agenda, answer=changed(answer, until=until), spell_ends_at=spell)


def hurried(state: State, events: Iterable[NoteOn | NoteOff]) -> tuple[NoteOn | NoteOff, ...]:
    """What comes of the answer after pauses that are still being caught up."""
    moved = tuple(events)
    delay_s = state.agenda.delay_s
    for pause in () if state.answer is None else state.answer.caught_up:
        moved = tuple(changed(event, at=_hurried(event.at + delay_s, pause) - delay_s) for event in moved)
    return moved


def _with_pause(answer: Answer, pause: tuple[float, float]) -> Answer:
    return changed(answer, caught_up=(*answer.caught_up, pause))


def _hurried_agenda(agenda: Agenda, pause: tuple[float, float]) -> Agenda:
    delay_s = agenda.delay_s
    moved = (changed(due, at=_hurried(due.at + delay_s, pause) - delay_s) for due in agenda.queue)
    return changed(agenda, queue=tuple(moved))


def _hurried(moment: float, pause: tuple[float, float]) -> float:
    """When what was due at a moment is done, after a pause from one moment to another."""
    began, ended = pause
    return moment if moment < began else max(moment, ended + (moment - began) / HASTE)
