"""How much memory the worker's cache may take."""

from __future__ import annotations

import ctypes
import math
import os
import sys

__all__ = ["cache_budget"]

SHARE_OF_MEMORY = 0.25
MAXIMUM_BYTES = 2 << 30
UNKNOWN_MEMORY_BYTES = 2 << 30
MEGABYTE = 1 << 20


def cache_budget(setting: str) -> int:
    """Return the cache's budget in bytes.

    Parameters
    ----------
    setting
        `TINCT_CACHE_MB`: megabytes, 0 or more. Anything else gives a quarter of the machine's
        memory, at most 2 GB.
    """
    try:
        megabytes = float(setting)
    except ValueError:
        megabytes = math.nan
    if math.isfinite(megabytes) and megabytes >= 0:
        return int(megabytes * MEGABYTE)
    return min(int(_physical_bytes() * SHARE_OF_MEMORY), MAXIMUM_BYTES)


def _physical_bytes() -> int:
    if sys.platform == "win32":
        return _windows_bytes()
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        return UNKNOWN_MEMORY_BYTES


def _windows_bytes() -> int:
    kilobytes = ctypes.c_ulonglong()
    kernel = ctypes.WinDLL("kernel32")  # type: ignore[attr-defined, unused-ignore]
    if kernel.GetPhysicallyInstalledSystemMemory(ctypes.byref(kilobytes)):
        return kilobytes.value * 1024
    return UNKNOWN_MEMORY_BYTES
