"""Rows tell what sounded, whose turn it is, the silence and the controls, each when it changes."""

import json

from realtime.engine.controls import Controls
from realtime.performer.actions import AskForMore, PassOn, PlayNote, Silence, StopNote, WakeAt
from realtime.performer.events import (
    AnswerFailed,
    Event,
    HandOverNow,
    KeyDown,
    KeyUp,
    Panic,
    PedalMoved,
    Woke,
)
from realtime.performer.rules import DEFAULT_RULES, Rules
from realtime.performer.state import FRESH, State
from realtime.performer.turns import step
from realtime.rows.kinds import Row
from realtime.rows.rows import Rows
from realtime.rows.turned import ControlMoved, Turned, lateness_s
from tests.support.performing import answering


def rows_of(*events: Event, state: State = FRESH, rules: Rules = DEFAULT_RULES) -> list[Row]:
    rows, made = Rows(), []
    for event in events:
        state, actions = step(state, event, rules)
        made += rows.of(Turned(event, actions, event.at, state, rules))
    return made


def test_the_player_s_keys_and_pedal_become_rows_as_the_protocol_has_them() -> None:
    made = rows_of(KeyDown(1.0, 60, 80, 2, 3), PedalMoved(1.1, 127, 2, 3), KeyUp(1.5, 60, 2, 3))
    sounding = [row for row in made if row["kind"] in ("note", "pedal")]
    assert sounding == [
        {"kind": "note", "who": "player", "pitch": 60, "velocity": 80, "at": 1.0, "channel": 3, "source": 3},
        {"kind": "pedal", "depth": 127, "at": 1.1, "channel": 3, "source": 3},
        {"kind": "note", "who": "player", "pitch": 60, "velocity": 0, "at": 1.5, "channel": 3, "source": 3},
    ]
    assert [row["phase"] for row in made if row["kind"] == "turn"] == ["calling"]
    assert json.loads(json.dumps(made)) == made


def test_each_turn_tells_what_a_hand_over_would_give() -> None:
    made = rows_of(
        Panic(0.5), KeyDown(1.0, 60, 80), HandOverNow(1.5), Panic(2.0), KeyDown(3.0, 62, 80), Panic(3.5)
    )
    turns = [row for row in made if row["kind"] == "turn"]
    assert [(row["phase"], row["hand_over"]) for row in turns] == [
        ("waiting", None),
        ("calling", "answer"),
        ("asking", None),
        ("waiting", "another"),
        ("calling", "answer"),
        ("waiting", "answer"),
    ]
    assert turns[0]["offer"] == "first play a phrase"


def test_the_silence_has_a_row_when_it_begins_and_when_it_is_broken() -> None:
    made = rows_of(KeyDown(1.0, 60, 80), KeyUp(1.5, 60), KeyDown(1.7, 62, 80))
    quiet = [row for row in made if row["kind"] == "quiet"]
    assert [row["since"] for row in quiet] == [1.5, None]
    assert quiet[0]["needed_s"] == DEFAULT_RULES.silence_of_unknown_pace_s


def test_the_controls_have_a_row_at_first_and_when_they_change() -> None:
    rows, controls = Rows(), Controls()
    moved = ControlMoved(2.0, "temperature", 0.5)
    first = rows.of(Turned(Woke(1.0), (), 1.0, FRESH, controls.rules))
    again = rows.of(Turned(Woke(1.5), (), 1.5, FRESH, controls.rules))
    assert controls.move(moved)
    after = rows.of(Turned(moved, (), 2.0, FRESH, controls.rules))
    assert [row["controls"]["temperature"] for row in (*first, *after)] == [1.0, 0.5]
    assert again == []


