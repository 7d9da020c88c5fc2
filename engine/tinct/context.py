"""What a running operation may ask of its surroundings: progress, quality, cache and the like."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Literal

from tinct.cache import Cache

__all__ = ["Context", "OnCancel", "Progress", "Quality", "no_progress"]

Progress = Callable[[float, str], None]
"""``progress(fraction, stage)``: fraction 0 to 1, a short stage name; may raise `Cancelled`."""

OnCancel = Callable[[Callable[[], None]], AbstractContextManager[object]]
"""``with on_cancel(stop):`` calls `stop`, from another thread, when the user cancels meanwhile."""

Quality = Literal["final", "preview", "prepare"]


def no_progress(fraction: float, stage: str) -> None:
    """Report to nobody and never cancel."""


def _never(stop: Callable[[], None]) -> AbstractContextManager[object]:
    """Never stop anything."""
    return nullcontext()


def _no_warning(sentence: str) -> None:
    """Drop the warning."""


@dataclasses.dataclass(frozen=True)
class Context:
    """Hand one run's surroundings to an operation.

    Parameters
    ----------
    progress
        Called with a fraction 0 to 1 and a stage; raises `Cancelled` when the user cancelled.
    quality
        ``"preview"`` asks for the same method, faster; ``"prepare"`` for nothing but what can be
        made ready, in the cache, before the user has done his part. Only operations that are
        declared to hear it.
    cache
        Keeps what is expensive to prepare, keyed by content.
    warn
        Takes one sentence for the user; the run goes on.
    on_cancel
        Stops what reports no progress while it runs, such as a network.
    """

    progress: Progress = no_progress
    quality: Quality = "final"
    cache: Cache = dataclasses.field(default_factory=lambda: Cache(0))
    warn: Callable[[str], None] = _no_warning
    on_cancel: OnCancel = _never

    def within(self, start: float, stop: float) -> Progress:
        """Return a progress callable whose 0 to 1 lies between `start` and `stop` of this run's."""

        def progress(fraction: float, stage: str) -> None:
            self.progress(start + (stop - start) * min(max(fraction, 0.0), 1.0), stage)

        return progress
