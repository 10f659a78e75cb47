"""Comparing profiles of keys: which key a piece is said to be in, and what counts as found."""

import argparse
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from benchmarks.repertoire import key_profiles
from benchmarks.repertoire.key_profiles import (
    PROFILES,
    _beginning,
    _key_of,
    _key_signed,
    _relation,
    _stated,
    _titles,
    add_arguments,
    key_named,
    run,
)
from music.keys import Key
from music.midi.files import read_many, write_midi
from music.notes import Note
from music.phrase import Phrase
from music.piece import KeySignature

CADENCE = ((48, 64, 67, 72), (53, 65, 69, 72), (55, 62, 67, 71), (48, 64, 67, 72))


def _cadence(up: int) -> Phrase:
    return Phrase.of(
        Note(place * 0.5, pitch + up, 64, 0.5) for place, chord in enumerate(CADENCE) for pitch in chord
    )


def _asked(*folders: Path) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return parser.parse_args(["--music", *map(str, folders)])


@pytest.fixture(autouse=True)
def _in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """To start others takes longer than to read two files."""
    monkeypatch.setattr(key_profiles, "read_many", partial(read_many, workers=1))


@pytest.mark.parametrize(
    ("title", "key"),
    [
        ("Sonata in B-flat major, K. 333", Key(10)),
        ("Sonata_No.14_C#_minor_Moonlight", Key(1, True)),
        ("Toccata in f sharp minor", Key(6, True)),
        ("Prelude and Fugue in D Minor, BWV 875", Key(2, True)),
        ("Ballade op. 47, A♭ major", Key(8)),
        ("Sonate h-moll", None),
        ("A minor poet's waltz", Key(9, True)),
        ("Gymnopédie", None),
    ],
)
def test_a_title_names_its_key(title: str, key: Key | None) -> None:
    assert key_named(title) == key


def test_a_cadence_is_found_by_every_profile_in_the_key_of_its_title(tmp_path: Path) -> None:
    write_midi(_cadence(2), tmp_path / "d.mid")
    write_midi(_cadence(3), tmp_path / "untitled.mid")
    (tmp_path / "metadata.csv").write_text("midi,title\nmidi/d.mid,Study in D major\n", encoding="utf-8")
    figures = run(_asked(tmp_path))
    assert figures["pieces"]["all"] == 1
    assert {name: found["all"] for name, found in figures["found_in_whole_percent"].items()} == dict.fromkeys(
        PROFILES, 100.0
    )
    assert figures["ours_heard_as_percent"] == {"the key itself": 100.0}


def test_a_title_that_the_signature_contradicts_states_nothing(tmp_path: Path) -> None:
    write_midi(_cadence(2), tmp_path / "d.mid", keys=[KeySignature(0.0, -3)])
    (tmp_path / "metadata.csv").write_text("midi,title\nd.mid,Study in D major\n", encoding="utf-8")
    with pytest.raises(FileNotFoundError, match="no piece with a stated key"):
        run(_asked(tmp_path))


def test_signatures_count_only_where_some_are_minor(tmp_path: Path) -> None:
    write_midi(_cadence(2), tmp_path / "d.mid", keys=[KeySignature(0.0, 2)])
    with pytest.raises(FileNotFoundError, match="no piece with a stated key"):
        run(_asked(tmp_path))
    write_midi(_cadence(3), tmp_path / "c.mid", keys=[KeySignature(0.0, -3, is_minor=True)])
    figures = run(_asked(tmp_path))
    assert figures["pieces"]["all"] == 2
    assert figures["ours_heard_as_percent"] == {"the key itself": 50.0, "its relative key": 50.0}


def piece(*signatures: KeySignature) -> Any:
    return SimpleNamespace(keys=signatures)


NO_TITLE = "Gymnopédie"


