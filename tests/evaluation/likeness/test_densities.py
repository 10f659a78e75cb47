"""Overlapping area and divergence: known densities, sets of pieces, and sets that have no density."""

import numpy as np
import pytest

from evaluation.likeness.defined import Undefined
from evaluation.likeness.densities import beside_real, divergence, overlapping_area
from evaluation.likeness.manner import MEASURES

CHANCE = np.random.default_rng(1)
NORMAL = CHANCE.normal(0.0, 1.0, 4000)


def test_a_set_overlaps_itself_wholly_and_a_far_one_not_at_all() -> None:
    assert overlapping_area(NORMAL, NORMAL) == pytest.approx(1)
    assert divergence(NORMAL, NORMAL) == pytest.approx(0, abs=1e-9)
    assert overlapping_area(NORMAL, NORMAL + 100) == pytest.approx(0, abs=1e-6)


def test_two_bells_overlap_and_diverge_as_they_should() -> None:
    # of two normal densities one spread apart 0.617 is shared, and half a nat lies between them;
    # kernels make both a little wider
    other = CHANCE.normal(1.0, 1.0, 4000)
    assert overlapping_area(NORMAL, other) == pytest.approx(0.617, abs=0.03)
    assert divergence(NORMAL, other) == pytest.approx(0.5, abs=0.07)


def test_the_order_of_the_two_does_not_change_the_area() -> None:
    other = CHANCE.uniform(-1, 3, 500)
    assert overlapping_area(NORMAL, other) == pytest.approx(overlapping_area(other, NORMAL))


@pytest.mark.parametrize(("values", "why"), [([1.0], "two values"), ([2.0, 2.0, 2.0], "the same")])
def test_what_has_no_density_is_not_defined(values: list[float], why: str) -> None:
    with pytest.raises(Undefined, match=why):
        overlapping_area(np.array(values), NORMAL)


def test_pieces_like_the_real_ones_come_as_near_as_real_ones_do() -> None:
    real = CHANCE.normal(5.0, 1.0, (80, len(MEASURES)))
    alike, other = CHANCE.normal(5.0, 1.0, (40, len(MEASURES))), CHANCE.normal(9.0, 1.0, (40, len(MEASURES)))
    near, far = beside_real(alike, real).values, beside_real(other, real).values
    assert near["overlapping_area"] == pytest.approx(near["real_overlapping_area"], abs=0.05)
    assert near["real_overlapping_area"] == far["real_overlapping_area"] > 0.85
    assert far["overlapping_area"] < 0.3
    assert far["kld"] > 10 * near["kld"]


def test_too_few_pieces_and_pieces_all_the_same_have_no_figures() -> None:
    real = CHANCE.normal(5.0, 1.0, (8, len(MEASURES)))
    few = beside_real(real[:2], real)
    assert few.values == {}
    assert "3 pieces made and 6 real ones" in few.undefined["kld"]
    same = beside_real(np.ones((4, len(MEASURES))), np.ones((8, len(MEASURES))))
    assert set(same.undefined) == {"overlapping_area", "kld", "real_overlapping_area", "real_kld"}
    assert same.values == {}


def test_values_that_differ_by_rounding_alone_are_the_same() -> None:
    rounded = np.array([0.1 + 0.2, 0.3, 0.1 + 0.2, 0.3])
    assert rounded.std() > 0
    with pytest.raises(Undefined, match="the same"):
        overlapping_area(rounded, NORMAL)
    with pytest.raises(Undefined, match="no number"):
        overlapping_area(np.array([1.0, np.nan, 2.0]), NORMAL)


def test_both_means_are_over_the_measures_that_both_have() -> None:
    real, made = CHANCE.normal(5.0, 1.0, (2, 80, len(MEASURES)))
    made[:, 0], real[:, 0] = 5.0, [4.0, 6.0] * 40  # from each made piece to each real one it is 1: no density
    of_one_side = beside_real(made, real).values
    made[:, 0] = real[:, 0] = 5.0
    assert beside_real(made, real).values == of_one_side
    assert of_one_side["areas_of"] == len(MEASURES) - 1
