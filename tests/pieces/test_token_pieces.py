"""Tokens are the encoding's own, made once and kept; a slice reads only its rows;
what can't be is refused."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from music.encodings.catalogue import encoding_named
from music.encodings.chord import ChordEncoding
from music.encodings.event import EventEncoding
from music.encodings.roll import RollEncoding
from music.phrase import Phrase
from music.settings import SettingError
from music.tokens.encoding import Encoding, Tokens
from pieces import token_pieces
from pieces.corpus import Corpus, prepare
from pieces.difficulty import difficulty
from pieces.music_sets import music_set
from pieces.token_pieces import Most, TokenPieces, encode_pieces, fitted, levels_of
from pieces.transforms import InTurn, transforms_listed
from tests.support.corpora import music_folder, tiny_corpus

UP = transforms_listed([{"name": "transpose", "semitones": 2}])
MAJOR = transforms_listed([{"name": "only-mode", "mode": "major"}])


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("corpus")
    tiny_corpus(folder)
    return folder / "corpora" / "tiny.safetensors"


@pytest.fixture
def corpus(made: Path, tmp_path: Path) -> Corpus:
    return Corpus(Path(shutil.copy(made, tmp_path / "tiny.safetensors")))


@pytest.fixture
def pieces(corpus: Corpus) -> TokenPieces:
    return encode_pieces([corpus], EventEncoding(), "train")


def kept(corpus: Corpus) -> list[Path]:
    return sorted(corpus.path.parent.glob("*.tokens"))


KINDS = [
    ("event", np.int64, "<i2"),
    ("character", np.int64, "<i2"),
    ("roll", np.uint8, "u1"),
    ("step", np.float32, "<f4"),
]


@pytest.mark.parametrize(("name", "read", "stored"), KINDS)
def test_tokens_are_the_encodings_own(corpus: Corpus, name: str, read: type, stored: str) -> None:
    encoding = encoding_named(name)
    pieces = encode_pieces([corpus], encoding, "train")
    phrases = dict(corpus.phrases("train"))
    assert len(pieces) == len(phrases) > 10
    for number in range(len(pieces)):
        meant = encoding.encode(phrases[pieces.record(number)])
        assert np.array_equal(pieces[number], meant.astype(read))
        assert pieces[number].dtype == read
        assert pieces.length(number) == len(meant)
    assert load_file(kept(corpus)[0])["tokens"].dtype == np.dtype(stored)


def test_a_large_vocabulary_is_kept_in_wider_numbers(corpus: Corpus) -> None:
    symbols = tuple(f"note-on-60-{ticks}" for ticks in range(40_000))
    pieces = encode_pieces([corpus], encoding_named("message").__class__(learnt=symbols), "train")
    assert load_file(kept(corpus)[0])["tokens"].dtype == np.int32
    assert pieces[0].dtype == np.int64


def test_a_slice_is_of_one_piece_alone(pieces: TokenPieces, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(len(pieces)):
        whole = pieces[number]
        for begin, end in ((0, 7), (5, 20), (len(whole) - 3, len(whole) + 50), (7, 7), (9_999, 10_010)):
            assert np.array_equal(pieces.rows(number, begin, end), whole[begin:end])
    asked: list[tuple[int, int]] = []
    tensors = pieces.sources[0].tensors
    reading = type(tensors).rows
    monkeypatch.setattr(type(tensors), "rows", lambda *args: asked.append(args[2:]) or reading(*args))
    pieces.rows(1, 5, 20)
    assert [end - begin for begin, end in asked] == [15]


def test_what_was_read_may_be_changed(pieces: TokenPieces) -> None:
    rows = pieces[0]
    rows[:] = 0
    assert pieces[0].any()


def test_a_second_reading_takes_the_kept_tokens(corpus: Corpus, pieces: TokenPieces) -> None:
    (path,) = kept(corpus)
    before = path.stat().st_ino, path.stat().st_mtime_ns
    encode_pieces([corpus], EventEncoding(), "train")
    encode_pieces([corpus], EventEncoding(), "train", InTurn())
    assert [(path.stat().st_ino, path.stat().st_mtime_ns) for path in kept(corpus)] == [before]


class Counted:
    """An encoding that is asked for so many pieces."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.pieces = 0
        encode = EventEncoding.encode

        def counting(encoding: EventEncoding, phrase: Phrase) -> Tokens:
            self.pieces += 1
            return encode(encoding, phrase)

        monkeypatch.setattr(EventEncoding, "encode", counting)


def same_rows(some: TokenPieces, all_of_them: TokenPieces) -> bool:
    return all(
        some.record(number) == all_of_them.record(number)
        and np.array_equal(some[number], all_of_them[number])
        for number in range(len(some))
    )


