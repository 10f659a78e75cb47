"""Windows in lanes: every row once, in order, each lane whole pieces; gone on from exactly;
shared out among processes."""

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from music.encodings.event import EventEncoding
from music.settings import SettingError
from pieces.corpus import Corpus, PieceRecord
from pieces.token_pieces import TokenPieces, encode_pieces
from tests.support.corpora import Pieces, tiny_corpus
from training.feeds.augmentation import UNCHANGED, Augmentation
from training.feeds.feed import Share
from training.feeds.lanes import Lanes, LanesSettings
from training.feeds.variation import variation
from training.models.event_model import BEGIN, begin_event


@pytest.fixture(scope="module")
def pieces(tmp_path_factory: pytest.TempPathFactory) -> TokenPieces:
    folder: Path = tmp_path_factory.mktemp("corpus")
    tiny_corpus(folder)
    return encode_pieces([Corpus(folder / "corpora" / "tiny.safetensors")], EventEncoding(), "train")


def lanes_of(
    pieces: TokenPieces,
    *,
    lanes: int = 3,
    seed: int = 5,
    grid: Augmentation = UNCHANGED,
    carry: bool = True,
    first_given: bool = False,
    **named: Any,
) -> Lanes:
    begin = None if first_given else begin_event()
    varied = variation("event", grid, seed)
    return Lanes(
        pieces, begin, LanesSettings(lanes=lanes, window=16, carry=carry), seed=seed, varied=varied, **named
    )


def test_a_lane_reads_whole_pieces_in_order_and_says_where_one_begins(pieces: TokenPieces) -> None:
    feed, heard = lanes_of(pieces, lanes=1), list[Any]()
    while True:
        batch = feed.next()
        if batch.begins[0]:
            if len(heard) == 3:
                break
            heard.append(np.empty((0, 3), np.int64))
            assert batch.rows[0, 0, 1] == BEGIN
        heard[-1] = np.concatenate([heard[-1], batch.following[0][batch.counts[0]]])
    originals = [pieces[number] for number in range(len(pieces))]
    for piece in heard:
        assert any(np.array_equal(piece, original) for original in originals)


def test_what_is_read_is_what_followed_before_it(pieces: TokenPieces) -> None:
    feed = lanes_of(pieces)
    for _ in range(20):
        batch = feed.next()
        both = batch.counts[:, 1:]
        assert np.array_equal(batch.rows[:, 1:][both], batch.following[:, :-1][both])


def test_every_piece_comes_once_before_one_comes_again(pieces: TokenPieces) -> None:
    feed, begun, seen = lanes_of(pieces, lanes=1), 0, set[bytes]()
    while begun <= len(pieces):
        batch = feed.next()
        if batch.begins[0]:
            begun += 1
            if begun <= len(pieces):
                seen.add(batch.following[0].tobytes())
    assert len(seen) == len(pieces)


def test_gone_on_from_its_place_it_goes_on_exactly(pieces: TokenPieces) -> None:
    grid = Augmentation(stretches=(0.9, 1.0, 1.1), semitones=(-2, 0, 2))
    whole = lanes_of(pieces, grid=grid)
    for _ in range(25):
        whole.next()
    again = lanes_of(pieces, grid=grid, place=whole.place)
    for _ in range(25):
        for one, other in zip(whole.next(), again.next(), strict=True):
            assert np.array_equal(one, other)


def test_another_seed_is_another_order(pieces: TokenPieces) -> None:
    one, other = lanes_of(pieces).next(), lanes_of(pieces, seed=6).next()
    assert not np.array_equal(one.following, other.following)


def test_shares_together_are_the_whole_batch(pieces: TokenPieces) -> None:
    whole = lanes_of(pieces, lanes=4)
    parts = [lanes_of(pieces, lanes=4, share=Share(number, 2)) for number in range(2)]
    for _ in range(30):
        batch, shared = whole.next(), [part.next() for part in parts]
        for name in batch._fields:
            assert np.array_equal(
                getattr(batch, name), np.concatenate([getattr(one, name) for one in shared])
            )
        assert parts[0].place == parts[1].place == whole.place


