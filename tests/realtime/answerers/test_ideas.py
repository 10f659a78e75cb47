"""Whoever is looked at answers as it would have; and what stands ready is what is then played."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from music.notes import NoteOn
from music.phrase import events_of, phrase_of
from realtime.answerers.ideas import OpenMind
from realtime.answerers.network import Network
from realtime.answerers.rule.imitation import Imitation
from realtime.inference.session import ModelSession, open_session
from realtime.knobs import DEFAULT_KNOBS, Knobs
from realtime.performer.actions import Request
from tests.support.phrases import improvised


def asked(notes: int = 20, attempt: int = 0) -> Request:
    call = tuple(events_of(improvised(1, notes=notes, pedal=True)))
    return Request(1, 1, attempt, call, 0.4, call[-1].at + 0.4, 4.0)


def test_the_rule_s_answer_stands_ready_as_soon_as_it_has_heard() -> None:
    rule, request = Imitation(3), asked()
    assert isinstance(rule, OpenMind)
    answer = list(rule.answer(request))
    assert list(rule.sketch(request)) == answer
    assert rule.ready(request) == phrase_of(tuple(answer)).notes
    assert rule.likely_keys() == {}


@pytest.fixture(scope="module")
def session(small_files: Path) -> Iterator[ModelSession]:
    return open_session(small_files / "small-int8.onnx")


@pytest.mark.slow
@pytest.mark.xdist_group("exported")
class TestOfAModel:
    """Of a model that was trained for a moment."""

    def test_looking_while_the_call_grows_changes_no_answer(self, session: ModelSession) -> None:
        request = asked()
        for thinks in (False, True):
            answers = []
            for is_looked_at in (False, True):
                network = Network(session, 5)
                for length in range(1, len(request.call) + 1):
                    network.hear(request.call[:length])
                    if is_looked_at:
                        list(network.sketch(asked(notes=10)))
                        list(network.sketch(request))
                        network.likely_keys()
                network.expect(request)
                while thinks and network.think():
                    network.ready(request)
                answers.append(list(network.answer(request)))
            assert answers[0] == answers[1]

    def test_a_sketch_is_what_is_answered_when_there_was_no_time_to_think(
        self, session: ModelSession
    ) -> None:
        for knobs in (DEFAULT_KNOBS, Knobs(register=12.0, density=2.0)):
            network, request = Network(session, 5), asked()
            network.hear(request.call)
            sketched = list(network.sketch(request, knobs))
            assert any(isinstance(event, NoteOn) for event in sketched)
            assert list(network.answer(request, knobs)) == sketched

    def test_what_stands_ready_when_all_was_thought_of_is_what_is_played(self, session: ModelSession) -> None:
        for attempt in range(3):
            network, request = Network(session, 5), asked(attempt=attempt)
            assert network.ready(request) == ()
            network.expect(request)
            while network.think():
                pass
            ready = network.ready(request)
            played = list(network.answer(request))
            assert [note.pitch for note in ready] == [
                note.pitch for note in phrase_of(tuple(played)).notes[: len(ready)]
            ]
            assert ready[0].at == played[0].at

    def test_what_it_expects_are_keys_with_their_shares_and_the_same_each_time(
        self, session: ModelSession
    ) -> None:
        network = Network(session, 5)
        assert network.likely_keys() == {}
        network.hear(asked().call)
        first = network.likely_keys()
        assert first == network.likely_keys()
        assert sum(first.values()) == pytest.approx(1.0)
        assert all(21 <= pitch <= 108 for pitch in first)
