"""Windows around what changed in a picture, wider and wider, and whether a change ended within."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

__all__ = ["Box", "change_outside", "windows_around"]

FloatArray = NDArray[np.float32]
Box = tuple[slice, slice]

_MARGIN_PIXELS = 24
_GROWTH = 2
# Beyond this part of the picture a window saves nothing over the whole.
_LARGEST_PART = 0.4


def windows_around(changed: NDArray[np.bool_]) -> Iterator[tuple[Box, Box]]:
    """Yield windows, each with the box of the change itself, until they cost as much as the whole.

    The first window is four times as wide and high as the change.
    """
    m, n = changed.shape
    rows, columns = np.flatnonzero(changed.any(axis=1)), np.flatnonzero(changed.any(axis=0))
    top, bottom = int(rows[0]), int(rows[-1]) + 1
    left, right = int(columns[0]), int(columns[-1]) + 1
    core = slice(top, bottom), slice(left, right)
    margin = max(_MARGIN_PIXELS, 3 * max(bottom - top, right - left) // 2)
    while True:
        box = (
            slice(max(0, top - margin), min(m, bottom + margin)),
            slice(max(0, left - margin), min(n, right + margin)),
        )
        height, width = box[0].stop - box[0].start, box[1].stop - box[1].start
        if height * width > _LARGEST_PART * m * n:
            return
        yield box, core
        margin *= _GROWTH


def change_outside(
    change: FloatArray,
    box: Box,
    shape: tuple[int, int],
    core: Box,
) -> float:
    """Return the largest change in the outer half of the window.

    By the maximum principle the error of the windowed solve is at most what the true change is
    on the window's border; the outer half bounds it as long as it decays outwards. Sides on the
    border of the picture are real borders and count as inside.
    """
    rows, columns = np.ones(change.shape[0], bool), np.ones(change.shape[1], bool)
    for side, edges, size, near, far in (
        (rows, box[0], shape[0], core[0].start, core[0].stop),
        (columns, box[1], shape[1], core[1].start, core[1].stop),
    ):
        if edges.start > 0:
            side[: (near - edges.start) // 2] = False
        if edges.stop < size:
            side[side.size - (edges.stop - far) // 2 :] = False
    outer = ~(rows[:, None] & columns[None, :])
    return float(change[outer].max()) if outer.any() else 0.0
