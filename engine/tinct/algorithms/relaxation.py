"""Kernels over the rows of one grid: line relaxation, residual, restriction, prolongation.

A level's equation is ``u = keep * sum_k links[k] * u(neighbor k) + rhs``: unit diagonal, eight
links in the order of `window_offsets(3)`. Vectors have the shape (2, M + 2 pad, N + 2 pad): two
chroma channels, or one of them, framed by zeros. Restriction and interpolation may be float32, or
packed: the one as `halves.pack_floats` does, the other as `halves.pack_shares`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from tinct.algorithms.halves import link, number, share

__all__ = [
    "STRIP_COLUMNS",
    "TILE_ROWS",
    "column_pivots",
    "prolong_rows",
    "pull_row",
    "relax_columns",
    "relax_rows",
    "residual_row",
    "restrict_rows",
    "row_pivots",
]

# Rows are relaxed in tiles of so many rows. Tiles of one color (even, odd) never touch, so they
# can run on several threads and the result is still the same to the bit.
TILE_ROWS = 16
# Columns are shared out to threads in strips.
STRIP_COLUMNS = 32

_SMALLEST = np.float32(1e-30)
_FAST = {"contract", "reassoc", "nsz"}


@njit(nogil=True, cache=True, error_model="numpy", fastmath=_FAST)
def _add_three(total: Any, west: Any, middle: Any, east: Any, row: Any) -> None:
    """Add three neighboring links times a framed row of values."""
    for j in range(total.size):
        total[j] += (
            link(west[j]) * row[j] + link(middle[j]) * row[j + 1] + link(east[j]) * row[j + 2]
        )


@njit(nogil=True, cache=True, error_model="numpy", fastmath=_FAST)
def _add_two(total: Any, west: Any, east: Any, row: Any) -> None:
    """Add the west and the east link times a framed row of values."""
    for j in range(total.size):
        total[j] += link(west[j]) * row[j] + link(east[j]) * row[j + 2]


@njit(nogil=True, cache=True, error_model="numpy", fastmath=_FAST)
def _sum_four(total: Any, nw: Any, ne: Any, north: Any, west: Any, east: Any, row: Any) -> None:
    """Write the sum of four diagonal and side links times framed rows of values."""
    for j in range(total.size):
        upper = link(nw[j]) * north[j] + link(ne[j]) * north[j + 2]
        total[j] = upper + link(west[j]) * row[j] + link(east[j]) * row[j + 2]


@njit(nogil=True, cache=True, error_model="numpy", fastmath=_FAST)
def row_pivots(start: int, stop: int, links: Any, keep: Any, leak: Any, pivots: Any) -> None:
    """Write the inverse pivots of every row's tridiagonal system (Thomas algorithm).

    Nothing is subtracted (Grassmann, Taksar, Heyman 1985, DOI 10.1287/opre.33.5.1107): a pivot is
    what a pixel can still lose. A few pixels that hold almost only to each other have pivots far
    below the rounding of their diagonal, 1.
    """
    n = keep.shape[1]
    loss = np.empty(n, np.float32)
    for i in range(start, stop):
        k = keep[i]
        for j in range(n):
            above = link(links[0, i, j]) + link(links[1, i, j]) + link(links[2, i, j])
            below = link(links[5, i, j]) + link(links[6, i, j]) + link(links[7, i, j])
            loss[j] = leak[i, j] + k[j] * (above + below)
        # Beyond the west end nothing comes back; at the picture's border nothing goes there.
        share = np.float32(1.0)
        for j in range(n):
            rest = loss[j] + k[j] * link(links[3, i, j]) * share
            pivot = np.float32(1.0) / max(rest + k[j] * link(links[4, i, j]), _SMALLEST)
            pivots[i, j] = pivot
            share = rest * pivot


@njit(nogil=True, cache=True, error_model="numpy", fastmath=_FAST)
def _substitute(back: Any, ahead: Any, g: Any, x: Any) -> None:
    """Solve a row's tridiagonal system, whose right-hand side times the pivots is g."""
    n = g.size
    y = g[0]
    for j in range(1, n):
        y = g[j] + back[j] * y
        g[j] = y
    x[n - 1] = y
    for j in range(n - 2, -1, -1):
        y = g[j] + ahead[j] * y
        x[j] = y


