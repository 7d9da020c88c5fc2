"""Row scaling of a grid before it is coarsened: the density of the walk along its links.

Rows scaled by it have row sums and column sums that agree locally, see `coarsening`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from tinct.algorithms.blocks import run_blocks
from tinct.context import Progress, no_progress

__all__ = ["balance"]

FloatArray = NDArray[np.float32]

_FAST = {"contract", "reassoc", "nsz"}
_STEPS = 2
# Part of a pixel's density that moves on in a step; the last steps are lazy, to smooth it.
_MOVING, _LAZY, _LAZY_STEPS = np.float32(0.9), np.float32(0.5), 2
_SMALL_PIXELS = 100_000
# After so many steps, an even number, users may cancel; nothing changes more than so much any more.
_STEPS_AT_ONCE, _SETTLED = 240, 1e-5


@njit(nogil=True, cache=True, error_model="numpy", fastmath=_FAST)
def _balance_rows(
    start: int,
    stop: int,
    part: Any,
    links: Any,
    inverse: Any,
    share: Any,
    density: Any,
    next_share: Any,
    next_density: Any,
) -> None:
    """Write what stays of the density plus what flows in, when `part` of every pixel's moves on.

    A share is the density times `inverse`, one over the sum of a pixel's links.
    """
    m, n = density.shape
    for i in range(start, stop):
        line = next_density[i]
        line[:] = 0.0
        for k in range(8):
            q = k if k < 4 else k + 1
            a, dj = i + q // 3 - 1, q % 3 - 1
            if a < 0 or a >= m:
                continue
            first, count = max(0, dj), n - abs(dj)
            source, flow = share[a, first : first + count], links[7 - k, a, first : first + count]
            target = line[max(0, -dj) : max(0, -dj) + count]
            for j in range(count):
                target[j] += source[j] * flow[j]
        d, inverses, shares = density[i], inverse[i], next_share[i]
        for j in range(n):
            line[j] = part * line[j] + (np.float32(1.0) - part) * d[j]
            shares[j] = line[j] * inverses[j]


@njit(nogil=True, cache=True, error_model="numpy", fastmath=_FAST)
def _balance_twice(
    times: int,
    part: Any,
    links: Any,
    inverse: Any,
    share: Any,
    density: Any,
    next_share: Any,
    next_density: Any,
) -> None:
    """Take 2 * times steps on a small grid, without leaving compiled code."""
    m = len(density)
    for _ in range(times):
        _balance_rows(0, m, part, links, inverse, share, density, next_share, next_density)
        _balance_rows(0, m, part, links, inverse, next_share, next_density, share, density)


def _take_steps(
    times: int, part: np.float32, links: FloatArray, inverse: FloatArray, *vectors: FloatArray
) -> None:
    """Do what `_balance_twice` does, on several threads when that pays."""
    if inverse.size < _SMALL_PIXELS:
        _balance_twice(times, part, links, inverse, *vectors)
        return
    for step in range(2 * times):
        now, then = (vectors[:2], vectors[2:]) if step % 2 == 0 else (vectors[2:], vectors[:2])
        job = part, links, inverse, *now, *then
        run_blocks(_balance_rows, len(inverse), *job, pixels=inverse.size)


def balance(
    links: FloatArray, steps: int = _STEPS, *, progress: Progress = no_progress
) -> FloatArray:
    """Return the row scaling, (M, N): the walk's density after an even number of steps.

    Of very many, only as many as still change it. `progress` may raise `Cancelled`.
    """
    total = links.sum(axis=0)
    alive = total > np.float32(1e-12)
    inverse = np.zeros_like(total)
    np.divide(np.float32(1.0), total, out=inverse, where=alive)
    density = np.ones_like(total)
    share = inverse.copy()
    next_share, next_density = np.empty_like(density), np.empty_like(density)
    vectors = share, density, next_share, next_density
    before = density.copy() if steps > _STEPS_AT_ONCE else None
    for part, count in ((_MOVING, steps), (_LAZY, _LAZY_STEPS)):
        for first in range(0, count, _STEPS_AT_ONCE):
            progress(0.0, "Preparing")
            times = min(_STEPS_AT_ONCE, count - first) // 2
            _take_steps(times, part, links, inverse, *vectors)
            if before is not None and np.allclose(density, before, rtol=_SETTLED, atol=0.0):
                break
            if before is not None:
                before[:] = density
    scale: FloatArray = np.where(alive, np.maximum(density, np.float32(1e-6)), np.float32(1.0))
    return scale
