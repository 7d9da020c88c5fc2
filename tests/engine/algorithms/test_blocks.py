"""Sharing rows out to threads."""

from __future__ import annotations

import threading

import pytest

from tinct.algorithms import blocks

MANY_PIXELS = 10_000_000


@pytest.mark.parametrize("count", [0, 1, 2, 3, 7, 1000])
def test_every_row_is_done_once(count: int) -> None:
    done: list[int] = []
    blocks.run_blocks(
        lambda start, stop: done.extend(range(start, stop)), count, pixels=MANY_PIXELS
    )
    assert sorted(done) == list(range(count))


def test_small_jobs_stay_in_their_thread() -> None:
    seen: list[tuple[int, int, int]] = []
    blocks.run_blocks(
        lambda start, stop: seen.append((start, stop, threading.get_ident())), 9, pixels=100
    )
    assert seen == [(0, 9, threading.get_ident())]


def test_busy_threads_are_not_waited_for() -> None:
    free = threading.Event()
    pool = blocks._pool()
    held = [pool.submit(free.wait, 60) for _ in range(pool._max_workers)]
    try:
        done: list[int] = []
        blocks.run_blocks(
            lambda start, stop: done.extend(range(start, stop)), 50, pixels=MANY_PIXELS
        )
        assert done == list(range(50))
        assert not any(one.done() for one in held)
    finally:
        free.set()


def test_an_error_reaches_the_caller() -> None:
    def fail(start: int, stop: int) -> None:
        raise ValueError("rows")

    with pytest.raises(ValueError, match="rows"):
        blocks.run_blocks(fail, 40, pixels=MANY_PIXELS)
