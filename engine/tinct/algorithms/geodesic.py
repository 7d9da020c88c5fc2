"""Geodesic chrominance blending: a color preview in linear time (Yatziv, Sapiro 2006)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from tinct.algorithms.blocks import run_blocks
from tinct.algorithms.hints import Hints
from tinct.context import Progress, no_progress
from tinct.errors import InputError

__all__ = ["blend_geodesic"]

FloatArray = NDArray[np.float32]

# Weights fall as distance^-4; the paper allows 1 to 6.
_FALLOFF = 4
# Distance of one step on flat ground, in luminance: it breaks ties and keeps colors near.
_STEP = np.float32(1e-3)
_NEAREST = 3
_FAR = np.float32(1e9)
_SWEEPS = 4
_COLOR_STEP = 1.0 / 64.0
_MAX_PIXELS = 110_000
# Upsampling halves the weight of a coarse pixel whose luminance differs by 1 / 32.
_TONE = np.float32(32.0)


@njit(nogil=True, cache=True, error_model="numpy", fastmath={"contract", "nsz"})
def _offer(distances: Any, labels: Any, i: int, j: int, d: float, label: int) -> None:
    """Insert a stroke color into a pixel's list of nearest ones, sorted by distance."""
    last = distances.shape[2] - 1
    for k in range(last + 1):
        if labels[i, j, k] == label:
            if d >= distances[i, j, k]:
                return
            last = k
            break
    else:
        if d >= distances[i, j, last]:
            return
    while last > 0 and distances[i, j, last - 1] > d:
        distances[i, j, last] = distances[i, j, last - 1]
        labels[i, j, last] = labels[i, j, last - 1]
        last -= 1
    distances[i, j, last] = d
    labels[i, j, last] = label


@njit(nogil=True, cache=True, error_model="numpy", fastmath={"contract", "nsz"})
def _sweep(luminance: Any, inside: Any, distances: Any, labels: Any, forward: bool) -> None:
    """Pass distances on in raster order (or back), from the four neighbors already seen."""
    m, n = luminance.shape
    sign = 1 if forward else -1
    for row in range(m):
        i = row if forward else m - 1 - row
        for column in range(n):
            j = column if forward else n - 1 - column
            if not inside[i, j]:
                continue
            for k in range(4):
                a = i - sign if k < 3 else i
                b = j + k - 1 if k < 3 else j - sign
                if a < 0 or a >= m or b < 0 or b >= n or not inside[a, b]:
                    continue
                length = np.float32(1.4142135) if k == 0 or k == 2 else np.float32(1.0)
                cost = abs(luminance[i, j] - luminance[a, b]) + _STEP * length
                for q in range(distances.shape[2]):
                    d = distances[a, b, q] + cost
                    if d >= distances[i, j, distances.shape[2] - 1]:
                        break
                    _offer(distances, labels, i, j, d, labels[a, b, q])


@njit(nogil=True, cache=True, error_model="numpy")
def _blend(distances: Any, labels: Any, colors: Any, out: Any) -> None:
    """Average the nearest colors with weights distance^-4."""
    m, n, count = distances.shape
    for i in range(m):
        for j in range(n):
            total, first, second = 0.0, 0.0, 0.0
            nearest = max(distances[i, j, 0], np.float32(1e-12))
            for k in range(count):
                if labels[i, j, k] < 0:
                    break
                # Relative to the nearest, so that nothing overflows.
                ratio = nearest / max(distances[i, j, k], np.float32(1e-12))
                weight = ratio**_FALLOFF
                total += weight
                first += weight * colors[labels[i, j, k], 0]
                second += weight * colors[labels[i, j, k], 1]
            out[i, j, 0] = first / total if total > 0.0 else 0.0
            out[i, j, 1] = second / total if total > 0.0 else 0.0


@njit(nogil=True, cache=True, error_model="numpy", fastmath={"contract", "nsz"})
def _upsample_rows(
    start: int,
    stop: int,
    coarse: Any,
    small: Any,
    large: Any,
    covered: Any,
    inside: Any,
    step: int,
    out: Any,
) -> None:
    """Give each pixel the blend of the four coarse ones around it, those of its own tone first."""
    n = large.shape[1]
    mc, nc = small.shape
    one = np.float32(1.0)
    for i in range(start, stop):
        y = (np.float32(i) + np.float32(0.5)) / np.float32(step) + np.float32(0.5)
        a = np.int64(y) - 1
        fy = y - np.float32(a + 1)
        top, bottom = max(a, 0), min(a + 1, mc - 1)
        for j in range(n):
            if not inside[i, j]:
                continue
            x = (np.float32(j) + np.float32(0.5)) / np.float32(step) + np.float32(0.5)
            b = np.int64(x) - 1
            fx = x - np.float32(b + 1)
            left, right = max(b, 0), min(b + 1, nc - 1)
            total, first, second = np.float32(0.0), np.float32(0.0), np.float32(0.0)
            for k in range(4):
                p, q = bottom if k >= 2 else top, right if k & 1 else left
                if not covered[p, q]:
                    continue
                w = (fy if k >= 2 else one - fy) * (fx if k & 1 else one - fx)
                d = (small[p, q] - large[i, j]) * _TONE
                w = (w + np.float32(1e-4)) / (one + d * d * d * d)
                total += w
                first += w * coarse[p, q, 0]
                second += w * coarse[p, q, 1]
            if total > np.float32(0.0):
                out[i, j, 0] = first / total
                out[i, j, 1] = second / total


