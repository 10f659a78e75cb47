"""Copying: the longest run of intervals that two tunes share, in whatever key, and with a whole corpus."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from music.manner import copying
from music.manner.copying import intervals_of, longest_shared, longest_shared_with_any
from tests.support.passages import chords, tune

steps = st.lists(st.integers(-3, 3), max_size=30)


def longest_by_hand(one: list[int], other: list[int]) -> int:
    """The same, run by run."""
    runs = {
        tuple(other[begin:end]) for begin in range(len(other)) for end in range(begin + 1, len(other) + 1)
    }
    lengths = (
        end - begin
        for begin in range(len(one))
        for end in range(begin + 1, len(one) + 1)
        if tuple(one[begin:end]) in runs
    )
    return max(lengths, default=0)


def test_intervals_are_those_of_the_highest_notes() -> None:
    assert intervals_of(chords((48, 60), (50, 64), (62,)).notes) == [4, -2]
    assert intervals_of(tune([60]).notes) == []


def test_a_run_is_known_again_in_another_key_and_tempo_and_between_other_notes() -> None:
    call = intervals_of(tune([60, 64, 62, 65, 67, 60]).notes)
    answer = intervals_of(tune([80, 71, 75, 73, 76, 78, 79], 0.2).notes)
    assert longest_shared(answer, call) == 4  # 4, -2, 3, 2


def test_what_is_copied_whole_is_as_long_as_it_is_and_what_is_turned_over_shares_little() -> None:
    call = [2, -5, 7, 1, -3, 4, -6]
    assert longest_shared(call, call) == len(call)
    assert longest_shared([-step for step in call], call) == 0
    assert longest_shared([], call) == longest_shared(call, []) == 0


@given(steps, steps)
def test_the_longest_run_is_what_looking_at_every_run_finds(one: list[int], other: list[int]) -> None:
    assert longest_shared(one, other) == longest_by_hand(one, other)


@given(st.lists(steps, max_size=4), st.lists(steps, max_size=4))
def test_with_many_others_each_tune_has_its_longest_run_in_any(
    tunes: list[list[int]], others: list[list[int]]
) -> None:
    expected = [max((longest_by_hand(one, other) for other in others), default=0) for one in tunes]
    assert longest_shared_with_any(tunes, others) == expected


def test_a_run_does_not_go_on_from_one_piece_into_the_next() -> None:
    assert longest_shared_with_any([[1, 2, 3, 4]], [[1, 2], [3, 4]]) == [2]


def test_many_pieces_are_looked_through_a_few_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copying, "_AT_ONCE", 50)
    chance = random.Random(1)
    pieces = [[chance.randint(-12, 12) for _ in range(40)] for _ in range(30)]
    assert longest_shared_with_any([pieces[17][5:25], [99]], iter(pieces)) == [20, 0]


@pytest.mark.parametrize("seed", range(20))
def test_in_much_music_that_repeats_itself_it_is_what_tune_by_tune_finds(seed: int) -> None:
    chance = random.Random(seed)
    pieces = [[chance.choice((0, 0, 2, -2)) for _ in range(chance.randint(0, 200))] for _ in range(12)]
    borrowed = [
        piece[begin : begin + 60] for piece in pieces if (begin := chance.randint(0, 100)) < len(piece)
    ]
    tunes = [*borrowed, [], [0] * 90, [chance.choice((0, 2, -2)) for _ in range(70)]]
    expected = [max(longest_shared(one, piece) for piece in pieces) for one in tunes]
    assert longest_shared_with_any(tunes, pieces) == expected
