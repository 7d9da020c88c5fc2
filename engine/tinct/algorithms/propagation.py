"""Propagation of color hints over a picture: the one solver behind every method that spreads color.

Prepared once per picture, then solved for any hints. With the weights w of `stencil`, summing to
1 around every pixel r, the chroma u solves

    u(r) = h(r)                                             confidence c = inf
    (1 + c(r)) u(r) - sum_s w(r, s) u(s) = c(r) h(r)        otherwise

which for c = 0 is the system of the code released with Levin, Lischinski, Weiss 2004
(DOI 10.1145/1015706.1015780): row-normalized, unsymmetric, free rows exact.
"""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinct.algorithms.areas import find_areas
from tinct.algorithms.components import label_components
from tinct.algorithms.halves import pack_links, unpack_links
from tinct.algorithms.hints import Hints
from tinct.algorithms.planes import join_planes, take_free
from tinct.algorithms.progress import rising
from tinct.algorithms.stencil import (
    Affinity,
    collapse_window,
    cut_links,
    packed_affinities,
    window_offsets,
)
from tinct.algorithms.system import System
from tinct.algorithms.windows import Box, boxes_around
from tinct.context import Progress, no_progress
from tinct.errors import InputError

__all__ = ["DEFAULT_TOLERANCE", "Hints", "Propagation"]

FloatArray = NDArray[np.float32]
BoolArray = NDArray[np.bool_]

# Half a step of an 8-bit picture.
DEFAULT_TOLERANCE = 0.5 / 255
# No coarser grid foretells what the areas' solver corrects: errors add up, stroke after stroke.
_AREA_CAUTION = 0.45
# To a tolerance below this, float32 does not see the leak of weakly linked areas.
_TIGHT = 1e-4


