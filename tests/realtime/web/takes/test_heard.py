"""A take heard again has both pedals as deep as they were trodden, and nothing of the model's."""

import json
from typing import Any

from realtime.rows.take import TakeRecorder
from realtime.web.takes.heard import heard
from realtime.web.takes.place import place_in


def take(*rows: dict[str, Any]) -> bytes:
    recorder = TakeRecorder()
    for row in rows:
        recorder.take(row)
    return recorder.file(())


def note(at: float, pitch: int, velocity: int = 80, who: str = "player") -> dict[str, Any]:
    return {"kind": "note", "at": at, "who": who, "pitch": pitch, "velocity": velocity, "channel": 1}


def pedal(at: float, depth: int, channel: int = 1) -> dict[str, Any]:
    return {"kind": "pedal", "at": at, "depth": depth, "channel": channel}


def left(at: float, depth: int) -> dict[str, Any]:
    return {"kind": "message", "at": at, "bytes": f"b043{depth:02x}", "source": 2}


TAKE = take(
    note(10.0, 60),
    pedal(10.25, 40),
    left(10.5, 127),
    pedal(10.75, 127, channel=2),
    pedal(11.0, 0, channel=2),
    note(11.25, 60, 0),
    note(11.5, 72, who="model") | {"channel": 2},
    note(11.75, 72, 0, who="model") | {"channel": 2},
)


def test_both_pedals_are_as_deep_as_they_were_and_of_two_channels_the_deeper_counts() -> None:
    rows = json.loads(heard(TAKE, "evening.mid"))["rows"]
    assert [(row["at"], row["depth"]) for row in rows if row["kind"] == "pedal"] == [
        (0.25, 40),
        (0.75, 127),
        (1.0, 40),
    ]
    assert [(row["at"], row["bytes"]) for row in rows if row["kind"] == "message"] == [(0.5, "b0437f")]
    assert [row["at"] for row in rows] == sorted(row["at"] for row in rows)


def test_played_on_from_a_place_the_left_pedal_is_let_go_there() -> None:
    rows = place_in(TAKE, "evening.mid", 0.6).laid_at(100.0)
    softened = [(row["at"], row["bytes"]) for row in rows if row["kind"] == "message"]
    assert softened == [(99.9, "b0437f"), (100.0, "b04300")]


def test_half_a_pedal_holds_nothing_for_the_engine() -> None:
    assert [
        strength for _, pitch, strength in place_in(TAKE, "evening.mid", 2.0).before().call if pitch is None
    ] == [
        127,
        0,
    ]
