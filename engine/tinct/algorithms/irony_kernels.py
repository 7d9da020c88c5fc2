"""Compiled loops of `tinct.algorithms.irony`."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

__all__ = ["vote_colors", "warm_kernels"]

Array = NDArray[Any]


@numba.njit(cache=True, nogil=True)
def vote_colors(
    start: int,
    stop: int,
    winners: Array,
    labels: Array,
    weights: Array,
    matches: Array,
    sources: Array,
    source_chroma: Array,
    source_labels: Array,
    radius: int,
    chroma: Array,
) -> None:
    """Write the chroma of rows `start` to `stop` that the pixels around vote for.

    Every neighbor q of pixel p with p's winning label votes for the reference pixel that lies to
    its own match as p lies to q; or, where that is outside or of another class, for the match.

    Parameters
    ----------
    winners, labels, weights
        Shape (M, N): the label of each pixel after voting and before, and the weight of its vote.
    matches
        Shape (M, N, 3): picture, row and column of each pixel's match in the references.
    sources
        Shape (R, 3): where each reference begins in `source_chroma`, its rows and columns.
    source_chroma, source_labels
        Shapes (P, 2) and (P,); labels below 0 are not known.
    chroma
        Shape (M, N, 2), written.
    """
    rows, columns = winners.shape
    for row in range(start, stop):
        for column in range(columns):
            total, first, second = 0.0, 0.0, 0.0
            for other_row in range(max(row - radius, 0), min(row + radius + 1, rows)):
                for other in range(max(column - radius, 0), min(column + radius + 1, columns)):
                    if labels[other_row, other] != winners[row, column]:
                        continue
                    source = matches[other_row, other, 0]
                    match_row = matches[other_row, other, 1]
                    match_column = matches[other_row, other, 2]
                    down = match_row + row - other_row
                    across = match_column + column - other
                    begin, width = sources[source, 0], sources[source, 2]
                    pixel = begin + match_row * width + match_column
                    if 0 <= down < sources[source, 1] and 0 <= across < width:
                        beside = begin + down * width + across
                        known = source_labels[beside]
                        if known < 0 or known == winners[row, column]:
                            pixel = beside
                    weight = weights[other_row, other]
                    total += weight
                    first += weight * source_chroma[pixel, 0]
                    second += weight * source_chroma[pixel, 1]
            if total > 0.0:
                chroma[row, column, 0] = first / total
                chroma[row, column, 1] = second / total
            else:
                chroma[row, column, 0] = 0.0
                chroma[row, column, 1] = 0.0


def warm_kernels() -> None:
    """Compile for the types in use."""
    labels = np.zeros((1, 1), np.int32)
    weights, chroma = np.ones((1, 1), np.float32), np.zeros((1, 1, 2), np.float32)
    vote_colors(
        0,
        1,
        labels,
        labels,
        weights,
        np.zeros((1, 1, 3), np.int32),
        np.array([[0, 1, 1]], np.int32),
        chroma[0],
        labels[0],
        1,
        chroma,
    )
