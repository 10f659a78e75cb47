"""How the figures of many answers become one and are shown: means, medians, and ratios that even out."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.answering.measure import (
    DISTANCE,
    MEAN,
    MEDIAN,
    RATIO,
    Measure,
    Pooling,
    standard_error,
    table_of,
)

POOLINGS = {"mean": MEAN, "median": MEDIAN, "ratio": RATIO, "distance": DISTANCE}
ratios = st.lists(st.floats(0.01, 100.0), min_size=1, max_size=12)


def half() -> float:
    return 0.5


SHARE: Measure[[]] = Measure("in_key", "in key", "a share", "share", "more", ".0%", MEAN, half)
LOUD: Measure[[]] = Measure("loud_ratio", "loud", "a ratio", "factor", "near 1", ".2f", RATIO, half)
HIGHER: Measure[[]] = replace(LOUD, name="higher", title="high", shown="+.1f", pooling=DISTANCE)


@pytest.mark.parametrize(
    ("pooling", "values", "middle", "apart"),
    [
        (MEAN, (1.0, 2.0, 3.0), 2.0, 3**-0.5),
        (MEAN, (4.0, 4.0), 4.0, 0.0),
        (MEDIAN, (1.0, 2.0, 3.0, 4.0, 100.0), 3.0, 2.0),
        (RATIO, (0.5, 2.0), 1.0, 2.0),
        (RATIO, (4.0, 1.0), 2.0, 2.0),
        (DISTANCE, (-3.0, 3.0), 0.0, 3.0),
        (DISTANCE, (1.0, 3.0), 2.0, 2.0),
    ],
)
def test_figures_are_pooled(pooling: Pooling, values: Sequence[float], middle: float, apart: float) -> None:
    assert pooling.middle(values) == pytest.approx(middle)
    assert pooling.apart(values) == pytest.approx(apart)


@pytest.mark.parametrize("pooling", POOLINGS.values(), ids=POOLINGS)
@given(values=ratios)
def test_the_order_of_answers_is_no_matter_and_the_middle_lies_among_them(
    pooling: Pooling, values: list[float]
) -> None:
    assert pooling.middle(values) == pytest.approx(pooling.middle(values[::-1]))
    assert pooling.apart(values) == pytest.approx(pooling.apart(values[::-1]))
    assert min(values) * 0.999 <= pooling.middle(values) <= max(values) * 1.001


@given(ratios)
def test_a_ratio_the_other_way_round_is_as_far_off(values: list[float]) -> None:
    turned = [1 / value for value in values]
    assert RATIO.middle(turned) == pytest.approx(1 / RATIO.middle(values))
    assert RATIO.apart(turned) == pytest.approx(RATIO.apart(values))


@pytest.mark.parametrize("count", [2, 8, 50])
def test_the_standard_error_shrinks_as_answers_grow_more(count: int) -> None:
    one, more = standard_error([0.0, 1.0] * count), standard_error([0.0, 1.0] * count * 4)
    assert more == pytest.approx(one / 2, rel=0.2)


def test_one_figure_has_no_error() -> None:
    assert standard_error([3.0]) == 0.0
    assert MEDIAN.apart([3.0]) == 0.0


def test_no_figures_are_pooled_to_nothing() -> None:
    assert SHARE.pooled([]) == {}


@pytest.mark.parametrize(
    ("measure", "second"), [(SHARE, "in_key_error"), (LOUD, "loud_off_by"), (HIGHER, "higher_off_by")]
)
def test_the_second_figure_is_named_after_the_first(measure: Measure[[]], second: str) -> None:
    assert measure.second == second
    assert set(measure.pooled([0.5, 2.0])) == {measure.name, second}


@pytest.mark.parametrize(
    ("measure", "figures", "cell"),
    [
        (SHARE, {"in_key": 0.456, "in_key_error": 0.1}, "46%"),
        (LOUD, {"loud_ratio": 1.234, "loud_off_by": 1.5}, "1.23 (off by 1.50)"),
        (HIGHER, {"higher": 2.0, "higher_off_by": 3.0}, "+2.0 (off by 3.0)"),
        (HIGHER, {"higher": -2.0}, "-2.0 (off by –)"),
        (LOUD, {}, "–"),
    ],
)
def test_a_cell_has_what_a_person_reads(measure: Measure[[]], figures: dict[str, float], cell: str) -> None:
    assert measure.cell(figures) == cell


def test_a_measure_has_a_column_for_each_figure_that_is_shown() -> None:
    assert SHARE.columns == {"in_key": "in key"}
    assert LOUD.columns == {"loud_ratio": "loud", "loud_off_by": "loud, off by"}


def test_the_table_of_measures_has_a_row_for_each() -> None:
    _, _, first, second = table_of([SHARE, LOUD]).splitlines()
    assert first == "| **in key** | a share | share | more | `in_key` |"
    assert second.endswith("| near 1 | `loud_ratio` |")
