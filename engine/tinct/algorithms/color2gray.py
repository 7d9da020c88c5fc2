"""Gray that keeps the contrast of colors: Color2Gray over all pairs of pixels, or near ones.

A. A. Gooch, S. C. Olsen, J. Tumblin, B. Gooch, Color2Gray: salience-preserving color removal,
2005. DOI 10.1145/1073204.1073241
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinct.algorithms.blocks import run_blocks
from tinct.algorithms.color2gray_kernels import (
    TABLE_REACH,
    TABLE_SIZE,
    add_pairs,
    add_pairs_fast,
    add_window,
)
from tinct.context import Progress, no_progress

__all__ = ["gray_from_all_pairs", "gray_from_neighbors", "warm_kernels"]

Array = NDArray[Any]

EXACT_COLORS = 8192  # beyond, sources and targets are gathered on a lattice
LATTICE_STEP = {"final": 2.0, "preview": 4.0}
LAB_LOW = np.array([0.0, -88.0, -108.0])
LAB_HIGH = np.array([100.0, 100.0, 96.0])
TOLERANCE = 1e-4  # of the solver, in units of L
ITERATIONS = 200


def gray_from_all_pairs(
    lab: Array,
    counts: Array,
    *,
    theta_degrees: float,
    alpha: float,
    step: float = LATTICE_STEP["final"],
    exact_colors: int = EXACT_COLORS,
    progress: Progress = no_progress,
) -> Array:
    """Return Color2Gray's gray with every pair of pixels, in closed form.

    With all pairs the least-squares gray of color i is ``L_i + mean_j(delta_ij - (L_i - L_j))``:
    a map from color to gray that needs one sum per distinct color. Only colors whose L differs by
    less than alpha add to it.

    Parameters
    ----------
    lab
        Distinct colors, shape (U, 3), CIELAB.
    counts
        Their numbers of pixels, shape (U,), not all 0.
    theta_degrees
        The hue direction, in the a, b plane, that turns brighter.
    alpha
        The greatest change of lightness by color, at least 0; 0 gives L itself.
    step
        Of the lattice in CIELAB that gathers more than `exact_colors` colors: the sum runs over
        the mean colors of its cells and is interpolated between its nodes.
    exact_colors
        Up to this many distinct colors the sum runs over them all.
    progress
        Called between the steps.

    Returns
    -------
    ndarray
        Shape (U,), L of the gray; its mean, by counts, is that of L. It may leave 0 to 100.
    """
    if alpha <= 0:
        return np.asarray(lab[:, 0], np.float64).copy()
    direction = math.cos(math.radians(theta_degrees)), math.sin(math.radians(theta_degrees))
    table = alpha * np.tanh(np.arange(TABLE_SIZE + 2) * (TABLE_REACH / TABLE_SIZE))
    lab = np.ascontiguousarray(lab, np.float64)
    if len(lab) <= exact_colors:
        order = np.argsort(lab[:, 0], kind="stable")
        ordered = np.ascontiguousarray(lab[order].T)
        change = np.empty(len(lab))
        arguments = (lab, ordered, counts[order], np.array(direction), alpha, table, change)
        run_blocks(add_pairs, len(lab), *arguments, pixels=1 << 30)
        change /= counts.sum()
    else:
        nodes = _Lattice(lab, counts, step)
        progress(0.3, "Comparing colors")
        change = nodes.interpolate(_sum_fast(nodes, direction, alpha)) / counts.sum()
    gray = lab[:, 0] + change
    return np.asarray(gray + (lab[:, 0] - gray) @ counts / counts.sum())


def _sum_fast(nodes: _Lattice, direction: tuple[float, float], alpha: float) -> Array:
    """Return the sums at a lattice's nodes, in single precision."""
    order = np.argsort(nodes.sources[:, 0], kind="stable")
    sources = np.ascontiguousarray(nodes.sources[order].T, np.float32)
    change = np.empty(len(nodes.targets), np.float32)
    counts = nodes.counts[order].astype(np.float32)
    arguments = (nodes.targets.astype(np.float32), *sources, counts)
    run_blocks(
        add_pairs_fast,
        len(change),
        *arguments,
        np.array(direction, np.float32),
        np.float32(alpha),
        change,
        pixels=1 << 30,
    )
    return change.astype(np.float64)


class _Lattice:
    """Gathers colors in cells of a CIELAB lattice and interpolates between its nodes."""

    def __init__(self, lab: Array, counts: Array, step: float) -> None:
        # grays lie on nodes, because the sum changes fastest there
        low = np.floor(LAB_LOW / step) * step
        shape = tuple(int(n) for n in np.ceil((LAB_HIGH - low) / step) + 1)
        place = np.clip((lab - low) / step, 0, np.array(shape) - 1.001)
        corner = place.astype(np.intp)
        self._part = place - corner
        self._strides = (shape[1] * shape[2], shape[2], 1)
        self._cell = corner @ np.array(self._strides)
        size = shape[0] * shape[1] * shape[2]
        weights = np.bincount(self._cell, counts, minlength=size)
        held = weights > 0
        self.counts = weights[held]
        self.sources = np.stack(
            [
                np.bincount(self._cell, counts * lab[:, k], minlength=size)[held] / self.counts
                for k in range(3)
            ],
            axis=1,
        )
        touched = np.zeros(size, bool)
        occupied = np.unique(self._cell)
        for offset in self._offsets():
            touched[occupied + offset] = True
        nodes = np.flatnonzero(touched)
        self._row = np.zeros(size, np.intp)
        self._row[nodes] = np.arange(nodes.size)
        self.targets = np.stack(np.unravel_index(nodes, shape), axis=1) * step + low

    def _offsets(self) -> list[int]:
        high, middle, low = self._strides
        return [i * high + j * middle + k * low for i in (0, 1) for j in (0, 1) for k in (0, 1)]

    def interpolate(self, values: Array) -> Array:
        """Return values at the colors from those at `targets`, trilinear."""
        result = np.zeros(len(self._cell))
        for number, offset in enumerate(self._offsets()):
            share = np.ones(len(self._cell))
            for axis in range(3):
                part = self._part[:, axis]
                share *= part if number >> (2 - axis) & 1 else 1 - part
            result += share * values[self._row[self._cell + offset]]
        return result


