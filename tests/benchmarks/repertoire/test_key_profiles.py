"""Comparing profiles of keys: which key a piece is said to be in, and what counts as found."""

import argparse
from pathlib import Path

import pytest

from benchmarks.repertoire.key_profiles import PROFILES, add_arguments, key_named, run
from music.keys import Key
from music.midi.files import write_midi
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
