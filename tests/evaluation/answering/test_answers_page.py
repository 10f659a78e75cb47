"""The page of our own calls: every picture once, two in a row, and a line of figures for each call."""

from evaluation.answering.agreement import MEASURES
from evaluation.answering.answers import own_answers
from evaluation.answering.answers_page import answers_beside, answers_page
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


def test_of_several_models_all_answers_to_a_call_stand_in_a_row() -> None:
    answered = {"echo": own_answers(Echo()), "silent": own_answers(Silent())}
    pictures = {name: [f"{picture[:-4]}-{name}.svg" for picture in PICTURES] for name in answered}
    shown, figures = answers_beside(answered, pictures).split("\n\n")
    head, _, first, *_ = shown.splitlines()
    assert head == "| call | echo | silent |"
    assert first == "| Lullaby | ![Lullaby, echo](0-echo.svg) | ![Lullaby, silent](0-silent.svg) |"
    rows = [row.split(" | ")[:2] for row in figures.splitlines()[2:]]
    assert rows == [[f"| {call.name}", name] for call in OWN_CALLS for name in answered]