class Propagation:
    """The system of one picture: everything that depends on the picture alone is computed here.

    Parameters
    ----------
    luminance : ndarray of shape (M, N), float32
        Y in [0, 1], finite.
    domain : ndarray of shape (M, N), bool, optional
        Pixels that take part; the others are removed from the graph and get chroma 0.
    window : int
        Side of the neighborhood: 3 (the released code) or 5.
    affinity : str
        "gaussian" (the released code) or "correlation".
    barriers : ndarray of shape (M, N), bool or float32, optional
        Edge mask, or factor in [0, 1] on the links of each pixel; see `barriers`.
    progress
        Called with a fraction and a stage; may raise `Cancelled`.

    Raises
    ------
    InputError
        When luminance is not finite or shapes disagree.
    """

    def __init__(
        self,
        luminance: FloatArray,
        *,
        domain: BoolArray | None = None,
        window: int = 3,
        affinity: Affinity = "gaussian",
        barriers: NDArray[np.generic] | None = None,
        progress: Progress = no_progress,
    ) -> None:
        _check_picture(luminance, domain, window, barriers)
        self.shape = (luminance.shape[0], luminance.shape[1])
        self._radius = window // 2
        self._offsets = np.array(window_offsets(window), np.int64)
        self._domain = None if domain is None or domain.all() else domain.astype(bool)
        cuts = None if barriers is None else cut_links(barriers)
        progress(0.0, "Preparing")
        self._links = packed_affinities(
            luminance, domain=self._domain, window=window, affinity=affinity, cuts=cuts
        )
        progress(0.5, "Preparing")
        self._base, self._gain = self._links, None
        if window > 3:
            # Multigrid coarsens 3x3 systems; it preconditions this one by its nearest relative.
            near, self._gain = collapse_window(unpack_links(self._links))
            self._base = pack_links(near)
        self._components = label_components(self._domain, self._offsets)
        self._areas = find_areas(luminance, self._domain)
        self._system: System | None = None
        self._influence: tuple[str, FloatArray] | None = None
        self.islands = 0
        self.iterations = 0
        progress(1.0, "Preparing")

    @property
    def nbytes(self) -> int:
        """Memory held, in bytes."""
        total = self._links.nbytes + (self._system.nbytes if self._system is not None else 0)
        total += self._base.nbytes if self._base is not self._links else 0
        for optional in (self._gain, self._domain, self._components, self._areas):
            total += optional.nbytes if optional is not None else 0
        return total + (self._influence[1].nbytes if self._influence is not None else 0)

    def prepare(self, *, progress: Progress = no_progress) -> None:
        """Make ready what only needs to be patched when the first hints come."""
        if self._system is None:
            keep = np.ones(self.shape, np.float32)
            if self._domain is not None:
                keep[~self._domain] = 0.0
            system = self._first_system(keep)
            system.prepare(rising(progress))
            self._system = system

    def solve(
        self,
        hints: Hints,
        *,
        start: FloatArray | None = None,
        tolerance: float = DEFAULT_TOLERANCE,
        progress: Progress = no_progress,
    ) -> FloatArray:
        """Return the chroma everywhere.

        Parameters
        ----------
        hints
            For a picture of the same shape.
        start : ndarray of shape (M, N, 2), float32, optional
            A guess, such as the solution before the last stroke.
        tolerance : float
            Largest error of the chroma, as estimated from the convergence.
        progress
            Called with a fraction and a stage; may raise `Cancelled`.

        Returns
        -------
        ndarray of shape (M, N, 2), float32
            Chroma; 0 outside the domain and on islands without hints. `islands` holds the number
            of those, `iterations` the number of Krylov steps taken.
        """
        self._check_hints(hints)
        return self._solve(hints, [] if start is None else [start], [], tolerance, progress)

    def update(
        self,
        previous_hints: Hints,
        previous: FloatArray | list[FloatArray],
        hints: Hints,
        *,
        tolerance: float = DEFAULT_TOLERANCE,
        progress: Progress = no_progress,
    ) -> FloatArray:
        """Return ``solve(hints)``, from the solution of `previous_hints`, faster.

        Solves for the change in a window around what changed, which grows until the change has
        died away at its border. When one stroke only changes its color a second time, its
        influence is known and nothing is solved.

        `previous` may come in a list of its own, which is emptied when it is no longer needed.
        """
        before = previous if isinstance(previous, list) else [previous]
        del previous
        self._check_hints(hints)
        self._check_hints(previous_hints)
        changed = hints.changed(previous_hints)
        if self._domain is not None:
            changed &= self._domain
        if not changed.any():
            return before.pop()
        if self._islands_differ(previous_hints, hints):
            del changed  # a large picture feels it
            return self._solve(hints, before, [], tolerance, progress)
        recolored = self._recolor(previous_hints, before[0], hints, changed, tolerance, progress)
        if recolored is not None:
            return recolored
        boxes = boxes_around(changed)
        del changed
        return self._solve(hints, before, boxes, tolerance, progress)

    def influence(
        self,
        hints: Hints,
        mask: BoolArray,
        *,
        tolerance: float = DEFAULT_TOLERANCE,
        progress: Progress = no_progress,
    ) -> FloatArray:
        """Return how much every pixel takes from the hints under `mask`: (M, N), in [0, 1].

        Solutions are linear in the hints' chroma: adding d to the chroma under `mask` adds
        ``influence * d`` to the solution.
        """
        key = hashlib.blake2b(np.packbits(mask).tobytes(), digest_size=16)
        key.update(np.packbits(hints.mask).tobytes() + hints.strengths.tobytes())
        if self._influence is not None and self._influence[0] == key.hexdigest():
            return self._influence[1]
        unit = np.zeros_like(hints.values)
        hinted = hints.mask
        unit[:, 0] = mask[hinted]
        only, places = Hints.of(hinted, unit, hints.strengths), boxes_around(mask)
        start = np.zeros((*self.shape, 2), np.float32)
        solved = self._solve(only, [start], places, tolerance, progress)
        share = np.clip(solved[..., 0], 0.0, 1.0)
        self._influence = (key.hexdigest(), share)
        return share

    # Equations

    @property
    def _inner(self) -> tuple[slice, slice, slice]:
        pad, (m, n) = self._radius, self.shape
        return slice(None), slice(pad, pad + m), slice(pad, pad + n)

    def _framed(self, dtype: np.dtype[Any]) -> NDArray[Any]:
        pad, (m, n) = self._radius, self.shape
        return np.zeros((2, m + 2 * pad, n + 2 * pad), dtype)

    def _check_hints(self, hints: Hints) -> None:
        if hints.shape != self.shape:
            raise InputError(
                f"The hints are {hints.shape[1]} x {hints.shape[0]} pixels, the picture is "
                f"{self.shape[1]} x {self.shape[0]}; give hints of the picture's size."
            )

    def _without_hints(self, hints: Hints) -> BoolArray:
        """Tell for each component (index 0 unused) whether no hint touches it."""
        hinted = hints.mask if self._domain is None else hints.mask & self._domain
        if self._components is None:
            return np.array([False, not hinted.any()])
        missing = np.ones(int(self._components.max()) + 1, bool)
        missing[np.unique(self._components[hinted])] = False
        missing[0] = False
        return missing

    def _islands_differ(self, before: Hints, after: Hints) -> bool:
        return bool((self._without_hints(before) != self._without_hints(after)).any())

    def _equations(self, hints: Hints, dtype: np.dtype[Any]) -> tuple[FloatArray, NDArray[Any]]:
        """Return keep = 1 / (1 + confidence), (M, N), and the target chroma, framed."""
        keep = np.ones(self.shape, np.float32)
        hinted = np.flatnonzero(hints.mask)
        keep.reshape(-1)[hinted] = np.float32(1.0) / (np.float32(1.0) + hints.strengths)
        target, pad = self._framed(dtype), self._radius
        rows, columns = np.divmod(hinted, self.shape[1])
        target[:, rows + pad, columns + pad] = hints.values.T
        missing = self._without_hints(hints)
        self.islands = int(missing.sum())
        removed = None if self._domain is None else ~self._domain
        if missing.any():
            everywhere = np.ones(self.shape, bool)
            lost = everywhere if self._components is None else missing[self._components]
            removed = lost if removed is None else removed | lost
        if removed is not None:
            keep[removed] = 0.0
            target[self._inner][:, removed] = 0.0
        return keep, target

    # Solving

    def _solve(
        self,
        hints: Hints,
        start: list[FloatArray],
        boxes: list[Box],
        tolerance: float,
        progress: Progress,
    ) -> FloatArray:
        """Solve from `start`, which is emptied; its error begins in `boxes`, if there are any."""
        if boxes and self._areas is not None:
            tolerance *= _AREA_CAUTION
        precise = np.dtype(np.float64 if tolerance < _TIGHT else np.float32)
        keep, wanted = self._equations(hints, np.dtype(np.float32) if boxes else precise)
        only_hard = bool(np.isposinf(hints.strengths).all())
        near = wanted if only_hard else wanted.copy()
        anew = not start
        if start:
            take_free(start.pop(), keep, near)
        progress = rising(progress)
        # Taken, so that a solve that is cut short leaves no half-patched grids behind.
        system, self._system = self._system, None
        system = self._first_system(keep) if system is None else system.with_keep(keep)
        u = near
        if boxes and system.solve_around(boxes, wanted, near, tolerance, progress):
            self.iterations = 0
        else:
            u = near.astype(precise, copy=False)
            target = u if only_hard else wanted.astype(precise, copy=False)
            del near, wanted
            self.iterations = system.solve(target, u, tolerance, progress, anew=anew)
        self._system = system
        return join_planes(u, self._radius, *self._reach(hints))

    def _reach(self, hints: Hints) -> tuple[FloatArray, FloatArray]:
        """Return between which values the exact solution lies, by channel."""
        values = hints.values
        if self._domain is not None:
            values = values[self._domain[hints.mask]]
        if self._domain is not None or self.islands:
            values = np.concatenate([values, np.zeros((1, 2), np.float32)])
        if not len(values):
            return np.full(2, -np.inf, np.float32), np.full(2, np.inf, np.float32)
        return values.min(axis=0), values.max(axis=0)

    def _first_system(self, keep: FloatArray) -> System:
        picture = self._links, self._offsets, self._base, self._gain
        return System(*picture, keep, self._radius, areas=self._areas)

    def _recolor(
        self,
        previous_hints: Hints,
        previous: FloatArray,
        hints: Hints,
        changed: BoolArray,
        tolerance: float,
        progress: Progress,
    ) -> FloatArray | None:
        """Return the solution by superposition, when one color became another; else None."""
        if not np.array_equal(hints.mask, previous_hints.mask):
            return None
        if not np.array_equal(hints.strengths, previous_hints.strengths):
            return None
        among = changed[hints.mask]
        delta = hints.values[among] - previous_hints.values[among]
        if np.abs(delta - delta[0]).max() > 1e-6:
            return None
        share = self.influence(hints, changed, tolerance=tolerance, progress=progress)
        recolored: FloatArray = previous + share[..., None] * delta[0]
        return recolored


def _check_picture(
    luminance: FloatArray,
    domain: BoolArray | None,
    window: int,
    barriers: NDArray[np.generic] | None,
) -> None:
    if luminance.ndim != 2 or luminance.size == 0:
        raise InputError(
            f"Luminance must be a picture of at least one pixel, got shape {luminance.shape}; "
            "give an array of shape (M, N)."
        )
    if not np.isfinite(luminance).all():
        raise InputError("Luminance holds NaN or infinity; replace such values before.")
    if window not in (3, 5):
        raise InputError(
            f"The window must be 3 or 5 pixels wide, got {window}; choose one of them."
        )
    for name, other in (("domain", domain), ("barriers", barriers)):
        if other is not None and other.shape != luminance.shape:
            raise InputError(
                f"The {name} mask has shape {other.shape}, the picture {luminance.shape}; "
                "both must agree."
            )
