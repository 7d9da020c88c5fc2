"""Kernels of `areas`: parts of areas in blocks, products of hat functions, sums and heights."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from tinct.algorithms.compiled import LEAN
from tinct.algorithms.halves import link
from tinct.algorithms.transfers import residual_row

__all__ = [
    "SPACING",
    "add_hats",
    "assemble_blocks",
    "find_parts",
    "restrict_blocks",
    "scale_blocks",
]

# Pixels between the peaks of hat functions, and side of the blocks between four of them.
SPACING = 32


@njit(nogil=True, cache=True, error_model="numpy")
def find_parts(start: int, stop: int, labels: Any, slots: Any, found: Any, count: Any) -> None:
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
def _neighbor(i: int, j: int, k: int) -> tuple[int, int]:
    """Return the place of a pixel's neighbor k, in the order of `window_offsets(3)`."""
    q = k if k < 4 else k + 1
    return i + q // 3 - 1, j + q % 3 - 1


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
        a, c = _neighbor(i, j, k)
        if a < 0 or a >= m or c < 0 or c >= n:
            continue
        weight = np.float64(keep[i, j]) * np.float64(link(links[k, i, j]))
        for b in range(4):
            applied[b] += weight * mine[b]
        if slots[a, c] == 0:
            continue
        place = _place(_part(a, c, slots, first), own, neighbors)
        if place < 0 or keep[a, c] == 0.0:
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
def _note_neighbors(i: int, j: int, own: int, slots: Any, first: Any, neighbors: Any) -> None:
    """Note which parts a given pixel touches: it brings nothing, but the order stays the same."""
    for k in range(8):
        a, c = _neighbor(i, j, k)
        if 0 <= a < slots.shape[0] and 0 <= c < slots.shape[1] and slots[a, c] != 0:
            _place(_part(a, c, slots, first), own, neighbors)


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
        a, c = _neighbor(i, j, k)
        if slots[a, c] != slots[i, j] or keep[a, c] == 0.0 or links[k, i, j] != links[0, i, j]:
            return False
    return True


@njit(nogil=True, cache=True, error_model="numpy")
def assemble_blocks(
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

    The part itself comes first; given pixels do not change the order. What belongs to no area is
    held.
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
                if grid[1][i, j] == 0.0:
                    _note_neighbors(i, j, own, slots, first, neighbors)
                elif not _is_level(i, j, slots, grid):
                    _assemble_pixel(i, j, slots, first, grid, hats, neighbors, values)


@njit(nogil=True, cache=True, error_model="numpy")
def scale_blocks(start: int, stop: int, slots: Any, links: Any, scale: Any) -> None:
    """Write 1 / the link to a pixel of the same part, in block rows start..stop.

    That makes the links within an area alike, from and to each pixel: no error within it, how
    rough it may be, adds up to anything but what crosses the area's edges. Where the part is a
    single pixel, tones that are alike have the largest link as a rule.
    """
    m, n = slots.shape
    for i in range(start * SPACING, min(m, stop * SPACING)):
        for j in range(n):
            alike, largest = np.float32(0.0), np.float32(0.0)
            for k in range(8):
                a, c = _neighbor(i, j, k)
                largest = max(largest, link(links[k, i, j]))
                if a < 0 or a >= m or c < 0 or c >= n or slots[a, c] != slots[i, j]:
                    continue
                if a // SPACING == i // SPACING and c // SPACING == j // SPACING:
                    alike = max(alike, link(links[k, i, j]))
            chosen = alike if alike > 0.0 else largest
            scale[i, j] = np.float32(1.0) / chosen if chosen > 0.0 else np.float32(1.0)


@njit(inline="always")
def _run_end(slots: Any, j: int) -> int:
    """Return where the run of a row's pixels from j on ends that are of one part."""
    stop = min(slots.size, (j // SPACING + 1) * SPACING)
    end = j + 1
    while end < stop and slots[end] == slots[j]:
        end += 1
    return end


@njit(**LEAN)
def _moments(lines: Any, keep: Any, scale: Any) -> Any:
    """Return the sums of a run in both channels, scaled, over free pixels.

    And the sums weighted by the place.
    """
    one, other, zero = lines[0], lines[1], np.float32(0.0)
    total, along, total_other, along_other = zero, zero, zero, zero
    for j in range(one.size):
        weight = scale[j] if keep[j] > zero else zero
        value, value_other, place = one[j] * weight, other[j] * weight, np.float32(j)
        total += value
        along += value * place
        total_other += value_other
        along_other += value_other * place
    return (total, along), (total_other, along_other)


@njit(**LEAN)
def _sum_row(i: int, slots: Any, first: Any, keep: Any, scale: Any, lines: Any, sums: Any) -> None:
    """Add a row of what the system lacks to its parts' sums, times their hat functions."""
    n = slots.size
    y = np.float64(i % SPACING) / SPACING
    j = 0
    while j < n:
        end = _run_end(slots, j)
        if slots[j] > 0:
            part = first[j // SPACING] + slots[j] - 1
            moments = _moments(lines[:, j:end], keep[j:end], scale[j:end])
            for c in range(2):
                total, along = moments[c]
                east = (along + total * (j % SPACING)) / SPACING
                sums[c, part, 0] += (1.0 - y) * (total - east)
                sums[c, part, 1] += (1.0 - y) * east
                sums[c, part, 2] += y * (total - east)
                sums[c, part, 3] += y * east
        j = end


@njit(nogil=True, cache=True, error_model="numpy")
def restrict_blocks(
    start: int, stop: int, slots: Any, first: Any, grid: Any, rhs: Any, u: Any, sums: Any
) -> None:
    """Add up what the system lacks, scaled, times each part's hat functions, in block rows."""
    links, keep, leak, scale = grid
    m, n = keep.shape
    lines = np.empty((2, n), np.float32)
    for i in range(start * SPACING, min(m, stop * SPACING)):
        for c in range(2):
            residual_row(i, c, links, keep, leak, rhs, u, lines[c])
        _sum_row(i, slots[i], first[i // SPACING], keep[i], scale[i], lines, sums)


@njit(**LEAN)
def _add_slope(keep: Any, height: float, slope: float, x: Any) -> None:
    h, s, zero = np.float32(height), np.float32(slope), np.float32(0.0)
    for j in range(x.size):
        x[j] += h + s * np.float32(j) if keep[j] > zero else zero


@njit(**LEAN)
def add_hats(
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
