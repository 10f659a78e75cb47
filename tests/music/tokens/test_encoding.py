"""The face of encodings, by the smallest that can be: what each is given, and what it must say itself."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import pytest

from music.notes import Note, Pedal
from music.phrase import Phrase
from music.tokens.encoding import (
    UNKNOWN,
    Encoding,
    EncodingError,
    OpenEncoding,
    Tokens,
    as_tokens,
    check_between,
    checked,
)
from music.tokens.vocabulary import Field, Vocabulary, symbols

HIGH_LOW = Phrase.of([Note(0.0, 72, 64, 1.0), Note(1.0, 48, 64, 1.0), Note(2.0, 72, 64, 1.0)])
MIXED = Vocabulary((Field("pitch", ("C4", "D4")), Field("step_s")))


@dataclass(frozen=True)
class Counted(Encoding):
    """One token, the number of notes up to `most`."""

    name: ClassVar[str] = "counted"
    loses: ClassVar[str] = "all but how many notes there are"

    most: int = 4
    tempo: float = 120.0

    @property
    def vocabulary(self) -> Vocabulary:
        return symbols(*map(str, range(self.most + 1)))

    def encode(self, phrase: Phrase) -> Tokens:
        return as_tokens([(min(len(phrase.notes), self.most),)], self.vocabulary)

    def decode(self, tokens: Tokens) -> Phrase:
        (count,) = checked(tokens, self.vocabulary)[:, 0].tolist()
        return Phrase.of(Note(float(at), 60, 64, 1.0) for at in range(count))


@dataclass(frozen=True)
class Pitched(OpenEncoding):
    """One token per note: its pitch, as far as it was learnt."""

    name: ClassVar[str] = "pitched"
    loses: ClassVar[str] = "all but pitches that were learnt"

    def check_symbol(self, symbol: str) -> None:
        if not symbol.isdecimal():
            raise EncodingError(f"{symbol!r} is no pitch")

    def symbols_in(self, phrase: Phrase) -> Sequence[str]:
        return [str(note.pitch) for note in phrase.notes]

    def decode(self, tokens: Tokens) -> Phrase:
        pitches = [int(name) for name in self.names_of(tokens) if name != UNKNOWN]
        return Phrase.of(Note(float(at), pitch, 64, 1.0) for at, pitch in enumerate(pitches))


def test_an_encoding_says_what_most_say_unless_it_says_otherwise() -> None:
    encoding = Counted()
    assert encoding.symbols_learnt is None
    assert encoding.unknown is None
    assert encoding.is_fitted
    assert not encoding.has_format
    assert encoding.seconds_per_token is None
    assert encoding.allowed_after(0).all()
    assert len(encoding.allowed_after(0)) == 5
    assert encoding.fitted([HIGH_LOW]) is encoding.knowing(["60"]) is encoding


def test_what_a_round_trip_should_give_back_has_its_pedal_folded_in() -> None:
    held = Phrase.of([Note(0.0, 60, 64, 0.5)], [Pedal(0.0, True), Pedal(2.0, False)])
    (note,) = Counted().reference(held).notes
    assert note.length_s == pytest.approx(2.0)


def test_settings_are_read_by_name_and_change_the_fingerprint() -> None:
    encoding = Counted.with_settings(most="7", tempo=90)
    assert encoding == Counted(7, 90.0)
    assert encoding.settings == {"most": 7, "tempo": 90.0}
    assert encoding.fingerprint != Counted().fingerprint
    assert Counted(tempo=120).fingerprint == Counted().fingerprint  # 120 and 120.0 are one setting
    with pytest.raises(EncodingError, match="counted has no setting 'least'; there are: most, tempo"):
        Counted.with_settings(least=1)


def test_symbols_are_learnt_most_frequent_first_and_of_as_many_in_order() -> None:
    encoding = Pitched().fitted([HIGH_LOW, Phrase.of([Note(0.0, 50, 64, 1.0)])])
    assert encoding.symbols_learnt == ("72", "48", "50")
    assert encoding.vocabulary.fields[0].symbols == (UNKNOWN, "72", "48", "50")
    assert encoding.encode(HIGH_LOW).tolist() == [[1], [2], [1]]


def test_what_was_not_learnt_is_symbol_0_and_named_so() -> None:
    encoding = Pitched().knowing(["48"])
    assert encoding.encode(HIGH_LOW).tolist() == [[0], [1], [0]]
    assert encoding.names_of(encoding.encode(HIGH_LOW)) == [UNKNOWN, "48", UNKNOWN]
    assert [note.pitch for note in encoding.decode(encoding.encode(HIGH_LOW)).notes] == [48]


def test_learnt_symbols_are_no_setting_and_are_checked() -> None:
    encoding = Pitched().knowing(["48", "72"])
    assert encoding.settings == {}
    assert encoding.fingerprint != encoding.knowing(["72", "48"]).fingerprint
    with pytest.raises(EncodingError, match="'C4' is no pitch"):
        encoding.knowing(["C4"])
    with pytest.raises(EncodingError, match="stands twice among 2"):
        replace(encoding, learnt=("48", "48"))
    with pytest.raises(EncodingError, match="pitched has no setting 'learnt'"):
        Pitched.with_settings(learnt="48")


def test_rows_become_whole_numbers_unless_a_field_is_real() -> None:
    assert as_tokens([(1,), (0,)], symbols("a", "b")).dtype == np.int64
    assert as_tokens([(1, 0.5)], MIXED).dtype == np.float64
    assert as_tokens([], MIXED).shape == (0, 2)


def test_real_fields_may_hold_anything_and_symbols_only_their_numbers() -> None:
    odd = np.array([[1.0, np.nan], [0.0, -np.inf]])
    assert checked(odd, MIXED) is odd
    with pytest.raises(EncodingError, match="token 1: pitch is a whole number from 0 to 1, not 2"):
        checked(np.array([[1.0, 0.0], [2.0, 0.0]]), MIXED)


def test_floats_that_are_whole_are_read_as_symbols() -> None:
    tokens = checked(np.array([[1.0], [0.0]]), symbols("a", "b"))
    assert tokens.dtype == np.int64
    assert tokens.tolist() == [[1], [0]]


@pytest.mark.parametrize("value", [0.99, 2.01, float("nan"), float("inf")])
def test_a_setting_out_of_bounds_is_refused_with_its_bounds(value: float) -> None:
    check_between("tempo", 1, 1, 2)
    check_between("tempo", 2, 1, 2)
    with pytest.raises(EncodingError, match=f"tempo is a number from 1 to 2, not {value}"):
        check_between("tempo", value, 1, 2)


@pytest.mark.parametrize(
    ("tokens", "why"),
    [
        (np.array([1, 2]), "rows of 1 numbers each"),
        (np.array([[0, 1]]), "rows of 1 numbers each, not int64 of shape (1, 2)"),
        (np.array([["a"]]), "rows of 1 numbers each"),
        (np.array([[0], [3]]), "token 1: token is a whole number from 0 to 2, not 3"),
        (np.array([[-1]]), "token 0: token is a whole number from 0 to 2, not -1"),
        (np.array([[0.5]]), "token 0: token is a whole number from 0 to 2, not 0.5"),
    ],
    ids=["no rows", "two columns", "words", "too large", "below 0", "between two"],
)
def test_what_are_no_tokens_of_a_vocabulary_is_refused_with_the_first_that_is_none(
    tokens: Tokens, why: str
) -> None:
    with pytest.raises(EncodingError) as error:
        checked(tokens, symbols("a", "b", "c"))
    assert why in str(error.value)