def test_the_bounds_of_an_answer_s_length_come_with_the_controls() -> None:
    rows, controls = Rows(), Controls(Rules(shortest_answer_s=8.0, longest_answer_s=8.0))
    moved = ControlMoved(2.0, "length", 0.5)
    made = rows.of(Turned(Woke(1.0), (), 1.0, FRESH, controls.rules))
    assert controls.move(moved)
    made += rows.of(Turned(moved, (), 2.0, FRESH, controls.rules))
    assert [row["answer_within_s"] for row in made] == [[8.0, 8.0], [2.0, 30.0]]


def test_how_long_the_answer_will_be_is_known_when_it_is_asked_for() -> None:
    made = rows_of(KeyDown(1.0, 60, 80), HandOverNow(1.5), Panic(2.0))
    assert [row["answer_s"] for row in made if row["kind"] == "turn"] == [None, 2.0, None]


def test_the_model_s_notes_have_rows_struck_and_let_go() -> None:
    performing = answering()
    rows = Rows()
    made = rows.of(Turned(Woke(0.0), tuple(performing.actions), 0.0, performing.state, performing.rules))
    performing.actions.clear()
    performing.take(KeyDown(performing.state.now, 90, 80))
    made += rows.of(Turned(Woke(0.0), tuple(performing.actions), 0.0, performing.state, performing.rules))
    mine = [row for row in made if row["kind"] == "note" and row["who"] == "model"]
    struck = [row["pitch"] for row in mine if row["velocity"]]
    let_go = [row["pitch"] for row in mine if not row["velocity"]]
    assert struck
    assert sorted(struck) == sorted(let_go)
    assert {row["channel"] for row in mine} == {2}


def test_why_there_is_no_answer_is_a_line() -> None:
    failed = AnswerFailed(3.0, 7, "RuntimeError: out of ideas")
    (_, line) = Rows().of(Turned(failed, (), 3.0))
    assert line == {"kind": "line", "at": 3.0, "text": "no answer: RuntimeError: out of ideas"}


def test_only_what_sounded_and_whose_turn_it_is_are_rows() -> None:
    unseen = (WakeAt(2.0), AskForMore(1.0, 1, 2.0), Silence(1.0, 0))
    made = Rows().of(Turned(Woke(1.0), unseen, 1.0))
    assert [row["kind"] for row in made] == ["controls"]
    assert made == Rows().of(Turned(Woke(1.0), (), 1.0))


def test_rows_are_in_the_order_of_what_was_done() -> None:
    done = (StopNote(1.0, 1, 60, 4), PassOn(1.0, KeyDown(1.0, 64, 80)), PlayNote(1.0, 2, 67, 70, 4, 0.9))
    made = Rows().of(Turned(Woke(1.0), done, 1.0))
    assert [(row["who"], row["pitch"], row["velocity"], row["channel"]) for row in made[:3]] == [
        ("model", 60, 0, 5),
        ("player", 64, 80, 1),
        ("model", 67, 70, 5),
    ]
    assert [row["kind"] for row in made[3:]] == ["controls"]


def test_a_silence_that_grows_longer_with_the_rules_has_a_row_again() -> None:
    state, _ = step(step(FRESH, KeyDown(1.0, 60, 80), DEFAULT_RULES)[0], KeyUp(1.5, 60), DEFAULT_RULES)
    rows = Rows()
    made = [
        row["needed_s"]
        for rules in (DEFAULT_RULES, DEFAULT_RULES, Rules(silence_of_unknown_pace_s=0.9))
        for row in rows.of(Turned(Woke(1.6), (), 1.6, state, rules))
        if row["kind"] == "quiet"
    ]
    assert made == [0.7, 0.9]


def test_how_late_the_model_s_notes_were_sent_is_counted_from_when_they_were_due() -> None:
    done = (PlayNote(1.0, 1, 60, 70, 1, 0.75), StopNote(1.0, 1, 60, 1), PlayNote(1.0, 2, 62, 70, 1, 1.0))
    assert lateness_s(Turned(Woke(1.0), done, 1.25)) == [0.5, 0.25]
    assert lateness_s(Turned(Woke(1.0), (), 1.25)) == []
