"""Work once per distinct color: pictures of 8 bits have far fewer colors than pixels."""

from __future__ import annotations

import dataclasses
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

__all__ = ["Distinct", "distinct_colors", "warm_kernels"]

Array = NDArray[Any]
SORTED_BELOW = 1 << 16  # fewer pixels are sorted; more are counted in a table of all colors


@dataclasses.dataclass(frozen=True)
class Distinct:
    """The distinct colors of a picture.

    Parameters
    ----------
    colors
        Shape (U, 3), float64, sRGB-encoded.
    counts
        Shape (U,), float64, the weight of each.
    index
        Shape (M, N), int32: which color a pixel has; -1 where it has none.
    """

    colors: Array
    counts: Array
    index: Array

    def spread(self, values: Array, fill: float = 0.0) -> Array:
        """Return a value per color as one per pixel, shape (M, N, ...), float32."""
        table = np.concatenate([values, np.full_like(values[:1], fill)]).astype(np.float32)
        return np.asarray(table[self.index])


def distinct_colors(image: Array, weight: Array | None = None) -> Distinct:
    """Return the distinct colors of the visible pixels.

    Parameters
    ----------
    image
        Shape (M, N, 4), sRGB-encoded with alpha; fully transparent pixels have no color. Values
        of 8 bits are told apart exactly; of finer ones every pixel is a color of its own.
    weight
        What pixels count, shape (M, N); all the same when None. Pixels that count nothing still
        have a color.
    """
    rows, columns = image.shape[:2]
    visible = np.ascontiguousarray(image[..., 3] > 0)
    keys = np.empty((rows, columns), np.int32)
    coarse = _pack(np.ascontiguousarray(image), visible, keys)
    shown = visible.ravel()
    amounts = np.ones(rows * columns) if weight is None else weight.ravel().astype(np.float64)
    index = np.full(rows * columns, -1, np.int32)
    if not coarse:
        places = np.flatnonzero(shown)
        index[places] = np.arange(places.size, dtype=np.int32)
        colors = image.reshape(-1, 4)[places, :3].astype(np.float64)
        return Distinct(colors, amounts[places], index.reshape(rows, columns))
    unique: Array
    inverse: Array
    if shown.size < SORTED_BELOW:
        unique, inverse = np.unique(keys.ravel()[shown], return_inverse=True)
    else:
        table = np.zeros(1 << 24, np.int32)
        unique = _number(keys.ravel(), table)
        inverse = table[keys.ravel()[shown]]
    index[shown] = inverse
    counts = np.bincount(inverse, amounts[shown], minlength=unique.size)
    colors = np.stack([unique >> 16, unique >> 8 & 0xFF, unique & 0xFF], axis=1) / 0xFF
    return Distinct(colors, counts, index.reshape(rows, columns))


@numba.njit(cache=True, nogil=True, error_model="numpy")
def _pack(image: Array, visible: Array, keys: Array) -> bool:
    """Write colors as 24-bit numbers, -1 where hidden; False when they do not fit into 8 bits."""
    for row in range(image.shape[0]):
        for column in range(image.shape[1]):
            if not visible[row, column]:
                keys[row, column] = -1
                continue
            key = 0
            for channel in range(3):
                number = image[row, column, channel] * np.float32(255)
                level = int(np.rint(number))
                if level < 0 or level > 255 or abs(number - level) > 1e-3:
                    return False
                key = key << 8 | level
            keys[row, column] = key
    return True


@numba.njit(cache=True, nogil=True, error_model="numpy")
def _number(keys: Array, table: Array) -> Array:
    """Number the keys that occur in rising order; return them, with their numbers in `table`."""
    for key in keys:
        if key >= 0:
            table[key] = 1
    count = 0
    for key in range(table.size):
        if table[key]:
            count += 1
    unique = np.empty(count, np.int32)
    count = 0
    for key in range(table.size):
        if table[key]:
            unique[count] = key
            table[key] = count
            count += 1
    return unique


def warm_kernels() -> None:
    """Compile for the types in use."""
    distinct_colors(np.ones((1, 1, 4), np.float32))
    _number(np.zeros(1, np.int32), np.zeros(2, np.int32))
