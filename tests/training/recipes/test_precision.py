"""Where the machine can't learn in bfloat16 a run is in float32, says so and records it;
it may be gone on with on a machine that can, and back."""

import json

import pytest
import torch
from torch import nn

from antiphon import main
from tests.support.learning import IN_BFLOAT16
from tests.support.recipes import (
    ALONE,
    TRUNK,
    check_same_run,
    curves,
    home_in,
    learnt,
    recipe_file,
    small_recipe_of,
)
from training.learning.checkpoint import RunFolder
from training.learning.train import learn
from training.recipes import precision
from training.recipes.precision import fallback_note, learns_in_bfloat16, precision_on
from training.run import Places, begin_run, resume_run

CPU = torch.device("cpu")
SAID = fallback_note(CPU)
# a GRU, which learns in bfloat16 on any CPU, lets both precisions be tried whatever the machine
HALF = {"learning.precision": "bfloat16", "model.trunk": TRUNK | {"kind": "gru"}}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Places:
    return home_in(tmp_path_factory.mktemp("home"))


@pytest.fixture
def can(monkeypatch: pytest.MonkeyPatch) -> "Machine":
    return Machine(monkeypatch)


class Machine:
    """What this machine is said to be able to."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self._patch = patch

    def learn_in_bfloat16(self, answer: bool) -> None:
        self._patch.setattr(precision, "learns_in_bfloat16", lambda device: answer)


def to_nobody(line: str) -> None:
    del line


def recorded(home: Places, name: str) -> list[tuple[int, str]]:
    return RunFolder.existing(home.runs / name).precisions()


def train(home: Places, *words: str) -> int:
    return main(["train", *words, "--runs", str(home.runs), "--corpora", str(home.data), "--device", "cpu"])


def test_what_is_tried_is_what_a_stack_of_another_size_can() -> None:
    cells = nn.LSTM(24, 16, num_layers=2, batch_first=True)
    try:
        with torch.autocast("cpu", torch.bfloat16):
            made, _ = cells(torch.randn(3, 7, 24))
        made.float().sum().backward()
    except RuntimeError:
        assert not learns_in_bfloat16(CPU)
    else:
        assert learns_in_bfloat16(CPU)
    assert learns_in_bfloat16(CPU) == IN_BFLOAT16


def test_trying_leaves_a_runs_random_numbers_alone() -> None:
    torch.manual_seed(1)
    meant = torch.rand(3)
    torch.manual_seed(1)
    precision._tried.cache_clear()
    learns_in_bfloat16(CPU)
    assert torch.equal(torch.rand(3), meant)


@pytest.mark.parametrize("can_it", [True, False])
def test_float32_is_never_anything_else(can: "Machine", can_it: bool) -> None:
    can.learn_in_bfloat16(can_it)
    assert precision_on(CPU, "float32") == "float32"


def test_where_it_can_not_it_learns_in_float32_to_the_last_bit(home: Places, can: Machine) -> None:
    can.learn_in_bfloat16(False)
    learnt(home, "asked-for-half", small_recipe_of("event", {"learning.precision": "bfloat16"}))
    learnt(home, "asked-for-whole", small_recipe_of("event"))
    check_same_run(home, "asked-for-half", "asked-for-whole")
    assert recorded(home, "asked-for-half") == recorded(home, "asked-for-whole") == [(0, "float32")]


def test_where_it_can_it_learns_in_bfloat16(home: Places, can: Machine) -> None:
    can.learn_in_bfloat16(True)
    learnt(home, "half", small_recipe_of("event", HALF))
    learnt(home, "whole", small_recipe_of("event", HALF | {"learning.precision": "float32"}))
    assert recorded(home, "half") == [(0, "bfloat16")]
    assert curves(home, "half") != curves(home, "whole")


@pytest.mark.parametrize("can_it", [True, False])
def test_the_command_says_in_one_line_that_it_falls_back(
    home: Places, can: Machine, capsys: pytest.CaptureFixture[str], can_it: bool
) -> None:
    can.learn_in_bfloat16(can_it)
    file = recipe_file(home, "half", small_recipe_of("event", HALF))
    assert train(home, file, "--run", f"said-{can_it}") == 0
    said = capsys.readouterr().out.splitlines()
    assert said.count(SAID) == (not can_it)
    assert not [line for line in said if "float32" in line and line != SAID]


def test_gone_on_with_where_it_can_not_and_back_where_it_can(
    home: Places, can: Machine, capsys: pytest.CaptureFixture[str]
) -> None:
    file = recipe_file(home, "across", small_recipe_of("event", HALF))
    can.learn_in_bfloat16(True)
    assert train(home, file, "--run", "across", "--until", "4") == 0
    assert "float32" not in capsys.readouterr().out
    can.learn_in_bfloat16(False)
    assert train(home, "--resume", "across", "--until", "8") == 0
    said = capsys.readouterr().out
    assert SAID in said
    assert "products are in float32 from step 4 on, and were in bfloat16 before" in said
    assert recorded(home, "across") == [(0, "bfloat16"), (4, "float32")]
    can.learn_in_bfloat16(True)
    assert train(home, "--resume", "across") == 0
    said = capsys.readouterr().out
    assert SAID not in said
    assert "products are in bfloat16 from step 8 on, and were in float32 before" in said
    assert recorded(home, "across") == [(0, "bfloat16"), (4, "float32"), (8, "bfloat16")]
    assert len([row for row in curves(home, "across") if row["kind"] == "train"]) == 12


def test_what_was_never_saved_is_not_recorded(home: Places, can: Machine) -> None:
    can.learn_in_bfloat16(True)
    learn(begin_run(small_recipe_of("event", HALF), "unsaved", home, ALONE), to_nobody, until=4)
    can.learn_in_bfloat16(False)
    resume_run("unsaved", home, ALONE)  # and broken off before it saved
    assert recorded(home, "unsaved") == [(0, "bfloat16"), (4, "float32")]
    can.learn_in_bfloat16(True)
    resume_run("unsaved", home, ALONE)
    assert recorded(home, "unsaved") == [(0, "bfloat16")]


def test_gone_on_with_in_the_same_the_record_is_not_touched(home: Places) -> None:
    learn(begin_run(small_recipe_of("event"), "same", home, ALONE), to_nobody, until=4)
    path = home.runs / "same" / "run.json"
    before = path.stat().st_mtime_ns
    resume_run("same", home, ALONE)
    assert path.stat().st_mtime_ns == before


def test_a_run_of_before_this_was_recorded_was_in_what_it_asked_for(home: Places, can: Machine) -> None:
    can.learn_in_bfloat16(True)
    learn(begin_run(small_recipe_of("event", HALF), "old", home, ALONE), to_nobody, until=4)
    path = home.runs / "old" / "run.json"
    record = json.loads(path.read_text())
    del record["precisions"]
    path.write_text(json.dumps(record))
    assert recorded(home, "old") == [(0, "bfloat16")]
    can.learn_in_bfloat16(False)
    resume_run("old", home, ALONE)
    assert recorded(home, "old") == [(0, "bfloat16"), (4, "float32")]


def test_an_experiment_says_it_once_before_its_first_run(
    home: Places, can: Machine, capsys: pytest.CaptureFixture[str]
) -> None:
    can.learn_in_bfloat16(False)
    file = recipe_file(home, "two", small_recipe_of("event", HALF), "[grid]\nseed = [1, 2]\n")
    assert train(home, file, "--run", "two") == 0
    said = capsys.readouterr().out.splitlines()
    assert said.count(SAID) == 1
    assert [recorded(home, f"two/seed{seed}") for seed in (1, 2)] == [[(0, "float32")]] * 2


def test_the_recipe_of_the_default_model_can_be_trained_here(
    home: Places, capsys: pytest.CaptureFixture[str]
) -> None:
    small = ("data.corpora=tiny", "learning.steps=2", "model.trunk.width=16", "data.feed.lanes=2")
    words = [word for change in small for word in ("--set", change)]
    assert train(home, "first-light", "--run", "first", *words) == 0
    assert (SAID in capsys.readouterr().out.splitlines()) == (not IN_BFLOAT16)
    assert recorded(home, "first") == [(0, "bfloat16" if IN_BFLOAT16 else "float32")]
