"""Line relaxation on one grid: rows, then columns, in tiles of rows.

A level's equation is ``u = keep * sum_k links[k] * u(neighbor k) + rhs``: unit diagonal, eight
links in the order of `window_offsets(3)`. Vectors have the shape (2, M + 2 pad, N + 2 pad): two
chroma channels, or one of them, framed by zeros.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from tinct.algorithms.compiled import FAST, LEAN
from tinct.algorithms.halves import link

__all__ = [
    "COLUMNS",
    "ROWS",
    "column_pivots",
    "lines_of",
    "links_of",
    "relax_tiles",
    "row_pivots",
    "tile_count",
    "tile_rows",
]

ROWS, COLUMNS = 1, 2

# A tile stays in the processor's cache while its rows, then its columns are relaxed. Shorter ones
# lose what leads far up or down: of 16 rows, some photographs take twice as many steps.
_TILE_ROWS = 128
_UNDIVIDED = 256  # so many rows are one tile
_TILES = 4  # else there are so many, or a multiple: two threads get as much of each color

_SMALLEST = np.float32(1e-30)


@njit(nogil=True, cache=True)
def tile_rows(rows: int) -> int:
    """Return how many rows a tile has; the last one of a grid may have less.

    Tiles of one color (even, odd) never touch, so they can run on several threads and the result
    is still the same to the bit.
    """
    if rows <= _UNDIVIDED:
        return rows
    count = _TILES * -(-rows // (_TILES * _TILE_ROWS))
    return -(-rows // count)


@njit(nogil=True, cache=True)
def tile_count(rows: int) -> int:
    """Return how many tiles a grid of so many rows has."""
    return -(-rows // tile_rows(rows))


@njit(nogil=True, cache=True)
def lines_of(visit: int, visits: int) -> int:
    """Return which lines a grid relaxes that solves its coarser one so often.

    Columns after one visit and rows after the other do as well as both after each.
    """
    if visits == 1:
        return ROWS | COLUMNS
    return ROWS if visit else COLUMNS


@njit(inline="always")
def links_of(links: Any, i: int) -> Any:
    """Return the eight links' rows i: arrays of their own, which loops over them need."""
    return (
        links[0, i],
        links[1, i],
        links[2, i],
        links[3, i],
        links[4, i],
        links[5, i],
        links[6, i],
        links[7, i],
    )


@njit(nogil=True, cache=True, error_model="numpy", fastmath=FAST)
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


@njit(**LEAN)
def _substitute_two(back: Any, ahead: Any, g: Any, x0: Any, x1: Any) -> None:
    """Solve two tridiagonal systems whose right-hand sides times the pivots are in g.

    At once: each waits for its last number while the others go on.
    """
    n = x0.size
    b0, b1, g0, g1 = back[0], back[1], g[0], g[1]
    y0, y1 = g0[0], g1[0]
    for j in range(1, n):
        y0 = g0[j] + b0[j] * y0
        y1 = g1[j] + b1[j] * y1
        g0[j], g1[j] = y0, y1
    a0, a1 = ahead[0], ahead[1]
    x0[n - 1], x1[n - 1] = y0, y1
    for j in range(n - 2, -1, -1):
        y0 = g0[j] + a0[j] * y0
        y1 = g1[j] + a1[j] * y1
        x0[j], x1[j] = y0, y1


@njit(**LEAN)
def _substitute_four(back: Any, ahead: Any, g: Any, x0: Any, x1: Any, x2: Any, x3: Any) -> None:
    """Do what `_substitute_two` does for four; two each have the same factors."""
    n = x0.size
    b0, b1, g0, g1, g2, g3 = back[0], back[1], g[0], g[1], g[2], g[3]
    y0, y1, y2, y3 = g0[0], g1[0], g2[0], g3[0]
    for j in range(1, n):
        y0 = g0[j] + b0[j] * y0
        y1 = g1[j] + b0[j] * y1
        y2 = g2[j] + b1[j] * y2
        y3 = g3[j] + b1[j] * y3
        g0[j], g1[j], g2[j], g3[j] = y0, y1, y2, y3
    a0, a1 = ahead[0], ahead[1]
    x0[n - 1], x1[n - 1], x2[n - 1], x3[n - 1] = y0, y1, y2, y3
    for j in range(n - 2, -1, -1):
        y0 = g0[j] + a0[j] * y0
        y1 = g1[j] + a0[j] * y1
        y2 = g2[j] + a1[j] * y2
        y3 = g3[j] + a1[j] * y3
        x0[j], x1[j], x2[j], x3[j] = y0, y1, y2, y3


