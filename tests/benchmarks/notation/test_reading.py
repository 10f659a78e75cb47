"""The benchmark of reading: every reader counts the same notes, and what is refused is named.

What these do not prove: any speed.
"""

import argparse
from pathlib import Path

import mido
import pytest

from benchmarks.notation import reading
from benchmarks.notation.reading import add_arguments, measure, peers, run
from music.midi.files import write_midi
from tests.support.phrases import improvised


def _asked(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return parser.parse_args(words)


@pytest.mark.slow
def test_every_reader_counts_the_same_notes_in_music_made_on_the_spot() -> None:
    figures = run(_asked("--files", "1", "--rounds", "1"))
    counts = {reader["notes"] for reader in figures["readers"].values()}
    assert (figures["files"], figures["refused"]) == (1, [])
    assert len(figures["readers"]) == 5
    assert len(counts) == 1
    assert counts.pop() > 4000


def test_refused_file_is_named_and_left_out_for_all(tmp_path: Path) -> None:
    write_midi(improvised(1), tmp_path / "right.mid")
    (tmp_path / "wrong.mid").write_bytes(b"not music")
    figures = measure([tmp_path / "right.mid", tmp_path / "wrong.mid"], with_peers=False, rounds=1)
    assert figures["files"] == 1
    assert "wrong.mid: byte 0: not a MIDI file" in figures["refused"][0]


def test_files_are_taken_from_all_over_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for seed in range(10):
        write_midi(improvised(seed, notes=seed + 1), tmp_path / f"{seed}.mid")
    taken: list[list[str]] = []
    monkeypatch.setattr(
        reading, "_ours", lambda: {"one": lambda paths: taken.append([p.stem for p in paths]) or 1}
    )
    figures = run(_asked("--music", str(tmp_path), "--files", "3", "--rounds", "1", "--no-peers"))
    assert figures["files"] == 3
    assert run(_asked("--music", str(tmp_path), "--files", "0", "--rounds", "1", "--no-peers"))["files"] == 10
    assert taken == [["0", "3", "6"], [str(number) for number in range(10)]]


def test_folder_without_music_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no MIDI files in"):
        run(_asked("--music", str(tmp_path)))


def test_figures_are_medians_of_rounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "one.mid"
    write_midi(improvised(1), path)
    now = iter([0.0, 5.0, 10.0, 12.0, 20.0, 24.0])
    monkeypatch.setattr(reading.time, "perf_counter", lambda: next(now))
    monkeypatch.setattr(reading, "_ours", lambda: {"one": lambda _: 60})
    figures = measure([path], with_peers=False, rounds=3)
    assert figures["bytes"] == path.stat().st_size
    assert figures["readers"] == {
        "one": {
            "seconds": 4.0,
            "notes": 60,
            "notes_per_s": 15.0,
            "mb_per_s": pytest.approx(path.stat().st_size / 4e6),
        }
    }


def test_every_reader_reads_before_the_next_round_begins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns: list[str] = []

    def reader(name: str) -> reading.Reader:
        return lambda _: turns.append(name) or 1

    monkeypatch.setattr(reading, "_ours", lambda: {"ours": reader("ours")})
    monkeypatch.setattr(reading, "peers", lambda: {"theirs": reader("theirs")})
    measure([], rounds=2)
    assert turns == ["ours", "theirs", "ours", "theirs"]


def test_the_scanner_the_reader_and_mido_count_the_same_notes(tmp_path: Path) -> None:
    paths = [tmp_path / f"{seed}.mid" for seed in range(3)]
    for seed, path in enumerate(paths):
        write_midi(improvised(seed, notes=30), path)
    counts = {reading._read(paths, 1), reading._scanned(paths), reading._read_by_mido(paths)}
    assert len(counts) == 1
    assert counts.pop() > 80


def message(kind: str, note: int, velocity: int = 64, time: float = 0.0, channel: int = 0) -> mido.Message:
    return mido.Message(kind, note=note, velocity=velocity, time=time, channel=channel)


def test_mido_s_messages_are_paired_as_notes_in_the_order_of_their_ends() -> None:
    played = [
        message("note_on", 60, 80),
        message("note_on", 62, 70, time=0.5),
        message("note_off", 60, time=0.5),
        message("note_on", 62, 0, time=0.25),  # a release by another name
    ]
    assert reading._paired(played) == [(0.0, 1.0, 60, 80), (0.5, 1.25, 62, 70)]


def test_of_two_strikes_of_a_key_the_first_is_released_first() -> None:
    played = [
        message("note_on", 60, 10),
        message("note_on", 60, 20, time=1.0),
        message("note_off", 60, time=1.0),
        message("note_off", 60, time=1.0),
    ]
    assert reading._paired(played) == [(0.0, 2.0, 60, 10), (1.0, 3.0, 60, 20)]


def test_a_release_of_what_does_not_sound_is_no_note_nor_one_on_another_channel() -> None:
    played = [message("note_off", 60), message("note_on", 61), message("note_off", 61, channel=1, time=1.0)]
    assert reading._paired(played) == []


@pytest.mark.parametrize("is_there", [True, False])
def test_a_peer_that_is_not_installed_is_left_out(is_there: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading.importlib.util, "find_spec", lambda name: object() if is_there else None)
    assert ("pretty_midi" in peers()) == is_there
    assert "mido, notes paired in Python" in peers()