@njit(nogil=True, cache=True, error_model="numpy", fastmath=_FAST)
def _substitute_two(back: Any, ahead: Any, g0: Any, g1: Any, x0: Any, x1: Any) -> None:
    """Solve two at once: one waits for its last number while the other goes on."""
    n = g0.size
    y0, y1 = g0[0], g1[0]
    for j in range(1, n):
        y0 = g0[j] + back[j] * y0
        y1 = g1[j] + back[j] * y1
        g0[j] = y0
        g1[j] = y1
    x0[n - 1], x1[n - 1] = y0, y1
    for j in range(n - 2, -1, -1):
        y0 = g0[j] + ahead[j] * y0
        y1 = g1[j] + ahead[j] * y1
        x0[j] = y0
        x1[j] = y1


@njit(nogil=True, cache=True, error_model="numpy", fastmath=_FAST)
def relax_rows(
    start: int, stop: int, color: int, links: Any, keep: Any, pivots: Any, rhs: Any, u: Any
) -> None:
    """Solve each row exactly, downwards, in tiles 2 t + color for t in start..stop."""
    m, n = keep.shape
    pad = (u.shape[1] - m) // 2
    channels = u.shape[0]
    total = np.empty((channels, n), np.float32)
    back = np.empty(n, np.float32)
    ahead = np.empty(n, np.float32)
    for t in range(start, stop):
        first = (2 * t + color) * TILE_ROWS
        for i in range(first, min(m, first + TILE_ROWS)):
            k, p, wl, el = keep[i], pivots[i], links[3, i], links[4, i]
            for c in range(channels):
                line = total[c]
                line[:] = 0.0
                above = u[c, i + pad - 1, pad - 1 : pad + n + 1]
                _add_three(line, links[0, i], links[1, i], links[2, i], above)
                below = u[c, i + pad + 1, pad - 1 : pad + n + 1]
                _add_three(line, links[5, i], links[6, i], links[7, i], below)
                b = rhs[c, i + pad, pad : pad + n]
                for j in range(n):
                    line[j] = (line[j] * k[j] + b[j]) * p[j]
            for j in range(n):
                back[j] = k[j] * link(wl[j]) * p[j]
                ahead[j] = k[j] * link(el[j]) * p[j]
            if channels == 2:
                x0, x1 = u[0, i + pad, pad : pad + n], u[1, i + pad, pad : pad + n]
                _substitute_two(back, ahead, total[0], total[1], x0, x1)
            else:
                for c in range(channels):
                    _substitute(back, ahead, total[c], u[c, i + pad, pad : pad + n])


@njit(nogil=True, cache=True, error_model="numpy", fastmath=_FAST)
def column_pivots(start: int, stop: int, links: Any, keep: Any, leak: Any, pivots: Any) -> None:
    """Write the inverse pivots of the columns of strips start..stop, as `row_pivots` does."""
    m, n = keep.shape
    first, last = start * STRIP_COLUMNS, min(n, stop * STRIP_COLUMNS)
    rest = np.zeros(last - first, np.float32)
    for i in range(m):
        k, lost = keep[i, first:last], leak[i, first:last]
        w, pivot = links[:, i, first:last], pivots[i, first:last]
        before = pivots[max(i - 1, 0), first:last]
        for j in range(last - first):
            share = rest[j] * before[j] if i > 0 else np.float32(1.0)
            sides = link(w[0, j]) + link(w[2, j]) + link(w[3, j])
            sides += link(w[4, j]) + link(w[5, j]) + link(w[7, j])
            rest[j] = lost[j] + k[j] * (sides + link(w[1, j]) * share)
            pivot[j] = np.float32(1.0) / max(rest[j] + k[j] * link(w[6, j]), _SMALLEST)


