"""The benchmark counts what it says, finds the files it should, and draws a picture that parses."""

import argparse
from pathlib import Path
from xml.etree import ElementTree

import pytest

from benchmarks.notation.curve import Line, chart
from benchmarks.notation.roll_token_loss import AS_HELD, FOLDED, add_arguments, files_in, made, run, spaced
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


def test_where_a_table_names_a_test_split_its_pieces_alone_are_taken(tmp_path: Path) -> None:
    (tmp_path / "table.csv").write_text("split,midi_filename\ntest,b.midi\ntrain,a.midi\ntest,c/d.midi\n")
    assert files_in(tmp_path) == [tmp_path / "b.midi", tmp_path / "c" / "d.midi"]


def test_without_a_table_every_midi_file_is_taken(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    for name in ("b.MID", "a.midi", "inner/c.mid", "notes.txt"):
        (tmp_path / name).touch()
    assert [path.name for path in files_in(tmp_path)] == ["a.midi", "b.MID", "c.mid"]


def test_files_are_spaced_evenly() -> None:
    paths = [Path(str(number)) for number in range(10)]
    assert [path.name for path in spaced(paths, 4)] == ["0", "2", "5", "7"]
    assert spaced(paths, 40) == paths


def test_a_folder_without_music_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no MIDI files in"):
        run(options("--music", str(tmp_path)))


def test_the_curve_is_drawn_with_a_line_for_each_way(tmp_path: Path) -> None:
    run(options("--files", "1", "--frequencies", "5", "20", "--svg", str(tmp_path / "curve.svg")))
    picture = ElementTree.fromstring((tmp_path / "curve.svg").read_text())
    texts = [text.text for text in picture.iter("{http://www.w3.org/2000/svg}text")]
    assert {AS_HELD, FOLDED, "5", "20"} <= set(texts)
    assert len(list(picture.iter("{http://www.w3.org/2000/svg}circle"))) == 4


def test_a_chart_puts_more_higher_and_names_nothing_unescaped() -> None:
    picture = ElementTree.fromstring(
        chart([Line("a < b", [(1, 0), (10, 30)], "#000")], title="t & t", across="x", up="y", marks=[1, 10])
    )
    low, high = picture.iter("{http://www.w3.org/2000/svg}circle")
    assert float(low.attrib["cy"]) > float(high.attrib["cy"])
    assert float(low.attrib["cx"]) < float(high.attrib["cx"])
