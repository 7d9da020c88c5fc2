"""Which sector every pixel's hue goes to: nearest ones first, then a graph cut for whole regions.

The energy is the paper's, angles in radians: the weighted arcs to the assigned sectors, plus, for
neighbors sent to different ones, the larger weight over the difference of their hues.

D. Cohen-Or et al., Color harmonization, 2006. DOI 10.1145/1141911.1141933
"""

from __future__ import annotations

import math
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from tinct.algorithms.blocks import run_blocks
from tinct.algorithms.graphcut import cut_grid
from tinct.algorithms.harmony import Sector
from tinct.algorithms.hue_kernels import borders_of, locate
from tinct.context import Progress, no_progress

__all__ = ["assign_sectors", "excess_energy", "warm_kernels"]

Array = NDArray[Any]

UNDECIDED, TO_FIRST, TO_SECOND, INDIFFERENT = 0, 1, 2, 3
LEAST_DIFFERENCE = math.radians(1.0)  # closer hues cost as if they were this far apart
CAPACITY = 1 << 26  # of the largest link; the sum at a node stays within 32 bits
SWEEPS = 2


def assign_sectors(
    hue: Array,
    weight: Array,
    borders: Array,
    *,
    coherence: float,
    nodes: int,
    progress: Progress = no_progress,
) -> Array:
    """Label every pixel with the sector, or the way round, its hue goes.

    Parameters
    ----------
    hue, weight
        Shape (M, N), float32, degrees and 0 to 1; pixels without weight never matter.
    borders
        One or two sectors, see `tinct.algorithms.hue_kernels.borders_of`.
    coherence
        Factor of the neighbors' term; 0 sends every hue to its nearest sector.
    nodes
        Up to this many pixels the labels are the exact minimum. Beyond, the cut is exact among
        labelings that are constant in square cells, and sweeps over the pixels lower the energy
        from there.
    progress
        Called between the steps.

    Returns
    -------
    ndarray
        Shape (M, N), uint8. With two sectors, the sector's index; with one, 0 where the hue
        falls to it and 1 where it rises. Never of more energy than the nearest sectors'.
    """
    rows, columns = hue.shape
    preference = np.empty((rows, columns), np.float32)
    state = np.empty((rows, columns), np.uint8)
    run_blocks(_weigh, rows, hue, weight, borders, preference, state, pixels=rows * columns)
    nearest = np.empty((rows, columns), np.uint8)
    run_blocks(_take_nearest, rows, preference, state, nearest, pixels=rows * columns)
    if coherence <= 0 or not (state == UNDECIDED).any():
        return nearest
    progress(0.2, "Cutting")
    cell = math.ceil(math.sqrt(rows * columns / nodes)) if rows * columns > nodes else 1
    labels = _cut_cells(hue, weight, preference, state, coherence, cell)
    if cell == 1:
        return labels
    progress(0.7, "Cutting")
    planes = (hue, weight, preference, state)
    for _ in range(SWEEPS):
        for color in (0, 1):
            run_blocks(_sweep, rows, *planes, coherence, color, labels, pixels=rows * columns)
    progress(0.9, "Cutting")
    if excess_energy(*planes, coherence, labels) > excess_energy(*planes, coherence, nearest):
        return nearest
    return labels


def excess_energy(
    hue: Array, weight: Array, preference: Array, state: Array, coherence: float, labels: Array
) -> float:
    """Return what a labeling costs beyond the sum of every pixel's cheaper label.

    Parameters
    ----------
    hue, weight, labels
        As in `assign_sectors`.
    preference, state
        What label 1 costs more than label 0, and which pixels are undecided.
    coherence
        Factor of the neighbors' term.
    """
    rows = hue.shape[0]
    sums = np.zeros(rows)
    run_blocks(
        _add_energy,
        rows,
        hue,
        weight,
        preference,
        state,
        coherence,
        labels,
        sums,
        pixels=hue.size,
    )
    return float(sums.sum())


