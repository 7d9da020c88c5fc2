"""Row blocks on two threads: kernels run without the interpreter's lock and stay deterministic."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

__all__ = ["run_blocks"]

# Handing a block to the second thread costs about 30 microseconds, more when the machine is busy;
# smaller jobs stay here.
_MIN_PIXELS_PER_THREAD = 30_000
_MAX_THREADS = 8
# Threads take one share after another: cores differ in speed, and other programs want them too.
_SHARES_PER_THREAD = 4
_MIN_PIXELS_PER_SHARE = 60_000


def _threads() -> int:
    try:
        available = len(os.sched_getaffinity(0))
    except AttributeError:
        available = os.cpu_count() or 1
    return max(1, min(_MAX_THREADS, available))


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(_threads(), thread_name_prefix="tinct-kernel")


def run_blocks(kernel: Callable[..., object], count: int, *arguments: Any, pixels: int) -> None:
    """Call ``kernel(start, stop, *arguments)`` for blocks that cover range(count), in parallel.

    The kernel writes only what belongs to its own block and reads nothing that another block
    writes, so the result does not depend on the number of threads.

    Parameters
    ----------
    kernel
        A compiled function that releases the interpreter's lock.
    count
        Number of rows (or tiles) to share out.
    pixels
        Size of the whole job, to judge whether a second thread pays.
    """
    threads = min(_threads(), count, max(1, pixels // _MIN_PIXELS_PER_THREAD))
    if threads <= 1:
        kernel(0, count, *arguments)
        return
    most = max(threads, min(threads * _SHARES_PER_THREAD, pixels // _MIN_PIXELS_PER_SHARE))
    shares = min(count, most)
    bounds = [count * k // shares for k in range(shares + 1)]
    left = iter(range(shares))  # lets in one thread at a time

    def take() -> None:
        for k in left:
            kernel(bounds[k], bounds[k + 1], *arguments)

    others = [_pool().submit(take) for _ in range(1, threads)]
    try:
        take()
    finally:
        for other in others:
            if not other.cancel():  # one that never began has nothing left to do
                other.result()
