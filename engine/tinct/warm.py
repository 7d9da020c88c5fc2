"""Compiles every numba kernel once, at set-up, so that no first picture waits for a compiler."""

from __future__ import annotations

import importlib
import pkgutil
import time
from collections.abc import Callable

from tinct import algorithms

__all__ = ["warm"]

OTHER_KERNELS = ("tinct.pixel_kernels", "tinct.color_kernels", "tinct.imagefile_kernels")


def warm(report: Callable[[str], None]) -> float:
    """Call ``warm_kernels()`` of every module that has one; numba keeps what it compiled on disk.

    Parameters
    ----------
    report
        Takes the name of each module when it is done.

    Returns
    -------
    float
        The seconds it took; well under one when everything was compiled before.
    """
    started = time.perf_counter()
    found = [module.name for module in pkgutil.iter_modules(algorithms.__path__)]
    for name in (*OTHER_KERNELS, *(f"{algorithms.__name__}.{name}" for name in found)):
        warm_kernels = getattr(importlib.import_module(name), "warm_kernels", None)
        if warm_kernels is not None:
            warm_kernels()
            report(name)
    return time.perf_counter() - started
