"""Loops of Color2Gray over pairs of colors and over neighboring pixels."""

from __future__ import annotations

import math
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

__all__ = ["TABLE_REACH", "TABLE_SIZE", "add_pairs", "add_pairs_fast", "add_window"]

Array = NDArray[Any]

TABLE_SIZE = 1 << 14
TABLE_REACH = 9.0  # tanh is 1 to seven digits beyond
NEAR_TIE = 1e-4  # closer ones are compared without the table


@numba.njit(cache=True, nogil=True, error_model="numpy", inline="always")
def signed(dl: float, da: float, db: float, direction: Array, alpha: float, table: Array) -> Any:
    """Return delta minus the difference of L: what color adds to the wanted difference."""
    chroma = math.sqrt(da * da + db * db)
    place = min(chroma / alpha * (TABLE_SIZE / TABLE_REACH), float(TABLE_SIZE))
    lower = int(place)
    crunched = table[lower] + (place - lower) * (table[lower + 1] - table[lower])
    if abs(abs(dl) - crunched) < NEAR_TIE:
        crunched = alpha * math.tanh(chroma / alpha)
    if abs(dl) > crunched:
        return 0.0
    along = da * direction[0] + db * direction[1]
    if along > 0:
        return crunched - dl
    if along < 0:
        return -crunched - dl
    return -dl  # neither brighter nor darker, so that exchanging the two changes nothing


@numba.njit(cache=True, nogil=True, error_model="numpy")
def add_pairs(
    start: int,
    stop: int,
    targets: Array,
    sources: Array,
    counts: Array,
    direction: Array,
    alpha: float,
    table: Array,
    change: Array,
) -> None:
    """Write the weighted sums over sources near in L; `sources` is (3, S), sorted by L."""
    lightness = sources[0]
    for target in range(start, stop):
        light = targets[target, 0]
        first = np.searchsorted(lightness, light - alpha)
        last = np.searchsorted(lightness, light + alpha, side="right")
        total = 0.0
        for source in range(first, last):
            total += counts[source] * signed(
                light - lightness[source],
                targets[target, 1] - sources[1, source],
                targets[target, 2] - sources[2, source],
                direction,
                alpha,
                table,
            )
        change[target] = total


@numba.njit(cache=True, nogil=True, error_model="numpy", fastmath=True)
def add_pairs_fast(
    start: int,
    stop: int,
    targets: Array,
    lights: Array,
    reds: Array,
    yellows: Array,
    counts: Array,
    direction: Array,
    alpha: Any,
    change: Array,
) -> None:
    """Write the sums of `add_pairs` in a form that processors do eight at a time."""
    one, zero, reach = np.float32(1), np.float32(0), np.float32(4.97)
    c0, c2, c4 = np.float32(135135), np.float32(17325), np.float32(378)
    d2, d4, d6 = np.float32(62370), np.float32(3150), np.float32(28)
    along_a, along_b = direction[0], direction[1]
    scale = one / alpha
    for target in range(start, stop):
        light = targets[target, 0]
        red = targets[target, 1]
        yellow = targets[target, 2]
        first = np.searchsorted(lights, light - alpha)
        last = np.searchsorted(lights, light + alpha, side="right")
        total = zero
        for source in range(first, last):
            dl = light - lights[source]
            da = red - reds[source]
            db = yellow - yellows[source]
            x = min(np.sqrt(da * da + db * db) * scale, reach)
            square = x * x
            # Lambert's continued fraction of tanh, seven terms: 1e-4 at its worst, at the end
            above = x * (c0 + square * (c2 + square * (c4 + square)))
            below = c0 + square * (d2 + square * (d4 + square * d6))
            crunched = alpha * min(above / below, one)
            along = da * along_a + db * along_b
            signed = crunched if along > zero else -crunched
            signed = zero if along == zero else signed
            total += counts[source] * (zero if abs(dl) > crunched else signed - dl)
        change[target] = total


@numba.njit(cache=True, nogil=True, error_model="numpy")
def add_window(
    start: int,
    stop: int,
    planes: Array,
    visible: Array,
    radius: int,
    direction: Array,
    alpha: float,
    table: Array,
    wanted: Array,
) -> None:
    """Write every pixel's sum over its visible neighbors within `radius`."""
    rows, columns = visible.shape
    for row in range(start, stop):
        for column in range(columns):
            if not visible[row, column]:
                continue
            total = 0.0
            for other_row in range(max(row - radius, 0), min(row + radius + 1, rows)):
                for other in range(max(column - radius, 0), min(column + radius + 1, columns)):
                    dl = planes[0, row, column] - planes[0, other_row, other]
                    if abs(dl) <= alpha and visible[other_row, other]:
                        total += signed(
                            dl,
                            planes[1, row, column] - planes[1, other_row, other],
                            planes[2, row, column] - planes[2, other_row, other],
                            direction,
                            alpha,
                            table,
                        )
            wanted[row, column] = total
