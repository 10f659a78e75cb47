"""Figures that may not be defined keep a reason and never a number."""

from evaluation.likeness.defined import Figures, Undefined


def refusing() -> float:
    raise Undefined("there is no note")


def test_a_number_is_kept_and_a_refusal_is_a_reason() -> None:
    figures = Figures()
    figures.put("half", lambda: 0.5)
    figures.put("none", refusing)
    figures.put("broken", lambda: float("nan"))
    figures.put("endless", lambda: float("inf"))
    assert figures.values == {"half": 0.5}
    assert figures.undefined == {
        "none": "there is no note",
        "broken": "it comes to nan, which is no number",
        "endless": "it comes to inf, which is no number",
    }


def test_a_range_stands_only_beside_a_figure_that_there_is() -> None:
    figures = Figures({"half": 0.5})
    figures.put_range("half", lambda: (0.4, 0.6))
    figures.put_range("none", lambda: (0.1, 0.2))
    assert figures.ranges == {"half": (0.4, 0.6)}
    figures.put_range("half", lambda: (refusing(), 1.0))  # the one that there was stays
    assert figures.ranges == {"half": (0.4, 0.6)}
    broken = Figures({"half": 0.5})
    broken.put_range("half", lambda: (float("nan"), 0.6))
    broken.put_range("half", lambda: (0.4, float("inf")))
    assert broken.ranges == {}


def test_anothers_figures_are_taken_over_with_words_before_their_names() -> None:
    one, other = Figures(), Figures({"a": 1.0}, {"b": "why"})
    one.add(other, "real_")
    assert (one.values, one.undefined) == ({"real_a": 1.0}, {"real_b": "why"})
