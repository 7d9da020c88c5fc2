"""Compiled loops of `tinct.algorithms.welsh`."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

__all__ = ["deviations", "nearest", "warm_kernels"]

Array = NDArray[Any]


@numba.njit(cache=True, nogil=True)
def _mirrored(index: int, size: int) -> int:
    """Return the index that a mirror on the border pixels shows beyond them."""
    if size == 1:
        return 0
    index = abs(index) % (2 * size - 2)
    return min(index, 2 * size - 2 - index)


@numba.njit(cache=True, nogil=True, error_model="numpy")
def deviations(
    start: int, stop: int, values: Array, inside: Array, radius: int, result: Array
) -> None:
    """Write the standard deviation around each pixel of rows `start` to `stop`.

    Parameters
    ----------
    values
        Shape (M, N), near zero on the whole, so that the difference of squares keeps its digits.
    inside
        Shape (M, N), bool; or (0, 0), when all pixels count.
    radius
        Half the side of the neighborhood; borders are mirrored.
    result
        Shape (M, N), written.
    """
    rows, columns = values.shape
    everywhere = inside.size == 0
    down = np.empty((3, columns + 2 * radius))
    for row in range(start, stop):
        down[:] = 0.0
        for step in range(-radius, radius + 1):
            other = _mirrored(row + step, rows)
            for column in range(columns):
                if everywhere or inside[other, column]:
                    value = np.float64(values[other, column])
                    down[0, column + radius] += 1.0
                    down[1, column + radius] += value
                    down[2, column + radius] += value * value
        for step in range(radius):
            for sums in range(3):
                left, right = _mirrored(-1 - step, columns), _mirrored(columns + step, columns)
                down[sums, radius - 1 - step] = down[sums, left + radius]
                down[sums, columns + radius + step] = down[sums, right + radius]
        for column in range(columns):
            count, first, second = 0.0, 0.0, 0.0
            for step in range(2 * radius + 1):
                count += down[0, column + step]
                first += down[1, column + step]
                second += down[2, column + step]
            count = max(count, 1.0)
            mean = first / count
            result[row, column] = np.sqrt(max(second / count - mean * mean, 0.0))


@numba.njit(cache=True, nogil=True)
def nearest(start: int, stop: int, queries: Array, samples: Array, found: Array) -> None:
    """Write the row of the sample nearest to each of queries `start` to `stop`.

    Samples are visited outward along their first coordinate until that alone is too far.

    Parameters
    ----------
    queries, samples
        Shapes (P, 2) and (S, 2), float32; samples sorted by their first coordinate.
    found
        Shape (P,), written.
    """
    count = len(samples)
    last = 0
    for query in range(start, stop):
        first, second = queries[query, 0], queries[query, 1]
        # pixels come row by row: the sample of the last one bounds the search
        across, up = samples[last, 0] - first, samples[last, 1] - second
        best, chosen = across * across + up * up, last
        middle = last
        while middle < count and samples[middle, 0] < first:
            middle += 1
        while middle > 0 and samples[middle - 1, 0] >= first:
            middle -= 1
        for sample in range(middle, count):
            across, up = samples[sample, 0] - first, samples[sample, 1] - second
            if across * across > best:
                break
            apart = across * across + up * up
            # of equally near ones the first, whichever the search began with
            if apart < best or (apart == best and sample < chosen):
                best, chosen = apart, sample
        for sample in range(middle - 1, -1, -1):
            across, up = samples[sample, 0] - first, samples[sample, 1] - second
            if across * across > best:
                break
            apart = across * across + up * up
            if apart < best or (apart == best and sample < chosen):
                best, chosen = apart, sample
        found[query] = chosen
        last = chosen


def warm_kernels() -> None:
    """Compile for float32."""
    values = np.zeros((2, 2), np.float32)
    deviations(0, 2, values, np.zeros((0, 0), bool), 2, values.copy())
    nearest(0, 2, values, values, np.zeros(2, np.int32))
