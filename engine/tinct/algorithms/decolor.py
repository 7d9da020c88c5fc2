"""Gray as a polynomial of red, green and blue that keeps the contrast of neighboring pixels.

C. Lu, L. Xu, J. Jia, Contrast preserving decolorization, 2012. DOI 10.1109/ICCPhot.2012.6215215
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinct import color
from tinct.context import Progress, no_progress

__all__ = ["MONOMIALS", "contrast_weights", "gray_from_weights"]

Array = NDArray[Any]

MONOMIALS = (
    (1, 0, 0),
    (0, 1, 0),
    (0, 0, 1),
    (1, 1, 0),
    (1, 0, 1),
    (0, 1, 1),
    (2, 0, 0),
    (0, 2, 0),
    (0, 0, 2),
)
"""Powers of red, green and blue."""

SIGMA = 0.02
SAME_ORDER = 0.05  # all channels differ by more, in one direction: the order is not in doubt
ITERATIONS = 15
TOLERANCE = 1e-4
SIDES = 800  # rows plus columns of the picture that is looked at


def contrast_weights(image: Array, visible: Array, progress: Progress = no_progress) -> Array:
    """Return the weights of the monomials that keep contrast best.

    Each pair of neighbors should differ in gray by their distance in CIELAB, in whichever
    direction fits the others better.

    Parameters
    ----------
    image
        Shape (M, N, 3), sRGB-encoded 0 to 1.
    visible
        Shape (M, N), bool.
    progress
        Called at each iteration.

    Returns
    -------
    ndarray
        Shape (9,), for `MONOMIALS`.
    """
    small, shown = _shrink(image, visible)
    powers = _monomials(small)
    lab = color.srgb_to_lab(small)
    rows, wanted, sure = [], [], []
    for ahead, behind in (
        ((slice(1, None), slice(None)), (slice(None, -1), slice(None))),
        ((slice(None), slice(1, None)), (slice(None), slice(None, -1))),
    ):
        both = shown[ahead] & shown[behind]
        rows.append((powers[ahead] - powers[behind])[both])
        wanted.append(np.linalg.norm(lab[ahead] - lab[behind], axis=-1)[both] / 100)
        difference = (small[ahead] - small[behind])[both]
        rises = (difference > SAME_ORDER).all(axis=1)
        falls = (difference < -SAME_ORDER).all(axis=1)
        sure.append(rises.astype(np.float64) - falls)
    return _fit(np.concatenate(rows), np.concatenate(wanted), np.concatenate(sure), progress)


def _shrink(image: Array, visible: Array) -> tuple[Array, Array]:
    """Return every n-th pixel, n whole, as few as leave `SIDES` rows and columns."""
    step = max(1, -(-(image.shape[0] + image.shape[1]) // SIDES))
    return image[::step, ::step].astype(np.float64), visible[::step, ::step]


def _monomials(image: Array) -> Array:
    return np.stack(
        [
            image[..., 0] ** red * image[..., 1] ** green * image[..., 2] ** blue
            for red, green, blue in MONOMIALS
        ],
        axis=-1,
    )


def _fit(rows: Array, wanted: Array, sure: Array, progress: Progress) -> Array:
    """Raise the likelihood of differences of either sign, by expectation and least squares."""
    weights = np.array([0.33] * 3 + [0.0] * (len(MONOMIALS) - 3))
    if not len(rows):
        return weights
    solve = np.linalg.pinv(rows.T @ rows)
    for iteration in range(ITERATIONS):
        progress(iteration / ITERATIONS, "Fitting contrast")
        grays = rows @ weights
        # logarithms: far from either sign both likelihoods would round to 0
        up = -((grays - wanted) ** 2) / (2 * SIGMA**2)
        down = -((grays + wanted) ** 2) / (2 * SIGMA**2)
        peak = np.maximum(up, down)
        up = (1 + sure) / 2 * np.exp(up - peak)
        down = (1 - sure) / 2 * np.exp(down - peak)
        total = up + down
        sign = np.where(total > 0, (up - down) / np.where(total > 0, total, 1), sure)
        updated = solve @ (rows.T @ (wanted * sign))
        done = np.abs(updated - weights).max() < TOLERANCE
        weights = updated
        if done:
            break
    return weights


def gray_from_weights(colors: Array, weights: Array) -> Array:
    """Return the gray of colors, stretched to 0 to 1 over them as the authors do.

    Parameters
    ----------
    colors
        Shape (..., 3), sRGB-encoded 0 to 1.
    weights
        From `contrast_weights`.

    Returns
    -------
    ndarray
        Shape (...), sRGB-encoded; where all grays are equal, the luma.
    """
    gray = _monomials(np.asarray(colors, np.float64)) @ weights
    low, high = gray.min(), gray.max()
    if high - low < 1e-6:
        return color.luma(np.asarray(colors, np.float64))
    return np.asarray((gray - low) / (high - low))
