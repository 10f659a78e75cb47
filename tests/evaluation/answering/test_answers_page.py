"""The page of our own calls: every picture once, two in a row, and a line of figures for each call."""

from evaluation.answering.agreement import MEASURES
from evaluation.answering.answers import own_answers
from evaluation.answering.answers_page import answers_page
from evaluation.answering.own_calls import OWN_CALLS
from tests.support.answerers import Echo, Silent

PICTURES = [f"{number}.svg" for number in range(len(OWN_CALLS))]


def test_every_picture_and_every_calls_figures_are_shown() -> None:
    pictures, figures = answers_page(own_answers(Echo()), PICTURES).split("\n\n")
    assert pictures.count("![") == len(OWN_CALLS)
    assert pictures.splitlines()[2] == "| ![Lullaby](0.svg) | ![Chorale](1.svg) |"
    head, _, *rows = figures.splitlines()
    assert all(measure.title in head for measure in MEASURES)
    assert [row.split(" | ")[0] for row in rows] == [f"| {call.name}" for call in OWN_CALLS]
    assert all("1.00" in row for row in rows)  # an echo is as dense as its call


def test_a_silent_answer_has_dashes() -> None:
    last = answers_page(own_answers(Silent()), PICTURES).splitlines()[-1]
    assert last.count("–") == len(MEASURES)


def test_of_an_odd_number_of_calls_the_last_row_is_short() -> None:
    page = answers_page(own_answers(Echo())[:3], PICTURES[:3])
    assert "\n| ![Invention](2.svg) |\n" in page
