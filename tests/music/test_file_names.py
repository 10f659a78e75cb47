"""Names of files: which may be given, and how those are shown whose bytes are no text."""

import pytest

from music.file_names import LONGEST_NAME, is_one_line, readable


@pytest.mark.parametrize("name", ["mine", "Für Elise, 2", "x" * LONGEST_NAME])
def test_a_name_of_one_line_may_be_given(name: str) -> None:
    assert is_one_line(name)


@pytest.mark.parametrize("name", ["", "  ", "two\nlines", "a\tb", "caf\udce9", "é" * LONGEST_NAME])
def test_a_name_that_is_none_or_too_long_in_bytes_may_not(name: str) -> None:
    assert not is_one_line(name)


def test_bytes_that_are_no_text_are_spelt_out_and_all_else_stays() -> None:
    assert readable("caf\udce9.mid") == "caf\\udce9.mid"
    assert readable("Für Elise 🎹.mid") == "Für Elise 🎹.mid"
