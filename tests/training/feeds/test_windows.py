"""Windows: each once a pass, in an order by chance that is reckoned; gone on from exactly;
what is short is filled up and doesn't count."""

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from music.settings import SettingError
from pieces.corpus import PieceRecord
from pieces.music import Rows
from tests.support.corpora import Pieces
from training.feeds.feed import Share
from training.feeds.windows import Windows, WindowsSettings, shuffled


@dataclass
class Counting:
    """Pieces of numbers: piece 2's third row is 202."""

    lengths: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.lengths)

    def length(self, number: int) -> int:
        return self.lengths[number]

    def rows(self, number: int, begin: int, end: int) -> Rows:
        return np.arange(begin, min(end, self.lengths[number]))[:, None] + 100 * number

    def record(self, number: int) -> PieceRecord:
        return PieceRecord(str(number), "train", str(number), 1)


MUSIC = Counting((10, 3, 20))
BEGIN = (-1.0,)


def settings(predict: str = "all", hop: int = 1, batch: int = 4) -> WindowsSettings:
    return WindowsSettings(batch=batch, window=5, hop=hop, predict=predict)  # type: ignore[arg-type]


@given(st.integers(1, 3000), st.integers(0, 50))
def test_the_order_is_a_permutation(size: int, seed: int) -> None:
    sent = shuffled(np.arange(size), size, (seed, 1))
    assert sorted(sent.tolist()) == list(range(size))


def test_every_row_is_predicted_once_a_pass_by_windows_of_one_row() -> None:
    feed = Windows(MUSIC, BEGIN, WindowsSettings(batch=3, window=1), seed=1)
    said = [row for _ in range(11) for row in feed.next().following[:, 0, 0].tolist()]
    assert sorted(said) == sorted(
        row for piece in range(3) for row in MUSIC.rows(piece, 0, 99)[:, 0].tolist()
    )


@pytest.mark.parametrize("predict", ["all", "last"])
def test_what_follows_a_row_is_the_row_after_it(predict: str) -> None:
    feed = Windows(MUSIC, BEGIN, settings(predict), seed=2)
    for _ in range(12):
        batch = feed.next()
        last = batch.rows[:, -batch.following.shape[1] :, 0]
        step = batch.following[..., 0] - last
        begins = last == -1
        assert (step[batch.counts & ~begins] == 1).all()
        assert (batch.following[..., 0][batch.counts & begins] % 100 == 0).all()


def test_a_piece_shorter_than_the_window_is_filled_up() -> None:
    short = Counting((3,))
    one = Windows(short, BEGIN, settings(batch=1), seed=1).next()
    assert one.counts.tolist() == [[True, True, True, False, False]]
    assert one.rows[0, :3, 0].tolist() == [-1, 0, 1]
    last = Windows(short, BEGIN, settings("last", batch=1), seed=1).next()
    assert last.rows[0, :, 0].tolist() == [-1, -1, -1, 0, 1]
    assert last.following[0, 0, 0] == 2


def test_gone_on_from_its_place_it_goes_on_exactly() -> None:
    whole = Windows(MUSIC, BEGIN, settings(), seed=3)
    for _ in range(9):
        whole.next()
    again = Windows(MUSIC, BEGIN, settings(), seed=3, place=whole.place)
    for _ in range(20):
        for one, other in zip(whole.next(), again.next(), strict=True):
            assert np.array_equal(one, other)


def test_shares_together_are_the_whole_batch() -> None:
    whole = Windows(MUSIC, BEGIN, settings(), seed=3)
    parts = [Windows(MUSIC, BEGIN, settings(), seed=3, share=Share(number, 2)) for number in range(2)]
    for _ in range(15):
        batch, shared = whole.next(), [part.next() for part in parts]
        assert np.array_equal(batch.rows, np.concatenate([one.rows for one in shared]))


def test_a_given_first_row_is_read_and_not_predicted() -> None:
    feed = Windows(Counting((6,)), None, settings(batch=1), seed=1)
    batch = feed.next()
    assert batch.rows[0, :, 0].tolist() == [0, 1, 2, 3, 4]
    assert batch.following[0, :, 0].tolist() == [1, 2, 3, 4, 5]


