"""A palette of mean colors, and recoloring with smooth weights between them.

H. Chang, O. Fried, Y. Liu, S. DiVerdi, A. Finkelstein, Palette-based photo recoloring, 2015.
DOI 10.1145/2766978
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinct import color
from tinct.context import Progress, no_progress

__all__ = ["mean_palette", "recolor", "smooth_weights"]

Array = NDArray[Any]

BINS = 16
ATTENUATION = 80.0  # a chosen color weakens its surroundings of so many units of CIELAB
ROUNDS = 60
SETTLED = 1e-3
NODES = 17  # of the lattice on which many colors are recolored
EXACT_COLORS = 6000
HALVINGS = 20
SLACK = 1e-4


def mean_palette(colors: Array, counts: Array, size: int) -> Array:
    """Return the means of clusters of colors, a fixed black cluster left out.

    Parameters
    ----------
    colors
        Distinct colors, shape (U, 3), sRGB-encoded 0 to 1.
    counts
        How often they occur, shape (U,).
    size
        How many, at least 1; fewer come back when there are fewer bins of colors.

    Returns
    -------
    ndarray
        Shape (K, 3), from dark to light. The same input always gives the same palette.
    """
    place = np.minimum((np.clip(colors, 0, 1) * BINS).astype(np.intp), BINS - 1)
    bins = place @ np.array([BINS * BINS, BINS, 1])
    weights = np.bincount(bins, counts, minlength=BINS**3)
    held = weights > 0
    lab = color.srgb_to_lab(colors)
    means: Array = np.stack(
        [np.bincount(bins, counts * lab[:, k], minlength=BINS**3)[held] for k in range(3)], axis=1
    )
    weights = weights[held]
    means /= weights[:, np.newaxis]
    centers = _seeds(means, weights, min(size, len(means)))
    black = np.zeros((1, 3))
    for _ in range(ROUNDS):
        distances = ((means[:, np.newaxis] - np.concatenate([centers, black])) ** 2).sum(axis=2)
        owner = distances.argmin(axis=1)
        moved = centers.copy()
        for k in range(len(centers)):
            own = owner == k
            if own.any():
                moved[k] = weights[own] @ means[own] / weights[own].sum()
        settled = np.abs(moved - centers).max() < SETTLED
        centers = moved
        if settled:
            break
    centers = centers[np.argsort(centers[:, 0], kind="stable")]
    return np.asarray(np.clip(color.lab_to_srgb(centers), 0, 1))


def _seeds(means: Array, weights: Array, size: int) -> Array:
    """Return the heaviest bins, each weakening what is near before the next is taken."""
    left = weights.astype(np.float64).copy()
    seeds = []
    for _ in range(size):
        heaviest = int(left.argmax())
        seeds.append(means[heaviest])
        distances = ((means - means[heaviest]) ** 2).sum(axis=1)
        left *= 1 - np.exp(-distances / ATTENUATION**2)
        left[heaviest] = -1
    return np.array(seeds)


def smooth_weights(lab: Array, palette: Array) -> Array:
    """Return how much each palette color says about each color.

    Gaussian bells over the palette colors, solved so that each of these belongs to itself alone;
    negative weights are left out.

    Parameters
    ----------
    lab, palette
        Shapes (U, 3) and (K, 3), CIELAB.

    Returns
    -------
    ndarray
        Shape (U, K), at least 0, rows of sum 1.
    """
    count = len(palette)
    between = np.linalg.norm(palette[:, np.newaxis] - palette, axis=2)
    spread = between.sum() / max(count * (count - 1), 1) or 1.0

    def bells(points: Array) -> Array:
        squares = ((points[:, np.newaxis] - palette) ** 2).sum(axis=2)
        return np.asarray(np.exp(-squares / (2 * spread * spread)))

    solved = np.linalg.pinv(bells(palette))
    weights = np.maximum(bells(lab) @ solved, 0)
    total = weights.sum(axis=1, keepdims=True)
    # so far away that no bell reaches: the nearest color
    nearest = np.eye(count)[((lab[:, np.newaxis] - palette) ** 2).sum(axis=2).argmin(axis=1)]
    return np.asarray(np.where(total > 1e-9, weights / np.maximum(total, 1e-9), nearest))


def recolor(
    colors: Array, original: Array, edited: Array, progress: Progress = no_progress
) -> Array:
    """Return colors recolored as a palette was edited.

    Parameters
    ----------
    colors
        Distinct colors, shape (U, 3), sRGB-encoded 0 to 1.
    original, edited
        Shape (K, 3) each, sRGB-encoded. Lightness follows the palette's, piecewise linearly
        between black and white, with the palette's order of lightness kept.
    progress
        Called once per palette color.

    Returns
    -------
    ndarray
        Shape (U, 3), 0 to 1. An unchanged palette returns the colors themselves.
    """
    if np.array_equal(original, edited):
        return colors.copy()
    if len(colors) <= EXACT_COLORS:
        return _recolor_each(colors, original, edited, progress)
    grid = np.linspace(0, 1, NODES)
    nodes = np.stack(np.meshgrid(grid, grid, grid, indexing="ij"), axis=-1).reshape(-1, 3)
    change = _recolor_each(nodes, original, edited, progress) - nodes
    return np.asarray(np.clip(colors + _interpolate(change, colors), 0, 1))


def _recolor_each(colors: Array, original: Array, edited: Array, progress: Progress) -> Array:
    lab, old, new = (color.srgb_to_lab(part) for part in (colors, original, edited))
    new = _in_order(old, new)
    order = np.argsort(old[:, 0], kind="stable")
    old_steps = np.concatenate([[0.0], old[order, 0], [100.0]])
    new_steps = np.concatenate([[0.0], new[order, 0], [100.0]])
    weights = smooth_weights(lab, old)
    lightness = np.interp(lab[:, 0], old_steps, new_steps)
    chroma = np.zeros((len(colors), 2))
    for k in range(len(old)):
        progress(k / len(old), "Recoloring")
        chroma += weights[:, k : k + 1] * _shifted(lab, lightness, old[k], new[k])
    result = np.column_stack([lightness, chroma])
    return np.asarray(color.fit_to_gamut(result))


def _in_order(old: Array, new: Array) -> Array:
    """Return new colors whose lightness rises wherever that of the old ones does."""
    order = np.argsort(old[:, 0], kind="stable")
    new = new.copy()
    new[order, 0] = np.maximum.accumulate(new[order, 0])
    return new


def _shifted(lab: Array, lightness: Array, old: Array, new: Array) -> Array:
    """Return a and b moved as one palette color was, as far as the gamut lets them go."""
    offset = new[1:] - old[1:]
    length = float(np.linalg.norm(offset))
    if length < 1e-9:
        return np.asarray(lab[:, 1:])
    direction = offset / length
    room = _room(new[:1], old[np.newaxis, 1:], direction)[0]
    share = min(1.0, length / room) if room > 1e-9 else 1.0
    target = lab[:, 1:] + offset
    fits = _inside(lightness, target)
    # where the whole offset leaves the gamut, only the part of the room there is
    own = _room(lightness, lab[:, 1:], direction)
    way = np.where(fits, np.minimum(length, share * own), share * own)
    return np.asarray(lab[:, 1:] + way[:, np.newaxis] * direction)


def _room(lightness: Array, chroma: Array, direction: Array) -> Array:
    """Return how far colors can go in a direction of the a, b plane within sRGB."""
    low = np.zeros(len(chroma))
    high = np.full(len(chroma), 260.0)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        inside = _inside(lightness, chroma + middle[:, np.newaxis] * direction)
        low = np.where(inside, middle, low)
        high = np.where(inside, high, middle)
    return low


def _inside(lightness: Array, chroma: Array) -> Array:
    rgb = color.lab_to_srgb(np.column_stack([lightness, chroma]))
    return np.asarray(((rgb >= -SLACK) & (rgb <= 1 + SLACK)).all(axis=1))


def _interpolate(values: Array, colors: Array) -> Array:
    """Return values between the nodes of the lattice, trilinear."""
    place = np.clip(colors, 0, 1) * (NODES - 1)
    corner = np.minimum(place.astype(np.intp), NODES - 2)
    part = place - corner
    first = corner @ np.array([NODES * NODES, NODES, 1])
    result = np.zeros_like(colors)
    for i in (0, 1):
        for j in (0, 1):
            for k in (0, 1):
                share = (
                    np.abs(1 - i - part[:, 0])
                    * np.abs(1 - j - part[:, 1])
                    * np.abs(1 - k - part[:, 2])
                )
                node = first + (i * NODES + j) * NODES + k
                result += share[:, np.newaxis] * values[node]
    return result