def test_without_carrying_every_window_begins_anew(pieces: TokenPieces) -> None:
    feed = lanes_of(pieces, carry=False)
    assert all(feed.next().begins.all() for _ in range(5))


def test_a_first_row_that_is_given_is_read_and_not_predicted(pieces: TokenPieces) -> None:
    batch = lanes_of(pieces, first_given=True).next()
    firsts = [pieces[number][:2] for number in range(len(pieces))]
    for lane in range(3):
        assert any(
            np.array_equal(batch.rows[lane, 0], rows[0]) and np.array_equal(batch.following[lane, 0], rows[1])
            for rows in firsts
        )


LENGTHS = st.lists(st.integers(1, 20), min_size=1, max_size=6)


def places_predicted(feed: Lanes, batches: int) -> list[list[tuple[int, int]]]:
    """Of each lane, (piece, place) of the rows that are predicted."""
    places: list[list[tuple[int, int]]] = [[] for _ in range(feed.lanes)]
    for _ in range(batches):
        batch = feed.next()
        for lane, (following, counts) in enumerate(zip(batch.following, batch.counts, strict=True)):
            places[lane] += [(int(piece), int(place)) for piece, place in following[counts]]
    return places


@given(LENGTHS, st.integers(1, 7), st.integers(0, 9), st.booleans())
def test_of_any_music_one_lane_tells_each_row_once_a_pass_in_as_many_batches_as_it_says(
    lengths: list[int], window: int, seed: int, is_given: bool
) -> None:
    if is_given and max(lengths) < 2:
        return
    music, begin = Pieces(*lengths), None if is_given else (-1, -1)
    feed = Lanes(music, begin, LanesSettings(lanes=1, window=window), seed=seed)
    (places,) = places_predicted(feed, int(feed.batches_a_pass))
    rows = [(piece, place) for piece, length in enumerate(lengths) for place in range(is_given, length)]
    assert sorted(places) == rows
    for before, after in itertools.pairwise(places):
        assert after[0] != before[0] or after[1] == before[1] + 1


@given(LENGTHS, st.integers(1, 5), st.integers(0, 9))
def test_with_more_lanes_than_pieces_no_piece_is_two_epochs_ahead_of_another(
    lengths: list[int], lanes: int, seed: int
) -> None:
    feed = Lanes(Pieces(*lengths), (-1, -1), LanesSettings(lanes=lanes, window=4), seed=seed)
    begun = dict.fromkeys(range(len(lengths)), 0)
    for _ in range(30):
        batch = feed.next()
        for lane in np.flatnonzero(batch.begins):
            begun[int(batch.following[lane, 0, 0])] += 1
    assert max(begun.values()) - min(begun.values()) <= 1


def test_what_fills_up_a_window_is_of_the_same_piece_and_does_not_count() -> None:
    batch = Lanes(Pieces(3), (-1, -1), LanesSettings(lanes=1, window=5), seed=1).next()
    assert batch.counts.tolist() == [[True, True, True, False, False]]
    assert batch.rows[0].tolist() == [[-1, -1], [0, 0], [0, 1], [0, 1], [0, 1]]
    assert batch.following[0, 2:].tolist() == [[0, 2]] * 3


def test_a_share_reads_no_piece_of_the_others_lanes() -> None:
    class Watched(Pieces):
        seen: set[int]

        def rows(self, number: int, begin: int, end: int) -> np.ndarray:
            self.seen.add(number)
            return super().rows(number, begin, end)

    shares = []
    for number in range(2):
        music = Watched(9, 9, 9, 9)
        music.seen = set()
        Lanes(music, (-1, -1), LanesSettings(lanes=4, window=4), seed=1, share=Share(number, 2)).next()
        shares.append(music.seen)
    assert [len(seen) for seen in shares] == [2, 2]
    assert not shares[0] & shares[1]