@njit(nogil=True, cache=True, error_model="numpy", fastmath=_FAST)
def relax_columns(
    start: int, stop: int, parity: int, links: Any, keep: Any, pivots: Any, rhs: Any, u: Any
) -> None:
    """Solve every second column exactly, those of strips start..stop whose number has `parity`.

    Downwards, u takes the eliminated right-hand side; upwards, the solution.
    """
    m, n = keep.shape
    pad = (u.shape[1] - m) // 2
    first, last = start * STRIP_COLUMNS, min(n, stop * STRIP_COLUMNS)
    line = np.empty(last - first, np.float32)
    chosen = np.empty(last - first, np.float32)
    for j in range(last - first):
        chosen[j] = np.float32((first + j + parity + 1) & 1)
    framed = slice(first + pad - 1, last + pad + 1)
    inner = slice(first + pad, last + pad)
    for i in range(m):
        k, q, north = keep[i, first:last], pivots[i, first:last], links[1, i, first:last]
        nw, ne = links[0, i, first:last], links[2, i, first:last]
        west, east = links[3, i, first:last], links[4, i, first:last]
        sw, se = links[5, i, first:last], links[7, i, first:last]
        for c in range(u.shape[0]):
            _sum_four(line, nw, ne, u[c, i + pad - 1, framed], west, east, u[c, i + pad, framed])
            _add_two(line, sw, se, u[c, i + pad + 1, framed])
            x, b, above = u[c, i + pad, inner], rhs[c, i + pad, inner], u[c, i + pad - 1, inner]
            for j in range(last - first):
                value = (k[j] * (line[j] + link(north[j]) * above[j]) + b[j]) * q[j]
                x[j] += chosen[j] * (value - x[j])
    for i in range(m - 2, -1, -1):
        south, k, q = links[6, i, first:last], keep[i, first:last], pivots[i, first:last]
        for j in range(last - first):
            line[j] = chosen[j] * k[j] * link(south[j]) * q[j]
        for c in range(u.shape[0]):
            x, below = u[c, i + pad, inner], u[c, i + pad + 1, inner]
            for j in range(last - first):
                x[j] += line[j] * below[j]


@njit(nogil=True, cache=True, error_model="numpy", fastmath=_FAST)
def _add_three_differences(total: Any, west: Any, middle: Any, east: Any, row: Any, x: Any) -> None:
    """Add three neighboring links times what a framed row of values is above x."""
    for j in range(total.size):
        v = x[j]
        pull = link(west[j]) * (row[j] - v) + link(middle[j]) * (row[j + 1] - v)
        total[j] += pull + link(east[j]) * (row[j + 2] - v)


@njit(nogil=True, cache=True, error_model="numpy", fastmath=_FAST)
def _sum_five_differences(
    total: Any, nw: Any, n: Any, ne: Any, north: Any, west: Any, east: Any, row: Any
) -> None:
    """Write five links times what framed rows of values are above the second one's middle."""
    for j in range(total.size):
        v = row[j + 1]
        pull = link(nw[j]) * (north[j] - v) + link(n[j]) * (north[j + 1] - v)
        pull += link(ne[j]) * (north[j + 2] - v)
        total[j] = pull + link(west[j]) * (row[j] - v) + link(east[j]) * (row[j + 2] - v)


@njit(nogil=True, cache=True, error_model="numpy", fastmath=_FAST)
def pull_row(i: int, c: int, links: Any, u: Any, line: Any) -> None:
    """Write how strongly row i's eight neighbors pull at it, sum of w (u(s) - u), into `line`.

    Differences, not values: constants then stay exact in spite of rounding.
    """
    n = line.size
    pad = (u.shape[2] - n) // 2
    a, framed = i + pad, slice(pad - 1, pad + n + 1)
    x = u[c, a, pad : pad + n]
    above, here, below = u[c, a - 1, framed], u[c, a, framed], u[c, a + 1, framed]
    _sum_five_differences(
        line, links[0, i], links[1, i], links[2, i], above, links[3, i], links[4, i], here
    )
    _add_three_differences(line, links[5, i], links[6, i], links[7, i], below, x)


