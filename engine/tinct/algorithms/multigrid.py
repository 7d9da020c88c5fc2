"""One multigrid cycle on the colorization system: the preconditioner of the Krylov solver."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tinct.algorithms.blocks import run_blocks
from tinct.algorithms.clusters import Clusters, find_clusters, shift_clusters
from tinct.algorithms.coarsening import balance, coarsen
from tinct.algorithms.relaxation import (
    STRIP_COLUMNS,
    TILE_ROWS,
    column_pivots,
    prolong_rows,
    relax_columns,
    relax_rows,
    restrict_rows,
    row_pivots,
)
from tinct.algorithms.stencil import window_offsets
from tinct.context import Progress, no_progress

__all__ = ["Multigrid"]

FloatArray = NDArray[np.float32]

# The coarsest system is inverted densely; that many unknowns take about a millisecond.
_DENSE_UNKNOWNS = 400
# Grids 1 to 3 solve their coarser grid twice (W-cycle); one visit to the others is enough.
_DEEPEST_TWICE = 3
# Lazy steps that balance the coarse levels, the finer ones first: deeper ones cost less.
_BALANCE_STEPS = (12, 32)


@dataclass
class _Level:
    """One grid: its equation, its vectors, and its transfer to the next coarser grid."""

    links: FloatArray
    keep: FloatArray
    leak: FloatArray
    row_pivots: FloatArray
    column_pivots: FloatArray
    rhs: FloatArray
    solution: FloatArray
    clusters: Clusters
    interpolation: FloatArray | None = None
    restriction: FloatArray | None = None

    @property
    def shape(self) -> tuple[int, int]:
        return self.keep.shape[0], self.keep.shape[1]

    @property
    def tiles(self) -> tuple[int, int]:
        """Number of even and of odd tiles."""
        count = -(-self.keep.shape[0] // TILE_ROWS)
        return (count + 1) // 2, count // 2


def _dense_inverse(links: FloatArray, keep: FloatArray, leak: FloatArray) -> FloatArray:
    """Return the inverse of 1 - keep * links as a dense matrix."""
    m, n = keep.shape
    index = np.arange(m * n).reshape(m, n)
    matrix = np.diag(leak.ravel().astype(np.float64))
    for k, (di, dj) in enumerate(window_offsets(3)):
        rows = slice(max(0, -di), m - max(0, di))
        columns = slice(max(0, -dj), n - max(0, dj))
        here = index[rows, columns].ravel()
        there = here + di * n + dj
        weight = (keep * links[k])[rows, columns].ravel().astype(np.float64)
        matrix[here, there] -= weight
        matrix[here, here] += weight
    # A part that no hint reaches has no unique solution; this gives it one, and changes no other.
    matrix[np.diag_indices(m * n)] += 1e-12
    inverse: FloatArray = np.linalg.inv(matrix).astype(np.float32)
    return inverse


class Multigrid:
    """Approximate inverse of u - keep * (links u) for two channels at once.

    One application is a W-cycle on grids 1 to 3 and a V-cycle on the others, with one line
    relaxation before, along rows, and one after, along columns.

    Parameters
    ----------
    links : ndarray of shape (8, M, N), float32
        Row-normalized non-negative weights of the eight neighbors.
    keep : ndarray of shape (M, N), float32
        Factor on each row's links, 0 to 1; 0 = given pixel.
    scale : ndarray of shape (M, N), float32
        Row scaling of the finest level: ``balance(links)``.
    """

    def __init__(
        self,
        links: FloatArray,
        keep: FloatArray,
        scale: FloatArray,
        *,
        progress: Progress = no_progress,
    ) -> None:
        self._levels: list[_Level] = []
        leak = np.float32(1.0) - keep
        empty = np.zeros((2, 0, 0), np.float32)
        while True:
            m, n = keep.shape
            pivots = np.empty((2, m, n), np.float32)
            run_blocks(row_pivots, m, links, keep, leak, pivots[0], pixels=m * n)
            strips = -(-n // STRIP_COLUMNS)
            run_blocks(column_pivots, strips, links, keep, leak, pivots[1], pixels=m * n)
            frame = (2, m + 2, n + 2)
            clusters = find_clusters(links, keep, leak, scale)
            level = _Level(links, keep, leak, pivots[0], pivots[1], empty, empty, clusters)
            if self._levels:
                level.rhs = np.zeros(frame, np.float32)
                level.solution = np.zeros(frame, np.float32)
            self._levels.append(level)
            progress(0.0, "Preparing")
            if m * n <= _DENSE_UNKNOWNS:
                break
            level.interpolation, level.restriction, links, keep, leak = coarsen(
                links, keep, leak, scale
            )
            progress(0.0, "Preparing")
            scale = balance(links, _BALANCE_STEPS[min(len(self._levels), len(_BALANCE_STEPS)) - 1])
        self._inverse = _dense_inverse(links, keep, leak)

    @property
    def nbytes(self) -> int:
        """Memory of all levels but the finest one's links and keep, in bytes."""
        total = self._inverse.nbytes
        for number, level in enumerate(self._levels):
            arrays = [level.row_pivots, level.column_pivots, level.leak, level.rhs, level.solution]
            arrays += [a for a in (level.interpolation, level.restriction) if a is not None]
            arrays += [level.links, level.keep] if number else []
            total += sum(a.nbytes for a in arrays)
        return total

    def apply(
        self, residual: FloatArray, out: FloatArray, *, progress: Progress = no_progress
    ) -> None:
        """Write the correction of `residual` into `out`; both (2, M + 2 pad, N + 2 pad), framed."""
        finest = self._levels[0]
        finest.rhs, finest.solution = residual, out
        try:
            self._cycle(0, progress)
        finally:
            finest.rhs = finest.solution = np.zeros((2, 0, 0), np.float32)

    def _cycle(self, number: int, progress: Progress) -> None:
        level = self._levels[number]
        m, n = level.shape
        level.solution[:] = 0.0
        if number < 3:
            progress(0.0, "Solving")
        if level.interpolation is None or level.restriction is None:
            pad = (level.rhs.shape[1] - m) // 2
            inner = (slice(None), slice(pad, pad + m), slice(pad, pad + n))
            values = level.rhs[inner].reshape(2, -1) @ self._inverse.T
            level.solution[inner] = values.reshape(2, m, n)
            return
        self._relax_before(level)
        coarse = self._levels[number + 1]
        equation = (level.links, level.keep, level.leak, level.rhs, level.solution)
        for _ in range(2 if 0 < number <= _DEEPEST_TWICE else 1):
            down = (*equation, level.restriction, coarse.rhs)
            run_blocks(restrict_rows, coarse.shape[0], *down, pixels=m * n)
            self._cycle(number + 1, progress)
            up = (level.interpolation, coarse.solution, level.solution, m, n)
            run_blocks(prolong_rows, coarse.shape[0], *up, pixels=m * n)
            self._relax_after(level)

    def _relax_before(self, level: _Level) -> None:
        vectors = (level.rhs, level.solution)
        for color, tiles in enumerate(level.tiles):
            job = (color, level.links, level.keep, level.row_pivots, *vectors)
            run_blocks(relax_rows, tiles, *job, pixels=level.keep.size // 2)
        shift_clusters(*level.clusters, level.links, level.keep, level.leak, *vectors)

    def _relax_after(self, level: _Level) -> None:
        vectors = (level.rhs, level.solution)
        strips = -(-level.shape[1] // STRIP_COLUMNS)
        for parity in (1, 0):
            job = (parity, level.links, level.keep, level.column_pivots, *vectors)
            run_blocks(relax_columns, strips, *job, pixels=level.keep.size // 2)
        shift_clusters(*level.clusters, level.links, level.keep, level.leak, *vectors)
