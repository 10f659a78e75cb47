"""The benchmark of reading: every reader counts the same notes, and what is refused is named.

What these do not prove: any speed.
"""

import argparse
from pathlib import Path

import pytest

from benchmarks.notation.reading import add_arguments, measure, run
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


def test_files_are_taken_from_all_over_the_folder(tmp_path: Path) -> None:
    for seed in range(10):
        write_midi(improvised(seed, notes=seed + 1), tmp_path / f"{seed}.mid")
    figures = run(_asked("--music", str(tmp_path), "--files", "3", "--rounds", "1", "--no-peers"))
    assert figures["files"] == 3
    assert run(_asked("--music", str(tmp_path), "--files", "0", "--rounds", "1", "--no-peers"))["files"] == 10


def test_folder_without_music_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no MIDI files in"):
        run(_asked("--music", str(tmp_path)))
