"""What an engine leaves sounding when it is killed is known from its rows, and ended by these messages."""

from typing import Any

from realtime.midi import wire
from realtime.web.left_sounding import LeftSounding
from tests.support.page_process import note, turn
from tests.support.ports import sounding_after


def left_after(*rows: dict[str, Any]) -> list[bytes]:
    left = LeftSounding()
    for row in rows:
        left.take(row)
    return left.messages()


def pedal(depth: int) -> dict[str, Any]:
    return {"kind": "pedal", "at": 1.0, "depth": depth, "channel": 1, "source": 2}


def test_the_keys_that_are_down_are_released_on_their_channels() -> None:
    model = note(1.2, 67, who="model") | {"channel": 2}
    messages = left_after(note(1.0, 60), note(1.1, 62), model, note(1.3, 60, 0), turn(1.4))
    assert messages == [wire.released(0, 62), wire.released(1, 67)]


def test_a_key_that_another_keyboard_still_holds_is_released() -> None:
    kept_back = note(1.3, 60, 0) | {"kept_back": True}
    assert left_after(note(1.0, 60), kept_back) == [wire.released(0, 60)]


def test_what_only_the_pedal_holds_is_ended_too() -> None:
    messages = left_after(pedal(127), note(1.0, 60), note(1.5, 60, 0))
    before = [bytes.fromhex("b0 40 7f"), wire.struck(0, 60, 80), wire.released(0, 60)]
    assert sounding_after(before) == {(0, 60)}
    assert sounding_after([*before, *messages]) == set()


def test_after_an_end_of_everything_there_is_nothing_to_say() -> None:
    assert left_after(pedal(127), note(1.0, 60), note(1.5, 60, 0), pedal(0)) == []
