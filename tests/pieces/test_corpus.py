"""Files become a corpus: licensed, without duplicates, split by piece; what was left out is listed."""

import errno
import shutil
from collections import Counter
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from antiphon import main
from music.encodings.roll import RollEncoding
from music.midi.files import read_phrase, write_midi
from music.notes import Note
from music.phrase import Phrase
from music.settings import SettingError
from pieces import streamed_tensors
from pieces.corpus import Corpus, Description, LeftOut, prepare, record_of, strictest, write_corpus
from pieces.music_sets import SPLITS, Split, music_set, none_empty, split_by_chance
from pieces.streamed_tensors import Tensors
from tests.support.corpora import music_folder, tiny_corpus
from tests.support.mat_files import Writer
from tests.support.midi_bytes import midi, off, on, track
from tests.support.phrases import improvised


def made(folder: Path, music: Path, name: str = "mine") -> Corpus:
    prepare(music_set(name), music, folder / "out.safetensors", workers=1)
    return Corpus(folder / "out.safetensors")


def test_pieces_come_back_as_they_were_read(tmp_path: Path) -> None:
    music = music_folder(tmp_path / "music", pieces=5)
    corpus = made(tmp_path, music)
    phrases = {record.file: phrase for record, phrase in corpus.phrases()}
    assert len(phrases) == 5
    for name, phrase in phrases.items():
        assert phrase == read_phrase(music / name)


def test_pieces_from_memory_are_a_corpus_in_their_order_and_some_can_be_asked_for(tmp_path: Path) -> None:
    pieces = {f"{seed}.mid": improvised(seed, pedal=True) for seed in (3, 1, 2)}
    about = Description("made", "ship", "CC0", "us", (), (LeftOut("4.mid", "too short"),))
    out = tmp_path / "deep" / "made.safetensors"
    written = write_corpus(
        out, about, ((record_of(name, "test", phrase), phrase) for name, phrase in pieces.items())
    )
    corpus = Corpus(out)
    assert corpus.description == written
    assert (written.tier, written.left_out) == ("ship", about.left_out)
    assert {record.file: phrase for record, phrase in corpus.phrases("test")} == pieces
    assert [record.file for record, _ in corpus.phrases("test", files={"2.mid", "3.mid"})] == [
        "3.mid",
        "2.mid",
    ]
    assert list(corpus.phrases("train", files={"2.mid"})) == []


def test_a_last_piece_without_a_pedal_comes_back(tmp_path: Path) -> None:
    music = music_folder(tmp_path / "music", pieces=2)
    write_midi(improvised(7), music / "z.mid")
    phrases = {record.file: phrase for record, phrase in made(tmp_path, music).phrases()}
    assert phrases["z.mid"] == read_phrase(music / "z.mid")
    assert phrases["z.mid"].pedals == ()


def test_each_piece_is_in_one_split_whatever_else_is_there(tmp_path: Path) -> None:
    tiny_corpus(tmp_path)
    corpus = Corpus(tmp_path / "corpora" / "tiny.safetensors")
    by_split = {
        split: {r.file for r, _ in corpus.phrases(split)} for split in ("train", "validation", "test")
    }
    assert all(by_split.values())
    assert sum(map(len, by_split.values())) == len(corpus.description.pieces) == 24
    for split, files in by_split.items():
        assert all(split_by_chance(file) == split for file in files)


def named_for_train(count: int) -> list[str]:
    names = (f"piece-{number:04}.mid" for number in range(1000))
    return [name for name in names if split_by_chance(name) == "train"][:count]


def splits_in(corpus: Corpus) -> dict[str, str]:
    return {piece.file: piece.split for piece in corpus.description.pieces}


def by_music(corpus: Corpus) -> dict[str, str]:
    return {piece.hash: piece.split for piece in corpus.description.pieces}


