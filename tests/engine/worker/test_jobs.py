from __future__ import annotations

import math
import queue
import threading
from collections.abc import Callable
from typing import Any

import pytest

from tinct.errors import Cancelled, InputError
from tinct.worker import jobs
from tinct.worker.jobs import Job, Jobs

PATIENCE_S = 60


def silent(fraction: float, stage: str) -> None:
    pass


class Bench:
    """Jobs whose ends are collected, and one that can be held."""

    def __init__(self) -> None:
        self.ended: queue.Queue[tuple[Any, Any, Any]] = queue.Queue()
        self.jobs = Jobs(lambda job, result, error: self.ended.put((job.id, result, error)))
        self.begun, self.release = threading.Event(), threading.Event()

    def hold(self, id_: str) -> None:
        """Keep the job thread busy until `release`."""

        def work(job: Job) -> str:
            self.begun.set()
            assert self.release.wait(PATIENCE_S)
            return "held"

        self.jobs.add(Job(id_, work, silent))
        assert self.begun.wait(PATIENCE_S)

    def next(self) -> tuple[Any, Any, Any]:
        return self.ended.get(timeout=PATIENCE_S)


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_results_and_errors_arrive(bench: Bench) -> None:
    def fail(job: Job) -> None:
        raise InputError("No strokes.")

    bench.jobs.add(Job(1, lambda job: "fine", silent))
    bench.jobs.add(Job(2, fail, silent))
    assert bench.next() == (1, "fine", None)
    id_, result, error = bench.next()
    assert (id_, result, str(error)) == (2, None, "No strokes.")


@pytest.mark.parametrize("kind", [SystemExit, KeyboardInterrupt, MemoryError])
def test_the_thread_survives_whatever_a_job_raises(bench: Bench, kind: type[Exception]) -> None:
    def fail(job: Job) -> None:
        raise kind

    bench.jobs.add(Job(1, fail, silent))
    assert isinstance(bench.next()[2], kind)
    bench.jobs.add(Job(2, lambda job: "fine", silent))
    assert bench.next() == (2, "fine", None)


def test_equal_ones_run_in_turn_and_higher_ones_first(bench: Bench) -> None:
    bench.hold("first")
    for id_, priority in enumerate([0, 0, 5, 0, 5, -1]):
        bench.jobs.add(Job(id_, lambda job: None, silent, priority))
    bench.release.set()
    assert [bench.next()[0] for _ in range(7)] == ["first", 2, 4, 0, 1, 3, 5]


def test_a_waiting_job_ends_when_it_is_cancelled(bench: Bench) -> None:
    bench.hold("first")
    bench.jobs.add(Job(1, lambda job: pytest.fail("it ran"), silent))
    bench.jobs.add(Job(2, lambda job: "fine", silent))
    assert 1 in bench.jobs
    bench.jobs.cancel(1)
    assert 1 not in bench.jobs
    id_, result, error = bench.next()
    assert (id_, result) == (1, None)
    assert isinstance(error, Cancelled)
    bench.release.set()
    assert [bench.next()[0] for _ in range(2)] == ["first", 2]


def test_a_running_job_stops_at_its_next_progress(bench: Bench) -> None:
    begun, asked = threading.Event(), threading.Event()

    def work(job: Job) -> None:
        job.progress(0.0, "Beginning")
        begun.set()
        assert asked.wait(PATIENCE_S)
        job.progress(0.5, "Going on")
        pytest.fail("it went on")

    bench.jobs.add(Job(1, work, silent))
    assert begun.wait(PATIENCE_S)
    bench.jobs.cancel(1)
    assert bench.ended.empty()
    asked.set()
    assert isinstance(bench.next()[2], Cancelled)


def test_one_cancelled_at_its_end_gives_back_its_result_to_be_discarded(bench: Bench) -> None:
    bench.hold("first")
    bench.jobs.cancel("first")
    bench.release.set()
    id_, result, error = bench.next()
    assert (id_, result) == ("first", "held")
    assert isinstance(error, Cancelled)


