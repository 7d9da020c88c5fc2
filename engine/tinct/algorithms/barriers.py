"""Adaptive edges that keep color from bleeding (Huang, Tung, Chen, Wang, Wu 2005)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.spatial import cKDTree
from skimage.graph import route_through_array
from skimage.morphology import skeletonize

from tinct.context import Progress, no_progress

__all__ = ["adaptive_barriers"]

FloatArray = NDArray[np.float32]
BoolArray = NDArray[np.bool_]

# Sobel kernels: across columns, across rows, and across both diagonals.
_ACROSS_COLUMNS = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], np.float32)
_ACROSS_ROWS = _ACROSS_COLUMNS.T
_ACROSS_MAIN = np.array([[-2, -1, 0], [-1, 0, 1], [0, 1, 2]], np.float32)
_ACROSS_ANTI = np.array([[0, 1, 2], [-1, 0, 1], [-2, -1, 0]], np.float32)

# Following an edge, the threshold falls by this factor per step, as in the paper.
_DECAY = 0.8
_LOW_TO_HIGH = 0.4
_SEED_SHARE = 0.1
# No edge is fainter than two gray levels of 255 between neighbors (a Sobel sum weighs 8 of them).
_FAINTEST = np.float32(8.0 * 2.0 / 255.0)
_LONGEST_GAP = 6.0
_ROUTE_MARGIN = 4


def _edge_strength(luminance: FloatArray) -> tuple[FloatArray, NDArray[np.int8]]:
    """Return E_sum and the strongest of four edge directions (0 to 3) per pixel."""
    kernels = (_ACROSS_COLUMNS, _ACROSS_ROWS, _ACROSS_MAIN, _ACROSS_ANTI)
    responses = np.stack([np.abs(ndimage.correlate(luminance, k, mode="nearest")) for k in kernels])
    strongest = responses.argmax(axis=0).astype(np.int8)
    axial, diagonal = responses[0] + responses[1], responses[2] + responses[3]
    return np.where(strongest < 2, axial, diagonal), strongest


def _extend(strength: FloatArray, high: float, low: float) -> BoolArray:
    """Grow edges from seeds above `high`; each step accepts `_DECAY` times less, down to `low`."""
    edges: BoolArray = strength > high
    threshold = high
    eight = np.ones((3, 3), bool)
    while threshold > low:
        threshold = max(threshold * _DECAY, low)
        edges |= ndimage.binary_dilation(edges, eight) & (strength > threshold)
    return edges


def _ridge(strength: FloatArray, strongest: NDArray[np.int8], edges: BoolArray) -> BoolArray:
    """Keep pixels that no neighbor across the edge outdoes, and thin what is left to lines."""
    padded = np.pad(strength, 1, mode="edge")
    m, n = strength.shape
    kept = np.zeros_like(edges)
    across = ((0, 1), (1, 0), (1, 1), (1, -1))
    for direction, (di, dj) in enumerate(across):
        ahead = padded[1 + di : 1 + di + m, 1 + dj : 1 + dj + n]
        behind = padded[1 - di : 1 - di + m, 1 - dj : 1 - dj + n]
        kept |= (strongest == direction) & (strength >= ahead) & (strength >= behind)
    thin: BoolArray = skeletonize(kept & edges)  # type: ignore[no-untyped-call]
    return thin


def _join(lines: BoolArray, strength: FloatArray, longest_gap: float) -> BoolArray:
    """Close gaps between an end of a line and the nearest other line, along the strongest edge."""
    eight = np.ones((3, 3))
    degree = ndimage.convolve(lines.astype(np.uint8), eight.astype(np.uint8), mode="constant")
    ends = np.argwhere(lines & (degree == 2))
    if len(ends) < 2:
        return lines
    labels, _ = ndimage.label(lines, eight)
    joined = lines.copy()
    scale = max(float(np.percentile(strength[lines], 50)), 1e-6)
    for first, second in sorted(cKDTree(ends).query_pairs(longest_gap)):
        (y0, x0), (y1, x1) = ends[first], ends[second]
        if labels[y0, x0] == labels[y1, x1] and np.hypot(y1 - y0, x1 - x0) < 2.0:
            continue
        top, left = max(min(y0, y1) - _ROUTE_MARGIN, 0), max(min(x0, x1) - _ROUTE_MARGIN, 0)
        bottom, right = max(y0, y1) + _ROUTE_MARGIN + 1, max(x0, x1) + _ROUTE_MARGIN + 1
        cost = 1.0 / (strength[top:bottom, left:right] / scale + 0.05)
        start, goal = (y0 - top, x0 - left), (y1 - top, x1 - left)
        path, _ = route_through_array(cost, start, goal)  # type: ignore[no-untyped-call]
        rows, columns = np.array(path).T
        joined[rows + top, columns + left] = True
    return joined


def adaptive_barriers(
    luminance: FloatArray,
    strokes: BoolArray,
    *,
    share: float = _SEED_SHARE,
    low_to_high: float = _LOW_TO_HIGH,
    longest_gap: float = _LONGEST_GAP,
    progress: Progress = no_progress,
) -> BoolArray:
    """Find the edges that color must not cross: thin lines, linked, open under strokes.

    Parameters
    ----------
    luminance : ndarray of shape (M, N), float32
        Y in [0, 1].
    strokes : ndarray of shape (M, N), bool
        Painted pixels; no barrier cuts a stroke.
    share : float
        The part of all pixels, 0 to 1, whose edge response is strong enough to begin an edge.
    low_to_high : float
        Edges are followed down to this part of the response that begins one.
    longest_gap : float
        Gaps between line ends up to so many pixels are closed.

    Returns
    -------
    ndarray of shape (M, N), bool
        Barrier pixels, for ``Propagation(barriers=...)``, which weakens their links to 1e-4 but
        never cuts them, so nothing is isolated.

    References
    ----------
    Huang, Tung, Chen, Wang, Wu 2005, DOI 10.1145/1101149.1101223.
    """
    progress(0.0, "Finding edges")
    strength, strongest = _edge_strength(luminance.astype(np.float32, copy=False))
    high = max(float(np.quantile(strength, 1.0 - share)), float(_FAINTEST))
    edges = _extend(strength, high, low_to_high * high)
    progress(0.4, "Finding edges")
    lines = _ridge(strength, strongest, edges)
    progress(0.7, "Linking edges")
    lines = _join(lines, strength, longest_gap)
    progress(1.0, "Linking edges")
    barriers: BoolArray = lines & ~strokes
    return barriers
