"""Compiled loops of `tinct.algorithms.upsampling`."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

__all__ = ["upsample_rows", "warm_kernels"]

Array = NDArray[Any]
# What a neighbor of quite another tone still counts: where all differ, their mean is taken.
FLOOR = np.float32(1e-3)


@numba.njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract", "reassoc"})
def upsample_rows(
    start: int,
    stop: int,
    top: int,
    rows: int,
    small: Array,
    small_guide: Array,
    guide: Array,
    inverse_sigma: Any,
    result: Array,
) -> None:
    """Write rows `start` to `stop` of a block: the mean of four neighbors, nearer tones more.

    Parameters
    ----------
    top, rows
        The block's first row in the whole picture, and the rows of that.
    small, small_guide
        Shapes (m, n, C) and (m, n).
    guide, result
        Shapes (B, N) and (B, N, C) of the block.
    inverse_sigma
        One over the tone difference that still counts a quarter; 0 is bilinear.
    """
    height, width, channels = small.shape
    columns = guide.shape[1]
    one, half = np.float32(1.0), np.float32(0.5)
    for row in range(start, stop):
        y = (np.float32(row + top) + half) * np.float32(height) / np.float32(rows) - half
        y = min(max(y, np.float32(0.0)), np.float32(height - 1))
        upper = min(int(y), height - 1)
        lower = min(upper + 1, height - 1)
        down = y - np.float32(upper)
        for column in range(columns):
            x = (np.float32(column) + half) * np.float32(width) / np.float32(columns) - half
            x = min(max(x, np.float32(0.0)), np.float32(width - 1))
            left = min(int(x), width - 1)
            right = min(left + 1, width - 1)
            along = x - np.float32(left)
            tone = guide[row, column]
            d0 = (tone - small_guide[upper, left]) * inverse_sigma
            d1 = (tone - small_guide[upper, right]) * inverse_sigma
            d2 = (tone - small_guide[lower, left]) * inverse_sigma
            d3 = (tone - small_guide[lower, right]) * inverse_sigma
            r0 = one / (one + d0 * d0)
            r1 = one / (one + d1 * d1)
            r2 = one / (one + d2 * d2)
            r3 = one / (one + d3 * d3)
            w0 = (one - down) * (one - along) * (r0 * r0 + FLOOR)
            w1 = (one - down) * along * (r1 * r1 + FLOOR)
            w2 = down * (one - along) * (r2 * r2 + FLOOR)
            w3 = down * along * (r3 * r3 + FLOOR)
            total = one / (w0 + w1 + w2 + w3)
            for k in range(channels):
                result[row, column, k] = total * (
                    w0 * small[upper, left, k]
                    + w1 * small[upper, right, k]
                    + w2 * small[lower, left, k]
                    + w3 * small[lower, right, k]
                )


def warm_kernels() -> None:
    """Compile."""
    plane = np.zeros((1, 1), np.float32)
    picture = np.zeros((1, 1, 2), np.float32)
    upsample_rows(0, 1, 0, 1, picture, plane, plane, np.float32(1.0), picture.copy())
