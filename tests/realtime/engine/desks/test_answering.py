"""Requests in, stretches out.

On a thread, the newest request wins and a broken answerer is reported, not lost.
"""

from dataclasses import replace
from queue import SimpleQueue
from threading import Event as Flag

import pytest

from music.notes import NoteOff, NoteOn
from realtime.answerers.answerer import AnswerEvents
from realtime.engine.desks import answering
from realtime.engine.desks.answering import KEPT_FREE_S, PromptDesk, WorkerDesk, quiet_before
from realtime.knobs import DEFAULT_KNOBS, Knobs
from realtime.performer.actions import AskForAnswer, AskForMore, Request
from realtime.performer.events import AnswerCame, AnswerFailed
from tests.support.clock import ManualClock
from tests.support.ports import BrokenAnswerer, ScriptedAnswerer
from tests.support.waiting import PATIENCE_S, wait_until

Reply = AnswerCame | AnswerFailed


def request(ticket: int, starts_after: float = 10.0) -> Request:
    return Request(ticket, ticket, 0, (NoteOn(8.0, 60, 80), NoteOff(9.0, 60)), 1.0, starts_after, 4.0)


def ask(ticket: int, until: float) -> AskForAnswer:
    return AskForAnswer(10.0, request(ticket), until)


def test_an_answer_comes_in_stretches_that_join_without_a_gap() -> None:
    replies: list[Reply] = []
    desk = PromptDesk(ScriptedAnswerer(), ManualClock(10.0), replies.append)
    desk.ask(ask(1, until=10.5))
    desk.ask(AskForMore(10.4, 1, until=20.0))
    first, second = replies
    assert isinstance(first, AnswerCame)
    assert isinstance(second, AnswerCame)
    assert [type(event) for event in first.events] == [NoteOn, NoteOff, NoteOn]
    assert (first.is_over, second.is_over) == (False, True)
    assert first.covers_until == second.events[0].at
    assert len(first.events) + len(second.events) == 6


def test_only_as_much_is_worked_out_as_the_stretch_needs() -> None:
    answerer = ScriptedAnswerer([(place * 1.0, 60, 0.5) for place in range(1000)])
    PromptDesk(answerer, ManualClock(10.0), lambda _: None).ask(ask(1, until=12.0))
    assert answerer.taken <= 6


def test_more_of_an_old_answer_is_not_given() -> None:
    replies: list[Reply] = []
    desk = PromptDesk(ScriptedAnswerer(), ManualClock(10.0), replies.append)
    desk.ask(ask(1, until=10.1))
    desk.ask(ask(2, until=10.1))
    desk.ask(AskForMore(10.2, 1, until=11.0))
    assert [reply.ticket for reply in replies] == [1, 2]


def test_a_broken_answerer_is_reported_with_its_reason() -> None:
    replies: list[Reply] = []
    PromptDesk(BrokenAnswerer(), ManualClock(10.0), replies.append).ask(ask(7, until=20.0))
    assert replies == [AnswerFailed(10.0, 7, "RuntimeError: out of ideas")]


def test_after_a_failure_the_next_request_is_answered() -> None:
    class OnceBroken(ScriptedAnswerer):
        def answer(self, request: Request, knobs: Knobs = DEFAULT_KNOBS) -> AnswerEvents:
            if request.ticket == 1:
                raise ValueError("not yet")
            return super().answer(request, knobs)

    replies: list[Reply] = []
    desk = PromptDesk(OnceBroken(), ManualClock(10.0), replies.append)
    desk.ask(ask(1, until=20.0))
    desk.ask(ask(2, until=20.0))
    assert [type(reply) for reply in replies] == [AnswerFailed, AnswerCame]


def test_of_each_who_answers_it_is_said_once_that_nonsense_was_left_out() -> None:
    said: list[str] = []
    desk = PromptDesk(Nonsense(), ManualClock(10.0), lambda _: None)
    desk.say = said.append
    desk.ask(ask(1, until=20.0))
    desk.change(Nonsense())
    desk.ask(ask(2, until=20.0))
    assert len(said) == 2


class Nonsense(ScriptedAnswerer):
    """Gives what nobody can play between notes that can be played."""

    def answer(self, request: Request, knobs: Knobs = DEFAULT_KNOBS) -> AnswerEvents:
        at, nan = request.starts_after, float("nan")
        given: tuple[object, ...] = (
            NoteOn(at, 60, 70),
            NoteOn(at + 0.1, -5, 70),
            NoteOn(nan, 62, 70),
            NoteOn(at + 0.2, 62, nan),  # type: ignore[arg-type]
            NoteOn(at + 0.3, 64, 1000),
            NoteOff(at + 1e300, 64),
            NoteOff(at + 0.4, 128),
            NoteOff(at + 0.5, nan),  # type: ignore[arg-type]
            "la",
            NoteOff(at + 0.6, 60),
        )
        yield from (event for event in given)  # type: ignore[misc]