@pytest.mark.parametrize("pieces", [3, 4, 20])
def test_every_split_has_a_piece_as_soon_as_there_are_three(tmp_path: Path, pieces: int) -> None:
    music = music_folder(tmp_path / "music", 0)
    for seed, name in enumerate(named_for_train(pieces)):
        write_midi(improvised(seed, notes=40), music / name)
    splits = by_music(made(tmp_path, music))
    assert Counter(splits.values()) == {"train": pieces - 2, "validation": 1, "test": 1}
    for path, name in zip(sorted(music.iterdir()), reversed(named_for_train(2 * pieces)), strict=False):
        path.rename(music / name)
    assert by_music(made(tmp_path, music)) == splits


def test_a_piece_that_was_moved_stays_there_when_music_is_added(tmp_path: Path) -> None:
    music = music_folder(tmp_path / "music", 0)
    kept = []
    for seed, name in enumerate(named_for_train(12)):
        write_midi(improvised(seed, notes=40), music / name)
        if seed >= 2:
            splits = splits_in(made(tmp_path, music))
            kept.append({split: file for file, split in splits.items() if split != "train"})
    newcomers = named_for_train(12)[3:]
    for (before, after), newcomer in zip(pairwise(kept), newcomers, strict=True):
        assert before == after or newcomer in after.values()  # its hash is lower
    assert sum(before == after for before, after in pairwise(kept)) >= len(newcomers) // 2
    unseen = next(name for name in map("{}.mid".format, range(1000)) if split_by_chance(name) == "test")
    write_midi(improvised(90, notes=40), music / unseen)
    splits = splits_in(made(tmp_path, music))
    assert [file for file, split in splits.items() if split == "test"] == [unseen]
    assert splits[kept[-1]["test"]] == "train"
    assert splits[kept[-1]["validation"]] == "validation"


def test_two_pieces_are_too_few_for_three_splits(tmp_path: Path) -> None:
    music = music_folder(tmp_path / "music", 0)
    for seed, name in enumerate(named_for_train(2)):
        write_midi(improvised(seed, notes=40), music / name)
    assert set(splits_in(made(tmp_path, music)).values()) == {"train"}


def test_duplicates_fill_no_split(tmp_path: Path) -> None:
    music = music_folder(tmp_path / "music", 0)
    for number, name in enumerate(named_for_train(6)):
        write_midi(improvised(number % 3, notes=40), music / name)
    corpus = made(tmp_path, music)
    assert sorted(splits_in(corpus).values()) == ["test", "train", "validation"]
    assert len({piece.hash for piece in corpus.description.pieces}) == 3
    assert [file.why.partition(" as ")[0] for file in corpus.description.left_out] == ["the same music"] * 3


def collection(*pitches: int) -> bytes:
    """A file of several pieces, one a track."""
    return midi(
        *(track(*(event for _ in range(20) for event in ((240, on(p)), (240, off(p))))) for p in pitches),
        kind=2,
    )


def test_pieces_of_one_file_are_moved_together(tmp_path: Path) -> None:
    music = music_folder(tmp_path / "music", 0)
    for number, name in enumerate(named_for_train(4)):
        (music / name).write_bytes(collection(30 + number, 50 + number, 70 + number))
    splits = splits_in(made(tmp_path, music))
    assert Counter(splits.values()) == {"train": 6, "validation": 3, "test": 3}
    assert len({(file.partition("#")[0], split) for file, split in splits.items()}) == 4


def test_of_one_file_alone_the_pieces_are_moved_one_by_one(tmp_path: Path) -> None:
    music = music_folder(tmp_path / "music", 0)
    (music / named_for_train(1)[0]).write_bytes(collection(30, 50, 70))
    assert sorted(splits_in(made(tmp_path, music)).values()) == ["test", "train", "validation"]


def test_groups_are_moved_by_their_hashes_alone() -> None:
    alike: dict[str, Split] = dict.fromkeys("abcdefgh", "train")
    one, other = none_empty(alike), none_empty(dict(reversed(alike.items())))
    assert one == other
    assert Counter(one.values()) == {"train": 6, "validation": 1, "test": 1}
    assert Counter(none_empty(dict.fromkeys("abc", "test")).values()) == dict.fromkeys(SPLITS, 1)
    full: dict[str, Split] = {"a": "train", "b": "validation", "c": "test", "d": "train"}
    assert none_empty(full) == full
    assert none_empty({"a": "train", "b": "train"}) == {"a": "train", "b": "train"}


