"""Proves what every way of writing music down must do alike: one face, no crash on odd music or made-up
tokens, honest fingerprints.
"""

import json
from dataclasses import fields
from math import inf, isfinite
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from music.encodings.catalogue import ENCODINGS, encoding_named
from music.notes import Note, Pedal
from music.phrase import Phrase
from music.tokens.encoding import Encoding, EncodingError
from music.tokens.loss import loss_of
from tests.support.phrases import improvised, phrases

every_encoding = pytest.mark.parametrize("name", ENCODINGS)
OPEN_ONES = {"chord", "message", "roll-token"}
every_open_one = pytest.mark.parametrize("name", sorted(OPEN_ONES))
OTHER_VALUES: dict[str, Any] = {
    "frequency": 10.0,
    "grid": "seconds",
    "longest": 64,
    "longest_s": 10.0,
    "marks_tracks": True,
    "pedal": True,
    "quantum": 10,
    "seed": 1,
    "steps": 12.0,
    "tempo": 90.0,
    "ticks_per_beat": 96,
    "tonic": 2,
    "velocity": 80,
}
A_PIECE = improvised(1, 60, pedal=True)
OUTSIDE = Phrase.of(
    Note(at, pitch, 64, 0.4) for at, pitch in ((0.0, 0), (0.5, 20), (1.0, 60), (1.5, 109), (2.0, 127))
)
ODD = {
    "empty": Phrase(),
    "one note": Phrase.of([Note(0.0, 60, 64, 1.0)]),
    "one note after a long rest": Phrase.of([Note(500.0, 60, 64, 1.0)]),
    "one note for ten minutes": Phrase.of([Note(0.0, 60, 64, 600.0)]),
    "outside the piano": OUTSIDE,
    "a note without length": Phrase.of([Note(0.5, 60, 64, 0.0)]),
    "before the beginning": Phrase.of([Note(-2.0, 60, 64, 1.0), Note(-0.5, 62, 64, 1.0)]),
    "one key twice at once": Phrase.of([Note(1.0, 60, 64, 1.0), Note(1.0, 60, 99, 2.0)]),
    "one key overlapping": Phrase.of([Note(1.0, 60, 64, 2.0), Note(1.5, 60, 99, 2.0)]),
    "every key at once": Phrase.of(Note(1.0, pitch, 64, 1.0) for pitch in range(128)),
    "a pedal alone": Phrase.of([], [Pedal(0.0, True), Pedal(3.0, False)]),
    "two tracks": Phrase.of([Note(0.0, 60, 64, 1.0, voice=1), Note(0.0, 64, 64, 1.0, voice=15)]),
}


def taught(name: str, *pieces: Phrase, **settings: Any) -> Encoding:
    """The encoding of a name, having learnt these pieces where it learns."""
    return encoding_named(name, **settings).fitted(pieces or (A_PIECE,))


def made_up(encoding: Encoding, rows: int, seed: int) -> np.ndarray:
    """Random tokens of the right shape and range; real fields hold anything."""
    chance = np.random.default_rng(seed)
    odd = np.array([0.0, -1.0, 0.3, 1e9, -1e300, inf, -inf, np.nan])
    columns = [
        chance.choice(odd, rows) if field.is_real else chance.integers(0, field.size, rows)
        for field in encoding.vocabulary.fields
    ]
    return np.stack(columns, axis=1)


@every_encoding
@pytest.mark.parametrize("phrase", ODD.values(), ids=ODD.keys())
def test_odd_music_is_written_and_read_without_a_crash(name: str, phrase: Phrase) -> None:
    encoding = taught(name, phrase)
    tokens = encoding.encode(phrase)
    assert tokens.ndim == 2
    assert tokens.shape[1] == len(encoding.vocabulary.fields)
    heard = encoding.decode(tokens)
    assert all(note.at >= 0 and note.length_s >= 0 for note in heard.notes)
    assert len(heard.notes) <= len(phrase.notes)


@every_encoding
def test_no_music_is_no_notes(name: str) -> None:
    encoding = taught(name)
    assert encoding.decode(encoding.encode(Phrase())).notes == ()
    assert encoding.decode(np.array([])).notes == ()


@every_encoding
def test_one_plain_note_comes_back(name: str) -> None:
    encoding = taught(name, phrase := Phrase.of([Note(1.0, 60, 64, 1.0)]))
    (note,) = encoding.decode(encoding.encode(phrase)).notes
    assert (note.pitch, note.at, note.length_s) == (60, pytest.approx(1.0), pytest.approx(1.0))


@every_encoding
def test_what_the_encoding_has_not_learnt_is_no_crash(name: str) -> None:
    encoding = encoding_named(name)
    assert isinstance(encoding.decode(encoding.encode(A_PIECE)), Phrase)


@every_encoding
@given(rows=st.integers(1, 40), seed=st.integers(0, 2**32))
def test_tokens_that_a_model_made_up_are_a_phrase(name: str, rows: int, seed: int) -> None:
    encoding = taught(name)
    heard = encoding.decode(made_up(encoding, rows, seed))
    for note in heard.notes:
        assert 0 <= note.pitch <= 127
        assert 1 <= note.velocity <= 127
        assert note.at >= 0
        assert note.length_s >= 0
        assert isfinite(note.until)
    assert list(heard.notes) == sorted(heard.notes, key=lambda note: (note.at, note.pitch))


