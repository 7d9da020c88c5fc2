"""Boxes in a picture: aligned to the grids of the multigrid, halved, expanded, cut out."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

__all__ = [
    "Box",
    "aligned",
    "area",
    "bounding_box",
    "boxes_around",
    "cut",
    "expanded",
    "framed",
    "grown",
    "halved",
    "inside",
    "merged",
    "moved",
    "shrunk",
    "tile_boxes",
]

_SIDE = 32  # of the squares by which groups are told apart
_MOST_GROUPS = 32
_SPARSE = 1 / 16

Box = tuple[slice, slice]
Sides = tuple[bool, bool, bool, bool]
"""Top, bottom, left and right."""


def area(box: Box) -> int:
    """Return the number of pixels."""
    height, width = (int(side.stop) - int(side.start) for side in box)
    return height * width


def bounding_box(mask: NDArray[np.bool_]) -> Box | None:
    """Return the smallest box around what is set; None when nothing is."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if rows.size == 0:
        return None
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)


def boxes_around(mask: NDArray[np.bool_]) -> list[Box]:
    """Return the smallest boxes around what is set: one for each group, or for all that is much."""
    count = np.count_nonzero(mask)
    if count == 0:
        return []
    if count <= _SPARSE * mask.size:
        rows, columns = np.divmod(np.flatnonzero(mask), mask.shape[1])
        squares = np.zeros([size // _SIDE + 1 for size in mask.shape], bool)
        squares[rows // _SIDE, columns // _SIDE] = True
        labels, groups = ndimage.label(squares, np.ones((3, 3)))
        if groups <= _MOST_GROUPS:
            group = labels[rows // _SIDE, columns // _SIDE]
            own = [group == number for number in range(1, groups + 1)]
            return [(_span(rows[one]), _span(columns[one])) for one in own]
    box = bounding_box(mask)
    assert box is not None
    return [box]


def _span(places: NDArray[Any]) -> slice:
    return slice(int(places.min()), int(places.max()) + 1)


def cut(planes: NDArray[Any], box: Box) -> NDArray[Any]:
    """Return a copy of the last two axes within `box`."""
    return np.array(planes[(..., *box)], order="C")


def framed(box: Box, pad: int) -> tuple[slice, slice, slice]:
    """Return where a box and its frame lie in an array framed by `pad`, first axis whole."""
    rows, columns = (slice(side.start, side.stop + 2 * pad) for side in box)
    return slice(None), rows, columns


def inside(rows: NDArray[Any], columns: NDArray[Any], box: Box) -> NDArray[np.bool_]:
    """Tell which places lie in `box`."""
    found: NDArray[np.bool_] = (rows >= box[0].start) & (rows < box[0].stop)
    found &= (columns >= box[1].start) & (columns < box[1].stop)
    return found


def expanded(box: Box, margin: int, shape: tuple[int, int], *, even: bool = False) -> Box:
    """Return a box with a margin, within the picture; `even` lets it begin at even places."""
    rows, columns = (
        slice(max(0, (side.start - margin) // (2 if even else 1) * (2 if even else 1)), stop)
        for side, stop in (
            (box[0], min(shape[0], box[0].stop + margin)),
            (box[1], min(shape[1], box[1].stop + margin)),
        )
    )
    return rows, columns


def merged(boxes: list[Box], margin: int) -> list[Box]:
    """Return the boxes, those as one that are, with a margin, no larger around both than apart."""
    apart: list[Box] = []
    for box in boxes:
        while near := next((one for one in apart if _is_near(one, box, margin)), None):
            apart.remove(near)
            box = _around(near, box)
        apart.append(box)
    return apart


def _is_near(one: Box, other: Box, margin: int) -> bool:
    sizes = [_area_with(box, margin) for box in (one, other, _around(one, other))]
    return sizes[2] <= sizes[0] + sizes[1]


def _area_with(box: Box, margin: int) -> int:
    height, width = (side.stop - side.start + 2 * margin for side in box)
    return int(height * width)


def _around(one: Box, other: Box) -> Box:
    rows, columns = (
        slice(min(a.start, b.start), max(a.stop, b.stop)) for a, b in zip(one, other, strict=True)
    )
    return rows, columns


def moved(box: Box, around: Box) -> Box:
    """Return where a box lies in what was cut out `around` it."""
    rows, columns = (
        slice(side.start - whole.start, side.stop - whole.start)
        for side, whole in zip(box, around, strict=True)
    )
    return rows, columns


def shrunk(box: Box, shape: tuple[int, int]) -> Box:
    """Return a box without its outermost pixels, on the sides where the picture goes on."""
    rows, columns = (
        slice(side.start + (side.start > 0), side.stop - (side.stop < size))
        for side, size in zip(box, shape, strict=True)
    )
    return rows, columns


def halved(box: Box) -> Box:
    """Return the same box on the next coarser grid."""
    rows, columns = (slice(side.start // 2, (side.stop + 1) // 2) for side in box)
    return rows, columns


def aligned(box: Box, shape: tuple[int, int], coarsest: int) -> Box:
    """Expand a box so that it can be halved until at most `coarsest` pixels are left."""
    height, width = (side.stop - side.start for side in box)
    step = 2
    while height * width > coarsest:
        height, width, step = (height + 1) // 2, (width + 1) // 2, 2 * step
    rows, columns = (
        slice(side.start // step * step, min(size, -(-side.stop // step) * step))
        for side, size in zip(box, shape, strict=True)
    )
    return rows, columns


def grown(box: Box, sides: Sides, shape: tuple[int, int], least: int, part: float = 0.5) -> Box:
    """Move the given sides outwards, by `part` of the box's size and at least `least` pixels."""
    out = []
    for side, size, (low, high) in zip(box, shape, (sides[:2], sides[2:]), strict=True):
        step = max(least, int(part * (side.stop - side.start)))
        start = max(0, side.start - step) if low else side.start
        out.append(slice(start, min(size, side.stop + step) if high else side.stop))
    return out[0], out[1]


def tile_boxes(tiles: NDArray[np.bool_], side: int, shape: tuple[int, int]) -> list[Box]:
    """Return boxes of pixels around the tiles set and their neighbors, none overlapping another.

    Parameters
    ----------
    tiles : ndarray of bool
        One entry per square of `side` pixels of a picture of `shape`.
    """
    near = ndimage.binary_dilation(tiles, np.ones((3, 3)))
    while True:
        found = ndimage.find_objects(ndimage.label(near, np.ones((3, 3)))[0])
        full = np.zeros_like(near)
        for box in found:
            full[box] = True
        if (full == near).all():
            break
        near = full
    return [
        (
            slice(rows.start * side, min(shape[0], rows.stop * side)),
            slice(columns.start * side, min(shape[1], columns.stop * side)),
        )
        for rows, columns in found
    ]
