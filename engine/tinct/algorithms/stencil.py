"""Affinity planes of the colorization system: one weight per pixel and neighbor, rows sum to 1.

Plane `k` of an affinity array holds, for every pixel r, the weight of the neighbor
``r + OFFSETS[k]``. Neighbors outside the picture or the domain have weight 0.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Literal

import numpy as np
from numba import njit, types
from numba.extending import overload
from numpy.typing import NDArray

from tinct.algorithms.blocks import run_blocks
from tinct.algorithms.compiled import FAST
from tinct.algorithms.halves import Halves, dithered

__all__ = [
    "Affinity",
    "affinity_planes",
    "collapse_window",
    "cut_links",
    "packed_affinities",
    "window_offsets",
]

FloatArray = NDArray[np.float32]
Affinity = Literal["gaussian", "correlation"]

# Constants of the code released with Levin, Lischinski, Weiss 2004 (DOI 10.1145/1015706.1015780):
# variance scale, and the floors of the exponent's denominator. They expect luminance in [0, 1].
_VARIANCE_SCALE = np.float32(0.6)
_SIMILARITY_FLOOR = np.float32(-1.0 / math.log(0.01))
_DENOMINATOR_FLOOR = np.float32(2e-6)
# Below this variance a window is flat and correlation has no meaning; weights are uniform there.
_FLAT_VARIANCE = np.float32(1e-9)

_LOG2_E = np.float32(1.4426950408889634)
_EXP2 = tuple(np.float32(math.log(2.0) ** k / math.factorial(k)) for k in range(8))


def window_offsets(window: int) -> tuple[tuple[int, int], ...]:
    """Return the (row, column) offsets of a `window` x `window` neighborhood without its center."""
    radius = window // 2
    reach = range(-radius, radius + 1)
    return tuple((di, dj) for di in reach for dj in reach if (di, dj) != (0, 0))


@njit(nogil=True, cache=True, error_model="numpy")
def _pack_row(i: int, row: Any, out: Any) -> None:
    for j in range(out.size):
        out[j] = dithered(row[j], i, j)


def _store(i: int, row: Any, planes: Any) -> None:
    """Write row i of all planes, packed when those are; compiled code only."""
    raise NotImplementedError


@overload(_store)
def _store_row(i: int, row: Any, planes: Any) -> Callable[..., None]:
    def packed(i: int, row: Any, planes: Any) -> None:
        for k in range(planes.shape[0]):
            _pack_row(i, row[k], planes[k, i])

    def copied(i: int, row: Any, planes: Any) -> None:
        planes[:, i] = row

    return packed if isinstance(planes.dtype, types.Integer) else copied


@njit(inline="always")
def _exp(x: Any) -> Any:
    """Return exp(x) for x in [-87, 0], to 2 ulp; unlike libm's it lets the loop be vectorized."""
    y = max(x, np.float32(-87.0)) * _LOG2_E
    n = np.floor(y + np.float32(0.5))
    f = y - n
    p = _EXP2[7]
    p = p * f + _EXP2[6]
    p = p * f + _EXP2[5]
    p = p * f + _EXP2[4]
    p = p * f + _EXP2[3]
    p = p * f + _EXP2[2]
    p = p * f + _EXP2[1]
    p = p * f + _EXP2[0]
    scale = np.int32((np.int32(n) + np.int32(127)) << np.int32(23)).view(np.float32)
    return p * scale


@njit(nogil=True, cache=True, error_model="numpy", fastmath=FAST)
def _note_neighbor(center: Any, other: Any, there: Any, out: Any) -> None:
    """Add a neighbor of each pixel in a row to what `_window_statistics` writes."""
    for j in range(center.size):
        d = (other[j] - center[j]) * there[j]
        out[0, j] += there[j]
        out[1, j] += d
        out[2, j] += d * d
        step = d * d if there[j] > np.float32(0.0) else np.float32(1e30)
        out[3, j] = min(out[3, j], step)


@njit(nogil=True, cache=True, error_model="numpy", fastmath=FAST)
def _window_statistics(padded: Any, inside: Any, offsets: Any, i: int, pad: int, out: Any) -> None:
    """Write count, mean and mean square of Y(s) - Y(r), and the smallest squared step, of row i.

    The center is part of count, mean and mean square, not of the smallest step. Moments are
    taken around the center value: in float32 the plain formula moves weights by 0.006.
    """
    n = out.shape[1]
    out[0], out[1:3], out[3] = 1.0, 0.0, np.float32(1e30)
    center = padded[i + pad, pad : pad + n]
    for k in range(offsets.shape[0]):
        a, b = i + pad + offsets[k, 0], pad + offsets[k, 1]
        _note_neighbor(center, padded[a, b : b + n], inside[a, b : b + n], out)
    for j in range(n):
        count = np.float32(1.0) / out[0, j]
        out[1, j] *= count
        out[2, j] *= count


