"""The cheapest way to split a grid in two: an exact minimum cut by growing two search trees."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

__all__ = ["cut_grid", "warm_kernels"]

Array = NDArray[Any]

FREE, SOURCE, SINK = 0, 1, 2
TERMINAL, ORPHAN, NONE = 4, 5, 6  # parents other than one of the four neighbors
FAR = 1 << 30


def cut_grid(preference: Array, right: Array, down: Array) -> tuple[Array, int]:
    """Label a grid 0 or 1 at the least cost.

    The cost is the sum of `preference` over pixels labeled against it, plus `right` and `down`
    over neighbors labeled differently.

    Parameters
    ----------
    preference
        Shape (M, N), int32. Positive: what label 1 costs more than label 0; negative: what label
        0 costs more than label 1.
    right, down
        Shapes (M, N - 1) and (M - 1, N), int32, not negative: the price of parting neighbors.

    Returns
    -------
    ndarray, int
        Labels of shape (M, N), uint8, and the least cost. Of several labelings with that cost it
        is always the same one.

    References
    ----------
    Y. Boykov, V. Kolmogorov, An experimental comparison of min-cut/max-flow algorithms for energy
    minimization in vision, 2004. DOI 10.1109/TPAMI.2004.60
    """
    rows, columns = preference.shape
    if right.shape != (rows, columns - 1) or down.shape != (rows - 1, columns):
        raise ValueError(
            f"right and down must have shapes {(rows, columns - 1)} and {(rows - 1, columns)}; "
            f"got {right.shape} and {down.shape}"
        )
    stride = columns + 2  # a border without links saves every test for the grid's edge
    capacity = np.zeros((4, rows + 2, stride), np.int32)
    capacity[0, 1:-1, 1:-2] = right
    capacity[1, 1:-1, 2:-1] = right
    capacity[2, 1:-2, 1:-1] = down
    capacity[3, 2:-1, 1:-1] = down
    terminal = np.zeros((rows + 2, stride), np.int32)
    terminal[1:-1, 1:-1] = preference
    tree = np.zeros(terminal.size, np.uint8)
    flow = _max_flow(capacity.reshape(4, -1), terminal.reshape(-1), stride, tree)
    labels = (tree.reshape(terminal.shape)[1:-1, 1:-1] == SINK).astype(np.uint8)
    return labels, int(flow)


@numba.njit(cache=True, nogil=True, error_model="numpy")
def _max_flow(capacity: Array, terminal: Array, stride: int, tree: Array) -> int:
    """Push the greatest flow and leave in `tree` which side every pixel fell to.

    `capacity` is (4, P) for the directions right, left, down, up; direction d ^ 1 is d reversed.
    """
    count = terminal.size
    step = np.array([1, -1, stride, -stride])
    parent = np.full(count, NONE, np.uint8)
    stamp = np.zeros(count, np.int32)
    depth = np.zeros(count, np.int32)
    following = np.full(count, -1, np.int32)  # the queue of active pixels; the last names itself
    orphans = np.empty(count + 1, np.int32)
    ends = np.array([-1, -1])
    for pixel in range(count):
        if terminal[pixel] != 0:
            tree[pixel] = SOURCE if terminal[pixel] > 0 else SINK
            parent[pixel] = TERMINAL
            depth[pixel] = 1
            _activate(pixel, following, ends)
    flow = 0
    time = 0
    current = -1
    while True:
        pixel = current
        if pixel >= 0:
            following[pixel] = -1
            if parent[pixel] == NONE:
                pixel = -1
        if pixel < 0:
            pixel = _next_active(parent, following, ends)
            if pixel < 0:
                return flow
        start, direction = _grow(pixel, capacity, step, tree, parent, stamp, depth, following, ends)
        time += 1
        current = -1
        if start >= 0:
            following[pixel] = pixel  # stays active without standing in the queue
            current = pixel
            pushed, orphaned = _augment(start, direction, capacity, terminal, step, parent, orphans)
            flow += pushed
            _adopt(
                orphaned,
                time,
                capacity,
                step,
                tree,
                parent,
                stamp,
                depth,
                following,
                ends,
                orphans,
            )


@numba.njit(cache=True, nogil=True, error_model="numpy")
def _activate(pixel: int, following: Array, ends: Array) -> None:
    if following[pixel] < 0:
        if ends[1] >= 0:
            following[ends[1]] = pixel
        else:
            ends[0] = pixel
        ends[1] = pixel
        following[pixel] = pixel


@numba.njit(cache=True, nogil=True, error_model="numpy")
def _next_active(parent: Array, following: Array, ends: Array) -> int:
    while ends[0] >= 0:
        pixel = ends[0]
        if following[pixel] == pixel:
            ends[0] = -1
            ends[1] = -1
        else:
            ends[0] = following[pixel]
        following[pixel] = -1
        if parent[pixel] != NONE:
            return int(pixel)
    return -1


@numba.njit(cache=True, nogil=True, error_model="numpy")
def _grow(
    pixel: int,
    capacity: Array,
    step: Array,
    tree: Array,
    parent: Array,
    stamp: Array,
    depth: Array,
    following: Array,
    ends: Array,
) -> tuple[int, int]:
    """Take free neighbors into the pixel's tree; return the link where the trees meet, or -1."""
    own = tree[pixel]
    for direction in range(4):
        other = pixel + step[direction]
        back = direction ^ 1
        room = capacity[direction, pixel] if own == SOURCE else capacity[back, other]
        if room <= 0:
            continue
        if parent[other] == NONE:
            tree[other] = own
            parent[other] = back
            stamp[other] = stamp[pixel]
            depth[other] = depth[pixel] + 1
            _activate(other, following, ends)
        elif tree[other] != own:
            return (pixel, direction) if own == SOURCE else (other, back)
        elif stamp[other] <= stamp[pixel] and depth[other] > depth[pixel]:
            parent[other] = back
            stamp[other] = stamp[pixel]
            depth[other] = depth[pixel] + 1
    return -1, 0


