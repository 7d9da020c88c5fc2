"""How much contrast of the colors a gray picture keeps: CCPR, CCFR and E-score.

C. Lu, L. Xu, J. Jia, Contrast preserving decolorization with perception-based quality metrics,
2014. DOI 10.1007/s11263-014-0732-6
"""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["THRESHOLDS", "Pairs", "Scores", "contrast_scores", "draw_pairs"]

Array = NDArray[Any]
THRESHOLDS = tuple(range(1, 16))


@dataclasses.dataclass(frozen=True)
class Pairs:
    """Pairs of pixels: indices into the flat picture, shapes (K,)."""

    first: Array
    second: Array


@dataclasses.dataclass(frozen=True)
class Scores:
    """Means over the thresholds, each 0 to 1.

    Parameters
    ----------
    ccpr
        Of the pairs whose colors differ visibly, the share whose grays do.
    ccfr
        Of the pairs whose grays differ, the share whose colors do.
    e_score
        The harmonic mean of both, threshold by threshold.
    """

    ccpr: float
    ccfr: float
    e_score: float


def draw_pairs(rows: int, columns: int, count: int, seed: int) -> Pairs:
    """Return pairs of pixels, half of them neighbors and half anywhere, the same for a seed."""
    rng = np.random.default_rng(seed)
    size = rows * columns
    first = rng.integers(0, size, count)
    second = rng.integers(0, size, count)
    near = count // 2
    row, column = np.divmod(first[:near], columns)
    down = rng.random(near) < 0.5
    row = np.minimum(row + down, rows - 1)
    column = np.minimum(column + ~down, columns - 1)
    second[:near] = row * columns + column
    return Pairs(first, second)


def contrast_scores(
    lab: Array, lightness: Array, pairs: Pairs, thresholds: tuple[int, ...] = THRESHOLDS
) -> Scores:
    """Score a gray picture against its colors.

    Parameters
    ----------
    lab
        Colors, shape (P, 3), CIELAB.
    lightness
        Grays, shape (P,), CIELAB L.
    pairs
        From `draw_pairs`.
    thresholds
        Differences that are just visible, in units of CIELAB.
    """
    colors = np.linalg.norm(lab[pairs.first] - lab[pairs.second], axis=1)
    grays = np.abs(lightness[pairs.first] - lightness[pairs.second])
    found = np.array([_at(colors, grays, threshold) for threshold in thresholds])
    return Scores(*(float(mean) for mean in found.mean(axis=0)))


def _at(colors: Array, grays: Array, threshold: float) -> tuple[float, float, float]:
    visible = colors >= threshold
    shown = grays > threshold
    kept = int(np.count_nonzero(visible & (grays >= threshold)))
    invented = int(np.count_nonzero(shown & (colors <= threshold)))
    ccpr = kept / int(np.count_nonzero(visible)) if visible.any() else 1.0
    ccfr = 1 - invented / int(np.count_nonzero(shown)) if shown.any() else 1.0
    return ccpr, ccfr, 2 * ccpr * ccfr / (ccpr + ccfr) if ccpr + ccfr > 0 else 0.0
