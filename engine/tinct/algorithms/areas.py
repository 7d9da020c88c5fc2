"""Areas of one tone as unknowns of their own: a coarse space beside the grids of the multigrid.

Where areas of one tone meet at hard edges, as in line art, links across an edge are some 1e-5 of
those within an area. Colors are level in each area then, and so are errors. Grids cannot tell a
line thinner than their pixels from the areas beside it; what they take to cross an edge is many
times the truth, and such errors hardly shrink. Here every area has hat functions of its own, on a
lattice of `SPACING` pixels. Their system, a Galerkin product (restriction is the transposed
interpolation of scaled rows, see `balancing`), is small and solved directly.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.linalg import SuperLU, splu

from tinct.algorithms.blocks import run_blocks
from tinct.algorithms.halves import link
from tinct.algorithms.hierarchy import Grid
from tinct.algorithms.relaxation import residual_row
from tinct.algorithms.windows import Box, expanded

__all__ = ["SPACING", "AreaSolver", "Areas", "find_areas"]

FloatArray = NDArray[np.float32]
IndexArray = NDArray[np.int32]

# Pixels between the peaks of hat functions, and side of the blocks between four of them.
SPACING = 32
_SMALLEST = 32
# Pictures with less than this part in areas of so many pixels have other troubles, as enlarged
# photographs have, which are full of small ones.
_LEAST_COVERED = 0.3
_LARGE = 1024
# So many areas a block may hold, and so many parts a part may touch, itself the first.
_AREAS = 254
_NEIGHBORS = 24
_SYMMETRIC = {"SymmetricMode": True}
_FAST = {"contract", "reassoc", "nsz"}


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


@njit(nogil=True, cache=True, error_model="numpy")
def _find_parts(start: int, stop: int, labels: Any, slots: Any, found: Any, count: Any) -> None:
    """List the labels in each block of block rows start..stop, and write each pixel's slot."""
    m, n = labels.shape
    for a in range(start, stop):
        for b in range(count.shape[1]):
            for i in range(a * SPACING, min(m, (a + 1) * SPACING)):
                for j in range(b * SPACING, min(n, (b + 1) * SPACING)):
                    slots[i, j] = 0
                    if labels[i, j] == 0:
                        continue
                    known = count[a, b]
                    s = 0
                    while s < known and found[a, b, s] != labels[i, j]:
                        s += 1
                    if s == known:
                        if known == found.shape[2]:
                            continue
                        found[a, b, s] = labels[i, j]
                        count[a, b] = known + 1
                    slots[i, j] = s + 1


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
    large = sizes >= _SMALLEST
    kept = np.where(large, np.cumsum(large), 0).astype(np.int32)[labels]
    blocks = tuple(-(-size // SPACING) for size in luminance.shape)
    slots = np.empty(luminance.shape, np.uint8)
    found = np.zeros((*blocks, _AREAS), np.int32)
    count = np.zeros(blocks, np.int32)
    run_blocks(_find_parts, blocks[0], kept, slots, found, count, pixels=luminance.size)
    ends = np.cumsum(count, dtype=np.int32).reshape(blocks)
    row, column, slot = np.nonzero(np.arange(_AREAS) < count[..., None])
    area = found[row, column, slot].astype(np.int64)
    corners = [((row + di) * (blocks[1] + 1) + column + dj) for di in (0, 1) for dj in (0, 1)]
    keys = np.stack([area * (blocks[0] + 1) * (blocks[1] + 1) + node for node in corners], axis=1)
    unknowns = np.unique(keys, return_inverse=True)[1].reshape(keys.shape)
    return Areas(slots, ends - count, unknowns.astype(np.int32))


@njit(inline="always")
def _part(i: int, j: int, slots: Any, first: Any) -> int:
    """Return the number of the part that a pixel of an area lies in."""
    part: int = first[i // SPACING, j // SPACING] + slots[i, j] - 1
    return part


@njit(inline="always")
def _hats(i: int, j: int, out: Any) -> None:
    """Write the four hat functions of a pixel's block at the pixel."""
    y = np.float64(i % SPACING) / SPACING
    x = np.float64(j % SPACING) / SPACING
    out[0], out[1] = (1.0 - y) * (1.0 - x), (1.0 - y) * x
    out[2], out[3] = y * (1.0 - x), y * x


@njit(inline="always")
def _place(part: int, own: int, neighbors: Any) -> int:
    """Return which neighbor of part `own` a part is, joining them if new; -1 when full."""
    for s in range(neighbors.shape[1]):
        if neighbors[own, s] == part:
            return s
        if neighbors[own, s] < 0:
            neighbors[own, s] = part
            return s
    return -1


@njit(nogil=True, cache=True, error_model="numpy")
def _assemble_pixel(
    i: int, j: int, slots: Any, first: Any, grid: Any, hats: Any, neighbors: Any, values: Any
) -> None:
    """Add what one pixel's row of the system, scaled, brings to the products of hat functions."""
    links, keep, leak, scale = grid
    m, n = keep.shape
    own = _part(i, j, slots, first)
    mine, theirs, applied = hats[0], hats[1], hats[2]
    _hats(i, j, mine)
    for b in range(4):
        applied[b] = leak[i, j] * mine[b]
    y = np.float64(scale[i, j])
    for k in range(8):
        q = k if k < 4 else k + 1
        a, c = i + q // 3 - 1, j + q % 3 - 1
        if a < 0 or a >= m or c < 0 or c >= n:
            continue
        weight = np.float64(keep[i, j]) * np.float64(link(links[k, i, j]))
        for b in range(4):
            applied[b] += weight * mine[b]
        if slots[a, c] == 0 or keep[a, c] == 0.0:
            continue
        place = _place(_part(a, c, slots, first), own, neighbors)
        if place < 0:
            continue
        _hats(a, c, theirs)
        if place == 0:
            for b in range(4):
                applied[b] -= weight * theirs[b]
            continue
        for p in range(4):
            for b in range(4):
                values[own, place, p, b] -= y * mine[p] * weight * theirs[b]
    for p in range(4):
        for b in range(4):
            values[own, 0, p, b] += y * mine[p] * applied[b]


@njit(nogil=True, cache=True, error_model="numpy")
def _is_level(i: int, j: int, slots: Any, grid: Any) -> bool:
    """Tell whether a pixel lies amid free ones of its part, with equal links: hats are straight."""
    links, keep, leak, _ = grid
    m, n = keep.shape
    if not (0 < i % SPACING < SPACING - 1 and 0 < j % SPACING < SPACING - 1):
        return False
    if i + 1 >= m or j + 1 >= n or leak[i, j] != 0.0:
        return False
    for k in range(8):
        q = k if k < 4 else k + 1
        a, c = i + q // 3 - 1, j + q % 3 - 1
        if slots[a, c] != slots[i, j] or keep[a, c] == 0.0 or links[k, i, j] != links[0, i, j]:
            return False
    return True


@njit(nogil=True, cache=True, error_model="numpy")
def _assemble_blocks(
    start: int,
    stop: int,
    blocks: Any,
    slots: Any,
    first: Any,
    grid: Any,
    neighbors: Any,
    values: Any,
) -> None:
    """Write for each part in blocks start..stop which parts it touches, and their products.

    The part itself comes first. What belongs to no area is held.
    """
    m, n = slots.shape
    hats = np.empty((3, 4))
    for t in range(start, stop):
        top, left = blocks[t, 0] * SPACING, blocks[t, 1] * SPACING
        for i in range(top, min(m, top + SPACING)):
            for j in range(left, min(n, left + SPACING)):
                if slots[i, j] == 0:
                    continue
                own = _part(i, j, slots, first)
                neighbors[own, 0] = own
                if grid[1][i, j] != 0.0 and not _is_level(i, j, slots, grid):
                    _assemble_pixel(i, j, slots, first, grid, hats, neighbors, values)


@njit(inline="always")
def _run_end(slots: Any, j: int) -> int:
    """Return where the run of a row's pixels from j on ends that are of one part."""
    stop = min(slots.size, (j // SPACING + 1) * SPACING)
    end = j + 1
    while end < stop and slots[end] == slots[j]:
        end += 1
    return end


@njit(nogil=True, cache=True, error_model="numpy", fastmath=_FAST)
def _moments(line: Any, keep: Any, scale: Any) -> Any:
    """Return the sum of a run, scaled, over free pixels, and the sum weighted by the place."""
    total, along = np.float32(0.0), np.float32(0.0)
    for j in range(line.size):
        value = line[j] * scale[j] if keep[j] > np.float32(0.0) else np.float32(0.0)
        total += value
        along += value * np.float32(j)
    return total, along


@njit(nogil=True, cache=True, error_model="numpy")
def _restrict_blocks(
    start: int, stop: int, slots: Any, first: Any, grid: Any, rhs: Any, u: Any, sums: Any
) -> None:
    """Add up what the system lacks, scaled, times each part's hat functions, in block rows."""
    links, keep, leak, scale = grid
    m, n = keep.shape
    line = np.empty(n, np.float32)
    for i in range(start * SPACING, min(m, stop * SPACING)):
        y = np.float64(i % SPACING) / SPACING
        for c in range(2):
            residual_row(i, c, links, keep, leak, rhs, u, line)
            j = 0
            while j < n:
                end = _run_end(slots[i], j)
                if slots[i, j] > 0:
                    part = _part(i, j, slots, first)
                    total, along = _moments(line[j:end], keep[i, j:end], scale[i, j:end])
                    east = (along + total * (j % SPACING)) / SPACING
                    sums[c, part, 0] += (1.0 - y) * (total - east)
                    sums[c, part, 1] += (1.0 - y) * east
                    sums[c, part, 2] += y * (total - east)
                    sums[c, part, 3] += y * east
                j = end


@njit(nogil=True, cache=True, error_model="numpy", fastmath=_FAST)
def _add_slope(keep: Any, height: float, slope: float, x: Any) -> None:
    h, s, zero = np.float32(height), np.float32(slope), np.float32(0.0)
    for j in range(x.size):
        x[j] += h + s * np.float32(j) if keep[j] > zero else zero


@njit(nogil=True, cache=True, error_model="numpy")
def _add_hats(
    start: int, stop: int, slots: Any, first: Any, keep: Any, heights: Any, u: Any
) -> None:
    """Add each part's hat functions, so high, to free pixels of block rows start..stop."""
    m, n = keep.shape
    pad = (u.shape[1] - m) // 2
    for i in range(start * SPACING, min(m, stop * SPACING)):
        y = np.float64(i % SPACING) / SPACING
        j = 0
        while j < n:
            end = _run_end(slots[i], j)
            if slots[i, j] > 0:
                part = _part(i, j, slots, first)
                for c in range(2):
                    h = heights[c, part]
                    west, east = (1.0 - y) * h[0] + y * h[2], (1.0 - y) * h[1] + y * h[3]
                    slope = (east - west) / SPACING
                    x = u[c, i + pad, pad + j : pad + end]
                    _add_slope(keep[i, j:end], west + slope * (j % SPACING), slope, x)
            j = end


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
        parts = len(areas.unknowns)
        # A block without parts has the number of the next one's first.
        self._block_of = np.searchsorted(areas.first.ravel(), np.arange(parts), side="right") - 1
        self._neighbors = np.full((parts, _NEIGHBORS), -1, np.int32)
        self._values = np.zeros((parts, _NEIGHBORS, 4, 4))
        self._assemble((slice(0, grid.shape[0]), slice(0, grid.shape[1])))

    @property
    def nbytes(self) -> int:
        """Memory held beside the areas', in bytes; factors estimated."""
        return self._values.nbytes + self._neighbors.nbytes + 12 * int(self._factors.nnz)

    def patch(self, box: Box) -> None:
        """Take over that the grid's equation changed in `box`."""
        self._assemble(expanded(box, 1, self._grid.shape))

    def correct(self, rhs: FloatArray, u: FloatArray) -> None:
        """Add to `u`, framed, what brings it nearest to a solution for `rhs`."""
        areas, keep = self._areas, self._grid.keep
        here, rows, pixels = (areas.slots, areas.first), len(areas.first), keep.size
        sums = np.zeros((2, *areas.unknowns.shape))
        equation = self._grid.equation
        run_blocks(_restrict_blocks, rows, *here, equation, rhs, u, sums, pixels=pixels)
        at, size = areas.unknowns.ravel(), self._factors.shape[0]
        lacking = [np.bincount(at, weights=one.ravel(), minlength=size) for one in sums]
        heights = self._factors.solve(np.stack(lacking, axis=1)).T[:, areas.unknowns]
        heights = np.ascontiguousarray(heights)
        run_blocks(_add_hats, rows, *here, keep, heights, u, pixels=pixels)

    def _assemble(self, box: Box) -> None:
        """Take the products of all parts in the blocks that a box touches anew, and factor."""
        areas = self._areas
        rows, columns = (np.arange(s.start // SPACING, -(-s.stop // SPACING)) for s in box)
        blocks = np.stack(np.meshgrid(rows, columns, indexing="ij"), axis=-1).reshape(-1, 2)
        numbers = blocks[:, 0] * areas.first.shape[1] + blocks[:, 1]
        parts = np.isin(self._block_of, numbers)
        self._neighbors[parts] = -1
        self._values[parts] = 0.0
        equation = self._grid.equation
        job = (blocks, areas.slots, areas.first, equation, self._neighbors, self._values)
        run_blocks(_assemble_blocks, len(blocks), *job, pixels=len(blocks) * SPACING**2)
        self._factors = self._factor()

    def _factor(self) -> SuperLU:
        unknowns = self._areas.unknowns
        part, place = np.nonzero(self._neighbors >= 0)
        other = self._neighbors[part, place]
        rows = np.broadcast_to(unknowns[part][:, :, None], (len(part), 4, 4))
        columns = np.broadcast_to(unknowns[other][:, None, :], (len(part), 4, 4))
        size = int(unknowns.max()) + 1
        entries = self._values[part, place].ravel()
        matrix = sparse.coo_matrix((entries, (rows.ravel(), columns.ravel())), (size, size)).tocsc()
        # A hat function over given pixels only, or over an area no hint reaches, gets a diagonal.
        diagonal = matrix.diagonal()
        least = 1e-12 * max(float(diagonal.max()), 1e-12)
        small = np.where(np.abs(diagonal) > least, 1e-10 * diagonal, 1.0)
        matrix += sparse.diags(small, format="csc")
        return splu(matrix, permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0.001, options=_SYMMETRIC)
