"""The linear system of hints on a grid: directly solved when small, by multigrid when not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tinct.algorithms.blocks import run_blocks
from tinct.algorithms.direct import solve_direct
from tinct.algorithms.krylov import residual_rows, solve_gcr
from tinct.algorithms.multigrid import Multigrid
from tinct.context import Progress

__all__ = ["System"]

FloatArray = NDArray[np.float32]

_MAX_ITERATIONS = 60
# Small pictures, and strips, where factors hardly fill in, are solved directly in float64.
_DIRECT_PIXELS = 4096
_DIRECT_SIDE = 4


@dataclass(frozen=True)
class System:
    """The equations of `propagation` on one grid or window.

    Attributes
    ----------
    links : ndarray of shape (K, M, N), float32
        Weight of the neighbor at ``offsets[k]``; they sum to 1 around a pixel.
    offsets : ndarray of shape (K, 2), int64
        Row and column steps to the neighbors.
    base : ndarray of shape (8, M, N), float32
        The 3x3 system multigrid coarsens in place of `links`; often the same array.
    gain : ndarray of shape (M, N), float32, or None
        Factor on the base system's rows that brings it near `links`; None where they are one.
    scale : ndarray of shape (M, N), float32
        Row scaling of `base`: ``balance(base)``.
    keep, target
        1 / (1 + confidence), (M, N), and the wanted chroma, (2, M, N).
    pad : int
        Width of the frame around solutions: the longest step of `offsets`.
    """

    links: FloatArray
    offsets: NDArray[np.int64]
    base: FloatArray
    gain: FloatArray | None
    scale: FloatArray
    keep: FloatArray
    target: FloatArray
    pad: int

    def solve(self, u: FloatArray, tolerance: float, progress: Progress) -> int:
        """Solve in place and return the number of iterations; the frame of `u` is left alone.

        Parameters
        ----------
        u : ndarray of shape (2, M + 2 pad, N + 2 pad), float32
            Start, and afterwards the solution.
        tolerance : float
            Largest error, as estimated from the convergence.
        progress
            Called with a fraction and a stage; may raise `Cancelled`.
        """
        residual = np.zeros_like(u)
        self._residual(u, residual)
        if not residual.any():
            return 0
        if self.keep.size <= _DIRECT_PIXELS or min(self.keep.shape) <= _DIRECT_SIDE:
            rhs = (np.float32(1.0) - self.keep) * self.target
            u[self._inner] = solve_direct(self.links, self.offsets, self.keep, rhs)
            return 1
        return self._iterate(u, residual, tolerance, progress)

    @property
    def _inner(self) -> tuple[slice, slice, slice]:
        inside = slice(self.pad, -self.pad)
        return slice(None), inside, inside

    def _residual(self, u: FloatArray, out: FloatArray, *, rhs: bool = True) -> None:
        """Write target - system u, or without `rhs` the system times u."""
        rows, pixels = self.keep.shape[0], self.keep.size
        system = (self.links, self.offsets, self.keep, self.target)
        run_blocks(residual_rows, rows, *system, rhs, u, out, pixels=pixels)

    def _iterate(
        self, u: FloatArray, residual: FloatArray, tolerance: float, progress: Progress
    ) -> int:
        near_keep, weight = self.keep, None
        if self.gain is not None:
            # keep * gain * (u - mean u) + (1 - keep) u, with the factors brought to sum to 1.
            near_keep = self.keep * self.gain
            weight = np.float32(1.0) / np.maximum(near_keep + 1.0 - self.keep, 1e-20)
            near_keep = near_keep * weight
        multigrid = Multigrid(self.base, near_keep, self.scale, progress=progress)
        follow = _Follow(tolerance, progress)

        def operator(z: FloatArray, out: FloatArray) -> None:
            follow.tell("Solving")
            self._residual(z, out, rhs=False)

        def precondition(r: FloatArray, out: FloatArray) -> None:
            if weight is not None:
                scaled = np.zeros_like(r)
                scaled[self._inner] = r[self._inner] * weight
                r = scaled
            multigrid.apply(r, out, progress=lambda _, stage: follow.tell(stage))

        convergence = solve_gcr(
            operator,
            precondition,
            self._residual,
            u,
            residual,
            pad=self.pad,
            tolerance=tolerance,
            max_iterations=_MAX_ITERATIONS,
            report=follow.note,
        )
        return len(convergence.changes)


class _Follow:
    """Turns the falling error into a rising fraction."""

    def __init__(self, tolerance: float, progress: Progress) -> None:
        self._tolerance = tolerance
        self._progress = progress
        self._first: float | None = None
        self._fraction = 0.0

    def tell(self, stage: str) -> None:
        self._progress(self._fraction, stage)

    def note(self, error: float) -> None:
        if np.isfinite(error):
            if self._first is None:
                self._first = max(error, self._tolerance * 2)
            span = np.log(self._first / self._tolerance)
            part = np.log(self._first / max(error, 1e-30)) / span
            self._fraction = float(np.clip(max(self._fraction, part), 0.0, 1.0))
        self.tell("Solving")
