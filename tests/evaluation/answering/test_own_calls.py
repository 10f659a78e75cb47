"""Our own calls: ten that differ, played as written, the same every time."""

import pytest

from evaluation.answering.own_calls import OWN_CALLS, OwnCall, Voice, pitch_named
from music.keys import best_fit
from music.notes import is_on_the_piano
from music.pedal import SILENT_KEYBOARD, fold
from music.phrase import each_key_once, events_of, pedal_folded


def test_there_are_ten_with_names_of_their_own() -> None:
    assert len({call.name for call in OWN_CALLS}) == len(OWN_CALLS) == 10


@pytest.mark.parametrize("call", OWN_CALLS, ids=lambda call: call.name)
def test_a_call_can_be_played_and_ends_in_silence(call: OwnCall) -> None:
    phrase = call.phrase()
    assert phrase == call.phrase()
    assert phrase.notes[0].at == 0
    assert 4 < phrase.until < 12
    assert list(phrase.notes) == each_key_once(phrase.notes)
    assert all(is_on_the_piano(note.pitch) and 1 <= note.velocity <= 127 for note in phrase.notes)
    keyboard = SILENT_KEYBOARD
    for event in events_of(phrase):
        keyboard, _ = fold(keyboard, event)
    assert not keyboard.sounding
    assert pedal_folded(phrase).until < 13


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Lullaby", "G major"),
        ("Chorale", "D minor"),
        ("Invention", "C major"),
        ("Waltz", "Eb major"),
        ("High and far", "F# minor"),
        ("Octaves", "C minor"),
        ("After hours", "Bb major"),
        ("Harp", "E major"),
    ],
)
def test_a_call_is_in_the_key_that_it_says(name: str, key: str) -> None:
    (call,) = (call for call in OWN_CALLS if call.name == name)
    assert best_fit(call.phrase().notes).key.name == key


def test_calls_differ_in_density_loudness_and_register() -> None:
    phrases = [call.phrase() for call in OWN_CALLS]
    densities = [len(phrase.notes) / phrase.until for phrase in phrases]
    loudness = [sum(note.velocity for note in phrase.notes) / len(phrase.notes) for phrase in phrases]
    assert max(densities) > 6 * min(densities)
    assert max(loudness) > 2 * min(loudness)
    assert sum(1 for phrase in phrases if phrase.pedals) >= 3


def test_words_are_read_as_written() -> None:
    call = OwnCall("Two", "a chord and a short note", 60, (Voice("C4+E4:2 -:1 Bb3:1'!99", 50, 1.0),))
    first, second, last = call.phrase().notes
    assert [note.pitch for note in (first, second, last)] == [60, 64, 58]
    assert last.at == pytest.approx(3, abs=0.1)
    assert first.length_s == pytest.approx(2, abs=0.1)
    assert last.length_s == pytest.approx(0.4, abs=0.1)
    assert last.velocity > 80 > first.velocity


@pytest.mark.parametrize(
    ("name", "pitch"), [("C4", 60), ("A0", 21), ("C8", 108), ("Bb3", 58), ("F#5", 78), ("Cb4", 59)]
)
def test_pitches_have_their_usual_names(name: str, pitch: int) -> None:
    assert pitch_named(name) == pitch
