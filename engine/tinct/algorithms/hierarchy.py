"""The grids of the multigrid: built for one picture and its hints, cut out, and patched.

Everything here depends on links and `keep` alone. Strokes more change `keep` in a few places:
`patch` rebuilds the grids there. A window of the picture takes its grids out of the whole's
(`within`); what lies outside of it counts as given.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tinct.algorithms.balancing import balance
from tinct.algorithms.clusters import Clusters, find_clusters
from tinct.algorithms.coarsening import coarsen
from tinct.algorithms.halves import Halves, pack_floats, pack_links, pack_shares
from tinct.algorithms.windows import (
    Box,
    area,
    cut,
    expanded,
    halved,
    inside,
    merged,
    moved,
    shrunk,
)
from tinct.context import Progress, no_progress

__all__ = ["COARSEST_PIXELS", "Grid", "Hierarchy"]

FloatArray = NDArray[np.float32]
Part = tuple[Halves, FloatArray, FloatArray, FloatArray]
"""A grid's links, keep, leak and scale within a box."""

# The coarsest system is inverted densely; beyond that many unknowns linear algebra libraries
# start threads, which wait for each other longer than they work when other programs are busy.
COARSEST_PIXELS = 96
# Steps that balance a grid before it is coarsened: deeper ones cost less, and walks are slow to
# leave a flat stripe along the picture's border, say.
_BALANCE_STEPS = (24, 20, 110, 220)
# So many times as many steps on careful grids. From a flat stripe whose outermost row is a step
# darker, say, a walk hardly ever leaves: the little that does is all that a coarse equation has to
# know, and any density not yet at rest drowns it.
_CARE = (1, 10, 100, 100)
# So far away a link changes the scale on the finest grid: a pixel a step, the two lazy ones too.
_BALANCE_REACH = _BALANCE_STEPS[0] + 2
# A change of one pixel reaches the coarse pixels within this many fine ones.
_REACH = 4
_CLUSTER_REACH = 64


