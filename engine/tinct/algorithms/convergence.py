"""How far a solve is from the solution, square by square, told by its corrections."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy import ndimage

from tinct.algorithms.blocks import run_blocks
from tinct.algorithms.compiled import FAST

__all__ = ["TILE", "Convergence"]

FloatArray = NDArray[np.float32]

# The error is at most so many times the last correction, and the one before: over the whole, and
# over squares of so many pixels.
_CAUTION = np.float32(5.0), np.float32(1.5)
_CAUTION_FIRST = np.float32(10.0)  # when there is none before
# At most so many times what the coarser grid is about to correct in a square and those around it.
_CAUTION_AHEAD = np.float32(9.0)
TILE = 32
_STALLED_AFTER = 8


@njit(nogil=True, cache=True, error_model="numpy", fastmath=FAST)
def _peak(x: Any) -> Any:
    largest = np.float32(0.0)
    for j in range(x.size):
        largest = max(largest, abs(x[j]))
    return largest


@njit(nogil=True, cache=True, error_model="numpy")
def _find_peaks(start: int, stop: int, side: int, vector: Any, tiles: Any) -> None:
    """Note the largest number in each square of `side` pixels of a framed vector."""
    m, n = vector.shape[1] - 2, vector.shape[2] - 2
    for t in range(start, stop):
        for i in range(t * side, min(m, (t + 1) * side)):
            for c in range(2):
                row = vector[c, i + 1, 1 : n + 1]
                for k in range(tiles.shape[1]):
                    tiles[t, k] = max(tiles[t, k], _peak(row[k * side : (k + 1) * side]))


class Convergence:
    """Estimate of the largest error left, from the largest corrections so far.

    The residual says little here: with a residual of 1e-3 the error may be a quarter of the
    range. Corrections shrink like the error does, but in bumps: the last two are looked at.
    """

    def __init__(self) -> None:
        self.changes: list[float] = []
        self.steps = 0
        self.stumbled = False
        self.looks_ahead = False
        self._last: FloatArray | None = None
        self._unseen = 1.0
        self._errors = np.full((1, 1), np.inf, np.float32)

    def foresee(self, coarse: FloatArray) -> None:
        """Take what the coarser grid is about to correct, (2, m + 2, n + 2), framed by zeros."""
        side, (m, n) = TILE // 2, (coarse.shape[1] - 2, coarse.shape[2] - 2)
        tiles = np.zeros((-(-m // side), -(-n // side)), np.float32)
        run_blocks(_find_peaks, len(tiles), side, coarse, tiles, pixels=m * n)
        near = ndimage.maximum_filter(tiles, 3)
        self.looks_ahead = True
        self._errors = _CAUTION_AHEAD * np.float32(self._unseen) * near

    def note(self, rows: FloatArray, unseen: float = 1.0) -> None:
        """Take the largest corrections of a step, by row and `TILE` columns.

        Errors are taken for `unseen` times as large as usual beside them.
        """
        tiles = np.maximum.reduceat(rows, np.arange(0, len(rows), TILE), axis=0)
        self.changes.append(float(tiles.max()))
        tiles *= np.float32(unseen)
        self._unseen = unseen
        if self._last is None:
            self._errors = _CAUTION_FIRST * tiles
        else:
            self._errors = np.maximum(_CAUTION[0] * tiles, _CAUTION[1] * self._last)
        self._last = tiles

    def open_tiles(self, tolerance: float) -> NDArray[np.bool_]:
        """Tell in which squares of `TILE` pixels the estimated error exceeds `tolerance`."""
        exceeds: NDArray[np.bool_] = self._errors > tolerance
        return exceeds

    def error(self) -> float:
        """Return the estimate after the corrections noted so far."""
        return float(self._errors.max())

    def stalled(self) -> bool:
        """Tell whether corrections have stopped shrinking: rounding is reached."""
        if len(self.changes) <= _STALLED_AFTER:
            return False
        before = min(self.changes[:-_STALLED_AFTER])
        return min(self.changes[-_STALLED_AFTER:]) >= 0.7 * before
