"""What comes in on a channel of an input is played on another, from the strike of a key to its release."""

from collections.abc import Sequence

import pytest

from music.settings import SettingError
from realtime.engine.wiring.routes import Matrix, Route, route_said, routes_said

NAMES = {1: "Antiphon in", 2: "Keystation 61 MK3", 3: "BCF2000"}


def matrix(*routes: str) -> Matrix:
    return Matrix(NAMES.__getitem__, [route_said(text) for text in routes])


def led(through: Matrix, messages: Sequence[str], source: int = 2) -> list[str | None]:
    found = [through.led(bytes.fromhex(message), source) for message in messages]
    return [None if message is None else message.hex(" ") for message in found]


@pytest.mark.parametrize(
    ("text", "route"),
    [
        ("keystation:1=3", Route("keystation", 0, 2)),
        ("*:10=none", Route("*", 9, None)),
        ("system:midi_capture_1:*=16", Route("system:midi_capture_1", None, 15)),
    ],
)
def test_a_route_is_read_and_said(text: str, route: Route) -> None:
    assert route_said(text) == route
    assert route.text == text


@pytest.mark.parametrize(
    "text", ["", "piano", "piano=1", ":1=2", "piano:0=1", "piano:1=17", "piano:x=1", "a,b:1=2"]
)
def test_what_says_no_route_is_refused(text: str) -> None:
    with pytest.raises(SettingError, match="such as keystation:1=3"):
        route_said(text)


def test_several_have_commas_between_them() -> None:
    assert routes_said("a:1=2, b:*=none") == (Route("a", 0, 1), Route("b", None, None))
    assert routes_said("") == ()


def test_the_first_route_that_fits_leads_the_way_and_what_none_fits_stays() -> None:
    through = matrix("keystation:1=3", "*:1=none")
    assert led(through, ["90 3c 50", "e0 00 40", "91 3c 50", "f8"]) == [
        "92 3c 50",
        "e2 00 40",
        "91 3c 50",
        "f8",
    ]
    assert led(through, ["90 3c 50", "91 3c 50"], source=3) == [None, "91 3c 50"]


def test_a_key_and_a_pedal_end_where_they_began_whatever_is_turned_meanwhile() -> None:
    through = matrix()
    assert led(through, ["90 3c 50", "b0 40 7f"]) == ["90 3c 50", "b0 40 7f"]
    through.set([route_said("keystation:1=3")])
    assert led(through, ["80 3c 40", "90 3c 50", "b0 40 20", "b0 40 00", "b0 40 7f", "90 3c 00"]) == [
        *("80 3c 40", "92 3c 50", "b0 40 20", "b0 40 00", "b2 40 7f", "92 3c 00")
    ]
