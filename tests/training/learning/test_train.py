"""Learning: the loss falls, what is asked for is done, it stops when it is asked to, nothing is written over.

That a run which was stopped goes on exactly is in `test_resume`; what can't be learnt from, in
`test_bad_training`.
"""

import itertools
import json
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from antiphon import main
from music.settings import SettingError
from tests.support.learning import needs_bfloat16
from tests.support.recipes import (
    ALONE,
    TRUNK,
    check_same_run,
    curves,
    home_in,
    learnt,
    saved,
    small_recipe_of,
)
from training.learning.checkpoint import RunFolder, tensors_in
from training.learning.learner import Learner
from training.learning.train import learn
from training.opened_run import trained
from training.recipes.recipe import recipe_from
from training.run import Places, begin_run, resume_run


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Places:
    return home_in(tmp_path_factory.mktemp("home"))


def train(home: Places, *words: str) -> int:
    """`antiphon train WORDS...`"""
    return main(["train", *words, "--runs", str(home.runs), "--corpora", str(home.data), "--device", "cpu"])


def to_nobody(line: str) -> None:
    del line


def losses(home: Places, name: str, kind: str = "train") -> list[float]:
    return [row["loss"] for row in curves(home, name) if row["kind"] == kind]


# --- what is learnt ---


@pytest.mark.slow
def test_the_tiny_recipe_learns(home: Places) -> None:
    assert train(home, "tiny", "--run", "learns", "--set", "learning.steps=120") == 0
    curve = losses(home, "learns")
    assert curve[-1] < 0.6 * curve[0]


@pytest.mark.parametrize("kind", ["event", "note", "symbol", "step", "roll", "biaxial"])
@pytest.mark.slow
def test_each_family_learns(home: Places, kind: str) -> None:
    learnt(home, kind, small_recipe_of(kind, {"learning.steps": 40, "log.every": 10}))
    curve = losses(home, kind)
    assert curve[-1] < 0.9 * curve[0]


@pytest.mark.parametrize("optimiser", ["adamw", "adam", "rmsprop", "adagrad"])
def test_each_optimiser_learns(home: Places, optimiser: str) -> None:
    changes = {"learning.optimiser": {"kind": optimiser}, "learning.steps": 30, "log.every": 10}
    learnt(home, optimiser, small_recipe_of("symbol", changes))
    curve = losses(home, optimiser)
    assert curve[-1] < 0.95 * curve[0]


@needs_bfloat16
def test_products_in_half_precision_learn_nearly_the_same(home: Places) -> None:
    learnt(home, "float32", small_recipe_of("event"))
    learnt(home, "bfloat16", small_recipe_of("event", {"learning.precision": "bfloat16"}))
    whole, coarse = losses(home, "float32"), losses(home, "bfloat16")
    assert coarse != whole
    assert coarse == pytest.approx(whole, rel=0.02)
    assert all(value.dtype != torch.bfloat16 for value in saved(home, "bfloat16").values())


def test_a_step_goes_down_the_gradient_of_the_mean_loss_of_a_row(home: Places) -> None:
    recipe = small_recipe_of("event", {"learning.clip": 1e9})
    learner, other = (begin_run(recipe, name, home, ALONE) for name in ("down", "down-by-hand"))
    learner.optimiser = torch.optim.SGD(learner.model.parameters(), lr=1.0)
    learn(learner, to_nobody, until=1)
    rows, following, counts, _ = (torch.from_numpy(part) for part in other.feed.next())
    read, _ = other.model(rows, other.model.silent_state(len(rows)))
    loss = other.model.surprise(read, following).sum(-1)[counts].mean()
    loss.backward()  # type: ignore[no-untyped-call]
    for weight, moved in zip(other.model.parameters(), learner.model.parameters(), strict=True):
        assert weight.grad is not None
        torch.testing.assert_close(moved.detach(), weight.detach() - 1e-2 * weight.grad)