@njit(nogil=True, cache=True, error_model="numpy", fastmath=FAST)
def _weigh_neighbor(
    center: Any, other: Any, there: Any, scale: Any, cuts: Any, cut: Any, row: Any, total: Any
) -> None:
    """Write the weights of a neighbor of each pixel in a row, and add them to `total`."""
    for j in range(row.size):
        d = other[j] - center[j]
        w = _exp(d * d * scale[j]) * there[j] * (cut[j] * cuts[j])
        row[j] = w
        total[j] += w


@njit(nogil=True, cache=True, error_model="numpy", fastmath=FAST)
def _scale_row(row: Any, factor: Any) -> None:
    for j in range(row.size):
        row[j] *= factor[j]


@njit(nogil=True, cache=True, error_model="numpy", fastmath=FAST)
def _gaussian_rows(
    start: int, stop: int, padded: Any, inside: Any, cuts: Any, offsets: Any, planes: Any
) -> None:
    """Fill rows start..stop of the released code's affinities."""
    row = np.empty((planes.shape[0], planes.shape[2]), np.float32)
    pad = (padded.shape[0] - planes.shape[1]) // 2
    n = planes.shape[2]
    stats, total, scale = (
        np.empty((4, n), np.float32),
        np.empty(n, np.float32),
        np.empty(n, np.float32),
    )
    for i in range(start, stop):
        _window_statistics(padded, inside, offsets, i, pad, stats)
        for j in range(n):
            variance = stats[2, j] - stats[1, j] * stats[1, j]
            c = max(_VARIANCE_SCALE * variance, _SIMILARITY_FLOOR * stats[3, j])
            scale[j] = np.float32(-1.0) / max(c, _DENOMINATOR_FLOOR)
            total[j] = 0.0
        own = slice(pad, pad + n)
        center, cut = padded[i + pad, own], cuts[i + pad, own]
        for k in range(offsets.shape[0]):
            a, b = i + pad + offsets[k, 0], pad + offsets[k, 1]
            other, there = padded[a, b : b + n], inside[a, b : b + n]
            _weigh_neighbor(center, other, there, scale, cuts[a, b : b + n], cut, row[k], total)
        here = inside[i + pad, own]
        for j in range(n):
            total[j] = here[j] / total[j] if total[j] > np.float32(0.0) else np.float32(0.0)
        for k in range(offsets.shape[0]):
            _scale_row(row[k], total)
        _store(i, row, planes)


@njit(nogil=True, cache=True, error_model="numpy")
def _correlation_rows(
    start: int, stop: int, padded: Any, inside: Any, cuts: Any, offsets: Any, planes: Any
) -> None:
    """Fill rows start..stop of w = 1 + (Y(r) - mean)(Y(s) - mean) / variance, normalized.

    The window's mean and variance leave the center out, so that sum w Y(s) = Y(r) holds exactly
    as long as no weight is negative. Where one would be, the slope is reduced until it is 0: a
    pixel darker or lighter than all around it cannot be their average, and with negative weights
    photographs have solutions far outside the range of their hints.
    """
    pad = (padded.shape[0] - planes.shape[1]) // 2
    n = planes.shape[2]
    row = np.empty((planes.shape[0], n), np.float32)
    for i in range(start, stop):
        for j in range(n):
            center = np.float64(padded[i + pad, j + pad])
            total, first, second = 0.0, 0.0, 0.0
            for k in range(offsets.shape[0]):
                a = i + pad + offsets[k, 0]
                b = j + pad + offsets[k, 1]
                weight = np.float64(inside[a, b]) * cuts[a, b] * cuts[i + pad, j + pad]
                d = padded[a, b] - center
                total += weight
                first += weight * d
                second += weight * d * d
            if total <= 0.0 or inside[i + pad, j + pad] == 0.0:
                for k in range(offsets.shape[0]):
                    row[k, j] = 0.0
                continue
            mean = first / total
            variance = second / total - mean * mean
            flat = variance <= _FLAT_VARIANCE
            gain = 0.0 if flat else -mean / variance
            lowest = 0.0
            for k in range(offsets.shape[0]):
                a = i + pad + offsets[k, 0]
                b = j + pad + offsets[k, 1]
                if inside[a, b] > 0.0:
                    lowest = min(lowest, gain * (padded[a, b] - center - mean))
            if lowest < -1.0:
                gain /= -lowest
            for k in range(offsets.shape[0]):
                a = i + pad + offsets[k, 0]
                b = j + pad + offsets[k, 1]
                weight = np.float64(inside[a, b]) * cuts[a, b] * cuts[i + pad, j + pad]
                slope = gain * (padded[a, b] - center - mean)
                row[k, j] = max(weight * (1.0 + slope) / total, 0.0)
        _store(i, row, planes)


