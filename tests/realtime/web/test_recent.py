"""A browser that comes later knows what is held, what has just been played, and how things stand."""

import json
from typing import Any

from realtime.rows.messages import RowLine
from realtime.web.recent import MOST_LOGGED, MOST_ROWS, Recent
from tests.support.page_process import note, turn


def row(fields: dict[str, Any]) -> RowLine:
    return RowLine(fields["kind"], fields, json.dumps(fields))


def remembered(*rows: dict[str, Any]) -> Recent:
    recent = Recent()
    for fields in rows:
        recent.take(row(fields))
    return recent


def test_the_rows_of_half_a_minute_are_remembered_in_order() -> None:
    rows = [note(float(at), 60, at % 2) for at in range(100)]
    assert [json.loads(text) for text in remembered(*rows).rows(now=100.0)] == rows[70:]
    assert [json.loads(text) for text in remembered(*rows).rows(now=1000.0)] == rows[99:]  # it is down
    assert remembered(*rows[:99]).rows(now=1000.0) == []


def test_a_key_and_a_pedal_that_are_down_for_longer_are_not_forgotten() -> None:
    pedal = {"kind": "pedal", "at": 2.0, "depth": 127, "channel": 1, "source": 2}
    rows = [note(1.0, 60), pedal, note(3.0, 62), note(4.0, 62, 0), note(99.0, 64)]
    assert [json.loads(text) for text in remembered(*rows).rows(now=100.0)] == [rows[0], pedal, rows[4]]
    lifted = [*rows, pedal | {"at": 99.5, "depth": 0}]
    assert [json.loads(text) for text in remembered(*lifted).rows(now=100.0)] == [rows[0], rows[4], lifted[5]]


def test_what_is_down_is_there_once() -> None:
    rows = [note(90.0, 60), note(91.0, 62)]
    assert len(remembered(*rows).rows(now=100.0)) == 2


def test_states_are_kept_apart_from_what_is_played() -> None:
    ports = {"kind": "ports", "at": 1.0, "inputs": ["Piano"], "outputs": []}
    recent = remembered(
        {"kind": "begin", "at": 0.0, "controls": {"temperature": 1}},
        ports,
        {"kind": "quiet", "at": 1.0, "since": 1.0, "needed_s": 2.0},
        {"kind": "quiet", "at": 2.0, "since": None, "needed_s": None},
        turn(2.0),
    )
    assert [json.loads(text)["kind"] for text in recent.rows(now=3.0)] == ["turn"]
    assert json.loads(recent.newest("ports") or "") == ports
    assert json.loads(recent.newest("quiet") or "")["since"] is None
    assert recent.newest("controls") is None
    assert recent.controls == {"temperature": 1}
    recent.take(row({"kind": "controls", "at": 3.0, "controls": {"temperature": 2}}))
    assert recent.controls == {"temperature": 2}


def test_a_flood_is_remembered_only_so_far() -> None:
    recent = remembered(*(note(1.0, 60, place % 2) for place in range(MOST_ROWS + 100)))
    assert MOST_ROWS <= len(recent.rows(now=1.0)) <= MOST_ROWS + 1


def test_the_log_keeps_what_happened_long_after_and_of_a_moving_control_where_it_rests() -> None:
    def controls(at: float, temperature: float) -> dict[str, Any]:
        return {"kind": "controls", "at": at, "controls": {"temperature": temperature}}

    line = {"kind": "line", "at": 4.0, "text": "Piano is back"}
    rows = [
        turn(1.0, "calling"),
        controls(2.0, 0.9),
        controls(2.1, 0.8),
        note(3.0, 60),
        line,
        controls(5.0, 1.0),
    ]
    recent = remembered(*rows, note(999.0, 60, 0))
    assert [json.loads(text) for text in recent.log()] == [rows[0], rows[2], line, rows[5]]
    flood = remembered(*(turn(float(at)) for at in range(MOST_LOGGED + 100)))
    assert len(flood.log()) == MOST_LOGGED


def test_who_answers_is_the_newest_and_each_change_is_logged() -> None:
    rows = [
        {"kind": "model", "at": float(at), "name": f"m{at}", "model": "m", "device": "cpu"} for at in (1, 2)
    ]
    recent = remembered(*rows)
    assert json.loads(recent.newest("model") or "") == rows[1]
    assert [json.loads(text) for text in recent.log()] == rows
