"""The rim of a window solved by itself: whether a change has died away before its border."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tinct.algorithms.convergence import Convergence
from tinct.algorithms.windows import Box, moved

__all__ = ["Rim"]

Values = NDArray[np.float64]

# A change in this outermost part of a window runs on beyond it.
_RIM_PART = 0.25


class Rim:
    """Watches the outer part of a window, on the sides where the picture goes on.

    Held values at its border pull a change to 0, at worst in a straight line: hence it is wide.

    Parameters
    ----------
    box
        The window, in a picture of `shape`.
    values : ndarray of shape (2, m, n), float64
        The window's solution, watched while it changes.
    last
        The rim of a smaller window that this one goes on from: what is there changed already.
    tolerance
        What is no change.
    """

    def __init__(
        self,
        box: Box,
        shape: tuple[int, int],
        values: Values,
        last: Rim | None,
        tolerance: float,
    ) -> None:
        self._box = box
        self._now = values
        self._before = values.copy()
        if last is not None:
            self._before[(slice(None), *moved(last._box, box))] = last._before
        self._tolerance = tolerance
        self._open = (
            box[0].start > 0,
            box[0].stop < shape[0],
            box[1].start > 0,
            box[1].stop < shape[1],
        )

    def sides(self) -> tuple[bool, bool, bool, bool]:
        """Tell on which sides, top, bottom, left, right, a change reached the rim."""
        top, bottom, left, right = (edge > self._tolerance for edge in self._edges())
        return top, bottom, left, right

    def reached(self, _: Convergence) -> bool:
        """Tell whether a change reached the rim on any side."""
        return any(self.sides())

    def missing(self) -> float:
        """Return by which part of its size the window shall grow: until the change has died away.

        That is if it goes on falling as it did from its peak to the rim.
        """
        peak, edge = float(np.abs(self._now - self._before).max()), max(self._edges())
        fall = np.log(peak / edge) if peak > edge else 1e-3
        lengths = np.log(max(edge / self._tolerance, 1.0)) / fall
        return float(np.clip(0.5 * lengths, 0.5, 100.0))

    def _edges(self) -> list[float]:
        """Return the largest change in each rim; 0 where the picture ends."""
        high, wide = (max(1, int(_RIM_PART * size)) for size in self._now.shape[1:])
        rims = np.s_[:, :high], np.s_[:, -high:], np.s_[:, :, :wide], np.s_[:, :, -wide:]
        return [
            float(np.abs(self._now[rim] - self._before[rim]).max()) if is_open else 0.0
            for rim, is_open in zip(rims, self._open, strict=True)
        ]
