"""How inner loops are compiled, and how they are written to be fast.

Rows are taken out of arrays first, and the loop counts from 0 to their size: an index that might be
negative counts from the end, and such loops are not vectorized. Loops that write ``x[2 * j]`` and
``x[2 * j + 1]`` are; those that write every second number are not.

After a function has changed, its callers in other files are compiled anew only when numba's files
of them, ``__pycache__/*.nbi``, are deleted.
"""

from __future__ import annotations

from typing import Any

__all__ = ["FAST", "LEAN"]

FAST = {"contract", "reassoc", "nsz"}
"""What compilers may do: reorder sums, fuse products with them, ignore the sign of zero."""

LEAN: dict[str, Any] = {
    "nogil": True,
    "cache": True,
    "error_model": "numpy",
    "fastmath": FAST,
    # Rows are taken out of arrays by the million. To count the references to each takes up to a
    # fifth of the time, as threads write the same counts. Such functions cannot make arrays.
    "_nrt": False,
}
"""Options of `numba.njit` for loops over rows that are given to them."""
