"""A call written down for a model comes back in the player's time, key and loudness."""

from collections.abc import Sequence

import pytest

from music.encodings.catalogue import ENCODINGS
from music.notes import Note
from music.phrase import Phrase
from music.tokens.encoding import Encoding
from realtime.answerers.families.hearing import heard_by

BEAT_S = 0.62  # no encoding's own
BEGINS_AT = 41.3
TUNE = (62, 69, 66, 74, 62, 69, 67, 66, 64, 61, 64, 62)  # in D


def tune() -> Sequence[Note]:
    """Two notes a beat, as loud as they are high."""
    return [
        Note(BEGINS_AT + n * BEAT_S, pitch, pitch, BEAT_S * 0.9) for n, pitch in enumerate(TUNE) if n != 7
    ]


def encoding(name: str, call: Sequence[Note]) -> Encoding:
    """One that knows this call."""
    made = ENCODINGS[name].with_settings()
    whole = Phrase.of(call).moved(-call[0].at)
    halves = Phrase.of(
        Note(note.at * 0.5 / BEAT_S, note.pitch, 64, note.length_s * 0.5 / BEAT_S) for note in whole.notes
    )
    return made.fitted([whole, halves])


@pytest.mark.parametrize("name", sorted(set(ENCODINGS) - {"event"}))
def test_what_was_heard_is_played_back_where_it_was(name: str) -> None:
    call = tune()
    written = encoding(name, call)
    heard = heard_by(written, call)
    played = [heard.played(note) for note in written.decode(heard.rows).notes]
    assert [note.pitch for note in played] == [note.pitch for note in call]
    for note, wanted in zip(played, call, strict=True):
        assert note.at == pytest.approx(wanted.at, abs=0.13)
        assert note.velocity == pytest.approx(wanted.velocity, abs=5)


def test_without_a_beat_a_beat_is_half_a_second() -> None:
    call = [Note(3.0, 60, 64, 0.5)]
    heard = heard_by(ENCODINGS["roll"].with_settings(), call)
    assert (heard.begins_at, heard.higher) == (3.0, 0)
    assert heard.played(Note(0.5, 60, 1, 0.5)) == Note(3.5, 60, 64, 0.5)
