"""Rows tell what sounded, whose turn it is, the silence and the controls, each when it changes."""

import json
from dataclasses import replace

from music.notes import NoteOff, NoteOn
from realtime.engine.controls import Controls
from realtime.performer.actions import AskForMore, PassOn, PlayNote, Silence, StopNote, WakeAt
from realtime.performer.events import (
    AnswerCame,
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
from realtime.rows.kinds import FOR_THE_TAKE, Row
from realtime.rows.rows import Rows
from realtime.rows.turned import (
    ControlMoved,
    Learnt,
    MessageCame,
    MessagesCame,
    ModelStands,
    Turned,
    Unlearnt,
    lateness_s,
)
from tests.support.performing import answering, asking


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
        {
            "kind": "note",
            "who": "player",
            "pitch": 60,
            "velocity": 0,
            "release_velocity": 64,
            "at": 1.5,
            "channel": 3,
            "source": 3,
        },
    ]
    assert [row["phase"] for row in made if row["kind"] == "turn"] == ["calling"]
    assert json.loads(json.dumps(made)) == made


def test_what_has_come_of_an_answer_is_known_before_it_sounds() -> None:
    state = asking().state
    events = (NoteOn(20.0, 67, 70), NoteOff(20.5, 67), NoteOn(21.0, 69, 71))
    came = AnswerCame(state.now, state.ticket, events, 21.0, is_over=False)
    made = {row["kind"]: row for row in rows_of(came, state=state)}
    assert made["coming"]["notes"] == [[20.0, 67, 70, 0.5], [21.0, 69, 71, None]]
    muted = {row["kind"] for row in rows_of(came, state=state, rules=replace(DEFAULT_RULES, is_muted=True))}
    assert "coming" not in muted


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


def test_a_release_says_how_fast_and_what_was_kept_back_says_so() -> None:
    strikes = KeyDown(1.0, 60, 80, source=1), KeyDown(1.1, 60, 80, source=2)
    made = rows_of(*strikes, KeyUp(1.5, 60, 0, 1, 9), KeyUp(1.6, 60, 0, 2))
    releases = [row for row in made if row["kind"] == "note" and not row["velocity"]]
    assert [(row["source"], row["release_velocity"], row.get("kept_back")) for row in releases] == [
        (1, 9, True),
        (2, 64, None),
    ]


def test_a_pedal_that_is_kept_from_the_model_s_channel_is_down_again_after_it() -> None:
    rules = Rules(channel=0)
    before = (PedalMoved(0.5, 127), KeyDown(1.0, 60, 80), KeyUp(1.2, 60), HandOverNow(1.3))
    answer = AnswerCame(1.4, 1, (NoteOn(1.4, 64, 70), NoteOff(9.0, 64)), 9.0, True)
    made = rows_of(*before, answer, PedalMoved(2.0, 90), KeyDown(3.0, 72, 80), rules=rules)
    pedals = [row for row in made if row["kind"] in ("pedal", "message")]
    assert [(row["at"], row.get("depth", row.get("bytes")), row.get("kept_back")) for row in pedals] == [
        (0.5, 127, None),
        (1.4, "b04000", None),
        (2.0, 90, True),
        (3.0, 90, None),
    ]


def test_what_is_no_key_and_no_pedal_is_a_row_of_its_bytes() -> None:
    came = MessageCame(1.0, 2, bytes.fromhex("e00050"))
    assert Rows().of(Turned(MessagesCame(1.0, (came,)), (), 1.0)) == [
        {"kind": "message", "at": 1.0, "source": 2, "bytes": "e00050"}
    ]


def test_several_of_them_are_one_row() -> None:
    came = (MessageCame(1.0, 2, b"\xe0\x00\x50"), MessageCame(1.25, 3, b"\xb0\x0b\x20"))
    assert Rows().of(Turned(MessagesCame(1.0, came), (), 1.25)) == [
        {"kind": "messages", "at": 1.0, "of": [(1.0, 2, "e00050"), (1.25, 3, "b00b20")]}
    ]


