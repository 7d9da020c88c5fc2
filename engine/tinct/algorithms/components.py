"""Connected parts of a picture's domain: color spreads within each, and not between them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

__all__ = ["label_components"]


def label_components(
    domain: NDArray[np.bool_] | None, offsets: NDArray[np.int64]
) -> NDArray[np.int32] | None:
    """Label the parts of `domain` that no link joins.

    Parameters
    ----------
    domain : ndarray of shape (M, N), bool, or None for the whole picture
    offsets : ndarray of shape (K, 2), int
        Where a pixel's links lead, (row, column).

    Returns
    -------
    ndarray of shape (M, N), int32, or None
        0 outside the domain, 1 and up inside; None when there is but one part.
    """
    if domain is None:
        return None
    labels, count = ndimage.label(domain, np.ones((3, 3)))
    if count > 1 and np.abs(offsets).max() > 1:
        labels = _join_across_gaps(labels, count, offsets)
        count = int(labels.max())
    return labels.astype(np.int32) if count > 1 else None


def _join_across_gaps(
    labels: NDArray[np.int32], count: int, offsets: NDArray[np.int64]
) -> NDArray[np.int32]:
    """Merge components that links longer than one pixel join."""
    m, n = labels.shape
    pairs = []
    for di, dj in offsets[(np.abs(offsets) > 1).any(axis=1)]:
        here = labels[max(0, -di) : m - max(0, di), max(0, -dj) : n - max(0, dj)]
        there = labels[max(0, di) : m + min(0, di), max(0, dj) : n + min(0, dj)]
        both = (here > 0) & (there > 0) & (here != there)
        pairs.append(np.stack([here[both], there[both]], axis=1))
    joined = np.unique(np.concatenate(pairs), axis=0)
    graph = coo_matrix((np.ones(len(joined)), (joined[:, 0], joined[:, 1])), (count + 1, count + 1))
    groups = connected_components(graph, directed=False)[1]
    # Label 0, outside the domain, has no links and stays the group that maps to 0.
    order = np.where(groups == groups[0], 0, groups + 1)
    merged: NDArray[np.int32] = np.unique(order, return_inverse=True)[1].astype(np.int32)
    return merged[labels]
