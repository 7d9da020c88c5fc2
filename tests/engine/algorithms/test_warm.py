"""After `warm_kernels`, nothing compiles: each kernel has one signature, whatever the picture."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np

from tinct.algorithms.geodesic import blend_geodesic
from tinct.algorithms.hints import Hints
from tinct.algorithms.propagation import Propagation
from tinct.algorithms.warm import warm_kernels

WITH_KERNELS = [
    "areas_kernels",
    "balancing",
    "clusters",
    "coarsening",
    "convergence",
    "galerkin",
    "geodesic",
    "halves",
    "krylov",
    "planes",
    "relaxation",
    "small_grids",
    "stencil",
    "transfers",
]


def signatures() -> dict[str, list[Any]]:
    modules = [importlib.import_module(f"tinct.algorithms.{name}") for name in WITH_KERNELS]
    return {
        f"{module.__name__}.{name}": list(member.signatures)
        for module in modules
        for name, member in vars(module).items()
        if hasattr(member, "signatures") and member.__module__ == module.__name__
    }


def test_nothing_compiles_after_warming() -> None:
    warm_kernels()
    before = signatures()
    assert len(before) > 15
    luminance = np.random.default_rng(1).random((700, 611)).astype(np.float32)
    mask = np.zeros(luminance.shape, bool)
    mask[50:60, 50:70] = True
    first = Hints.from_strokes(mask, (0.2, 0.2))
    mask[200:204, 100:130] = True
    second = Hints.from_strokes(mask, (0.2, -0.2))
    soft = Hints(second.chroma, np.where(mask, 0.5, 0.0).astype(np.float32))
    for options in (
        {},
        {"window": 5},
        {"affinity": "correlation"},
        {"domain": luminance > 0.1},
    ):
        system = Propagation(luminance, **options)  # type: ignore[arg-type]
        system.update(first, system.solve(first), second)
        system.solve(soft)
        system.solve(first, tolerance=1e-5)
    blend_geodesic(luminance, soft)
    assert signatures() == before
