"""The Galerkin product of two grids: restriction x operator x interpolation."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from tinct.algorithms.compiled import FAST
from tinct.algorithms.halves import link
from tinct.algorithms.stencil import window_offsets

__all__ = ["TERMS", "galerkin_rows"]


def _products() -> NDArray[np.int64]:
    """List the terms of restriction x operator x interpolation.

    Each row: fine pixel (di, dj) from the coarse one, link k (8 = the diagonal), then
    interpolation weight, its owner's coarse offset, and the coarse link it adds to.
    """
    corners = {0: [(0, 0)], 1: [(0, 0), (0, 1)], 2: [(0, 0), (1, 0)]}
    corners[3] = [(0, 0), (0, 1), (1, 0), (1, 1)]
    first_weight = {0: 0, 1: 1, 2: 3, 3: 5}
    links = [*window_offsets(3), (0, 0)]
    table = []
    for q in range(9):
        di, dj = q // 3 - 1, q % 3 - 1
        for k, (ki, kj) in enumerate(links):
            a, b = di + ki, dj + kj
            kind = 2 * (a % 2) + b % 2
            for p, (ci, cj) in enumerate(corners[kind]):
                ti, tj = a // 2 + ci, b // 2 + cj
                target = 3 * (ti + 1) + tj + 1
                table.append((q, k, first_weight[kind] + p, a // 2, b // 2, target))
    return np.array(table, np.int64)


TERMS = _products()


@njit(nogil=True, cache=True, error_model="numpy", fastmath=FAST)
def _take_halves(row: Any, even: Any, odd: Any) -> None:
    """Copy a row's even pixels, and its odd ones to the places from 1 on."""
    for j in range((row.size + 1) // 2):
        even[j] = row[2 * j]
    for j in range(row.size // 2):
        odd[j + 1] = row[2 * j + 1]


@njit(nogil=True, cache=True, error_model="numpy", fastmath=FAST)
def _split_row(i: int, links: Any, keep: Any, leak: Any, out: Any) -> None:
    """Write a row of the operator, its even pixels apart from its odd ones, those from 1 on.

    Many terms of the product read them, in steps of two pixels. The diagonal, in place 8, is what
    the links, which are rounded, and the leak sum to: else weak links drown in the difference.
    """
    kept, even_sum, odd_sum = keep[i], out[8, 0], out[8, 1]
    _take_halves(leak[i], even_sum, odd_sum)
    for k in range(8):
        weight, even, odd = links[k, i], out[k, 0], out[k, 1]
        for j in range((kept.size + 1) // 2):
            even[j] = -link(weight[2 * j]) * kept[2 * j]
            even_sum[j] -= even[j]
        for j in range(kept.size // 2):
            odd[j + 1] = -link(weight[2 * j + 1]) * kept[2 * j + 1]
            odd_sum[j + 1] -= odd[j + 1]


@njit(nogil=True, cache=True, error_model="numpy", fastmath=FAST)
def _multiply(a: Any, b: Any, out: Any) -> None:
    for j in range(out.size):
        out[j] = a[j] * b[j]


@njit(nogil=True, cache=True, error_model="numpy", fastmath=FAST)
def _add_product(a: Any, b: Any, out: Any) -> None:
    for j in range(out.size):
        out[j] += a[j] * b[j]


@njit(nogil=True, cache=True, error_model="numpy", fastmath=FAST)
def galerkin_rows(
    start: int,
    stop: int,
    links: Any,
    keep: Any,
    leak: Any,
    weights: Any,
    restriction: Any,
    table: Any,
    out: Any,
) -> None:
    """Write the nine entries of coarse rows: restriction x operator x interpolation."""
    m, n = keep.shape
    mc, nc = restriction.shape[1], restriction.shape[2]
    flow = np.zeros(nc, np.float32)
    apart = np.zeros((3, 9, 2, nc + 1), np.float32)
    for r in range(start, stop):
        out[:, r] = 0.0
        for d in range(3):
            if d == 0 and r > start:
                apart[0] = apart[2]
            elif 0 <= 2 * r + d - 1 < m:
                _split_row(2 * r + d - 1, links, keep, leak, apart[d])
        last = -1
        usable = False
        for t in range(table.shape[0]):
            q, k = table[t, 0], table[t, 1]
            dj = q % 3 - 1
            lower, upper = 1 if dj < 0 else 0, min(nc, (n - dj + 1) // 2)
            if 9 * q + k != last:
                last = 9 * q + k
                usable = 0 <= 2 * r + q // 3 - 1 < m
                if usable:
                    rest = restriction[q, r]
                    shift = 1 if dj > 0 else 0
                    flows = apart[q // 3, k, dj & 1, shift : shift + nc]
                    _multiply(rest[lower:upper], flows[lower:upper], flow[lower:upper])
            owner = r + table[t, 3]
            if not usable or owner < 0 or owner >= mc:
                continue
            shift = table[t, 4]
            lower, upper = max(lower, -shift), min(upper, nc - shift)
            w = weights[table[t, 2], owner]
            entry = out[table[t, 5], r]
            if lower < upper:
                shifted = w[lower + shift : upper + shift]
                _add_product(flow[lower:upper], shifted, entry[lower:upper])
