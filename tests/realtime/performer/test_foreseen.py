"""What is foreseen in a silence is what will be asked for at its end, so that it can be thought up ahead."""

from dataclasses import replace

import pytest

from realtime.knobs import Knobs
from realtime.performer.actions import AskForAnswer
from realtime.performer.events import Event, HandOverNow, KeyDown, KeyUp, Panic, PedalMoved, Stopped
from realtime.performer.rules import DEFAULT_RULES, Rules
from realtime.performer.turns import foreseen
from tests.support.performing import Performing, asking, struck


@pytest.mark.parametrize(
    "rules",
    [
        DEFAULT_RULES,
        Rules(knobs=Knobs(temperature=0.25, length=4.0)),
        Rules(knobs=Knobs(eagerness=8.0)),
        Rules(fixed_silence_s=0.3),
    ],
)
@pytest.mark.parametrize("pitches", [[60], [60, 62, 64, 65], [60, 64, 67, 65, 62, 59, 60]])
def test_what_is_foreseen_is_asked_for_when_the_silence_has_lasted(rules: Rules, pitches: list[int]) -> None:
    performing = Performing(rules)
    performing.take(*struck(pitches))
    ahead = foreseen(performing.state, rules)
    performing.wake()
    (asked,) = performing.all(AskForAnswer)
    assert ahead is not None
    assert ahead.request.starts_after == pytest.approx(asked.request.starts_after)
    assert ahead.request.gap_at_least_s == pytest.approx(asked.request.gap_at_least_s)
    assert ahead.until == pytest.approx(asked.until)
    assert ahead.knobs == asked.knobs == rules.knobs
    same = replace(
        ahead.request,
        ticket=asked.request.ticket,
        starts_after=asked.request.starts_after,
        gap_at_least_s=asked.request.gap_at_least_s,
    )
    assert same == asked.request


@pytest.mark.parametrize(
    "events",
    [
        [],
        [KeyDown(1.0, 60, 80)],  # a key is held
        [PedalMoved(0.5, 127), *struck([60])],  # the pedal holds
        [*struck([60]), Panic(11.0)],
        [*struck([60]), HandOverNow(11.0)],  # it has been asked for
        [*struck([60]), Stopped(11.0)],
    ],
)
def test_nothing_is_foreseen_but_in_the_silence_of_a_call(events: list[Event]) -> None:
    performing = Performing()
    performing.take(*events)
    assert foreseen(performing.state, DEFAULT_RULES) is None


def test_a_note_in_the_silence_makes_another_request_foreseen() -> None:
    performing = Performing()
    performing.take(*struck([60, 62]))
    before = foreseen(performing.state, DEFAULT_RULES)
    performing.take(KeyDown(10.6, 64, 80))
    assert foreseen(performing.state, DEFAULT_RULES) is None
    performing.take(KeyUp(10.8, 64))
    after = foreseen(performing.state, DEFAULT_RULES)
    assert before is not None
    assert after is not None
    assert after.request.call[: len(before.request.call)] == before.request.call
    assert len(after.request.call) == len(before.request.call) + 2
    assert after.request.turn == before.request.turn  # it is still the same phrase


def test_foreseeing_takes_a_phrase_that_goes_on_for_the_next_turn() -> None:
    performing = asking()
    performing.take(KeyDown(12.0, 67, 80), KeyUp(12.2, 67))
    ahead = foreseen(performing.state, DEFAULT_RULES)
    assert ahead is not None
    assert ahead.request.turn == performing.state.turn + 1
    assert ahead.request.attempt == 0