@njit(nogil=True, cache=True, error_model="numpy", fastmath=_FAST)
def residual_row(
    i: int, c: int, links: Any, keep: Any, leak: Any, rhs: Any, u: Any, line: Any
) -> None:
    """Write rhs - leak * u + keep * (sum of links times differences) of row i into `line`.

    Rows then sum to exactly `leak`.
    """
    m, n = keep.shape
    pad = (u.shape[1] - m) // 2
    pull_row(i, c, links, u, line)
    x = u[c, i + pad, pad : pad + n]
    k, b, lost = keep[i], rhs[c, i + pad, pad : pad + n], leak[i]
    for j in range(n):
        line[j] = line[j] * k[j] + (b[j] - lost[j] * x[j])


@njit(nogil=True, cache=True, error_model="numpy", fastmath=_FAST)
def restrict_rows(
    start: int,
    stop: int,
    fresh: bool,
    links: Any,
    keep: Any,
    leak: Any,
    rhs: Any,
    u: Any,
    restriction: Any,
    coarse: Any,
) -> None:
    """Write the restricted residual of coarse rows start..stop; `coarse` is framed by one zero.

    When `fresh`, u is 0, whatever is written there.
    """
    m, n = keep.shape
    pad = (u.shape[1] - m) // 2
    nc = restriction.shape[2]
    channels = u.shape[0]
    residual = np.zeros((channels, 3, 2 * nc + 2), np.float32)
    for row in range(start, stop):
        for d in range(3):
            i = 2 * row + d - 1
            for c in range(channels):
                if d == 0 and row > start:
                    residual[c, 0] = residual[c, 2]
                elif 0 <= i < m and fresh:
                    residual[c, d, 1 : n + 1] = rhs[c, i + pad, pad : pad + n]
                elif 0 <= i < m:
                    residual_row(i, c, links, keep, leak, rhs, u, residual[c, d, 1 : n + 1])
                else:
                    residual[c, d] = 0.0
        for c in range(channels):
            out = coarse[c, row + 1, 1 : nc + 1]
            out[:] = 0.0
            for d in range(3):
                r, west = residual[c, d], restriction[3 * d, row]
                middle, east = restriction[3 * d + 1, row], restriction[3 * d + 2, row]
                for j in range(nc):
                    x = 2 * j
                    out[j] += number(west[j]) * r[x] + number(middle[j]) * r[x + 1]
                    out[j] += number(east[j]) * r[x + 2]


@njit(nogil=True, cache=True, error_model="numpy", fastmath=_FAST)
def prolong_rows(
    start: int,
    stop: int,
    fresh: bool,
    factor: Any,
    weights: Any,
    coarse: Any,
    u: Any,
    m: int,
    n: int,
) -> None:
    """Add `factor` times the interpolated coarse correction to fine rows 2 start .. 2 stop.

    When `fresh`, u is 0, whatever is written there.
    """
    pad = (u.shape[1] - m) // 2
    even, odd = (n + 1) // 2, n // 2
    for row in range(start, stop):
        own, h0, h1 = weights[0, row], weights[1, row], weights[2, row]
        v0, v1 = weights[3, row], weights[4, row]
        d0, d1, d2, d3 = weights[5, row], weights[6, row], weights[7, row], weights[8, row]
        for c in range(u.shape[0]):
            here, below = coarse[c, row + 1], coarse[c, row + 2]
            x = u[c, 2 * row + pad, pad : pad + n]
            if fresh:
                x[:] = 0.0
            for j in range(even):
                x[2 * j] += factor * share(own[j]) * here[j + 1]
            for j in range(odd):
                both = share(h0[j]) * here[j + 1] + share(h1[j]) * here[j + 2]
                x[2 * j + 1] += factor * both
            if 2 * row + 1 >= m:
                continue
            y = u[c, 2 * row + 1 + pad, pad : pad + n]
            if fresh:
                y[:] = 0.0
            for j in range(even):
                both = share(v0[j]) * here[j + 1] + share(v1[j]) * below[j + 1]
                y[2 * j] += factor * both
            for j in range(odd):
                four = share(d0[j]) * here[j + 1] + share(d1[j]) * here[j + 2]
                four += share(d2[j]) * below[j + 1] + share(d3[j]) * below[j + 2]
                y[2 * j + 1] += factor * four