@every_encoding
@given(rows=st.integers(1, 40), seed=st.integers(0, 2**32))
def test_what_is_heard_of_made_up_tokens_can_be_written_again(name: str, rows: int, seed: int) -> None:
    encoding = taught(name)
    heard = encoding.decode(made_up(encoding, rows, seed))
    again = encoding.encode(heard)
    assert np.array_equal(again, encoding.encode(heard), equal_nan=again.dtype.kind == "f")


@every_encoding
@given(phrase=phrases(pedal=True))
def test_encoding_repeats(name: str, phrase: Phrase) -> None:
    assert np.array_equal(taught(name).encode(phrase), taught(name).encode(phrase))


@every_encoding
def test_symbols_are_unique_and_numbers_are_their_places(name: str) -> None:
    for field in taught(name).vocabulary.fields:
        assert len(set(field.symbols or ())) == field.size
        assert all(field.numbers[symbol] == number for number, symbol in enumerate(field.symbols or ()))


@every_encoding
def test_every_number_that_is_written_stands_in_the_vocabulary(name: str) -> None:
    encoding = taught(name)
    tokens = encoding.encode(A_PIECE)
    assert len(tokens) > 10
    for column, field in zip(tokens.T, encoding.vocabulary.fields, strict=True):
        assert field.is_real or (column.min() >= 0 and column.max() < field.size)
    assert encoding.vocabulary.show(tuple(tokens[0].tolist()))


@every_encoding
def test_settings_go_through_json_and_through_text(name: str) -> None:
    encoding = encoding_named(name)
    assert encoding_named(name, **json.loads(json.dumps(encoding.settings))) == encoding
    assert encoding_named(name, **{key: str(value) for key, value in encoding.settings.items()}) == encoding


@every_encoding
def test_the_fingerprint_changes_with_each_setting(name: str) -> None:
    prints = {encoding_named(name).fingerprint}
    for setting in encoding_named(name).settings:
        prints.add(encoding_named(name, **{setting: OTHER_VALUES[setting]}).fingerprint)
    assert len(prints) == 1 + len(encoding_named(name).settings)


@every_encoding
def test_the_fingerprint_is_the_same_each_time_and_no_other_encoding_has_it(name: str) -> None:
    assert taught(name).fingerprint == taught(name).fingerprint
    assert sum(taught(other).fingerprint == taught(name).fingerprint for other in ENCODINGS) == 1


@every_open_one
def test_the_fingerprint_changes_with_what_was_learnt(name: str) -> None:
    one, other = taught(name), taught(name, improvised(2))
    assert one.fingerprint != other.fingerprint
    assert one.settings == other.settings
    learnt = one.symbols_learnt or ()
    swapped = one.knowing([*learnt[1::-1], *learnt[2:]])
    assert swapped.fingerprint != one.fingerprint


@every_open_one
def test_a_symbol_learnt_twice_is_refused(name: str) -> None:
    one = taught(name)
    learnt = one.symbols_learnt or ()
    with pytest.raises(EncodingError, match="stands twice"):
        one.knowing([*learnt, learnt[0]])


@every_open_one
def test_a_symbol_that_the_encoding_can_not_read_is_refused(name: str) -> None:
    with pytest.raises(EncodingError, match="'60:64'"):
        encoding_named(name).knowing(["60:64"])


@every_open_one
def test_an_open_vocabulary_must_be_fitted_and_counts_what_is_most_frequent_first(name: str) -> None:
    empty, one = encoding_named(name), taught(name)
    assert not empty.is_fitted
    assert empty.symbols_learnt == ()
    assert one.is_fitted
    symbols = [one.vocabulary.show((number,)) for number in one.encode(A_PIECE)[:, 0].tolist()]
    counts = [symbols.count(symbol) for symbol in one.symbols_learnt or ()]
    assert counts == sorted(counts, reverse=True)
    assert min(counts) > 0


@every_open_one
def test_what_was_not_learnt_is_the_unknown_symbol(name: str) -> None:
    fewer = taught(name).knowing((taught(name).symbols_learnt or ())[:3])
    numbers = fewer.encode(A_PIECE)[:, 0].tolist()
    assert fewer.unknown in numbers
    assert set(numbers) == {fewer.unknown, 1, 2, 3}
    assert fewer.vocabulary.show((fewer.unknown or 0,)) == "unknown"


@pytest.mark.parametrize("name", sorted(ENCODINGS.keys() - OPEN_ONES))
def test_a_closed_vocabulary_takes_nothing_from_music(name: str) -> None:
    encoding = encoding_named(name)
    assert encoding.is_fitted
    assert encoding.symbols_learnt is None
    assert encoding.unknown is None
    assert encoding.fitted([A_PIECE]) is encoding
    assert encoding.knowing(["60"]) is encoding


