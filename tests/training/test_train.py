"""Learning: the loss falls, a run is gone on with exactly, nothing is written over, what is wrong is told."""

import json
from pathlib import Path

import pytest
import torch

from antiphon import main
from tests.support.corpora import tiny_corpus
from training.checkpoint import RunFolder, load_weights
from training.models.event_model import EventModel, EventModelSettings
from training.recipe import recipe_from

pytestmark = pytest.mark.slow

SMALL = [
    "model.width=24",
    "model.layers=2",
    "model.head=16",
    "model.gap_size=8",
    "model.key_size=8",
    "model.dropout=0.2",
    "data.lanes=4",
    "data.window=32",
    "learning.steps=12",
    "learning.warmup=3",
    "log.every=1",
    "log.validate_every=6",
    "log.save_every=4",
    "log.validation_events=200",
    "data.semitones=-1,0,1",
]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("home")
    tiny_corpus(folder)
    return folder


def train(home: Path, *words: str) -> int:
    places = ["--runs", str(home / "runs"), "--data", str(home / "corpora"), "--device", "cpu"]
    return main(["train", *words, *places])


def begun(home: Path, name: str, *words: str) -> int:
    settings = [word for setting in SMALL for word in ("--set", setting)]
    return train(home, "tiny", "--run", name, *settings, *words)


def losses(home: Path, name: str) -> list[tuple[int, str, float]]:
    rows = RunFolder.existing(home / "runs" / name).curves()
    return [(row["step"], row["kind"], row["nats_an_event"]) for row in rows]


def test_a_run_that_was_stopped_and_gone_on_with_makes_the_same_losses(home: Path) -> None:
    assert begun(home, "whole") == 0
    assert begun(home, "parts", "--until", "5") == 0
    assert train(home, "--resume", "parts", "--until", "9") == 0
    assert train(home, "--resume", "parts") == 0
    assert losses(home, "parts") == losses(home, "whole")
    whole, parts = (EventModel(settings_of(home, name)) for name in ("whole", "parts"))
    load_weights(whole, home / "runs" / "whole" / "model.safetensors")
    load_weights(parts, home / "runs" / "parts" / "model.safetensors")
    for one, other in zip(whole.parameters(), parts.parameters(), strict=True):
        assert torch.equal(one, other)


def settings_of(home: Path, name: str) -> EventModelSettings:
    return recipe_from(RunFolder.existing(home / "runs" / name).told["recipe"], name, {}).model


def test_a_crash_after_the_last_checkpoint_costs_only_what_came_after_it(home: Path) -> None:
    assert begun(home, "uncrashed") == 0
    assert begun(home, "crashed", "--until", "8") == 0
    folder = home / "runs" / "crashed"
    curves = (folder / "curves.jsonl").read_text()
    (folder / "curves.jsonl").write_text(
        curves + json.dumps({"step": 9, "kind": "train", "nats_an_event": 9.9}) + "\n"
    )
    (folder / "checkpoint").rename(folder / "checkpoint.old")  # a crash between two renames
    assert train(home, "--resume", "crashed") == 0
    assert losses(home, "crashed") == losses(home, "uncrashed")


def test_a_run_records_data_tier_and_source(home: Path) -> None:
    assert begun(home, "recorded", "--until", "1") == 0
    told = RunFolder.existing(home / "runs" / "recorded").told
    assert told["tier"] == "own"
    assert told["data"][0]["name"] == "tiny"
    assert len(told["data"][0]["hash"]) == 16
    assert told["source_commit"]


def test_a_run_is_never_written_over(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert begun(home, "once", "--until", "1") == 0
    before = (home / "runs" / "once" / "run.json").read_text()
    assert begun(home, "once", "--until", "1") == 2
    assert "go on with it (--resume once)" in capsys.readouterr().err
    assert (home / "runs" / "once" / "run.json").read_text() == before


def test_begun_from_the_weights_of_another_run_it_starts_where_that_one_ended(home: Path) -> None:
    assert begun(home, "first") == 0
    weights = str(home / "runs" / "first" / "model.safetensors")
    assert begun(home, "second", "--init", weights, "--until", "1") == 0
    assert losses(home, "second")[0][2] < losses(home, "first")[0][2]


def test_a_loss_that_is_no_number_stops_with_the_last_good_state_kept(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert begun(home, "wild", "--set", "learning.rate=1e30", "--set", "learning.clip=1e30") == 2
    told = capsys.readouterr().err
    assert "the loss is nan" in told
    assert "lower rate" in told


def test_weights_of_another_model_are_refused(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert begun(home, "narrow", "--until", "1") == 0
    assert begun(home, "saved") == 0
    weights = str(home / "runs" / "saved" / "model.safetensors")
    assert begun(home, "wide", "--set", "model.width=32", "--init", weights) == 2
    assert "weights of another model" in capsys.readouterr().err


def test_a_damaged_run_is_told_in_one_line(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert begun(home, "damaged", "--until", "1") == 0
    (home / "runs" / "damaged" / "run.json").write_text('{"recipe": ')
    capsys.readouterr()
    assert train(home, "--resume", "damaged") == 2
    told = capsys.readouterr().err
    assert "damaged, so the run can't be read" in told
    assert told.count("\n") == 1


def test_a_strangers_pickle_is_refused_and_not_run(home: Path, tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return (Path.touch, (tmp_path / "sprung",))  # type: ignore[return-value]

    torch.save(Trap(), tmp_path / "model.safetensors")
    assert begun(home, "trapped", "--init", str(tmp_path / "model.safetensors")) == 2
    assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["no-such-recipe"], "no recipe is called"),
        ([], "say a RECIPE"),
        (["tiny", "--set", "data.corpora=nowhere"], "no such corpus"),
        (["tiny", "--set", "data.encoding=note"], "the event model reads"),
        (["--resume", "never-begun"], "no run lies there"),
        (["tiny", "--resume", "never-begun"], "without a recipe"),
    ],
)
def test_what_can_not_be_trained_is_told(
    home: Path, words: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert train(home, *words, "--run", f"refused-{abs(hash(tuple(words)))}") == 2
    assert told in capsys.readouterr().err


def test_the_tiny_recipe_learns(home: Path) -> None:
    assert train(home, "tiny", "--run", "learns", "--set", "learning.steps=120") == 0
    told = [row for row in losses(home, "learns") if row[1] == "train"]
    assert told[-1][2] < 0.6 * told[0][2]
