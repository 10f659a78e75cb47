"""The performer keeps its promises, whatever it takes in; a broken one is caught, and its trace cut short."""

from pathlib import Path

import pytest
from hypothesis import given, settings

from music.settings import SettingError
from realtime.kept.traced import Taken, broken_in, performed, shortest, taken_from
from realtime.performer.actions import Action, PassOn, PlayNote, StopNote, WakeAt
from realtime.performer.events import Event, KeyDown, Stopped, Woke
from realtime.performer.rules import DEFAULT_RULES, Rules
from realtime.performer.state import State
from realtime.performer.turns import step
from tests.realtime.performer.test_performer_properties import performed as at_random
from tests.realtime.performer.test_performer_properties import rule_sets, scripts
from tests.support.performing import Performing, stretch, struck


def with_rules(events: list[Event]) -> list[Taken]:
    return [(event, DEFAULT_RULES) for event in events]


def answered_and_cut_into() -> list[Taken]:
    """A phrase, an answer of which two notes sound, and a key that cuts in."""
    performing, taken = Performing(), list[Event]()

    def take(*events: Event) -> None:
        taken.extend(events)
        performing.take(*events)

    def wake() -> None:
        assert performing.state.wake_at is not None
        take(Woke(performing.state.wake_at))

    take(*struck([60, 62, 64, 65]))
    wake()  # the silence is looked at
    wake()
    take(stretch(performing, (0.01, 60, 5.0), (0.3, 64, 5.0), covers_s=20.0))
    wake()
    wake()
    take(KeyDown(performing.state.now + 0.1, 70, 80), Stopped(performing.state.now + 1.0))
    return with_rules(taken)


def without(kind: type[Action]):  # type: ignore[no-untyped-def]
    """A performer that never does this."""

    def broken(state: State, event: Event, rules: Rules) -> tuple[State, tuple[Action, ...]]:
        after, actions = step(state, event, rules)
        return after, tuple(action for action in actions if not isinstance(action, kind))

    return broken


def failing(state: State, event: Event, rules: Rules) -> tuple[State, tuple[Action, ...]]:
    if isinstance(event, KeyDown) and event.pitch == 64:
        raise ValueError("math domain error")
    return step(state, event, rules)


@given(scripts, rule_sets)
@settings(max_examples=40)
def test_whatever_happens_all_promises_are_kept(script: list[object], rules: Rules) -> None:
    taken = [(event, rules) for _, event, _, _ in at_random(script, rules).rows]
    assert broken_in(taken) is None


def test_all_that_it_does_comes_again() -> None:
    actions = performed(answered_and_cut_into())
    assert sum(isinstance(action, PlayNote) for action in actions) == 2
    assert sum(isinstance(action, StopNote) for action in actions) == 2


def test_a_performer_that_lets_notes_hang_is_caught() -> None:
    broken = broken_in(answered_and_cut_into(), without(StopNote))
    assert broken is not None
    assert "notes of the model's hang" in broken


def test_one_that_keeps_what_is_the_player_s_is_caught() -> None:
    assert "neither sent on nor kept back" in str(broken_in(answered_and_cut_into(), without(PassOn)))


def test_one_that_fails_is_caught_and_the_trace_cut_down_to_what_makes_it_fail() -> None:
    taken = answered_and_cut_into()
    assert "math domain error" in str(broken_in(taken, failing))
    (only,) = shortest(taken, failing)
    assert isinstance(only[0], KeyDown)
    assert only[0].pitch == 64


def test_what_hangs_needs_a_phrase_an_answer_and_a_cut_in() -> None:
    taken = answered_and_cut_into()
    left = shortest(taken, without(StopNote))
    assert 2 <= len(left) < len(taken)
    assert broken_in(left, without(StopNote)) is not None
    assert broken_in(left) is None


def test_whether_an_alarm_is_set_is_seen_in_the_state_and_not_in_the_action() -> None:
    assert broken_in(answered_and_cut_into(), without(WakeAt)) is None


def test_a_trace_whose_last_row_is_torn_is_read_up_to_it(tmp_path: Path) -> None:
    row = '{"kind": "Panic", "at": 1.0}\n'
    (tmp_path / "t").write_text(row + row[:9])
    assert len(taken_from(tmp_path / "t")) == 1


@pytest.mark.parametrize("text", ["", "notes\nmore\n", '{"kind": "Encore"}\n{"kind": "Panic", "at": 1.0}\n'])
def test_what_is_no_trace_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "t").write_text(text)
    with pytest.raises(SettingError):
        taken_from(tmp_path / "t")
