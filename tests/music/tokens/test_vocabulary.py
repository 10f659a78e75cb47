"""Vocabularies: names and numbers there and back; a fingerprint that changes with all that tokens mean."""

from typing import Any

import pytest

from music.tokens.vocabulary import Field, Vocabulary, fingerprint_of, symbols

PITCHES = Field("pitch", ("C4", "D4", "E4"))
SECONDS = Field("step_s")
YES_OR_NO = ("no", "yes")


def test_a_field_counts_its_symbols_and_knows_their_places() -> None:
    assert PITCHES.size == 3
    assert not PITCHES.is_real
    assert PITCHES.numbers == {"C4": 0, "D4": 1, "E4": 2}
    assert [PITCHES.show(number) for number in range(3)] == ["C4", "D4", "E4"]


def test_a_real_field_has_no_symbols_and_shows_its_number() -> None:
    assert SECONDS.is_real
    assert SECONDS.size == 0
    assert SECONDS.numbers == {}
    assert (SECONDS.show(0.5), SECONDS.show(1 / 3)) == ("0.5", "0.333333")


def test_a_token_is_shown_field_by_field() -> None:
    vocabulary = Vocabulary((PITCHES, SECONDS))
    assert vocabulary.sizes == (3, 0)
    assert vocabulary.is_real
    assert vocabulary.show((1.0, 0.25)) == "D4 0.25"
    with pytest.raises(ValueError, match="shorter"):
        vocabulary.show((1.0,))


@pytest.mark.parametrize(
    ("fields", "is_roll"),
    [
        ((Field("a", YES_OR_NO), Field("b", YES_OR_NO)), True),
        ((Field("a", YES_OR_NO),), False),  # one symbol of two
        ((Field("a", YES_OR_NO), PITCHES), False),
        ((Field("a", YES_OR_NO), SECONDS), False),
    ],
)
def test_a_roll_is_several_fields_of_no_and_yes(fields: tuple[Field, ...], is_roll: bool) -> None:
    assert Vocabulary(fields).is_roll == is_roll


def test_symbols_are_a_vocabulary_of_one_field() -> None:
    assert symbols("a", "b") == Vocabulary((Field("token", ("a", "b")),))
    assert not symbols("a", "b").is_roll
    assert not symbols("a", "b").is_real


BEFORE: dict[str, Any] = {
    "name": "note",
    "version": 1,
    "settings": {"tempo": 120.0, "seed": 0},
    "vocabulary": symbols("a", "b"),
}


def test_a_fingerprint_is_sixteen_digits_and_the_same_each_time() -> None:
    found = fingerprint_of(**BEFORE)
    assert found == fingerprint_of(**BEFORE)
    assert len(found) == 16
    assert set(found) <= set("0123456789abcdef")
    turned = {"seed": 0, "tempo": 120.0}  # the order of settings means nothing
    assert found == fingerprint_of(**BEFORE | {"settings": turned})


@pytest.mark.parametrize(
    "change",
    [
        {"name": "notes"},
        {"version": 2},
        {"settings": {"tempo": 121.0, "seed": 0}},
        {"settings": {"tempo": 120.0}},
        {"vocabulary": symbols("b", "a")},
        {"vocabulary": symbols("a", "b", "c")},
        {"vocabulary": Vocabulary((Field("symbol", ("a", "b")),))},
        {"vocabulary": Vocabulary((Field("token"),))},
    ],
)
def test_a_fingerprint_changes_with_all_that_tokens_mean(change: dict[str, Any]) -> None:
    assert fingerprint_of(**BEFORE | change) != fingerprint_of(**BEFORE)
