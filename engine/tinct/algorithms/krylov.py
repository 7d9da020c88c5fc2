"""Krylov solver for the colorization system: truncated, flexible GCR, both channels at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from tinct.algorithms.blocks import run_blocks
from tinct.algorithms.compiled import LEAN
from tinct.algorithms.convergence import TILE, Convergence
from tinct.algorithms.halves import link
from tinct.algorithms.relaxation import links_of
from tinct.algorithms.transfers import pull, pull_row

__all__ = ["Ask", "Workspace", "image_rows", "residual_rows", "solve_gcr"]

FloatArray = NDArray[np.float32]
Values = NDArray[np.float64]
Sums = NDArray[np.float64]
Ask = Callable[[FloatArray], bool]
Precondition = Callable[[FloatArray, FloatArray, FloatArray, Ask | None], bool]

_NEAREST = 8  # neighbors of a 3x3 window, in the order of `window_offsets`
# Directions held: the new one and the one before; more save no step on photographs. With a poor
# preconditioner, which overdoes a few kinds of errors, they do.
_SLOTS, _MANY_SLOTS = 2, 6
# A step as short as this part of a correction so many times the tolerance, or backwards from one:
# some of it is overdone, and all the rest suffers. On photographs steps are half of a large
# correction at least; where they are not quite so good, it helps to go on.
_SHORT_STEP, _MUCH, _MUCH_CAREFUL, _BACKWARDS = 0.1, 3.0, 0.3, 30.0
# Steps from this to that are usual.
_USUAL_STEP, _LONG_STEP = 0.5, 1.3
_REFRESH_EVERY = 8


@njit(**LEAN)
def _add_differences(total: Any, weight: Any, row: Any, x: Any) -> None:
    for j in range(total.size):
        total[j] += link(weight[j]) * (row[j] - x[j])


@njit(**LEAN)
def _pull_row(i: int, c: int, links: Any, offsets: Any, u: Any, line: Any) -> None:
    """Do what `transfers.pull_row` does, for any neighbors."""
    if offsets.shape[0] == _NEAREST:
        pull_row(i, c, links, u, line)
        return
    n = line.size
    pad = (u.shape[2] - n) // 2
    line[:] = 0.0
    x = u[c, i + pad, pad : pad + n]
    for q in range(offsets.shape[0]):
        first = pad + offsets[q, 1]
        row = u[c, i + pad + offsets[q, 0], first : first + n]
        _add_differences(line, links[q, i], row, x)


@njit(**LEAN)
def residual_rows(
    start: int, stop: int, links: Any, offsets: Any, keep: Any, target: Any, u: Any, out: Any
) -> None:
    """Write what the system times u, u - keep * sum w u(s), lacks to (1 - keep) * target.

    `target` is framed as `u` is; it may be `u` itself where pixels are given or free and no more.
    """
    m, n = keep.shape
    pad = (u.shape[1] - m) // 2
    for i in range(start, stop):
        for c in range(2):
            line, x = out[c, i + pad, pad : pad + n], u[c, i + pad, pad : pad + n]
            _pull_row(i, c, links, offsets, u, line)
            k, h = keep[i], target[c, i + pad, pad : pad + n]
            for j in range(n):
                line[j] = line[j] * k[j] + (np.float32(1.0) - k[j]) * (h[j] - x[j])


@njit(**LEAN)
def _dot(a: Any, b: Any) -> Any:
    """Return the dot product of two rows: in float32, several sums side by side."""
    total = np.float32(0.0)
    for j in range(a.size):
        total += a[j] * b[j]
    return np.float64(total)


@njit(**LEAN)
def _image_row(w: Any, k: Any, above: Any, here: Any, below: Any, r: Any, y: Any, out: Any) -> None:
    """Write the system times a row of a direction, amid its framed neighbors, into y.

    And dot products into `out`: of y with itself, and with r.
    """
    own, gain = np.float32(0.0), np.float32(0.0)
    for j in range(y.size):
        tug = pull(j, w, above, here, below)
        value = (np.float32(1.0) - k[j]) * here[j + 1] - tug * k[j]
        y[j] = value
        own += value * value
        gain += value * r[j]
    out[0], out[1] = np.float64(own), np.float64(gain)


@njit(**LEAN)
def _image_any_row(
    i: int, c: int, links: Any, offsets: Any, k: Any, u: Any, r: Any, y: Any, out: Any
) -> None:
    """Do what `_image_row` does, for any neighbors."""
    pad = (u.shape[2] - y.size) // 2
    _pull_row(i, c, links, offsets, u, y)
    x = u[c, i + pad, pad : pad + y.size]
    for j in range(y.size):
        y[j] = (np.float32(1.0) - k[j]) * x[j] - y[j] * k[j]
    out[0], out[1] = _dot(y, y), _dot(y, r)


@njit(**LEAN)
def image_rows(
    start: int,
    stop: int,
    links: Any,
    offsets: Any,
    keep: Any,
    slot: int,
    directions: Any,
    images: Any,
    r: Any,
    sums: Any,
) -> None:
    """Write the system times direction `slot` into image `slot`, and dot products while at it.

    Those are, per row and channel, of the image with itself, with r, and with each other image.
    """
    m, n = keep.shape
    pad = (r.shape[1] - m) // 2
    inner, framed = slice(pad, pad + n), slice(pad - 1, pad + n + 1)
    for i in range(start, stop):
        a, k = i + pad, keep[i]
        for c in range(2):
            z, y = directions[slot], images[slot, c, a, inner]
            residual, out = r[c, a, inner], sums[i, c]
            if offsets.shape[0] == _NEAREST:
                above, here, below = z[c, a - 1, framed], z[c, a, framed], z[c, a + 1, framed]
                _image_row(links_of(links, i), k, above, here, below, residual, y, out)
            else:
                _image_any_row(i, c, links, offsets, k, z, residual, y, out)
            for other in range(images.shape[0]):
                if other != slot:
                    out[2 + other] = _dot(y, images[other, c, a, inner])


@njit(**LEAN)
def _subtract(y: Any, factor: float, x: Any) -> None:
    f = np.float32(factor)
    for j in range(y.size):
        y[j] -= f * x[j]


@njit(**LEAN)
def _add_noting(factor: Any, z: Any, x: Any) -> Any:
    """Add `factor` times z to x, and return the largest change."""
    largest = np.float32(0.0)
    for j in range(z.size):
        change = factor * z[j]
        x[j] += change
        largest = max(largest, abs(change))
    return largest


@njit(**LEAN)
def _step_rows(
    start: int,
    stop: int,
    slot: int,
    directions: Any,
    images: Any,
    along: Any,
    step: Any,
    pad: int,
    u: Any,
    r: Any,
    largest: Any,
) -> None:
    """Make direction `slot` conjugate to the others and step along it; r follows.

    Notes the largest change in each `TILE` pixels of each row.
    """
    n = u.shape[2] - 2 * pad
    for i in range(start, stop):
        for c in range(2):
            z, x = directions[slot, c, i + pad, pad : pad + n], u[c, i + pad, pad : pad + n]
            y = images[slot, c, i + pad, pad : pad + n]
            for k in range(images.shape[0]):
                if k != slot and along[c, k] != 0.0:
                    _subtract(z, along[c, k], directions[k, c, i + pad, pad : pad + n])
                    _subtract(y, along[c, k], images[k, c, i + pad, pad : pad + n])
            _subtract(r[c, i + pad, pad : pad + n], step[c], y)
            for t in range(largest.shape[1]):
                part = slice(t * TILE, (t + 1) * TILE)
                change = _add_noting(np.float32(step[c]), z[part], x[part])
                largest[i, t] = max(change, largest[i, t]) if c else change


def _conjugate(total: Sums, norms: Sums, slot: int) -> tuple[Sums, Sums]:
    """Return by channel how far to step, and how much of each older direction to take out.

    `total` is the sum of what `image_rows` writes; `norms` takes the new direction's.
    """
    norm, projection, overlap = total[:, 0], total[:, 1], total[:, 2:]
    valid = norms > 0.0
    valid[:, slot] = False
    along = np.where(valid, overlap / np.where(valid, norms, 1.0), 0.0)
    squared = norm - (along**2 * norms).sum(axis=1)
    # All but parallel to an old direction: the rest is rounding, and dividing by it diverges.
    usable = squared > 1e-6 * norm
    norms[:, slot] = np.where(usable, squared, 0.0)
    step = np.where(usable, projection / np.where(usable, squared, 1.0), 0.0)
    along[~usable] = 0.0
    return step, along


def _is_poor(z: FloatArray, step: Sums, tolerance: float, careful: bool) -> bool:
    """Tell whether a step is far from what the correction z says, and that is much."""
    short = np.abs(step) < _SHORT_STEP
    doubtful = short if careful else step < _SHORT_STEP
    much = np.where(short, _MUCH_CAREFUL if careful else _MUCH, _BACKWARDS) * tolerance
    largest = [float(np.abs(correction).max()) for correction in z[doubtful]]
    return bool((np.array(largest) > much[doubtful]).any())


def _unseen(step: Sums, usual: float) -> float:
    """Return how many times as large as usual the error left beside a step's corrections is.

    Long steps tell of errors that corrections see but a part of; short ones leave the rest.
    """
    shortest = max(1e-2, float(np.abs(step[step != 0.0]).min(initial=1.0)))
    return max(1.0, float(step.max()) / _LONG_STEP) ** 2 * max(1.0, usual / shortest)


def _slots(careful: bool) -> int:
    return _MANY_SLOTS if careful else _SLOTS


class Workspace:
    """The vectors of a solve, kept for the next: new memory takes time.

    Parameters
    ----------
    most_bytes : int
        Of directions and images; larger ones are not kept.
    """

    def __init__(self, most_bytes: int) -> None:
        self._most = most_bytes
        self._kept: FloatArray | None = None
        self._residual: FloatArray | None = None

    @property
    def nbytes(self) -> int:
        """Memory held, in bytes."""
        return sum(one.nbytes for one in (self._kept, self._residual) if one is not None)

    def prepare(self, shape: tuple[int, ...], *, careful: bool = False) -> None:
        """Have the memory for solutions of `shape` at hand: to touch it first takes time, too."""
        for part in (*self.take(_slots(careful), shape), self.residual(shape)):
            part.fill(0.0)

    def residual(self, shape: tuple[int, ...]) -> FloatArray:
        """Return an array of `shape`, framed by zeros; kept where directions and images are."""
        residual = self._residual
        if residual is None or residual.shape != shape:
            residual = np.zeros(shape, np.float32)
        self._residual = residual if 2 * _SLOTS * residual.nbytes <= self._most else None
        return residual

    def take(self, slots: int, shape: tuple[int, ...]) -> tuple[FloatArray, FloatArray]:
        """Return directions, framed by zeros, and images: slots of `shape` each."""
        needed = (2, slots, *shape)
        pair = self._kept
        if pair is None or pair.shape != needed:
            pair = np.zeros(needed, np.float32)
        self._kept = pair if pair.nbytes <= self._most else None
        return pair[0], pair[1]


def solve_gcr(
    operator: Callable[[int, FloatArray, FloatArray, FloatArray, Sums], None],
    precondition: Precondition,
    refresh: Callable[[Values | FloatArray, FloatArray], None],
    u: Values | FloatArray,
    residual: FloatArray,
    *,
    pad: int,
    tolerance: float,
    max_iterations: int,
    report: Callable[[float], None],
    enough: Callable[[Convergence], bool],
    workspace: Workspace,
    careful: bool = False,
) -> Convergence:
    """Solve in place by the flexible, truncated generalized conjugate residual method.

    Parameters
    ----------
    operator
        ``operator(slot, directions, images, residual, sums)`` does what `image_rows` does.
    precondition
        ``precondition(r, out, scratch, ask)`` writes an approximate solution for right-hand side
        r; what is in `scratch`, of the same shape, may be lost. When it can, it shows `ask`, unless
        None, its coarser grid's correction before; if that says so, it ends and returns False.
    refresh
        ``refresh(u, out)`` writes the residual of u: sums of float32 steps drift from it.
    u : ndarray of shape (2, M + 2 pad, N + 2 pad), float64 or float32
        Start, overwritten.
    residual : ndarray of the same shape, float32
        Its residual, overwritten.
    tolerance : float
        Stop when the estimated largest error is below.
    report
        Called with the estimated error after each iteration.
    enough
        Called with the convergence so far; stops when it says so.
    workspace
        Where the directions are.
    careful
        Holds more directions. Otherwise stops, before a step is taken, when that would be far from
        what the preconditioner takes the error for: `Convergence.stumbled`. Both end, nothing
        spoiled, where the preconditioner's numbers overflow.
    """
    rows = u.shape[1] - 2 * pad
    pixels = rows * (u.shape[2] - 2 * pad)
    slots = _slots(careful)
    z, image = workspace.take(slots, u.shape)
    norms = np.zeros((2, slots))
    sums = np.zeros((rows, 2, 2 + slots))
    largest = np.zeros((rows, -(-(u.shape[2] - 2 * pad) // TILE)), np.float32)
    convergence = Convergence()
    fruitless = False

    def done() -> bool:
        return convergence.error() <= tolerance or enough(convergence)

    def foreseen(coarse: FloatArray) -> bool:
        convergence.foresee(coarse)
        return done()

    for iteration in range(max_iterations):
        slot = iteration % slots
        if iteration and iteration % _REFRESH_EVERY == 0:
            refresh(u, residual)
            norms[:] = 0.0
        source = image[slot - 1] if fruitless else residual
        if not precondition(source, z[slot], image[slot], None if careful else foreseen):
            break
        convergence.steps += 1
        operator(slot, z, image, residual, sums)
        total = sums.sum(axis=0)
        if not np.isfinite(total).all():
            # Some places are linked to hints by less than numbers can hold: better grids may do.
            convergence.stumbled = not careful
            break
        step, along = _conjugate(total, norms, slot)
        stumbled = _is_poor(z[slot], step, tolerance, careful)
        if stumbled and not careful:
            convergence.stumbled = True
            break
        # The residual hardly changes then, and would lead the same way again.
        fruitless = stumbled and not fruitless
        moved = (slot, z, image, along, step, pad, u, residual, largest)
        run_blocks(_step_rows, rows, *moved, pixels=pixels)
        if stumbled:
            continue
        convergence.note(largest, _unseen(step, 1.0 if careful else _USUAL_STEP))
        report(convergence.error())
        stalled = convergence.stalled() and not careful
        if stalled or (not convergence.looks_ahead and done()):
            break
    return convergence
