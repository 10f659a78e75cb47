"""Proves the messages of the paper, what end-to-end tracks lose, and the repairs of decoding."""

import numpy as np
import pytest
from hypothesis import given

from music.beats import TempoMap
from music.encodings.message import MessageEncoding
from music.notes import Note
from music.phrase import Phrase
from music.tokens.encoding import EncodingError
from tests.support.phrases import phrases

ENCODING = MessageEncoding()
TICK_S = 0.5 / 480  # at 120 beats a minute
TWO_TRACKS = Phrase.of([Note(0.5, 60, 64, 0.5, voice=1), Note(0.5, 48, 64, 1.0, voice=4)])


def heard(*messages: str) -> list[tuple[int, int, int, int]]:
    """What messages tell, as (tick, pitch, ticks, voice); `unknown` is number 0."""
    encoding = MessageEncoding(learnt=tuple(sorted(set(messages) - {"unknown"})))
    numbers = encoding.vocabulary.fields[0].numbers
    notes = encoding.decode(np.array([numbers[name] for name in messages]).reshape(-1, 1)).notes
    return [
        (round(note.at / TICK_S), note.pitch, round(note.length_s / TICK_S), note.voice) for note in notes
    ]


def test_a_quarter_note_is_two_messages() -> None:
    assert ENCODING.symbols_in(Phrase.of([Note(0, 60, 64, 0.5)])) == ["note-on-60-0", "note-off-60-480"]


def test_two_messages_are_a_quarter_note() -> None:
    assert heard("note-on-60-0", "note-off-60-480") == [(0, 60, 480, 0)]


def test_at_one_tick_keys_go_up_before_others_go_down_low_to_high() -> None:
    phrase = Phrase.of([Note(0, 60, 64, 0.5), Note(0.5, 64, 64, 0.5), Note(0.5, 60, 64, 0.5)])
    assert ENCODING.symbols_in(phrase) == [
        "note-on-60-0",
        "note-off-60-480",
        "note-on-60-0",
        "note-on-64-0",
        "note-off-60-480",
        "note-off-64-0",
    ]


def test_ticks_are_of_one_scale_whatever_the_tempo() -> None:
    slow = Phrase.of([Note(1.0, 60, 64, 1.0)], tempo=TempoMap.steady(60))
    assert ENCODING.symbols_in(slow) == ["note-on-60-480", "note-off-60-480"]


def test_a_quantum_rounds_moments_and_leaves_every_note_some_length() -> None:
    coarse = MessageEncoding(quantum=120)
    assert coarse.symbols_in(Phrase.of([Note(0.26, 60, 64, 0.01)])) == ["note-on-60-240", "note-off-60-120"]


@given(phrase=phrases(grid_s=TICK_S * 10, longest_gap=900, longest_note=900, lowest=0, highest=127))
def test_music_on_the_grid_comes_back_but_for_its_velocity(phrase: Phrase) -> None:
    fitted = ENCODING.fitted([phrase])
    back = fitted.decode(fitted.encode(phrase)).notes
    assert [note.pitch for note in back] == [note.pitch for note in phrase.notes]
    assert np.allclose([note.at for note in back], [note.at for note in phrase.notes], atol=1e-9)
    assert np.allclose([note.length_s for note in back], [note.length_s for note in phrase.notes], atol=1e-9)


def test_tracks_come_back_one_after_another() -> None:
    fitted = ENCODING.fitted([TWO_TRACKS])
    back = fitted.decode(fitted.encode(TWO_TRACKS)).notes
    assert [(note.at, note.pitch, note.voice) for note in back] == [(0.5, 60, 0), (1.5, 48, 0)]


def test_marked_tracks_sound_together_again() -> None:
    marking = MessageEncoding(marks_tracks=True)
    assert marking.symbols_in(TWO_TRACKS)[2] == "track"
    fitted = marking.fitted([TWO_TRACKS])
    back = fitted.decode(fitted.encode(TWO_TRACKS)).notes
    assert [(note.at, note.pitch, note.voice) for note in back] == [(0.5, 48, 1), (0.5, 60, 0)]


def test_two_tracks_may_hold_one_key_at_once_when_they_are_marked() -> None:
    marking = MessageEncoding(marks_tracks=True)
    phrase = Phrase.of([Note(0, 60, 64, 1.0, voice=0), Note(0.5, 60, 64, 1.0, voice=1)])
    fitted = marking.fitted([phrase])
    assert fitted.decode(fitted.encode(phrase)).notes == phrase.notes


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        pytest.param(
            ["note-off-60-480", "note-on-60-0", "note-off-60-9"],
            ["note-on-60-480", "note-off-60-9"],
            id="a release of what does not sound only takes its time",
        ),
        pytest.param(
            ["note-on-60-0", "note-on-60-100", "note-off-60-50"],
            ["note-on-60-0", "note-off-60-100", "note-on-60-0", "note-off-60-50"],
            id="a key struck while it sounds ends its note",
        ),
        pytest.param(
            ["note-on-60-0", "note-on-62-100", "note-off-62-50"],
            ["note-on-60-0", "note-on-62-100", "note-off-62-50", "note-off-60-0"],
            id="what sounds at the end ends with the last message",
        ),
        pytest.param(
            ["unknown", "note-on-60-5", "unknown", "note-off-60-10"],
            ["note-on-60-5", "note-off-60-10"],
            id="the unknown message says nothing",
        ),
    ],
)
def test_messages_that_make_no_sense_are_repaired(wrong: list[str], right: list[str]) -> None:
    assert heard(*wrong) == heard(*right)


def test_what_sounds_at_the_end_of_a_track_ends_there() -> None:
    assert heard("note-on-60-0", "note-off-1-7", "track", "note-on-62-3", "note-off-62-30") == [
        (0, 60, 7, 0),
        (3, 62, 30, 1),
    ]


@pytest.mark.parametrize(
    "symbol",
    [
        "note-on-128-0",
        "note-on-60",
        "note-on-60--1",
        "note-on-060-0",
        "note-off-60-1e9",
        "note-on-60-9999999999",
        "unknown",
    ],
)
def test_a_learnt_symbol_that_is_no_message_is_refused(symbol: str) -> None:
    with pytest.raises(EncodingError, match="is no message"):
        MessageEncoding(learnt=(symbol,))


def test_a_quantum_of_more_than_a_beat_is_refused() -> None:
    with pytest.raises(EncodingError, match="quantum is a number from 1 to 480"):
        MessageEncoding(quantum=481)
