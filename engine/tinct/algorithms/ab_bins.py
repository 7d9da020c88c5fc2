"""Distributions over chroma: soft shares of bins, and the few colors a distribution speaks of.

Bins are centers (a, b) in CIELAB units, as a network's manifest lists them.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["encode", "ranked_colors", "shares_of"]

Array = NDArray[Any]
FloatArray = NDArray[np.float32]

NEIGHBORS = 5
SIGMA = 5.0  # Lab units
BLOCK = 4096
REACH = 22.0  # Lab units: bins this near to each other are one color to the eye
RANKS = 5
DISTINCT = 12.0
NEGLIGIBLE = 1e-6  # and far above the numbers that processors are slow with


def encode(ab: Array, centers: Array) -> FloatArray:
    """Return the share of each bin in a set of colors.

    Every color is spread over its 5 nearest bins by a Gaussian of 5 units (Zhang, Isola, Efros
    2016, DOI 10.1007/978-3-319-46487-9_40).

    Parameters
    ----------
    ab : ndarray of shape (N, 2)
        CIELAB units; N at least 1.
    centers : ndarray of shape (Q, 2)

    Returns
    -------
    ndarray of shape (Q,), float32
        Sums to 1.
    """
    total = np.zeros(len(centers))
    count = min(NEIGHBORS, len(centers))
    for start in range(0, len(ab), BLOCK):
        part = np.asarray(ab[start : start + BLOCK], np.float64)
        squares = ((part[:, np.newaxis] - centers) ** 2).sum(axis=2)
        nearest = np.argpartition(squares, count - 1, axis=1)[:, :count]
        near = np.take_along_axis(squares, nearest, axis=1)
        # a color far from every bin still has a nearest one
        weights = np.exp(-(near - near.min(axis=1, keepdims=True)) / (2 * SIGMA**2))
        weights /= weights.sum(axis=1, keepdims=True)
        total += np.bincount(nearest.ravel(), weights.ravel(), len(centers))
    return (total / len(ab)).astype(np.float32)


def shares_of(logits: Array, temperature: float = 1.0) -> FloatArray:
    """Return the softmax over the first axis of (Q, ...)."""
    scaled = logits / np.float32(temperature)
    shares = np.exp(scaled - scaled.max(axis=0))
    return np.asarray(shares / shares.sum(axis=0), np.float32)


def ranked_colors(shares: Array, centers: Array) -> tuple[FloatArray, FloatArray]:
    """Return the colors that distributions speak of, the likeliest first.

    Again and again the bins around the one with the most around it are taken as one color, their
    weighted mean, and left out from then on.

    Parameters
    ----------
    shares : ndarray of shape (K, Q)
        K distributions.
    centers : ndarray of shape (Q, 2)

    Returns
    -------
    colors : ndarray of shape (K, 5, 2), float32
        CIELAB units.
    found : ndarray of shape (K, 5), float32
        The share of each; 0 where nothing is left.
    """
    left = np.array(shares, np.float32)
    squares = ((centers[:, np.newaxis] - centers) ** 2).sum(axis=2)
    near = np.exp(-squares / (2 * DISTINCT**2)).astype(np.float32)
    near[near < NEGLIGIBLE] = 0.0
    within = (squares <= REACH**2).astype(np.float32)
    colors = np.zeros((len(left), RANKS, 2), np.float32)
    found = np.zeros((len(left), RANKS), np.float32)
    for rank in range(RANKS):
        peak = (left @ near).argmax(axis=1)
        taken = left * within[peak]
        mass = taken.sum(axis=1)
        colors[:, rank] = (taken @ centers) / np.maximum(mass, 1e-12)[:, np.newaxis]
        found[:, rank] = mass
        left -= taken
    order = np.argsort(-found, axis=1, kind="stable")
    return (
        np.take_along_axis(colors, order[..., np.newaxis], axis=1),
        np.take_along_axis(found, order, axis=1),
    )
