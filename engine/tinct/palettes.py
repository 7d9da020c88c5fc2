"""A picture's palette as JSON data, matching of palettes, and palettes pulled into harmony.

::

    {"kind": "palette", "version": 1,
     "original": ["#102030", ...],   the picture's palette, from dark to light
     "edited": ["#102030", ...],     what its colors became
     "shares": [0.4, ...],           how much of the picture each color makes, sum 1
     "set": {"original": "original", "edited": "edited"}}    the parameters a form sets
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinct import color
from tinct.algorithms.harmony import Shape, best_angle, rank, sectors_of
from tinct.declare import Color

__all__ = ["KIND", "VERSION", "describe_palette", "match_palette", "snap_to_harmony"]

KIND = "palette"
VERSION = 1
Array = NDArray[Any]


def describe_palette(original: Array, edited: Array, shares: Array) -> dict[str, Any]:
    """Return the description at the top of this file.

    Parameters
    ----------
    original, edited
        Shape (K, 3), sRGB-encoded 0 to 1.
    shares
        Shape (K,), of any sum.
    """
    total = float(shares.sum()) or 1.0
    return {
        "kind": KIND,
        "version": VERSION,
        "original": [Color(*row).to_hex() for row in original.tolist()],
        "edited": [Color(*row).to_hex() for row in edited.tolist()],
        "shares": [round(float(share) / total, 5) for share in shares],
        "set": {"original": "original", "edited": "edited"},
    }


def match_palette(original: Array, offered: Array) -> Array:
    """Return for each color one of those offered, so that they differ least in all.

    Parameters
    ----------
    original
        Shape (K, 3), sRGB-encoded.
    offered
        Shape (P, 3), P at least 1. Each is used once where there are enough of them.

    Returns
    -------
    ndarray
        Shape (K, 3).
    """
    from scipy.optimize import linear_sum_assignment

    times = -(-len(original) // len(offered))
    pool = np.tile(offered, (times, 1))
    labs = [color.srgb_to_lab(np.asarray(part, np.float64)) for part in (original, pool)]
    distances = np.linalg.norm(labs[0][:, np.newaxis] - labs[1], axis=2)
    rows, columns = linear_sum_assignment(distances)
    matched = np.empty_like(original)
    matched[rows] = pool[columns]
    return matched


def snap_to_harmony(palette: Array, shares: Array, template: str) -> Array:
    """Return a palette with its hues pulled into a harmonic template at its best angle.

    Parameters
    ----------
    palette
        Shape (K, 3), sRGB-encoded 0 to 1.
    shares
        Shape (K,): colors count by share times saturation.
    template
        One with hues, or ``"auto"``.

    Returns
    -------
    ndarray
        Shape (K, 3); grays stay as they are, and all of a palette of grays.
    """
    from tinct.algorithms.harmonization import count_hues, split, turn_into_sectors

    row = np.ones((1, len(palette), 4), np.float32)
    row[0, :, :3] = palette
    hues = split(row, neutral=0.02)
    weight = hues.weight * (shares / (shares.sum() or 1.0)).astype(np.float32)
    histogram = count_hues(hues.hue, weight)
    if histogram.sum() <= 0:
        return palette.copy()
    shape = Shape()
    if template == "auto":
        fit = rank(histogram, shape)[0]
    else:
        fit = best_angle(histogram, template, shape)
    sectors = sectors_of(fit.template, fit.angle, shape)
    snapped, _ = turn_into_sectors(row, hues, sectors, coherence=0.0)
    return snapped[0, :, :3].astype(np.float64)
