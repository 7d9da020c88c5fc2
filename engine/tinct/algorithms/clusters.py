"""Small clusters of pixels that hold to each other and hardly to anything else.

Specks and thin diagonal lines of one tone can lie between the pixels of every coarser grid, where
no grid corrects them and line relaxation takes hundreds of sweeps. Each gets one unknown of its
own: a shift of the whole cluster, chosen so that what flows in balances what flows out.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from tinct.algorithms.blocks import run_blocks
from tinct.algorithms.compiled import FAST
from tinct.algorithms.halves import Halves, dithered, link

__all__ = ["Clusters", "find_clusters", "shift_clusters"]

FloatArray = NDArray[np.float32]
IndexArray = NDArray[np.int32]

# Pixels are bound where the weaker one of the two links between them is at least this.
_BINDING = np.float32(0.1)
_LARGEST = 64
_BAND_ROWS = 64


class Clusters(NamedTuple):
    """Members of all clusters: cluster c holds ``members[starts[c] : starts[c + 1]]``.

    Attributes
    ----------
    members : ndarray of int32
        Pixel indices, row by row.
    starts : ndarray of int32
    weights : ndarray of float32
        Share of each member's residual in its cluster's shift.
    links : ndarray of shape (K, 8), packed as `halves.pack_links` does
        Each member's row of the system, keep * links: gathered, for they lie far apart.
    leak : ndarray of float32
    """

    members: IndexArray
    starts: IndexArray
    weights: FloatArray
    links: Halves
    leak: FloatArray

    @property
    def nbytes(self) -> int:
        """Memory held, in bytes."""
        return sum(part.nbytes for part in self)

    def chosen(self, members: NDArray[np.bool_], *, partly: bool = False) -> Clusters:
        """Return the clusters of which every member is chosen, or `partly`, any."""
        if self.starts.size == 1:
            return self
        reduce = np.logical_or.reduceat if partly else np.logical_and.reduceat
        whole = reduce(members, self.starts[:-1])
        sizes = np.diff(self.starts)
        at = np.repeat(whole, sizes)
        starts = np.concatenate([[0], np.cumsum(sizes[whole])]).astype(np.int32)
        return Clusters(self.members[at], starts, self.weights[at], self.links[at], self.leak[at])

    def distinct(self) -> Clusters:
        """Return the clusters, each once."""
        first = self.members[self.starts[:-1]]
        if np.unique(first).size == first.size:
            return self
        once = np.zeros(first.size, bool)
        once[np.unique(first, return_index=True)[1]] = True
        return self.chosen(np.repeat(once, np.diff(self.starts)))

    def moved(self, columns: int, down: int, right: int, new_columns: int) -> Clusters:
        """Return the clusters of a grid of `columns` in another one, shifted."""
        rows, places = np.divmod(self.members, np.int32(columns))
        members = ((rows + down) * new_columns + places + right).astype(np.int32)
        return self._replace(members=members)

    def places(self, columns: int, pad: int) -> IndexArray:
        """Return where the members of a grid of `columns` lie in a framed vector, laid flat."""
        rows = self.members // np.int32(columns)
        rows *= np.int32(2 * pad)
        rows += self.members
        rows += np.int32(pad * (columns + 2 * pad) + pad)
        return rows

    @classmethod
    def joined(cls, parts: list[Clusters]) -> Clusters:
        """Return the clusters of all parts."""
        sizes = np.concatenate([np.diff(part.starts) for part in parts])
        starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32)
        return cls(
            np.concatenate([part.members for part in parts]),
            starts,
            np.concatenate([part.weights for part in parts]),
            np.concatenate([part.links for part in parts]),
            np.concatenate([part.leak for part in parts]),
        )


@njit(inline="always")
def _root(parent: Any, i: int) -> Any:
    while parent[i] != i:
        parent[i] = parent[parent[i]]
        i = parent[i]
    return i


@njit(nogil=True, cache=True, error_model="numpy")
def _bind(start: int, stop: int, rows: int, links: Any, keep: Any, parent: Any) -> None:
    """Join bound pixels within bands of `rows` rows (union-find, the smaller index is the root)."""
    m = keep.shape[0]
    for band in range(start, stop):
        last = min(m, (band + 1) * rows)
        for i in range(band * rows, last):
            _bind_row(i, last, 4, links, keep, parent)


@njit(nogil=True, cache=True, error_model="numpy")
def _find_bound(there: Any, back: Any, keep: Any, kept: Any, bound: Any) -> None:
    """Tell which pixels of a row are bound to those of another, both being free."""
    zero = np.float32(0.0)
    for j in range(there.size):
        strong = (link(there[j]) >= _BINDING) & (link(back[j]) >= _BINDING)
        bound[j] = strong & (keep[j] > zero) & (kept[j] > zero)


@njit(nogil=True, cache=True, error_model="numpy")
def _bind_row(i: int, last: int, first_link: int, links: Any, keep: Any, parent: Any) -> None:
    """Join the pixels of row i with those bound to them to the east and in the row below."""
    n = keep.shape[1]
    bound = np.empty(n, np.bool_)
    for k in range(first_link, 8):
        q = k + 1
        a, dj = i + q // 3 - 1, q % 3 - 1
        if a >= last:
            continue
        first, count = max(0, -dj), n - abs(dj)
        there, back = slice(first + dj, first + dj + count), links[7 - k, a]
        _find_bound(
            links[k, i, first : first + count],
            back[there],
            keep[i, first : first + count],
            keep[a, there],
            bound,
        )
        for j in range(count):
            one, other = i * n + first + j, a * n + first + j + dj
            if bound[j] and parent[one] != parent[other]:
                lower, higher = _root(parent, one), _root(parent, other)
                if lower < higher:
                    parent[higher] = lower
                else:
                    parent[lower] = higher


@njit(nogil=True, cache=True, error_model="numpy")
def _join_bands(rows: int, links: Any, keep: Any, parent: Any, size: Any) -> None:
    """Join the bands, point every pixel at its root, and count the members."""
    m = keep.shape[0]
    for i in range(rows - 1, m - 1, rows):
        _bind_row(i, m, 5, links, keep, parent)
    for i in range(parent.size):
        parent[i] = parent[parent[i]]
        size[parent[i]] += 1


@njit(nogil=True, cache=True, error_model="numpy")
def _collect(parent: Any, size: Any, cursor: Any, members: Any) -> None:
    """List members of the clusters kept; `cursor` holds each root's place in the list."""
    for i in range(parent.size):
        root = parent[i]
        if 2 <= size[root] <= _LARGEST:
            members[cursor[root]] = i
            cursor[root] += 1


