"""Sets that are known by name: score sets take their splits from a table, and their pieces keep a beat."""

import csv
import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import pytest
from safetensors import safe_open
from safetensors.numpy import load_file, save_file

from music.beats import TempoMap
from music.midi.files import write_midi
from music.phrase import Phrase
from music.settings import SettingError
from pieces.corpus import Corpus, prepare
from pieces.music_sets import KNOWN_SETS, TIERS, music_set
from tests.support.corpora import music_folder
from tests.support.phrases import improvised

SCORE_SETS = ("chopin-scores", "polish-scores", "lieder-piano", "mutopia-more")
SPLITS = ("train", "train", "valid", "validation", "test")


def score_folder(folder: Path, splits: tuple[str, ...] = SPLITS) -> Path:
    """A set of scores as it is unpacked: a table, and MIDI files in a folder of their own."""
    (folder / "midi").mkdir(parents=True)
    rows: list[Mapping[str, str]] = []
    for number, split in enumerate(splits):
        file = f"midi/{number}.mid"
        phrase = improvised(number)
        write_midi(Phrase.of(phrase.notes, (), TempoMap.steady(60 + 10 * number)), folder / file)
        rows.append(
            {"file": file, "composer": "Nobody", "title": f"No. {number}", "split": split, "opus": "1"}
        )
    with (folder / "metadata.csv").open("w", newline="") as table:
        writer = csv.DictWriter(table, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return folder


@pytest.mark.parametrize("name", SCORE_SETS)
def test_a_score_set_has_its_splits_composers_and_titles_from_its_table(tmp_path: Path, name: str) -> None:
    listed = music_set(name).files(score_folder(tmp_path / "music"))
    assert [file.path.name for file in listed] == [f"{number}.mid" for number in range(5)]
    assert [file.split for file in listed] == ["train", "train", "validation", "validation", "test"]
    assert {(file.composer, file.title) for file in listed} == {("Nobody", f"No. {n}") for n in range(5)}
    assert not music_set(name).splits_by_chance


@pytest.mark.parametrize("name", SCORE_SETS)
def test_score_sets_may_be_given_away_with_their_credits(name: str) -> None:
    known = KNOWN_SETS[name]
    assert known.tier == "ship"
    assert known.licence
    assert known.credit


def test_only_sets_of_scores_say_where_the_beats_are() -> None:
    assert {name for name, known in KNOWN_SETS.items() if known.is_score} == set(SCORE_SETS)
    assert not music_set("my-own").is_score
    assert {known.tier for known in KNOWN_SETS.values()} <= set(TIERS)


def test_a_score_set_without_its_table_is_refused(tmp_path: Path) -> None:
    folder = music_folder(tmp_path / "music", pieces=1)
    with pytest.raises(SettingError, match=r"metadata\.csv: missing; it lists the splits"):
        music_set("chopin-scores").files(folder)


def test_a_split_that_is_none_is_refused(tmp_path: Path) -> None:
    folder = score_folder(tmp_path / "music", ("train", "rehearsal"))
    with pytest.raises(SettingError, match="'rehearsal' is no split"):
        music_set("lieder-piano").files(folder)


@pytest.fixture
def scores(tmp_path: Path) -> Corpus:
    path = tmp_path / "scores.safetensors"
    prepare(music_set("chopin-scores"), score_folder(tmp_path / "music"), path, workers=1)
    return Corpus(path)


def test_pieces_of_a_score_set_keep_a_beat_and_others_do_not(scores: Corpus, tmp_path: Path) -> None:
    assert len(scores.description.pieces) == 5
    assert all(record.has_beat for record, _ in scores.phrases())
    path = tmp_path / "own.safetensors"
    prepare(music_set("own"), music_folder(tmp_path / "own", pieces=4), path, workers=1)
    assert not any(piece.has_beat for piece in Corpus(path).description.pieces)


def test_the_tempo_of_a_score_comes_back_with_it(scores: Corpus) -> None:
    tempos = [round(60 / phrase.tempo.changes[0][1]) for _, phrase in scores.phrases()]
    assert tempos == [60, 70, 80, 90, 100]


def test_a_corpus_from_before_pieces_kept_a_beat_is_read_as_before(scores: Corpus, tmp_path: Path) -> None:
    description = asdict(scores.description)
    for piece in description["pieces"]:
        del piece["has_beat"]
    old = tmp_path / "old.safetensors"
    with safe_open(scores.path, "numpy") as file:
        assert set(file.metadata()) == {"antiphon"}
    save_file(load_file(scores.path), old, {"antiphon": json.dumps(description)})
    read = Corpus(old)
    assert not any(piece.has_beat for piece in read.description.pieces)
    assert read.description.hash == scores.description.hash
    assert [phrase for _, phrase in read.phrases()] == [phrase for _, phrase in scores.phrases()]
