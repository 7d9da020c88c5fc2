"""Kernels between two grids: residual, restriction, prolongation.

Equation and vectors are those of `relaxation`. Restriction and interpolation may be float32, or
packed: the one as `halves.pack_floats` does, the other as `halves.pack_shares`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from tinct.algorithms.compiled import FAST, LEAN
from tinct.algorithms.halves import link, number, share
from tinct.algorithms.relaxation import links_of

__all__ = ["prolong_rows", "pull", "pull_row", "residual_row", "restrict_rows"]


@njit(inline="always")
def nine_of(weights: Any, row: int) -> Any:
    """Return the rows of nine weights: arrays of their own, which loops over them need."""
    return (
        weights[0, row],
        weights[1, row],
        weights[2, row],
        weights[3, row],
        weights[4, row],
        weights[5, row],
        weights[6, row],
        weights[7, row],
        weights[8, row],
    )


@njit(inline="always")
def pull(j: int, w: Any, above: Any, here: Any, below: Any) -> Any:
    """Return how strongly pixel j's eight neighbors pull at it: the sum of w (u(s) - u).

    Differences, not values: constants then stay exact in spite of rounding. `w` are the row's
    links, see `links_of`; the rows of values are framed.
    """
    v = here[j + 1]
    total = link(w[0][j]) * (above[j] - v) + link(w[1][j]) * (above[j + 1] - v)
    total += link(w[2][j]) * (above[j + 2] - v)
    total += link(w[3][j]) * (here[j] - v) + link(w[4][j]) * (here[j + 2] - v)
    total += link(w[5][j]) * (below[j] - v) + link(w[6][j]) * (below[j + 1] - v)
    total += link(w[7][j]) * (below[j + 2] - v)
    return total


@njit(**LEAN)
def _copy(source: Any, target: Any) -> None:
    for j in range(target.size):
        target[j] = source[j]


@njit(**LEAN)
def _pull_pixels(w: Any, above: Any, here: Any, below: Any, line: Any) -> None:
    for j in range(line.size):
        line[j] = pull(j, w, above, here, below)


@njit(**LEAN)
def pull_row(i: int, c: int, links: Any, u: Any, line: Any) -> None:
    """Write `pull` of row i into `line`."""
    n = line.size
    pad = (u.shape[2] - n) // 2
    a, framed = i + pad, slice(pad - 1, pad + n + 1)
    _pull_pixels(
        links_of(links, i), u[c, a - 1, framed], u[c, a, framed], u[c, a + 1, framed], line
    )


@njit(**LEAN)
def _residual_pixels(
    w: Any, k: Any, lost: Any, b: Any, above: Any, here: Any, below: Any, line: Any
) -> None:
    for j in range(line.size):
        line[j] = pull(j, w, above, here, below) * k[j] + (b[j] - lost[j] * here[j + 1])


@njit(**LEAN)
def residual_row(
    i: int, c: int, links: Any, keep: Any, leak: Any, rhs: Any, u: Any, line: Any
) -> None:
    """Write rhs - leak * u + keep * (sum of links times differences) of row i into `line`.

    Rows then sum to exactly `leak`.
    """
    m, n = keep.shape
    pad = (u.shape[1] - m) // 2
    a, framed = i + pad, slice(pad - 1, pad + n + 1)
    above, here, below = u[c, a - 1, framed], u[c, a, framed], u[c, a + 1, framed]
    b = rhs[c, a, pad : pad + n]
    _residual_pixels(links_of(links, i), keep[i], leak[i], b, above, here, below, line)


@njit(**LEAN)
def _restrict_pixels(w: Any, r: Any, out: Any) -> None:
    """Write the sum of three rows, framed from one pixel before on, times the nine weights."""
    north, middle, south = r[0], r[1], r[2]
    for j in range(out.size):
        x = 2 * j
        total = number(w[0][j]) * north[x] + number(w[1][j]) * north[x + 1]
        total += number(w[2][j]) * north[x + 2]
        total += number(w[3][j]) * middle[x] + number(w[4][j]) * middle[x + 1]
        total += number(w[5][j]) * middle[x + 2]
        total += number(w[6][j]) * south[x] + number(w[7][j]) * south[x + 1]
        total += number(w[8][j]) * south[x + 2]
        out[j] = total


@njit(**LEAN)
def _restrict_rows(
    start: int, stop: int, fresh: bool, equation: Any, restriction: Any, residual: Any, coarse: Any
) -> None:
    """Do what `restrict_rows` does; `residual` is scratch memory for three rows."""
    links, keep, leak, rhs, u = equation
    m, n = keep.shape
    pad = (u.shape[1] - m) // 2
    nc, channels = restriction.shape[2], u.shape[0]
    for row in range(start, stop):
        for d in range(3):
            i = 2 * row + d - 1
            for c in range(channels):
                if d == 0 and row > start:
                    _copy(residual[c, 2], residual[c, 0])
                elif 0 <= i < m and fresh:
                    _copy(rhs[c, i + pad, pad : pad + n], residual[c, d, 1 : n + 1])
                elif 0 <= i < m:
                    residual_row(i, c, links, keep, leak, rhs, u, residual[c, d, 1 : n + 1])
                else:
                    residual[c, d] = 0.0
        w = nine_of(restriction, row)
        for c in range(channels):
            _restrict_pixels(w, residual[c], coarse[c, row + 1, 1 : nc + 1])


@njit(nogil=True, cache=True, error_model="numpy", fastmath=FAST)
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
    residual = np.zeros((u.shape[0], 3, 2 * restriction.shape[2] + 2), np.float32)
    equation = links, keep, leak, rhs, u
    _restrict_rows(start, stop, fresh, equation, restriction, residual, coarse)


@njit(**LEAN)
def _prolong_upper(factor: Any, w: Any, here: Any, x: Any) -> None:
    """Add to a row of fine pixels whose even ones are coarse ones: in pairs."""
    for j in range(x.size // 2):
        x[2 * j] += factor * (share(w[0][j]) * here[j + 1])
        both = share(w[1][j]) * here[j + 1] + share(w[2][j]) * here[j + 2]
        x[2 * j + 1] += factor * both
    if x.size % 2 == 1:
        j = x.size // 2
        x[2 * j] += factor * (share(w[0][j]) * here[j + 1])


@njit(**LEAN)
def _prolong_lower(factor: Any, w: Any, here: Any, below: Any, x: Any) -> None:
    """Add to a row of fine pixels between two coarse rows."""
    for j in range(x.size // 2):
        both = share(w[3][j]) * here[j + 1] + share(w[4][j]) * below[j + 1]
        x[2 * j] += factor * both
        four = share(w[5][j]) * here[j + 1] + share(w[6][j]) * here[j + 2]
        four += share(w[7][j]) * below[j + 1] + share(w[8][j]) * below[j + 2]
        x[2 * j + 1] += factor * four
    if x.size % 2 == 1:
        j = x.size // 2
        both = share(w[3][j]) * here[j + 1] + share(w[4][j]) * below[j + 1]
        x[2 * j] += factor * both


@njit(**LEAN)
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
    for row in range(start, stop):
        w = nine_of(weights, row)
        for c in range(u.shape[0]):
            here, below = coarse[c, row + 1], coarse[c, row + 2]
            for i in range(2 * row, min(m, 2 * row + 2)):
                x = u[c, i + pad, pad : pad + n]
                if fresh:
                    x[:] = 0.0
                if i == 2 * row:
                    _prolong_upper(factor, w, here, x)
                else:
                    _prolong_lower(factor, w, here, below, x)
