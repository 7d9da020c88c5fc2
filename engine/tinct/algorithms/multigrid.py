"""One multigrid cycle on the colorization system: the preconditioner of the Krylov solver."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tinct.algorithms.areas import Areas, AreaSolver
from tinct.algorithms.blocks import run_blocks
from tinct.algorithms.clusters import Clusters, shift_clusters
from tinct.algorithms.halves import unpack_links
from tinct.algorithms.hierarchy import Grid, Hierarchy
from tinct.algorithms.relaxation import (
    column_pivots,
    lines_of,
    relax_tiles,
    row_pivots,
    tile_count,
    tile_rows,
)
from tinct.algorithms.small_grids import MOST_GRIDS, SmallGrid, cycle
from tinct.algorithms.stencil import window_offsets
from tinct.algorithms.transfers import prolong_rows, restrict_rows
from tinct.algorithms.windows import Box
from tinct.context import Progress, no_progress

__all__ = ["Multigrid"]

FloatArray = NDArray[np.float32]

# Grids 1 to 3 solve their coarser grid twice (W-cycle); one visit to the others is enough.
_DEEPEST_TWICE = 3
# So many times what a coarser grid says is taken over: it takes links across for stronger than
# they are. On grids solved once this would add up.
_FACTORS = 1.15, 1.25, 1.25
# What shifting a member of a cluster costs, in pixels of other kernels: to judge a second thread.
_PIXELS_PER_MEMBER = 8
# From grids of this size on, a thread does all of a channel in one piece: calls, and threads that
# wait for each other, take too long. A cycle is as much work as so many pixels of other kernels.
_SMALL_PIXELS = 400_000
_PIXELS_PER_CYCLE = 10
_NOTHING = np.zeros((2, 0, 0), np.float32)
_NO_MATRIX = np.zeros((0, 0), np.float32)
_NO_TRANSFER = np.zeros((9, 0, 0), np.uint16)


@dataclass
class _Level:
    """A grid, the pivots of its lines, and its vectors while a correction is computed."""

    grid: Grid
    row_pivots: FloatArray
    column_pivots: FloatArray
    rhs: FloatArray = field(default_factory=lambda: _NOTHING)
    solution: FloatArray = field(default_factory=lambda: _NOTHING)
    _placed: tuple[Clusters, NDArray[np.int32]] | None = None

    @classmethod
    def of(cls, grid: Grid) -> _Level:
        m, n = grid.shape
        pivots = np.empty((2, m, n), np.float32)
        equation = grid.links, grid.keep, grid.row_sums
        run_blocks(row_pivots, m, *equation, pivots[0], pixels=m * n)
        run_blocks(column_pivots, tile_count(m), *equation, pivots[1], pixels=m * n)
        return cls(grid, pivots[0], pivots[1])

    def patch(self, boxes: list[Box]) -> None:
        """Take over that the grid's equation changed in `boxes`."""
        equation = self.grid.links, self.grid.keep, self.grid.row_sums
        size = tile_rows(self.grid.shape[0])
        tiles: set[int] = set()
        for rows, _ in boxes:
            row_pivots(rows.start, rows.stop, *equation, self.row_pivots)
            tiles.update(range(rows.start // size, -(-rows.stop // size)))
        for tile in tiles:
            column_pivots(tile, tile + 1, *equation, self.column_pivots)

    @property
    def places(self) -> NDArray[np.int32]:
        """Where the clusters' members lie in the vectors, laid flat."""
        if self._placed is None or self._placed[0] is not self.grid.clusters:
            columns = self.grid.shape[1]
            pad = (self.rhs.shape[2] - columns) // 2
            self._placed = self.grid.clusters, self.grid.clusters.places(columns, pad)
        return self._placed[1]

    @property
    def leak(self) -> FloatArray:
        """The grid's; of the finest one, which may have forgotten it, anything.

        The finest one is restricted when fresh: it is not read.
        """
        return self.grid.keep if self.grid.leak is None else self.grid.leak

    @property
    def nbytes(self) -> int:
        """Memory beside the grid's, in bytes."""
        placed = 0 if self._placed is None else self._placed[1].nbytes
        return placed + self.row_pivots.nbytes + self.column_pivots.nbytes

    def small(self, inverse: FloatArray) -> SmallGrid:
        """Return what compiled code needs; `inverse` is the coarsest grid's."""
        grid = self.grid
        coarsest = grid.interpolation is None
        return SmallGrid(
            grid.links,
            grid.keep,
            self.leak,
            self.row_pivots,
            self.column_pivots,
            _NO_TRANSFER if grid.interpolation is None else grid.interpolation,
            _NO_TRANSFER if grid.restriction is None else grid.restriction,
            self.places,
            *grid.clusters[1:],
            inverse if coarsest else _NO_MATRIX,
            self.rhs,
            self.solution,
        )


def _dense_inverse(grid: Grid) -> FloatArray:
    """Return the inverse of 1 - keep * links as a dense matrix; what lies outside is given."""
    m, n = grid.shape
    index = np.arange(m * n).reshape(m, n)
    links = (grid.keep * unpack_links(grid.links)).astype(np.float64)
    matrix = np.diag((grid.row_sums + links.sum(axis=0)).ravel())
    for k, (di, dj) in enumerate(window_offsets(3)):
        rows = slice(max(0, -di), m - max(0, di))
        columns = slice(max(0, -dj), n - max(0, dj))
        here = index[rows, columns].ravel()
        matrix[here, here + di * n + dj] -= links[k][rows, columns].ravel()
    # A part that no hint reaches has no unique solution; this gives it one, and changes no other.
    matrix[np.diag_indices(m * n)] += 1e-12
    inverse: FloatArray = np.linalg.inv(matrix).astype(np.float32)
    return inverse


def _visits(number: int) -> int:
    return 2 if 0 < number <= _DEEPEST_TWICE else 1


def _factor(number: int) -> np.float32:
    return np.float32(_FACTORS[number] if number < len(_FACTORS) else 1.0)


class Multigrid:
    """Approximate inverse of u - keep * (links u) for two channels at once.

    One application is a W-cycle on grids 1 to 3 and a V-cycle on the others. The coarser grid goes
    first; lines are relaxed afterwards, see `relaxation.lines_of`. Where the picture has areas of
    one tone, their solver has the last word.
    """

    def __init__(
        self,
        hierarchy: Hierarchy,
        areas: Areas | None = None,
        *,
        progress: Progress = no_progress,
    ) -> None:
        self._levels: list[_Level] = []
        for grid in hierarchy.grids:
            self._levels.append(_Level.of(grid))
            progress(0.0, "Preparing")
        self._inverse = _dense_inverse(hierarchy.grids[-1])
        self._areas = None if areas is None else AreaSolver(areas, hierarchy.grids[0])

    @property
    def nbytes(self) -> int:
        """Memory beside the grids', in bytes."""
        areas = 0 if self._areas is None else self._areas.nbytes
        return areas + self._inverse.nbytes + sum(level.nbytes for level in self._levels)

    def patch(self, changed: list[list[Box]]) -> None:
        """Take over what `Hierarchy.patch` changed, and where."""
        for level, boxes in zip(self._levels, changed, strict=True):
            level.patch(boxes)
        self._inverse = _dense_inverse(self._levels[-1].grid)
        if self._areas is not None:
            self._areas.patch(changed[0])

    def apply(
        self,
        residual: FloatArray,
        out: FloatArray,
        *,
        scratch: FloatArray = _NOTHING,
        progress: Progress = no_progress,
        ask: Callable[[FloatArray], bool] | None = None,
    ) -> bool:
        """Write the correction of `residual` into `out`, (2, M + 2 pad, N + 2 pad), framed by 0.

        What is in `scratch` is lost: the coarse grids' vectors take its place, if they fit.
        Large grids without areas show `ask` what the coarser grid is about to correct. When it
        says that this is enough, `out` is left as it is, and False returned.
        """
        self._levels[0].rhs, self._levels[0].solution = residual, out
        self._lend(scratch.reshape(-1))
        try:
            if not self._cycle(0, progress, ask if self._areas is None else None):
                return False
        finally:
            for level in self._levels:
                level.rhs = level.solution = _NOTHING
        if self._areas is not None:
            progress(0.0, "Solving")
            self._areas.correct(residual, out)
        return True

    def _lend(self, scratch: FloatArray) -> None:
        """Give the coarse grids their vectors, framed by zeros."""
        shapes = [level.grid.shape for level in self._levels[1:]]
        needed = sum(4 * (m + 2) * (n + 2) for m, n in shapes)
        if scratch.size < needed:
            scratch = np.empty(needed, np.float32)
        for level, (m, n) in zip(self._levels[1:], shapes, strict=True):
            size = 4 * (m + 2) * (n + 2)
            vectors, scratch = scratch[:size].reshape(2, 2, m + 2, n + 2), scratch[size:]
            for edge in (0, -1):  # both at once would copy them
                vectors[:, :, edge] = 0.0
                vectors[..., edge] = 0.0
            level.rhs, level.solution = vectors

    def _cycle(
        self, number: int, progress: Progress, ask: Callable[[FloatArray], bool] | None = None
    ) -> bool:
        level, grid = self._levels[number], self._levels[number].grid
        m, n = grid.shape
        if number < 3:
            progress(0.0, "Solving")
        if self._is_small(number):
            small = [one.small(self._inverse) for one in self._levels[number:]]
            last = len(small) - 1
            visits = np.array([_visits(number + k) for k in range(len(small))], np.int64)
            factors = np.array([_factor(number + k) for k in range(len(small))], np.float32)
            small += small[-1:] * (MOST_GRIDS - len(small))
            job = tuple(small), last, visits, factors
            run_blocks(cycle, 2, *job, pixels=_PIXELS_PER_CYCLE * grid.keep.size)
            return True
        assert grid.interpolation is not None
        assert grid.restriction is not None
        coarse = self._levels[number + 1]
        rows = coarse.grid.shape[0]
        equation = (grid.links, grid.keep, level.leak, level.rhs, level.solution)
        for visit in range(_visits(number)):
            fresh = visit == 0
            down = (fresh, *equation, grid.restriction, coarse.rhs)
            run_blocks(restrict_rows, rows, *down, pixels=m * n)
            self._cycle(number + 1, progress)
            if ask is not None and ask(coarse.solution):
                return False
            up = (grid.interpolation, coarse.solution, level.solution, m, n)
            run_blocks(prolong_rows, rows, fresh, _factor(number), *up, pixels=m * n)
            self._relax(level, lines_of(visit, _visits(number)))
            self._shift(level)
        return True

    def _is_small(self, number: int) -> bool:
        size = self._levels[number].grid.keep.size
        return size < _SMALL_PIXELS and len(self._levels) - number <= MOST_GRIDS

    @staticmethod
    def _relax(level: _Level, lines: int) -> None:
        pixels = level.grid.keep.size // 2
        equation = level.grid.links, level.grid.keep, level.row_pivots, level.column_pivots
        tiles = tile_count(level.grid.shape[0])
        for color, count in enumerate(((tiles + 1) // 2, tiles // 2)):
            job = (color, *equation, level.rhs, level.solution, lines)
            run_blocks(relax_tiles, count, *job, pixels=pixels)

    @staticmethod
    def _shift(level: _Level) -> None:
        clusters = level.grid.clusters
        if clusters.members.size:
            work = _PIXELS_PER_MEMBER * clusters.members.size
            job = (level.places, *clusters[1:], level.rhs, level.solution)
            run_blocks(shift_clusters, len(level.rhs), *job, pixels=work)
