"""The benchmark counts what it says, finds the files it should, and draws a picture that parses."""

import argparse
from pathlib import Path
from types import SimpleNamespace
from xml.etree import ElementTree

import pytest

from benchmarks.notation.roll_token_loss import (
    AS_HELD,
    FOLDED,
    _mean,
    _vanishes,
    add_arguments,
    made,
    run,
)
from music.midi.files import write_midi
from music.notes import Note, Pedal
from music.phrase import Phrase


def options(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return parser.parse_args(words)


def test_music_made_on_the_spot_loses_less_the_finer_the_grid() -> None:
    figures = run(options("--files", "1", "--frequencies", "2", "10", "50"))
    lost = [row["lost_percent"] for row in figures[AS_HELD]]
    assert figures["music"]["pieces"] == 1
    assert lost[0] > lost[1] > lost[2] > 0
    assert all(row["vanished_percent"] <= row["lost_percent"] for row in figures[AS_HELD])


def test_music_made_on_the_spot_repeats() -> None:
    assert made(4) == made(4)
    assert made(4) != made(5)


def test_notes_that_vanish_are_counted_apart_from_notes_that_melt_together(tmp_path: Path) -> None:
    within, first, again = Note(0.0, 50, 64, 0.05), Note(1.0, 60, 64, 0.5), Note(1.5, 60, 64, 0.5)
    write_midi(Phrase.of([within, first, again]), tmp_path / "three.mid")
    (row,) = run(options("--music", str(tmp_path), "--frequencies", "10"))[AS_HELD]
    assert row["lost_percent"] == pytest.approx(200 / 3)
    assert row["vanished_percent"] == pytest.approx(100 / 3)


def test_the_pedal_is_left_out_or_folded_in(tmp_path: Path) -> None:
    phrase = Phrase.of([Note(0.5, 60, 64, 0.5)], [Pedal(0.0, True), Pedal(3.0, False)])
    write_midi(phrase, tmp_path / "one.mid")
    figures = run(options("--music", str(tmp_path), "--frequencies", "10"))
    assert [figures[way][0]["columns"] for way in (AS_HELD, FOLDED)] == [10, 30]


def test_a_folder_without_music_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no MIDI files in"):
        run(options("--music", str(tmp_path)))


def test_the_curve_is_drawn_with_a_line_for_each_way(tmp_path: Path) -> None:
    run(options("--files", "1", "--frequencies", "5", "20", "--svg", str(tmp_path / "curve.svg")))
    picture = ElementTree.fromstring((tmp_path / "curve.svg").read_text())
    texts = [text.text for text in picture.iter("{http://www.w3.org/2000/svg}text")]
    assert {AS_HELD, FOLDED, "5", "20"} <= set(texts)
    assert len(list(picture.iter("{http://www.w3.org/2000/svg}circle"))) == 4


def test_what_is_lost_with_strikes_written_down_stands_beside() -> None:
    figures = run(options("--files", "1", "--frequencies", "10"))
    (row,) = figures[AS_HELD]
    assert row["lost_with_strikes_percent"] < row["lost_percent"]


def test_a_note_within_one_column_vanishes_and_one_across_two_does_not() -> None:
    assert _vanishes(Note(0.02, 60, 64, 0.05), 10)
    assert not _vanishes(Note(0.07, 60, 64, 0.05), 10)
    assert not _vanishes(Note(0.02, 60, 64, 0.05), 50)


def test_columns_are_counted_by_what_sounds_in_them(tmp_path: Path) -> None:
    notes = [Note(0.0, 60, 64, 0.2), Note(0.2, 62, 64, 0.2), Note(0.4, 60, 64, 0.1)]
    write_midi(Phrase.of(notes), tmp_path / "five.mid")
    (row,) = run(options("--music", str(tmp_path), "--frequencies", "10"))[AS_HELD]
    assert (row["columns"], row["distinct_sets"]) == (5, 2)
    assert row["seen_once_percent"] == 0.0
    assert row["lost_percent"] == 0.0


def test_music_without_notes_has_no_losses(tmp_path: Path) -> None:
    write_midi(Phrase.of([]), tmp_path / "silence.mid")
    figures = run(options("--music", str(tmp_path), "--frequencies", "10"))
    (row,) = figures[AS_HELD]
    assert figures["music"]["notes"] == 0
    assert (row["lost_percent"], row["vanished_percent"], row["onset_error_ms"]) == (0.0, 0.0, 0.0)


def test_a_mean_is_over_the_notes_that_came_back() -> None:
    losses = [SimpleNamespace(notes=4, lost=1, error=2.0), SimpleNamespace(notes=1, lost=0, error=6.0)]
    assert _mean(losses, lambda loss: loss.error) == pytest.approx((3 * 2.0 + 1 * 6.0) / 4)
    assert _mean([SimpleNamespace(notes=2, lost=2, error=9.0)], lambda loss: loss.error) == 0.0