def test_cancel_of_what_is_not_there_does_nothing(bench: Bench) -> None:
    bench.jobs.cancel("nothing")
    bench.jobs.add(Job(1, lambda job: "fine", silent))
    assert bench.next()[1] == "fine"
    bench.jobs.cancel(1)


def test_cancel_all(bench: Bench) -> None:
    bench.hold("first")
    bench.jobs.add(Job(1, lambda job: None, silent))
    bench.jobs.cancel_all()
    bench.release.set()
    assert {bench.next()[0], bench.next()[0]} == {"first", 1}


def test_progress_is_thinned_out_but_always_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr(jobs.time, "monotonic", lambda: now)
    told: list[float] = []
    job = Job(1, lambda job: None, lambda fraction, stage: told.append(fraction))
    for step in range(1000):
        now = 100.0 + step / 1000
        job.progress(step / 1000, "Working")
    assert len(told) == 20
    assert told[0] == 0.0
    job.cancelled.set()
    with pytest.raises(Cancelled):
        job.progress(0.9, "Working")


@pytest.mark.parametrize(
    ("fraction", "told"),
    [(math.nan, 0.0), (math.inf, 1.0), (-math.inf, 0.0), (-1, 0.0), (2, 1.0), (0.25, 0.25)],
)
def test_what_is_told_is_a_fraction(fraction: float, told: float) -> None:
    heard: list[tuple[float, str]] = []
    job = Job(1, lambda job: None, lambda *arguments: heard.append(arguments))
    job.progress(fraction, "s" * 500)
    assert heard == [(told, "s" * 200)]


def test_idle_work_is_done_once_when_no_job_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "IDLE_S", 0.0)
    ended: queue.Queue[Any] = queue.Queue()
    begun, go_on = threading.Event(), threading.Event()
    seen: list[bool] = []

    def idle(needed: Callable[[], bool]) -> None:
        seen.append(needed())
        begun.set()
        assert go_on.wait(PATIENCE_S)
        seen.append(needed())

    line = Jobs(lambda job, result, error: ended.put(job.id), idle)
    assert begun.wait(PATIENCE_S)
    line.add(Job(1, lambda job: None, silent))
    go_on.set()
    assert ended.get(timeout=PATIENCE_S) == 1
    assert seen == [False, True]


def test_a_job_that_comes_soon_goes_before_idle_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "IDLE_S", PATIENCE_S)
    ended: queue.Queue[Any] = queue.Queue()
    idle: list[object] = []
    line = Jobs(lambda job, result, error: ended.put(job.id), idle.append)
    for id_ in (1, 2):
        line.add(Job(id_, lambda job: None, silent))
    assert [ended.get(timeout=PATIENCE_S) for _ in range(2)] == [1, 2]
    assert idle == []


def test_cancel_stops_what_runs_without_reporting(bench: Bench) -> None:
    running, stopped = threading.Event(), threading.Event()

    def work(job: Job) -> str:
        with job.on_cancel(stopped.set):
            running.set()
            assert stopped.wait(PATIENCE_S)
        job.check()
        return "too late"

    bench.jobs.add(Job(1, work, silent))
    assert running.wait(PATIENCE_S)
    bench.jobs.cancel(1)
    id_, result, error = bench.next()
    assert (id_, result, type(error)) == (1, None, Cancelled)


def test_a_stop_named_after_the_cancel_is_called_at_once() -> None:
    job, stops = Job(1, lambda job: None, silent), []
    job.cancel()
    with job.on_cancel(lambda: stops.append("stopped")):
        assert stops == ["stopped"]


def test_a_stop_is_forgotten_when_its_work_is_done() -> None:
    job, stops = Job(1, lambda job: None, silent), []
    with job.on_cancel(lambda: stops.append("stopped")):
        pass
    job.cancel()
    assert stops == []
