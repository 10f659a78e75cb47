"""Windows in lanes: every event once, in order, each lane whole pieces; gone on from exactly; variants stay playable."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from music.encodings.event import EventEncoding
from music.encodings.scales import gap_cells
from music.notes import KEYS
from music.settings import SettingError
from tests.support.corpora import music_folder, tiny_corpus
from tests.support.phrases import improvised
from training.augmentation import UNCHANGED, Augmentation, Variant
from training.corpus import Corpus, prepare
from training.dataset import LanePlace, Lanes, TokenPieces, check_reads_events, encoded, varied
from training.models.event_model import BEGIN, begin_event
from training.music_sets import music_set


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    folder = tmp_path_factory.mktemp("corpus")
    tiny_corpus(folder)
    return Corpus(folder / "corpora" / "tiny.safetensors")


@pytest.fixture
def pieces(corpus: Corpus) -> TokenPieces:
    return encoded([corpus], EventEncoding(), "train")


def lanes_of(pieces: TokenPieces, places: tuple[LanePlace, ...] | None = None, **changes: object) -> Lanes:
    settings = {"lanes": 3, "window": 16, "seed": 5, "augmentation": UNCHANGED} | changes
    return Lanes(pieces, begin_event(), places=places, **settings)


def test_tokens_are_the_encodings_own(corpus: Corpus, pieces: TokenPieces) -> None:
    phrases = {record.file: phrase for record, phrase in corpus.phrases("train")}
    assert len(pieces) == len(phrases)
    for number in range(len(pieces)):
        assert np.array_equal(pieces[number], EventEncoding().encode(phrases[pieces.record(number).file]))


def test_a_second_reading_takes_the_kept_tokens(corpus: Corpus, pieces: TokenPieces) -> None:
    kept = list(corpus.path.parent.glob("*.tokens"))
    assert len(kept) == 1
    before = kept[0].stat().st_mtime_ns
    encoded([corpus], EventEncoding(), "test")
    assert kept[0].stat().st_mtime_ns == before


def test_a_lane_reads_whole_pieces_in_order_and_says_where_one_begins(pieces: TokenPieces) -> None:
    batches = lanes_of(pieces, lanes=1)
    heard: list[np.ndarray] = []
    for batch in batches:
        if batch.begins[0]:
            if len(heard) == 3:
                break
            heard.append(np.empty((0, 3), np.int64))
            assert batch.read[0, 0, 1] == BEGIN
        heard[-1] = np.concatenate([heard[-1], batch.following[0][batch.counts[0]]])
    originals = [pieces[number] for number in range(len(pieces))]
    for piece in heard:
        assert any(np.array_equal(piece, original) for original in originals)


def test_what_is_read_is_what_followed_before_it(pieces: TokenPieces) -> None:
    windows = iter(lanes_of(pieces))
    for _ in range(20):
        batch = next(windows)
        both = batch.counts[:, 1:]
        assert np.array_equal(batch.read[:, 1:][both], batch.following[:, :-1][both])


def test_every_piece_comes_once_before_one_comes_again(pieces: TokenPieces) -> None:
    lanes = lanes_of(pieces, lanes=1)
    begun = 0
    counted: dict[bytes, int] = {}
    for batch in lanes:
        if batch.begins[0]:
            begun += 1
            if begun > len(pieces):
                break
            key = batch.following[0].tobytes()
            counted[key] = counted.get(key, 0) + 1
    assert len(counted) == len(pieces)


def test_gone_on_from_its_places_it_goes_on_exactly(pieces: TokenPieces) -> None:
    grid = Augmentation(stretches=(0.9, 1.0, 1.1), semitones=(-2, 0, 2))
    whole = lanes_of(pieces, augmentation=grid)
    windows = iter(whole)
    for _ in range(25):
        next(windows)
    again = iter(lanes_of(pieces, tuple(whole.places), augmentation=grid))
    for _ in range(25):
        for one, other in zip(next(windows), next(again), strict=True):
            # a lane that is gone on from in the middle of a piece doesn't begin it, and reads the same
            assert np.array_equal(one, other)


def test_another_seed_is_another_order(pieces: TokenPieces) -> None:
    one, other = next(iter(lanes_of(pieces))), next(iter(lanes_of(pieces, seed=6)))
    assert not np.array_equal(one.following, other.following)


@given(
    st.integers(0, 30),
    st.sampled_from([0.9, 0.95, 1.0, 1.1]),
    st.integers(-12, 12),
    st.sampled_from([-8, 0, 8]),
)
def test_a_variant_is_the_same_music_moved(seed: int, stretch: float, semitones: int, louder: int) -> None:
    events = EventEncoding().encode(improvised(seed, notes=60, pedal=True))
    changed = varied(events, Variant(stretch, semitones, louder), np.random.default_rng(1))
    shift = changed[:, 1] - events[:, 1]
    assert len(set(shift.tolist())) == 1
    assert abs(shift[0]) <= abs(semitones)
    assert np.array_equal(changed[:, 1] // KEYS, events[:, 1] // KEYS)
    assert np.array_equal(changed[:, 2] == 0, events[:, 2] == 0)
    assert np.array_equal(changed[:, 0] == 0, events[:, 0] == 0) or stretch != 1
    assert (changed[events[:, 0] == 0, 0] == 0).all()
    if len(events) > 60:
        length, before = (sum(map(gap_cells, rows[:, 0].tolist())) for rows in (changed, events))
        assert length == pytest.approx(before * stretch, rel=0.04)


def test_as_it_stands_a_variant_changes_nothing() -> None:
    events = EventEncoding().encode(improvised(1))
    assert np.array_equal(varied(events, Variant(), np.random.default_rng(1)), events)


def test_the_event_model_reads_no_other_encoding() -> None:
    with pytest.raises(SettingError, match="'event' as it stands"):
        check_reads_events(EventEncoding(pedal=True))


def test_a_corpus_without_pieces_for_a_split_is_told(tmp_path: Path) -> None:
    music = music_folder(tmp_path / "music", pieces=1)
    prepare(music_set("one"), music, tmp_path / "one.safetensors", workers=1)
    corpus = Corpus(tmp_path / "one.safetensors")
    (only,) = corpus.description.pieces
    empty = "test" if only.split == "train" else "train"
    with pytest.raises(SettingError, match=f"no piece is for {empty}"):
        encoded([corpus], EventEncoding(), empty)
