"""`antiphon draw`: pictures of what runs and experiments kept; what can't be drawn is said."""

import json
from pathlib import Path

import pytest

from antiphon import main
from evaluation.likeness.histograms import histograms_of
from tests.support.phrases import improvised


def charts(folder: Path) -> None:
    folder.mkdir(parents=True)
    histograms = {"drawn": histograms_of([improvised(1)]), "corpus": histograms_of([improvised(2)])}
    measures = {"shares": [0.5, 0.2], "points": {"the corpus": [[0, 0], [1, 1]], "at_100": [[1, 0]]}}
    by_heart = {"wanted": [[0, 1, 60]], "rebuilt": [[0, 1, 61]]}
    text = json.dumps({"histograms": histograms, "measures": measures, "by_heart": by_heart})
    (folder / "charts.json").write_text(text)


def draw(tmp_path: Path, *words: str) -> int:
    return main(["draw", *words, "--runs", str(tmp_path / "runs"), "--to", str(tmp_path / "pictures")])


def test_all_that_a_run_kept_is_drawn(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    charts(tmp_path / "runs" / "mine")
    assert draw(tmp_path, "mine") == 0
    names = {path.name for path in (tmp_path / "pictures").iterdir()}
    assert names == {
        f"mine-{name}.svg" for name in ("pitch", "gap", "length", "velocity", "measures", "melody")
    }
    assert len(capsys.readouterr().out.splitlines()) == 6


def test_an_experiment_has_its_capacity_drawn_and_the_charts_of_its_runs(tmp_path: Path) -> None:
    folder = tmp_path / "runs" / "memory"
    charts(folder / "lstm-40")
    recipe = {"model": {"trunk": {"kind": "lstm", "width": 16}}, "data": {"most_rows": 40}}
    (folder / "experiment.json").write_text(json.dumps({"lstm-40": recipe}))
    (folder / "outcomes.json").write_text(
        json.dumps({"lstm-40": {"least_loss": 1, "measures": {"chamfer": 1}}})
    )
    assert draw(tmp_path, "memory") == 0
    names = {path.name for path in (tmp_path / "pictures").iterdir()}
    assert {"memory-least-loss.svg", "memory-chamfer.svg", "memory-lstm-40-melody.svg"} <= names


def test_of_an_experiment_of_which_no_run_is_done_the_runs_are_drawn(tmp_path: Path) -> None:
    folder = tmp_path / "runs" / "memory"
    charts(folder / "lstm-40")
    (folder / "experiment.json").write_text(json.dumps({"lstm-40": {}}))
    assert draw(tmp_path, "memory") == 0
    assert (tmp_path / "pictures" / "memory-lstm-40-melody.svg").is_file()


def test_a_run_that_measured_nothing_has_its_losses_drawn(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "runs" / "mine"
    folder.mkdir(parents=True)
    row = {"step": 1, "kind": "train", "loss": 2.5, "rate": 0.1, "rows_a_second": 9}
    (folder / "curves.jsonl").write_text(json.dumps(row) + "\n")
    assert draw(tmp_path, "mine") == 0
    assert [path.name for path in (tmp_path / "pictures").iterdir()] == ["mine-learning.svg"]
    (folder / "curves.jsonl").write_text("{\n")
    assert draw(tmp_path, "mine") == 2
    assert "curves.jsonl is damaged" in capsys.readouterr().out


def test_where_there_is_nothing_to_draw_it_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert draw(tmp_path, "mine") == 2
    assert "no run lies there" in capsys.readouterr().err
    (tmp_path / "runs" / "mine").mkdir(parents=True)
    assert draw(tmp_path, "mime") == 2
    assert "did you mean 'mine'?" in capsys.readouterr().err
    assert draw(tmp_path, "mine", "--single-notes") == 2
    assert "say --embeddings too" in capsys.readouterr().err
    assert draw(tmp_path, "mine") == 2
    assert "nothing of it can be drawn" in capsys.readouterr().err
    (tmp_path / "runs" / "mine" / "charts.json").write_text("{")
    assert draw(tmp_path, "mine") == 2
    assert "damaged" in capsys.readouterr().err
