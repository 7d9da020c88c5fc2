"""Color maps from gray levels: perceptual ones, the textbook's, and slices of them."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tinct import color

__all__ = [
    "PATHS",
    "Spacing",
    "cubehelix",
    "lookup_table",
    "perceptual_map",
    "ramp",
    "sines",
    "slice_thresholds",
    "through_colors",
]

Array = NDArray[Any]
Spacing = Literal["equal-width", "equal-count", "otsu"]

PATHS: dict[str, tuple[tuple[float, float, float], ...]] = {
    "aurora": ((12, 38, 305), (35, 38, 275), (60, 33, 190), (78, 56, 140), (93, 85, 103)),
    "ember": ((2, 4, 290), (25, 50, 318), (48, 64, 15), (70, 68, 60), (97, 30, 100)),
    "ocean": ((8, 18, 285), (35, 36, 275), (65, 30, 238), (96, 6, 195)),
    "diverging": ((38, 46, 278), (65, 30, 262), (95, 1, 180), (65, 42, 30), (38, 58, 30)),
}
"""Waypoints of the perceptual maps: CIELAB lightness, chroma, and hue in degrees."""

TABLE_SIZE = 1 << 16  # every level of 8 and 16 bits has its own entry
PATH_STEPS = 2048
LEVELS = 256


def perceptual_map(name: str, levels: ArrayLike) -> Array:
    """Return colors of a map whose equal steps look equally large.

    Parameters
    ----------
    name
        A key of `PATHS`. Lightness rises all the way, except in ``"diverging"``, where it rises
        to the middle and falls.
    levels
        0 to 1, any shape.

    Returns
    -------
    ndarray
        Shape (..., 3), sRGB-encoded 0 to 1.
    """
    places, colors = _path(name)
    x = np.asarray(levels, np.float64)
    return np.stack([np.interp(x, places, colors[:, part]) for part in range(3)], axis=-1)


@functools.cache
def _path(name: str) -> tuple[Array, Array]:
    """Return sRGB colors along a path, and their places 0 to 1 by CIELAB length."""
    points = np.array(PATHS[name], np.float64)
    # a straight line in CIELAB would cross gray between opposite hues; hue goes the short way
    hues = np.degrees(np.unwrap(np.radians(points[:, 2])))
    gray = points[:, 1] < 2
    hues[gray] = np.interp(np.flatnonzero(gray), np.flatnonzero(~gray), hues[~gray])
    dense = np.linspace(0, len(points) - 1, PATH_STEPS)
    lch = np.stack(
        [_smooth(dense, points[:, 0]), _smooth(dense, points[:, 1]), _smooth(dense, hues)], axis=1
    )
    lch[:, 1] = np.maximum(lch[:, 1], 0)
    colors = color.fit_to_gamut(color.lch_to_lab(lch))
    steps = np.linalg.norm(np.diff(color.srgb_to_lab(colors), axis=0), axis=1)
    places = np.concatenate([[0.0], np.cumsum(steps)])
    return places / places[-1], colors


def _smooth(places: Array, values: Array) -> Array:
    """Interpolate without overshooting, so that what rises keeps rising."""
    from scipy.interpolate import PchipInterpolator

    return np.asarray(PchipInterpolator(np.arange(len(values)), values)(places))


def cubehelix(levels: ArrayLike, start: float = 0.5, turns: float = -1.5) -> Array:
    """Return colors of a helix round the gray line: luma rises linearly.

    Parameters
    ----------
    levels
        0 to 1, any shape.
    start, turns
        Hue the helix starts at (1 red, 2 green, 3 blue) and how often it turns.

    References
    ----------
    D. A. Green, A colour scheme for the display of astronomical intensity images, 2011.
    arXiv:1108.5083
    """
    x = np.asarray(levels, np.float64)[..., np.newaxis]
    angle = 2 * np.pi * (start / 3 + 1 + turns * x)
    amplitude = x * (1 - x) / 2
    directions = np.array([[-0.14861, 1.78277], [-0.29227, -0.90649], [1.97294, 0.0]])
    helix = np.cos(angle) * directions[:, 0] + np.sin(angle) * directions[:, 1]
    return np.asarray(np.clip(x + amplitude * helix, 0.0, 1.0))


def ramp(levels: ArrayLike) -> Array:
    """Return the textbook's gray-level transform: blue, cyan, green, yellow, red.

    Lightness does not rise along it, so edges appear that the picture does not have.

    References
    ----------
    R. C. Gonzalez, R. E. Woods, Digital Image Processing, chapter on pseudocolor processing.
    """
    x = np.asarray(levels, np.float64)
    red = np.clip(4 * x - 2, 0, 1)
    green = np.minimum(np.clip(4 * x, 0, 1), np.clip(4 - 4 * x, 0, 1))
    blue = np.clip(2 - 4 * x, 0, 1)
    return np.stack([red, green, blue], axis=-1)


def sines(levels: ArrayLike, frequency: float, phases: Sequence[float]) -> Array:
    """Return three rectified sines, |sin(2 pi f x + phase)|; phases in degrees."""
    x = np.asarray(levels, np.float64)[..., np.newaxis]
    return np.abs(np.sin(2 * np.pi * frequency * x + np.radians(np.asarray(phases, np.float64))))


def through_colors(levels: ArrayLike, colors: Array) -> Array:
    """Return colors between given ones, evenly spaced, mixed in CIELAB.

    Parameters
    ----------
    levels
        0 to 1, any shape.
    colors
        Shape (P, 3), sRGB-encoded, P at least 1.
    """
    x = np.asarray(levels, np.float64) * (len(colors) - 1)
    lab = color.srgb_to_lab(np.asarray(colors, np.float64))
    indices = np.arange(len(colors))
    mixed = np.stack([np.interp(x, indices, lab[:, part]) for part in range(3)], axis=-1)
    return np.clip(color.lab_to_srgb(mixed), 0.0, 1.0)


def slice_thresholds(levels: Array, count: int, spacing: Spacing) -> Array:
    """Return the levels that part gray into slices.

    Parameters
    ----------
    levels
        Gray levels of the pixels that count, 0 to 1, shape (N,); N may be 0.
    count
        How many slices, at least 1.
    spacing
        Equal widths of 0 to 1; equal numbers of pixels; or Otsu's classes, the exact minimum of
        the variance within them over 256 levels.

    Returns
    -------
    ndarray
        At most count - 1 rising thresholds: those that would part nothing are left out. A level
        equal to a threshold belongs above it.

    References
    ----------
    N. Otsu, A threshold selection method from gray-level histograms, 1979.
    DOI 10.1109/TSMC.1979.4310076
    """
    shares = np.arange(1, count) / count
    if spacing == "equal-width" or not levels.size:
        return shares
    if spacing == "equal-count":
        thresholds = np.quantile(levels, shares, method="higher")
        return np.unique(thresholds[thresholds > levels.min()])
    counts = np.bincount(np.rint(np.clip(levels, 0, 1) * (LEVELS - 1)).astype(np.intp))
    occupied = np.flatnonzero(counts)
    starts = _classes(counts[occupied].astype(np.float64), occupied.astype(np.float64), count)
    # halfway between the levels, so that rounding puts no pixel into the other slice
    return np.asarray((occupied[starts] + occupied[starts - 1]) / 2 / (LEVELS - 1))


def _classes(counts: Array, values: Array, classes: int) -> Array:
    """Return where the 2nd, 3rd ... class starts for the least variance within classes."""
    size = len(values)
    classes = min(classes, size)
    sums = np.concatenate([np.zeros((1, 2)), np.cumsum([counts, counts * values], axis=1).T])
    # the sum of squares is the same for all ways to part them, so it is left out
    weight = sums[np.newaxis, :, 0] - sums[:, np.newaxis, 0]
    total = sums[np.newaxis, :, 1] - sums[:, np.newaxis, 1]
    gain = np.where(weight > 0, total**2 / np.where(weight > 0, weight, 1.0), -np.inf)
    best = gain[0]
    chosen = []
    for _ in range(classes - 1):
        sums_through = best[:, np.newaxis] + gain
        chosen.append(sums_through.argmax(axis=0))
        best = sums_through.max(axis=0)
    starts = []
    stop = size
    for choice in reversed(chosen):
        stop = int(choice[stop])
        starts.append(stop)
    return np.array(starts[::-1], np.intp)


def lookup_table(
    mapped: Any, thresholds: Array | None, *, low: float = 0.0, high: float = 1.0
) -> Array:
    """Return one color for each of 65536 gray levels.

    Parameters
    ----------
    mapped
        A function from levels 0 to 1 to colors.
    thresholds
        From `slice_thresholds`, or None for all levels. The first slice has the color of level
        0, the last one that of 1.
    low, high
        Gray levels that take the map's ends; turned round, they turn the map round.

    Returns
    -------
    ndarray
        Shape (65536, C), float32.
    """
    gray = np.linspace(0.0, 1.0, TABLE_SIZE)
    if high == low:
        levels = (gray >= low).astype(np.float64)
    else:
        levels = np.clip((gray - low) / (high - low), 0.0, 1.0)
    if thresholds is not None:
        slices = np.digitize(levels, thresholds)
        levels = slices / max(len(thresholds), 1)
    return np.asarray(mapped(levels), np.float32)
