"""Painted pixels on the grid of a network: a cell is hinted where a stroke covers enough of it."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["LocalHints", "rasterize"]

FloatArray = NDArray[np.float32]
BoolArray = NDArray[np.bool_]

SHARE_MINIMUM = 0.25  # of a cell; a stroke thinner than that keeps the cell it covers most


class LocalHints(NamedTuple):
    """Hints as a network takes them.

    Attributes
    ----------
    chroma
        Shape (H, W, 2), 0 where nothing is hinted.
    mask
        Shape (H, W), bool.
    """

    chroma: FloatArray
    mask: BoolArray


def rasterize(painted: BoolArray, chroma: FloatArray, size: tuple[int, int]) -> LocalHints:
    """Bring strokes to the grid of a network.

    Parameters
    ----------
    painted
        Shape (M, N).
    chroma
        Shape (K, 2): of the K painted pixels, row by row.
    size
        Height and width of the grid; smaller or larger than the picture.

    Returns
    -------
    LocalHints
        A cell's chroma is the mean of the painted pixels in it. Every stroke has a cell at least.
    """
    rows, columns = np.nonzero(painted)
    height, width = size
    cell = (rows * height // painted.shape[0]) * width + columns * width // painted.shape[1]
    count = np.bincount(cell, minlength=height * width)
    means = np.stack(
        [np.bincount(cell, chroma[:, k], height * width) / np.maximum(count, 1) for k in (0, 1)],
        axis=1,
    )
    share = (count * (height * width / painted.size)).reshape(size)
    mask = (share >= SHARE_MINIMUM) | _strongest(share)
    result = means.reshape(height, width, 2).astype(np.float32)
    if height > painted.shape[0] or width > painted.shape[1]:
        # a pixel covers several cells, of which only one was counted
        up = np.arange(height) * painted.shape[0] // height
        along = np.arange(width) * painted.shape[1] // width
        spread = np.zeros((*painted.shape, 2), np.float32)
        spread[painted] = chroma
        covered = painted[np.ix_(up, along)]
        result[covered] = spread[np.ix_(up, along)][covered]
        mask |= covered
    result[~mask] = 0.0
    return LocalHints(result, mask)


def _strongest(share: NDArray[Any]) -> BoolArray:
    """Return the most covered cell of every stroke that covers no cell enough."""
    from scipy import ndimage

    strokes, found = ndimage.label(share > 0, np.ones((3, 3)))
    best = np.zeros(share.shape, bool)
    if found:
        tallest = np.concatenate([[0.0], ndimage.maximum(share, strokes, range(1, found + 1))])
        best = (share > 0) & (share >= tallest[strokes]) & (tallest[strokes] < SHARE_MINIMUM)
    return best
