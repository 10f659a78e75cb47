"""The music of a benchmark: files of a folder, evenly spaced, or made on the spot and gone afterwards."""

import argparse
from collections import Counter
from pathlib import Path

import pytest

from benchmarks.material import add_material, files_in, music_paths, performance, spaced
from music.midi.files import read_phrase, write_midi
from music.notes import HIGHEST_KEY, LOWEST_KEY
from music.phrase import events_of, pedal_folded
from tests.support.phrases import check_each_strike_is_released


def options(*words: str, files: int = 4, rounds: int | None = 3) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_material(parser, files, rounds)
    return parser.parse_args(words)


def test_what_is_not_said_is_the_benchmarks_own() -> None:
    assert vars(options()) == {"music": None, "files": 4, "rounds": 3}
    assert vars(options("--music", "there", "--files", "0", "--rounds", "7")) == {
        "music": Path("there"),
        "files": 0,
        "rounds": 7,
    }


def test_a_benchmark_that_goes_through_its_music_once_has_no_rounds(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert "rounds" not in options(rounds=None)
    with pytest.raises(SystemExit):
        options("--rounds", "2", rounds=None)
    assert "--rounds" in capsys.readouterr().err


def test_where_a_table_names_a_test_split_its_pieces_alone_are_taken(tmp_path: Path) -> None:
    (tmp_path / "table.csv").write_text("split,midi_filename\ntest,b.midi\ntrain,a.midi\ntest,c/d.midi\n")
    assert files_in(tmp_path) == [tmp_path / "b.midi", tmp_path / "c" / "d.midi"]


def test_a_table_of_something_else_names_no_split(tmp_path: Path) -> None:
    (tmp_path / "empty.csv").write_text("")
    (tmp_path / "people.csv").write_text("name,born\nClara,1819\n")
    (tmp_path / "a.mid").touch()
    assert files_in(tmp_path) == [tmp_path / "a.mid"]


def test_without_a_table_every_midi_file_is_taken(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    for name in ("b.MID", "a.midi", "inner/c.mid", "notes.txt"):
        (tmp_path / name).touch()
    assert [path.name for path in files_in(tmp_path)] == ["a.midi", "b.MID", "c.mid"]


def test_files_are_spaced_evenly() -> None:
    paths = [Path(str(number)) for number in range(10)]
    assert [path.name for path in spaced(paths, 4)] == ["0", "2", "5", "7"]
    assert [path.name for path in spaced(paths, 1)] == ["0"]


@pytest.mark.parametrize("count", [0, 10, 40])
def test_all_are_taken_where_no_fewer_are_asked_for(count: int) -> None:
    paths = [Path(str(number)) for number in range(10)]
    assert spaced(paths, count) == paths


def test_a_folders_files_are_given_as_they_are_and_stay(tmp_path: Path) -> None:
    for number in range(5):
        (tmp_path / f"{number}.mid").write_bytes(b"whatever")
    with music_paths(tmp_path, 2) as paths:
        assert paths == [tmp_path / "0.mid", tmp_path / "2.mid"]
    assert len(list(tmp_path.iterdir())) == 5


def test_a_folder_without_music_is_refused_with_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").touch()
    with (
        pytest.raises(FileNotFoundError, match="give --music a folder that holds some"),
        music_paths(tmp_path, 2),
    ):
        pass


@pytest.mark.parametrize(("count", "made"), [(2, 2), (0, 20)])
def test_without_a_folder_music_is_made_and_gone_afterwards(
    count: int, made: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("benchmarks.material.performance", lambda seed: performance(seed, 10 + seed))
    with music_paths(None, count) as paths:
        assert len(paths) == made
        assert len(read_phrase(paths[1]).notes) > 1
        assert read_phrase(paths[0]) != read_phrase(paths[1])
    assert not any(path.exists() for path in paths)


def test_a_performance_is_the_same_for_a_seed_and_another_for_another() -> None:
    assert performance(3, 50) == performance(3, 50)
    assert performance(3, 50) != performance(4, 50)


def test_a_performance_is_as_dense_as_it_says_on_keys_of_a_piano_and_pedalled() -> None:
    made = performance(1, 1000)
    assert 900 < len(made.notes) <= 1000  # a key struck twice at once is one note
    assert 8 < len(made.notes) / made.notes[-1].at < 12
    assert all(LOWEST_KEY <= note.pitch <= HIGHEST_KEY for note in made.notes)
    downs = Counter(tread.down for tread in made.pedals)
    assert abs(downs[True] - downs[False]) <= 1
    assert downs[True] > 30


def test_a_performance_can_be_played_on_one_keyboard(tmp_path: Path) -> None:
    made = pedal_folded(performance(2, 300))
    check_each_strike_is_released(events_of(made))
    write_midi(made, tmp_path / "made.mid")
    assert len(read_phrase(tmp_path / "made.mid").notes) == len(made.notes)