def test_what_a_phrase_waits_for_has_a_row_and_what_is_given_up_a_line() -> None:
    made = rows_of(KeyDown(1.0, 55, 80), Woke(4.0), Woke(13.0), HandOverNow(14.0))
    assert [row["waits_for"] for row in made if row["kind"] == "quiet"] == [
        "waiting for G3 to be let go",
        None,
    ]
    (line,) = [row for row in made if row["kind"] == "line"]
    assert line["text"].startswith("G3 stayed down for 12 s")


def test_the_controls_have_a_row_at_first_and_when_they_change() -> None:
    rows, controls = Rows(), Controls()
    moved = ControlMoved(2.0, "temperature", 0.5)
    first = rows.of(Turned(Woke(1.0), (), 1.0, FRESH, controls.rules))
    again = rows.of(Turned(Woke(1.5), (), 1.5, FRESH, controls.rules))
    assert controls.move(moved)
    after = rows.of(Turned(moved, (), 2.0, FRESH, controls.rules))
    standing = [row for row in (*first, *after) if row["kind"] == "controls"]
    assert [row["controls"]["temperature"] for row in standing] == [1.0, 0.5]
    assert again == []


def test_a_control_that_was_moved_has_a_row_of_its_own_for_the_take() -> None:
    rows, controls = Rows(), Controls()
    moved = ControlMoved(2.0, "loudness", 100.0)
    assert controls.move(moved)
    (row,) = [row for row in rows.of(Turned(moved, (), 2.0, FRESH, controls.rules)) if row["kind"] == "moved"]
    assert row == {"kind": "moved", "at": 2.0, "name": "loudness", "value": 4.0}


def test_the_bounds_of_an_answer_s_length_come_with_the_controls() -> None:
    rows, controls = Rows(), Controls(Rules(shortest_answer_s=8.0, longest_answer_s=8.0))
    moved = ControlMoved(2.0, "length", 0.5)
    made = rows.of(Turned(Woke(1.0), (), 1.0, FRESH, controls.rules))
    assert controls.move(moved)
    made += rows.of(Turned(moved, (), 2.0, FRESH, controls.rules))
    bounds = [row["answer_within_s"] for row in made if row["kind"] == "controls"]
    assert bounds == [[8.0, 8.0], [2.0, 30.0]]


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


def test_each_of_the_model_s_notes_says_how_late_it_was_sent() -> None:
    done = (PlayNote(1.0, 1, 60, 70, 1, 0.75), StopNote(1.0, 1, 60, 1), PlayNote(1.0, 2, 62, 70, 1, 1.5))
    made = [row for row in Rows().of(Turned(Woke(1.0), done, 1.2512345)) if row["kind"] == "note"]
    assert [row.get("late_s") for row in made] == [0.50123, None, 0.0]


def test_a_change_of_model_is_a_row_of_the_take_and_what_was_refused_a_line() -> None:
    rows = Rows()
    rows.of(Turned(KeyDown(1.0, 60, 80), (), 1.0))
    stands = ModelStands(2.0, "mine", "mine.onnx: event model", "cpu", "/mine.onnx", remarks=("a remark",))
    row = {
        "kind": "model",
        "at": 2.0,
        "name": "mine",
        "model": "mine.onnx: event model",
        "device": "cpu",
        "file": "/mine.onnx",
    }
    assert rows.of(Turned(stands, (), 2.0)) == [row, {"kind": "line", "at": 2.0, "text": "a remark"}]
    refused = stands.still(3.0, "no such file; mine plays on")
    line = {"kind": "line", "at": 3.0, "text": "no other model: no such file; mine plays on"}
    assert rows.of(Turned(refused, (), 3.0)) == [row | {"at": 3.0}, line]
    assert row["kind"] in FOR_THE_TAKE


def test_a_controller_that_was_learnt_is_worth_a_line_that_names_the_option() -> None:
    learnt = Learnt(2.0, "freeze", 80)
    made = Rows().of(Turned(learnt, (), 2.0, FRESH, Controls().rules))
    (line,) = [row for row in made if row["kind"] == "line"]
    assert line["text"] == "controller 80 moves freeze now (--cc freeze=80)"
    forgotten = Rows().of(Turned(Unlearnt(3.0), (), 3.0, FRESH, Controls().rules))
    assert [row["text"] for row in forgotten if row["kind"] == "line"] == [Unlearnt(3.0).text]
