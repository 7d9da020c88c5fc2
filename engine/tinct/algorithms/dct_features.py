"""Texture around pixels as magnitudes of cosine transforms, and the space that tells classes apart.

R. Irony, D. Cohen-Or, D. Lischinski, Colorization by example, 2005.
DOI 10.2312/EGWR/EGSR05/201-210
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.fft import dct

__all__ = ["BLOCK_SIDE", "FEATURES", "TextureFeatures", "learn_projection"]

FloatArray = NDArray[np.float32]

BLOCK_SIDE = 8
FEATURES = BLOCK_SIDE**2
PAIRS = 20_000
RIDGE = 1e-3
ROWS_AT_ONCE = 32


class TextureFeatures:
    """The 8 x 8 cosine transform around each pixel of a picture.

    The first feature is eight times the mean luminance. Of the others only magnitudes are kept:
    their signs say where in the block a stripe lies, not which texture it belongs to.

    Parameters
    ----------
    luminance
        Shape (M, N), 0 to 1; mirrored at the borders. The block of pixel (i, j) begins at
        (i - 4, j - 4).
    """

    def __init__(self, luminance: FloatArray) -> None:
        before = BLOCK_SIDE // 2
        padded = np.pad(luminance, (before, BLOCK_SIDE - 1 - before), mode="symmetric")
        self.shape = luminance.shape
        self.windows = np.lib.stride_tricks.sliding_window_view(padded, (BLOCK_SIDE, BLOCK_SIDE))
        basis = dct(np.eye(BLOCK_SIDE), axis=0, norm="ortho")
        self.basis = np.kron(basis, basis).T.astype(np.float32)

    def at(self, pixels: NDArray[np.int64]) -> FloatArray:
        """Return the features of pixels of the flattened picture, (P, 64)."""
        rows, columns = np.divmod(pixels, self.shape[1])
        features = self.windows[rows, columns].reshape(len(pixels), FEATURES) @ self.basis
        np.abs(features[:, 1:], out=features[:, 1:])
        return features

    def projected(self, projection: FloatArray) -> FloatArray:
        """Return ``features @ projection`` of all pixels, (M * N, D), in little memory."""
        rows, columns = self.shape
        result = np.empty((rows * columns, projection.shape[1]), np.float32)
        for start in range(0, rows, ROWS_AT_ONCE):
            pixels = np.arange(start * columns, min(start + ROWS_AT_ONCE, rows) * columns)
            np.matmul(self.at(pixels), projection, out=result[pixels[0] : pixels[-1] + 1])
        return result


def learn_projection(
    features: NDArray[Any], labels: NDArray[Any], dimensions: int, rng: np.random.Generator
) -> FloatArray:
    """Learn the axes along which classes differ more than their members do.

    Differences of members of one class are turned and scaled until they are alike in all
    directions; the axes are then the principal ones of differences between classes.

    Parameters
    ----------
    features
        Shape (P, F).
    labels
        Shape (P,): the class of each, any integers.
    dimensions
        How many axes, at most F.
    rng
        Draws 20000 pairs of each kind.

    Returns
    -------
    ndarray
        Shape (F, dimensions), float32: distances of ``features @ projection`` tell classes apart.
        With one class, the principal axes of the features.
    """
    classes, labels = np.unique(labels, return_inverse=True)
    members = [np.flatnonzero(labels == kind) for kind in range(len(classes))]
    values = np.asarray(features, np.float64)
    first = rng.integers(len(classes), size=PAIRS)
    one = _pick(members, first, rng)
    within = _second_moment(values[one] - values[_pick(members, first, rng)])
    within += RIDGE * np.trace(within) / len(within) * np.eye(len(within)) + 1e-12 * np.eye(
        len(within)
    )
    spread, axes = np.linalg.eigh(within)
    if len(classes) == 1:
        return np.asarray(axes[:, ::-1][:, :dimensions], np.float32)
    whiten = axes / np.sqrt(spread)
    second = (first + rng.integers(1, len(classes), size=PAIRS)) % len(classes)
    between = _second_moment((values[one] - values[_pick(members, second, rng)]) @ whiten)
    _, turns = np.linalg.eigh(between)
    return np.asarray(whiten @ turns[:, ::-1][:, :dimensions], np.float32)


def _pick(
    members: list[NDArray[np.int64]], kinds: NDArray[np.int64], rng: np.random.Generator
) -> NDArray[np.int64]:
    """Return one member by chance of each of `kinds`."""
    sizes = np.array([len(found) for found in members])
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    chance = (rng.random(len(kinds)) * sizes[kinds]).astype(np.int64)
    return np.asarray(np.concatenate(members)[starts[kinds] + chance], np.int64)


def _second_moment(differences: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(differences.T @ differences / len(differences))
