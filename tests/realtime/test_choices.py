"""The options of `antiphon play` become rules and choices: each reaches the place that it is meant for."""

import argparse
import sys
from math import inf
from pathlib import Path

import pytest

from commands import play
from music.midi.scan import MidiFileError
from music.notes import Note, Pedal
from music.phrase import Phrase
from music.settings import SettingError
from realtime import concert
from realtime.answerers.rule.imitation import Imitation
from realtime.choices import Choices
from realtime.concert import script_of
from realtime.engine.wiring.delays import Delay
from realtime.engine.wiring.routes import Route
from realtime.inference import best_device, eight_bits
from realtime.inference.default_model import default_model
from realtime.inference.runtime import NoRuntimeError
from realtime.knobs import DEFAULT_CONTROLLERS, Knobs, Mode, Pause
from realtime.performer.events import Froze, KeyDown, KeyUp, PedalMoved
from realtime.performer.player.split import Split
from realtime.performer.sound.limits import Keeping
from realtime.rows.turned import ControlMoved, ModelWished
from tests.support.runtime import DEFAULT_STATES, FakeRuntime


def choices(*words: str) -> Choices:
    parser = argparse.ArgumentParser()
    play.add_arguments(parser)
    return Choices.of(parser.parse_args(words))


@pytest.mark.parametrize(
    ("words", "rule", "value"),
    [
        (("--longest-hold", "20"), "longest_hold_s", 20.0),
        (("--longest-hold", "none"), "longest_hold_s", inf),
        (("--channel", "1"), "channel", 0),
        (("--channel", "16"), "channel", 15),
        (("--channel", "next"), "channel", None),
        (("--channel", "same"), "shares_channel", True),
        (("--mode", "bars"), "mode", Mode.BARS),
        (("--bars", "2"), "bars", 2),
        (("--beats-in-a-bar", "3"), "beats_in_a_bar", 3),
        (("--tempo", "90"), "tempo", 90.0),
        (("--tempo", "90"), "follows_playing", False),
        ((), "follows_playing", True),
        (("--pause", "caught-up"), "pause", Pause.CAUGHT_UP),
        (("--split", "C4-down"), "split", Split(60, goes_up=False)),
        ((), "shares_channel", False),
        (("--loudness", "0.5"), "knobs", Knobs(loudness=0.5)),
        (("--eagerness", "2"), "knobs", Knobs(eagerness=2.0)),
        (("--silence", "0.55"), "fixed_silence_s", 0.55),
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
        ("works", (), "   on cuda: an event takes 1000.00 ms there, and 2000.00 on the cpu   seed 3"),
        ("works", ("--device", "cuda"), "   on cuda   seed 3"),
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
    monkeypatch.setattr(best_device, "seconds_an_event", lambda session: 1.0 + (session.device == "cpu"))
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
    assert choices(*none, "--cc", "hand-over=1").controllers == {"hand-over": 1}  # the default gives way
    both = choices(*none, "--cc", "temperature=21", "--cc", "hand-over=1")
    assert both.controllers == {"temperature": 21, "hand-over": 1}


def test_what_was_learnt_lies_beside_the_presets_and_is_said_and_an_option_goes_before_it(
    tmp_path: Path,
) -> None:
    (tmp_path / "controllers.toml").write_text("freeze = 80\nmute = 81\n")
    made = choices("--model", "none", "--takes", str(tmp_path), "--cc", "mute=90")
    assert made.learnt == {"freeze": 80}
    assert made.learnt_file == tmp_path / "controllers.toml"
    assert made.remarks == ("learnt: controller 80 moves freeze",)


@pytest.mark.parametrize(
    ("words", "lines"),
    [
        ((), []),
        (("--bars", "2"), ["--bars: only where bars are traded"]),
        (("--beats-in-a-bar", "3", "--bars", "8"), ["--bars and --beats-in-a-bar: only where bars"]),
        (("--bars", "2", "--mode", "bars"), []),
        (("--silence", "1", "--eagerness", "2"), ["--eagerness: not while --silence"]),
        (("--eagerness", "2"), []),
    ],
)
def test_what_does_nothing_as_it_begins_is_said(words: tuple[str, ...], lines: list[str]) -> None:
    said = choices("--model", "none", *words).remarks
    assert len(said) == len(lines)
    assert all(line.startswith(begins) for line, begins in zip(said, lines, strict=True))


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


def test_programs_are_counted_from_one_by_people_and_from_zero_by_midi() -> None:
    assert choices("--program", "1=freeze", "--program", "128=endless").programs == {
        0: "freeze",
        127: "endless",
    }


def test_limits_are_named_by_note_or_by_number() -> None:
    limits = choices("--range", "C2-c#6", "--voices", "3", "--keep", "key").rules.limits
    assert (limits.lowest, limits.highest, limits.voices) == (36, 85, 3)
    assert limits.keeping is Keeping.KEY
    assert choices("--range", "36-85").rules.limits.highest == 85
    assert choices().rules.limits.are_none


@pytest.mark.parametrize("said", ["C2", "84-36", "H2-C4", "0-128", "C2-C99", "-", "C9-G9#"])
def test_a_range_that_is_none_is_refused(said: str) -> None:
    with pytest.raises(SystemExit):
        choices(f"--range={said}")


def test_a_preset_is_recalled_by_its_program_and_an_option_goes_first(tmp_path: Path) -> None:
    path = tmp_path / "presets.toml"
    path.write_text("[verse]\nprogram = 1\ntemperature = 0.5\n[solo]\nprogram = 2\ntemperature = 1.5\n")
    controls = concert._controls(choices("--presets", str(path), "--program", "2=freeze"))
    assert controls.wishes_of_program(0, 1.0) == (ControlMoved(1.0, "temperature", 0.5),)
    assert controls.wishes_of_program(1, 1.0) == (Froze(1.0),)


def test_what_the_concert_models_weights_are_bound_by_is_known_at_start() -> None:
    pytest.importorskip("onnxruntime")
    chosen = choices("--model", "concert")
    assert chosen.model == "concert"
    assert chosen.terms is not None
    assert "CC BY-NC-SA 4.0" in chosen.terms
    assert choices("--model", "default").terms is None


def test_a_program_and_a_preset_may_name_a_model_that_is_there(tmp_path: Path) -> None:
    presets = tmp_path / "presets.toml"
    presets.write_text('[plain]\nprogram = 3\nmodel = "none"\ntemperature = 0.5\n')
    chosen = choices("--model", "none", "--program", "5=model:default", "--presets", str(presets))
    controls = concert._controls(chosen)
    assert controls.wishes_of_program(4, 1.0) == (ModelWished(1.0, "default"),)
    assert controls.wishes_of_program(2, 1.0) == (
        ModelWished(1.0, "none"),
        ControlMoved(1.0, "temperature", 0.5),
    )


def test_a_model_that_is_not_there_is_refused_with_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(
        SettingError, match="--program 5=model:mine: no model is called 'mine'; there are: default"
    ):
        choices("--model", "none", "--program", "5=model:mine")
    presets = tmp_path / "presets.toml"
    presets.write_text('[plain]\nmodel = "mine"\n')
    with pytest.raises(SettingError, match=r"\[plain\]: no model is called 'mine'"):
        choices("--model", "none", "--presets", str(presets))
    presets.write_text("[plain]\nmodel = 5\n")
    with pytest.raises(SettingError, match="a model is a name, not 5"):
        choices("--model", "none", "--presets", str(presets))


def test_a_file_has_routes_and_delays_as_tables(tmp_path: Path) -> None:
    config = tmp_path / "stage.toml"
    config.write_text(
        'model = "none"\nroute = { "piano:1" = 3 }\ndelay = { fluid = 40 }\nsend-clock = true\n'
    )
    parser = argparse.ArgumentParser()
    play.add_arguments(parser)
    chosen = Choices.of(play.parse(parser, ["--config", str(config)]))
    assert chosen.routes == (Route("piano", 0, 2),)
    assert chosen.delays == (Delay("fluid", 40.0),)
    assert chosen.sends_clock
