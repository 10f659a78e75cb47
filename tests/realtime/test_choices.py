"""The options of `antiphon play` become rules and choices: each reaches the place that it is meant for."""

import argparse
from pathlib import Path

import pytest

from music.notes import Note, Pedal
from music.phrase import Phrase
from realtime import play
from realtime.answerers.imitation import Imitation
from realtime.concert import Choices, script_of
from realtime.performer.events import KeyDown, KeyUp, PedalMoved


def choices(*words: str) -> Choices:
    parser = argparse.ArgumentParser()
    play.add_arguments(parser)
    return Choices.of(parser.parse_args(words))


@pytest.mark.parametrize(
    ("words", "rule", "value"),
    [
        (("--channel", "1"), "channel", 0),
        (("--channel", "16"), "channel", 15),
        (("--channel", "next"), "channel", None),
        (("--channel", "same"), "shares_channel", True),
        ((), "shares_channel", False),
        (("--loudness", "0.5"), "loudness", 0.5),
        (("--length", "0.5"), "length_share", 0.5),
        (("--length", "8s"), "shortest_answer_s", 8.0),
        (("--length", "8s"), "longest_answer_s", 8.0),
        (("--length", "3s-12.5s"), "shortest_answer_s", 3.0),
        (("--length", "3s-12.5s"), "longest_answer_s", 12.5),
        ((), "shortest_answer_s", 2.0),
        ((), "longest_answer_s", 30.0),
    ],
)
def test_options_become_rules(words: tuple[str, ...], rule: str, value: object) -> None:
    assert getattr(choices(*words).rules, rule) == value


def test_seed_and_temperature_reach_the_answerer() -> None:
    assert choices("--seed", "7", "--temperature", "0.3").answerer == Imitation(7, 0.3)


def test_without_a_seed_another_is_chosen_each_time_and_is_the_one_told() -> None:
    made = [choices() for _ in range(8)]
    assert len({choice.seed for choice in made}) > 1
    assert all(choice.answerer == Imitation(choice.seed) for choice in made)


def test_ports_are_repeatable_and_thru_can_be_left_out() -> None:
    made = choices("--in", "a", "--in", "b", "--out", "c", "--no-thru")
    assert (made.inputs, made.outputs, made.thru) == (("a", "b"), ("c",), False)


def test_takes_are_saved_unless_told_otherwise(tmp_path: Path) -> None:
    assert choices("--no-take").take is None
    assert choices("--take", "x.mid").take == Path("x.mid")
    take = choices("--takes", str(tmp_path)).take
    assert take is not None
    assert take.parent == tmp_path
    default = choices().take
    assert default is not None
    assert default.parent == Path.home() / "Music" / "Antiphon"


def test_a_file_is_played_with_its_pedal_and_lets_go_at_the_end() -> None:
    script = script_of(Phrase.of([Note(0.5, 60, 80, 1.0)], [Pedal(0.2, True)]))
    assert script == [
        PedalMoved(0.2, 127),
        KeyDown(0.5, 60, 80),
        KeyUp(1.5, 60),
        PedalMoved(1.5, 0),
    ]
