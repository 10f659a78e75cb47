"""Points of many dimensions on a plane: by principal components (C9), or by neighbourhood, t-SNE (E6).

Principal components are those of the reference, so that everything else is seen from there; t-SNE is
scikit-learn's, which is asked for only when it is needed. Must not know what the points are.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.likeness.defined import Undefined
from evaluation.likeness.spread import spread_of

Points = NDArray[np.float64]

PERPLEXITY = 30.0


@dataclass(frozen=True, slots=True)
class Plane:
    """The two directions in which a reference varies most, each measure in units of its own spread."""

    centre: Points
    scale: Points
    axes: Points  # measures x 2
    shares: tuple[float, float]  # of the reference's variance

    @classmethod
    def of(cls, reference: Points) -> "Plane":
        """From points in rows; measures that are the same for all say nothing."""
        if len(reference) < 3 or reference.ndim != 2 or reference.shape[1] < 2:
            raise Undefined(f"a plane takes three points of two measures or more, not {reference.shape}")
        spread = spread_of(_numbers(reference))
        scale = np.where(spread > 0, spread, 1.0)
        centred = np.where(spread > 0, (reference - reference.mean(0)) / scale, 0.0)
        _, sizes, directions = np.linalg.svd(centred, full_matrices=False)
        total = float((sizes**2).sum())
        if total == 0:
            raise Undefined("all points are the same")
        axes = directions[:2].T
        axes = axes * np.where(axes[np.abs(axes).argmax(0), [0, 1]] < 0, -1.0, 1.0)  # the same way each time
        first, second = ((sizes[:2] ** 2) / total).tolist()
        return cls(reference.mean(0), scale, axes, (first, second))

    def seen(self, points: Points) -> Points:
        """Points (n x measures) on the plane (n x 2)."""
        places: Points = (points - self.centre) / self.scale @ self.axes
        return places

    def apart(self, points: Points) -> float:
        """How far the middle of some points lies from the reference's, in spreads, over all measures."""
        if not len(points):
            raise Undefined("no piece has every measure")
        return float(np.sqrt((((points.mean(0) - self.centre) / self.scale) ** 2).mean()))


def neighbourhoods(points: Points, seed: int = 1) -> Points:
    """Points on a plane so that near ones stay near (t-SNE)."""
    if len(points) < 4:
        raise Undefined(f"neighbourhoods take four points or more, not {len(points)}")
    if not spread_of(_numbers(points)).any():
        raise Undefined("all points are the same, so none is nearer than another")
    from sklearn.manifold import TSNE

    perplexity = min(PERPLEXITY, (len(points) - 1) / 3)
    placed: Points = TSNE(2, perplexity=perplexity, init="pca", random_state=seed).fit_transform(
        points.astype(np.float32)
    )
    return np.asarray(placed, np.float64)


def _numbers(points: Points) -> Points:
    if not np.isfinite(points).all():
        raise Undefined("a point has a coordinate that is no number")
    return points