def test_music_of_no_use_is_refused() -> None:
    with pytest.raises(SettingError, match="too small"):
        Windows(Counting((1, 0)), None, settings(), seed=1)
    with pytest.raises(SettingError, match="can't be shared out among 3"):
        Windows(MUSIC, BEGIN, settings(), seed=1, share=Share(0, 3))


SHAPES = st.tuples(st.integers(1, 6), st.integers(1, 8))  # window, hop
LENGTHS = st.lists(st.integers(1, 20), min_size=1, max_size=5)


def a_pass(feed: Windows) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Every window of one pass of a feed of one window a batch: rows, following, counts."""
    batches = [feed.next() for _ in range(feed.windows)]
    return [(batch.rows[0], batch.following[0], batch.counts[0]) for batch in batches]


@given(LENGTHS, SHAPES, st.integers(0, 5), st.booleans())
def test_all_windows_are_shown_once_a_pass_and_every_row_is_predicted(
    lengths: list[int], shape: tuple[int, int], seed: int, is_given: bool
) -> None:
    window, hop = shape
    if is_given and max(lengths) < 2:
        return
    music, begin = Pieces(*lengths), None if is_given else (-1, -1)
    feed = Windows(music, begin, WindowsSettings(batch=1, window=window, hop=hop), seed=seed)
    firsts, predicted = [], []
    for _, following, counts in a_pass(feed):
        firsts.append(tuple(following[0].tolist()))
        predicted += [tuple(row) for row in following[counts].tolist()]
    assert len(set(firsts)) == len(firsts)
    every = {(piece, place) for piece, length in enumerate(lengths) for place in range(is_given, length)}
    assert set(predicted) == every if hop <= window else set(predicted) <= every


@given(LENGTHS, SHAPES, st.integers(0, 5))
def test_what_follows_a_whole_window_is_predicted_once_a_pass(
    lengths: list[int], shape: tuple[int, int], seed: int
) -> None:
    window, hop = shape
    feed = Windows(
        Pieces(*lengths),
        (-1, -1),
        WindowsSettings(batch=1, window=window, hop=hop, predict="last"),
        seed=seed,
    )
    assert feed.batches_a_pass == feed.windows
    predicted = []
    for rows, following, counts in a_pass(feed):
        assert counts.tolist() == [True]
        (piece, place) = following[0].tolist()
        # what is read ends just before, and goes back without a gap as far as the piece does
        wanted = [max(place - back, -1) for back in range(window, 0, -1)]
        assert rows[:, 1].tolist() == wanted
        predicted.append((piece, place))
    naive = [
        (piece, min(start + window, length) - 1)
        for piece, length in enumerate(lengths)
        for start in range(0, max(length - window, 0) + 1, hop)
    ]
    assert sorted(predicted) == naive


def test_the_second_pass_has_another_order_and_a_batch_may_lie_across_the_two() -> None:
    feed = Windows(Pieces(40), (-1, -1), WindowsSettings(batch=7, window=1), seed=4)
    places = [int(place) for _ in range(12) for place in feed.next().following[:, 0, 1]]
    first, second = places[:40], places[40:80]
    assert sorted(first) == sorted(second) == list(range(40))
    assert first != second


def test_a_batch_larger_than_the_music_shows_it_several_times() -> None:
    feed = Windows(Pieces(3), (-1, -1), WindowsSettings(batch=9, window=1), seed=4)
    assert sorted(feed.next().following[:, 0, 1].tolist()) == [0, 0, 0, 1, 1, 1, 2, 2, 2]


@given(st.integers(2, 500), st.integers(0, 20))
def test_the_order_is_reckoned_place_by_place(size: int, seed: int) -> None:
    whole = shuffled(np.arange(size), size, (seed, 0))
    assert [int(shuffled(np.array([place]), size, (seed, 0))[0]) for place in range(0, size, 37)] == whole[
        ::37
    ].tolist()


@pytest.mark.parametrize("wrong", [{"batch": 0}, {"window": 0}, {"hop": 0}])
def test_windows_of_nothing_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(SettingError, match=f"{next(iter(wrong))} is 1 or more, not 0"):
        WindowsSettings(**wrong)  # type: ignore[arg-type]