def gray_from_neighbors(
    lab: Array,
    visible: Array,
    *,
    theta_degrees: float,
    alpha: float,
    radius_px: int,
    progress: Progress = no_progress,
) -> Array:
    """Return Color2Gray's gray with the pairs inside square windows, by least squares.

    Solves ``n_i g_i - sum_j g_j = sum_j delta_ij`` over the neighbors j of each pixel. (The
    authors' program adds each pair twice on the right, which doubles the contrast.)

    Parameters
    ----------
    lab
        Shape (M, N, 3), CIELAB.
    visible
        Shape (M, N), bool; other pixels are no neighbors and come back as they are.
    theta_degrees, alpha
        As in `gray_from_all_pairs`.
    radius_px
        Half the window's side, at least 1.
    progress
        Called at each iteration.

    Returns
    -------
    ndarray
        Shape (M, N), L of the gray, of the same mean as L over each visible picture.
    """
    rows, columns = visible.shape
    planes = np.ascontiguousarray(np.moveaxis(lab, 2, 0), np.float64)
    light: Array = planes[0]
    if alpha <= 0 or not visible.any():
        return light.copy()
    angle = math.radians(theta_degrees)
    table = alpha * np.tanh(np.arange(TABLE_SIZE + 2) * (TABLE_REACH / TABLE_SIZE))
    wanted = np.zeros((rows, columns))
    run_blocks(
        add_window,
        rows,
        planes,
        visible,
        radius_px,
        np.array([math.cos(angle), math.sin(angle)]),
        alpha,
        table,
        wanted,
        pixels=1 << 30,
    )
    progress(0.3, "Solving")
    # the unknown is what color adds to L, for which the right side is what `signed` gives
    change = _solve_windows(wanted, visible, radius_px, progress)
    change[visible] -= change[visible].mean()
    return np.asarray(np.where(visible, light + change, light))


def _solve_windows(wanted: Array, visible: Array, radius: int, progress: Progress) -> Array:
    """Solve the windows' equations by conjugate gradients, preconditioned with cosines."""
    mask = visible.astype(np.float64)
    degree = _box_sum(mask, radius) * mask
    smooth = _Cosines(wanted.shape, radius)
    solution = np.zeros_like(wanted)
    residual = wanted - mask * (wanted.sum() / mask.sum())
    scale = degree.max()
    search = np.zeros_like(wanted)
    energy = 1.0
    for iteration in range(ITERATIONS):
        progress(0.3 + 0.65 * iteration / ITERATIONS, "Solving")
        if np.abs(residual).max() <= TOLERANCE * scale:
            break
        improved = mask * smooth(residual)
        previous, energy = energy, float((residual * improved).sum())
        if energy <= 0:
            break
        search = improved + (energy / previous if iteration else 0.0) * search
        applied = degree * search - mask * _box_sum(mask * search, radius)
        length = energy / float((search * applied).sum())
        solution += length * search
        residual -= length * applied
    return solution


def _box_sum(values: Array, radius: int) -> Array:
    """Return the sums over windows, clipped at the borders."""
    for axis in (0, 1):
        size = values.shape[axis]
        padded = np.zeros((size + 1, values.shape[1 - axis]))
        np.cumsum(values if axis == 0 else values.T, axis=0, out=padded[1:])
        index = np.arange(size)
        sums = padded[np.minimum(index + radius + 1, size)] - padded[np.maximum(index - radius, 0)]
        values = sums if axis == 0 else sums.T
    return values


class _Cosines:
    """Inverts the windows' operator as if the picture were mirrored at its borders."""

    def __init__(self, shape: tuple[int, ...], radius: int) -> None:
        spectra = []
        for size in shape:
            frequency = np.pi * np.arange(size) / size
            offsets = np.arange(1, radius + 1)
            spectra.append(1 + 2 * np.cos(np.outer(frequency, offsets)).sum(axis=1))
        operator = (2 * radius + 1) ** 2 - np.outer(spectra[0], spectra[1])
        operator[0, 0] = np.inf  # the mean is free
        self._inverse = 1 / np.maximum(operator, 1e-9)

    def __call__(self, values: Array) -> Array:
        from scipy import fft

        spectrum = fft.dctn(values, norm="ortho", workers=2) * self._inverse
        return np.asarray(fft.idctn(spectrum, norm="ortho", workers=2))


def warm_kernels() -> None:
    """Compile for the types in use."""
    lab = np.array([[50.0, 10.0, 0.0], [50.0, -10.0, 0.0]])
    for exact_colors in (0, 2):
        gray_from_all_pairs(
            lab, np.ones(2), theta_degrees=45.0, alpha=10.0, exact_colors=exact_colors
        )
    visible = np.ones((1, 2), bool)
    gray_from_neighbors(lab[np.newaxis], visible, theta_degrees=45.0, alpha=10.0, radius_px=1)
