"""How inner loops are compiled."""

from __future__ import annotations

from typing import Any

__all__ = ["LEAN"]

LEAN: dict[str, Any] = {
    "nogil": True,
    "cache": True,
    "error_model": "numpy",
    "fastmath": {"contract", "reassoc", "nsz"},
    # Rows are taken out of arrays by the million. To count the references to each takes up to a
    # fifth of the time, as threads write the same counts. Such functions cannot make arrays.
    "_nrt": False,
}
"""Options of `numba.njit` for loops over rows that are given to them."""
