"""Our own calls: twenty that differ, played as written, the same every time."""

from itertools import pairwise

import pytest

from evaluation.answering.own_call import OwnCall, Voice, pitch_named
from evaluation.answering.own_calls import OWN_CALLS
from music.keys import best_fit
from music.notes import is_on_the_piano
from music.pedal import SILENT_KEYBOARD, fold
from music.phrase import each_key_once, events_of, pedal_folded


def test_there_are_twenty_with_names_of_their_own() -> None:
    assert len({call.name for call in OWN_CALLS}) == len(OWN_CALLS) == 20


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
        ("Four chords", "C major"),
        ("Ragtime", "F major"),
        ("Sonatina", "D major"),
        ("Hymn", "Ab major"),
        ("Ornaments", "A minor"),
        ("Bass alone", "E minor"),
        ("Toccata", "F minor"),
        ("Slow and alone", "B minor"),
    ],
)
def test_a_call_is_in_the_key_that_it_says(name: str, key: str) -> None:
    (call,) = (call for call in OWN_CALLS if call.name == name)
    assert best_fit(call.phrase().notes).key.name == key


@pytest.mark.parametrize("call", OWN_CALLS, ids=lambda call: call.name)
def test_the_voices_of_a_call_end_together(call: OwnCall) -> None:
    lasts = {round(sum(beats_of(word) for word in voice.words.split()), 6) for voice in call.voices}
    assert max(lasts) - min(lasts) < 0.02


def beats_of(word: str) -> float:
    return float(word.partition("!")[0].partition(":")[2].rstrip("'"))


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


SCALE = "C4:1 D4:1 E4:1 F4:1 G4:1 A4:1 B4:1 C5:1"


def played(*voices: Voice, name: str = "made", tempo: float = 60, pedals: tuple[float, ...] = ()) -> OwnCall:
    return OwnCall(name, "made for a test", tempo, voices, pedals)


def test_the_pedal_goes_up_at_each_change_and_down_again_after_it_and_up_at_the_end() -> None:
    phrase = played(Voice(SCALE, 60), pedals=(0, 4)).phrase()
    assert [pedal.down for pedal in phrase.pedals] == [True, False, True, False]
    down, up, again, end = (pedal.at for pedal in phrase.pedals)
    fifth = phrase.notes[4].at
    assert down > 0
    assert up == pytest.approx(fifth, abs=0.06)
    assert again > up
    assert end > phrase.notes[-1].at


def test_without_changes_no_pedal_is_touched() -> None:
    assert played(Voice(SCALE, 60)).phrase().pedals == ()


def test_a_phrase_grows_towards_its_middle_and_broadens_at_its_end() -> None:
    notes = played(Voice(SCALE, 60)).phrase().notes
    assert max(note.velocity for note in notes[3:6]) > max(notes[0].velocity, notes[-1].velocity)
    gaps = [later.at - note.at for note, later in pairwise(notes)]
    assert gaps[-1] > max(gaps[:-1])


def test_a_call_is_uneven_by_little_and_by_its_name() -> None:
    one, other = (played(Voice(SCALE, 60), name=name).phrase() for name in ("one", "other"))
    assert one != other
    for note, like in zip(one.notes, other.notes, strict=True):
        assert note.pitch == like.pitch
        assert abs(note.at - like.at) < 0.05
        assert abs(note.velocity - like.velocity) < 20


def test_twice_the_tempo_takes_half_the_time() -> None:
    slow, fast = (played(Voice(SCALE, 60), tempo=tempo).phrase() for tempo in (60, 120))
    assert slow.until / fast.until == pytest.approx(2, abs=0.05)


def test_the_notes_of_a_chord_are_spread_low_to_high_as_written() -> None:
    chord = played(Voice("C4+E4+G4+C5:4", 60)).phrase().notes
    assert chord[0].pitch == 60
    assert 0 < chord[-1].at - chord[0].at < 0.06


def test_voices_sound_together_each_as_loud_and_as_long_as_it_is_held() -> None:
    notes = played(Voice("C5:2 D5:2", 100, 1.0), Voice("C3:2 D3:2", 40, 0.5)).phrase().notes
    above, below = ([note for note in notes if (note.pitch > 60) is high] for high in (True, False))
    assert min(note.velocity for note in above) > max(note.velocity for note in below)
    for high, low in zip(above, below, strict=True):
        assert high.at == pytest.approx(low.at, abs=0.05)
        assert high.length_s / low.length_s == pytest.approx(2, abs=0.15)
