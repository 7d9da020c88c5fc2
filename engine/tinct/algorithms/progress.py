"""Progress of solves: how far an iteration has come is told by its error alone."""

from __future__ import annotations

import numpy as np

from tinct.context import Progress

__all__ = ["Follow", "rising"]


def rising(progress: Progress) -> Progress:
    """Return a progress callable that never falls back, for one solve after another."""
    highest = 0.0

    def report(fraction: float, stage: str) -> None:
        nonlocal highest
        highest = max(highest, fraction)
        progress(highest, stage)

    return report


class Follow:
    """Turns the falling error of a solve into a rising fraction.

    Parameters
    ----------
    tolerance
        The error that is to be reached.
    progress
        Called with the fraction and a stage; may raise `Cancelled`.
    """

    def __init__(self, tolerance: float, progress: Progress) -> None:
        self._tolerance = tolerance
        self._progress = progress
        self._first: float | None = None
        self._fraction = 0.0

    def tell(self, stage: str) -> None:
        """Report the fraction as it is."""
        self._progress(self._fraction, stage)

    def quiet(self, _: float, stage: str) -> None:
        """Answer a progress call that knows no fraction."""
        self.tell(stage)

    def note(self, error: float) -> None:
        """Take the error after one more step."""
        if np.isfinite(error):
            if self._first is None:
                self._first = max(error, self._tolerance * 2)
            span = np.log(self._first / self._tolerance)
            part = np.log(self._first / max(error, 1e-30)) / span
            self._fraction = float(np.clip(max(self._fraction, part), 0.0, 1.0))
        self.tell("Solving")
