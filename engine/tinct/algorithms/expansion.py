"""Many labels on a grid by expansion moves: each move is a minimum cut.

Y. Boykov, O. Veksler, R. Zabih, Fast approximate energy minimization via graph cuts, 2001.
DOI 10.1109/34.969114
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tinct.algorithms.graphcut import cut_grid
from tinct.context import Progress, no_progress

__all__ = ["energy", "expand"]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

UNIT = 1000  # costs are cut as whole numbers of thousandths
COST_MAXIMUM = 1 << 20
SWEEPS = 4


def energy(
    labels: IntArray, costs: FloatArray, distances: FloatArray, right: FloatArray, down: FloatArray
) -> float:
    """Return what a labeling costs: see `expand`."""
    own = np.take_along_axis(costs, labels[..., np.newaxis], axis=2).sum()
    across = (distances[labels[:, :-1], labels[:, 1:]] * right).sum()
    return float(own + across + (distances[labels[:-1], labels[1:]] * down).sum())


def expand(
    costs: FloatArray,
    distances: FloatArray,
    right: FloatArray,
    down: FloatArray,
    *,
    progress: Progress = no_progress,
) -> IntArray:
    """Label a grid so that costs and distances between neighbors' labels sum to little.

    Parameters
    ----------
    costs
        Shape (M, N, K): what each label costs each pixel.
    distances
        Shape (K, K), a metric: what two labels are apart.
    right, down
        Shapes (M, N - 1) and (M - 1, N), not negative: the price of a distance there.
    progress
        Reported at each move.

    Returns
    -------
    ndarray
        Shape (M, N). No move of any label costs less (up to rounding to thousandths), or 4 rounds
        of moves are over; the sum never rises.
    """
    labels: IntArray = np.argmin(costs, axis=2).astype(np.int64)
    count = costs.shape[2]
    least = energy(labels, costs, distances, right, down)
    for sweep in range(SWEEPS):
        before = least
        for label in range(count):
            progress((sweep * count + label) / (SWEEPS * count), "Labeling")
            moved = _move(labels, label, costs, distances, right, down)
            cost = energy(moved, costs, distances, right, down)
            if cost < least:
                labels, least = moved, cost
        if not least < before - 1e-3:
            break
    return labels


def _move(
    labels: IntArray,
    label: int,
    costs: FloatArray,
    distances: FloatArray,
    right: FloatArray,
    down: FloatArray,
) -> IntArray:
    """Return the best labeling in which some pixels take `label` and the others stay.

    A pair that costs B when only its second pixel moves, C when only its first does, A when none
    and 0 when both do, is a link of (B + C - A) / 2, not negative for a metric, and costs of
    moving of (C - B - A) / 2 and (B - C - A) / 2.
    """
    preference = np.take_along_axis(costs, labels[..., np.newaxis], axis=2)[..., 0]
    preference = costs[..., label] - preference
    links = []
    for price, first, second in (
        (right, np.s_[:, :-1], np.s_[:, 1:]),
        (down, np.s_[:-1], np.s_[1:]),
    ):
        stay = distances[labels[first], labels[second]] * price
        only_second = distances[labels[first], label] * price
        only_first = distances[label, labels[second]] * price
        links.append((only_second + only_first - stay) / 2)
        preference[first] += (only_first - only_second - stay) / 2
        preference[second] += (only_second - only_first - stay) / 2
    move, _ = cut_grid(_whole(preference), _whole(links[0]), _whole(links[1]))
    return np.where(move == 1, label, labels)


def _whole(values: FloatArray) -> NDArray[np.int32]:
    scaled = np.rint(values * UNIT).clip(-COST_MAXIMUM, COST_MAXIMUM)
    return np.ascontiguousarray(scaled, np.int32)