@njit(nogil=True, cache=True, error_model="numpy")
def _weigh(
    links: Any,
    keep: Any,
    leak: Any,
    scale: Any,
    parent: Any,
    members: Any,
    starts: Any,
    rows: Any,
    leaks: Any,
    out: Any,
) -> None:
    """Write scale / (sum over the cluster of scale times what a member loses to the outside).

    Gathers the members' rows of the system too.
    """
    m, n = keep.shape
    for c in range(starts.size - 1):
        loss = 0.0
        for p in range(starts[c], starts[c + 1]):
            i, j = members[p] // n, members[p] % n
            lost = 0.0
            leaks[p] = leak[i, j]
            for k in range(8):
                rows[p, k] = dithered(keep[i, j] * link(links[k, i, j]), i, j)
                q = k if k < 4 else k + 1
                a, b = i + q // 3 - 1, j + q % 3 - 1
                if 0 <= a < m and 0 <= b < n and parent[a * n + b] != parent[members[p]]:
                    lost += link(links[k, i, j])
            loss += scale[i, j] * (leak[i, j] + keep[i, j] * lost)
        for p in range(starts[c], starts[c + 1]):
            out[p] = scale[members[p] // n, members[p] % n] / loss if loss > 1e-20 else 0.0


def find_clusters(links: Halves, keep: FloatArray, leak: FloatArray, scale: FloatArray) -> Clusters:
    """Find clusters of 2 to 64 free pixels that hold to no other by 0.1 or more in both directions.

    Parameters are those of `coarsening.coarsen`.
    """
    parent = np.arange(keep.size, dtype=np.int32)
    size = np.zeros(keep.size, np.int32)
    bands = -(-keep.shape[0] // _BAND_ROWS)
    run_blocks(_bind, bands, _BAND_ROWS, links, keep, parent, pixels=keep.size)
    _join_bands(_BAND_ROWS, links, keep, parent, size)
    roots = np.flatnonzero((size >= 2) & (size <= _LARGEST))
    starts = np.concatenate([[0], np.cumsum(size[roots])]).astype(np.int32)
    cursor = np.zeros(keep.size, np.int32)
    cursor[roots] = starts[:-1]
    members = np.empty(int(starts[-1]), np.int32)
    _collect(parent, size, cursor, members)
    weights = np.empty(members.size, np.float32)
    rows = np.empty((members.size, 8), np.uint16)
    leaks = np.empty(members.size, np.float32)
    _weigh(links, keep, leak, scale, parent, members, starts, rows, leaks, weights)
    return Clusters(members, starts, weights, rows, leaks)


@njit(nogil=True, cache=True, error_model="numpy", fastmath=FAST)
def shift_clusters(
    start: int,
    stop: int,
    places: Any,
    starts: Any,
    weights: Any,
    links: Any,
    leak: Any,
    rhs: Any,
    u: Any,
) -> None:
    """Shift every cluster, one after the other, so that its weighted residual vanishes.

    For channels start..stop: clusters may touch, channels do not. The members' `places` are those
    of `Clusters.places`.
    """
    # Indices without a sign are not looked at whether they count from the end.
    step, one = np.uint64(u.shape[2]), np.uint64(1)
    for c in range(start, stop):
        x, b = u[c].reshape(-1), rhs[c].reshape(-1)
        for cluster in range(starts.size - 1):
            first, last = np.uint64(starts[cluster]), np.uint64(starts[cluster + 1])
            shift = np.float32(0.0)
            for p in range(first, last):
                at = np.uint64(places[p])
                v, north, south = x[at], at - step, at + step
                r = b[at] - leak[p] * v
                r += link(links[p, 0]) * (x[north - one] - v) + link(links[p, 1]) * (x[north] - v)
                r += link(links[p, 2]) * (x[north + one] - v) + link(links[p, 3]) * (
                    x[at - one] - v
                )
                r += link(links[p, 4]) * (x[at + one] - v) + link(links[p, 5]) * (
                    x[south - one] - v
                )
                r += link(links[p, 6]) * (x[south] - v) + link(links[p, 7]) * (x[south + one] - v)
                shift += weights[p] * r
            for p in range(first, last):
                x[np.uint64(places[p])] += shift
