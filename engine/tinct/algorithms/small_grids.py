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
from tinct.algorithms.relaxation import lines_of, relax_tiles, tile_count
from tinct.algorithms.transfers import prolong_rows, restrict_rows

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
    places: NDArray[np.int32]
    starts: NDArray[np.int32]
    weights: FloatArray
    member_links: Halves
    member_leak: FloatArray
    inverse: FloatArray
    rhs: FloatArray
    solution: FloatArray


@njit(nogil=True, cache=True, error_model="numpy")
def _solve_coarsest(inverse: Any, keep: Any, rhs: Any, solution: Any) -> None:
    m, n = keep.shape
    pad = (rhs.shape[1] - m) // 2
    for c in range(rhs.shape[0]):
        b = rhs[c, pad : pad + m, pad : pad + n].copy().reshape(-1)
        for i in range(m):
            for j in range(n):
                total = np.float32(0.0)
                row = inverse[i * n + j]
                for k in range(b.size):
                    total += row[k] * b[k]
                solution[c, i + pad, j + pad] = total


@njit(nogil=True, cache=True, error_model="numpy")
def _relax(grid: Any, lines: int, rhs: Any, solution: Any) -> None:
    equation = grid.links, grid.keep, grid.row_pivots, grid.column_pivots, rhs, solution
    tiles = tile_count(grid.keep.shape[0])
    for color in range(2):
        relax_tiles(0, (tiles + 1 - color) // 2, color, *equation, lines)


@njit(nogil=True, cache=True, error_model="numpy")
def _correct(
    grid: Any, lines: int, fresh: bool, factor: Any, coarse: Any, rhs: Any, solution: Any
) -> None:
    """Take over `factor` times the coarse correction, and relax."""
    m, n = grid.keep.shape
    rows = coarse.shape[1] - 2
    prolong_rows(0, rows, fresh, factor, grid.interpolation, coarse, solution, m, n)
    _relax(grid, lines, rhs, solution)
    if grid.places.size > 0:
        members = (grid.places, grid.starts, grid.weights, grid.member_links, grid.member_leak)
        shift_clusters(0, rhs.shape[0], *members, rhs, solution)


@njit(nogil=True, cache=True, error_model="numpy")
def cycle(start: int, stop: int, grids: Any, last: int, visits: Any, factors: Any) -> None:
    """Write the correction of the first grid's right-hand side into its solution.

    Parameters
    ----------
    start, stop
        Of the channels: they know nothing of each other, and never wait for each other.
    grids : tuple of `MOST_GRIDS` times `SmallGrid`
        From fine to coarse.
    last
        Number of the coarsest grid.
    visits : ndarray of int64
        How often each grid solves the next one.
    factors : ndarray of float32
        How many times the next one's correction each grid takes over.
    """
    left = np.zeros(last + 1, np.int64)
    number, down = 0, True
    while number >= 0:
        grid = grids[number]
        rhs, solution = grid.rhs[start:stop], grid.solution[start:stop]
        if number == last:
            _solve_coarsest(grid.inverse, grid.keep, rhs, solution)
            number, down = number - 1, False
            continue
        if down:
            left[number] = visits[number]
        else:
            coarse = grids[number + 1].solution[start:stop]
            visit = visits[number] - left[number]
            lines = lines_of(visit, visits[number])
            _correct(grid, lines, visit == 0, factors[number], coarse, rhs, solution)
            left[number] -= 1
        if left[number] > 0:
            equation = (grid.links, grid.keep, grid.leak, rhs, solution)
            below = grids[number + 1].rhs[start:stop]
            restrict_rows(0, below.shape[1] - 2, down, *equation, grid.restriction, below)
            number, down = number + 1, True
        else:
            number -= 1
