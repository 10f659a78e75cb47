"""Each knob is declared once: its places, and the places where it is shown, all say what the table says."""

import argparse
from itertools import pairwise
from pathlib import Path

import pytest

from commands import play
from realtime.engine.controls import with_control
from realtime.knobs import CONTROLS, DEFAULT_KNOBS, KNOBS, Knob, Knobs, channel_at
from realtime.performer.rules import DEFAULT_RULES

PROTOCOL = Path(__file__).parents[2] / "docs" / "protocol.md"


@pytest.mark.parametrize("knob", KNOBS.values(), ids=KNOBS)
def test_a_knob_reaches_both_ends_is_at_its_default_in_the_middle_and_always_rises(knob: Knob) -> None:
    places = [knob.at(place) for place in range(128)]
    assert (places[0], places[64], places[127]) == pytest.approx((knob.lowest, knob.default, knob.highest))
    steps = knob.steps()
    assert (steps[0], steps[64], steps[-1]) == (knob.lowest, knob.default, knob.highest)
    assert all(low < high for low, high in pairwise(steps))


@pytest.mark.parametrize("knob", KNOBS.values(), ids=KNOBS)
def test_the_engine_turns_each_knob_as_far_as_it_goes(knob: Knob) -> None:
    turned = with_control(DEFAULT_RULES, knob.name, knob.highest + 1)
    assert turned is not None
    assert turned.knobs == DEFAULT_KNOBS.turned(knob.name, knob.highest)
    assert getattr(turned.knobs, knob.name) == knob.highest


def test_the_knobs_stand_at_their_defaults() -> None:
    assert {name: getattr(Knobs(), name) for name in KNOBS} == {
        name: knob.default for name, knob in KNOBS.items()
    }


def test_the_channel_s_controller_reaches_all_sixteen() -> None:
    assert sorted({channel_at(place) for place in range(128)}) == list(range(1, 17))


def test_each_knob_is_an_option_and_each_control_can_be_given_a_controller() -> None:
    parser = argparse.ArgumentParser()
    play.add_arguments(parser)
    options = [word for knob in KNOBS.values() for word in (f"--{knob.name}", f"{knob.highest:g}")]
    assert parser.parse_args(options).loudness == KNOBS["loudness"].highest
    controllers = [word for number, name in enumerate(CONTROLS, 20) for word in ("--cc", f"{name}={number}")]
    assert [name for name, _ in parser.parse_args(controllers).cc] == list(CONTROLS)


def row_of(knob: Knob) -> str:
    """A knob as the protocol's table has it."""
    bounds = f"{knob.lowest:g} | {knob.highest:g} | {knob.default:g} | {knob.scale.value} | {knob.unit}"
    return f"| `{knob.name}` | {bounds} | {knob.about}: {knob.effect} |"


def test_the_protocol_has_a_row_for_each_knob_and_no_other() -> None:
    _, table = PROTOCOL.read_text(encoding="utf-8").split("| knob |")
    rows = table.partition("\n\n")[0].splitlines()[2:]
    assert rows == [row_of(knob) for knob in KNOBS.values()]
