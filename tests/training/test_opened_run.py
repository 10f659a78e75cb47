"""A run is opened in one way: what can't be used is refused by every command alike,
in one line, and nothing is written."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from antiphon import main
from music.settings import SettingError
from tests.support.command import ROOT
from tests.support.generating import made_run
from tests.support.recipes import home_in, learnt, recipe_file, small_recipe_of
from training.learning.checkpoint import tensors_in
from training.models.event_model import EventModel, EventModelSettings
from training.models.from_file import put_weights_of_file
from training.models.trunks.recurrent import RecurrentSettings
from training.opened_run import beginning, opened
from training.run import Places

# By what is asked of a run that is called `asked`; `whole` is another one.
COMMANDS: dict[str, list[str]] = {
    "generate": ["generate", "asked", "out.mid", "--rows", "2", "--device", "cpu"],
    "polish": ["generate", "whole", "out.mid", "--rows", "2", "--device", "cpu", "--polish", "asked"],
    "export": ["export-onnx", "asked", "--precision", "fp32"],
    "evaluate": ["evaluate", "asked", "--device", "cpu"],
    "answers": ["evaluate", "asked", "--answers", "out"],
    "init-run": ["train", "small.toml", "--run", "new", "--init", "asked", "--device", "cpu"],
    "init-file": [
        *("train", "small.toml", "--run", "new", "--device", "cpu"),
        *("--init", "runs/asked/model.safetensors"),
    ],
    "resume": ["train", "--resume", "asked", "--until", "3", "--device", "cpu"],
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Places:
    """A place with a run of two steps, and the recipe of one that could begin with its weights."""
    home = home_in(tmp_path_factory.mktemp("home"))
    recipe = small_recipe_of("event", {"learning.steps": 2, "log.validate_every": 1, "log.measures": []})
    learnt(home, "whole", recipe)
    recipe_file(home, "small", recipe)
    return home


@pytest.fixture(autouse=True)
def _at_home(home: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(home.runs.parent)
    shutil.rmtree(home.runs / "asked", ignore_errors=True)
    shutil.copytree(home.runs / "whole", home.runs / "asked")


def _recorded(change: Callable[[dict[str, Any]], Any]) -> Callable[[Path], None]:
    """The run's record, changed."""

    def spoil(run: Path) -> None:
        record = json.loads((run / "run.json").read_text())
        change(record)
        (run / "run.json").write_text(json.dumps(record))

    return spoil


def _cut(name: str) -> Callable[[Path], None]:
    def spoil(run: Path) -> None:
        (run / name).write_bytes((run / name).read_bytes()[:-9])

    return spoil


def _of_an_older_feed(record: dict[str, Any]) -> None:
    record["recipe"]["data"]["lanes"] = record["recipe"]["data"].pop("feed")["lanes"]


def _wild(run: Path) -> None:
    weights = tensors_in(run / "model.safetensors")
    next(iter(weights.values())).fill_(float("nan"))
    save_file(weights, run / "model.safetensors")


# By what is wrong with the run: how it comes about, and what is said.
OF_ITS_RECORD: dict[str, tuple[Callable[[Path], Any], str]] = {
    "no-such-run": (shutil.rmtree, "asked: no run lies there"),
    "older-recipe": (_recorded(_of_an_older_feed), "another version of Antiphon wrote it"),
    "older-encoding": (
        _recorded(lambda record: record["recipe"]["data"]["encoding_settings"].update(grid=24)),
        "another version of Antiphon wrote it",
    ),
    "other-fingerprint": (
        _recorded(lambda record: record.update(encoding_fingerprint="0123456789abcdef")),
        "it reads event with the fingerprint 0123456789abcdef, and this version of Antiphon writes ",
    ),
    "cut-record": (_cut("run.json"), "run.json: damaged"),
    "list-as-record": (
        lambda run: (run / "run.json").write_text("[1, 2]"),
        "run.json: damaged",
    ),
    "no-recipe": (_recorded(lambda record: record.pop("recipe")), "run.json: damaged"),
    "number-as-recipe": (_recorded(lambda record: record.update(recipe=5)), "damaged"),
    "no-fingerprint": (
        _recorded(lambda record: record.pop("encoding_fingerprint")),
        "run.json: damaged, so the run can't be read: it lacks encoding_fingerprint",
    ),
}
OF_ITS_WEIGHTS: dict[str, tuple[Callable[[Path], Any], str]] = {
    "no-weights": (
        lambda run: (run / "model.safetensors").unlink(),
        "it has no model yet, for it was never measured on held-out pieces; go on with it (antiphon "
        "train --resume",
    ),
    "cut-weights": (_cut("model.safetensors"), "model.safetensors: no weights can be read from it"),
    "wild-weights": (_wild, "model.safetensors: its weights are broken"),
}
OF_ITS_CHECKPOINT: dict[str, tuple[Callable[[Path], Any], str]] = {
    "no-checkpoint": (lambda run: shutil.rmtree(run / "checkpoint"), "it ended before its first checkpoint"),
    "cut-checkpoint": (_cut("checkpoint/model.safetensors"), "damaged, so it can't be gone on from"),
    "cut-place": (_cut("checkpoint/place.json"), "damaged, so it can't be gone on from"),
}
REFUSALS = OF_ITS_RECORD | OF_ITS_WEIGHTS | OF_ITS_CHECKPOINT
IN_OTHER_WORDS = {("init-file", "no-such-run"): "asked/model.safetensors: no such file"}
CASES = [
    *((command, refusal) for command in COMMANDS for refusal in OF_ITS_RECORD),
    *((command, refusal) for command in COMMANDS if command != "resume" for refusal in OF_ITS_WEIGHTS),
    *(("resume", refusal) for refusal in OF_ITS_CHECKPOINT),
]


