"""The multigrid's cycle on its small grids, in one piece of compiled code.

On them, and there are many visits to many of them, calls from outside take longer than the work.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from tinct.algorithms.clusters import shift_clusters
from tinct.algorithms.halves import Halves
from tinct.algorithms.relaxation import (
    STRIP_COLUMNS,
    TILE_ROWS,
    prolong_rows,
    relax_columns,
    relax_rows,
    restrict_rows,
)

__all__ = ["MOST_GRIDS", "SmallGrid", "cycle"]

FloatArray = NDArray[np.float32]

# Compiled for so many grids; further ones are copies of the coarsest, and not visited.
MOST_GRIDS = 12


class SmallGrid(NamedTuple):
    """What the cycle needs of a grid, see `hierarchy.Grid` and `multigrid`.

    Transfers are empty on the coarsest grid, `inverse` on all others.
    """

    links: Halves
    keep: FloatArray
    leak: FloatArray
    row_pivots: FloatArray
    column_pivots: FloatArray
    interpolation: Halves
    restriction: Halves
    members: NDArray[np.int32]
    starts: NDArray[np.int32]
    weights: FloatArray
    member_links: FloatArray
    member_leak: FloatArray
    inverse: FloatArray
    rhs: FloatArray
    solution: FloatArray


@njit(nogil=True, cache=True, error_model="numpy")
def _solve_coarsest(grid: Any) -> None:
    m, n = grid.keep.shape
    pad = (grid.rhs.shape[1] - m) // 2
    inverse = grid.inverse
    for c in range(2):
        b = grid.rhs[c, pad : pad + m, pad : pad + n].copy().reshape(-1)
        x = grid.solution[c]
        for i in range(m):
            for j in range(n):
                total = np.float32(0.0)
                row = inverse[i * n + j]
                for k in range(b.size):
                    total += row[k] * b[k]
                x[i + pad, j + pad] = total


@njit(nogil=True, cache=True, error_model="numpy")
def _relax_rows(grid: Any, fresh: bool) -> None:
    tiles = -(-grid.keep.shape[0] // TILE_ROWS)
    for color in range(2):
        count = (tiles + 1 - color) // 2
        equation = (grid.links, grid.keep, grid.row_pivots, grid.rhs, grid.solution)
        relax_rows(0, count, color, fresh, *equation)


@njit(nogil=True, cache=True, error_model="numpy")
def _restrict(grid: Any, coarse: Any, fresh: bool) -> None:
    equation = (grid.links, grid.keep, grid.leak, grid.rhs, grid.solution)
    restrict_rows(0, coarse.keep.shape[0], fresh, *equation, grid.restriction, coarse.rhs)


@njit(nogil=True, cache=True, error_model="numpy")
def _correct(grid: Any, coarse: Any, rows_too: bool) -> None:
    """Take over the coarse correction, and relax."""
    m, n = grid.keep.shape
    prolong_rows(0, coarse.keep.shape[0], grid.interpolation, coarse.solution, grid.solution, m, n)
    strips = -(-n // STRIP_COLUMNS)
    for parity in (1, 0):
        equation = (grid.links, grid.keep, grid.column_pivots, grid.rhs, grid.solution)
        relax_columns(0, strips, parity, *equation)
    if rows_too:
        _relax_rows(grid, False)
    if grid.members.size > 0:
        pad = (grid.rhs.shape[1] - m) // 2
        members = (grid.members, grid.starts, grid.weights, grid.member_links, grid.member_leak)
        shift_clusters(0, 2, *members, pad, grid.rhs, grid.solution)


@njit(nogil=True, cache=True, error_model="numpy")
def cycle(grids: Any, last: int, visits: Any, rows_twice: int) -> None:
    """Write the correction of the first grid's right-hand side into its solution.

    Parameters
    ----------
    grids : tuple of `MOST_GRIDS` times `SmallGrid`
        From fine to coarse.
    last
        Number of the coarsest grid.
    visits : ndarray of int64
        How often each grid solves the next one.
    rows_twice
        So many grids are relaxed along rows once more at the end of each visit.
    """
    left = np.zeros(last + 1, np.int64)
    number, down = 0, True
    while number >= 0:
        grid = grids[number]
        if number == last:
            _solve_coarsest(grid)
            number, down = number - 1, False
        elif down:
            _relax_rows(grid, True)
            _restrict(grid, grids[number + 1], True)
            left[number] = visits[number]
            number += 1
        else:
            _correct(grid, grids[number + 1], number < rows_twice)
            left[number] -= 1
            if left[number] > 0:
                _restrict(grid, grids[number + 1], False)
                number, down = number + 1, True
            else:
                number -= 1
