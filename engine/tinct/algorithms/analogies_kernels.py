"""Compiled search of `tinct.algorithms.analogies`: pixels of one wavefront, each on its own."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

__all__ = ["match_wavefront", "warm_kernels"]

Array = NDArray[Any]

CHUNK = 8  # axes summed between two looks at the bound


@numba.njit(cache=True, nogil=True)
def _distance(
    target: Array,
    query: int,
    causal: Array,
    source_static: Array,
    source_causal: Array,
    source: int,
    bound: float,
) -> Any:
    """Return the squared distance of two features, or anything not below `bound`."""
    total: Any = np.float32(0)
    axes = target.shape[1]
    axis = 0
    while axis < axes:
        end = min(axis + CHUNK, axes)
        for other in range(axis, end):
            difference = target[query, other] - source_static[source, other]
            total += difference * difference
        if total >= bound:
            return total
        axis = end
    for other in range(causal.size):
        difference = causal[other] - source_causal[source, other]
        total += difference * difference
    return total


@numba.njit(cache=True, nogil=True)
def _search(
    target: Array,
    query: int,
    causal: Array,
    source_static: Array,
    source_causal: Array,
    candidates: Array,
    keys: Array,
    bound: float,
) -> tuple[int, float]:
    """Return the nearest candidate below `bound` and its distance, or -1.

    Candidates lie sorted by their first axis, which alone ends the search on either side.
    """
    key = target[query, 0]
    count = candidates.size
    low, high = 0, count
    while low < high:
        middle = (low + high) // 2
        if keys[middle] < key:
            low = middle + 1
        else:
            high = middle
    left, right = low - 1, low
    best, chosen = bound, -1
    while left >= 0 or right < count:
        to_right = keys[right] - key if right < count else np.float32(np.inf)
        to_left = key - keys[left] if left >= 0 else np.float32(np.inf)
        if to_right <= to_left:
            if to_right * to_right >= best:
                break
            source = candidates[right]
            right += 1
        else:
            if to_left * to_left >= best:
                break
            source = candidates[left]
            left -= 1
        distance = _distance(target, query, causal, source_static, source_causal, source, best)
        if distance < best:
            best, chosen = distance, source
    return chosen, best


@numba.njit(cache=True, nogil=True)
def match_wavefront(
    start: int,
    stop: int,
    rows: Array,
    wave: int,
    offsets: Array,
    target: Array,
    source_static: Array,
    source_causal: Array,
    candidates: Array,
    keys: Array,
    places: Array,
    pictures: Array,
    values: Array,
    weights: Array,
    factor: float,
    result: Array,
    chosen: Array,
) -> None:
    """Choose sources for pixels (i, wave - 3 i) with i in ``rows[start:stop]``.

    Parameters
    ----------
    offsets
        Shape (12, 2): what is synthesized before a pixel, in its 5 x 5 neighborhood.
    target
        Shape (M * N, S): features of the target that are known before.
    source_static, source_causal
        Shapes (P, S) and (P, 12 * C): features of the sources, in the order of `offsets`.
    candidates, keys
        Shapes (Q,): sources compared with, sorted by ``keys = source_static[candidates, 0]``.
    places
        Shape (P, 3): picture, row and column of each source.
    pictures
        Shape (R, 3): first source, rows and columns of each picture.
    values
        Shape (P, C): what is copied.
    weights
        Shape (12,): of each offset's values within a feature.
    factor
        A coherent source is taken unless another is nearer by this factor, at least 1.
    result, chosen
        Shapes (M, N, C) and (M, N), written; `chosen` holds -1 where nothing is yet.
    """
    height, width, channels = result.shape
    causal = np.empty(len(offsets) * channels, np.float32)
    for index in range(start, stop):
        row = rows[index]
        column = wave - 3 * row
        query = row * width + column
        for step in range(len(offsets)):
            other_row, other = row + offsets[step, 0], column + offsets[step, 1]
            inside = 0 <= other_row < height and 0 <= other < width
            for channel in range(channels):
                value = result[other_row, other, channel] if inside else np.float32(0)
                causal[step * channels + channel] = value * weights[step]
        nearest: Any = np.float32(np.inf)
        coherent = -1
        for step in range(len(offsets)):
            other_row, other = row + offsets[step, 0], column + offsets[step, 1]
            if not (0 <= other_row < height and 0 <= other < width):
                continue
            neighbor = chosen[other_row, other]
            picture = places[neighbor, 0]
            down = places[neighbor, 1] - offsets[step, 0]
            across = places[neighbor, 2] - offsets[step, 1]
            if not (0 <= down < pictures[picture, 1] and 0 <= across < pictures[picture, 2]):
                continue
            source = pictures[picture, 0] + down * pictures[picture, 2] + across
            distance = _distance(
                target, query, causal, source_static, source_causal, source, nearest
            )
            if distance < nearest:
                nearest, coherent = distance, source
        # only what is nearer by the factor can win, so the search may begin with that bound
        bound = nearest / np.float32(factor)
        found, _ = _search(
            target, query, causal, source_static, source_causal, candidates, keys, bound
        )
        if found < 0:
            found = coherent
        chosen[row, column] = found
        for channel in range(channels):
            result[row, column, channel] = values[found, channel]


def warm_kernels() -> None:
    """Compile for the types in use."""
    features, values = np.zeros((1, 1), np.float32), np.zeros((1, 2), np.float32)
    match_wavefront(
        0,
        1,
        np.zeros(1, np.int64),
        0,
        np.array([[0, -1]], np.int64),
        features,
        features,
        values,
        np.zeros(1, np.int64),
        np.zeros(1, np.float32),
        np.zeros((1, 3), np.int64),
        np.array([[0, 1, 1]], np.int64),
        values,
        np.ones(1, np.float32),
        1.0,
        np.zeros((1, 1, 2), np.float32),
        np.full((1, 1), -1, np.int64),
    )
