"""Compiled kernels let the worker's other thread run, or no cancel and no end would be heard."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator

from numba.core.registry import CPUDispatcher

import tinct


def _kernels() -> Iterator[tuple[str, CPUDispatcher]]:
    for module in pkgutil.walk_packages(tinct.__path__, "tinct."):
        if module.name.endswith("__main__"):
            continue
        for name, value in vars(importlib.import_module(module.name)).items():
            if isinstance(value, CPUDispatcher):
                yield f"{module.name}.{name}", value


def _is_inlined(kernel: CPUDispatcher) -> bool:
    return kernel.targetoptions.get("inline") == "always"  # never entered by itself


def test_kernels_release_the_interpreter() -> None:
    kernels = dict(_kernels())
    assert kernels
    holding = [
        name
        for name, kernel in kernels.items()
        if not kernel.targetoptions.get("nogil") and not _is_inlined(kernel)
    ]
    assert holding == []  # each needs nogil=True