def _cut_cells(
    hue: Array, weight: Array, preference: Array, state: Array, coherence: float, cell: int
) -> Array:
    rows, columns = hue.shape
    height, width = -(-rows // cell), -(-columns // cell)
    sums = np.zeros((height, width))
    right = np.zeros((height, max(width - 1, 0)))
    down = np.zeros((max(height - 1, 0), width))
    # a cell's row of links to the cells below belongs to that cell, so blocks write apart
    run_blocks(
        _gather,
        height,
        hue,
        weight,
        preference,
        state,
        coherence,
        cell,
        sums,
        right,
        down,
        pixels=hue.size,
    )
    peak = max(np.abs(sums).max(), right.max(initial=0.0), down.max(initial=0.0), 1e-12)
    cells, _ = cut_grid(
        *(np.rint(part * (CAPACITY / peak)).astype(np.int32) for part in (sums, right, down))
    )
    labels = np.empty((rows, columns), np.uint8)
    run_blocks(_spread, rows, cells, cell, state, labels, pixels=hue.size)
    return labels


@numba.njit(cache=True, nogil=True, error_model="numpy")
def _weigh(
    start: int,
    stop: int,
    hue: Array,
    weight: Array,
    borders: Array,
    preference: Array,
    state: Array,
) -> None:
    """Write what label 1 costs more than label 0, in radians, and which pixels are undecided."""
    single = borders.shape[0] == 1
    radians = np.float32(np.pi / 180)
    for row in range(start, stop):
        for column in range(hue.shape[1]):
            preference[row, column] = 0
            if weight[row, column] <= 0:
                state[row, column] = INDIFFERENT
                continue
            inside, _, falling, below, rising, above = locate(hue[row, column], borders)
            if inside >= 0:
                # within a single sector both ways mean the same
                state[row, column] = INDIFFERENT if single else TO_FIRST + inside
                continue
            if not single and below == above:
                state[row, column] = TO_FIRST + below
                continue
            more = rising - falling if single or below == 0 else falling - rising
            preference[row, column] = more * radians * weight[row, column]
            state[row, column] = UNDECIDED


@numba.njit(cache=True, nogil=True, error_model="numpy")
def _take_nearest(start: int, stop: int, preference: Array, state: Array, labels: Array) -> None:
    for row in range(start, stop):
        for column in range(state.shape[1]):
            if state[row, column] == UNDECIDED:
                labels[row, column] = 1 if preference[row, column] < 0 else 0
            else:
                labels[row, column] = 1 if state[row, column] == TO_SECOND else 0


@numba.njit(cache=True, nogil=True, error_model="numpy")
def _link(
    hue: Array, weight: Array, row: int, column: int, other_row: int, other_column: int
) -> Any:
    """Return the price of parting two pixels, before coherence."""
    difference = abs(hue[row, column] - hue[other_row, other_column])
    if difference > 180:
        difference = 360 - difference
    heavier = max(weight[row, column], weight[other_row, other_column])
    return heavier / max(difference * np.pi / 180, LEAST_DIFFERENCE)


@numba.njit(cache=True, nogil=True, error_model="numpy")
def _gather(
    start: int,
    stop: int,
    hue: Array,
    weight: Array,
    preference: Array,
    state: Array,
    coherence: float,
    cell: int,
    sums: Array,
    right: Array,
    down: Array,
) -> None:
    """Sum up the energy of labelings that are constant in cells; `start` to `stop` are cell rows.

    Decided neighbors turn into preferences. Links inside a cell never part.
    """
    rows, columns = hue.shape
    for row in range(start * cell, min(stop * cell, rows)):
        for column in range(columns):
            if state[row, column] != UNDECIDED:
                continue
            own_row = row // cell
            own_column = column // cell
            total = np.float64(preference[row, column])
            for direction in range(4):
                other_row = row + (direction == 0) - (direction == 1)
                other_column = column + (direction == 2) - (direction == 3)
                if not (0 <= other_row < rows and 0 <= other_column < columns):
                    continue
                other = state[other_row, other_column]
                if other == INDIFFERENT:
                    continue
                forward = direction == 0 or direction == 2
                apart = other_row // cell != own_row or other_column // cell != own_column
                if other == UNDECIDED and not (forward and apart):
                    continue
                price = coherence * _link(hue, weight, row, column, other_row, other_column)
                if other == TO_FIRST:
                    total += price
                elif other == TO_SECOND:
                    total -= price
                elif direction == 0:
                    down[own_row, own_column] += price
                else:
                    right[own_row, own_column] += price
            sums[own_row, own_column] += total


@numba.njit(cache=True, nogil=True, error_model="numpy")
def _spread(start: int, stop: int, cells: Array, cell: int, state: Array, labels: Array) -> None:
    for row in range(start, stop):
        for column in range(state.shape[1]):
            if state[row, column] == UNDECIDED:
                labels[row, column] = cells[row // cell, column // cell]
            else:
                labels[row, column] = 1 if state[row, column] == TO_SECOND else 0


@numba.njit(cache=True, nogil=True, error_model="numpy")
def _sweep(
    start: int,
    stop: int,
    hue: Array,
    weight: Array,
    preference: Array,
    state: Array,
    coherence: float,
    color: int,
    labels: Array,
) -> None:
    """Give each pixel of one color of the checkerboard the label that suits its neighbors best."""
    rows, columns = hue.shape
    for row in range(start, stop):
        for column in range((row + color) % 2, columns, 2):
            if state[row, column] != UNDECIDED:
                continue
            total = np.float64(preference[row, column])
            for direction in range(4):
                other_row = row + (direction == 0) - (direction == 1)
                other_column = column + (direction == 2) - (direction == 3)
                if not (0 <= other_row < rows and 0 <= other_column < columns):
                    continue
                if state[other_row, other_column] == INDIFFERENT:
                    continue
                price = coherence * _link(hue, weight, row, column, other_row, other_column)
                total += -price if labels[other_row, other_column] else price
            labels[row, column] = 1 if total < 0 else 0


@numba.njit(cache=True, nogil=True, error_model="numpy")
def _add_energy(
    start: int,
    stop: int,
    hue: Array,
    weight: Array,
    preference: Array,
    state: Array,
    coherence: float,
    labels: Array,
    sums: Array,
) -> None:
    rows, columns = hue.shape
    for row in range(start, stop):
        total = 0.0
        for column in range(columns):
            if state[row, column] == INDIFFERENT:
                continue
            label = labels[row, column]
            if state[row, column] == UNDECIDED:
                more = np.float64(preference[row, column])
                if (more > 0) == (label == 1):
                    total += abs(more)
            if (
                row + 1 < rows
                and state[row + 1, column] != INDIFFERENT
                and labels[row + 1, column] != label
            ):
                total += coherence * _link(hue, weight, row, column, row + 1, column)
            if (
                column + 1 < columns
                and state[row, column + 1] != INDIFFERENT
                and labels[row, column + 1] != label
            ):
                total += coherence * _link(hue, weight, row, column, row, column + 1)
        sums[row] = total


def warm_kernels() -> None:
    """Compile for the types in use."""
    hue = np.array([[100, 101], [260, 200]], np.float32)
    borders = borders_of([Sector(0.0, 20.0), Sector(180.0, 20.0)])
    for nodes in (1, 4):
        assign_sectors(hue, np.ones_like(hue), borders, coherence=1.0, nodes=nodes)