@njit(nogil=True, cache=True, error_model="numpy", fastmath={"contract", "nsz"})
def _shrink_rows(
    start: int,
    stop: int,
    luminance: Any,
    inside: Any,
    confidence: Any,
    chroma: Any,
    step: int,
    sums: Any,
) -> None:
    """Sum up blocks of step x step pixels: covered, luminance, hinted, and the hints' chroma."""
    m, n = luminance.shape
    for i in range(start * step, min(m, stop * step)):
        for j in range(n):
            if not inside[i, j]:
                continue
            block = sums[i // step, j // step]
            block[0] += np.float32(1.0)
            block[1] += luminance[i, j]
            if confidence[i, j] > 0.0:
                block[2] += np.float32(1.0)
                block[3] += chroma[i, j, 0]
                block[4] += chroma[i, j, 1]


def _palette(chroma: FloatArray) -> tuple[FloatArray, NDArray[np.int32]]:
    """Return the distinct colors of hints, (K, 2), and each hint's index among them."""
    cells = np.round(chroma / _COLOR_STEP).astype(np.int64)
    _, index = np.unique(cells[:, 0] * 65_536 + cells[:, 1], return_inverse=True)
    count = np.bincount(index)
    sums = [np.bincount(index, chroma[:, c]) / count for c in range(2)]
    return np.stack(sums, axis=1).astype(np.float32), index.astype(np.int32)


def blend_geodesic(
    luminance: FloatArray,
    hints: Hints,
    *,
    domain: NDArray[np.bool_] | None = None,
    progress: Progress = no_progress,
) -> FloatArray:
    """Blend each pixel's nearest hint colors by geodesic distance: approximate, but at once.

    Distance is luminance climbed along the way. It is measured on a picture of at most 0.11
    megapixels and carried to full size along equal luminance.

    Parameters
    ----------
    luminance : ndarray of shape (M, N), float32
        Y in [0, 1].
    hints
        Hints with any confidence above 0 count alike.
    domain : ndarray of shape (M, N), bool, optional
        Where color may go; distances do not lead through other pixels, which get chroma 0.

    Returns
    -------
    ndarray of shape (M, N, 2), float32
        Chroma, within the range of the hints; hard hints exactly, 0 where no hint reaches.

    References
    ----------
    Yatziv, Sapiro 2006, DOI 10.1109/TIP.2005.864231.
    """
    if hints.shape != luminance.shape:
        raise InputError(
            f"The hints have shape {hints.shape}, the picture {luminance.shape}; both must agree."
        )
    inside = np.ones(luminance.shape, bool) if domain is None else domain.astype(bool)
    m, n = luminance.shape
    step = max(1, math.ceil(math.sqrt(m * n / _MAX_PIXELS)))
    progress(0.0, "Preview")
    sums = np.zeros((-(-m // step), -(-n // step), 5), np.float32)
    picture = (luminance, inside, hints.confidence, hints.chroma, step, sums)
    run_blocks(_shrink_rows, len(sums), *picture, pixels=m * n)
    covered, hinted = sums[..., 0], sums[..., 2] > 0.0
    out = np.zeros((m, n, 2), np.float32)
    if not hinted.any():
        return out
    small = np.ascontiguousarray(sums[..., 1] / np.maximum(covered, 1.0))
    colors, index = _palette(sums[hinted][:, 3:] / sums[hinted][:, 2:3])
    distances = np.full((*small.shape, _NEAREST), _FAR, np.float32)
    labels = np.full(distances.shape, -1, np.int32)
    distances[hinted, 0] = 0.0
    labels[hinted, 0] = index
    for sweep in range(_SWEEPS):
        progress(0.1 + 0.15 * sweep, "Preview")
        _sweep(small, covered > 0.0, distances, labels, sweep % 2 == 0)
    coarse = np.zeros((*small.shape, 2), np.float32)
    _blend(distances, labels, colors, coarse)
    progress(0.7, "Preview")
    hard = hints.hard & inside
    blend = (coarse, small, luminance, np.ascontiguousarray(covered > 0.0), inside, step, out)
    run_blocks(_upsample_rows, m, *blend, pixels=m * n)
    out[hard] = hints.chroma[hard]
    return out
