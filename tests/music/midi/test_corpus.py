"""Files that broke a reader once, ours or another's: what each must come to, in corpus/expected.json.

All are made by hand, or by the fuzzer and then made small; none is music of anyone. What these do not prove:
that nothing else breaks it; `python -m tests.music.midi.fuzz` looks for that.
"""

import json
import random
from pathlib import Path
from typing import Any

import pytest

from music.midi.files import MidiFileError, read_pieces_from
from tests.music.midi import fuzz

CORPUS = Path(__file__).parent / "corpus"
EXPECTED: dict[str, dict[str, Any]] = json.loads((CORPUS / "expected.json").read_text(encoding="utf-8"))


def _outcome(name: str) -> dict[str, Any]:
    try:
        pieces = read_pieces_from((CORPUS / name).read_bytes(), name)
    except MidiFileError as error:
        return {"refused": str(error)}
    outcome: dict[str, Any] = {
        "notes": [
            [[round(note.at, 6), round(note.until, 6), note.pitch, note.voice] for note in piece.phrase.notes]
            for piece in pieces
        ],
        "repairs": sorted({repair for piece in pieces for repair in piece.repairs}),
    }
    if any(piece.phrase.pedals for piece in pieces):
        outcome["pedals"] = [
            [[round(each.at, 6), each.down] for each in piece.phrase.pedals] for piece in pieces
        ]
    return outcome


@pytest.mark.parametrize("name", EXPECTED)
def test_file_of_the_corpus_comes_to_what_it_must(name: str) -> None:
    assert _outcome(name) == EXPECTED[name]


@pytest.mark.parametrize("name", EXPECTED)
def test_file_of_the_corpus_keeps_every_promise_that_the_fuzzer_checks(name: str) -> None:
    assert fuzz.check((CORPUS / name).read_bytes())


def test_every_file_of_the_corpus_has_its_outcome() -> None:
    assert {path.name for path in CORPUS.iterdir()} - {"expected.json"} == set(EXPECTED)


@pytest.mark.parametrize("seed", range(4))
def test_some_hundred_broken_files_are_read_or_refused(seed: int) -> None:
    """The fuzzer in small, without its processes; what matters is that it fails on any other end."""
    originals = fuzz.seeds(None)
    for index in range(100):
        fuzz.check(fuzz.made(random.Random(f"test/{seed}/{index}"), originals))
