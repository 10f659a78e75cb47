"""A passage of a MIDI file as a call: from its first note on, no longer than asked for; refused in a line."""

import pytest

from dashboard.hearing.calls import LONGEST_S, passage_of
from music.midi.files import midi_bytes
from music.notes import Note
from music.phrase import Phrase
from music.settings import SettingError

FILE = midi_bytes(Phrase.of(Note(float(at), 60 + at % 12, 80, 0.75) for at in range(60)))


def test_it_begins_with_its_first_note_and_ends_with_the_passage() -> None:
    call = passage_of(FILE, "sixty.mid", 9.5, 3.0)
    assert [note.pitch for note in call.notes] == [70, 71, 60]
    assert call.notes[0].at == 0
    assert call.until <= 3.0


def test_it_is_no_longer_than_what_is_remembered() -> None:
    assert len(passage_of(FILE, "sixty.mid", 0.0, 1000.0).notes) == LONGEST_S


@pytest.mark.parametrize(("data", "from_s"), [(b"no music", 0.0), (b"", 0.0), (FILE, 100.0)])
def test_what_has_no_note_there_is_a_line(data: bytes, from_s: float) -> None:
    with pytest.raises(SettingError, match=r"sixty\.mid"):
        passage_of(data, "sixty.mid", from_s, 4.0)
