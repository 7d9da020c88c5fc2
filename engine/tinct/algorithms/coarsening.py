"""Coarse levels of the multigrid: interpolation, restriction and the Galerkin operator.

Black-box multigrid (Dendy 1982, DOI 10.1016/0021-9991(82)90057-2; 1983 for unsymmetric systems)
in a form that holds on photographs, where random walks drift over long distances:

- interpolation collapses the operator's rows, restriction collapses its columns;
- before the columns are collapsed, rows are scaled by a few steps of the walk's own density
  (`balancing`), so that row sums and column sums agree locally;
- a coarse operator stays an M-matrix: positive links are moved into the diagonal.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from tinct.algorithms.blocks import run_blocks
from tinct.algorithms.compiled import FAST
from tinct.algorithms.galerkin import TERMS, galerkin_rows
from tinct.algorithms.halves import Halves, link
from tinct.algorithms.transfers import prolong_rows, restrict_rows

__all__ = ["coarsen"]

FloatArray = NDArray[np.float32]

_TINY = np.float32(1e-14)


@njit(nogil=True, cache=True, error_model="numpy", fastmath=FAST)
def _fill_links(
    i: int, links: Any, keep: Any, leak: Any, scale: Any, by_columns: bool, out: Any
) -> None:
    """Write row i of the links between free pixels: of the operator, or of its transpose.

    Row 8 of `out` gets what the pixel loses to given pixels and to its own hint (operator only).
    """
    m, n = keep.shape
    out[:] = 0.0
    if i < 0 or i >= m:
        return
    out[8] = leak[i]
    for k in range(8):
        q = k if k < 4 else k + 1
        a, dj = i + q // 3 - 1, q % 3 - 1
        if a < 0 or a >= m:
            continue
        here, there, count = max(0, -dj), max(0, dj), n - abs(dj)
        line = out[k, here : here + count]
        mine, other = keep[i, here : here + count], keep[a, there : there + count]
        if by_columns:
            flow, s = links[7 - k, a, there : there + count], scale[a, there : there + count]
            for j in range(count):
                value = link(flow[j]) * other[j] * s[j]
                line[j] = value if mine[j] > np.float32(0.0) else np.float32(0.0)
        else:
            flow, lost = links[k, i, here : here + count], out[8, here : here + count]
            for j in range(count):
                value = link(flow[j]) * mine[j]
                line[j] = value if other[j] > np.float32(0.0) else np.float32(0.0)
                lost[j] += value - line[j]


@njit(nogil=True, cache=True, error_model="numpy", fastmath=FAST)
def interpolate_edges(
    start: int,
    stop: int,
    links: Any,
    keep: Any,
    leak: Any,
    scale: Any,
    by_columns: bool,
    weights: Any,
) -> None:
    """Write weights 0 to 4 of coarse rows: the pixel itself, its east and its south neighbor.

    A pixel between two coarse ones takes w / d and e / d: the stencil collapsed across. Beside a
    given coarse pixel, what leads past it is not collapsed: it leads to free pixels.
    """
    m, n = keep.shape
    row = np.empty((9, n), np.float32)
    zero, one = np.float32(0.0), np.float32(1.0)
    for r in range(start, stop):
        i = 2 * r
        _fill_links(i, links, keep, leak, scale, by_columns, row)
        w = weights[:, r]
        for j in range((n + 1) // 2):
            w[0, j] = one if keep[i, 2 * j] > zero else zero
        for j in range(n // 2):
            x = 2 * j + 1
            west, east = zero, zero
            if keep[i, x - 1] > zero:
                west = row[0, x] + row[3, x] + row[5, x]
            if x + 1 < n and keep[i, x + 1] > zero:
                east = row[2, x] + row[4, x] + row[7, x]
            d = west + east
            d = max(d, scale[i, x] - row[1, x] - row[6, x]) if by_columns else d + row[8, x]
            inverse = one / d if d > _TINY and keep[i, x] > zero else zero
            w[1, j], w[2, j] = west * inverse, east * inverse
        i += 1
        if i >= m:
            continue
        _fill_links(i, links, keep, leak, scale, by_columns, row)
        for j in range((n + 1) // 2):
            x = 2 * j
            north, south = zero, zero
            if keep[i - 1, x] > zero:
                north = row[0, x] + row[1, x] + row[2, x]
            if i + 1 < m and keep[i + 1, x] > zero:
                south = row[5, x] + row[6, x] + row[7, x]
            d = north + south
            d = max(d, scale[i, x] - row[3, x] - row[4, x]) if by_columns else d + row[8, x]
            inverse = one / d if d > _TINY and keep[i, x] > zero else zero
            w[3, j], w[4, j] = north * inverse, south * inverse


@njit(nogil=True, cache=True, error_model="numpy", fastmath=FAST)
def interpolate_centers(
    start: int,
    stop: int,
    links: Any,
    keep: Any,
    leak: Any,
    scale: Any,
    by_columns: bool,
    weights: Any,
) -> None:
    """Write weights 5 to 8: a pixel amid four coarse ones, from its row and its edges' weights."""
    m, n = keep.shape
    row = np.empty((9, n), np.float32)
    nothing = np.zeros((9, weights.shape[2]), np.float32)
    zero, one = np.float32(0.0), np.float32(1.0)
    for r in range(start, min(stop, m // 2)):
        i = 2 * r + 1
        _fill_links(i, links, keep, leak, scale, by_columns, row)
        w = weights[:, r]
        below = weights[:, r + 1] if i + 1 < m else nothing
        for j in range(n // 2):
            x = 2 * j + 1
            a0 = row[0, x] + row[1, x] * w[1, j] + row[3, x] * w[3, j]
            a1 = row[2, x] + row[1, x] * w[2, j]
            a2 = row[5, x] + row[3, x] * w[4, j] + row[6, x] * below[1, j]
            a3 = row[7, x] + row[6, x] * below[2, j]
            if x + 1 < n:
                a1 += row[4, x] * w[3, j + 1]
                a3 += row[4, x] * w[4, j + 1]
            total = zero
            for k in range(8):
                total += row[k, x]
            d = max(scale[i, x], total) if by_columns else total + row[8, x]
            inverse = one / d if d > _TINY and keep[i, x] > zero else zero
            w[5, j] = a0 * inverse
            w[6, j] = a1 * inverse
            w[7, j] = a2 * inverse
            w[8, j] = a3 * inverse


@njit(nogil=True, cache=True, error_model="numpy", fastmath=FAST)
def _restriction_rows(start: int, stop: int, weights: Any, scale: Any, out: Any) -> None:
    """Reorder interpolation weights so that each coarse pixel finds its nine fine ones."""
    m, n = scale.shape
    for r in range(start, stop):
        for q in range(9):
            i, dj = 2 * r + q // 3 - 1, q % 3 - 1
            line = out[q, r]
            line[:] = 0.0
            if i < 0 or i >= m:
                continue
            # Which weight the fine pixel gives to this coarse one: see `interpolate_edges`.
            owner = r - 1 if q < 3 else r
            if q == 4:
                k = 0
            elif q == 3 or q == 5:
                k = 1 if q == 5 else 2
            elif q == 1 or q == 7:
                k = 3 if q == 7 else 4
            else:
                k = 5 + (2 if q < 3 else 0) + (1 if dj < 0 else 0)
            lower, shift = (1, 1) if dj < 0 else (0, 0)
            source, s = weights[k, owner], scale[i]
            for j in range(lower, min(line.size, (n - dj + 1) // 2)):
                line[j] = source[j - shift] * s[2 * j + dj]


@njit(nogil=True, cache=True, error_model="numpy", fastmath=FAST)
def _normalize_rows(
    start: int,
    stop: int,
    least: Any,
    entries: Any,
    restriction: Any,
    links: Any,
    keep: Any,
    leak: Any,
) -> None:
    """Make coarse rows an M-matrix with unit diagonal; rows without diagonal become inactive."""
    n = keep.shape[1]
    zero, one = np.float32(0.0), np.float32(1.0)
    for r in range(start, stop):
        for j in range(n):
            total = max(leak[r, j], zero)
            for k in range(9):
                if k != 4:
                    total += max(-entries[k, r, j], zero)
            scale = restriction[4, r, j]
            active = scale > zero and total > np.float32(1e-12) * scale
            inverse = one / total if active else zero
            keep[r, j] = one if active else zero
            leak[r, j] = max(leak[r, j] * inverse, least) if active else one
            for k in range(9):
                restriction[k, r, j] *= inverse
            for k in range(8):
                links[k, r, j] = max(-entries[k if k < 4 else k + 1, r, j], zero) * inverse


def _coarse_leak(
    links: Halves,
    keep: FloatArray,
    leak: FloatArray,
    interpolation: FloatArray,
    restriction: FloatArray,
) -> FloatArray:
    """Return the row sums of the coarse operator: restriction x operator x interpolated ones.

    Summing its entries would lose them: what a far, weakly linked area loses to the nearest hint
    is often smaller than the rounding of its diagonal.
    """
    m, n = keep.shape
    shape = restriction.shape[1:]
    ones = np.pad(np.ones((1, *shape), np.float32), ((0, 0), (1, 1), (1, 1)))
    fine = np.zeros((1, m + 2, n + 2), np.float32)
    whole = True, np.float32(1.0), interpolation, ones, fine, m, n
    run_blocks(prolong_rows, shape[0], *whole, pixels=keep.size)
    fine[np.abs(fine - 1.0) < 2e-6] = 1.0
    lost = np.zeros_like(ones)
    nothing = np.zeros((1, m + 2, 1), np.float32) + np.zeros((1, 1, n + 2), np.float32)
    system = (False, links, keep, leak, nothing, fine, restriction, lost)
    run_blocks(restrict_rows, shape[0], *system, pixels=keep.size)
    leak_out: FloatArray = -lost[0, 1:-1, 1:-1]
    return np.ascontiguousarray(leak_out)


def coarsen(
    links: Halves,
    keep: FloatArray,
    leak: FloatArray,
    scale: FloatArray,
    *,
    least_leak: float = 0.0,
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray, FloatArray]:
    """Build the next coarser level.

    Parameters
    ----------
    links : ndarray of shape (8, M, N), uint16
        Weights of the eight neighbors, rows sum to at most 1; see `halves.pack_links`.
    keep : ndarray of shape (M, N), float32
        Factor on a pixel's links in [0, 1]; 0 = the pixel's value is given.
    leak : ndarray of shape (M, N), float32
        Row sums of the operator: 1 - keep * (sum of links), without rounding.
    scale : ndarray of shape (M, N), float32
        Row scaling, from `balancing`.
    least_leak : float
        Least row sum of the coarse operator.

    Returns
    -------
    interpolation, restriction : ndarray of shape (9, m, n), float32, with m = ceil(M / 2)
    coarse_links : ndarray of shape (8, m, n), float32
    coarse_keep, coarse_leak : ndarray of shape (m, n), float32; keep is 0 or 1
    """
    shape = ((keep.shape[0] + 1) // 2, (keep.shape[1] + 1) // 2)

    def weights(by_columns: bool) -> FloatArray:
        out = np.zeros((9, *shape), np.float32)
        for kernel in (interpolate_edges, interpolate_centers):
            job = (links, keep, leak, scale, by_columns, out)
            run_blocks(kernel, shape[0], *job, pixels=keep.size)
        return out

    restriction = np.empty((9, *shape), np.float32)
    run_blocks(_restriction_rows, shape[0], weights(True), scale, restriction, pixels=keep.size)
    interpolation = weights(False)
    coarse_leak = _coarse_leak(links, keep, leak, interpolation, restriction)
    entries = np.empty((9, *shape), np.float32)
    product = (links, keep, leak, interpolation, restriction, TERMS, entries)
    run_blocks(galerkin_rows, shape[0], *product, pixels=keep.size)
    coarse_links = np.empty((8, *shape), np.float32)
    coarse_keep = np.empty(shape, np.float32)
    normal = (np.float32(least_leak), entries, restriction, coarse_links, coarse_keep, coarse_leak)
    run_blocks(_normalize_rows, shape[0], *normal, pixels=keep.size)
    return interpolation, restriction, coarse_links, coarse_keep, coarse_leak
