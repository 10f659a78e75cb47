"""The first row says what instrument this is, in values that a page can use as they are."""

import json
import re
from pathlib import Path

import pytest

from realtime.knobs import KNOBS, Knobs
from realtime.performer.rules import DEFAULT_RULES, Rules
from realtime.rows.begin import begin_row
from realtime.rows.kinds import FOR_THE_TAKE, Row
from realtime.rows.messages import Control, row_of, wish_of
from realtime.rows.standing import controls_of, controls_standing


def begun(take: Path | None = None, rules: Rules = DEFAULT_RULES) -> Row:
    return begin_row(
        12.5,
        model="rule",
        device="cpu",
        seed=7,
        take=take,
        about=("answerer: rule", "seed: 7"),
        rules=rules,
        inputs=("Piano",),
        outputs=(),
    )


def test_the_first_row_is_a_row_by_the_protocol_and_never_dropped() -> None:
    text = json.dumps(begun())
    row = row_of(text.encode())
    assert row is not None
    assert (row.kind, row.at, row.text) == ("begin", 12.5, text)
    assert row.kind in FOR_THE_TAKE
    assert row.fields == {**begun()} | {name: row.fields[name] for name in ("wall", "token")}


def test_the_word_in_the_page_s_address_is_another_at_each_start() -> None:
    words = {begun()["token"] for _ in range(100)}
    assert len(words) == 100
    assert all(re.fullmatch(r"[b-z]{4}(-[b-z]{4}){2}", word) for word in words)


def test_the_first_row_has_what_it_was_given() -> None:
    row = begun()
    assert (row["model"], row["device"], row["seed"], row["take"]) == ("rule", "cpu", 7, None)
    assert (row["inputs"], row["outputs"]) == (["Piano"], [])
    assert row["about"] == ["answerer: rule", "seed: 7"]
    assert row["offer"] == "first play a phrase"


def test_a_take_is_named_so_that_another_process_finds_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert begun(Path("take.mid"))["take"] == str(tmp_path / "take.mid")


@pytest.mark.parametrize("name", KNOBS)
def test_every_step_of_a_knob_s_slider_is_a_wish_within_its_limits(name: str) -> None:
    row = begun()
    steps, (lowest, highest) = row["steps"][name], row["limits"][name]
    assert (steps[0], steps[-1]) == (lowest, highest)
    assert row["controls"][name] in steps  # the slider can stand where the control does
    for step in steps:
        text = json.dumps({"kind": "control", "name": name, "value": step})
        assert wish_of(text, row["limits"]) == Control(name, step)


def test_each_knob_is_described_in_the_words_of_its_declaration() -> None:
    described = {each["name"]: each for each in begun()["knobs"]}
    assert list(described) == list(KNOBS)
    for name, knob in KNOBS.items():
        assert described[name] == {
            "name": name,
            "word": knob.word or name,
            "unit": knob.unit,
            "about": knob.about,
            "effect": knob.effect,
            "low": knob.low,
            "high": knob.high,
        }


def test_the_controls_stand_in_the_first_row_as_in_later_ones() -> None:
    rules = Rules(knobs=Knobs(temperature=0.25), shortest_answer_s=3.0, channel=4)
    row = begun(rules=rules)
    assert row["controls"] == controls_of(rules)
    assert row["controls"]["temperature"] == 0.25
    assert row["answer_within_s"] == [3.0, 30.0]
    assert row.items() >= controls_standing(rules).items()


@pytest.mark.parametrize(
    ("rules", "channel"),
    [
        (Rules(), "next"),
        (Rules(channel=0), 1),  # the rules count from 0, people from 1
        (Rules(channel=15), 16),
        (Rules(shares_channel=True), "same"),
        (Rules(channel=3, shares_channel=True), "same"),  # as the performer has it
    ],
)
def test_the_model_s_channel_is_said_as_it_can_be_wished(rules: Rules, channel: int | str) -> None:
    assert controls_of(rules)["channel"] == channel
    text = json.dumps({"kind": "control", "name": "channel", "value": channel})
    assert wish_of(text, {}) == Control("channel", channel)
