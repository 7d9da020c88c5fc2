"""Colors of a whole picture from a few known ones, by what a network finds alike.

Kriging, or Gaussian process regression (Rasmussen, Williams 2006, ISBN 0-262-18253-X): pixels of
which a network expects the same colors differ from its expectation in the same way. What is known
at a few of them so corrects the others, most where the likeness is greatest. Two things hold for
the whole picture: a cast, and how far its expectation can be trusted at all.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["krige"]

FloatArray = NDArray[np.float32]

# Chosen on pictures that neither the network nor the evaluation has seen, see the network's card.
# Variances: of a cast, of things alike, of what also lies near, of trust, and of what is known.
CAST, ALIKE, NEAR, TRUST, NUGGET = 0.05, 1.2, 0.15, 0.3, 0.2
TRUSTED = 0.3  # of the expectation, when nothing is known
SHARPNESS = 5  # the power of the likeness of distributions
NEAR_LIGHTNESS, NEAR_SIDES = 30.0, 0.35  # L, and shorter sides of the picture
CHROMA = 14.0  # Lab units: the size of an expectation with the variance of one
KNOWN_MAXIMUM = 256


def krige(
    shares: FloatArray, lightness: FloatArray, expected: FloatArray, cells: NDArray[np.intp],
    chroma: FloatArray,
) -> FloatArray:  # fmt: skip
    """Return the chroma to be expected when it is known in some cells.

    Parameters
    ----------
    shares
        Shape (Q, m, n): the network's distributions, each sums to 1.
    lightness
        Shape (m, n), 0 to 100.
    expected
        Shape (m, n, 2): the mean of the distributions, Lab units.
    cells
        Shape (K,), at least one: where chroma is known, row by row; of more than 256 only every
        second, third ... is looked at.
    chroma
        Shape (K, 2): what is known, Lab units.

    Returns
    -------
    ndarray of shape (m, n, 2), float32
    """
    step = -(-len(cells) // KNOWN_MAXIMUM)
    cells, known = cells[::step], chroma[::step]
    covariance = _covariance(shares, lightness, expected, cells)
    prior = TRUSTED * expected.reshape(-1, 2)
    among = covariance[cells] + NUGGET * np.eye(len(cells))
    weights = np.linalg.solve(among, known - prior[cells])
    return (prior + covariance @ weights).reshape(expected.shape).astype(np.float32)


def _covariance(
    shares: FloatArray, lightness: FloatArray, expected: FloatArray, cells: NDArray[np.intp]
) -> FloatArray:
    """Return the covariance of all with the known cells, (m n, K)."""
    roots = np.sqrt(shares.reshape(len(shares), -1))
    likeness = np.clip(roots.T @ roots[:, cells], 0.0, 1.0)  # Bhattacharyya's coefficient
    light = lightness.ravel()
    places = [plane.ravel() / min(lightness.shape) for plane in np.indices(lightness.shape)]
    darker = (light[:, np.newaxis] - light[cells]) / NEAR_LIGHTNESS
    squares = darker * darker
    for place in places:
        squares += ((place[:, np.newaxis] - place[cells]) / NEAR_SIDES) ** 2
    near = np.sqrt(likeness) * np.exp(-0.5 * squares)
    trust = expected.reshape(-1, 2) / CHROMA
    found = CAST + ALIKE * likeness**SHARPNESS + NEAR * near + TRUST * trust @ trust[cells].T
    return np.asarray(found, np.float32)
