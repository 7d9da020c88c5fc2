"""Clusters of colors: k-means with spread-out first centers, and a picture split by it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from tinct.algorithms.neighbors import NearestNeighbors

__all__ = ["cluster", "segment"]

FloatArray = NDArray[np.float32]

POOL = 40_000
ROUNDS = 30
LIGHTNESS_SHARE = 0.5
MEDIAN_SIDE = 5


def cluster(
    points: NDArray[Any], count: int, rng: np.random.Generator, *, apart: float = 0.0
) -> NDArray[np.float64]:
    """Return centers of up to `count` clusters, the largest cluster first.

    Parameters
    ----------
    points
        Shape (P, D); of more than 40000 so many are drawn.
    count
        At most; fewer when all points lie within `apart` of fewer centers.
    rng
        Draws points, and first centers with probability by squared distance to those before.
    apart
        Points this near to a center are not worth another one.

    Returns
    -------
    ndarray
        Shape (K, D), 1 <= K <= count.

    References
    ----------
    D. Arthur, S. Vassilvitskii, k-means++: the advantages of careful seeding, 2007.
    """
    pool = np.asarray(points, np.float64)[rng.permutation(len(points))[:POOL]]
    centers = pool[:1]
    while len(centers) < count:
        squared = np.min([((pool - center) ** 2).sum(axis=1) for center in centers], axis=0)
        if not squared.max() > apart * apart:
            break
        drawn = pool[rng.choice(len(pool), p=squared / squared.sum())]
        centers = np.concatenate([centers, drawn[np.newaxis]])
    for _ in range(ROUNDS):
        nearest = NearestNeighbors(centers).query(pool)[1][:, 0]
        sizes = np.bincount(nearest, minlength=len(centers))
        sums = [np.bincount(nearest, axis, len(centers)) for axis in pool.T]
        moved = (np.stack(sums, axis=1) / np.maximum(sizes, 1)[:, np.newaxis])[sizes > 0]
        still = moved.shape == centers.shape and np.allclose(moved, centers, rtol=1e-3)
        centers = moved
        if still:
            break
    nearest = NearestNeighbors(centers).query(pool)[1][:, 0]
    order = np.argsort(-np.bincount(nearest, minlength=len(centers)), kind="stable")
    return np.asarray(centers[order])


def segment(
    pictures: Sequence[FloatArray], count: int, rng: np.random.Generator
) -> list[NDArray[np.int32]]:
    """Split color pictures into classes of similar color, the same in all of them.

    Parameters
    ----------
    pictures
        Shapes (M, N, 3), CIELAB; a 5 x 5 median takes away what is too small, and lightness
        counts half.
    count
        How many classes, at most.
    rng
        See `cluster`.

    Returns
    -------
    list of ndarray
        Shapes (M, N), int32: 0 to count - 1, the largest class first.
    """
    weights = np.array([LIGHTNESS_SHARE, 1.0, 1.0], np.float32)
    smooth = [
        np.stack([ndimage.median_filter(plane, MEDIAN_SIDE) for plane in np.moveaxis(lab, 2, 0)])
        .reshape(3, -1)
        .T
        * weights
        for lab in pictures
    ]
    search = NearestNeighbors(cluster(np.concatenate(smooth), count, rng, apart=1.0))
    return [
        search.query(points)[1][:, 0].reshape(lab.shape[:2])
        for points, lab in zip(smooth, pictures, strict=True)
    ]
