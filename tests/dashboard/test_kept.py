"""What was read of files is kept as long as they stay as they are, and no more than was asked for."""

import gc
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from dashboard.kept import Kept
from dashboard.places import Places
from dashboard.reports import load_report
from dashboard.runs import find_reports, find_runs
from music.settings import SettingError
from tests.support.judged import learnt_run

MANY = 1 << 30


class Reading:
    """Reads text, and remembers of what and after what."""

    def __init__(self) -> None:
        self.places: list[str] = []
        self.before: list[str | None] = []

    def __call__(self, place: Path, before: str | None) -> str:
        self.places.append(place.name)
        self.before.append(before)
        text = place.read_text()
        if text == "broken":
            raise SettingError(f"{place.name} is broken")
        return text


def files(folder: Path, *texts: str) -> list[Path]:
    paths = [folder / str(number) for number in range(len(texts))]
    for path, text in zip(paths, texts, strict=True):
        path.write_text(text)
    return paths


@pytest.mark.parametrize("fault", [RecursionError("so deep"), OverflowError("so large")])
def test_what_no_program_writes_is_refused_in_a_line_as_long_as_it_stays(
    fault: Exception, tmp_path: Path
) -> None:
    def read(path: Path, _: str | None) -> str:
        if path.read_text() == "deep":
            raise fault
        return path.read_text()

    kept: Kept[str] = Kept(read, most_bytes=100)
    path = tmp_path / "file"
    path.write_text("deep")
    with pytest.raises(SettingError, match=rf"file: damaged.*{fault}"):
        kept.of(path)
    path.write_text("as it should be")
    assert kept.of(path) == "as it should be"
    assert gc.isenabled()


def test_each_of_many_files_is_read_once(tmp_path: Path) -> None:
    reading = Reading()
    kept = Kept(reading, most_bytes=MANY)
    paths = files(tmp_path, *map(str, range(300)))
    for _ in range(3):
        assert [kept.of(path) for path in paths] == [str(number) for number in range(300)]
    assert len(reading.places) == 300


def test_only_the_file_that_changed_is_read_again_and_it_is_given_what_it_said_before(tmp_path: Path) -> None:
    reading = Reading()
    kept = Kept(reading, most_bytes=MANY)
    paths = files(tmp_path, "a", "b", "c")
    assert [kept.of(path) for path in paths] == ["a", "b", "c"]
    paths[1].write_text("bb")
    assert [kept.of(path) for path in paths] == ["a", "bb", "c"]
    assert reading.places == ["0", "1", "2", "1"]
    assert reading.before == [None, None, None, "b"]


def test_a_file_that_another_took_the_place_of_is_read_again_though_its_size_and_its_date_are_the_same(
    tmp_path: Path,
) -> None:
    (path,) = files(tmp_path, "one")
    kept = Kept(Reading(), most_bytes=MANY)
    assert kept.of(path) == "one"
    date = path.stat().st_mtime_ns
    other = tmp_path / "other"
    other.write_text("two")
    os.utime(other, ns=(date, date))
    other.replace(path)
    assert kept.of(path) == "two"


def test_a_refusal_is_kept_until_the_file_changes(tmp_path: Path) -> None:
    (path,) = files(tmp_path, "broken")
    reading = Reading()
    kept = Kept(reading, most_bytes=MANY)
    for _ in range(3):
        with pytest.raises(SettingError, match="0 is broken"):
            kept.of(path)
    assert len(reading.places) == 1
    path.write_text("mended")
    assert kept.of(path) == "mended"


def test_what_was_asked_for_longest_ago_is_let_go_when_it_is_too_much(tmp_path: Path) -> None:
    reading = Reading()
    kept = Kept(reading, most_bytes=10)
    first, second, third = files(tmp_path, "aaaa", "bbbb", "cccc")
    for path in (first, second, first, third, first, second):
        kept.of(path)
    assert reading.places == ["0", "1", "2", "1"]


def test_a_file_larger_than_all_that_is_kept_is_given_all_the_same(tmp_path: Path) -> None:
    kept = Kept(Reading(), most_bytes=3)
    assert [kept.of(path) for path in files(tmp_path, "far too long", "b")] == ["far too long", "b"]


def test_of_a_place_of_several_files_each_counts_and_none_need_be_there(tmp_path: Path) -> None:
    kept: Kept[list[str]] = Kept(
        lambda place, _: sorted(path.name for path in place.iterdir()), "a", "b", most_bytes=MANY
    )
    assert kept.of(tmp_path) == []
    for name in ("a", "b"):
        (tmp_path / name).write_text(name)
        assert name in kept.of(tmp_path)


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Every file that is opened from here on, by `Path`'s own means."""
    paths: list[Path] = []
    open_before: Callable[..., object] = Path.open

    def counting(path: Path, *args: object, **named: object) -> object:
        paths.append(path)
        return open_before(path, *args, **named)

    monkeypatch.setattr(Path, "open", counting)
    return paths


def test_of_two_hundred_judged_runs_nothing_is_opened_again_and_the_one_that_went_on_alone(
    places: Places, report_text: str, opened: list[Path]
) -> None:
    for number in range(200):
        folder = learnt_run(places.runs, f"run-{number}", 20)
        (folder / "evaluation").mkdir()
        (folder / "evaluation" / "tiny-train.json").write_text(report_text)
    assert len(find_reports(places).reports) == len(find_runs(places).runs) == 200
    opened.clear()
    for _ in range(2):
        find_reports(places)
        find_runs(places)
    assert opened == []
    went_on = places.runs / "run-7"
    with (went_on / "curves.jsonl").open("a") as file:
        file.write('{"step": 30, "kind": "train", "loss": 1, "rate": 1, "rows_a_second": 1}\n')
    opened.clear()
    assert find_runs(places).runs[0].done == 30
    assert {path.parent for path in opened} == {went_on}


def test_of_a_report_only_its_head_is_read_until_it_is_chosen(places: Places, report_text: str) -> None:
    folder = places.models / "default.evaluation"
    folder.mkdir()
    path = folder / "tiny-train.json"
    path.write_text(report_text.replace('"carried"', '"lost"'))
    (head,) = find_reports(places).reports
    assert (head.model, head.corpus, head.split) == ("a model", "tiny", "train")
    with pytest.raises(SettingError, match="carried"):
        load_report(path)
