"""An experiment in parts that can be compared, and precision, recall and F1 of each point."""

from dataclasses import replace
from pathlib import Path

from dashboard.comparing.experiments import apart, class_dots, not_defined, ranges_of
from dashboard.places import Places
from dashboard.runs import Experiment, find_runs
from tests.support.judged import learnt_experiment, learnt_roll_run, learnt_run


def experiment_in(folder: Path) -> Experiment:
    (experiment,) = find_runs(Places(folder)).experiments
    return experiment


def test_what_has_not_begun_belongs_to_the_only_part(tmp_path: Path) -> None:
    learnt_experiment(tmp_path, "sweep")
    ((alike, part),) = apart(experiment_in(tmp_path))
    assert alike is not None
    assert part.trials == ("plain-seed1", "deep-seed1", "deep-seed2")


def test_runs_of_another_measure_are_a_part_of_their_own_and_so_is_what_has_not_begun(tmp_path: Path) -> None:
    folder = learnt_experiment(tmp_path, "sweep")
    (folder / "deep-seed1").rename(tmp_path / "away")
    learnt_run(folder, "deep-seed1")
    parts = apart(experiment_in(tmp_path))
    assert [part.trials for _, part in parts] == [("plain-seed1",), ("deep-seed1",), ("deep-seed2",)]
    assert [alike is None for alike, _ in parts] == [False, False, True]


def test_precision_recall_and_f1_are_dots_a_seed(tmp_path: Path) -> None:
    folder = learnt_experiment(tmp_path, "sweep")
    learnt_roll_run(folder, "deep-seed2")
    experiment = experiment_in(tmp_path)
    assert class_dots(experiment, "unseen") is None
    scores = {
        f"{music}_{name}": 0.5 for music in ("learnt", "unseen") for name in ("precision", "recall", "f1")
    }
    outcome = {"least_loss": 1.0, "validation": 1.0, "measures": scores}
    done = replace(experiment, outcomes={"deep-seed1": outcome, "deep-seed2": outcome})
    rows = [row for data in class_dots(done, "unseen").to_dict()["datasets"].values() for row in data]
    assert len(rows) == 2 * 3
    assert {row["point"] for row in rows} == {"deep"}


def test_what_is_not_defined_stands_there_with_the_reason_and_ranges_with_the_figure(tmp_path: Path) -> None:
    learnt_experiment(tmp_path, "sweep")
    experiment = experiment_in(tmp_path)
    assert not_defined(experiment) == ranges_of(experiment) == []  # of old runs
    outcome = {
        "least_loss": 1.0,
        "validation": 1.0,
        "measures": {"closes": 0.5},
        "ranges": {"closes": [0.4, 0.6], "gone": [0, 1]},
        "not_defined": {"in_scale": "no note sounds"},
    }
    done = replace(experiment, outcomes={"deep-seed1": outcome, "deep-seed2": outcome})
    assert not_defined(done) == [
        {"figure": "in scale", "not defined because": "no note sounds", "runs": "deep-seed1, deep-seed2"}
    ]
    assert ranges_of(done)[0] == {
        "run": "deep-seed1",
        "figure": "closes",
        "value": 0.5,
        "from": 0.4,
        "to": 0.6,
    }
    assert len(ranges_of(done)) == 2
    damaged = replace(experiment, outcomes={"deep-seed1": outcome | {"ranges": 3, "not_defined": "all"}})
    assert not_defined(damaged) == ranges_of(damaged) == []