@dataclass
class Grid:
    """One grid's equation, and its transfers to the next coarser grid.

    Attributes
    ----------
    links : ndarray of shape (8, M, N), packed by `halves.pack_links`
    keep : ndarray of shape (M, N), float32
        Factor on each row's links, 0 at given pixels.
    leak, scale : ndarray of shape (M, N), float32, or None
        Row sums of the operator, on the finest grid 1 - keep, and row scaling, there
        ``balance(links)``. None on a finest grid that was told to forget them.
    clusters : Clusters
    interpolation, restriction : ndarray of shape (9, m, n), or None on the coarsest grid
        Packed, see `halves`: a correction need not be exact. The coarse equation is made of
        exact ones.
    """

    links: Halves
    keep: FloatArray
    leak: FloatArray | None
    scale: FloatArray | None
    clusters: Clusters
    interpolation: Halves | None = None
    restriction: Halves | None = None

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width."""
        return self.keep.shape[0], self.keep.shape[1]

    @property
    def row_sums(self) -> FloatArray:
        """The leak, made anew where it was forgotten."""
        return np.float32(1.0) - self.keep if self.leak is None else self.leak

    def part(self, box: Box) -> Part:
        """Return the equation within a box, as copies."""
        links, keep = cut(self.links, box), cut(self.keep, box)
        leak = np.float32(1.0) - keep if self.leak is None else cut(self.leak, box)
        if self.scale is not None:
            return links, keep, leak, cut(self.scale, box)
        around = expanded(box, _BALANCE_REACH, self.shape)
        scale = balance(cut(self.links, around), _BALANCE_STEPS[0])
        return links, keep, leak, cut(scale, moved(box, around))

    @property
    def nbytes(self) -> int:
        """Memory held, in bytes."""
        held = self.clusters.nbytes + self.links.nbytes + self.keep.nbytes
        others = (self.leak, self.scale, self.interpolation, self.restriction)
        return held + sum(a.nbytes for a in others if a is not None)


class Hierarchy:
    """All grids, the finest first.

    Parameters
    ----------
    grids
        See `build` and `within`.
    least_leak
        Of coarse grids, see `build`.
    """

    def __init__(self, grids: list[Grid], least_leak: float = 0.0) -> None:
        self.grids = grids
        self.least_leak = least_leak

    @classmethod
    def build(
        cls,
        links: Halves,
        keep: FloatArray,
        *,
        careful: bool = False,
        least_leak: float = 0.0,
        progress: Progress = no_progress,
    ) -> Hierarchy:
        """Coarsen u - keep * (links u) until few pixels are left.

        Parameters
        ----------
        links : ndarray of shape (8, M, N), packed by `halves.pack_links`
            Row-normalized weights of the eight neighbors.
        keep : ndarray of shape (M, N), float32
            Factor on each row's links, 0 to 1; 0 = given pixel.
        careful
            Whether to balance all coarse grids until nothing changes, for seconds per megapixel.
        least_leak
            Part of its value that every coarse pixel loses at least. A few that hold only to each
            other and lose nothing answer any rounding of what they get with anything.
        progress
            Called with 0 now and then; may raise `Cancelled`.
        """
        grids: list[Grid] = []
        leak = np.float32(1.0) - keep
        while True:
            number = min(len(grids), len(_BALANCE_STEPS) - 1)
            steps = _BALANCE_STEPS[number] * (_CARE[number] if careful else 1)
            scale = balance(links, steps, progress=progress)
            grid = Grid(links, keep, leak, scale, find_clusters(links, keep, leak, scale))
            grids.append(grid)
            progress(0.0, "Preparing")
            if keep.size <= COARSEST_PIXELS:
                return cls(grids, least_leak)
            interpolation, restriction, weights, keep, leak = coarsen(
                links, keep, leak, scale, least_leak=least_leak
            )
            links = pack_links(weights)
            del weights
            grid.interpolation = pack_shares(interpolation)
            del interpolation
            grid.restriction = pack_floats(restriction)
            del restriction
            progress(0.0, "Preparing")

    @property
    def nbytes(self) -> int:
        """Memory of all grids but the finest one's links and keep, in bytes."""
        finest = self.grids[0]
        return sum(grid.nbytes for grid in self.grids) - finest.links.nbytes - finest.keep.nbytes

    def forget(self) -> None:
        """Give up the finest grid's leak and scale: they are made again where they are needed."""
        self.grids[0].leak = self.grids[0].scale = None

    def within(self, box: Box) -> Hierarchy:
        """Return the grids of a box, aligned by `windows.aligned`, as copies.

        A coarse pixel on the box's first row or column also stands for fine pixels outside: its
        equation is not that of the box. It counts as given, on sides where the picture goes on.
        """
        grids: list[Grid] = []
        for grid in self.grids:
            columns = grid.shape[1]
            rows, places = np.divmod(grid.clusters.members, np.int32(columns))
            free = shrunk(box, grid.shape) if grids else box
            clusters = grid.clusters.chosen(inside(rows, places, free))
            size = box[1].stop - box[1].start
            clusters = clusters.moved(columns, -box[0].start, -box[1].start, size)
            links, keep = cut(grid.links, box), cut(grid.keep, box)
            leak = np.float32(1.0) - keep if grid.leak is None else cut(grid.leak, box)
            scale = None if grid.scale is None else cut(grid.scale, box)
            if grids and box[0].start > 0:
                keep[0], leak[0] = 0.0, 1.0
            if grids and box[1].start > 0:
                keep[:, 0], leak[:, 0] = 0.0, 1.0
            own = Grid(links, keep, leak, scale, clusters)
            grids.append(own)
            if own.keep.size <= COARSEST_PIXELS or grid.interpolation is None:
                break
            box = halved(box)
            own.interpolation = cut(grid.interpolation, box)
            assert grid.restriction is not None
            own.restriction = cut(grid.restriction, box)
            if box[0].start > 0:
                own.restriction[:, 0] = 0
            if box[1].start > 0:
                own.restriction[:, :, 0] = 0
        return Hierarchy(grids)

    def patch_pixels(self, boxes: list[Box]) -> int:
        """Return how many pixels of the finest grid `patch` has to look at."""
        boxes, shape = merged(boxes, _CLUSTER_REACH), self.grids[0].shape
        return sum(area(expanded(box, _CLUSTER_REACH, shape)) for box in boxes)

    def patch(self, boxes: list[Box], keep: FloatArray) -> list[list[Box]]:
        """Take over another `keep` that differs from the old one within `boxes` only.

        Scales stay as they are: exact on the finest grid, nearly so on the others. Returns where
        each grid's equation changed.
        """
        finest = self.grids[0]
        finest.keep = keep
        boxes = merged(boxes, _CLUSTER_REACH)
        if finest.leak is not None:
            for box in boxes:
                finest.leak[box] = np.float32(1.0) - keep[box]
        changed = []
        for grid, below in zip(self.grids, [*self.grids[1:], None], strict=True):
            changed.append(boxes)
            pieces = [_Piece.of(grid, box) for box in boxes]
            self._patch_clusters(grid, pieces)
            if below is not None:
                boxes = [self._patch_below(grid, below, piece) for piece in pieces]
                boxes = merged(boxes, _CLUSTER_REACH)
        return changed

    def _patch_below(self, grid: Grid, below: Grid, piece: _Piece) -> Box:
        """Coarsen anew what follows from a grid's equation in a piece; return what it changes."""
        assert grid.interpolation is not None
        assert grid.restriction is not None
        assert below.leak is not None
        box, around, part = piece
        near = expanded(box, 2 * _REACH, grid.shape, even=True)
        links, keep, leak, scale = (cut(one, moved(near, around)) for one in part)
        coarse = expanded(halved(box), _REACH // 2, below.shape)
        interpolation, restriction, links, keep, leak = coarsen(
            links, keep, leak, scale, least_leak=self.least_leak
        )
        local = moved(coarse, halved(near))
        here, there = (slice(None), *coarse), (slice(None), *local)
        grid.interpolation[here] = pack_shares(interpolation)[there]
        grid.restriction[here] = pack_floats(restriction)[there]
        below.links[here] = pack_links(links)[there]
        below.keep[coarse] = keep[local]
        below.leak[coarse] = leak[local]
        return coarse

    @staticmethod
    def _patch_clusters(grid: Grid, pieces: list[_Piece]) -> None:
        """Find the clusters in and beside the pieces anew."""
        rows, places = np.divmod(grid.clusters.members, np.int32(grid.shape[1]))
        away = np.ones(rows.shape, bool)
        for piece in pieces:
            away &= ~inside(rows, places, expanded(piece.box, 1, grid.shape))
        beside = Clusters.joined([Hierarchy._clusters_beside(grid, piece) for piece in pieces])
        grid.clusters = Clusters.joined([grid.clusters.chosen(away), beside.distinct()])

    @staticmethod
    def _clusters_beside(grid: Grid, piece: _Piece) -> Clusters:
        box, around, part = piece
        columns = grid.shape[1]
        found = find_clusters(*part)
        width = around[1].stop - around[1].start
        found = found.moved(width, around[0].start, around[1].start, columns)
        # One that reaches the border of the cut may be part of a larger one.
        whole = shrunk(around, grid.shape)
        rows, places = np.divmod(found.members, np.int32(columns))
        found = found.chosen(inside(rows, places, whole))
        rows, places = np.divmod(found.members, np.int32(columns))
        touched = inside(rows, places, expanded(box, 1, grid.shape))
        return found.chosen(touched, partly=True)


class _Piece(NamedTuple):
    """A box where a grid's equation changed, and the equation within a box around it."""

    box: Box
    around: Box
    part: Part

    @classmethod
    def of(cls, grid: Grid, box: Box) -> _Piece:
        around = expanded(box, _CLUSTER_REACH, grid.shape, even=True)
        return cls(box, around, grid.part(around))
