"""Direct solution of the colorization system in float64, for small pictures."""

from __future__ import annotations

from typing import cast

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.linalg import splu

from tinct.algorithms.halves import Halves, unpack_links

__all__ = ["solve_direct", "system_matrix"]

FloatArray = NDArray[np.float32]


def system_matrix(
    links: FloatArray | Halves, offsets: NDArray[np.int64], keep: FloatArray
) -> coo_matrix:
    """Return the system, (M N, M N) in float64: rows sum to exactly 1 - keep.

    Parameters
    ----------
    links : ndarray of shape (K, M, N), float32, or packed by `halves.pack_links`
        Weight of the neighbor at ``offsets[k]``.
    keep : ndarray of shape (M, N), float32
        1 / (1 + confidence).
    """
    weights = unpack_links(cast("Halves", links)) if links.dtype == np.uint16 else links
    m, n = keep.shape
    index = np.arange(m * n).reshape(m, n)
    rows, columns, values = [], [], []
    diagonal = 1.0 - keep.astype(np.float64)
    for k, (di, dj) in enumerate(offsets.tolist()):
        here = np.s_[max(0, -di) : m - max(0, di), max(0, -dj) : n - max(0, dj)]
        weight = (keep[here] * weights[k][here].astype(np.float64)).astype(np.float64)
        diagonal[here] += weight
        rows.append(index[here].ravel())
        columns.append(index[here].ravel() + di * n + dj)
        values.append(-weight.ravel())
    # A free pixel without neighbors keeps what it has.
    diagonal[diagonal == 0.0] = 1.0
    rows.append(index.ravel())
    columns.append(index.ravel())
    values.append(diagonal.ravel())
    entries = (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns)))
    return coo_matrix(entries, shape=(m * n, m * n))


def solve_direct(
    links: FloatArray | Halves,
    offsets: NDArray[np.int64],
    keep: FloatArray,
    rhs: FloatArray,
) -> FloatArray:
    """Return the solution, (2, M, N) float32, of the system for `rhs` of the same shape."""
    factors = splu(system_matrix(links, offsets, keep).tocsc())
    solution = factors.solve(np.ascontiguousarray(rhs.reshape(2, -1).T, np.float64))
    result: FloatArray = solution.T.reshape(rhs.shape).astype(np.float32)
    return result
