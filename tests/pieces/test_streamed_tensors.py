"""A file written as its rows come is the file that the library would write;
one that can't be finished isn't there."""

import errno
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors import SafetensorError, safe_open
from safetensors.numpy import load_file, save_file

from music.settings import SettingError
from pieces import streamed_tensors
from pieces.streamed_tensors import Column, Tensors, streamed

COLUMNS = {
    "bytes": Column.of(np.uint8),
    "at": Column.of(np.float64),
    "rows": Column.of(np.int16, 3),
    "real": Column.of(np.float32, 2),
    "starts": Column.of(np.int64),
    "never": Column.of(np.int32),
}


def pieces(seed: int = 1) -> list[dict[str, np.ndarray]]:
    chance = np.random.default_rng(seed)
    return [
        {
            "bytes": chance.integers(0, 255, rows).astype(np.uint8),
            "at": chance.random(rows),
            "rows": chance.integers(0, 1000, (rows, 3)).astype(np.int16),
            "real": chance.random((rows, 2)).astype(np.float32),
        }
        for rows in (5, 0, 1, 13)
    ]


def written(path: Path, **finish: Any) -> dict[str, np.ndarray]:
    """What was written there, as one would have collected it in memory."""
    whole: dict[str, list[np.ndarray]] = {name: [] for name in ("bytes", "at", "rows", "real")}
    with streamed(path, COLUMNS) as writer:
        for piece in pieces():
            for name, rows in piece.items():
                writer.append(name, rows)
                whole[name].append(rows)
        writer.append("starts", np.array([0, 5, 5, 6, 19]))
        writer.finish(**finish)
    together = {name: np.concatenate(rows) for name, rows in whole.items()}
    return together | {"starts": np.array([0, 5, 5, 6, 19]), "never": np.empty(0, np.int32)}


def test_the_library_reads_what_it_would_have_written(tmp_path: Path) -> None:
    meant = written(tmp_path / "streamed", metadata={"about": "a ü “quoted” thing"})
    save_file(meant, tmp_path / "saved", metadata={"about": "a ü “quoted” thing"})
    ours, theirs = load_file(tmp_path / "streamed"), load_file(tmp_path / "saved")
    assert ours.keys() == theirs.keys()
    for name in ours:
        assert ours[name].dtype == theirs[name].dtype
        assert np.array_equal(ours[name], theirs[name])
    with safe_open(tmp_path / "streamed", "numpy") as one, safe_open(tmp_path / "saved", "numpy") as other:
        assert one.metadata() == other.metadata()


def test_rows_that_were_chosen_come_in_the_order_asked_for(tmp_path: Path) -> None:
    meant = written(tmp_path / "t", chosen={"rows": [(6, 19), (0, 2), (3, 3)], "at": []})
    read = load_file(tmp_path / "t")
    assert np.array_equal(read["rows"], np.concatenate([meant["rows"][6:19], meant["rows"][:2]]))
    assert read["at"].shape == (0,)
    assert np.array_equal(read["bytes"], meant["bytes"])


def test_any_rows_are_read_alone_from_either_writers_file(tmp_path: Path) -> None:
    meant = written(tmp_path / "streamed")
    save_file(meant, tmp_path / "saved")
    for path in (tmp_path / "streamed", tmp_path / "saved"):
        tensors = Tensors(path)
        for name, whole in meant.items():
            assert np.array_equal(tensors.all(name), whole)
            assert tensors.count(name) == len(whole)
            assert tensors.column(name) == COLUMNS[name]
            for begin, end in ((0, 3), (4, 9), (17, 40), (9, 9), (50, 60)):
                assert np.array_equal(tensors.rows(name, begin, end), whole[begin:end])
        assert tensors.column("nothing") is None


def test_rows_of_another_shape_are_our_own_mistake(tmp_path: Path) -> None:
    with streamed(tmp_path / "t", COLUMNS) as writer, pytest.raises(ValueError, match="rows of shape"):
        writer.append("rows", np.zeros((4, 2), np.int16))
    with pytest.raises(ValueError, match="no column of"):
        Column.of(np.complex128)


def test_what_is_not_finished_leaves_nothing(tmp_path: Path) -> None:
    target = tmp_path / "t"
    target.write_text("before")
    with suppress(KeyboardInterrupt), streamed(target, COLUMNS) as writer:
        writer.append("at", np.zeros(10))
        assert len(list(tmp_path.iterdir())) == 2
        raise KeyboardInterrupt
    assert target.read_text() == "before"
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize("fits", [0, 10, 300, 900])
@pytest.mark.parametrize("before", [b"before", None])
def test_a_full_disk_leaves_what_was_there_and_tells_the_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fits: int, before: bytes | None
) -> None:
    target = tmp_path / "t"
    if before is not None:
        target.write_bytes(before)
    taken = 0
    whole = streamed_tensors._write

    def full(file: Any, data: bytes) -> None:
        nonlocal taken
        whole(file, data[: fits - taken])
        taken += len(data)
        if taken > fits:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(streamed_tensors, "_write", full)
    with pytest.raises(SettingError, match=r"no room left on its disk.*make room") as refused:
        written(target)
    assert "\n" not in str(refused.value)
    assert [path.read_bytes() for path in tmp_path.iterdir()] == ([] if before is None else [before])


def test_a_file_that_takes_a_part_at_a_time_gets_all(tmp_path: Path) -> None:
    class Slow:
        def __init__(self) -> None:
            self.taken = b""

        def write(self, data: memoryview) -> int:
            self.taken += bytes(data[:3])
            return len(data[:3])

    slow = Slow()
    streamed_tensors._write(slow, b"a longer line")
    assert slow.taken == b"a longer line"


def test_a_folder_that_can_not_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingError, match="can't be written"), streamed(tmp_path / "file" / "t", COLUMNS):
        pass


@pytest.mark.parametrize("content", [b"", b"\0" * 64, b"{}", b"\xff" * 8 + b"{}"])
def test_what_is_no_such_file_is_the_librarys_error(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "t").write_bytes(content)
    with pytest.raises(SafetensorError):
        Tensors(tmp_path / "t")


def test_a_file_that_is_cut_short_while_it_is_read_is_refused(tmp_path: Path) -> None:
    written(tmp_path / "t")
    tensors = Tensors(tmp_path / "t")
    with (tmp_path / "t").open("r+b") as file:
        file.truncate(400)
    with pytest.raises(SettingError, match="cut short while it was read"):
        tensors.all("bytes")
