"""Proves the columns of `roll-token`: what they hold, what falls between them, and how an unknown sounds."""

import numpy as np
import pytest
from hypothesis import given

from music.encodings.roll_token import RollTokenEncoding
from music.notes import Note
from music.pedal import pitches_of
from music.phrase import Phrase
from music.tokens.columns import column_named
from music.tokens.encoding import EncodingError
from music.tokens.loss import loss_of
from tests.support.phrases import improvised, phrases

ENCODING = RollTokenEncoding(frequency=10.0)


def columns(*notes: tuple[float, int, float]) -> list[str]:
    """The columns, at ten a second, of notes given as (onset, pitch, length) in seconds."""
    return ENCODING.symbols_in(Phrase.of(Note(at, pitch, 70, length) for at, pitch, length in notes))


def heard(*symbols: str) -> list[tuple[float, int, float]]:
    """What columns tell, as (onset, pitch, length); `unknown` is number 0."""
    encoding = RollTokenEncoding(
        learnt=tuple(sorted(set(symbols) - {"unknown"})), frequency=10.0, velocity=90
    )
    numbers = encoding.vocabulary.fields[0].numbers
    phrase = encoding.decode(np.array([numbers[symbol] for symbol in symbols]).reshape(-1, 1))
    return [(round(note.at, 9), note.pitch, round(note.length_s, 9)) for note in phrase.notes]


def test_a_column_is_the_set_of_pitches_that_sound() -> None:
    assert columns((0.1, 67, 0.2), (0.1, 60, 0.1), (0.4, 60, 0.1)) == ["rest", "60-67", "67", "rest", "60"]


def test_a_note_within_one_column_vanishes() -> None:
    assert columns((0.11, 60, 0.07), (0.3, 62, 0.1)) == ["rest", "rest", "rest", "62"]


def test_a_key_struck_again_without_a_column_between_is_one_note() -> None:
    assert columns((0.0, 60, 0.15), (0.17, 60, 0.14)) == ["60", "60", "60"]


def test_neighbouring_columns_are_one_note() -> None:
    assert heard("rest", "60-64", "60", "rest", "60") == [(0.1, 60, 0.2), (0.1, 64, 0.1), (0.4, 60, 0.1)]


def test_through_an_unknown_column_the_one_before_goes_on() -> None:
    assert heard("unknown", "60", "unknown", "64") == [(0.1, 60, 0.2), (0.3, 64, 0.1)]


def test_symbols_are_learnt_most_frequent_first_and_what_was_not_learnt_is_number_0() -> None:
    fitted = ENCODING.fitted([Phrase.of([Note(0.1, 60, 64, 0.3)])])
    assert fitted.vocabulary.fields[0].symbols == ("unknown", "60", "rest")
    assert fitted.encode(Phrase.of([Note(0.0, 60, 64, 0.1), Note(0.1, 61, 64, 0.1)])).tolist() == [[1], [0]]


@given(phrase=phrases(grid_s=0.1, longest_gap=30, longest_note=40))
def test_the_sounding_pitches_of_music_on_the_grid_come_back(phrase: Phrase) -> None:
    fitted = ENCODING.fitted([phrase])
    assert fitted.symbols_in(fitted.decode(fitted.encode(phrase))) == fitted.symbols_in(phrase)


@given(phrase=phrases(grid_s=0.2, longest_gap=20, longest_note=1))
def test_notes_with_a_free_column_after_them_come_back_whole(phrase: Phrase) -> None:
    apart = Phrase.of(Note(note.at, note.pitch, note.velocity, 0.1) for note in phrase.notes)
    loss = loss_of(ENCODING, apart)
    assert (loss.lost, loss.invented) == (0, 0)
    assert loss.onset_error_max_ms < 1e-6


def test_a_finer_grid_loses_less() -> None:
    losses = [loss_of(RollTokenEncoding(frequency=hertz), improvised(5, 200)) for hertz in (2, 10, 50)]
    assert losses[0].lost > losses[1].lost >= losses[2].lost
    assert losses[0].onset_error_ms > losses[1].onset_error_ms > losses[2].onset_error_ms


@pytest.mark.filterwarnings("ignore")  # its own, at import
@pytest.mark.parametrize("frequency", [1.0, 7.5, 10.0, 100.0])
def test_the_columns_are_those_of_pretty_midi(frequency: float) -> None:
    pretty_midi = pytest.importorskip("pretty_midi", reason="the dev extra brings it")
    phrase = improvised(7, 150)
    piano = pretty_midi.Instrument(0)
    piano.notes = [pretty_midi.Note(note.velocity, note.pitch, note.at, note.until) for note in phrase.notes]
    theirs = [np.flatnonzero(column).tolist() for column in piano.get_piano_roll(fs=frequency).T]
    ours = [
        pitches_of(column_named(symbol))
        for symbol in RollTokenEncoding(frequency=frequency).symbols_in(phrase)
    ]
    assert ours == theirs[: len(ours)]
    assert not any(theirs[len(ours) :])


@pytest.mark.parametrize("symbol", ["64-60", "60-60", "60-", "128", "060", "unknown", "C4", "", "60-x", "²"])
def test_a_learnt_symbol_that_names_no_pitches_is_refused(symbol: str) -> None:
    with pytest.raises(EncodingError, match="names no pitches"):
        RollTokenEncoding(learnt=(symbol,))


@pytest.mark.parametrize("frequency", [0.0, -1.0, 1e9, float("nan")])
def test_a_frequency_that_is_none_is_refused(frequency: float) -> None:
    with pytest.raises(EncodingError, match="frequency is a number from"):
        RollTokenEncoding(frequency=frequency)