def test_a_recipe_asks_for_pieces_that_are_louder_and_softer(home: Places) -> None:
    def velocities(name: str, *louder: int) -> np.ndarray[Any, Any]:
        recipe = small_recipe_of("event", {"data.louder": louder})
        return begin_run(recipe, name, home, ALONE).feed.next().rows[..., 2]

    plain = velocities("as-they-are", 0)
    assert plain.any()
    moved = {by: np.where(plain == 0, 0, np.clip(plain + by // 4, 1, 32)) for by in (8, -8)}
    assert np.array_equal(velocities("louder", 8), moved[8])
    assert np.array_equal(velocities("softer", -8), moved[-8])
    either = velocities("either", 8, -8)  # each piece, a lane here, is one of the two
    assert all((lane == moved[8][n]).all() or (lane == moved[-8][n]).all() for n, lane in enumerate(either))
    assert not np.array_equal(either, moved[8])
    assert not np.array_equal(either, moved[-8])


def test_gradients_are_clipped(home: Places) -> None:
    """A step of plain descent moves the weights by the rate times the norm that is left."""
    learner = begin_run(small_recipe_of("event", {"learning.clip": 0.01}), "clipped", home, ALONE)
    learner.optimiser = torch.optim.SGD(learner.model.parameters(), lr=1.0)
    before = weights_of(learner)
    learn(learner, to_nobody, until=1)
    assert float((weights_of(learner) - before).norm()) == pytest.approx(1e-2 * 0.01, rel=1e-3)


def test_a_kept_mean_of_weights_is_the_mean_by_hand(home: Places) -> None:
    recipe = small_recipe_of("event", {"learning.average": 0.75, "log.validate_every": 5})
    learner = begin_run(recipe, "mean", home, ALONE)
    weight = next(learner.model.parameters())
    mean = None
    for step in range(1, 6):
        learn(learner, to_nobody, until=step)
        now = weight.detach().clone()
        kept = min(0.75, step / (9 + step))  # less at first, so that the first weights soon count no more
        mean = now if mean is None else kept * mean + (1 - kept) * now
    assert mean is not None
    torch.testing.assert_close(next(learner.result.parameters()), mean)
    assert not torch.allclose(weight, mean)
    stored = next(trained(learner.folder, ALONE.device).model.parameters())
    torch.testing.assert_close(stored, mean)  # what was measured at step 5 is what is kept


def test_a_run_of_passes_shows_the_music_so_often(home: Places) -> None:
    learner = begin_run(
        small_recipe_of("event", {"learning.steps": 0, "learning.passes": 1.5}), "passes", home, ALONE
    )
    windows = sum(-(-learner.pieces.length(number) // 24) for number in range(len(learner.pieces)))
    assert learner.steps == -(-windows * 3 // 8)  # a pass and a half of windows, in four lanes
    short = begin_run(
        small_recipe_of("event", {"learning.steps": 0, "learning.passes": 1e-6}), "p", home, ALONE
    )
    assert short.steps == 1


# --- early stopping ---


def test_patience_stops_where_nothing_gets_better_and_keeps_the_best(
    home: Places, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    measured = iter([5.0, 4.0, 4.5, 3.0, 3.0, 3.5, 2.0])
    monkeypatch.setattr(
        "training.learning.train.validated", lambda *_: {"loss": next(measured), "sentence": "so much"}
    )
    recipe = small_recipe_of("event", {"learning.patience": 2, "log.validate_every": 1, "log.every": 4})
    learner = begin_run(recipe, "patient", home, ALONE)
    weights: list[torch.Tensor] = []

    def remember(line: str) -> None:
        if "on held-out pieces" in line:
            weights.append(next(learner.model.parameters()).detach().clone())

    assert learn(learner, remember) == 6
    assert learner.is_settled
    assert losses(home, "patient", "validation") == [5.0, 4.0, 4.5, 3.0, 3.0, 3.5]
    kept = next(trained(learner.folder, ALONE.device).model.parameters())
    assert torch.equal(kept, weights[3])
    assert [row["step"] for row in curves(home, "patient") if row["kind"] == "train"] == [4, 6]
    again = resume_run("patient", home, ALONE)
    assert again.is_settled
    assert learn(again, to_nobody) == 6  # gone on with, it still has ended


def test_without_patience_it_learns_to_the_end(home: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("training.learning.train.validated", lambda *_: {"loss": 1.0, "sentence": "so much"})
    learner = begin_run(small_recipe_of("event", {"log.validate_every": 1}), "impatient", home, ALONE)
    assert learn(learner, to_nobody) == 12


def test_the_last_weights_are_kept_where_that_is_asked_for(
    home: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    losses, said = itertools.count(), list[str]()
    monkeypatch.setattr(
        "training.learning.train.validated", lambda *_: {"loss": float(next(losses)), "sentence": "so much"}
    )
    changes = {"log.validate_every": 1, "log.keep": "last"}
    learner = begin_run(small_recipe_of("event", changes), "by-heart", home, ALONE)
    learn(learner, said.append)
    kept = trained(learner.folder, ALONE.device).model.state_dict()
    assert all(torch.equal(kept[name], value) for name, value in learner.model.state_dict().items())
    assert [line for line in said if "held-out" in line][-1].endswith("so much on held-out pieces (kept)")
    assert learner.best == 0


def test_where_the_loss_does_not_tell_how_good_they_are_the_latest_weights_are_kept(
    home: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    losses, said = itertools.count(), list[str]()
    monkeypatch.setattr(
        "training.learning.train.validated", lambda *_: {"loss": float(next(losses)), "sentence": "so much"}
    )
    learner = begin_run(small_recipe_of("rbm"), "latest", home, ALONE)
    learn(learner, said.append)
    kept = trained(learner.folder, ALONE.device).model.state_dict()
    assert all(torch.equal(kept[name], value) for name, value in learner.model.state_dict().items())
    assert [line for line in said if "held-out" in line][-1].endswith("so much on held-out pieces (kept)")
    with pytest.raises(SettingError, match=r"kind rbm doesn't show how good it is.*patience=0"):
        begin_run(small_recipe_of("rbm", {"learning.patience": 2}), "waiting", home, ALONE)


def test_the_command_tells_that_it_stopped_early(
    home: Places, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    measured = iter([2.0, 3.0])
    monkeypatch.setattr(
        "training.learning.train.validated", lambda *_: {"loss": next(measured), "sentence": "so much"}
    )
    assert train(home, "tiny", "--run", "settled-early", *words({"learning.patience": 1})) == 0
    said = capsys.readouterr().out
    assert "no better for 1 measurements, so it stopped at step 4 of 12" in said
    assert "done: " in said


def words(changes: dict[str, Any]) -> list[str]:
    """`tiny` made small, as words of the command."""
    small = {"model.trunk.width": 12, "data.feed.lanes": 2, "learning.steps": 12, "log.validate_every": 2}
    return [f"--set={name}={value}" for name, value in (small | changes).items()]


# --- stopping ---


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_asked_to_stop_it_finishes_the_step_and_saves(home: Places, number: signal.Signals) -> None:
    name = f"asked-{number.name}"
    before = signal.getsignal(number)
    learner = begin_run(small_recipe_of("event"), name, home, ALONE)
    assert learn(learner, raising(number, 3)) == 3
    assert signal.getsignal(number) == before
    again = resume_run(name, home, ALONE)
    assert again.step == 3
    learn(again, to_nobody)
    learnt(home, f"{name}-not", small_recipe_of("event"))
    check_same_run(home, name, f"{name}-not")


def test_asked_twice_it_stops_at_once_with_what_was_saved(home: Places) -> None:
    before = signal.getsignal(signal.SIGINT)
    learner = begin_run(small_recipe_of("event"), "twice", home, ALONE)
    with pytest.raises(KeyboardInterrupt):
        learn(learner, raising(signal.SIGINT, 6, 6))
    assert signal.getsignal(signal.SIGINT) == before
    assert resume_run("twice", home, ALONE).step == 4


def raising(number: signal.Signals, *steps: int) -> Callable[[str], None]:
    """Raises the signal when these steps are reported, as often as they are named."""

    def tell(line: str) -> None:
        for step in steps:
            if line.startswith(f"step {step}/"):
                signal.raise_signal(number)

    return tell


def test_the_command_that_is_stopped_at_once_says_so(
    home: Places, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def at_once(*_: Any, **__: Any) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("commands.parts.carrying_out.learn", at_once)
    assert train(home, "tiny", "--run", "at-once", *words({})) == 130
    assert "it had not saved anything yet: begin anew under another --run" in capsys.readouterr().err
    monkeypatch.undo()
    assert train(home, "tiny", "--run", "later", "--until", "5", *words({})) == 0
    monkeypatch.setattr("commands.parts.carrying_out.learn", at_once)
    assert train(home, "--resume", "later") == 130
    assert "what was saved before stands (--resume goes on)" in capsys.readouterr().err


def test_until_stops_there_and_says_how_to_go_on(home: Places, capsys: pytest.CaptureFixture[str]) -> None:
    assert train(home, "tiny", "--run", "until", "--until", "3", *words({})) == 0
    assert "stopped at step 3 of 12; go on: antiphon train --resume until" in capsys.readouterr().out
    assert not (home.runs / "until" / "outcome.json").exists()
    assert train(home, "--resume", "until") == 0
    said = capsys.readouterr().out
    assert "step 12/12" in said
    assert "step 3/12" not in said
    outcome = json.loads((home.runs / "until" / "outcome.json").read_text())
    assert outcome["steps"] == 12
    assert outcome["least_loss"] == min(losses(home, "until"))


def test_a_crash_after_the_last_checkpoint_costs_only_what_came_after_it(home: Places) -> None:
    recipe = small_recipe_of("event")
    learnt(home, "uncrashed", recipe)
    learn(begin_run(recipe, "crashed", home, ALONE), to_nobody, until=8)
    folder = home.runs / "crashed"
    with (folder / "curves.jsonl").open("a") as file:
        file.write(json.dumps({"step": 9, "kind": "train", "loss": 9.9}) + '\n{"step": 10, "ki')
    (folder / "checkpoint").rename(folder / "checkpoint.old")  # a crash between two renames
    learn(resume_run("crashed", home, ALONE), to_nobody)
    check_same_run(home, "crashed", "uncrashed")


# --- what is kept ---


def test_a_run_records_what_it_takes_to_make_it_again(home: Places) -> None:
    recipe = small_recipe_of("event", {"seed": 7})
    learn(begin_run(recipe, "recorded", home, ALONE), to_nobody, until=1)
    record = RunFolder.existing(home.runs / "recorded").record
    assert recipe_from(record["recipe"], "again", {}) == recipe
    assert record["tier"] == "own"
    assert [(data["name"], len(data["hash"]), data["pieces"]) for data in record["data"]] == [
        ("tiny", 16, 24)
    ]
    assert record["source_commit"]
    assert record["measure"] == "nats an event"
    files = [path for path in (home.runs / "recorded").rglob("*") if path.is_file()]
    assert {path.suffix for path in files} <= {".json", ".jsonl", ".safetensors"}  # no pickles


def test_a_run_is_never_written_over(home: Places, capsys: pytest.CaptureFixture[str]) -> None:
    assert train(home, "tiny", "--run", "once", "--until", "1", *words({})) == 0
    before = {path: path.read_bytes() for path in (home.runs / "once").rglob("*") if path.is_file()}
    assert train(home, "tiny", "--run", "once", *words({})) == 2
    assert "go on with it (--resume once) or say another --run" in capsys.readouterr().err
    assert {path: path.read_bytes() for path in (home.runs / "once").rglob("*") if path.is_file()} == before


def test_begun_from_the_weights_of_another_run_it_starts_where_that_one_ended(home: Places) -> None:
    learner = learnt(home, "first", small_recipe_of("event"))
    second = begin_run(small_recipe_of("event", {"seed": 5}), "second", home, ALONE, learner.folder.model)
    for name, value in tensors_in(learner.folder.model).items():
        assert torch.equal(second.model.state_dict()[name], value)
    learn(second, to_nobody, until=1)
    assert losses(home, "second")[0] < losses(home, "first")[0]


def test_begun_from_other_weights_the_kept_mean_begins_there_too(home: Places) -> None:
    learner = learnt(home, "to-begin", small_recipe_of("event"))
    recipe = small_recipe_of("event", {"learning.average": 0.999})
    second = begin_run(recipe, "mean-begun", home, ALONE, learner.folder.model)
    learn(second, to_nobody, until=1)
    before, after = (next(model.parameters()).detach() for model in (learner.model, second.result))
    assert float((after - before).abs().max()) < 0.02  # one step of Adam


def weights_of(learner: Learner) -> torch.Tensor:
    return torch.cat([value.detach().flatten() for value in learner.model.parameters()])


def test_the_seed_alone_decides_how_it_begins(home: Places) -> None:
    one, same, other = (
        begin_run(small_recipe_of("event", {"seed": seed}), f"seeded{number}", home, ALONE)
        for number, seed in enumerate((3, 3, 4))
    )
    assert torch.equal(weights_of(one), weights_of(same))
    assert not torch.equal(weights_of(one), weights_of(other))


@pytest.mark.parametrize(
    ("said", "message"),
    [
        (["no-such-recipe"], "no recipe is called"),
        ([], "say a RECIPE"),
        (["tiny", "--set", "data.corpora=nowhere"], "no such corpus"),
        (["--resume", "never-begun"], "no run lies there"),
        (["tiny", "--resume", "never-begun"], "without a recipe"),
        (["tiny", "--set", "learning.steps"], "--set takes KEY=VALUE"),
        (["tiny", "--jobs", "2"], "--jobs is for several"),
        (["tiny", "--small"], "it has no small form"),
        (["a9-cells", "--init", "none"], "takes no --init"),
        (["a9-cells", "--until", "3"], "takes no --until"),
        (["a9-cells", "--jobs", "0"], "--jobs is 1 or more"),
    ],
)
def test_what_can_not_be_trained_is_refused(
    home: Places, said: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert train(home, *said) == 2
    assert message in capsys.readouterr().err


def test_a_damaged_run_is_refused_in_one_line(home: Places, capsys: pytest.CaptureFixture[str]) -> None:
    learn(
        begin_run(small_recipe_of("event", {"model.trunk": TRUNK}), "torn", home, ALONE), to_nobody, until=1
    )
    (home.runs / "torn" / "run.json").write_text('{"recipe": ')
    assert train(home, "--resume", "torn") == 2
    printed = capsys.readouterr().err
    assert "damaged, so the run can't be read" in printed
    assert printed.count("\n") == 1


def test_a_run_that_ended_before_it_saved_is_refused(
    home: Places, capsys: pytest.CaptureFixture[str]
) -> None:
    begin_run(small_recipe_of("event"), "unsaved", home, ALONE)
    assert train(home, "--resume", "unsaved") == 2
    assert "ended before its first checkpoint; begin anew under another --run" in capsys.readouterr().err


def test_a_path_is_no_surprise(tmp_path: Path) -> None:
    """Corpora and runs may lie anywhere, in folders with spaces too."""
    home = home_in(tmp_path / "my music")
    assert learnt(home, "a run", small_recipe_of("event", {"learning.steps": 1})).step == 1


# --- snapshots ---


@pytest.mark.slow
def test_asked_for_snapshots_keep_the_weights_of_their_steps(home: Places) -> None:
    recipe = small_recipe_of("roll", {"log.snapshots": [0.25, 1.0], "log.measures": ["test"]})
    whole = learnt(home, "snapshots", recipe)
    kept = whole.folder.snapshots()
    assert list(kept) == [3, 12]
    last = tensors_in(kept[12])
    assert all(torch.equal(value, last[name]) for name, value in whole.model.state_dict().items())
    early = tensors_in(kept[3])
    assert not all(torch.equal(value, early[name]) for name, value in last.items())
    broken_off = learnt(home, "snapshots-broken-off", recipe, 5)
    again = {step: tensors_in(path) for step, path in broken_off.folder.snapshots().items()}
    assert all(torch.equal(again[3][name], value) for name, value in early.items())


def test_snapshots_that_are_no_shares_are_refused() -> None:
    with pytest.raises(SettingError, match="shares of the steps"):
        small_recipe_of("roll", {"log.snapshots": [10]})
    with pytest.raises(SettingError, match="'stages' looks at snapshots"):
        small_recipe_of("roll", {"log.measures": ["stages"]})
    with pytest.raises(SettingError, match="2 pieces or more"):
        small_recipe_of("roll", {"log.pieces": 1})