def test_of_an_answer_with_nonsense_in_it_the_rest_is_played_and_it_is_said_once() -> None:
    replies: list[Reply] = []
    said: list[str] = []
    desk = PromptDesk(Nonsense(), ManualClock(10.0), replies.append)
    desk.say = said.append
    desk.ask(ask(1, until=20.0))
    desk.ask(ask(2, until=20.0))
    (reply, _) = replies
    assert isinstance(reply, AnswerCame)
    assert reply.events == (NoteOn(10.0, 60, 70), NoteOn(10.3, 64, 127), NoteOff(10.6, 60))
    assert said == [
        "the answerer gave what nobody can play, which is left out: NoteOn(at=10.1, pitch=-5, velocity=70)"
    ]


def test_an_answerer_that_gives_events_without_end_at_one_moment_has_failed() -> None:
    class Babbling(ScriptedAnswerer):
        def answer(self, request: Request, knobs: Knobs = DEFAULT_KNOBS) -> AnswerEvents:
            while True:
                yield NoteOn(request.starts_after, -5, 70)

    replies: list[Reply] = []
    PromptDesk(Babbling(), ManualClock(10.0), replies.append).ask(ask(1, until=20.0))
    assert replies == [AnswerFailed(10.0, 1, "Endless: more than 4096 events at once")]


