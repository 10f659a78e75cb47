"""Passages are taken by seed, beside the one that follows, and counted as what they are."""

import random

from benchmarks.repertoire.passages import figures, pairs_of
from music.notes import Note


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
