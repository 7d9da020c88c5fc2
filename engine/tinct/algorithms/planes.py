"""Chroma as callers hold it, (M, N, 2), to and from planes framed by zeros, as kernels want it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from tinct.algorithms.blocks import run_blocks

__all__ = ["join_planes", "take_free"]

FloatArray = NDArray[np.float32]


@njit(nogil=True, cache=True, error_model="numpy")
def _take_row(keep: Any, chroma: Any, first: Any, second: Any) -> None:
    for j in range(keep.size):
        is_free = keep[j] > np.float32(0.0)
        first[j] = chroma[j, 0] if is_free else first[j]
        second[j] = chroma[j, 1] if is_free else second[j]


@njit(nogil=True, cache=True, error_model="numpy")
def _take_rows(start: int, stop: int, keep: Any, chroma: Any, planes: Any) -> None:
    m, n = keep.shape
    pad = (planes.shape[1] - m) // 2
    for i in range(start, stop):
        rows = planes[:, i + pad, pad : pad + n]
        _take_row(keep[i], chroma[i], rows[0], rows[1])


@njit(nogil=True, cache=True, error_model="numpy")
def _join_row(first: Any, second: Any, low: Any, high: Any, chroma: Any) -> None:
    for j in range(first.size):
        chroma[j, 0] = min(max(np.float32(first[j]), low[0]), high[0])
        chroma[j, 1] = min(max(np.float32(second[j]), low[1]), high[1])


@njit(nogil=True, cache=True, error_model="numpy")
def _join_rows(start: int, stop: int, planes: Any, low: Any, high: Any, chroma: Any) -> None:
    m, n = chroma.shape[:2]
    pad = (planes.shape[1] - m) // 2
    for i in range(start, stop):
        rows = planes[:, i + pad, pad : pad + n]
        _join_row(rows[0], rows[1], low, high, chroma[i])


def take_free(chroma: FloatArray, keep: FloatArray, planes: NDArray[np.floating[Any]]) -> None:
    """Write chroma, (M, N, 2), into planes, framed, where `keep` is not 0."""
    run_blocks(_take_rows, len(keep), keep, chroma, planes, pixels=keep.size)


def join_planes(
    planes: NDArray[np.floating[Any]], pad: int, low: FloatArray, high: FloatArray
) -> FloatArray:
    """Return planes without their frame as chroma, (M, N, 2), each channel within its bounds."""
    shape = planes.shape[1] - 2 * pad, planes.shape[2] - 2 * pad
    chroma = np.empty((*shape, 2), np.float32)
    run_blocks(_join_rows, shape[0], planes, low, high, chroma, pixels=shape[0] * shape[1])
    return chroma
