"""Curves as columns: read on from where they were left, anew when they were written anew, and known by where
they ceased to be numbers.
"""

import json
import math
import sys
from pathlib import Path
from typing import Any

import pytest

from dashboard.curves import OF_TRAIN, Columns, Curves, read_curves


def train_row(step: int, loss: float = 1.0) -> dict[str, Any]:
    return {"step": step, "kind": "train", "loss": loss, "rate": 1e-3, "rows_a_second": 9e3}


def held_out_row(step: int, loss: float = 1.0) -> dict[str, Any]:
    return {"step": step, "kind": "validation", "loss": loss}


def lines(*rows: dict[str, Any]) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


def steps(curves: Curves) -> list[int]:
    return [row["step"] for row in curves.train]


def test_columns_are_rows_like_any_others() -> None:
    columns = Columns(OF_TRAIN).with_rows([train_row(10, 3.0), train_row(20, 2.0), train_row(30, 1.0)])
    assert len(columns) == 3
    assert columns[-1] == {
        "step": 30,
        "loss": 1.0,
        "rate": 1e-3,
        "rows_a_second": 9e3,
        **dict.fromkeys(
            ("rows", "seconds"), pytest.approx(math.nan, nan_ok=True)
        ),  # older runs don't say them
    }
    assert [row["step"] for row in columns[::2]] == [10, 30]
    assert [row["loss"] for row in columns] == [3.0, 2.0, 1.0]
    assert list(columns.column("loss")) == [3.0, 2.0, 1.0]
    assert isinstance(columns[0]["step"], int)
    assert not Columns(OF_TRAIN)


def test_columns_take_a_fifth_of_the_memory_of_rows_or_less() -> None:
    rows = [
        {
            "step": step,
            "loss": step / 7,
            "rate": 1e-3,
            "rows_a_second": step / 3,
            "rows": step,
            "seconds": 1.5,
        }
        for step in range(1000)
    ]
    columns = Columns(OF_TRAIN).with_rows(rows)
    kept = sum(sys.getsizeof(columns.column(name)) for name in OF_TRAIN)
    assert kept < sum(map(sys.getsizeof, rows)) / 5


def test_of_a_file_that_grew_only_what_is_new_is_read(tmp_path: Path) -> None:
    path = tmp_path / "curves.jsonl"
    path.write_text(lines(train_row(10), held_out_row(10)))
    before = read_curves(path)
    spoilt = path.read_text().replace('"loss": 1.0', '"loss": 9.9', 1)
    path.write_text(
        " " * 1000 + spoilt
    )  # the beginning is another; the end is the same, but not where it was
    assert [row["loss"] for row in read_curves(path, before).train] == [9.9]
    path.write_text(lines(*(train_row(step) for step in range(1, 9))))
    before = read_curves(path)
    text = path.read_text()
    path.write_text(
        "?" + text[1:] + lines(train_row(9), held_out_row(9, 4.0))
    )  # the beginning isn't looked at
    after = read_curves(path, before)
    assert steps(after) == list(range(1, 10))
    assert [row["loss"] for row in after.validation] == [4.0]
    assert steps(before) == list(range(1, 9))


def test_a_file_that_was_written_anew_is_read_anew(tmp_path: Path) -> None:
    path = tmp_path / "curves.jsonl"
    path.write_text(lines(train_row(10), train_row(20), train_row(30)))
    before = read_curves(path)
    path.write_text(lines(train_row(10), train_row(20)))
    assert steps(read_curves(path, before)) == [10, 20]
    path.write_text(lines(train_row(11), train_row(21), train_row(31), train_row(41)))
    assert steps(read_curves(path, before)) == [11, 21, 31, 41]
    path.unlink()
    assert steps(read_curves(path, before)) == []


@pytest.mark.parametrize("cut", range(1, 12))
def test_a_line_that_is_being_written_is_read_when_it_is_whole(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "curves.jsonl"
    text = lines(train_row(10), train_row(20))
    path.write_text(text[:-cut])
    before = read_curves(path)
    assert steps(before) == [10]
    path.write_text(text)
    assert steps(read_curves(path, before)) == [10, 20]


@pytest.mark.parametrize("loss", [math.nan, math.inf, -math.inf])
def test_the_first_step_whose_loss_is_no_number_is_where_it_diverged(tmp_path: Path, loss: float) -> None:
    path = tmp_path / "curves.jsonl"
    path.write_text(lines(train_row(10), train_row(20), held_out_row(20, loss), train_row(30, loss)))
    assert read_curves(path).diverged_at == 20
    path.write_text(lines(train_row(10), held_out_row(10)))
    before = read_curves(path)
    assert before.diverged_at is None
    with path.open("a") as file:
        file.write(lines(train_row(20, loss)))
    after = read_curves(path, before)
    assert after.diverged_at == 20
    with path.open("a") as file:
        file.write(lines(train_row(30, loss)))
    assert read_curves(path, after).diverged_at == 20


def test_a_run_that_stopped_for_want_of_a_number_says_at_which_step(tmp_path: Path) -> None:
    path = tmp_path / "curves.jsonl"
    path.write_text(lines(train_row(10), {"step": 17, "kind": "diverged", "what": "gradient"}))
    curves = read_curves(path)
    assert (curves.diverged_at, curves.done, steps(curves)) == (17, 10, [10])
