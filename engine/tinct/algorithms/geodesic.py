"""Geodesic chrominance blending: a color preview in linear time (Yatziv, Sapiro 2006)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from tinct.algorithms.blocks import run_blocks
from tinct.algorithms.compiled import LEAN
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
_NOWHERE = np.float32(np.inf)
_SWEEPS = 4
_COLOR_STEP = 1.0 / 64.0
_MAX_PIXELS = 110_000
# Upsampling halves the weight of a coarse pixel whose luminance differs by 1 / 32.
_TONE = np.float32(32.0)


@njit(inline="always")
def _offer(near: Any, d: Any, label: Any) -> Any:
    """Insert a stroke color into a pixel's three nearest ones, each of which is there once."""
    d0, d1, d2, first, second, third = near
    if label == first:
        d0 = min(d, d0)
    elif d < d0:
        if label != second:
            d2, third = d1, second
        d0, d1, first, second = d, d0, label, first
    elif label == second:
        d1 = min(d, d1)
    elif d < d1:
        d1, d2, second, third = d, d1, label, second
    elif d < d2:
        d2, third = d, label
    return d0, d1, d2, first, second, third


@njit(inline="always")
def _offer_all(near: Any, cost: Any, distances: Any, labels: Any) -> Any:
    """Offer a pixel what a neighbor at `cost` has."""
    for q in range(_NEAREST):
        d = distances[q] + cost
        if d >= near[2]:
            break
        near = _offer(near, d, labels[q])
    return near


@njit(**LEAN)
def _sweep_row(
    above: Any,
    here: Any,
    distances_above: Any,
    distances: Any,
    labels_above: Any,
    labels: Any,
) -> None:
    """Pass distances on to a row from the row above and from the left."""
    straight, oblique = _STEP, _STEP * np.float32(1.4142135)
    for j in range(1, here.size - 1):
        tone = here[j]
        if tone == _NOWHERE:
            continue
        own, own_labels = distances[j], labels[j]
        near = own[0], own[1], own[2], own_labels[0], own_labels[1], own_labels[2]
        cost = abs(tone - above[j - 1]) + oblique
        near = _offer_all(near, cost, distances_above[j - 1], labels_above[j - 1])
        cost = abs(tone - above[j]) + straight
        near = _offer_all(near, cost, distances_above[j], labels_above[j])
        cost = abs(tone - above[j + 1]) + oblique
        near = _offer_all(near, cost, distances_above[j + 1], labels_above[j + 1])
        cost = abs(tone - here[j - 1]) + straight
        near = _offer_all(near, cost, distances[j - 1], labels[j - 1])
        own[0], own[1], own[2] = near[0], near[1], near[2]
        own_labels[0], own_labels[1], own_labels[2] = near[3], near[4], near[5]


@njit(nogil=True, cache=True, error_model="numpy")
def _sweep(tones: Any, distances: Any, labels: Any) -> None:
    """Pass distances on in raster order, from the four neighbors already seen.

    All arrays are framed; `tones` is `_NOWHERE` on the frame and where nothing leads through.
    """
    for i in range(1, tones.shape[0] - 1):
        _sweep_row(tones[i - 1], tones[i], distances[i - 1], distances[i], labels[i - 1], labels[i])


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


def _nearest(
    luminance: FloatArray,
    inside: NDArray[np.bool_],
    hinted: NDArray[np.bool_],
    index: NDArray[np.int32],
    progress: Progress,
) -> tuple[FloatArray, NDArray[np.int32]]:
    """Return distance and index of each pixel's nearest colors, (M, N, 3); index -1 is none."""
    inner = slice(1, -1), slice(1, -1)
    tones = np.full((luminance.shape[0] + 2, luminance.shape[1] + 2), _NOWHERE, np.float32)
    tones[inner][inside] = luminance[inside]
    distances = np.full((*tones.shape, _NEAREST), _FAR, np.float32)
    labels = np.full(distances.shape, -1, np.int32)
    distances[inner][hinted, 0] = 0.0
    labels[inner][hinted, 0] = index
    for sweep in range(_SWEEPS):
        progress(0.1 + 0.15 * sweep, "Preview")
        # every second one backwards, from the last pixel to the first
        way = (slice(None, None, -1),) * 2 if sweep % 2 else (slice(None),) * 2
        _sweep(tones[way], distances[way], labels[way])
    return distances[inner], labels[inner]


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
    small = np.ascontiguousarray(np.divide(sums[..., 1], np.maximum(covered, 1.0)))
    colors, index = _palette(sums[hinted][:, 3:] / sums[hinted][:, 2:3])
    distances, labels = _nearest(small, covered > 0.0, hinted, index, progress)
    coarse = np.zeros((*small.shape, 2), np.float32)
    _blend(distances, labels, colors, coarse)
    progress(0.7, "Preview")
    hard = hints.hard & inside
    blend = (coarse, small, luminance, np.ascontiguousarray(covered > 0.0), inside, step, out)
    run_blocks(_upsample_rows, m, *blend, pixels=m * n)
    out[hard] = hints.chroma[hard]
    return out
