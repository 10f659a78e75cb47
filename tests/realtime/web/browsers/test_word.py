"""The word in the page's address: what lets one in, and what looks like a word of another start."""

import pytest

from realtime.rows.begin import drawn_word
from realtime.web.browsers.word import Word


def test_the_word_is_right_without_its_hyphens_and_in_capitals_as_phones_type() -> None:
    word = Word("bcdf-ghjk-mnpq")
    for tried in ("bcdf-ghjk-mnpq", "bcdfghjkmnpq", "Bcdf-ghjk-mnpq", "BCDFGHJKMNPQ", "bcdf-ghjkmnpq"):
        assert word.is_right(tried)


@pytest.mark.parametrize(
    "tried", ["", "-", "bcdf-ghjk-mnp", "bcdf-ghjk-mnpqq", "bcdf ghjk mnpq", "é", "\ud800"]
)
def test_any_other_is_wrong(tried: str) -> None:
    assert not Word("bcdf-ghjk-mnpq").is_right(tried)


def test_a_word_that_was_drawn_once_is_known_from_a_guess() -> None:
    assert Word.could_be_of_another_start(drawn_word())
    assert Word.could_be_of_another_start("bcdfghjkmnpq")
    for guess in ("admin", "", "bcdf-ghjk", "wp-login.php", "1234-5678-9012"):
        assert not Word.could_be_of_another_start(guess)
