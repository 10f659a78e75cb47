"""Passages are taken by seed, beside the one that follows, and counted as what they are."""

import argparse
import random
from pathlib import Path

import pytest

from benchmarks.material import performance
from benchmarks.repertoire import passages
from benchmarks.repertoire.passages import figures, pairs_of
from music.midi.files import write_midi
from music.notes import Note, Pedal
from music.phrase import Phrase


def steady(seconds: int, each_s: float = 0.25) -> list[Note]:
    return [Note(place * each_s, 60 + place % 5, 64, each_s) for place in range(int(seconds / each_s))]


def test_steady_music_comes_to_the_same_everywhere() -> None:
    pairs = list(pairs_of(steady(60), 20, random.Random(1)))
    assert len(pairs) > 5
    found = figures(pairs)
    assert found["fullest_second"] == dict.fromkeys(("p1", "p5", "p50", "p95", "p99"), 4.0)
    assert found["longest_gap_s"]["p50"] == 0.25
    assert found["longest_silence_s"]["p99"] == 0.0
    assert found["fullest_second_against_the_one_before"]["p50"] == 1.0


def test_a_passage_is_followed_by_as_much_and_the_end_of_a_piece_by_nothing() -> None:
    for before, after in pairs_of(steady(60), 20, random.Random(1)):
        assert abs(len(before) - len(after)) <= 1
        assert after[0].at - before[-1].at == 0.25
    assert not list(pairs_of(steady(2), 20, random.Random(1)))
    assert not list(pairs_of([], 20, random.Random(1)))


def options(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    passages.add_arguments(parser)
    return parser.parse_args(words)


def test_the_same_seed_takes_the_same_passages() -> None:
    once, again, other = (list(pairs_of(steady(60), 20, random.Random(seed))) for seed in (1, 1, 2))
    assert once == again
    assert once != other


def test_a_passage_is_as_long_as_it_may_be() -> None:
    for before, after in pairs_of(steady(60), 40, random.Random(3)):
        lasts = after[0].at - before[0].at
        assert passages.SHORTEST_S <= lasts <= passages.LONGEST_S + 0.25
        assert min(len(before), len(after)) >= passages.FEWEST_NOTES


def test_what_is_too_thin_is_left_out() -> None:
    assert not list(pairs_of(steady(600, each_s=20.0), 40, random.Random(1)))


def test_a_passage_twice_as_full_as_the_one_before_is_said_to_be() -> None:
    thin, full = steady(4, each_s=0.5), steady(4, each_s=0.25)
    found = figures([(thin, full)])
    assert found["fullest_second"]["p50"] == 4.0
    assert found["fullest_second_against_the_one_before"] == dict.fromkeys(
        ("p1", "p5", "p50", "p95", "p99"), 2.0
    )


def test_percentiles_lie_between_the_least_and_the_most() -> None:
    found = passages._percentiles([float(number) for number in range(101)])
    assert found == {"p1": 1.0, "p5": 5.0, "p50": 50.0, "p95": 95.0, "p99": 99.0}


def test_music_made_on_the_spot_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.material.performance", lambda seed: performance(seed, 400))
    found = passages.run(options("--files", "2", "--passages", "3"))
    assert 0 < found["passages"] <= 6
    assert found["fullest_second"]["p50"] > 4


def test_a_file_that_can_not_be_read_has_no_passages(tmp_path: Path) -> None:
    (tmp_path / "letter.mid").write_text("Dear reader")
    with pytest.raises(ValueError, match="give more music"):
        passages.run(options("--music", str(tmp_path)))


def test_the_pedal_is_folded_in(tmp_path: Path) -> None:
    phrase = Phrase.of([Note(0.0, 60, 64, 0.5)], [Pedal(0.0, True), Pedal(3.0, False)])
    write_midi(phrase, tmp_path / "one.mid")
    (note,) = passages._notes(tmp_path / "one.mid")
    assert note.length_s == pytest.approx(3.0, abs=0.01)
