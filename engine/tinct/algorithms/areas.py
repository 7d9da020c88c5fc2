"""Areas of one tone as unknowns of their own: a coarse space beside the grids of the multigrid.

Where areas of one tone meet at hard edges, as in line art, links across an edge are some 1e-5 of
those within an area. Colors are level in each area then, and so are errors. Grids cannot tell a
line thinner than their pixels from the areas beside it; what they take to cross an edge is many
times the truth, and such errors hardly shrink. Here every area has hat functions of its own, on a
lattice of `SPACING` pixels. Their system, a Galerkin product (restriction is the transposed
interpolation of scaled rows), is small and solved directly.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.linalg import SuperLU, splu

from tinct.algorithms.areas_kernels import (
    SPACING,
    add_hats,
    assemble_blocks,
    find_parts,
    restrict_blocks,
    scale_blocks,
)
from tinct.algorithms.blocks import run_blocks
from tinct.algorithms.hierarchy import Grid
from tinct.algorithms.windows import Box, expanded

__all__ = ["AreaSolver", "Areas", "find_areas"]

FloatArray = NDArray[np.float32]
IndexArray = NDArray[np.int32]

# Smaller areas are level as a whole. They go in down to such sizes, as far as there are not more of
# them than that, and than that part of the picture's pixels: factors get expensive.
_LEVEL, _SMALLEST = 32, (1, 4, 8)
_MOST, _MOST_PART = 2_000, 0.01
# Pictures with less than this part in areas of so many pixels have other troubles, as enlarged
# photographs have, which are full of small ones.
_LEAST_COVERED = 0.3
_LARGE = 1024
# So many areas a block may hold, and so many parts a part may touch, itself the first.
_AREAS = 254
_NEIGHBORS = 24
_SYMMETRIC = {"SymmetricMode": True}


@dataclass(frozen=True)
class Areas:
    """Where the areas of a picture are, and which hat functions reach them.

    What lies of one area in one block is a part; its four hat functions peak at the block's
    corners, in the order north west, north east, south west, south east.

    Attributes
    ----------
    slots : ndarray of shape (M, N), uint8
        0 outside of all areas, else 1 + number of the part within its block.
    first : ndarray of shape (ceil(M / SPACING), ceil(N / SPACING)), int32
        Number of each block's first part.
    unknowns : ndarray of shape (parts, 4), int32
        Number of each part's hat functions.
    """

    slots: NDArray[np.uint8]
    first: IndexArray
    unknowns: IndexArray

    @property
    def nbytes(self) -> int:
        """Memory held, in bytes."""
        return self.slots.nbytes + self.first.nbytes + self.unknowns.nbytes


def find_areas(luminance: FloatArray, domain: NDArray[np.bool_] | None = None) -> Areas | None:
    """Find connected sets of equal luminance, when they make up much of the picture; else None.

    Parameters
    ----------
    luminance : ndarray of shape (M, N), float32
        Y in [0, 1], finite.
    domain : ndarray of shape (M, N), bool, optional
        Pixels that take part.
    """
    equal = np.count_nonzero(luminance[:, 1:] == luminance[:, :-1])
    if equal < _LEAST_COVERED * luminance.size:
        return None
    from skimage.measure import label

    bits = np.ascontiguousarray(luminance).view(np.int32)
    labels = label(bits, background=-1, connectivity=2)  # type: ignore[no-untyped-call]
    if domain is not None:
        labels[~domain] = 0
    sizes = np.bincount(labels.ravel())
    sizes[0] = 0
    if sizes[sizes >= _LARGE].sum() < _LEAST_COVERED * luminance.size:
        return None
    most = max(_MOST, _MOST_PART * luminance.size)
    smallest = next((size for size in _SMALLEST if (sizes >= size).sum() <= most), _LEVEL)
    large = sizes >= smallest
    kept = np.where(large, np.cumsum(large), 0).astype(np.int32)[labels]
    blocks = tuple(-(-size // SPACING) for size in luminance.shape)
    slots = np.empty(luminance.shape, np.uint8)
    found = np.zeros((*blocks, _AREAS), np.int32)
    count = np.zeros(blocks, np.int32)
    run_blocks(find_parts, blocks[0], kept, slots, found, count, pixels=luminance.size)
    ends = np.cumsum(count, dtype=np.int32).reshape(blocks)
    row, column, slot = np.nonzero(np.arange(_AREAS) < count[..., None])
    area = found[row, column, slot].astype(np.int64)
    corners = [((row + di) * (blocks[1] + 1) + column + dj) for di in (0, 1) for dj in (0, 1)]
    keys = np.stack(corners, axis=1)
    # The hats of a small area share one height: it is level.
    keys[sizes[large][area - 1] < _LEVEL] = 0
    keys += area[:, None] * ((blocks[0] + 1) * (blocks[1] + 1))
    unknowns = np.unique(keys, return_inverse=True)[1].reshape(keys.shape)
    return Areas(slots, ends - count, unknowns.astype(np.int32))


class AreaSolver:
    """Corrects errors that are smooth within each area.

    Parameters
    ----------
    areas
        Those of the picture.
    grid
        The finest one.
    """

    def __init__(self, areas: Areas, grid: Grid) -> None:
        self._areas = areas
        self._grid = grid
        self._scale = np.empty(grid.shape, np.float32)
        scaling = areas.slots, grid.links, self._scale
        run_blocks(scale_blocks, len(areas.first), *scaling, pixels=grid.keep.size)
        parts = len(areas.unknowns)
        # A block without parts has the number of the next one's first.
        self._block_of = np.searchsorted(areas.first.ravel(), np.arange(parts), side="right") - 1
        self._neighbors = np.full((parts, _NEIGHBORS), -1, np.int32)
        self._values = np.zeros((parts, _NEIGHBORS, 4, 4))
        self._entries: _Entries | None = None
        self._assemble([(slice(0, grid.shape[0]), slice(0, grid.shape[1]))])

    @property
    def nbytes(self) -> int:
        """Memory held beside the areas', in bytes; factors estimated."""
        own = self._values, self._neighbors, self._scale, self._equation[2], *(self._entries or ())
        held: int = sum(one.nbytes for one in own)
        return held + 12 * int(self._factors.nnz)

    def patch(self, boxes: list[Box]) -> None:
        """Take over that the grid's equation changed in `boxes`."""
        self._assemble([expanded(box, 1, self._grid.shape) for box in boxes])

    def correct(self, rhs: FloatArray, u: FloatArray) -> None:
        """Add to `u`, framed, what brings it nearest to a solution for `rhs`."""
        areas, keep = self._areas, self._grid.keep
        here, rows, pixels = (areas.slots, areas.first), len(areas.first), keep.size
        sums = np.zeros((2, *areas.unknowns.shape))
        run_blocks(restrict_blocks, rows, *here, self._equation, rhs, u, sums, pixels=pixels)
        at, size = areas.unknowns.ravel(), self._factors.shape[0]
        lacking = [np.bincount(at, weights=one.ravel(), minlength=size) for one in sums]
        heights = self._factors.solve(np.stack(lacking, axis=1)).T[:, areas.unknowns]
        heights = np.ascontiguousarray(heights)
        run_blocks(add_hats, rows, *here, keep, heights, u, pixels=pixels)

    def _assemble(self, boxes: list[Box]) -> None:
        """Take the products of all parts in the blocks that boxes touch anew, and factor."""
        areas = self._areas
        is_touched = np.zeros(areas.first.shape, bool)
        for box in boxes:
            rows, columns = (slice(s.start // SPACING, -(-s.stop // SPACING)) for s in box)
            is_touched[rows, columns] = True
        blocks = np.argwhere(is_touched)
        parts = is_touched.ravel()[self._block_of]
        self._neighbors[parts] = -1
        self._values[parts] = 0.0
        grid = self._grid
        self._equation = grid.links, grid.keep, grid.row_sums, self._scale
        job = (blocks, areas.slots, areas.first, self._equation, self._neighbors, self._values)
        run_blocks(assemble_blocks, len(blocks), *job, pixels=len(blocks) * SPACING**2)
        if self._entries is None:
            self._entries = self._list_entries()
        self._factors = self._factor(self._entries)

    def _list_entries(self) -> _Entries:
        """List the matrix' entries, which depend on the picture alone."""
        unknowns = self._areas.unknowns
        part, place = np.nonzero(self._neighbors >= 0)
        other = self._neighbors[part, place]
        size = int(unknowns.max()) + 1
        keys = unknowns[other].astype(np.int64)[:, None, :] * size + unknowns[part][:, :, None]
        diagonal = np.arange(size) * (size + 1)
        entries, at = np.unique(np.append(keys.ravel(), diagonal), return_inverse=True)
        ends = np.searchsorted(entries, np.arange(size + 1) * size)
        return _Entries(part, place, at[:-size], at[-size:], entries % size, ends)

    def _factor(self, e: _Entries) -> SuperLU:
        brought = self._values[e.part, e.place].ravel()
        data = np.bincount(e.at, weights=brought, minlength=e.rows.size)
        # A hat function over given pixels only, or over an area no hint reaches, gets a diagonal.
        diagonal = data[e.diagonal]
        least = 1e-12 * max(float(diagonal.max()), 1e-12)
        data[e.diagonal] += np.where(np.abs(diagonal) > least, 1e-10 * diagonal, 1.0)
        size = e.diagonal.size
        matrix = sparse.csc_matrix((data, e.rows.copy(), e.ends.copy()), (size, size))
        matrix.eliminate_zeros()  # half of the entries: factors have less, too
        return splu(matrix, permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0.001, options=_SYMMETRIC)


class _Entries(NamedTuple):
    """Where the products of hat functions go in the matrix, by columns.

    Attributes
    ----------
    part, place : ndarray of int
        Of the products that are used.
    at : ndarray of int
        The entry each product adds to.
    diagonal : ndarray of int
        The entries on the diagonal.
    rows, ends : ndarray of int
        Row of each entry, and where the columns begin and end.
    """

    part: NDArray[np.int64]
    place: NDArray[np.int64]
    at: NDArray[np.int64]
    diagonal: NDArray[np.int64]
    rows: NDArray[np.int64]
    ends: NDArray[np.int64]
