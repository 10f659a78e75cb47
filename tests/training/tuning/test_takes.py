"""Takes: only what the player played is learnt from, and a folder with too little in it is refused."""

from dataclasses import replace
from pathlib import Path

import pytest

from music.midi.files import read_pieces, write_midi
from music.notes import Note
from music.phrase import Phrase
from music.piece import Part, Piece
from music.settings import SettingError
from realtime.rows.take import MODEL, save
from tests.support.phrases import improvised
from tests.support.takes import ANSWERED_PITCH, take_folder, take_of
from training.tuning.takes import LONGEST_REST_S, Take, players_part, split_up, takes_in, without_waiting


def longest_silence(phrase: Phrase) -> float:
    until, longest = 0.0, 0.0
    for note in phrase.notes:
        longest, until = max(longest, note.at - until), max(until, note.until)
    return longest


def test_of_a_take_only_the_players_notes_are_kept_without_the_time_of_the_answer(tmp_path: Path) -> None:
    whole = take_of(3)
    save(whole, tmp_path / "take.mid", [])
    (piece,) = read_pieces(tmp_path / "take.mid")
    phrase = players_part(piece)
    played = [note for note in whole.notes if note.voice != MODEL]
    assert ANSWERED_PITCH in {note.pitch for note in whole.notes}
    assert [note.pitch for note in phrase.notes] == [note.pitch for note in played]
    assert phrase.notes[0].at == 0.0
    assert phrase.pedals == ()
    assert longest_silence(phrase) <= LONGEST_REST_S + 1e-9
    assert longest_silence(Phrase.of(played)) > LONGEST_REST_S


def test_of_another_file_all_is_the_players_or_what_is_on_a_channel() -> None:
    notes = [Note(0.1 * number, 40 + number, 64, 0.1, number % 2) for number in range(20)]
    piece = Piece(Phrase.of(notes), parts=(Part(0, "Left", 0), Part(1, "Right", 1)))
    assert len(players_part(piece).notes) == 20
    assert [note.pitch for note in players_part(piece, channel=1).notes] == list(range(41, 60, 2))
    assert players_part(piece, channel=5) == Phrase()


def test_a_rest_as_long_as_may_be_stays_and_a_longer_one_is_shortened() -> None:
    phrase = Phrase.of([Note(5.0, 60, 64, 1.0), Note(8.0, 62, 64, 1.0), Note(20.0, 64, 64, 1.0)])
    assert [note.at for note in without_waiting(phrase).notes] == [0.0, 3.0, 6.0]


def test_a_folder_is_read_with_all_below_it_and_what_is_left_out_says_why(tmp_path: Path) -> None:
    take_folder(tmp_path / "deep" / "er", takes=3)
    (tmp_path / "broken.mid").write_bytes(b"no music")
    (tmp_path / "read.me").write_text("no music either")
    save(take_of(0), tmp_path / "deep" / "er" / "take-9.MIDI", [])
    only_answers = tuple(note for note in take_of(5).notes if note.voice == MODEL)
    save(Phrase(only_answers), tmp_path / "silent.mid", [])
    takes = takes_in(tmp_path)
    assert [take.name for take in takes.kept] == [f"deep/er/take-{number}.mid" for number in range(3)]
    assert takes.notes == sum(len(take.phrase.notes) for take in takes.kept)
    reasons = {file.file: file.why for file in takes.left_out}
    assert sorted(reasons) == ["broken.mid", "deep/er/take-9.MIDI", "silent.mid"]
    assert reasons["silent.mid"] == "notes of yours: 0; fewer than 16 are no take"
    assert reasons["deep/er/take-9.MIDI"] == "the same music as deep/er/take-0.mid"


def test_a_folder_that_is_not_there_or_has_no_midi_files_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match=r"away: no such folder; say where your takes are"):
        takes_in(tmp_path / "away")
    (tmp_path / "notes.txt").write_text("")
    with pytest.raises(SettingError, match="no MIDI files in it; say where your takes are"):
        takes_in(tmp_path)


@pytest.mark.parametrize("notes", [0, 1, 30])
def test_takes_with_too_little_in_them_are_refused(tmp_path: Path, notes: int) -> None:
    answers = tuple(note for note in take_of(1).notes if note.voice == MODEL)
    save(Phrase.of([*improvised(1, notes).notes, *answers]), tmp_path / "take.mid", [])
    with pytest.raises(SettingError) as refused:
        takes_in(tmp_path)
    assert f"notes of yours: {notes}, in files: 1; to learn from, 64 at least are needed" in str(
        refused.value
    )
    assert "\n" not in str(refused.value)


def test_a_channel_on_which_nobody_plays_is_named(tmp_path: Path) -> None:
    write_midi(improvised(1, 100), tmp_path / "take.mid")
    with pytest.raises(SettingError, match="notes of yours on channel 6: 0, in files: 1"):
        takes_in(tmp_path, channel=5)


def test_of_several_takes_one_in_five_is_held_out_whatever_they_are_called() -> None:
    takes = [Take(f"{seed}.mid", improvised(seed)) for seed in range(10)]
    held_out = {record.hash for record, _ in split_up(takes) if record.split == "validation"}
    assert len(held_out) == 2
    renamed = [replace(take, name=f"other {take.name}") for take in reversed(takes)]
    assert {record.hash for record, _ in split_up(renamed) if record.split == "validation"} == held_out


@pytest.mark.parametrize("count", [1, 3])
def test_of_a_few_takes_the_end_of_each_is_held_out(count: int) -> None:
    takes = [Take(f"{seed}.mid", improvised(seed, 100)) for seed in range(count)]
    parts = split_up(takes)
    assert [record.split for record, _ in parts] == ["train", "validation"] * count
    assert [len(phrase.notes) for _, phrase in parts] == [80, 20] * count
    assert all(phrase.notes[0].at == 0.0 for record, phrase in parts if record.split == "validation")