def test_of_two_files_with_one_music_the_one_that_must_stay_unseen_is_kept(tmp_path: Path) -> None:
    music = music_folder(tmp_path / "music", pieces=24)
    unseen = next(path for path in sorted(music.iterdir()) if split_by_chance(path.name) == "test")
    copies = [f"copy-{number}.mid" for number in range(40)]
    copy = music / next(name for name in copies if split_by_chance(name) == "train")
    shutil.copy(unseen, copy)
    corpus = made(tmp_path, music)
    assert unseen.name in {piece.file for piece in corpus.description.pieces}
    assert [(file.file, file.why) for file in corpus.description.left_out] == [
        (copy.name, f"the same music as {unseen.name}")
    ]


def test_a_copy_played_softer_and_later_is_the_same_music(tmp_path: Path) -> None:
    music = music_folder(tmp_path / "music", pieces=3)
    phrase = improvised(90, notes=60)
    softer = [Note(note.at, note.pitch, max(note.velocity - 20, 1), note.length_s) for note in phrase.notes]
    write_midi(Phrase.of(phrase.notes), music / "a.mid")
    write_midi(Phrase.of(softer).moved(1.0), music / "b.mid")
    assert len(made(tmp_path, music).description.left_out) == 1


def test_broken_and_empty_files_are_left_out_and_listed(tmp_path: Path) -> None:
    music = music_folder(tmp_path / "music", pieces=3)
    (music / "letter.mid").write_text("Dear reader")
    write_midi(improvised(9, notes=4), music / "short.mid")
    left_out = {file.file: file.why for file in made(tmp_path, music).description.left_out}
    assert set(left_out) == {"letter.mid", "short.mid"}
    assert "4 notes" in left_out["short.mid"]


def test_the_hash_changes_with_the_music_and_not_with_its_name(tmp_path: Path) -> None:
    first = made(tmp_path, music_folder(tmp_path / "a", pieces=4), "one").description
    again = made(tmp_path, music_folder(tmp_path / "b", pieces=4), "two").description
    other = made(tmp_path, music_folder(tmp_path / "c", pieces=5), "one").description
    assert first.hash == again.hash != other.hash


def test_the_strictest_tier_binds() -> None:
    assert strictest(["ship", "research-nc", "sharealike"]) == "research-nc"
    assert strictest(["ship"]) == "ship"


def test_the_tier_of_a_known_set_can_not_be_changed() -> None:
    assert music_set("maestro-v3").tier == "research-nc"
    with pytest.raises(SettingError, match="can't be changed"):
        music_set("maestro-v3", "ship")


def test_no_music_at_all_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(SettingError, match="no MIDI files"):
        made(tmp_path, tmp_path / "empty")
    with pytest.raises(SettingError, match="no such folder"):
        made(tmp_path, tmp_path / "nowhere")


@pytest.mark.parametrize("content", [b"", b"\0" * 64, b"{}"])
def test_what_is_no_corpus_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "no.safetensors"
    path.write_bytes(content)
    with pytest.raises(SettingError, match="not a corpus"):
        Corpus(path)


def test_of_twins_that_were_written_only_the_kept_one_stays(tmp_path: Path) -> None:
    music = music_folder(tmp_path / "music", pieces=24)
    one = next(path for path in sorted(music.iterdir()) if split_by_chance(path.name) == "train")
    for name in ("copy-0.mid", "z.mid", *(f"a-{number}.mid" for number in range(30))):
        shutil.copy(one, music / name)
    corpus = made(tmp_path, music)
    phrases = {record.file: phrase for record, phrase in corpus.phrases()}
    assert len(phrases) == 24
    assert list(phrases) == sorted(phrases)
    for name, phrase in phrases.items():
        assert phrase == read_phrase(music / name)
    assert len(Tensors(corpus.path).all("at")) == sum(record.notes for record in corpus.description.pieces)


