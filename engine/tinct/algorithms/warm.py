"""Compilation of all solver kernels ahead of their first use, into numba's cache on disk."""

from __future__ import annotations

import numpy as np

from tinct.algorithms.barriers import adaptive_barriers
from tinct.algorithms.geodesic import blend_geodesic
from tinct.algorithms.hints import Hints
from tinct.algorithms.propagation import Propagation

__all__ = ["warm_kernels"]


def warm_kernels() -> None:
    """Solve small pictures every way there is, so that no later call compiles anything.

    Takes about half a minute the first time on a machine, a second afterwards.
    """
    rng = np.random.default_rng(0)
    luminance = rng.random((72, 80)).astype(np.float32)
    mask = np.zeros(luminance.shape, bool)
    mask[20:24, 10:40] = True
    hints = Hints.from_strokes(mask, (0.1, -0.1))
    more = hints.combined(Hints.from_strokes(mask[::-1], (0.2, 0.1)))
    soft = Hints(more.chroma, np.float32(0.5) * more.hard)
    barriers = adaptive_barriers(luminance, mask)
    for window in (3, 5):
        system = Propagation(luminance, domain=luminance > 0.02, window=window, barriers=barriers)
        system.update(hints, system.solve(hints), more)
        system.solve(soft)
    Propagation(luminance, affinity="correlation").solve(hints)
    system.solve(soft, start=system.solve(hints), tolerance=1e-5)
    lines = Propagation(
        np.float32(1.0) - np.float32(np.arange(80) % 40 < 3) * np.ones_like(luminance)
    )
    lines.update(hints, lines.solve(hints), more)
    # Small pictures are solved in one piece; the pieces, by themselves, are for others.
    large = rng.random((640, 660)).astype(np.float32)
    Propagation(large).solve(Hints.from_strokes(large > 0.95, (0.1, -0.1)))
    blend_geodesic(luminance, hints)
