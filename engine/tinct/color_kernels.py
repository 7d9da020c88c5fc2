"""Compiled loops of `tinct.color`; imported on first use, because numba takes long to load."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

__all__ = ["fit_yiq", "recolor_yiq", "warm_kernels"]


PART_PIXELS = 1024  # their values stay in the processor's nearest cache


@numba.njit(cache=True, nogil=True, error_model="numpy")
def _fit_part(
    luma: NDArray[Any], chroma: NDArray[Any], rgb_from_iq: NDArray[Any], rgb: NDArray[Any]
) -> None:
    """Write the color of each luma and of as much of its chroma as fits into 0 to 1.

    Parameters
    ----------
    luma, chroma, rgb_from_iq
        See `fit_yiq`, but the chroma flat, shape (2 * N,).
    rgb
        Shape (3, N), written.
    """
    zero, one = luma.dtype.type(0), luma.dtype.type(1)
    reds, greens, blues = rgb[0], rgb[1], rgb[2]
    # without branches, so that compilers take several pixels at once
    for pixel in range(luma.size):
        y = luma[pixel]
        i = chroma[2 * pixel]
        q = chroma[2 * pixel + 1]
        red = rgb_from_iq[0, 0] * i + rgb_from_iq[0, 1] * q
        green = rgb_from_iq[1, 0] * i + rgb_from_iq[1, 1] * q
        blue = rgb_from_iq[2, 0] * i + rgb_from_iq[2, 1] * q
        above = max(red, green, blue)
        below = -min(red, green, blue)
        too_light = y + above > one
        outside = too_light | (y - below < zero)
        to_white = max(one - y, zero) / above
        to_black = max(y, zero) / below
        scale = (to_white if above > zero else zero) if too_light else one
        scale = (to_black if below > zero else zero) if below * scale > y else scale
        red, green, blue = red * scale, green * scale, blue * scale
        # a luma outside keeps its value; inside, rounding may overstep by one last place
        held = outside & (y >= zero) & (y <= one)
        reds[pixel] = y + (min(max(red, -y), one - y) if held else red)
        greens[pixel] = y + (min(max(green, -y), one - y) if held else green)
        blues[pixel] = y + (min(max(blue, -y), one - y) if held else blue)


@numba.njit(cache=True, nogil=True, error_model="numpy")
def fit_yiq(
    luma: NDArray[Any], chroma: NDArray[Any], rgb_from_iq: NDArray[Any], rgb: NDArray[Any]
) -> None:
    """Write luma plus as much of the chroma as fits into 0 to 1, see `tinct.color.fit_chroma_yiq`.

    Parameters
    ----------
    luma, chroma
        Shapes (N,) and (N, 2), one float type.
    rgb_from_iq
        Shape (3, 2), the chroma columns of the matrix from YIQ to RGB.
    rgb
        Shape (N, 3), written.
    """
    fitted = np.empty((3, PART_PIXELS), luma.dtype)
    for first in range(0, luma.size, PART_PIXELS):
        y = luma[first : first + PART_PIXELS]
        part = rgb[first : first + PART_PIXELS]
        _fit_part(y, chroma[first : first + y.size].reshape(-1), rgb_from_iq, fitted)
        for pixel in range(y.size):
            for channel in range(3):
                part[pixel, channel] = fitted[channel, pixel]


@numba.njit(cache=True, nogil=True, error_model="numpy")
def recolor_yiq(
    colors: NDArray[Any], chroma: NDArray[Any], weights: NDArray[Any], rgb_from_iq: NDArray[Any]
) -> None:
    """Replace the chroma of colors, see `tinct.color.recolor_yiq`.

    Parameters
    ----------
    colors
        Shape (N, C), the first three changed.
    chroma, rgb_from_iq
        See `fit_yiq`; all of one float type.
    weights
        Of red, green and blue in luma.
    """
    luma = np.empty(PART_PIXELS, colors.dtype)
    fitted = np.empty((3, PART_PIXELS), colors.dtype)
    for first in range(0, len(colors), PART_PIXELS):
        part = colors[first : first + PART_PIXELS]
        y = luma[: len(part)]
        for pixel in range(y.size):
            red, green, blue = part[pixel, 0], part[pixel, 1], part[pixel, 2]
            y[pixel] = green + (red - green) * weights[0] + (blue - green) * weights[2]
        _fit_part(y, chroma[first : first + y.size].reshape(-1), rgb_from_iq, fitted)
        for pixel in range(y.size):
            for channel in range(3):
                part[pixel, channel] = fitted[channel, pixel]


def warm_kernels() -> None:
    """Compile for both float types."""
    for dtype in (np.float32, np.float64):
        fit_yiq(
            np.zeros(1, dtype),
            np.zeros((1, 2), dtype),
            np.zeros((3, 2), dtype),
            np.zeros((1, 3), dtype),
        )
        recolor_yiq(
            np.zeros((1, 4), dtype),
            np.zeros((1, 2), dtype),
            np.zeros(3, dtype),
            np.zeros((3, 2), dtype),
        )
