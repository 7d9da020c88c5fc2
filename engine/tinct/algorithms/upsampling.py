"""Chroma of a small picture at the size of a large one, whose luminance tells where colors end.

Joint bilateral upsampling: Kopf, Cohen, Lischinski, Uyttendaele 2007 (DOI 10.1145/1276377.1276497).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinct.algorithms.blocks import run_blocks
from tinct.algorithms.upsampling_kernels import upsample_rows

__all__ = ["box_mean", "upsample", "upsample_blocks"]

FloatArray = NDArray[np.float32]

RANGE_SIGMA = 0.1  # of luma: tones farther apart than this are taken for different things
BLOCK_PIXELS = 1 << 20
BLOCK_ROWS, PARTS = 128, 4  # rows at a time, or those of so many parts


def upsample(small: FloatArray, small_guide: FloatArray | None, guide: FloatArray) -> FloatArray:
    """Enlarge a picture of a few channels; no value leaves the range of its neighbors.

    Parameters
    ----------
    small : ndarray of shape (m, n, C), float32
        What is enlarged. It covers the same field as `guide`.
    small_guide : ndarray of shape (m, n), float32, or None
        The guide as `small` saw it; None enlarges bilinearly.
    guide : ndarray of shape (M, N), float32
        Luma, 0 to 1.

    Returns
    -------
    ndarray of shape (M, N, C), float32
    """
    result = np.empty((*guide.shape, small.shape[2]), np.float32)
    for block, part in upsample_blocks(small, small_guide, guide):
        result[block] = part
    return result


def upsample_blocks(
    small: FloatArray, small_guide: FloatArray | None, guide: FloatArray
) -> Iterator[tuple[slice, FloatArray]]:
    """Yield rows of the large picture and what `upsample` gives there, block by block."""
    rows, columns = guide.shape
    step = max(1, BLOCK_PIXELS // columns)
    reference = np.zeros(small.shape[:2], np.float32) if small_guide is None else small_guide
    inverse = np.float32(0.0 if small_guide is None else 1.0 / RANGE_SIGMA)
    for start in range(0, rows, step):
        block = slice(start, min(start + step, rows))
        part = np.empty((block.stop - start, columns, small.shape[2]), np.float32)
        run_blocks(
            upsample_rows,
            len(part),
            start,
            rows,
            np.ascontiguousarray(small, np.float32),
            np.ascontiguousarray(reference, np.float32),
            np.ascontiguousarray(guide[block], np.float32),
            inverse,
            part,
            pixels=part.size,
        )
        yield block, part


def box_mean(values: NDArray[Any], size: tuple[int, int]) -> FloatArray:
    """Resize a plane, (M, N), by means of areas; (m, n) may be larger on either side."""
    if size[0] * values.shape[1] > size[1] * values.shape[0]:  # what shrinks more comes first
        return np.ascontiguousarray(_mean_rows(_mean_rows(values.T, size[1]).T, size[0]))
    return np.ascontiguousarray(_mean_rows(_mean_rows(values, size[0]).T, size[1]).T)


def _mean_rows(values: NDArray[Any], count: int) -> FloatArray:
    """Return the means of `count` equal parts of the rows; parts may cut pixels."""
    length = len(values)
    result = np.zeros((count, values.shape[1]), np.float32)
    step = max(BLOCK_ROWS, PARTS * length // count)
    for start in range(0, length, step):
        stop = min(start + step, length)
        first, last = start * count // length, -(-stop * count // length)
        edges = np.arange(first, last + 1) * (length / count)
        pixels = np.arange(start, stop)
        ends = np.minimum(edges[1:, np.newaxis], pixels + 1)
        covered = np.maximum(ends - np.maximum(edges[:-1, np.newaxis], pixels), 0.0)
        shares = (covered * (count / length)).astype(np.float32)
        result[first:last] += shares @ np.asarray(values[start:stop], np.float32)
    return result
