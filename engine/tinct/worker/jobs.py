"""One thread that runs operations in turn, each of which can be stopped."""

from __future__ import annotations

import heapq
import itertools
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from tinct.errors import Cancelled
from tinct.worker.messages import Id

__all__ = ["Job", "Jobs"]

PROGRESS_INTERVAL_S = 0.05  # 20 a second
STAGE_CHARACTERS = 200
IDLE_S = 0.5


class Job:
    """One request's work.

    Parameters
    ----------
    id
        The request's.
    work
        Called with the job in the job thread; returns the answer.
    tell
        Takes fraction and stage, at most 20 times a second.
    priority
        Higher ones run first; equal ones in the order they came.
    """

    def __init__(
        self,
        id: Id,  # noqa: A002 - the protocol's word
        work: Callable[[Job], Any],
        tell: Callable[[float, str], None],
        priority: int = 0,
    ) -> None:
        self.id = id
        self.work = work
        self.priority = priority
        self.cancelled = threading.Event()
        self._tell = tell
        self._stops: list[Callable[[], None]] = []
        self._lock = threading.Lock()
        self._told_at = float("-inf")

    def cancel(self) -> None:
        """Ask the work to stop, and stop what it has named by `on_cancel`."""
        with self._lock:
            self.cancelled.set()
            for stop in self._stops:
                stop()

    @contextmanager
    def on_cancel(self, stop: Callable[[], None]) -> Iterator[None]:
        """Call `stop` when the client asks to stop within this context, or has asked before it."""
        with self._lock:
            if self.cancelled.is_set():
                stop()
            self._stops.append(stop)
        try:
            yield
        finally:
            with self._lock:
                self._stops.remove(stop)

    def check(self) -> None:
        """Raise `Cancelled` when the client asked to stop."""
        if self.cancelled.is_set():
            raise Cancelled

    def progress(self, fraction: float, stage: str) -> None:
        """Tell how far the work is.

        Raises
        ------
        Cancelled
            When the client asked to stop.
        """
        self.check()
        now = time.monotonic()
        if now - self._told_at >= PROGRESS_INTERVAL_S:
            self._told_at = now
            # In this order a NaN, which JSON does not have, becomes 0.
            self._tell(float(min(1.0, max(0.0, fraction))), str(stage)[:STAGE_CHARACTERS])


class Jobs:
    """Run jobs one at a time.

    Parameters
    ----------
    finish
        Called with a job, its result, and the exception it ended with (one that was cancelled at
        the last moment has both): in the job thread, or in that of `cancel` for a job that waited.
    idle
        Called once in the job thread when no job has come for half a second, with a callable that
        says whether one waits by now.
    """

    def __init__(
        self,
        finish: Callable[[Job, Any, BaseException | None], None],
        idle: Callable[[Callable[[], bool]], None] | None = None,
    ) -> None:
        self._finish = finish
        self._idle = idle
        self._ready = threading.Condition()
        self._order = itertools.count()
        self._queue: list[tuple[int, int, Job]] = []
        self._known: dict[Id, Job] = {}
        threading.Thread(target=self._run, name="tinct-jobs", daemon=True).start()

    def __contains__(self, id_: Id) -> bool:
        """Say whether a job of this id waits or runs."""
        with self._ready:
            return id_ in self._known

    def add(self, job: Job) -> None:
        """Queue a job."""
        with self._ready:
            self._known[job.id] = job
            heapq.heappush(self._queue, (-job.priority, next(self._order), job))
            self._ready.notify()

    def cancel(self, id_: Id) -> None:
        """Stop a job: one that waits ends now, one that runs at its next progress or sooner."""
        with self._ready:
            job = self._known.get(id_)
            if job is None:
                return
            job.cancel()
            waiting = [entry for entry in self._queue if entry[2] is job]
            if waiting:
                self._queue.remove(waiting[0])
                heapq.heapify(self._queue)
                del self._known[id_]
        if waiting:
            self._finish(job, None, Cancelled())

    def cancel_all(self) -> None:
        """Stop every job."""
        with self._ready:
            ids = list(self._known)
        for id_ in ids:
            self.cancel(id_)

    def _waits(self) -> bool:
        with self._ready:
            return bool(self._queue)

    def _run(self) -> None:
        with self._ready:
            came = self._ready.wait_for(lambda: self._queue, IDLE_S)
        if self._idle is not None and not came:
            self._idle(self._waits)
        while True:
            with self._ready:
                while not self._queue:
                    self._ready.wait()
                job = heapq.heappop(self._queue)[2]
            result, error = None, None
            try:
                result = job.work(job)
                job.check()
            except BaseException as raised:  # even SystemExit must not end the thread
                error = raised
            with self._ready:
                del self._known[job.id]
            self._finish(job, result, error)
