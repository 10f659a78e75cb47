"""Symbols by frequency: what they cost by hand, and how they are drawn."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from evaluation.baselines.chord import SameAgain, SymbolFrequencies
from music.encodings.chord import ChordEncoding
from music.settings import SettingError
from tests.support.phrases import improvised


def tokens(*numbers: int) -> NDArray[np.int64]:
    return np.array(numbers, np.int64).reshape(-1, 1)


KNOWN = SymbolFrequencies.of([tokens(1, 1, 2), tokens(1)], size=4)


def test_a_token_costs_by_its_count_and_one_more() -> None:
    assert KNOWN.nats_a_token([tokens(1)]) == pytest.approx(-math.log(4 / 8))
    assert KNOWN.nats_a_token([tokens(0)]) == pytest.approx(math.log(8))  # never seen


def test_held_out_tokens_are_pooled_over_pieces() -> None:
    wanted = -(2 * math.log(4 / 8) + math.log(2 / 8) + math.log(1 / 8)) / 4
    assert KNOWN.nats_a_token([tokens(1, 1, 2), tokens(), tokens(3)]) == pytest.approx(wanted)


def test_the_same_again_costs_by_how_often_it_was_seen_and_the_first_by_frequency() -> None:
    rule = SameAgain.of([tokens(1, 1, 2), tokens(1)], size=4)
    assert rule.share == 2 / 4  # one of two, and one more of each
    wanted = -(math.log(4 / 8) + math.log(0.5 + 0.5 * 4 / 8) + math.log(0.5 * 2 / 8)) / 3
    assert rule.nats_a_token([tokens(1, 1, 2), tokens()]) == pytest.approx(wanted)


def test_what_never_stood_there_is_cheap_when_it_goes_on() -> None:
    rule = SameAgain.of([tokens(*[1] * 50, *[2] * 50)], size=4)
    assert rule.nats_a_token([tokens(*[3] * 50)]) < rule.frequencies.nats_a_token([tokens(*[3] * 50)]) / 10


def test_tokens_are_drawn_by_frequency_and_only_those_seen() -> None:
    drawn = KNOWN.drawn(4000, seed=1)
    assert drawn.shape == (4000, 1)
    shares = np.bincount(drawn[:, 0], minlength=4) / 4000
    assert shares[[0, 3]].tolist() == [0, 0]
    assert shares[1] == pytest.approx(0.75, abs=0.03)


def test_a_seed_draws_the_same_and_another_does_not() -> None:
    assert np.array_equal(KNOWN.drawn(50, seed=1), KNOWN.drawn(50, seed=1))
    assert not np.array_equal(KNOWN.drawn(50, seed=1), KNOWN.drawn(50, seed=2))


def test_drawn_chords_can_be_heard() -> None:
    phrases = [improvised(seed) for seed in range(3)]
    encoding = ChordEncoding().fitted(phrases)
    known = SymbolFrequencies.of(map(encoding.encode, phrases), encoding.vocabulary.sizes[0])
    assert encoding.decode(known.drawn(16, seed=1)).notes
    assert known.nats_a_token([encoding.encode(phrases[0])]) < math.log(encoding.vocabulary.sizes[0])


def test_nothing_to_count_or_to_measure_is_refused() -> None:
    with pytest.raises(SettingError, match="nothing to draw from"):
        SymbolFrequencies.of([], size=4).drawn(1, seed=1)
    with pytest.raises(SettingError, match="no tokens to measure"):
        KNOWN.nats_a_token([tokens()])
    with pytest.raises(SettingError, match="no tokens to measure"):
        SameAgain.of([], size=4).nats_a_token([tokens()])


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        (np.zeros((3, 2), np.int64), "one symbol each"),
        (tokens(4), "vocabulary of 4"),
        (tokens(-1), "vocabulary of 4"),
    ],
)
def test_tokens_of_another_shape_or_vocabulary_are_refused(wrong: NDArray[np.int64], complaint: str) -> None:
    with pytest.raises(SettingError, match=complaint):
        KNOWN.nats_a_token([wrong])