@njit(**LEAN)
def _gather_row(w: Any, k: Any, p: Any, above: Any, below: Any, b: Any, g: Any) -> None:
    """Write the right-hand side of a row's system, times its pivots."""
    for j in range(g.size):
        pull = link(w[0][j]) * above[j] + link(w[1][j]) * above[j + 1]
        pull += link(w[2][j]) * above[j + 2] + link(w[5][j]) * below[j]
        pull += link(w[6][j]) * below[j + 1] + link(w[7][j]) * below[j + 2]
        g[j] = (pull * k[j] + b[j]) * p[j]


@njit(**LEAN)
def _factor_row(west: Any, east: Any, k: Any, p: Any, back: Any, ahead: Any) -> None:
    for j in range(back.size):
        factor = k[j] * p[j]
        back[j] = factor * link(west[j])
        ahead[j] = factor * link(east[j])


@njit(**LEAN)
def _relax_two_rows(
    i0: int, i1: int, links: Any, keep: Any, pivots: Any, rhs: Any, u: Any, scratch: Any, spare: Any
) -> None:
    """Solve two rows exactly, as if one did not know of the other; i1 < 0 is none.

    The last two arrays are scratch memory.
    """
    m, n = keep.shape
    channels, pad = u.shape[0], (u.shape[1] - m) // 2
    inner, framed = slice(pad, pad + n), slice(pad - 1, pad + n + 1)
    back, ahead, g = scratch[:2], scratch[2:4], scratch[4:]
    for number in range(2):
        i = i1 if number else i0
        if i < 0:
            continue
        w, k, p, a = links_of(links, i), keep[i], pivots[i], i + pad
        for c in range(channels):
            x, b, out = u[c], rhs[c, a, inner], g[number * channels + c]
            _gather_row(w, k, p, x[a - 1, framed], x[a + 1, framed], b, out)
        _factor_row(w[3], w[4], k, p, back[number], ahead[number])
    a0, a1 = i0 + pad, i1 + pad
    here = u[:, a1, inner] if i1 >= 0 else spare
    if channels == 2:
        _substitute_four(back, ahead, g, u[0, a0, inner], u[1, a0, inner], here[0], here[1])
    else:
        _substitute_two(back, ahead, g, u[0, a0, inner], here[0])


@njit(nogil=True, cache=True, error_model="numpy", fastmath=FAST)
def column_pivots(start: int, stop: int, links: Any, keep: Any, leak: Any, pivots: Any) -> None:
    """Write the inverse pivots of the columns within tiles start..stop, as `row_pivots` does.

    Beyond a tile nothing comes back.
    """
    m, n = keep.shape
    size = tile_rows(m)
    rest = np.zeros(n, np.float32)
    for i in range(start * size, min(m, stop * size)):
        w, k, lost, pivot = links_of(links, i), keep[i], leak[i], pivots[i]
        is_first, before = i % size == 0, pivots[max(i - 1, 0)]
        for j in range(n):
            share = np.float32(1.0) if is_first else rest[j] * before[j]
            sides = link(w[0][j]) + link(w[2][j]) + link(w[3][j])
            sides += link(w[4][j]) + link(w[5][j]) + link(w[7][j])
            rest[j] = lost[j] + k[j] * (sides + link(w[1][j]) * share)
            pivot[j] = np.float32(1.0) / max(rest[j] + k[j] * link(w[6][j]), _SMALLEST)


