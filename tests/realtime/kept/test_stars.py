"""A star is the newest answer's, and a second one takes it back."""

import pytest

from realtime.kept.stars import starred_answers


@pytest.mark.parametrize(
    ("asked", "stars", "found"),
    [
        ([], [1.0], []),
        ([2.0], [1.0], []),
        ([2.0], [2.0], [2.0]),
        ([2.0, 5.0], [6.0], [5.0]),
        ([2.0, 5.0], [3.0, 6.0], [2.0, 5.0]),
        ([2.0, 5.0], [3.0, 4.0, 6.0], [5.0]),
        ([2.0], [3.0, 4.0, 5.0], [2.0]),
    ],
)
def test_the_answer_that_was_asked_for_last_has_it(
    asked: list[float], stars: list[float], found: list[float]
) -> None:
    assert starred_answers(asked, stars) == found
