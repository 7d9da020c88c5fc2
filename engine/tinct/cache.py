"""A content-keyed store of prepared things under a memory budget, oldest use dropped first."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from tinct.algorithms.blocks import run_blocks

__all__ = ["Cache", "content_key"]

T = TypeVar("T")
CHUNK_BYTES = 1 << 19  # of one size everywhere, so that keys do not depend on the threads


def content_key(*parts: object) -> str:
    """Return a digest of arrays (shape, type and values) and of plain values (their repr).

    Parameters
    ----------
    *parts
        Arrays, None, numbers, texts and tuples of these.

    Returns
    -------
    str
        256 bits in hexadecimal; equal for equal content only.
    """
    digest = hashlib.sha256()  # most processors have instructions for it
    for part in parts:
        if isinstance(part, np.ndarray):
            digest.update(f"{part.dtype}{part.shape}".encode())
            digest.update(_digest(np.ascontiguousarray(part).reshape(-1).view(np.uint8)))
        else:
            digest.update(repr(part).encode())
        digest.update(b"\0")
    return digest.hexdigest()


def _digest(data: NDArray[np.uint8]) -> bytes:
    """Return the digests of all chunks together, taken on several threads."""
    starts = range(0, data.size, CHUNK_BYTES)
    found = [b""] * len(starts)

    def run(first: int, last: int) -> None:
        for number in range(first, last):
            start = starts[number]
            found[number] = hashlib.sha256(data[start : start + CHUNK_BYTES].data).digest()

    run_blocks(run, len(starts), pixels=data.size)
    return b"".join(found)


class Cache:
    """Keep values by key until their sizes exceed a budget.

    Parameters
    ----------
    budget_bytes
        The sum of sizes kept. A value larger than this is handed out but not kept.
    """

    def __init__(self, budget_bytes: int) -> None:
        self.budget_bytes = budget_bytes
        self._entries: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def used_bytes(self) -> int:
        """The sum of the sizes kept."""
        with self._lock:
            return sum(size for _, size in self._entries.values())

    def get(self, key: Hashable) -> object | None:
        """Return the value kept under `key` and mark it as used, or None."""
        with self._lock:
            if key not in self._entries:
                return None
            self._entries.move_to_end(key)
            return cast(object, self._entries[key][0])

    def put(self, key: Hashable, value: object, nbytes: int) -> None:
        """Keep `value`, dropping what was not used for longest until the budget holds."""
        with self._lock:
            self._entries.pop(key, None)
            if nbytes > self.budget_bytes:
                return
            self._entries[key] = (value, nbytes)
            while sum(size for _, size in self._entries.values()) > self.budget_bytes:
                self._entries.popitem(last=False)

    def remember(self, key: Hashable, make: Callable[[], T], nbytes: Callable[[T], int]) -> T:
        """Return the value under `key`, made by `make` and kept when it is not there yet.

        Parameters
        ----------
        key
            Content key; values of different types must not share one.
        make
            Called without arguments when the key is new. What it raises passes through.
        nbytes
            Gives the size of what `make` returned.
        """
        found = self.get(key)
        if found is not None:
            return cast(T, found)
        value = make()
        self.put(key, value, nbytes(value))
        return value

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._entries.clear()
