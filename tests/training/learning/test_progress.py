"""What is reported while it learns: means since the last report, speed, and the time that is left."""

import re

import numpy as np
import pytest

from tests.support.recipes import ALONE, curves, home_in, learnt, small_recipe_of
from training.learning.checkpoint import RunFolder
from training.learning.progress import clock
from training.learning.train import learn
from training.run import Places, begin_run


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Places:
    return home_in(tmp_path_factory.mktemp("home"))


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0:00"), (59.4, "0:59"), (59.6, "1:00"), (3599, "59:59"), (3600, "1:00:00"), (90_061, "25:01:01")],
)
def test_a_person_reads_hours_minutes_and_seconds(seconds: float, words: str) -> None:
    assert clock(seconds) == words


def losses(home: Places, name: str) -> list[float]:
    return [row["loss"] for row in curves(home, name) if row["kind"] == "train"]


def test_it_reports_the_mean_since_the_last_report(home: Places) -> None:
    learnt(home, "each", small_recipe_of("symbol", {"learning.steps": 10}))
    learnt(home, "fourth", small_recipe_of("symbol", {"learning.steps": 10, "log.every": 4}))
    each = losses(home, "each")  # each step has as many rows
    means = [np.mean(each[:4]), np.mean(each[4:8]), np.mean(each[8:])]
    assert losses(home, "fourth") == pytest.approx(means)
    assert [row["step"] for row in curves(home, "fourth") if row["kind"] == "train"] == [4, 8, 10]


def test_a_report_says_how_many_rows_were_read_since_the_last_and_in_how_long(home: Places) -> None:
    learnt(home, "all", small_recipe_of("symbol", {"learning.steps": 6, "log.every": 6}))
    learnt(home, "halves", small_recipe_of("symbol", {"learning.steps": 6, "log.every": 3}))
    (whole,) = (row for row in curves(home, "all") if row["kind"] == "train")
    halves = [row for row in curves(home, "halves") if row["kind"] == "train"]
    assert sum(row["rows"] for row in halves) == whole["rows"] > 0
    timed = [row for row in RunFolder.existing(home.runs / "halves").curves() if row["kind"] == "train"]
    assert [row["seconds"] for row in timed] == pytest.approx(
        [row["rows"] / row["rows_a_second"] for row in timed], abs=0.001
    )


@pytest.mark.parametrize(
    ("kind", "measure", "unit"),
    [
        ("event", "nats an event", "event"),
        ("note", "nats a note", "note"),
        ("symbol", "nats a token", "token"),
        ("roll", "nats a step", "step"),
        ("rbm", "loss a step", "step"),  # contrastive divergence is no likelihood
    ],
)
def test_a_line_tells_step_loss_speed_and_time_left(home: Places, kind: str, measure: str, unit: str) -> None:
    said: list[str] = []
    learner = begin_run(
        small_recipe_of(kind, {"learning.steps": 2, "log.validate_every": 9}), kind, home, ALONE
    )
    learn(learner, said.append)
    assert len(said) == 3  # and the measurement at the end
    assert re.fullmatch(rf"step 1/2  -?[\d.]+ {measure}  [\d,]+ {unit}s/s  \d+:\d\d left", said[0])
    assert said[1].endswith("0:00 left")
    assert learner.folder.record["measure"] == measure
