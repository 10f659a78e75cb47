"""Several processes under torchrun learn as one does; what stops one of them is reported in a line, and stops
them all.

On the CPU, by gloo: that NCCL sums as it does is not shown here. "As one" is up to rounding, for gradients
are summed in another order.
"""

import os
import signal
import subprocess
import sys
from typing import Any

import pytest
import torch

from antiphon import main
from music.settings import SettingError
from tests.support.command import ROOT
from tests.support.recipes import ALONE, curves, home_in, learnt, recipe_file, saved, small_recipe_of
from tests.support.waiting import PATIENCE_S
from training.feeds.feed import Share
from training.learning.parallel import Company, company
from training.learning.train import learn
from training.run import Places, begin_run, resume_run


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Places:
    return home_in(tmp_path_factory.mktemp("home"))


def started(home: Places, *words: str) -> subprocess.Popen[str]:
    """`antiphon train WORDS...` in two processes."""
    torchrun = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", "--no-python", "--"]
    places = ["--runs", str(home.runs), "--corpora", str(home.data), "--device", "cpu"]
    return subprocess.Popen(
        [sys.executable, *torchrun, sys.executable, "-u", "-m", "antiphon", "train", *words, *places],
        env=os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def in_two(home: Places, *words: str) -> tuple[int, str]:
    """The exit status, and all that was said."""
    with started(home, *words) as process:
        try:
            said = process.communicate(timeout=PATIENCE_S)[0]
        finally:
            process.kill()
    return process.returncode, said


def check_alike(home: Places, one: str, other: str) -> None:
    """The same losses, rates and steps, and the same tensors, but for what rounding does in a dozen steps."""
    ours, theirs = curves(home, one), curves(home, other)
    assert [row.pop("kind") for row in ours] == [row.pop("kind") for row in theirs]
    for mine, its in zip(ours, theirs, strict=True):
        assert mine.pop("parts", {}) == pytest.approx(its.pop("parts", {}), rel=1e-4)
        assert mine == pytest.approx(its, rel=1e-4)
    tensors, others = saved(home, one), saved(home, other)
    assert tensors.keys() == others.keys()
    for name, tensor in tensors.items():
        if not name.startswith("chance."):  # each process has its own
            torch.testing.assert_close(tensor, others[name], rtol=1e-2, atol=1e-3, msg=name)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        ("event", {"learning.average": 0.9, "learning.clip": 0.5}),
        ("symbol", {"data.encoding": "chord"}),
    ],
)
def test_two_processes_make_the_losses_of_one(home: Places, kind: str, changes: dict[str, Any]) -> None:
    learnt(home, f"{kind}-one", small_recipe_of(kind, changes))
    status, said = in_two(
        home, recipe_file(home, f"{kind}-two", small_recipe_of(kind, changes)), "--run", f"{kind}-two"
    )
    assert status == 0, said
    assert said.count("step 12/12") == 1  # the first alone tells
    check_alike(home, f"{kind}-two", f"{kind}-one")


@pytest.mark.slow
def test_what_one_began_two_go_on_with_and_what_two_left_one(home: Places) -> None:
    recipe = small_recipe_of("event")
    learnt(home, "whole", recipe)
    learn(begin_run(recipe, "by-turns", home, ALONE), print, until=5)
    status, said = in_two(home, "--resume", "by-turns", "--until", "8")
    assert status == 0, said
    learner = resume_run("by-turns", home, ALONE)
    assert learner.step == 8
    assert learner.state["sounding"].shape[0] == 4  # the lanes of both
    learn(learner, print)
    check_alike(home, "by-turns", "whole")


@pytest.mark.slow
def test_asked_to_stop_two_save_together_and_can_be_gone_on_with(home: Places) -> None:
    file = recipe_file(home, "asked", small_recipe_of("event", {"learning.steps": 20_000}))
    with started(home, file, "--run", "asked") as process:
        assert process.stdout is not None
        try:
            for line in process.stdout:
                if line.startswith("step 3/"):
                    break
            process.send_signal(signal.SIGINT)
            said = process.communicate(timeout=PATIENCE_S)[0]
        finally:
            process.kill()
    assert "go on: antiphon train --resume asked" in said
    done = resume_run("asked", home, ALONE).step
    assert max(row["step"] for row in curves(home, "asked")) == done >= 3


