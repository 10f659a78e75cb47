"""One process at a time writes to a run, to an experiment, and to what goes on from takes."""

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from antiphon import main
from music.settings import SettingError
from tests.support.command import ROOT
from tests.support.recipes import ALONE, check_same_run, home_in, learnt, recipe_file, small_recipe_of
from training.learning.held import held
from training.learning.train import learn
from training.run import Places, begin_run

HOLD = """\
import sys
from pathlib import Path
from training.learning.held import held
with held(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def home(tmp_path: Path) -> Places:
    return home_in(tmp_path)


def to_nobody(line: str) -> None:
    del line


def test_a_run_that_another_process_learns_is_left_as_it_is(
    home: Places, capsys: pytest.CaptureFixture[str]
) -> None:
    recipe = small_recipe_of("event")
    learnt(home, "whole", recipe)
    learn(begin_run(recipe, "cut", home, ALONE), to_nobody, until=5)
    folder = home.runs / "cut"
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    resume = ["train", "--resume", "cut", "--runs", str(home.runs)]
    with held(folder):
        assert main(resume) == 2
        assert "another process is at it" in capsys.readouterr().err
        assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
    assert main(resume) == 0
    check_same_run(home, "cut", "whole")


def test_an_experiment_is_carried_out_once_at_a_time(
    home: Places, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = home.runs / "tried"
    folder.mkdir(parents=True)
    (folder / "experiment.json").write_text("{}")
    with held(folder):
        assert main(["train", "--resume", "tried", "--runs", str(home.runs)]) == 2
    assert "another process is at it" in capsys.readouterr().err
    assert main(["train", "--resume", "tried", "--runs", str(home.runs)]) == 0


def test_a_new_run_is_held_while_it_learns(home: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    file = recipe_file(home, "new", small_recipe_of("event"))
    refused = []

    def look(*_: object, **__: object) -> int:
        with pytest.raises(SettingError, match="another process is at it"), held(home.runs / "new"):
            pass
        refused.append(True)
        raise KeyboardInterrupt

    monkeypatch.setattr("commands.parts.carrying_out.learn", look)
    where = ["--runs", str(home.runs), "--corpora", str(home.data)]
    assert main(["train", str(file), "--run", "new", *where]) == 130
    assert refused


@pytest.mark.skipif(sys.platform == "win32", reason="a folder can't be held there")
def test_who_is_killed_holds_nothing_any_more(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        with pytest.raises(SettingError, match="another process is at it"), held(tmp_path):
            pass
        os.kill(process.pid, signal.SIGKILL)
    with held(tmp_path):
        pass


def test_others_may_read_weights_as_they_may_read_the_rest_of_a_run(home: Places) -> None:
    learnt(home, "read", small_recipe_of("event"))
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (home.runs / "read").rglob("*") if path.is_file()}
    assert len(modes) == 1