@every_encoding
def test_tokens_that_last_alike_fill_the_time_until_the_last_note_ends(name: str) -> None:
    held = Phrase.of([Note(0.0, 60, 64, 3.0)])
    encoding = taught(name, held)
    each_s = encoding.seconds_per_token
    assert (each_s is not None) == (name in {"roll", "roll-token", "chord"})
    assert each_s is None or len(encoding.encode(held)) * each_s == pytest.approx(3.0)


@pytest.mark.parametrize(
    ("encoding", "seconds"),
    [
        (encoding_named("roll", steps=4, tempo=60.0), 0.25),
        (encoding_named("roll", grid="seconds", steps=10), 0.1),
        (encoding_named("roll-token", frequency=25.0), 0.04),
        (encoding_named("chord", tempo=120.0), 0.25),
        (encoding_named("event"), None),
    ],
)
def test_how_long_a_token_lasts_follows_from_the_settings(encoding: Encoding, seconds: float | None) -> None:
    assert encoding.seconds_per_token == pytest.approx(seconds)


@every_encoding
def test_only_a_format_forbids_symbols(name: str) -> None:
    encoding = taught(name)
    allowed = [encoding.allowed_after(number) for number in range(3)]
    assert all(mask.shape == encoding.vocabulary.sizes[:1] for mask in allowed)
    assert encoding.has_format == (not np.all(allowed))


@every_encoding
def test_a_roll_is_known_by_its_vocabulary(name: str) -> None:
    vocabulary = taught(name).vocabulary
    assert vocabulary.is_roll == (name == "roll")
    assert vocabulary.is_real == (name == "step")


@every_encoding
def test_each_says_its_name_and_what_it_loses(name: str) -> None:
    encoding = encoding_named(name)
    assert encoding.name == name
    assert 20 < len(encoding.loses) < 250
    assert "\n" not in encoding.loses
    assert {field.name for field in fields(encoding)} - {"learnt"} == set(encoding.settings)


@every_encoding
def test_the_loss_of_a_piece_is_counted_against_what_the_encoding_promises(name: str) -> None:
    slow_on_the_grid = Phrase.of(Note(1.0 * n, 60 + n % 3 * 4, 64, 1.0) for n in range(12))
    loss = loss_of(encoding_named(name), slow_on_the_grid)
    assert (loss.notes, loss.lost, loss.invented) == (12, 0, 0)
    assert loss.onset_error_max_ms < 1e-6
    assert loss.length_error_ms < 1e-6


@every_encoding
@pytest.mark.parametrize(
    "tokens",
    [np.zeros((3, 400)), np.zeros(3), np.zeros((2, 2, 2)), np.array([["a"]]), np.array([[None]])],
    ids=["too wide", "flat", "too deep", "text", "nothing"],
)
def test_tokens_of_another_shape_are_refused(name: str, tokens: np.ndarray) -> None:
    with pytest.raises(EncodingError, match="tokens are rows of"):
        taught(name).decode(tokens)


@every_encoding
@pytest.mark.parametrize("number", [-1.0, 0.5, 1e6, np.nan, inf])
def test_a_number_that_the_vocabulary_lacks_is_refused_by_its_place(name: str, number: float) -> None:
    encoding = taught(name)
    tokens = np.zeros((3, len(encoding.vocabulary.fields)))
    tokens[2, 0] = number
    with pytest.raises(EncodingError, match=r"token 2: .* is a whole number from 0 to"):
        encoding.decode(tokens)


@pytest.mark.parametrize(
    ("wrong", "meant"), [("roll_token", "roll-token"), ("Event", "event"), ("steps", "step")]
)
def test_for_an_unknown_name_the_closest_valid_one_is_suggested(wrong: str, meant: str) -> None:
    with pytest.raises(
        EncodingError, match=f"no encoding is called '{wrong}'; did you mean '{meant}'.* event, note"
    ):
        encoding_named(wrong)


def test_for_a_name_like_no_other_all_are_listed() -> None:
    with pytest.raises(
        EncodingError, match="no encoding is called 'xyzzy'; there are: event, note, performance"
    ):
        encoding_named("xyzzy")


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        (
            {"tempi": 3},
            r"pair has no setting 'tempi'; did you mean 'tempo'. there are: longest, tempo, velocity",
        ),
        ({"longest": "many"}, "pair: longest is a whole number, not 'many'"),
        ({"longest": 2.5}, "pair: longest is a whole number, not 2.5"),
        ({"tempo": None}, "pair: tempo is a number, not None"),
        ({"velocity": True}, "pair: velocity is a whole number, not True"),
    ],
)
def test_a_setting_that_is_none_is_refused(settings: dict[str, Any], complaint: str) -> None:
    with pytest.raises(EncodingError, match=complaint):
        encoding_named("pair", **settings)


@pytest.mark.parametrize("word", ["maybe", "2", ""])
def test_a_switch_that_is_neither_on_nor_off_is_refused(word: str) -> None:
    with pytest.raises(EncodingError, match="marks_tracks is true or false"):
        encoding_named("message", marks_tracks=word)