@pytest.mark.parametrize(
    ("signatures", "title", "tells_mode", "key"),
    [
        pytest.param((), "Study in D major", False, Key(2), id="the title alone"),
        pytest.param((KeySignature(0.0, 2),), "Study in D major", False, Key(2), id="a signature agrees"),
        pytest.param(
            (KeySignature(0.0, 2),), "Study in B minor", False, Key(11, True), id="of the relative key"
        ),
        pytest.param((KeySignature(0.0, 2),), "Study in C minor", False, None, id="a signature contradicts"),
        pytest.param((KeySignature(0.0, 2, True),), NO_TITLE, True, Key(11, True), id="the only signature"),
        pytest.param((KeySignature(0.0, 2),), NO_TITLE, False, None, id="signatures that tell no mode"),
        pytest.param((KeySignature(0.0, 2), KeySignature(9.0, 1)), NO_TITLE, True, None, id="two signatures"),
        pytest.param(
            (KeySignature(0.0, 2), KeySignature(9.0, 2)), NO_TITLE, True, Key(2), id="the same one twice"
        ),
        pytest.param((), NO_TITLE, True, None, id="nothing at all"),
    ],
)
def test_the_stated_key_is_the_titles_or_that_of_the_only_signature(
    signatures: tuple[KeySignature, ...], title: str, tells_mode: bool, key: Key | None
) -> None:
    assert _key_of(piece(*signatures), title, tells_mode) == key


@pytest.mark.parametrize(
    ("sharps", "is_minor", "key"),
    [
        (0, False, Key(0)),
        (0, True, Key(9, True)),
        (2, False, Key(2)),
        (-3, False, Key(3)),
        (-3, True, Key(0, True)),
    ],
)
def test_a_signature_is_a_key(sharps: int, is_minor: bool, key: Key) -> None:
    assert _key_signed(sharps, is_minor) == key


@pytest.mark.parametrize(
    ("heard", "stated", "relation"),
    [
        (Key(0), Key(0), "the key itself"),
        (Key(7), Key(0), "its dominant or subdominant"),
        (Key(5), Key(0), "its dominant or subdominant"),
        (Key(2), Key(0), "another key"),
        (Key(9, True), Key(0), "its relative key"),
        (Key(0), Key(9, True), "its relative key"),
        (Key(0, True), Key(0), "its parallel key"),
        (Key(4, True), Key(0), "another key"),
    ],
)
def test_a_key_that_was_missed_is_named_by_how_near_it_is(heard: Key, stated: Key, relation: str) -> None:
    assert _relation(heard, stated) == relation


def test_titles_come_from_every_table_by_the_name_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("midi,title\nmidi/one.mid,First\n", encoding="utf-8")
    (tmp_path / "b.csv").write_text("midi_filename,canonical_title\n2004/two.midi,Second\n", encoding="utf-8")
    (tmp_path / "c.csv").write_text("unrelated,columns\n1,2\n", encoding="utf-8")
    titles = _titles(tmp_path)
    assert (titles["one.mid"], titles["two.midi"]) == ("First", "Second")


def test_a_beginning_is_its_first_seconds_from_the_first_note_on() -> None:
    notes = [Note(at, 60, 64, 0.5) for at in (5.0, 14.9, 15.0, 40.0)]
    assert [note.at for note in _beginning(notes)] == [5.0, 14.9]


def test_files_are_looked_for_in_inner_folders_where_there_are_none_at_the_top(tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    write_midi(_cadence(2), inner / "Study in D major.MID")
    (tmp_path / "table.csv").write_text("midi,title\nStudy in D major.MID,In D major\n", encoding="utf-8")
    assert [stated.key for stated in _stated(tmp_path)] == [Key(2)]


def test_a_piece_without_notes_states_nothing(tmp_path: Path) -> None:
    write_midi(Phrase.of([]), tmp_path / "d.mid")
    (tmp_path / "table.csv").write_text("midi,title\nd.mid,Silence in D major\n", encoding="utf-8")
    assert list(_stated(tmp_path)) == []


@pytest.mark.parametrize("name", PROFILES)
def test_every_profile_has_its_tonic_above_all_and_twelve_steps(name: str) -> None:
    profile = PROFILES[name]
    for steps in (profile.major, profile.minor):
        assert len(steps) == 12
        assert max(steps) in (
            steps[0],
            steps[7],
        )  # Albrecht-Shanahan's and Budge's prefer neither to the fifth
