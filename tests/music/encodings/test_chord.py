"""Proves what `chord` hears at each eighth, in which key, and that its draws repeat."""

import numpy as np
import pytest
from hypothesis import given

from music.beats import TempoMap
from music.encodings.chord import ChordEncoding
from music.keys import detect_key
from music.notes import Note
from music.phrase import Phrase
from music.tokens.encoding import EncodingError
from tests.support.phrases import phrases

ENCODING = ChordEncoding()
EIGHTH_S = 0.25  # at 120 beats a minute
CADENCE = ((0, 4, 7), (5, 9, 12), (7, 11, 14), (0, 4, 7))


def chords(*steps: tuple[int, ...]) -> Phrase:
    """A phrase of one chord an eighth."""
    return Phrase.of(
        Note(step * EIGHTH_S, pitch, 70, EIGHTH_S * 0.9)
        for step, pitches in enumerate(steps)
        for pitch in pitches
    )


def in_key_of(tonic: int) -> Phrase:
    """A cadence in a major key."""
    return chords(*(tuple(tonic + step for step in chord) for chord in CADENCE))


def test_a_token_is_the_pitches_that_sound() -> None:
    assert ENCODING.symbols_in(in_key_of(60)) == ["60-64-67", "65-69-72", "67-71-74", "60-64-67"]


@pytest.mark.parametrize("tonic", range(55, 67))
def test_music_in_any_key_is_written_in_c_by_the_shortest_way(tonic: int) -> None:
    assert ENCODING.symbols_in(in_key_of(tonic)) == ENCODING.symbols_in(in_key_of(60))


def test_a_minor_key_goes_to_c_minor() -> None:
    a_minor = chords((57, 60, 64), (62, 65, 69), (64, 68, 71), (57, 60, 64))
    assert detect_key(a_minor.notes).name == "A minor"
    assert ENCODING.symbols_in(a_minor) == ["60-63-67", "65-68-72", "67-71-74", "60-63-67"]


def test_it_plays_in_c_or_in_the_key_asked_for() -> None:
    fitted = ENCODING.fitted([in_key_of(62)])
    tokens = fitted.encode(in_key_of(62))
    assert [note.pitch for note in fitted.decode(tokens).notes][:3] == [60, 64, 67]
    in_d = ChordEncoding(learnt=fitted.learnt, tonic=2)
    assert [note.pitch for note in in_d.decode(tokens).notes][:3] == [62, 66, 69]


def test_only_what_sounds_when_an_eighth_begins_is_heard() -> None:
    c, between, late = Note(0, 60, 70, 0.3), Note(0.26, 64, 70, 0.2), Note(0.4, 67, 70, 0.6)
    assert ENCODING.symbols_in(Phrase.of([c, between, late])) == ["60", "60", "67", "67"]


def test_where_nothing_sounds_there_is_a_rest() -> None:
    assert ENCODING.symbols_in(Phrase.of([Note(0.5, 60, 70, 0.2)])) == ["rest", "rest", "60"]


def test_four_pitches_stay_and_of_five_three_are_drawn() -> None:
    four, five = (60, 64, 67, 72), (60, 64, 67, 72, 76)
    first, *drawn = ENCODING.symbols_in(chords(four, *[five] * 50))
    assert first == "60-64-67-72"
    sets = [set(map(int, symbol.split("-"))) for symbol in drawn]
    assert all(len(pitches) == 3 and pitches < set(five) for pitches in sets)
    assert set.union(*sets) == set(five)  # every pitch has its chance
    assert len(set(drawn)) > 5


def test_the_draw_repeats_and_depends_on_the_seed() -> None:
    phrase = chords(*[(60, 64, 67, 72, 76)] * 20)
    assert ENCODING.symbols_in(phrase) == ChordEncoding(seed=0).symbols_in(phrase)
    assert ENCODING.symbols_in(phrase) != ChordEncoding(seed=1).symbols_in(phrase)


def test_the_draw_is_the_same_on_every_machine() -> None:
    assert ENCODING.symbols_in(chords(*[(60, 64, 67, 72, 76)] * 3)) == [
        "60-72-76",
        "60-67-72",
        "60-67-76",
    ]


@given(phrase=phrases(grid_s=EIGHTH_S, longest_gap=8, longest_note=12, most_notes=10))
def test_what_was_heard_is_heard_again(phrase: Phrase) -> None:
    fitted = ENCODING.fitted([phrase])
    tokens = fitted.encode(phrase)
    heard = fitted.decode(tokens)
    again = [set() for _ in tokens]
    for note in heard.notes:
        for step in range(round(note.at / EIGHTH_S), round(note.until / EIGHTH_S)):
            again[step].add(str(note.pitch))
    names = fitted.vocabulary.fields[0].symbols
    assert [set(names[n].split("-")) - {"rest"} for (n,) in tokens.tolist()] == again


def test_through_an_unknown_chord_the_one_before_goes_on() -> None:
    encoding = ChordEncoding(learnt=("60-64", "62"), tempo=60.0)
    (low, high, last) = encoding.decode(np.array([[1], [0], [2]])).notes
    assert (low.length_s, high.length_s, last.at) == (1.0, 1.0, 1.0)


def test_eighths_are_counted_by_the_tempo_of_the_music() -> None:
    slow = Phrase.of([Note(1.0, 60, 64, 0.5)], tempo=TempoMap.steady(60))
    assert ENCODING.symbols_in(slow) == ["rest", "rest", "60"]


def test_moving_to_another_key_keeps_to_the_keys_that_there_are() -> None:
    phrase = in_key_of(108 - 14)  # its highest note would leave the piano on the way to C
    assert all(max(map(int, symbol.split("-"))) <= 108 for symbol in ENCODING.symbols_in(phrase))


@pytest.mark.parametrize("setting", [{"seed": -1}, {"tonic": 12}, {"tempo": 0.0}, {"learnt": ("67-60",)}])
def test_a_setting_that_makes_no_sense_is_refused(setting: dict[str, object]) -> None:
    with pytest.raises(EncodingError):
        ChordEncoding(**setting)
