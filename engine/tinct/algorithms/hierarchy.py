"""The grids of the multigrid: built for one picture and its hints, cut out, and patched.

Everything here depends on links and `keep` alone. A stroke more changes `keep` in one place:
`patch` rebuilds the grids there. A window of the picture takes its grids out of the whole's
(`within`); what lies outside of it counts as given.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tinct.algorithms.clusters import Clusters, find_clusters
from tinct.algorithms.coarsening import balance, coarsen
from tinct.algorithms.windows import Box, cut, expanded, halved, inside
from tinct.context import Progress, no_progress

__all__ = ["COARSEST_PIXELS", "Grid", "Hierarchy"]

FloatArray = NDArray[np.float32]

# The coarsest system is inverted densely; beyond that many unknowns linear algebra libraries
# start threads, which wait for each other longer than they work when other programs are busy.
COARSEST_PIXELS = 196
# Lazy steps that balance a grid before it is coarsened: deeper ones cost less.
_BALANCE_STEPS = (4, 12, 32)
# A change of one pixel reaches the coarse pixels within this many fine ones.
_REACH = 4
_CLUSTER_REACH = 64


@dataclass
class Grid:
    """One grid's equation, and its transfers to the next coarser grid.

    Attributes
    ----------
    links : ndarray of shape (8, M, N), float32
    keep, leak : ndarray of shape (M, N), float32
        Factor on each row's links, 0 at given pixels; and the row sums of the operator.
    clusters : Clusters
    interpolation, restriction : ndarray of shape (9, m, n), float32, or None on the coarsest grid
    """

    links: FloatArray
    keep: FloatArray
    leak: FloatArray
    clusters: Clusters
    interpolation: FloatArray | None = None
    restriction: FloatArray | None = None

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width."""
        return self.keep.shape[0], self.keep.shape[1]

    @property
    def nbytes(self) -> int:
        """Memory held, in bytes."""
        arrays = [self.links, self.keep, self.leak, self.interpolation, self.restriction]
        return self.clusters.nbytes + sum(a.nbytes for a in arrays if a is not None)


