"""`antiphon encode` and `antiphon decode` as a person uses them: there, back, and every mistake."""

import json
from pathlib import Path

import pytest

from antiphon import main
from music.encodings.catalogue import ENCODINGS
from music.midi.files import read_phrase, write_midi
from music.notes import Note
from music.phrase import Phrase
from tests.support.phrases import improvised


@pytest.fixture
def call(tmp_path: Path) -> Path:
    path = tmp_path / "call.mid"
    write_midi(improvised(1, notes=30), path)
    return path


def encoded(call: Path, name: str, capsys: pytest.CaptureFixture[str], *words: str) -> dict:
    assert main(["encode", str(call), "--as", name, "--json", *words]) == 0
    return json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("name", ENCODINGS)
def test_what_encode_prints_decode_reads(
    name: str, call: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = encoded(call, name, capsys)
    tokens, out = tmp_path / "tokens.json", tmp_path / "again.mid"
    tokens.write_text(json.dumps(file))
    assert main(["decode", str(tokens), "--as", name, "--out", str(out)]) == 0
    assert len(read_phrase(out).notes) > 10


@pytest.mark.parametrize("name", ENCODINGS)
def test_the_list_has_every_encoding_and_what_it_loses(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["encode", "--list"]) == 0
    shown = capsys.readouterr().out
    assert f"{name}\n" in shown
    assert ENCODINGS[name].loses in shown


def test_without_json_numbers_and_names_are_shown(call: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["encode", str(call), "--as", "event"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith(f"{len(lines) - 1} tokens of event, fingerprint ")
    assert any("down" in line for line in lines[1:])


def test_a_roll_names_only_the_keys_that_sound(call: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["encode", str(call), "--as", "roll"]) == 0
    assert max(len(line) for line in capsys.readouterr().out.splitlines()) < 400


def test_a_setting_changes_the_tokens(call: Path, capsys: pytest.CaptureFixture[str]) -> None:
    coarse = encoded(call, "roll-token", capsys, "--set", "frequency=2")
    fine = encoded(call, "roll-token", capsys, "--set", "frequency=20")
    assert len(fine["tokens"]) > 5 * len(coarse["tokens"])
    assert fine["fingerprint"] != coarse["fingerprint"]


def test_the_loss_is_stated_with_figures(call: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = encoded(call, "roll-token", capsys, "--set", "frequency=2", "--loss")
    assert file["loss"]["lost"] > 0
    assert file["loss"]["notes"] == len(improvised(1, notes=30).notes)


def test_the_pedal_can_be_folded_first(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "pedal.mid"
    write_midi(improvised(2, pedal=True), path)
    kept = encoded(path, "step", capsys)
    folded = encoded(path, "step", capsys, "--pedal", "fold")
    assert sum(row[2] for row in folded["tokens"]) > sum(row[2] for row in kept["tokens"])


def test_tokens_typed_by_hand_are_read_by_name(tmp_path: Path) -> None:
    typed, out = tmp_path / "typed.json", tmp_path / "typed.mid"
    typed.write_text('["1", "1", "62", "2", "1", "1", "46", "91", "12"]')
    assert main(["decode", str(typed), "--as", "character", "--out", str(out)]) == 0
    assert [note.pitch for note in read_phrase(out).notes] == [62, 46, 91]


REFUSED_TOKENS = {
    "not json": ("{", "not JSON"),
    "no tokens": ('{"fields": []}', "no list of tokens"),
    "of another encoding": ('{"encoding": "note", "tokens": []}', "decode it with --as note"),
    "out of range": ("[[0, 9999, 0]]", "key: they go from 0 to 175"),
    "too few fields": ("[[0, 1]]", "token 0 has 2 fields; event has 3"),
    "no number": ('[[0, "up Z9", 0]]', "'up Z9' is no key"),
    "not finite": ("[[0, Infinity, 0]]", "inf is no key"),
    "a changed file": (
        '{"encoding": "event", "fingerprint": "0", "tokens": []}',
        "another version, or changed",
    ),
    "settings of another kind": ('{"encoding": "event", "settings": [], "tokens": []}', "settings"),
    "a setting that is not": ('{"settings": {"grid": 4}, "tokens": []}', "no setting 'grid'"),
    "a setting of another type": ('{"settings": {"pedal": null}, "tokens": []}', "pedal"),
}


@pytest.mark.parametrize("case", REFUSED_TOKENS)
def test_wrong_tokens_are_refused_in_one_line(
    case: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text, reason = REFUSED_TOKENS[case]
    tokens, out = tmp_path / "tokens.json", tmp_path / "out.mid"
    tokens.write_text(text)
    assert main(["decode", str(tokens), "--as", "event", "--out", str(out)]) == 2
    refusal = capsys.readouterr().err
    assert reason in refusal
    assert refusal.count("\n") == 1
    assert not out.exists()


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["no-such.mid", "--as", "event"], "no-such.mid"),
        (["CALL", "--as", "evnet"], "event"),
        (["CALL", "--as", "event", "--set", "grid=4"], "no setting 'grid'"),
        (["CALL", "--as", "event", "--set", "pedal"], "KEY=VALUE"),
        (["CALL", "--as", "event", "--set", "pedal=perhaps"], "pedal"),
        (["CALL", "--as", "roll-token", "--set", "frequency=0"], "frequency"),
        (["CALL", "--as", "roll-token", "--set", "frequency=nan"], "frequency"),
        (["CALL"], "--as NAME"),
        ([], "--as NAME"),
    ],
)
def test_what_encode_can_not_do_is_refused_in_one_line(
    words: list[str], reason: str, call: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["encode", *(str(call) if word == "CALL" else word for word in words)]) == 2
    refusal = capsys.readouterr().err
    assert reason in refusal
    assert refusal.count("\n") == 1


def test_a_broken_file_names_the_file_and_the_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "letter.mid"
    path.write_text("Dear reader, this is no music.")
    assert main(["encode", str(path), "--as", "event"]) == 2
    assert "letter.mid" in capsys.readouterr().err


def test_music_without_notes_is_no_tokens(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "silence.mid"
    write_midi(Phrase.of([]), path)
    assert encoded(path, "event", capsys)["tokens"] == []


def test_notes_off_the_piano_are_left_out_not_a_crash(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "low.mid"
    write_midi(Phrase.of([Note(0, 3, 80, 1), Note(1, 60, 80, 1)]), path)
    for name in ENCODINGS:
        assert len(encoded(path, name, capsys)["tokens"]) > 0
