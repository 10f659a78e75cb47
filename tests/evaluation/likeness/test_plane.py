"""Points on a plane: where principal components lie, and that neighbours stay neighbours."""

import numpy as np
import pytest

from evaluation.likeness.defined import Undefined
from evaluation.likeness.plane import Plane, neighbourhoods

CHANCE = np.random.default_rng(1)


def test_what_varies_together_lies_along_one_axis() -> None:
    along = CHANCE.normal(0, 1, 200)
    reference = np.stack([along, 3 * along, CHANCE.normal(0, 1, 200)], axis=1)
    plane = Plane.of(reference)
    assert plane.shares == pytest.approx((2 / 3, 1 / 3), abs=0.02)
    assert np.abs(np.corrcoef(plane.seen(reference)[:, 0], along)[0, 1]) > 0.99


def test_others_are_seen_from_the_reference() -> None:
    reference = CHANCE.normal(5, 2, (100, 4))
    plane = Plane.of(reference)
    assert plane.seen(reference).mean(0) == pytest.approx([0, 0], abs=1e-9)
    assert plane.apart(reference) == pytest.approx(0, abs=1e-9)
    assert plane.apart(reference + 4.0) == pytest.approx(2, rel=0.15)  # two spreads in every measure


@pytest.mark.parametrize("points", [np.zeros((2, 3)), np.zeros((5, 1)), np.ones((5, 3))])
def test_points_that_span_no_plane_have_none(
    points: np.ndarray[tuple[int, int], np.dtype[np.float64]],
) -> None:
    with pytest.raises(Undefined):
        Plane.of(points)
    with pytest.raises(Undefined, match="no piece"):
        Plane.of(CHANCE.normal(0, 1, (5, 3))).apart(np.zeros((0, 3)))


@pytest.mark.slow
def test_neighbourhoods_keep_two_heaps_apart() -> None:
    pytest.importorskip("sklearn", reason="needs scikit-learn (antiphon[judge])")
    heaps = np.concatenate([CHANCE.normal(0, 0.1, (20, 8)), CHANCE.normal(5, 0.1, (20, 8))])
    placed = neighbourhoods(heaps)
    one, other = placed[:20], placed[20:]
    within = np.linalg.norm(one - one.mean(0), axis=1).max()
    assert np.linalg.norm(one.mean(0) - other.mean(0)) > 2 * within
    assert np.allclose(placed, neighbourhoods(heaps))


def test_three_points_have_no_neighbourhoods() -> None:
    with pytest.raises(Undefined, match="four points"):
        neighbourhoods(np.zeros((3, 2)))


def test_a_measure_that_differs_by_rounding_alone_says_nothing() -> None:
    varied = CHANCE.normal(0, 1, (50, 2))
    rounding = 0.1 + 1e-17 * np.arange(50)[:, None] + np.tile([[0.0], [1.4e-17]], (25, 1))
    plane = Plane.of(np.concatenate([varied, rounding], axis=1))
    assert plane.axes[2] == pytest.approx([0, 0], abs=1e-9)


def test_points_that_are_nowhere_span_no_plane() -> None:
    points = CHANCE.normal(0, 1, (6, 3))
    points[2, 1] = np.nan
    with pytest.raises(Undefined, match="no number"):
        Plane.of(points)
    with pytest.raises(Undefined, match="no number"):
        neighbourhoods(points)


def test_points_that_are_all_the_same_have_no_neighbourhoods() -> None:
    with pytest.raises(Undefined, match="all points are the same"):
        neighbourhoods(np.full((6, 3), 0.1))