def test_a_variant_is_drawn_anew_in_each_epoch_and_is_the_same_again() -> None:
    def moved(rows: np.ndarray, piece: str, epoch: int, chance: np.random.Generator) -> np.ndarray:
        return np.add(rows, [0, 100 * epoch])

    def lengths() -> list[int]:
        feed = Lanes(Pieces(2), (-1, -1), LanesSettings(lanes=1, window=2), seed=1, varied=moved)
        return [int(feed.next().following[0, 0, 1]) for _ in range(4)]

    assert lengths() == lengths() == [0, 100, 200, 300]


@pytest.mark.parametrize(
    ("music", "begin", "settings", "share", "message"),
    [
        (Pieces(1, 1), None, LanesSettings(lanes=1), Share(), "no piece has rows enough"),
        (Pieces(5), (-1, -1), LanesSettings(lanes=3), Share(0, 2), "3 lanes can't be shared out among 2"),
    ],
)
def test_music_of_no_use_and_lanes_that_can_not_be_shared_are_refused(
    music: Pieces, begin: Any, settings: LanesSettings, share: Share, message: str
) -> None:
    with pytest.raises(SettingError, match=message):
        Lanes(music, begin, settings, seed=1, share=share)


def test_a_place_of_other_lanes_is_refused() -> None:
    place = Lanes(Pieces(5), (-1, -1), LanesSettings(lanes=3), seed=1).place
    with pytest.raises(SettingError, match="2 lanes can't go on from a place of 3"):
        Lanes(Pieces(5), (-1, -1), LanesSettings(lanes=2), seed=1, place=place)


@pytest.mark.parametrize("wrong", [{"lanes": 0}, {"window": 0}, {"lanes": -2}])
def test_lanes_and_windows_of_nothing_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(SettingError, match=f"{next(iter(wrong))} is 1 or more, not"):
        LanesSettings(**wrong)  # type: ignore[arg-type]


def rows_before(feed: Lanes, batches: int) -> dict[int, tuple[int, int]]:
    """By piece, the row that is read before its first."""
    found = {}
    for _ in range(batches):
        batch = feed.next()
        for lane in np.flatnonzero(batch.begins):
            before = batch.rows[lane, 0]
            found[int(batch.following[lane, 0, 0])] = (int(before[0]), int(before[1]))
    return found


@pytest.mark.parametrize("lanes", [1, 3])
def test_a_piece_that_keeps_a_beat_begins_with_a_row_of_its_own(lanes: int) -> None:
    settings, music = LanesSettings(lanes=lanes, window=4), Pieces(5, 6, 7, 8, in_beats=(1, 2))
    in_beats = Lanes(music, (-1, -1), settings, seed=1, begin_in_beats=(-1, -2))
    assert rows_before(in_beats, 12) == {0: (-1, -1), 1: (-1, -2), 2: (-1, -2), 3: (-1, -1)}
    alike = Lanes(music, (-1, -1), settings, seed=1)
    assert rows_before(alike, 12) == dict.fromkeys(range(4), (-1, -1))


def test_a_place_is_gone_on_from_in_a_piece_that_keeps_a_beat() -> None:
    settings, music = LanesSettings(lanes=2, window=3), Pieces(5, 6, 7, in_beats=(0, 1, 2))
    whole = Lanes(music, (-1, -1), settings, seed=1, begin_in_beats=(-1, -2))
    whole.next()
    again = Lanes(music, (-1, -1), settings, seed=1, begin_in_beats=(-1, -2), place=whole.place)
    for _ in range(10):
        for one, other in zip(whole.next(), again.next(), strict=True):
            assert np.array_equal(one, other)


def test_how_a_piece_is_varied_is_asked_with_its_record() -> None:
    asked = []

    def varied(rows: Any, piece: PieceRecord, epoch: int, chance: np.random.Generator) -> Any:
        asked.append((piece.file, piece.has_beat, epoch))
        return rows

    music = Pieces(5, 6, in_beats=(1,))
    Lanes(music, (-1, -1), LanesSettings(lanes=2, window=4), seed=1, varied=varied)
    assert sorted(asked) == [("0.mid", False, 0), ("1.mid", True, 0)]