def test_the_file_holds_what_the_library_reads(tmp_path: Path) -> None:
    corpus = made(tmp_path, music_folder(tmp_path / "music", pieces=6))
    columns = load_file(corpus.path)
    phrases = [phrase for _, phrase in corpus.phrases()]
    assert columns["pitch"].tolist() == [note.pitch for phrase in phrases for note in phrase.notes]
    assert columns["pedal_at"].tolist() == [pedal.at for phrase in phrases for pedal in phrase.pedals]
    assert columns["notes_starts"].tolist() == [
        sum(len(phrase.notes) for phrase in phrases[:count]) for count in range(7)
    ]
    assert {name: str(column.dtype) for name, column in columns.items()} == {
        "at": "float64",
        "pitch": "uint8",
        "velocity": "uint8",
        "length_s": "float64",
        "voice": "uint8",
        "pedal_at": "float64",
        "pedal_down": "uint8",
        "tempo_beat": "float64",
        "seconds_per_beat": "float64",
        "notes_starts": "int64",
        "pedals_starts": "int64",
        "tempos_starts": "int64",
    }


def test_a_preparation_that_fails_keeps_the_corpus_that_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    music = music_folder(tmp_path / "music", pieces=4)
    before = made(tmp_path / "out", music).path.read_bytes()

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(streamed_tensors, "_write", full)
    with pytest.raises(SettingError, match="no room left on its disk"):
        made(tmp_path / "out", music)
    assert [path.read_bytes() for path in (tmp_path / "out").iterdir()] == [before]


def test_a_benchmark_keeps_every_sequence_and_its_split(tmp_path: Path) -> None:
    short, twin = (np.zeros((steps, 88)) for steps in (2, 40))
    short[0, 3] = 1
    twin[3:30:2, 40] = 1
    writer = Writer()
    splits = {"traindata": [twin, short, twin], "validdata": [twin], "testdata": [twin, twin]}
    arrays = [writer.cells(name, [writer.numbers(roll) for roll in rolls]) for name, rolls in splits.items()]
    (tmp_path / "JSB_Chorales.mat").write_bytes(writer.file(*arrays))
    prepare(music_set("jsb"), tmp_path, tmp_path / "jsb.safetensors")
    corpus = Corpus(tmp_path / "jsb.safetensors")
    assert corpus.description.tier == "benchmark"
    for split, rolls in zip(("train", "validation", "test"), splits.values(), strict=True):
        encoded = [RollEncoding().encode(phrase)[:, :88] for _, phrase in corpus.phrases(split)]
        for roll, meant in zip(encoded, rolls, strict=True):
            assert np.array_equal(roll, meant[: len(roll)])
    left_out = {file.file: file.why for file in corpus.description.left_out}
    assert left_out["JSB_Chorales.mat#train-0001"] == "silent steps at its end, which no note can express: 1"
    assert len(left_out) == 6


def test_a_benchmark_whose_file_is_missing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match=r"MuseData\.mat: missing"):
        prepare(music_set("musedata"), tmp_path, tmp_path / "out.safetensors")


def test_the_command_makes_a_corpus_and_tells_of_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    music = music_folder(tmp_path / "music", pieces=4)
    words = ["data", "prepare", "mine", str(music), "--corpora", str(tmp_path), "--workers", "1"]
    assert main([*words, "--tier", "ship", "--licence", "CC0"]) == 0
    printed = capsys.readouterr().out
    assert "mine, 4 pieces" in printed
    assert "licence: CC0; tier ship" in printed
    assert main(["data", "tell", str(tmp_path / "mine.safetensors")]) == 0
    assert capsys.readouterr().out == printed


def test_names_whose_bytes_are_no_text_are_spelt_out(tmp_path: Path) -> None:
    music = music_folder(tmp_path / "music", pieces=5)
    try:
        (music / "piece-00.mid").rename(music / "caf\udce9.mid")
        (music / "broken\udce9.mid").write_bytes(b"MThd")
    except OSError:
        pytest.skip("a file system that takes text alone for names")
    description = made(tmp_path, music).description
    assert r"caf\udce9.mid" in {record.file for record in description.pieces}
    assert [left.file for left in description.left_out] == [r"broken\udce9.mid"]
    for text in (description.left_out[0].why, *(record.title for record in description.pieces)):
        text.encode()
