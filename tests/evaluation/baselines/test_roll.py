"""What counting keys knows, against numbers reckoned by hand."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from evaluation.baselines.roll import KeyCounts, nats_a_step
from music.notes import KEYS
from music.settings import SettingError


def roll(*of_key_0: int) -> NDArray[np.uint8]:
    """A piece in which key 0 sounds where a 1 stands, and no other key."""
    made = np.zeros((len(of_key_0), KEYS), np.uint8)
    made[:, 0] = of_key_0
    return made


def test_each_key_counts_one_step_more_of_each_kind() -> None:
    counts = KeyCounts.of([roll(1, 1, 0, 1), roll(0, 0)])
    assert counts.frequency()[0] == pytest.approx(4 / 8)
    assert counts.frequency()[1] == pytest.approx(1 / 8)
    # after silence: 1 (first piece), 0 (second); after sound: 1, 0; from piece to piece nothing
    assert counts.bigram()[:, 0] == pytest.approx([2 / 4, 2 / 4])
    assert counts.bigram()[:, 1] == pytest.approx([1 / 6, 1 / 2])


def test_nats_a_step_are_those_reckoned_by_hand() -> None:
    found = nats_a_step([roll(1, 1, 0, 1)], [roll(1, 1, 1), roll(1, 0)])
    others = (KEYS - 1) * -math.log(5 / 6)  # 87 keys silent in 4 steps of 4
    frequency = -(2 * math.log(4 / 6) + math.log(2 / 6)) / 3 + others
    others_after = (KEYS - 1) * -math.log(4 / 5)  # and in 3 of 3 after silence
    bigram = -3 * math.log(2 / 4) / 3 + others_after
    assert found.key_frequency == pytest.approx(frequency)
    assert found.note_bigram == pytest.approx(bigram)


def test_steps_are_pooled_and_the_first_of_each_piece_is_given() -> None:
    train = [roll(1, 1, 0, 1, 0, 0, 1)]
    long, short = roll(0, 1, 1, 1, 0), roll(1, 0)
    of_long, of_short, of_both = (nats_a_step(train, test) for test in ([long], [short], [long, short]))
    assert of_both.key_frequency == pytest.approx((4 * of_long.key_frequency + of_short.key_frequency) / 5)
    assert of_both.note_bigram == pytest.approx((4 * of_long.note_bigram + of_short.note_bigram) / 5)
    other_first = long.copy()
    other_first[0, 0] = 1
    assert nats_a_step(train, [other_first]).key_frequency == of_long.key_frequency
    assert nats_a_step(train, [other_first]).note_bigram != of_long.note_bigram


def test_held_keys_are_better_known_to_the_bigram() -> None:
    held = [roll(*([0] * 20 + [1] * 20) * 3)]
    found = nats_a_step(held, held)
    assert found.note_bigram < found.key_frequency - 0.5


def test_pieces_of_single_steps_are_refused() -> None:
    with pytest.raises(SettingError, match="two steps or more"):
        nats_a_step([roll(1, 1)], [roll(1), roll()])


def test_rolls_with_strikes_beside_are_refused() -> None:
    with pytest.raises(SettingError, match="sounding keys alone"):
        nats_a_step([np.zeros((3, 2 * KEYS))], [roll(1, 1)])