@pytest.mark.slow
def test_what_stops_one_is_reported_in_its_line_and_stops_the_other(home: Places) -> None:
    """The first alone looks whether the name is free; the other waits for it, and can't go on."""
    file = recipe_file(home, "taken", small_recipe_of("event"))
    (home.runs / "taken").mkdir(parents=True)
    status, said = in_two(home, file, "--run", "taken")
    assert status != 0
    lines = [line for line in said.splitlines() if line.startswith("antiphon: ")]
    why = [line for line in lines if "another process of this run ended" not in line]
    assert len(why) == 1  # in whatever order
    assert "a run of that name exists" in why[0]
    assert "[rank1]: Traceback" not in said


def test_lanes_that_two_cannot_share_are_refused_before_anything_is_written(home: Places) -> None:
    recipe = small_recipe_of("event", {"data.feed.lanes": 3})
    refused = r"3 lanes can't be shared out among 2 processes; say data\.feed\.lanes"
    with pytest.raises(SettingError, match=refused):
        begin_run(recipe, "odd", home, Company(Share(0, 2), ALONE.device))
    assert not (home.runs / "odd").exists()


def test_an_experiment_is_refused(
    home: Places, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WORLD_SIZE", "2")
    assert main(["train", "a9-cells", "--run", "several", "--runs", str(home.runs)]) == 2
    assert "takes --jobs, not torchrun" in capsys.readouterr().err


def meeting(monkeypatch: pytest.MonkeyPatch, error: RuntimeError) -> None:
    """The second of two processes, for which meeting the first ends so."""

    def failing(_: str) -> None:
        raise error

    for name, value in (("WORLD_SIZE", "2"), ("RANK", "1"), ("LOCAL_RANK", "1")):
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(torch.distributed, "init_process_group", failing)
    with company(torch.device("cpu")):
        pytest.fail("nobody was met")


def test_one_that_ended_before_the_other_knew_it_is_reported_in_a_line_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(SettingError, match="another process of this run ended"):
        meeting(monkeypatch, RuntimeError("[pair.cc:1] Connection closed by peer [127.0.0.1]:1"))


def test_what_has_nothing_to_do_with_others_is_not_laid_at_their_door(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(RuntimeError, match="no such backend"):
        meeting(monkeypatch, RuntimeError("no such backend"))


@pytest.mark.parametrize(("of", "lanes"), [(2, [[0, 1], [2, 3]]), (4, [[0], [1], [2], [3]])])
def test_each_process_has_its_lanes_and_no_others(of: int, lanes: list[list[int]]) -> None:
    assert [list(range(4))[Share(number, of).of_lanes(4)] for number in range(of)] == lanes


def test_alone_there_is_nobody_to_wait_for() -> None:
    model = torch.nn.Linear(1, 1)
    assert ALONE.is_alone
    assert ALONE.is_first
    assert ALONE.together(model) is model
    assert ALONE.sums(2.0, 3.0) == [2.0, 3.0]
    assert ALONE.said_by_first(4.0) == 4.0
    assert ALONE.gathered(torch.ones(2)).tolist() == [1.0, 1.0]
    with ALONE.first_before_others():
        pass
    assert not Company(Share(1, 2), ALONE.device).is_first


def test_a_company_that_is_left_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody_answers(*_: Any, **__: Any) -> None:
        raise RuntimeError("Connection closed by peer")

    for name in ("all_reduce", "broadcast", "all_gather"):
        monkeypatch.setattr(torch.distributed, name, nobody_answers)
    company = Company(Share(1, 2), ALONE.device)
    with pytest.raises(SettingError, match="another process of this run ended"):
        company.sums(1.0)
    with pytest.raises(SettingError, match="the other one says why"):
        company.said_by_first(1.0)
    with pytest.raises(SettingError, match="another process of this run ended"):
        company.gathered(torch.ones(2))
