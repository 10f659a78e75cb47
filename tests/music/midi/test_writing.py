"""Writing: what is written reads back the same on the grid of its ticks; what a file can't hold is refused.

What these do not prove: that other programs read the files; mido does in one test, byte for byte the standard
is.
"""

import io
from dataclasses import replace
from pathlib import Path

import mido
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from music.beats import TempoMap
from music.midi.files import (
    MidiFileError,
    Piece,
    midi_bytes,
    read_phrase,
    read_pieces,
    read_pieces_from,
    write_midi,
)
from music.midi.writing import Track, played_bytes
from music.notes import Note, Pedal
from music.phrase import Phrase, each_key_once
from music.piece import KeySignature, Metre, Part, Words
from tests.support.phrases import phrases

TICKS = 480


def _read(data: bytes) -> Piece:
    (piece,) = read_pieces_from(data, "written.mid")
    return piece


@st.composite
def _phrases_on_the_grid(draw: st.DrawFn) -> Phrase:
    """Phrases of several voices whose every moment is a tick, under a tempo map of whole microseconds."""
    beats = st.integers(0, 40 * TICKS).map(lambda tick: tick / TICKS)
    tempos = st.integers(100_000, 2_000_000).map(lambda microseconds: microseconds / 1e6)
    tempo = TempoMap.of([(0.0, draw(tempos)), *draw(st.lists(st.tuples(beats, tempos), max_size=4))])

    def second(tick: int) -> float:
        return tempo.second_at(tick / TICKS)

    rows = draw(
        st.lists(
            st.tuples(
                st.integers(0, 9000),
                st.integers(0, 1000),
                st.integers(0, 127),
                st.integers(1, 127),
                st.integers(0, 3),
            ),
            max_size=20,
        )
    )
    by_voice: dict[int, list[Note]] = {}
    for tick, length, pitch, velocity, voice in rows:
        length_s = second(tick + length) - second(tick)
        by_voice.setdefault(voice, []).append(Note(second(tick), pitch, velocity, length_s, voice))
    notes = [note for voice in by_voice for note in each_key_once(by_voice[voice])]
    treads = sorted(draw(st.lists(st.integers(0, 9000), unique=True, max_size=6)))
    pedals = [Pedal(second(tick), place % 2 == 0) for place, tick in enumerate(treads)]
    return Phrase.of(sorted(notes, key=lambda note: (note.at, note.pitch, note.voice)), pedals, tempo)


def _ticks(phrase: Phrase) -> list[tuple[int, ...]]:
    def tick(at: float) -> int:
        return round(phrase.tempo.beat_at(at) * TICKS)

    return sorted(
        (tick(note.at), tick(note.until), note.pitch, note.velocity, note.voice) for note in phrase.notes
    )


@settings(max_examples=200)
@given(_phrases_on_the_grid())
def test_phrase_on_the_grid_reads_back_the_same(phrase: Phrase) -> None:
    again = _read(midi_bytes(phrase, ticks_per_beat=TICKS)).phrase
    assert _ticks(again) == _ticks(phrase)
    assert [note.at for note in again.notes] == pytest.approx([note.at for note in phrase.notes], abs=1e-9)
    assert [pedal.down for pedal in again.pedals] == [pedal.down for pedal in phrase.pedals]
    assert [pedal.at for pedal in again.pedals] == pytest.approx(
        [pedal.at for pedal in phrase.pedals], abs=1e-9
    )
    assert again.tempo == phrase.tempo


@given(_phrases_on_the_grid())
def test_reading_and_writing_again_gives_the_same_bytes(phrase: Phrase) -> None:
    data = midi_bytes(phrase, ticks_per_beat=TICKS)
    assert midi_bytes(_read(data).phrase, ticks_per_beat=TICKS, parts=_read(data).parts) == data


@given(phrases(pedal=True), st.sampled_from([384, 480, 1000, 32767]))
def test_phrase_off_the_grid_comes_back_within_half_a_tick(phrase: Phrase, ticks_per_beat: int) -> None:
    again = _read(midi_bytes(phrase, ticks_per_beat=ticks_per_beat)).phrase
    half = 0.5 / ticks_per_beat / 2 + 1e-6
    assert len(again.notes) == len(phrase.notes)
    for before, after in zip(
        sorted(phrase.notes, key=lambda note: (note.pitch, note.at)),
        sorted(again.notes, key=lambda note: (note.pitch, note.at)),
        strict=True,
    ):
        assert (before.pitch, before.velocity) == (after.pitch, after.velocity)
        assert after.at == pytest.approx(before.at, abs=half)
        assert after.until == pytest.approx(before.until, abs=half)


