"""Long stretches: cut where they are asked to end, measured window by window, their silences found."""

import pytest

from evaluation.alone.spread import People, measured, measured_windows
from evaluation.alone.stretch import MEASURES, WINDOW_S, Stretch, table_drawn
from music.phrase import Phrase
from tests.support.command import ROOT
from tests.support.passages import SCALE, tune


def minutes(count: float, gap_s: float = 0.5, velocity: int = 64, first: int = 0) -> Phrase:
    """A scale up and up for so long, from a moment that isn't 0."""
    pitches = [first + SCALE[place % 8] for place in range(int(60 * count / gap_s))]
    return tune(pitches, gap_s, velocity=velocity, at=5.0)


def stretch_of(phrase: Phrase, most_s: float = 600.0) -> Stretch:
    found = Stretch.of(phrase, most_s)
    assert found is not None
    return found


def test_a_stretch_is_the_beginning_of_a_piece_and_none_of_a_short_one() -> None:
    assert stretch_of(minutes(3), 90).lasts_s == 90
    assert len(stretch_of(minutes(3), 90).notes) == 180
    assert Stretch.of(minutes(0.9), 600) is None
    assert Stretch.of(Phrase(), 600) is None


def test_windows_hold_what_begins_in_them_and_the_rest_is_none() -> None:
    windows = stretch_of(minutes(1.7)).windows
    assert [len(window) for window in windows] == [60, 60, 60]
    densities = measured_windows(stretch_of(minutes(2.1, 0.25)))["density"]
    assert densities == pytest.approx([4.0] * 4, abs=0.05)


def test_a_window_without_notes_has_no_density_and_no_loudness() -> None:
    found = measured_windows(Stretch(minutes(1).notes, 3 * WINDOW_S))
    assert found["density"] == [2.0, 2.0, 0.0]
    assert found["loudness"] == [64, 64]


def test_silence_is_the_longest_within_or_up_to_the_end() -> None:
    early, late = minutes(1), minutes(1).moved(64.0)
    assert stretch_of(Phrase.of([*early.notes, *late.notes])).silence_s == pytest.approx(4.05)
    assert Stretch(early.notes, 100.0).silence_s == pytest.approx(40.05)


def test_a_loop_is_much_more_the_same_than_music_that_moves_on() -> None:
    loop = measured(stretch_of(minutes(2.1)))
    moved = Phrase.of(
        note for step in range(5) for note in minutes(0.5, first=12 * step).moved(30.0 * step).notes
    )
    assert loop["sameness"] == pytest.approx(1.0, abs=0.05)
    assert measured(stretch_of(moved))["sameness"] < 0.1
    assert loop["loop_s"] > 100


def test_people_spread_and_who_is_beyond_them_is_named() -> None:
    people = People.of(stretch_of(minutes(2.1, 0.4 + place / 50, 50 + place)) for place in range(20))
    assert people is not None
    assert (people.stretches, people.windows) == (20, 80)
    among = people.beside(stretch_of(minutes(2.1, 0.6, 60)))
    assert among["beyond"] == []
    assert among["inside"] == {"density": 1.0, "loudness": 1.0}
    apart = people.beside(Stretch(minutes(2, 0.1, 100).notes, 149.0))
    assert "silence_s" in apart["beyond"]
    assert apart["inside"] == {"density": 0.0, "loudness": 0.0}
    assert People.of([]) is None


def test_the_docs_list_every_measure() -> None:
    assert table_drawn() in (ROOT / "docs" / "evaluation.md").read_text("utf-8")
    assert len({measure.name for measure in MEASURES}) == len(MEASURES)