@numba.njit(cache=True, nogil=True, error_model="numpy")
def _augment(
    start: int,
    direction: int,
    capacity: Array,
    terminal: Array,
    step: Array,
    parent: Array,
    orphans: Array,
) -> tuple[int, int]:
    """Push what fits along source tree, link and sink tree; return it and the number of orphans."""
    end = start + step[direction]
    room = capacity[direction, start]
    pixel = start
    while parent[pixel] != TERMINAL:
        up = parent[pixel]
        pixel += step[up]
        room = min(room, capacity[up ^ 1, pixel])
    room = min(room, terminal[pixel])
    pixel = end
    while parent[pixel] != TERMINAL:
        up = parent[pixel]
        room = min(room, capacity[up, pixel])
        pixel += step[up]
    room = min(room, -terminal[pixel])

    capacity[direction, start] -= room
    capacity[direction ^ 1, end] += room
    orphaned = 0
    pixel = start
    while True:
        up = parent[pixel]
        if up == TERMINAL:
            terminal[pixel] -= room
            empty = terminal[pixel] == 0
            above = pixel
        else:
            above = pixel + step[up]
            capacity[up, pixel] += room
            capacity[up ^ 1, above] -= room
            empty = capacity[up ^ 1, above] == 0
        if empty:
            parent[pixel] = ORPHAN
            orphans[orphaned] = pixel
            orphaned += 1
        if up == TERMINAL:
            break
        pixel = above
    pixel = end
    while True:
        up = parent[pixel]
        if up == TERMINAL:
            terminal[pixel] += room
            empty = terminal[pixel] == 0
            above = pixel
        else:
            above = pixel + step[up]
            capacity[up, pixel] -= room
            capacity[up ^ 1, above] += room
            empty = capacity[up, pixel] == 0
        if empty:
            parent[pixel] = ORPHAN
            orphans[orphaned] = pixel
            orphaned += 1
        if up == TERMINAL:
            break
        pixel = above
    return int(room), orphaned


@numba.njit(cache=True, nogil=True, error_model="numpy")
def _distance_to_root(
    pixel: int, time: int, step: Array, parent: Array, stamp: Array, depth: Array
) -> int:
    """Return how far the terminal is, or FAR when the branch hangs on an orphan; marks the path."""
    distance = 0
    walk = pixel
    while True:
        if stamp[walk] == time:
            distance += depth[walk]
            break
        up = parent[walk]
        distance += 1
        if up == TERMINAL:
            stamp[walk] = time
            depth[walk] = 1
            break
        if up in (ORPHAN, NONE):
            return FAR
        walk += step[up]
    walk = pixel
    remaining = distance
    while stamp[walk] != time:
        stamp[walk] = time
        depth[walk] = remaining
        remaining -= 1
        walk += step[parent[walk]]
    return distance


@numba.njit(cache=True, nogil=True, error_model="numpy")
def _adopt(
    orphaned: int,
    time: int,
    capacity: Array,
    step: Array,
    tree: Array,
    parent: Array,
    stamp: Array,
    depth: Array,
    following: Array,
    ends: Array,
    orphans: Array,
) -> None:
    """Find every orphan a new parent with a way to its terminal, or set it free."""
    size = orphans.size
    first = 0
    last = orphaned
    while first != last:
        pixel = orphans[first]
        first = (first + 1) % size
        own = tree[pixel]
        best = NONE
        nearest = FAR
        for direction in range(4):
            other = pixel + step[direction]
            room = capacity[direction ^ 1, other] if own == SOURCE else capacity[direction, pixel]
            if room > 0 and tree[other] == own and parent[other] != NONE:
                distance = _distance_to_root(other, time, step, parent, stamp, depth)
                if distance < nearest:
                    nearest = distance
                    best = direction
        parent[pixel] = best
        if best != NONE:
            stamp[pixel] = time
            depth[pixel] = nearest + 1
            continue
        tree[pixel] = FREE
        for direction in range(4):
            other = pixel + step[direction]
            if tree[other] != own or parent[other] == NONE:
                continue
            room = capacity[direction ^ 1, other] if own == SOURCE else capacity[direction, pixel]
            if room > 0:
                _activate(other, following, ends)
            if parent[other] < 4 and other + step[parent[other]] == pixel:
                parent[other] = ORPHAN
                orphans[last] = other
                last = (last + 1) % size


def warm_kernels() -> None:
    """Compile for the types in use."""
    cut_grid(np.array([[3, -4]], np.int32), np.ones((1, 1), np.int32), np.ones((0, 2), np.int32))