def test_signs_names_channels_and_words_come_back() -> None:
    parts = (Part(0, "Lied ohne Worte", 3, 0), Part(2, "Flöte", 5, 73))
    metres = (Metre(0.0, 3, 4), Metre(6.0, 6, 8))
    keys = (KeySignature(0.0, -3, True), KeySignature(3.0, 7))
    words = (Words(0.0, "seed=17"), Words(1.5, "♪", "marker"), Words(2.0, "© nobody", "copyright"))
    phrase = Phrase.of([Note(0, 60, 80, 1), Note(0.5, 72, 80, 1, voice=2)])
    piece = _read(midi_bytes(phrase, ticks_per_beat=960, parts=parts, metres=metres, keys=keys, words=words))
    assert (piece.parts, piece.metres, piece.keys, piece.words) == (parts, metres, keys, words)
    assert (piece.title, piece.ticks_per_beat, piece.repairs) == ("Lied ohne Worte", 960, ())


def test_one_voice_is_format_0_and_several_are_format_1_with_a_track_each() -> None:
    assert midi_bytes(Phrase.of([Note(0, 60, 80, 1)]))[8:12] == b"\0\0\0\1"
    assert midi_bytes(Phrase.of([Note(0, 60, 80, 1, voice=1)]))[8:12] == b"\0\1\0\2"
    assert midi_bytes(Phrase.of([Note(0, 60, 80, 1), Note(0, 64, 80, 1, voice=4)]))[8:12] == b"\0\1\0\5"


def test_voices_take_channels_of_their_own_and_never_the_drums() -> None:
    phrase = Phrase.of([Note(0, 40 + voice, 80, 1, voice) for voice in range(16)])
    channels = [part.channel for part in _read(midi_bytes(phrase)).parts]
    assert channels == [0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 14, 15, 0]


def test_pedal_is_written_on_each_channel_that_plays_and_comes_back_once() -> None:
    notes = [Note(0, 60, 80, 1), Note(0, 64, 80, 1, voice=1)]
    data = midi_bytes(Phrase.of(notes, [Pedal(0.25, True), Pedal(0.75, False)]))
    assert data.count(b"\xb0\x40\x7f") == data.count(b"\xb1\x40\x7f") == 1
    piece = _read(data)
    assert [(pedal.at, pedal.down) for pedal in piece.phrase.pedals] == [(0.25, True), (0.75, False)]
    assert piece.repairs == ()


def test_pedal_alone_comes_back() -> None:
    phrase = Phrase.of([], [Pedal(0.5, True), Pedal(1.0, False)])
    assert _read(midi_bytes(phrase)).phrase == phrase


def test_empty_phrase_is_a_file() -> None:
    assert _read(midi_bytes(Phrase())).phrase == Phrase()


def test_key_struck_again_while_it_sounds_is_released_first() -> None:
    phrase = Phrase.of([Note(0, 60, 80, 3), Note(1, 60, 70, 1)])
    assert _read(midi_bytes(phrase)).phrase.notes == (Note(0, 60, 80, 1), Note(1, 60, 70, 1))


def test_same_key_in_two_voices_stays_in_both() -> None:
    phrase = Phrase.of([Note(0, 60, 80, 3), Note(1, 60, 70, 1, voice=1)])
    assert _read(midi_bytes(phrase)).phrase == phrase


def test_note_without_length_comes_back_without_length() -> None:
    phrase = Phrase.of([Note(0, 60, 80, 1), Note(1, 60, 70, 0)])
    assert _read(midi_bytes(phrase)).phrase == phrase


def test_another_reader_sees_the_same_notes() -> None:
    phrase = Phrase.of(
        [Note(0.5, 60, 80, 0.5), Note(1, 60, 81, 0.25), Note(1, 64, 82, 1)], tempo=TempoMap.steady(60)
    )
    parsed = mido.MidiFile(file=io.BytesIO(midi_bytes(phrase)))
    at, seen = 0.0, []
    for message in parsed:
        at += message.time
        if message.type in ("note_on", "note_off"):
            seen.append((round(at, 3), message.type, message.note))
    assert seen == [
        (0.5, "note_on", 60),
        (1.0, "note_off", 60),
        (1.0, "note_on", 60),
        (1.0, "note_on", 64),
        (1.25, "note_off", 60),
        (2.0, "note_off", 64),
    ]


