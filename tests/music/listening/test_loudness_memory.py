"""What is remembered of how loud somebody plays: the latest notes, those near on the keyboard, no more."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from music.listening.loudness_memory import KEPT, SHARE, remembered, share_of_memory, with_memory
from music.notes import KEYS
from music.tokens.scales import VELOCITY_BINS

EVEN_NATS = np.log(VELOCITY_BINS)


def struck(keys: list[int], bins: list[int]) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
    return np.array([(5, key, loud + 1) for key, loud in zip(keys, bins, strict=True)])


def nats_of(
    events: np.ndarray[tuple[int, int], np.dtype[np.int64]],
) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """A model that knows nothing."""
    return np.tile([3.0, 3.0, EVEN_NATS], (len(events), 1))


@given(
    st.lists(st.tuples(st.integers(0, KEYS - 1), st.integers(0, VELOCITY_BINS - 1)), max_size=200),
    st.lists(st.integers(0, KEYS - 1), min_size=1, max_size=5),
)
def test_of_every_key_the_chances_of_all_bins_are_one(heard: list[tuple[int, int]], after: list[int]) -> None:
    keys, bins = [key for key, _ in heard], [loud for _, loud in heard]
    shares = remembered(keys, bins, np.array(after))
    assert shares.shape == (len(after), VELOCITY_BINS)
    assert shares.sum(1) == pytest.approx(np.ones(len(after)))
    assert (shares > 0).all()


def test_after_nothing_every_bin_is_as_likely_and_the_model_speaks_alone() -> None:
    assert remembered([], [], np.array([40])) == pytest.approx(np.full((1, VELOCITY_BINS), 1 / VELOCITY_BINS))
    assert share_of_memory(0) == 0.0
    assert share_of_memory(10_000) == pytest.approx(SHARE, abs=1e-3)


def test_the_latest_count_most() -> None:
    shares = remembered([40] * 40, [5] * 20 + [25] * 20, np.array([40]))[0]
    assert shares[25] > 2 * shares[5]


def test_a_loud_bass_says_little_of_the_treble() -> None:
    keys, bins = [10, 60] * 20, [25, 8] * 20
    bass, treble = remembered(keys, bins, np.array([12, 62]))
    assert bass.argmax() == 25
    assert treble.argmax() == 8


def test_what_is_long_ago_is_forgotten() -> None:
    keys, bins = [40] * (KEPT + 50), [30] * 50 + [3] * KEPT
    assert (
        remembered(keys, bins, np.array([40])).tolist()
        == remembered(keys[50:], bins[50:], np.array([40])).tolist()
    )


def test_whoever_plays_evenly_costs_less_and_less() -> None:
    events = struck([40 + place % 5 for place in range(60)], [20] * 60)
    nats = with_memory(events, nats_of(events))[:, 2]
    assert nats[0] == pytest.approx(EVEN_NATS, abs=0.01)
    assert nats[30:].mean() < 0.5 * EVEN_NATS


def test_only_the_loudness_of_notes_is_mixed() -> None:
    events = np.array([(5, 40, 21), (5, KEYS + 40, 0), (3, 41, 20)])
    nats = np.array([[1.0, 2.0, 3.0], [1.5, 2.5, 0.0], [1.0, 2.0, 3.0]])
    mixed = with_memory(events, nats)
    assert mixed[:, :2].tolist() == nats[:, :2].tolist()
    assert mixed[1].tolist() == nats[1].tolist()
    assert mixed[2, 2] < 3.0


def test_a_model_that_was_certain_and_right_loses_little() -> None:
    events = struck([40 + place % 3 for place in range(30)], [(20, 2, 30)[place % 3] for place in range(30)])
    cost = with_memory(events, np.zeros((30, 3)))[:, 2]
    assert cost[0] < -np.log(1 - SHARE) + 1e-9
    assert cost[10:].max() < 0.05


def test_no_events_cost_nothing() -> None:
    assert with_memory(np.zeros((0, 3), np.int64), np.zeros((0, 3))).shape == (0, 3)
