"""Row scaling of a grid before it is coarsened: the density of the walk along its links.

Rows scaled by it have row sums and column sums that agree locally, see `coarsening`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from tinct.algorithms.blocks import run_blocks
from tinct.algorithms.compiled import FAST
from tinct.algorithms.halves import Halves, link
from tinct.context import Progress, no_progress

__all__ = ["balance"]

FloatArray = NDArray[np.float32]

_STEPS = 2
# Part of a pixel's density that moves on in a step; the last steps are lazy, to smooth it.
_MOVING, _LAZY, _LAZY_STEPS = np.float32(0.9), np.float32(0.5), 2
_DEAD = np.float32(1e-12)  # a pixel whose links sum to less has none
_SMALL_PIXELS = 100_000
# After so many steps, an even number, users may cancel; nothing changes more than so much any more.
_STEPS_AT_ONCE, _SETTLED = 240, 1e-5


@njit(nogil=True, cache=True, error_model="numpy", fastmath=FAST)
def _sum_rows(start: int, stop: int, links: Any, total: Any) -> None:
    """Write the sum of every pixel's links."""
    for i in range(start, stop):
        line = total[i]
        line[:] = 0.0
        for k in range(8):
            weights = links[k, i]
            for j in range(line.size):
                line[j] += link(weights[j])


@njit(nogil=True, cache=True, error_model="numpy", fastmath=FAST)
def _balance_rows(
    start: int, stop: int, part: Any, links: Any, total: Any, share: Any, next_share: Any
) -> None:
    """Write what stays of the density plus what flows in, when `part` of every pixel's moves on.

    Densities are held as shares: divided by `total`, the sum of a pixel's links.
    """
    m, n = total.shape
    for i in range(start, stop):
        line = next_share[i]
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
                target[j] += source[j] * link(flow[j])
        stays, own = share[i], total[i]
        for j in range(n):
            inflow = part * line[j] / own[j] if own[j] > _DEAD else np.float32(0.0)
            line[j] = inflow + (np.float32(1.0) - part) * stays[j]


@njit(nogil=True, cache=True, error_model="numpy", fastmath=FAST)
def _balance_twice(
    times: int, part: Any, links: Any, total: Any, share: Any, next_share: Any
) -> None:
    """Take 2 * times steps on a small grid, without leaving compiled code."""
    m = len(total)
    for _ in range(times):
        _balance_rows(0, m, part, links, total, share, next_share)
        _balance_rows(0, m, part, links, total, next_share, share)


def _take_steps(
    times: int,
    part: np.float32,
    links: Halves,
    total: FloatArray,
    share: FloatArray,
    next_share: FloatArray,
) -> None:
    """Do what `_balance_twice` does, on several threads when that pays."""
    if total.size < _SMALL_PIXELS:
        _balance_twice(times, part, links, total, share, next_share)
        return
    for step in range(2 * times):
        now, then = (share, next_share) if step % 2 == 0 else (next_share, share)
        job = part, links, total, now, then
        run_blocks(_balance_rows, len(total), *job, pixels=total.size)


def balance(links: Halves, steps: int = _STEPS, *, progress: Progress = no_progress) -> FloatArray:
    """Return the row scaling, (M, N): the walk's density after an even number of steps.

    Of very many, only as many as still change it. `progress` may raise `Cancelled`.
    """
    total = np.empty(links.shape[1:], np.float32)
    run_blocks(_sum_rows, len(total), links, total, pixels=total.size)
    alive = total > _DEAD
    share = np.zeros_like(total)
    np.divide(np.float32(1.0), total, out=share, where=alive)
    next_share = np.empty_like(share)
    before = share.copy() if steps > _STEPS_AT_ONCE else None
    for part, count in ((_MOVING, steps), (_LAZY, _LAZY_STEPS)):
        for first in range(0, count, _STEPS_AT_ONCE):
            progress(0.0, "Preparing")
            times = min(_STEPS_AT_ONCE, count - first) // 2
            _take_steps(times, part, links, total, share, next_share)
            if before is not None and np.allclose(share, before, rtol=_SETTLED, atol=0.0):
                break
            if before is not None:
                before[:] = share
    share *= total
    np.maximum(share, np.float32(1e-6), out=share)
    share[~alive] = 1.0
    return share