def affinity_planes(
    luminance: FloatArray,
    *,
    domain: NDArray[np.bool_] | None = None,
    window: int = 3,
    affinity: Affinity = "gaussian",
    cuts: FloatArray | None = None,
) -> FloatArray:
    """Return the weights of every pixel's neighbors, row-normalized.

    Parameters
    ----------
    luminance : ndarray of shape (M, N), float32
        Y in [0, 1].
    domain : ndarray of shape (M, N), bool, optional
        Pixels that take part; the others get no link in either direction.
    window : int
        Side of the neighborhood, 3 or 5.
    affinity : str
        "gaussian": the code released with the paper; "correlation": the paper's second formula.
    cuts : ndarray of shape (M, N), float32, optional
        Factor in (0, 1] on every link that begins or ends at the pixel; 1 leaves it alone.

    Returns
    -------
    ndarray of shape (window * window - 1, M, N), float32
        Weight of the neighbor at ``window_offsets(window)[k]``; rows sum to 1, or to 0 where a
        pixel has no neighbor.

    References
    ----------
    Levin, Lischinski, Weiss 2004, DOI 10.1145/1015706.1015780, and the code released with it.
    """
    planes = np.empty((window * window - 1, *luminance.shape), np.float32)
    _fill(planes, luminance, domain, window, affinity, cuts)
    return planes


def packed_affinities(
    luminance: FloatArray,
    *,
    domain: NDArray[np.bool_] | None = None,
    window: int = 3,
    affinity: Affinity = "gaussian",
    cuts: FloatArray | None = None,
) -> Halves:
    """Return what `affinity_planes` does, packed by `halves.dithered`."""
    planes = np.empty((window * window - 1, *luminance.shape), np.uint16)
    _fill(planes, luminance, domain, window, affinity, cuts)
    return planes


def _fill(
    planes: NDArray[Any],
    luminance: FloatArray,
    domain: NDArray[np.bool_] | None,
    window: int,
    affinity: Affinity,
    cuts: FloatArray | None,
) -> None:
    radius = window // 2
    padded = np.pad(luminance.astype(np.float32, copy=False), radius, mode="edge")
    inside = np.zeros_like(padded)
    inside[radius:-radius, radius:-radius] = 1.0 if domain is None else domain
    if cuts is None:
        factor = np.ones_like(padded)
    else:
        factor = np.pad(cuts.astype(np.float32), radius, mode="edge")
    offsets = np.array(window_offsets(window), np.int64)
    kernel = _gaussian_rows if affinity == "gaussian" else _correlation_rows
    rows, pixels = len(luminance), luminance.size
    run_blocks(kernel, rows, padded, inside, factor, offsets, planes, pixels=pixels)


def collapse_window(planes: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Approximate 5x5 affinities by 3x3 ones that spread smooth chroma as fast.

    Parameters
    ----------
    planes : ndarray of shape (24, M, N), float32

    Returns
    -------
    near : ndarray of shape (8, M, N), float32
        A link of length d becomes links to the next pixels on its way, d * d times as strong;
        rows sum to 1.
    gain : ndarray of shape (M, N), float32
        Row sums before they were made 1: smooth chroma differs from its 5x5 mean by `gain` times
        what it differs from its 3x3 mean.
    """
    shape = planes.shape[1:]
    near = np.zeros((8, *shape), np.float32)
    place = {offset: k for k, offset in enumerate(window_offsets(3))}
    for k, (di, dj) in enumerate(window_offsets(5)):
        straight = (
            int(np.sign(di)) if abs(di) > 1 or abs(dj) < 2 else 0,
            int(np.sign(dj)) if abs(dj) > 1 or abs(di) < 2 else 0,
        )
        slanted = int(np.sign(di)), int(np.sign(dj))
        for step in (straight, slanted):
            length = (di * di + dj * dj) / (step[0] ** 2 + step[1] ** 2)
            near[place[step]] += planes[k] * np.float32(0.5 * length)
    # A way may lead over a pixel outside the picture or the domain only at its very border.
    for k, (di, dj) in enumerate(window_offsets(3)):
        border = np.ones(shape, bool)
        border[max(0, -di) : shape[0] - max(0, di), max(0, -dj) : shape[1] - max(0, dj)] = False
        near[k][border] = 0.0
    gain = near.sum(axis=0)
    near /= np.where(gain > 0.0, gain, np.float32(1.0))
    return near, gain


def cut_links(barriers: NDArray[np.generic], strength: float = 1e-4) -> FloatArray:
    """Return link factors for `barriers`: a boolean edge mask, or factors in [0, 1] as they are."""
    if barriers.dtype == np.bool_:
        return np.where(barriers, np.float32(strength), np.float32(1.0))
    return np.clip(barriers.astype(np.float32), np.float32(strength), np.float32(1.0))