def test_a_split_that_is_not_asked_for_is_not_encoded(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = Counted(monkeypatch)
    unseen = encode_pieces([corpus], EventEncoding(), "test")
    assert counted.pieces == len(unseen) < len(corpus.description.pieces)
    assert all(unseen.record(number).split == "test" for number in range(len(unseen)))


@pytest.mark.parametrize(
    ("most", "pieces"), [(Most(pieces=1), 1), (Most(pieces=3), 3), (Most(rows=1), 1), (Most(5, 1), 1)]
)
def test_no_more_pieces_are_encoded_than_are_asked_for(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch, most: Most, pieces: int
) -> None:
    counted = Counted(monkeypatch)
    some = encode_pieces([corpus], EventEncoding(), "train", most=most)
    assert counted.pieces == len(some) == pieces
    again = encode_pieces([corpus], EventEncoding(), "train", most=most)
    assert counted.pieces == pieces
    everything = encode_pieces([corpus], EventEncoding(), "train")
    assert counted.pieces == pieces + len(everything)
    assert same_rows(some, everything)
    assert same_rows(again, everything)
    encode_pieces([corpus], EventEncoding(), "train", most=Most(pieces=2))  # it is there
    assert counted.pieces == pieces + len(everything)


def test_as_many_pieces_are_encoded_as_the_rows_need(corpus: Corpus) -> None:
    everything = encode_pieces([corpus], EventEncoding(), "train")
    wanted = everything.length(0) + everything.length(1) + 1
    for path in kept(corpus):
        path.unlink()
    some = encode_pieces([corpus], EventEncoding(), "train", most=Most(rows=wanted))
    assert len(some) == 3
    assert same_rows(some, everything)


def test_pieces_that_a_transform_leaves_out_do_not_count_as_asked_for(corpus: Corpus) -> None:
    some = encode_pieces([corpus], EventEncoding(), "train", MAJOR, Most(pieces=4))
    assert len(some) == 4
    assert same_rows(some, encode_pieces([corpus], EventEncoding(), "train", MAJOR))


@pytest.mark.parametrize("pieces", [1, 12, 25])
def test_of_several_corpora_the_first_give_what_is_asked_for(
    corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pieces: int
) -> None:
    prepare(music_set("more"), music_folder(tmp_path / "m", 12, notes=30), tmp_path / "more.safetensors", 1)
    both = [corpus, Corpus(tmp_path / "more.safetensors")]
    counted = Counted(monkeypatch)
    some = encode_pieces(both, EventEncoding(), "train", most=Most(pieces=pieces))
    assert counted.pieces == len(some) == pieces
    assert len(levels_of(some, both)) == pieces
    assert same_rows(some, encode_pieces(both, EventEncoding(), "train"))


def test_each_transform_has_tokens_of_its_own(corpus: Corpus, pieces: TokenPieces) -> None:
    higher = encode_pieces([corpus], EventEncoding(), "train", UP)
    assert len(kept(corpus)) == 2
    phrases = dict(corpus.phrases("train"))
    for number in range(len(higher)):
        meant = UP(phrases[higher.record(number)])
        assert meant is not None
        assert np.array_equal(higher[number], EventEncoding().encode(meant))
    encode_pieces(
        [corpus], EventEncoding(), "train", transforms_listed([{"name": "transpose", "semitones": 3}])
    )
    assert len(kept(corpus)) == 3


IN_BEATS = transforms_listed([{"name": "beat-time"}])


def test_music_that_keeps_no_beat_is_not_put_into_beats_and_needs_no_tokens_of_its_own(
    corpus: Corpus, pieces: TokenPieces
) -> None:
    again = encode_pieces([corpus], EventEncoding(), "train", IN_BEATS)
    assert len(kept(corpus)) == 1
    assert all(np.array_equal(again[number], pieces[number]) for number in range(len(pieces)))


def test_music_that_keeps_a_beat_is_put_into_beats_though_it_was_read_without_before(
    corpus: Corpus, pieces: TokenPieces
) -> None:
    encode_pieces([corpus], EventEncoding(), "train", IN_BEATS)
    records = tuple(replace(piece, has_beat=True) for piece in corpus.description.pieces)
    corpus.description = replace(corpus.description, pieces=records)
    in_beats = encode_pieces([corpus], EventEncoding(), "train", IN_BEATS)
    phrases = dict(corpus.phrases("train"))
    for number in range(len(in_beats)):
        meant = IN_BEATS(phrases[in_beats.record(number)])
        assert meant is not None
        assert np.array_equal(in_beats[number], EventEncoding().encode(meant))
        assert not np.array_equal(in_beats[number], pieces[number])


def test_a_piece_that_a_transform_leaves_out_does_not_appear(corpus: Corpus, pieces: TokenPieces) -> None:
    major = encode_pieces([corpus], EventEncoding(), "train", MAJOR)
    meant = [record.file for record, phrase in corpus.phrases("train") if MAJOR(phrase) is not None]
    assert 0 < len(meant) < len(pieces)
    assert [major.record(number).file for number in range(len(major))] == meant
    assert all(len(major[number]) for number in range(len(major)))


def test_transforms_that_leave_nothing_are_refused(corpus: Corpus) -> None:
    nothing = transforms_listed([{"name": "only-mode", "least_lead": 2.0}])
    with pytest.raises(SettingError, match=r"leave nothing.*leave out a transform"):
        encode_pieces([corpus], EventEncoding(), "train", nothing)
    with pytest.raises(SettingError, match="leave out every piece for train"):
        fitted(ChordEncoding(), [corpus], nothing)


def test_several_corpora_stand_one_after_another(corpus: Corpus, tmp_path: Path) -> None:
    prepare(music_set("more"), music_folder(tmp_path / "m", 9, notes=30), tmp_path / "more.safetensors", 1)
    more = Corpus(tmp_path / "more.safetensors")
    both = encode_pieces([corpus, more], EventEncoding(), "train")
    files = [record.file for each in (corpus, more) for record, _ in each.phrases("train")]
    assert [both.record(number).file for number in range(len(both))] == files
    assert len(levels_of(both, [corpus, more])) == len(both)


def damaged(path: Path, how: str) -> None:
    tensors = load_file(path)
    match how:
        case "short":
            path.write_bytes(path.read_bytes()[:-5])
        case "empty":
            path.write_bytes(b"")
        case "kind":
            save_file(tensors | {"tokens": tensors["tokens"].astype(np.int64)}, path)
        case "starts":
            save_file(tensors | {"starts": tensors["starts"][::-1].copy()}, path)
        case "fewer":
            save_file(tensors | {"starts": tensors["starts"][:-1].copy()}, path)
        case "none":
            save_file({"starts": tensors["starts"]}, path)


@pytest.mark.parametrize("how", ["short", "empty", "kind", "starts", "fewer", "none"])
def test_damaged_tokens_are_made_anew(corpus: Corpus, pieces: TokenPieces, how: str) -> None:
    meant = [pieces[number] for number in range(len(pieces))]
    damaged(kept(corpus)[0], how)
    again = encode_pieces([corpus], EventEncoding(), "train")
    assert all(np.array_equal(again[number], rows) for number, rows in enumerate(meant))


def test_tokens_that_fail_half_way_are_not_kept(corpus: Corpus, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(self: Encoding, phrase: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(RollEncoding, "encode", failing)
    with pytest.raises(KeyboardInterrupt):
        encode_pieces([corpus], RollEncoding(), "train")
    assert list(corpus.path.parent.iterdir()) == [corpus.path]


@pytest.mark.parametrize("open_one", ["chord", "roll-token", "message"])
def test_an_open_vocabulary_is_learnt_from_train_alone(corpus: Corpus, open_one: str) -> None:
    unfitted = encoding_named(open_one)
    learnt = fitted(unfitted, [corpus], UP)
    phrases = [changed for _, phrase in corpus.phrases("train") if (changed := UP(phrase)) is not None]
    assert learnt == unfitted.fitted(phrases)
    fewer = fitted(unfitted, [corpus], UP, most_symbols=5)
    assert learnt.symbols_learnt is not None
    assert fewer.symbols_learnt == learnt.symbols_learnt[:5]
    assert encode_pieces([corpus], fewer, "test")[0].max() <= 5


def test_any_other_vocabulary_stays_as_it_is(corpus: Corpus) -> None:
    assert fitted(EventEncoding(), [corpus]) == EventEncoding()
    with pytest.raises(SettingError, match="keeps 1 symbol or more"):
        fitted(ChordEncoding(), [corpus], most_symbols=0)


def test_levels_are_those_of_the_pieces_and_kept(
    corpus: Corpus, pieces: TokenPieces, monkeypatch: pytest.MonkeyPatch
) -> None:
    meant = [difficulty(phrase).level for _, phrase in corpus.phrases("train")]
    assert levels_of(pieces, [corpus]) == meant
    (path,) = corpus.path.parent.glob("*.levels.json")
    assert len(json.loads(path.read_text())) == len(corpus.description.pieces)
    with monkeypatch.context() as patched:
        patched.setattr(token_pieces, "difficulty", None)
        assert levels_of(pieces, [corpus]) == meant
    for damage in ("[1, 2", "[1, 2]", "{}", json.dumps([9] * len(corpus.description.pieces))):
        path.write_text(damage)
        assert levels_of(pieces, [corpus]) == meant


def test_a_corpus_without_pieces_for_a_split_is_refused(tmp_path: Path) -> None:
    music = music_folder(tmp_path / "music", pieces=1)
    prepare(music_set("one"), music, tmp_path / "one.safetensors", workers=1)
    corpus = Corpus(tmp_path / "one.safetensors")
    (only,) = corpus.description.pieces
    empty = "test" if only.split == "train" else "train"
    with pytest.raises(SettingError, match=rf"no piece is for {empty}.*prepare it with more music"):
        encode_pieces([corpus], EventEncoding(), empty)
    with pytest.raises(SettingError, match="no corpus: no piece is for train"):
        encode_pieces([], EventEncoding(), "train")
    with pytest.raises(SettingError, match="no piece is for train"):
        fitted(ChordEncoding(), [])
