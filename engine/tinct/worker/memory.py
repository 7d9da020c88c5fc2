"""How much memory the worker's cache may take, and that freed memory goes back."""

from __future__ import annotations

import ctypes
import math
import os
import sys

__all__ = ["LARGE_PIXELS", "cache_budget", "return_freed"]

SHARE_OF_MEMORY = 0.25
MAXIMUM_BYTES = 2 << 30
UNKNOWN_MEMORY_BYTES = 2 << 30
MEGABYTE = 1 << 20
LARGE_PIXELS = 6_000_000
# Arrays of this size and more have pages of their own; for smaller ones that would take time.
OWN_MAPPING_BYTES = 8 * MEGABYTE
# Of what is smaller, this much is held back, or every block of rows would get its pages anew.
HELD_BYTES = 2 * MEGABYTE
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3  # malloc.h


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


def return_freed() -> bool:
    """Have the memory of large arrays go back to the system when they are freed.

    The GNU C library would else hold what is as large as arrays freed before, in pieces that fit
    nothing: 60 MB on a picture of 12 MP. On small pictures that is little, and memory that comes
    back takes a tenth of the time: call it before the first picture of `LARGE_PIXELS`. Returns
    whether it is that library.
    """
    if not sys.platform.startswith("linux"):
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return False
    limits = {M_MMAP_THRESHOLD: OWN_MAPPING_BYTES, M_TRIM_THRESHOLD: HELD_BYTES}
    return all(mallopt(name, limit) == 1 for name, limit in limits.items())


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
