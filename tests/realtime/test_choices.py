"""The options of `antiphon play` become rules and choices: each reaches the place that it is meant for."""

import argparse
import sys
from pathlib import Path

import pytest

from commands import play
from music.midi.scan import MidiFileError
from music.notes import Note, Pedal
from music.phrase import Phrase
from realtime import concert
from realtime.answerers.rule.imitation import Imitation
from realtime.choices import Choices
from realtime.concert import script_of
from realtime.inference import eight_bits
from realtime.inference.default_model import default_model
from realtime.inference.runtime import NoRuntimeError
from realtime.knobs import DEFAULT_CONTROLLERS, Knobs
from realtime.performer.events import KeyDown, KeyUp, PedalMoved
from tests.support.runtime import DEFAULT_STATES, FakeRuntime


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
        (("--loudness", "0.5"), "knobs", Knobs(loudness=0.5)),
        (("--length", "0.5"), "knobs", Knobs(length=0.5)),
        (("--length", "8s"), "shortest_answer_s", 8.0),
        (("--length", "8s"), "longest_answer_s", 8.0),
        (("--length", "3s-12.5s"), "shortest_answer_s", 3.0),
        (("--length", "3s-12.5s"), "longest_answer_s", 12.5),
        ((), "shortest_answer_s", 2.0),
        ((), "longest_answer_s", 30.0),
    ],
)
def test_options_become_rules(words: tuple[str, ...], rule: str, value: object) -> None:
    assert getattr(choices("--model", "none", *words).rules, rule) == value


def test_seed_and_temperature_reach_the_answerer() -> None:
    made = choices("--model", "none", "--seed", "7", "--temperature", "0.3")
    assert made.answerer == Imitation(7)
    assert made.rules.knobs == Knobs(temperature=0.3)


def test_the_model_that_comes_with_antiphon_plays_unless_another_is_chosen() -> None:
    pytest.importorskip("onnxruntime")
    assert "event model" in choices().answerer.name
    assert choices().answerer.device == "cpu"


@pytest.mark.parametrize(
    ("cuda", "words", "part"),
    [
        ("works", (), "default-fp16.onnx"),
        ("works", (), "   on cuda   seed 3"),
        ("works", ("--device", "cpu"), "   on cpu   seed 3"),
        ("absent", (), "   on cpu   seed 3"),
        ("falls back", (), "   on cpu, not on cuda: libcublasLt.so.13: cannot open shared"),
        (
            "works",
            ("--model", str(default_model())),
            "   on cpu, not on cuda: in eight bits, which CUDA can't run",
        ),
    ],
)
def test_the_line_at_start_says_which_device_plays_and_is_the_first(
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    tmp_path: Path,
    cuda: str,
    words: tuple[str, ...],
    part: str,
) -> None:
    runtime = FakeRuntime(cuda, DEFAULT_STATES)
    monkeypatch.setitem(sys.modules, "onnxruntime", runtime)
    made = choices("--seed", "3", "--from", str(tmp_path / "none.mid"), "--fast", "--no-take", *words)
    with pytest.raises(MidiFileError):
        concert.play(made)
    (line,) = capfd.readouterr().out.splitlines()
    assert part in line
    assert capfd.readouterr().err == ""


def test_what_is_wrong_with_a_model_on_this_processor_is_said_below_the_first_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    pytest.importorskip("onnxruntime")
    monkeypatch.setattr(eight_bits, "doubt_about", lambda bundle: f"{bundle.path.name} plays something else")
    with pytest.raises(MidiFileError):
        concert.play(choices("--from", str(tmp_path / "none.mid"), "--fast", "--no-take"))
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("model default.onnx")
    assert second == "      default.onnx plays something else"


def test_without_a_runtime_the_rule_plays_and_says_why(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    assert choices("--seed", "3").answerer == Imitation(3)
    assert "pip install 'antiphon[cpu]'" in capsys.readouterr().out
    with pytest.raises(NoRuntimeError):
        choices("--model", str(default_model()))


def test_the_page_is_at_its_own_port_unless_another_is_chosen() -> None:
    none = ("--model", "none")
    assert (choices(*none).page_port, choices(*none).page_port_is_a_wish) == (8765, True)
    named = choices(*none, "--page-port", "9000")
    assert (named.page_port, named.page_port_is_a_wish) == (9000, False)
    assert choices(*none, "--page-port", "0").page_port == 0
    assert choices(*none, "--no-page").page_port is None


def test_controllers_are_what_was_said_last() -> None:
    none = ("--model", "none")
    assert choices(*none).controllers == DEFAULT_CONTROLLERS
    made = choices(*none, "--cc", "hand-over=66", "--cc", "temperature=none", "--cc", "length=20")
    assert made.controllers == {"hand-over": 66, "length": 20}


def test_without_a_seed_another_is_chosen_each_time_and_is_the_one_that_plays() -> None:
    made = [choices("--model", "none") for _ in range(8)]
    assert len({choice.seed for choice in made}) > 1
    assert all(choice.answerer == Imitation(choice.seed) for choice in made)


def test_ports_are_repeatable_and_thru_can_be_left_out() -> None:
    made = choices("--model", "none", "--in", "a", "--in", "b", "--out", "c", "--no-thru")
    assert (made.inputs, made.outputs, made.thru) == (("a", "b"), ("c",), False)


def test_takes_are_saved_unless_that_is_declined(tmp_path: Path) -> None:
    assert choices("--model", "none", "--no-take").take is None
    assert choices("--model", "none", "--take", "x.mid").take == Path("x.mid")
    take = choices("--model", "none", "--takes", str(tmp_path)).take
    assert take is not None
    assert take.parent == tmp_path
    default = choices("--model", "none").take
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