@njit(**LEAN)
def _eliminate(w: Any, k: Any, q: Any, above: Any, here: Any, below: Any, b: Any, out: Any) -> None:
    """Write what a row's pixels get from all neighbors but the one below, times their pivots."""
    for j in range(out.size):
        pull = link(w[0][j]) * above[j] + link(w[1][j]) * above[j + 1]
        pull += link(w[2][j]) * above[j + 2]
        pull += link(w[3][j]) * here[j] + link(w[4][j]) * here[j + 2]
        pull += link(w[5][j]) * below[j] + link(w[7][j]) * below[j + 2]
        out[j] = (pull * k[j] + b[j]) * q[j]


@njit(**LEAN)
def _take_chosen(chosen: Any, values: Any, x: Any) -> None:
    for j in range(x.size):
        x[j] += chosen[j] * (values[j] - x[j])


@njit(**LEAN)
def _substitute_row(chosen: Any, south: Any, k: Any, q: Any, below: Any, x: Any) -> None:
    for j in range(x.size):
        x[j] += chosen[j] * k[j] * link(south[j]) * q[j] * below[j]


@njit(**LEAN)
def _relax_columns(
    first: int, last: int, chosen: Any, links: Any, keep: Any, pivots: Any, rhs: Any, u: Any, g: Any
) -> None:
    """Solve the chosen columns exactly within rows first..last; g is scratch memory.

    Downwards, u takes the eliminated right-hand side; upwards, the solution.
    """
    m, n = keep.shape
    pad = (u.shape[1] - m) // 2
    inner, framed = slice(pad, pad + n), slice(pad - 1, pad + n + 1)
    for i in range(first, last):
        w, k, q, a = links_of(links, i), keep[i], pivots[i], i + pad
        for c in range(u.shape[0]):
            x, b = u[c], rhs[c, a, inner]
            _eliminate(w, k, q, x[a - 1, framed], x[a, framed], x[a + 1, framed], b, g)
            _take_chosen(chosen, g, x[a, inner])
    for i in range(last - 1, first - 1, -1):
        for c in range(u.shape[0]):
            below, x = u[c, i + pad + 1, inner], u[c, i + pad, inner]
            _substitute_row(chosen, links[6, i], keep[i], pivots[i], below, x)


@njit(**LEAN)
def _relax_tile(
    first: int, last: int, equation: Any, lines: int, scratch: Any, spare: Any, chosen: Any
) -> None:
    """Relax rows first..last, see `relax_tiles`; the last three are scratch memory and masks."""
    links, keep, row_pivots, column_pivots, rhs, u = equation
    half = (last - first + 1) // 2
    for i in range(first, first + (half if lines & ROWS else 0)):
        other = i + half if i + half < last else -1
        _relax_two_rows(i, other, links, keep, row_pivots, rhs, u, scratch, spare)
    for columns in range(2 if lines & COLUMNS else 0):
        job = links, keep, column_pivots, rhs, u, scratch[0]
        _relax_columns(first, last, chosen[columns], *job)


@njit(nogil=True, cache=True, error_model="numpy", fastmath=FAST)
def relax_tiles(
    start: int,
    stop: int,
    color: int,
    links: Any,
    keep: Any,
    row_pivots: Any,
    column_pivots: Any,
    rhs: Any,
    u: Any,
    lines: int,
) -> None:
    """Relax tiles 2 t + color for t in start..stop.

    In each, solves every row exactly, downwards; then every odd column, then every even one, or
    one of both as `lines` says. A row of each half is solved at once: one after the other, the
    processor would mostly wait.
    """
    m, n = keep.shape
    size = tile_rows(m)
    scratch = np.zeros((4 + 2 * u.shape[0], n), np.float32)
    spare = np.empty((u.shape[0], n), np.float32)
    chosen = np.empty((2, n), np.float32)
    for j in range(n):
        chosen[0, j], chosen[1, j] = np.float32(j & 1), np.float32((j + 1) & 1)
    equation = links, keep, row_pivots, column_pivots, rhs, u
    for t in range(start, stop):
        first = (2 * t + color) * size
        _relax_tile(first, min(m, first + size), equation, lines, scratch, spare, chosen)