class Held(ScriptedAnswerer):
    """Doesn't answer before it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.begun, self.let = Flag(), Flag()

    def answer(self, request: Request, knobs: Knobs = DEFAULT_KNOBS) -> AnswerEvents:
        self.begun.set()
        assert self.let.wait(PATIENCE_S), "the test forgot to let it go on"
        return super().answer(request, knobs)


def test_on_a_thread_asking_never_waits_and_the_newest_request_wins() -> None:
    replies: SimpleQueue[Reply] = SimpleQueue()
    answerer = Held()
    desk = WorkerDesk(answerer, ManualClock(10.0), replies.put)
    desk.ask(ask(1, until=20.0))
    assert answerer.begun.wait(PATIENCE_S)
    for ticket in (2, 3, 4):
        desk.ask(ask(ticket, until=10.2))
    desk.ask(AskForMore(10.1, 4, until=20.0))
    answerer.let.set()
    got = [replies.get(timeout=PATIENCE_S) for _ in range(3)]
    desk.close()
    assert [reply.ticket for reply in got] == [1, 4, 4]
    assert [made.ticket for made in answerer.requests] == [1, 4]


def test_each_question_brings_the_knobs_as_they_stand_from_then_on() -> None:
    answerer = ScriptedAnswerer()
    desk = PromptDesk(answerer, ManualClock(10.0), lambda _: None)
    desk.ask(replace(ask(1, until=10.3), knobs=Knobs(temperature=0.5)))
    cold = len(answerer.knobs)
    desk.ask(AskForMore(10.4, 1, until=20.0, knobs=Knobs(temperature=1.5)))
    assert set(answerer.knobs[:cold]) == {Knobs(temperature=0.5)}
    assert set(answerer.knobs[cold:]) == {Knobs(temperature=1.5)}


def test_a_growing_call_is_heard_before_anything_is_asked() -> None:
    answerer = ScriptedAnswerer()
    desk = WorkerDesk(answerer, ManualClock(10.0), lambda _: None)
    call = request(1).call
    desk.hear(call[:1], None)
    desk.hear(call, None)
    wait_until(lambda: call in answerer.heard)
    assert answerer.requests == []
    desk.close()


def test_an_answerer_that_fails_to_hear_is_asked_all_the_same() -> None:
    replies: SimpleQueue[Reply] = SimpleQueue()
    desk = WorkerDesk(BrokenAnswerer(), ManualClock(10.0), replies.put)
    desk.hear(request(1).call, ask(1, until=20.0))
    desk.ask(ask(1, until=20.0))
    assert isinstance(replies.get(timeout=PATIENCE_S), AnswerFailed)
    desk.close()


def test_in_a_silence_the_answerer_thinks_of_what_is_coming_until_it_has_thought_of_all() -> None:
    answerer = ScriptedAnswerer(to_think_of=50)
    desk = WorkerDesk(answerer, ManualClock(9.5), lambda _: None)
    desk.hear(request(1).call, ask(1, until=20.0))
    wait_until(lambda: answerer.thoughts == 50)
    assert answerer.expected == [request(1)]
    assert answerer.requests == []
    desk.close()


@pytest.mark.parametrize(
    ("silence_s", "quiet_s"), [(1.2, 0.08), (0.3, 0.08), (0.27, 0.05), (0.25, 0.03), (0.1, 0.03)]
)
def test_the_sooner_a_phrase_sounds_over_the_sooner_it_is_thought_of(
    silence_s: float, quiet_s: float
) -> None:
    assert quiet_before(replace(request(1), gap_at_least_s=silence_s)) == pytest.approx(quiet_s)


def test_a_question_that_is_coming_soon_is_thought_of_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answering, "QUIET_S", 2 * PATIENCE_S)
    answerer = ScriptedAnswerer(to_think_of=50)
    desk = WorkerDesk(answerer, ManualClock(9.5), lambda _: None)
    soon = replace(request(1), gap_at_least_s=0.25)
    desk.hear(soon.call, AskForAnswer(9.5, soon, 20.0))
    wait_until(lambda: answerer.thoughts == 50)
    desk.close()


class Thoughtful(ScriptedAnswerer):
    """Could think for ever."""

    def think(self) -> bool:
        self.thoughts += 1
        return True


def test_a_question_interrupts_the_thinking_which_then_is_over() -> None:
    replies: SimpleQueue[Reply] = SimpleQueue()
    answerer = Thoughtful()
    desk = WorkerDesk(answerer, ManualClock(9.5), replies.put)
    desk.hear(request(1).call, ask(1, until=20.0))
    wait_until(lambda: answerer.thoughts > 10)
    desk.ask(ask(1, until=20.0))
    assert isinstance(replies.get(timeout=PATIENCE_S), AnswerCame)
    desk.close()


def test_around_the_moment_of_the_question_nothing_is_begun_and_afterwards_thinking_goes_on() -> None:
    replies: SimpleQueue[Reply] = SimpleQueue()
    answerer, clock = Thoughtful(), ManualClock(10.0 - KEPT_FREE_S / 2)
    desk = WorkerDesk(answerer, clock, replies.put)
    desk.hear(request(1).call, ask(1, until=20.0))
    wait_until(lambda: bool(answerer.heard))
    desk.ask(ask(1, until=20.0))
    assert isinstance(replies.get(timeout=PATIENCE_S), AnswerCame)
    assert answerer.thoughts == 0
    desk.hear(request(2).call, ask(2, until=20.0))  # the moment passes, and nothing was asked
    clock.set(10.0 + 2 * KEPT_FREE_S)
    wait_until(lambda: answerer.thoughts > 0)
    desk.close()


def test_while_the_player_plays_nothing_is_thought_of() -> None:
    answerer = Thoughtful()
    desk = WorkerDesk(answerer, ManualClock(10.0), lambda _: None)
    call = request(1).call
    desk.hear(call[:1], None)
    desk.hear(call, ask(1, until=20.0))
    desk.hear((*call, *call[:1]), None)
    wait_until(lambda: len(answerer.heard[-1:]) == 1 and len(answerer.heard[-1]) == 3)
    assert answerer.thoughts == 0
    desk.close()


def test_where_time_stands_still_it_thinks_before_it_answers() -> None:
    answerer = ScriptedAnswerer(to_think_of=7)
    PromptDesk(answerer, ManualClock(10.0), lambda _: None).ask(ask(1, until=20.0))
    assert answerer.thoughts == 7


def test_what_is_being_given_goes_on_and_the_next_answer_comes_from_another() -> None:
    replies: list[Reply] = []
    first, second = ScriptedAnswerer(), ScriptedAnswerer([(0.01, 72, 0.2)])
    desk = PromptDesk(first, ManualClock(10.0), replies.append)
    desk.ask(ask(1, until=10.1))
    desk.change(second)
    desk.ask(AskForMore(10.2, 1, until=20.0))
    desk.ask(ask(2, until=20.0))
    pitches = [[e.pitch for e in reply.events] for reply in replies if isinstance(reply, AnswerCame)]
    assert [set(each) for each in pitches] == [{60}, {60, 64, 67}, {72}]


def test_another_answerer_hears_the_call_as_far_as_it_has_come_and_thinks_of_what_is_coming() -> None:
    first, second = ScriptedAnswerer(to_think_of=5), ScriptedAnswerer(to_think_of=5)
    desk = WorkerDesk(first, ManualClock(9.5), lambda _: None)
    desk.hear(request(1).call, ask(1, until=20.0))
    wait_until(lambda: first.thoughts == 5)
    desk.change(second)
    wait_until(lambda: second.thoughts == 5)
    assert second.heard == [request(1).call]
    assert second.expected == [request(1)]
    assert len(first.heard) == 1
    desk.close()


def test_a_change_is_never_skipped_and_whoever_was_asked_before_it_is_not_asked_again() -> None:
    replies: SimpleQueue[Reply] = SimpleQueue()
    first, second = Held(), ScriptedAnswerer()
    desk = WorkerDesk(first, ManualClock(10.0), replies.put)
    desk.ask(ask(1, until=20.0))
    assert first.begun.wait(PATIENCE_S)
    desk.change(second)  # while the first is still at it, and before a question that makes all before it void
    desk.ask(ask(2, until=20.0))
    first.let.set()
    assert [replies.get(timeout=PATIENCE_S).ticket for _ in range(2)] == [1, 2]
    assert [made.ticket for made in second.requests] == [2]
    assert second.heard == []  # the call was answered: nothing of it is left to be heard
    desk.close()