def _files(home: Places) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in home.runs.parent.rglob("*") if path.is_file()}


@pytest.mark.parametrize(("command", "refusal"), CASES)
def test_every_command_refuses_what_it_can_not_use_in_one_line_and_writes_nothing(
    home: Places, command: str, refusal: str, capsys: pytest.CaptureFixture[str]
) -> None:
    spoil, why = REFUSALS[refusal]
    spoil(home.runs / "asked")
    before = _files(home)
    assert main(COMMANDS[command]) == 2
    printed = capsys.readouterr()
    assert IN_OTHER_WORDS.get((command, refusal), why) in printed.err
    assert printed.err.startswith("antiphon: ")
    assert printed.err.count("\n") == 1
    assert printed.out == ""
    assert _files(home) == before


TAKING = [
    *("generate", "init-run", "init-file", "resume"),
    *(pytest.param(command, marks=pytest.mark.slow) for command in ("export", "evaluate")),
]


@pytest.mark.parametrize("command", TAKING)
def test_the_run_that_is_spoilt_above_is_one_that_every_command_takes(home: Places, command: str) -> None:
    assert main(COMMANDS[command]) == 0
    Path("out.mid").unlink(missing_ok=True)
    shutil.rmtree("runs/new", ignore_errors=True)


def test_an_rbm_that_another_polishes_with_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    made_run(tmp_path / "runs", "roll", "whole")
    made_run(tmp_path / "runs", "rbm", "asked")
    assert main(COMMANDS["polish"]) == 0


def test_a_mistyped_run_gets_the_nearest_one(home: Places) -> None:
    with pytest.raises(
        SettingError, match=r"whoel: no run lies there; did you mean 'whole'\? there are: asked, whole"
    ):
        opened(home.runs / "whoel")


def test_a_record_of_another_version_tells_which(home: Places) -> None:
    run = home.runs / "asked"
    _recorded(lambda record: record.update(source_commit="0123abcd"))(run)
    _recorded(_of_an_older_feed)(run)
    with pytest.raises(
        SettingError, match=r"no setting 'lanes'.*wrote it: 0123abcd; use that version, or begin"
    ):
        opened(run)


def test_an_experiments_recipe_of_another_version_is_refused_so(
    home: Places, capsys: pytest.CaptureFixture[str]
) -> None:
    record: dict[str, Any] = {"recipe": small_recipe_of("event").record()}
    _of_an_older_feed(record)
    shutil.rmtree(home.runs / "asked")
    (home.runs / "asked").mkdir()
    (home.runs / "asked" / "experiment.json").write_text(json.dumps({"one": record["recipe"]}))
    assert main(["train", "--resume", "asked"]) == 2
    said = capsys.readouterr().err
    assert "asked/one: its recipe can't be read here" in said
    assert "another version of Antiphon wrote it; use that version" in said


def test_a_file_of_weights_beside_no_run_is_taken_as_it_is(home: Places, tmp_path: Path) -> None:
    alone = tmp_path / "taken-along.safetensors"
    shutil.copy(home.runs / "whole" / "model.safetensors", alone)
    assert beginning(str(alone), home.runs) == alone
    assert beginning("whole", home.runs) == home.runs / "whole" / "model.safetensors"


MODEL_FILE = ROOT / "tests" / "golden" / "format-1-fp32.onnx"
EIGHT_BITS = ROOT / "tests" / "golden" / "format-2-int8.onnx"
FOUR_SIZES = {"gap_size": 2, "key_size": 2, "velocity_size": 2, "head": 4}
SIZES = [
    *("--set", "model.trunk.layers=1", "--set", "model.trunk.width=4", "--set", "model.head=4"),
    *(word for name in ("gap", "key", "velocity") for word in ("--set", f"model.{name}_size=2")),
]


def init_with(file: Path, *words: str) -> list[str]:
    return ["train", "small.toml", "--run", "new", "--device", "cpu", "--init", str(file), *words]


@pytest.mark.parametrize("more", [[], ["--set", "model.listens=true"]], ids=["alike", "listens"])
def test_a_run_may_begin_with_a_model_file(home: Places, more: list[str]) -> None:
    assert beginning(str(MODEL_FILE), home.runs) == MODEL_FILE
    try:
        assert main(init_with(MODEL_FILE, *SIZES, *more, "--until", "1", "--set", "learning.rate=1e-9")) == 0
        weights = tensors_in(home.runs / "new" / "checkpoint" / "model.safetensors")
        model = EventModel(
            EventModelSettings(trunk=RecurrentSettings("lstm", 1, 4), **FOUR_SIZES, listens=bool(more))
        )
        put_weights_of_file(model, MODEL_FILE)
        for name, value in model.state_dict().items():
            if not name.startswith("listening."):  # which is left to chance
                torch.testing.assert_close(weights[name], value, atol=1e-6, rtol=0, msg=name)
    finally:
        shutil.rmtree(home.runs / "new", ignore_errors=True)


@pytest.mark.parametrize(
    ("file", "words", "why"),
    [
        (MODEL_FILE, [], "and the recipe's model has"),
        (EIGHT_BITS, SIZES, "name its fp32 or fp16 file"),
        (Path("none.onnx"), SIZES, "none.onnx: no such file; say a run's name, a model file, or"),
    ],
    ids=["sizes", "eight-bits", "none"],
)
def test_a_model_file_that_does_not_fit_is_refused_in_one_line_and_nothing_is_written(
    home: Places, file: Path, words: list[str], why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(init_with(file, *words)) == 2
    printed = capsys.readouterr()
    assert why in printed.err
    assert printed.err.count("\n") == 1
    assert not (home.runs / "new").exists()
