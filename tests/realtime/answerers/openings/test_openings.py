"""What stands ready is how the answer begins, whenever it is asked for: drawn, or the best thought of."""

from dataclasses import replace

import pytest

from music.notes import Note, NoteOff, NoteOn
from music.phrase import Phrase, events_of
from realtime.answerers.network import Network
from realtime.answerers.openings.opening import OpensAhead
from realtime.inference.session import ModelSession
from realtime.knobs import DEFAULT_KNOBS, Knobs
from realtime.performer.actions import Request
from tests.support.drawing import DrawingRuntime, drawing_session
from tests.support.phrases import improvised


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> ModelSession:
    made: tuple[ModelSession, DrawingRuntime] = drawing_session(monkeypatch, listens=True)
    return made[0]


def asked(call: Phrase | None = None, attempt: int = 0) -> Request:
    happened = tuple(events_of(improvised(1, notes=16) if call is None else call))
    return Request(1, 1, attempt, happened, 0.4, happened[-1].at + 0.4, 4.0)


def drawn(network: Network, request: Request, most: int = 6) -> list[NoteOn | NoteOff]:
    return [event for event, _ in zip(network.opening(request).draw(), range(most), strict=False)]


def test_what_was_drawn_while_the_last_key_was_held_is_how_the_answer_begins(session: ModelSession) -> None:
    request = asked()
    last = max(place for place, event in enumerate(request.call) if isinstance(event, NoteOn))
    network = Network(session, 5)
    assert isinstance(network, OpensAhead)
    network.hear(request.call[: last + 1])
    while_held = replace(
        request, call=request.call[: last + 1], starts_after=request.call[last].at, length_s=2.0
    )
    opening = network.opening(while_held)
    for _ in zip(opening.draw(), range(6), strict=False):
        pass
    network.hear(request.call)
    assert opening.fits(request, DEFAULT_KNOBS)
    begun = list(opening.begun(request))
    assert len(begun) == 6
    assert begun[0].at >= request.starts_after
    assert list(opening.answer(request, DEFAULT_KNOBS))[:6] == begun
    assert list(Network(session, 5).answer(request))[:6] == begun  # as when the take is played again


@pytest.mark.parametrize(
    ("other", "knobs"),
    [
        (replace(asked(), turn=2), DEFAULT_KNOBS),
        (replace(asked(), attempt=1), DEFAULT_KNOBS),
        (asked(improvised(1, notes=17)), DEFAULT_KNOBS),
        (asked(), Knobs(temperature=1.5)),
        (asked(), Knobs(register=12.0)),
    ],
    ids=["another turn", "another attempt", "another key", "hotter", "steered"],
)
def test_it_fits_nothing_else(session: ModelSession, other: Request, knobs: Knobs) -> None:
    network, request = Network(session, 5, lanes=3), asked()
    network.hear(request.call)
    opening = network.opening(request)
    drawn(network, request)
    network.expect(request)
    while network.think():
        pass
    thought_of = network.opening_thought_of(request)
    assert thought_of is not None
    assert opening.fits(request, DEFAULT_KNOBS)
    assert thought_of.fits(request, DEFAULT_KNOBS)
    assert not opening.fits(other, knobs)
    assert not thought_of.fits(other, knobs)


@pytest.mark.parametrize("late_s", [-0.2, 0.0, 0.002, 0.3])
def test_the_best_thought_of_is_how_the_answer_begins_asked_sooner_or_later(
    session: ModelSession, late_s: float
) -> None:
    network, request = Network(session, 5, lanes=3), asked()
    network.expect(request)
    while network.think():
        pass
    opening = network.opening_thought_of(request)
    assert opening is not None
    later = replace(request, starts_after=request.starts_after + late_s)
    begun = list(opening.begun(later))
    assert begun[0].at >= later.starts_after
    assert list(opening.answer(later, DEFAULT_KNOBS))[: len(begun)] == begun
    assert list(network.answer(later))[: len(begun)] == begun


def test_an_alarm_that_rings_a_little_late_moves_nothing_in_the_beat(session: ModelSession) -> None:
    in_time = Phrase.of(Note(2.0 + place * 0.3, 60 + place % 8, 70, 0.2) for place in range(16))
    network, request = Network(session, 5, lanes=3), asked(in_time)
    network.expect(request)
    while network.think():
        pass
    late = replace(request, starts_after=request.starts_after + 0.004)
    assert next(network.answer(late)) == next(network.answer(request))


def test_what_was_begun_stays_though_something_better_is_thought_of_meanwhile(session: ModelSession) -> None:
    network, request = Network(session, 5, lanes=3), asked()
    network.expect(request)
    assert network.opening_thought_of(request) is None
    while (opening := network.opening_thought_of(request)) is None:
        assert network.think()
    begun = list(opening.begun(request))
    while network.think():
        pass
    assert network._expected is not None
    network._expected.thought.ranked.reverse()
    assert list(opening.answer(request, DEFAULT_KNOBS))[: len(begun)] == begun


def test_while_too_little_is_thought_of_the_answer_is_not_nearly_ready(session: ModelSession) -> None:
    network, request = Network(session, 5, lanes=3), asked()
    assert not network.is_nearly_ready(request)
    network.expect(request)
    assert not network.is_nearly_ready(request)
    while network.think():
        pass
    assert network.is_nearly_ready(request)
    assert not network.is_nearly_ready(replace(request, turn=1, call=request.call[:-2]))
