"""The linear system of hints on a grid: directly solved when small, by multigrid when not."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from tinct.algorithms.areas import Areas
from tinct.algorithms.blocks import run_blocks
from tinct.algorithms.convergence import TILE, Convergence
from tinct.algorithms.direct import solve_direct
from tinct.algorithms.halves import Halves
from tinct.algorithms.hierarchy import COARSEST_PIXELS, Hierarchy
from tinct.algorithms.krylov import Ask, Workspace, image_rows, residual_rows, solve_gcr
from tinct.algorithms.multigrid import Multigrid
from tinct.algorithms.progress import Follow
from tinct.algorithms.rim import Rim
from tinct.algorithms.windows import (
    Box,
    aligned,
    area,
    boxes_around,
    cut,
    framed,
    grown,
    merged,
    tile_boxes,
)
from tinct.context import Progress

__all__ = ["System"]

FloatArray = NDArray[np.float32]
Values = NDArray[np.float64]
Target = NDArray[np.float32] | NDArray[np.float64]

_MAX_ITERATIONS = 60
# Small pictures, and strips, where factors hardly fill in, are solved directly in float64.
_DIRECT_PIXELS = 4096
_DIRECT_SIDE = 4
# A change that reaches further is better told by the whole's coarser grid; memory bounds windows.
_LARGEST_PART = 0.1
_WINDOW_PIXELS = 1_400_000
# Error left in so small a part of the picture is chased in windows there.
_FEW_PLACES = 0.25
_MARGIN = 48
# Grids are patched in several places when less than this part of the finest one is looked at.
_PATCHED = 0.5
# What changes at a window's border by less than this part of the tolerance is held there: errors
# of windows add up, stroke after stroke.
_RIM_CAUTION = 0.45
# Vectors of pictures up to 4 megapixels stay for the next stroke.
_KEPT_BYTES = 140_000_000
# Where areas have a solver, grids need not know the little that crosses their edges.
_AREA_LEAK = 1e-7


class System:
    """The equations of `propagation` on one picture or a box of it.

    Parameters
    ----------
    links : ndarray of shape (K, M, N), packed by `halves.pack_links`
        Weight of the neighbor at ``offsets[k]``; they sum to 1 around a pixel.
    offsets : ndarray of shape (K, 2), int64
        Row and column steps to the neighbors.
    base : ndarray of shape (8, M, N), packed too
        The 3x3 system multigrid coarsens in place of `links`; often the same array.
    gain : ndarray of shape (M, N), float32, or None
        Factor on the base system's rows that brings it near `links`; None where they are one.
    keep : ndarray of shape (M, N), float32
        1 / (1 + confidence).
    pad : int
        Width of the frame around solutions: the longest step of `offsets`.
    hierarchy
        The grids, when they are there already.
    areas
        Those of one tone, if the picture has such.
    careful
        Whether usual grids were found too poor; they are made again when that is found out.
    """

    def __init__(
        self,
        links: Halves,
        offsets: NDArray[np.int64],
        base: Halves,
        gain: FloatArray | None,
        keep: FloatArray,
        pad: int,
        hierarchy: Hierarchy | None = None,
        areas: Areas | None = None,
        careful: bool = False,
    ) -> None:
        self.links = links
        self.offsets = offsets
        self.base = base
        self.gain = gain
        self.keep = keep
        self.pad = pad
        self.hierarchy = hierarchy
        self.areas = areas
        self.careful = careful
        self._is_anew = False
        self._multigrid: Multigrid | None = None
        self._workspace = Workspace(_KEPT_BYTES)

    @property
    def nbytes(self) -> int:
        """Memory held beside links, base and gain, in bytes."""
        held = self.hierarchy, self._multigrid, self._workspace
        return self.keep.nbytes + sum(one.nbytes for one in held if one is not None)

    def with_keep(self, keep: FloatArray) -> System:
        """Return the system for another `keep`; it takes the grids over, patched."""
        fixed = self.links, self.offsets, self.base, self.gain
        other = System(*fixed, keep, self.pad, areas=self.areas, careful=self.careful)
        other._workspace = self._workspace
        boxes = boxes_around(keep != self.keep)
        if self.hierarchy is not None and self._pays_to_patch(self.hierarchy, boxes):
            other.hierarchy, self.hierarchy = self.hierarchy, None
            other._multigrid, self._multigrid = self._multigrid, None
            if boxes:
                changed = other.hierarchy.patch(boxes, other._near()[0])
                if other._multigrid is not None:
                    other._multigrid.patch(changed)
        return other

    def _pays_to_patch(self, hierarchy: Hierarchy, boxes: list[Box]) -> bool:
        if sum(map(area, boxes)) >= _FEW_PLACES * self.keep.size:
            return False
        if self.careful or len(boxes) <= 1:
            return True
        return hierarchy.patch_pixels(boxes) < _PATCHED * self.keep.size

    @property
    def _inner(self) -> tuple[slice, slice, slice]:
        return slice(None), slice(self.pad, -self.pad), slice(self.pad, -self.pad)

    def prepare(self, progress: Progress) -> None:
        """Make the grids, unless the system is solved directly."""
        if not self._is_direct:
            self._prepared(Follow(1.0, progress))
            m, n = (size + 2 * self.pad for size in self.keep.shape)
            self._workspace.prepare((2, m, n), careful=self.careful)

    def solve(
        self,
        target: Target,
        u: Target,
        tolerance: float,
        progress: Progress,
        *,
        anew: bool = False,
    ) -> int:
        """Solve in place and return the number of steps taken on the whole picture.

        The frame of `u` is left alone.

        Parameters
        ----------
        target : ndarray of shape (2, M + 2 pad, N + 2 pad)
            Wanted chroma; may be `u` when keep is 0 or 1.
        u : ndarray of the same shape, float64 or float32
            Start, equal to `target` where keep is 0, and afterwards the solution.
        tolerance : float
            Largest error, as estimated from the convergence.
        progress
            Called with a fraction and a stage; may raise `Cancelled`.
        anew
            Whether nothing was known before, and no other start could be better.
        """
        if self._direct(target, u):
            return 1
        self._is_anew |= anew
        follow = Follow(tolerance, progress)
        return self._solve_whole(target, u, tolerance, follow)

    def solve_around(
        self, boxes: list[Box], target: Target, u: Target, tolerance: float, progress: Progress
    ) -> bool:
        """Solve in place as `solve` does, when the error is in `boxes` and spreads from there.

        Here `u` may be float32: what is solved is a copy of a part. Returns whether that was
        enough; otherwise u is nearer to the solution, and `solve` has to go on.
        """
        if self._direct(target, u):
            return True
        shape = self.keep.shape[0], self.keep.shape[1]
        follow, boxes = Follow(tolerance, progress), merged(boxes, _MARGIN)
        largest = _LARGEST_PART / len(boxes)
        for box in boxes:
            box = grown(box, (True, True, True, True), shape, _MARGIN)
            if not self._settle(box, target, u, tolerance, follow, largest):
                return False
        return True

    @property
    def _is_direct(self) -> bool:
        return self.keep.size <= _DIRECT_PIXELS or min(self.keep.shape) <= _DIRECT_SIDE

    def _direct(self, target: Target, u: Target) -> bool:
        if not self._is_direct:
            return False
        rhs = (np.float32(1.0) - self.keep) * target[self._inner]
        u[self._inner] = solve_direct(self.links, self.offsets, self.keep, rhs)
        return True

    # Windows

    def _solve_whole(self, target: Target, u: Target, tolerance: float, follow: Follow) -> int:
        """Iterate on the whole until what is left is in a few places, then there; and so on."""
        shape = self.keep.shape[0], self.keep.shape[1]
        boxes: list[Box] = []

        def few_places(convergence: Convergence) -> bool:
            if unsettled and convergence.steps == 0:
                return False
            found = tile_boxes(convergence.open_tiles(tolerance), TILE, shape)
            boxes[:] = [aligned(box, shape, COARSEST_PIXELS) for box in found]
            return sum(map(area, boxes)) < _FEW_PLACES * self.keep.size

        steps, most, unsettled = 0, _MAX_ITERATIONS, self._is_anew
        while True:
            convergence = self._iterate(target, u, tolerance, follow, few_places)
            steps += convergence.steps
            if convergence.error() <= tolerance:
                return steps
            stalled = convergence.stalled() and not self.careful
            lost = stalled and convergence.changes[-1] > tolerance
            lost |= steps >= most and not self._is_anew
            if convergence.stumbled or lost:
                self._take_care(target, u)
                most = steps + _MAX_ITERATIONS
                continue
            if stalled or steps >= most:
                return steps
            # All are solved before a change that runs on is followed over the whole.
            settled = [self._settle(box, target, u, tolerance, follow) for box in boxes]
            if all(settled):
                return steps
            unsettled = True

    def _settle(
        self,
        box: Box,
        target: Target,
        u: Target,
        tolerance: float,
        follow: Follow,
        largest: float = _FEW_PLACES,
    ) -> bool:
        """Solve within a box, the values around it held; it grows while changes reach its sides.

        By the maximum principle the error is at most what the true change is on the border of
        the box; near the border, the change within tells. Returns whether that was reached before
        the box became the `largest` part of the picture, or too large for memory.
        """
        shape = self.keep.shape[0], self.keep.shape[1]
        core = self._inner
        rim: Rim | None = None
        while True:
            box = aligned(box, shape, COARSEST_PIXELS)
            if area(box) > min(largest * self.keep.size, _WINDOW_PIXELS):
                return False
            part, place = self._within(box, follow.quiet), framed(box, self.pad)
            inside = u[place].astype(np.float64)
            wanted = inside if target is u else target[place].astype(np.float64)
            rim = Rim(box, shape, inside[core], rim, _RIM_CAUTION * tolerance)
            convergence = part._iterate(wanted, inside, tolerance, follow, rim.reached)
            if convergence.stumbled:
                self._take_care(target, u)
                return False
            u[place][core] = inside[core]
            if not rim.reached(convergence):
                return True
            box = grown(box, rim.sides(), shape, _MARGIN, rim.missing())

    def _within(self, box: Box, progress: Progress) -> System:
        """Return the system of a box; its neighbors beyond are taken from the frame."""
        hierarchy = self._hierarchy(progress).within(box)
        base = hierarchy.grids[0].links
        return System(
            base if self.base is self.links else cut(self.links, box),
            self.offsets,
            base,
            None if self.gain is None else cut(self.gain, box),
            cut(self.keep, box),
            self.pad,
            hierarchy,
            careful=self.careful,
        )

    # Iteration

    def _take_care(self, target: Target, u: Target) -> None:
        """Have the grids made again: better, if nothing was known before; else begin anew.

        Where a stroke was taken from an area that little leads out of, the solution before is a bad
        start: what is left of its error, which is rough, hides the area's, which is level.
        """
        self.hierarchy = self._multigrid = None
        self.careful = self._is_anew
        if not self._is_anew:
            u[self._inner][:, self.keep == 1.0] = 0.0
            np.copyto(u[self._inner], target[self._inner], where=self.keep < 1.0)
            self._is_anew = True

    def _near(self) -> tuple[FloatArray, FloatArray | None]:
        """Return `keep` of the system multigrid inverts, and the weight of its rows.

        keep * gain * (u - mean u) + (1 - keep) u, with the factors brought to sum to 1.
        """
        if self.gain is None:
            return self.keep, None
        near = self.keep * self.gain
        weight = np.float32(1.0) / np.maximum(near + 1.0 - self.keep, 1e-20)
        return near * weight, weight

    def _hierarchy(self, progress: Progress) -> Hierarchy:
        if self.hierarchy is None:
            self.hierarchy = Hierarchy.build(
                self.base,
                self._near()[0],
                careful=self.careful,
                least_leak=0.0 if self.areas is None else _AREA_LEAK,
                progress=progress,
            )
            self.hierarchy.forget()
        return self.hierarchy

    def _prepared(self, follow: Follow) -> Multigrid:
        if self._multigrid is None:
            hierarchy = self._hierarchy(follow.quiet)
            self._multigrid = Multigrid(hierarchy, self.areas, progress=follow.quiet)
        return self._multigrid

    def _iterate(
        self,
        target: Target,
        u: Target,
        tolerance: float,
        follow: Follow,
        enough: Callable[[Convergence], bool],
    ) -> Convergence:
        weight = self._near()[1]
        rows, pixels, pad = self.keep.shape[0], self.keep.size, self.pad
        fixed = self.links, self.offsets, self.keep

        def operator(
            slot: int, z: FloatArray, image: FloatArray, r: FloatArray, sums: Values
        ) -> None:
            follow.tell("Solving")
            run_blocks(image_rows, rows, *fixed, slot, z, image, r, sums, pixels=pixels)

        def refresh(x: Target, out: FloatArray) -> None:
            run_blocks(residual_rows, rows, *fixed, target, x, out, pixels=pixels)

        residual = self._workspace.residual(u.shape)
        refresh(u, residual)
        if not residual.any():
            return Convergence()
        multigrid = self._prepared(follow)

        def precondition(
            r: FloatArray, out: FloatArray, scratch: FloatArray, ask: Ask | None
        ) -> bool:
            if weight is not None:
                scaled = np.zeros_like(r)
                inner = slice(None), slice(pad, -pad), slice(pad, -pad)
                scaled[inner] = r[inner] * weight
                r = scaled
            return multigrid.apply(r, out, scratch=scratch, progress=follow.quiet, ask=ask)

        return solve_gcr(
            operator,
            precondition,
            refresh,
            u,
            residual,
            pad=pad,
            tolerance=tolerance,
            max_iterations=_MAX_ITERATIONS,
            report=follow.note,
            enough=enough,
            workspace=self._workspace,
            careful=self.careful,
        )