class Hierarchy:
    """All grids, the finest first.

    Parameters
    ----------
    grids
        See `build` and `within`.
    """

    def __init__(self, grids: list[Grid]) -> None:
        self.grids = grids

    @classmethod
    def build(
        cls, links: FloatArray, keep: FloatArray, *, progress: Progress = no_progress
    ) -> Hierarchy:
        """Coarsen u - keep * (links u) until few pixels are left.

        Parameters
        ----------
        links : ndarray of shape (8, M, N), float32
            Row-normalized non-negative weights of the eight neighbors.
        keep : ndarray of shape (M, N), float32
            Factor on each row's links, 0 to 1; 0 = given pixel.
        progress
            Called with 0 now and then; may raise `Cancelled`.
        """
        grids: list[Grid] = []
        leak = np.float32(1.0) - keep
        while True:
            scale = balance(links, _steps(len(grids)))
            grid = Grid(links, keep, leak, find_clusters(links, keep, leak, scale))
            grids.append(grid)
            progress(0.0, "Preparing")
            if keep.size <= COARSEST_PIXELS:
                return cls(grids)
            grid.interpolation, grid.restriction, links, keep, leak = coarsen(
                links, keep, leak, scale
            )
            progress(0.0, "Preparing")

    @property
    def nbytes(self) -> int:
        """Memory of all grids but the finest one's links and keep, in bytes."""
        finest = self.grids[0]
        return sum(grid.nbytes for grid in self.grids) - finest.links.nbytes - finest.keep.nbytes

    def within(self, box: Box) -> Hierarchy:
        """Return the grids of a box, aligned by `windows.aligned`, as copies.

        A coarse pixel on the box's first row or column also stands for fine pixels outside: its
        equation is not that of the box. It counts as given, on sides where the picture goes on.
        """
        grids: list[Grid] = []
        for grid in self.grids:
            columns = grid.shape[1]
            rows, places = np.divmod(grid.clusters.members, np.int32(columns))
            free = tuple(slice(s.start + (s.start > 0 < len(grids)), s.stop) for s in box)
            clusters = grid.clusters.chosen(inside(rows, places, (free[0], free[1])))
            size = box[1].stop - box[1].start
            clusters = clusters.moved(columns, -box[0].start, -box[1].start, size)
            own = Grid(cut(grid.links, box), cut(grid.keep, box), cut(grid.leak, box), clusters)
            if grids and box[0].start > 0:
                own.keep[0], own.leak[0] = 0.0, 1.0
            if grids and box[1].start > 0:
                own.keep[:, 0], own.leak[:, 0] = 0.0, 1.0
            grids.append(own)
            if own.keep.size <= COARSEST_PIXELS or grid.interpolation is None:
                break
            box = halved(box)
            own.interpolation = cut(grid.interpolation, box)
            assert grid.restriction is not None
            own.restriction = cut(grid.restriction, box)
            if box[0].start > 0:
                own.restriction[:, 0] = 0.0
            if box[1].start > 0:
                own.restriction[:, :, 0] = 0.0
        return Hierarchy(grids)

    def patch(self, box: Box, keep: FloatArray) -> None:
        """Take over another `keep` that differs from the old one within `box` only."""
        finest = self.grids[0]
        finest.keep = keep
        finest.leak[box] = np.float32(1.0) - keep[box]
        for number, grid in enumerate(self.grids):
            box = self._patch_grid(number, grid, box)

    def _patch_grid(self, number: int, grid: Grid, box: Box) -> Box:
        """Rebuild what follows from a grid's equation in `box`; return what changes below."""
        halo = _steps(number) + 2 * _REACH
        around = expanded(box, halo, grid.shape, even=True)
        equation = cut(grid.links, around), cut(grid.keep, around), cut(grid.leak, around)
        scale = balance(equation[0], _steps(number))
        self._patch_clusters(number, grid, box)
        if grid.interpolation is None or grid.restriction is None:
            return box
        below = self.grids[number + 1]
        coarse = expanded(halved(box), _REACH // 2 + 1, below.shape)
        interpolation, restriction, links, keep, leak = coarsen(*equation, scale)
        origin = around[0].start // 2, around[1].start // 2
        local = tuple(slice(s.start - o, s.stop - o) for s, o in zip(coarse, origin, strict=True))
        grid.interpolation[(slice(None), *coarse)] = interpolation[(slice(None), *local)]
        grid.restriction[(slice(None), *coarse)] = restriction[(slice(None), *local)]
        below.links[(slice(None), *coarse)] = links[(slice(None), *local)]
        below.keep[coarse] = keep[local]
        below.leak[coarse] = leak[local]
        return coarse

    @staticmethod
    def _patch_clusters(number: int, grid: Grid, box: Box) -> None:
        """Find the clusters in and beside `box` anew."""
        touched = expanded(box, 1, grid.shape)
        columns = grid.shape[1]
        rows, places = np.divmod(grid.clusters.members, np.int32(columns))
        untouched = grid.clusters.chosen(~inside(rows, places, touched))
        around = expanded(box, _CLUSTER_REACH, grid.shape)
        links, keep, leak = cut(grid.links, around), cut(grid.keep, around), cut(grid.leak, around)
        found = find_clusters(links, keep, leak, balance(links, _steps(number)))
        width = around[1].stop - around[1].start
        found = found.moved(width, around[0].start, around[1].start, columns)
        rows, places = np.divmod(found.members, np.int32(columns))
        grid.clusters = untouched.joined(found.chosen(inside(rows, places, touched), partly=True))


def _steps(number: int) -> int:
    return _BALANCE_STEPS[min(number, len(_BALANCE_STEPS) - 1)]
