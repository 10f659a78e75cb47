"""Answers that come late are said with what helps, and not again for a while; a pause is no lateness."""

from dataclasses import replace

from realtime.engine.desks.lateness import REMEDY, SAID_EVERY_S, Lateness
from realtime.performer.actions import TurnChanged
from realtime.performer.agenda import Agenda
from realtime.performer.events import Event, WentOn, Woke
from realtime.performer.phases import Phase, Reason
from realtime.performer.state import FRESH, Answer, State
from realtime.rows.turned import Turned

ANSWER = Answer(4.0, 1.0, asked_at=1.0, asked_until=2.0, covers_until=2.0)


def answering(delay_s: float) -> State:
    return replace(FRESH, phase=Phase.ANSWERING, answer=ANSWER, agenda=Agenda(delay_s=delay_s))


def said_of(*moments: tuple[Event, State]) -> list[str]:
    said: list[str] = []
    lateness = Lateness(said.append)
    for event, state in moments:
        lateness(Turned(event, (), event.at, state))
    return said


def test_an_answer_that_is_late_is_said_with_the_remedy_and_seldom() -> None:
    late = answering(0.8)
    again = (Woke(5.0 + SAID_EVERY_S), late)
    assert said_of((Woke(5.0), late), (Woke(5.1), late)) == [f"the answer is 0.8 s late; {REMEDY}"]
    assert len(said_of((Woke(5.0), late), (Woke(5.1), FRESH), again)) == 2


def test_a_breath_is_not_late_nor_is_what_a_pause_has_cost() -> None:
    assert said_of((Woke(5.0), answering(0.3))) == []
    assert said_of((WentOn(9.0), answering(4.0)), (Woke(9.5), answering(4.2))) == []
    assert len(said_of((WentOn(9.0), answering(4.0)), (Woke(9.5), answering(4.9)))) == 1


def test_an_answer_that_never_came_is_said_with_the_key_that_asks_again() -> None:
    said: list[str] = []
    overdue = TurnChanged(6.0, Phase.WAITING, Reason.ANSWER_OVERDUE)
    Lateness(said.append)(Turned(Woke(6.0), (overdue,), 6.0))
    assert said == [f"no answer came in 5 s: Enter asks again; {REMEDY}"]