def test_file_is_written_and_read(tmp_path: Path) -> None:
    phrase = Phrase.of([Note(0, 60, 80, 0.5)])
    write_midi(phrase, tmp_path / "one.mid", words=[Words(0.0, "model 1f3a")])
    assert read_phrase(tmp_path / "one.mid") == phrase
    assert read_pieces(tmp_path / "one.mid")[0].words == (Words(0.0, "model 1f3a"),)


NOTE = Note(0, 60, 80, 1)


@pytest.mark.parametrize(
    ("phrase", "options", "remedy"),
    [
        (Phrase((replace(NOTE, at=-0.5),)), {}, "holds 0 to 86400 .*moved"),
        (Phrase((replace(NOTE, at=float("nan")),)), {}, "a moment at nan"),
        (Phrase((replace(NOTE, length_s=float("inf")),)), {}, "a moment at inf"),
        (Phrase((replace(NOTE, at=1e12),)), {}, "a moment at 1000000000000.0 s"),
        (Phrase((NOTE,), tempo=TempoMap.steady(6e7)), {"ticks_per_beat": 32767}, "ticks or bytes in one go"),
        (Phrase((replace(NOTE, pitch=128),)), {}, "pitch 128"),
        (Phrase((replace(NOTE, velocity=0),)), {}, "velocity 0"),
        (Phrase((replace(NOTE, voice=-1),)), {}, "voice -1"),
        (Phrase((replace(NOTE, voice=1000),)), {}, "voice 1000"),
        (Phrase((NOTE,), tempo=TempoMap.steady(3)), {}, "a beat of 20.0 s"),
        (Phrase((NOTE,), tempo=TempoMap(((0.0, 0.0),))), {}, "a beat of 0.0 s"),
        (Phrase((NOTE,)), {"ticks_per_beat": 0}, "0 ticks a beat"),
        (Phrase((NOTE,)), {"ticks_per_beat": 32768}, "32768 ticks a beat"),
        (Phrase((NOTE,)), {"parts": [Part(0, channel=16)]}, "channels are 0 to 15"),
        (Phrase((NOTE,)), {"parts": [Part(5, program=128)]}, "programs 0 to 127"),
        (Phrase((NOTE,)), {"metres": [Metre(0.0, 3, 5)]}, "a metre of 3/5"),
        (Phrase((NOTE,)), {"metres": [Metre(0.0, 0, 4)]}, "a metre of 0/4"),
        (Phrase((NOTE,)), {"metres": [Metre(0.0, 3, 0)]}, "a metre of 3/0"),
        (Phrase((NOTE,)), {"metres": [Metre(-1.0, 3, 4)]}, "a sign at beat -1.0"),
        (Phrase((NOTE,)), {"keys": [KeySignature(0.0, 8)]}, "8 sharps"),
        (
            Phrase((NOTE,)),
            {"words": [Words(0.0, "a", "shout")]},
            "no kind of words is called 'shout'; there are: text",
        ),
    ],
)
def test_what_a_file_cannot_hold_is_refused_with_the_value(
    phrase: Phrase, options: dict[str, object], remedy: str
) -> None:
    with pytest.raises(ValueError, match=remedy):
        midi_bytes(phrase, **options)  # type: ignore[arg-type]


def test_refusal_to_write_names_the_file_and_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "take.mid"
    write_midi(Phrase((NOTE,)), path)
    before = path.read_bytes()
    with pytest.raises(MidiFileError, match=r"take\.mid: not written: pitch 128"):
        write_midi(Phrase((replace(NOTE, pitch=128),)), path)
    assert path.read_bytes() == before


def test_messages_are_written_as_they_were_played() -> None:
    played = [
        (0.0, b"\x92\x3c\x50"),
        (0.25, b"\xe2\x00\x50"),
        (0.5, b"\xf0\x7e\x7f\xf7"),
        (0.5, b"\x82\x3c\x09"),
    ]
    data = played_bytes([Track("Player", played), Track("Other", [])], words=[Words(1.0, "hot")])
    file = mido.MidiFile(file=io.BytesIO(data))
    assert [track.name for track in file.tracks] == ["Player", "Other"]
    assert [message.hex() for message in file.tracks[0] if not message.is_meta] == [
        "92 3C 50",
        "E2 00 50",
        "F0 7E 7F F7",
        "82 3C 09",
    ]
    (piece,) = read_pieces_from(data, "played.mid")
    assert [(note.at, note.length_s) for note in piece.phrase.notes] == [(0.0, 0.5)]
    assert [(words.beat, words.text) for words in piece.words if words.kind == "text"] == [(1.0, "hot")]
