"""Compiled loops of `tinct.color`; imported on first use, because numba takes long to load."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

__all__ = ["fit_yiq", "warm_kernels"]


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
    zero = luma.dtype.type(0)
    one = luma.dtype.type(1)
    for pixel in range(luma.size):
        y = luma[pixel]
        i = chroma[pixel, 0]
        q = chroma[pixel, 1]
        red = rgb_from_iq[0, 0] * i + rgb_from_iq[0, 1] * q
        green = rgb_from_iq[1, 0] * i + rgb_from_iq[1, 1] * q
        blue = rgb_from_iq[2, 0] * i + rgb_from_iq[2, 1] * q
        above = max(red, green, blue)
        below = -min(red, green, blue)
        if y + above > one or y - below < zero:
            scale = one
            if y + above > one:
                scale = max(one - y, zero) / above if above > zero else zero
            if below * scale > y:
                scale = max(y, zero) / below if below > zero else zero
            red *= scale
            green *= scale
            blue *= scale
            # a luma outside keeps its value; inside, rounding may overstep by one last place
            if zero <= y <= one:
                red = min(max(red, -y), one - y)
                green = min(max(green, -y), one - y)
                blue = min(max(blue, -y), one - y)
        rgb[pixel, 0] = y + red
        rgb[pixel, 1] = y + green
        rgb[pixel, 2] = y + blue


def warm_kernels() -> None:
    """Compile for both float types."""
    for dtype in (np.float32, np.float64):
        fit_yiq(
            np.zeros(1, dtype),
            np.zeros((1, 2), dtype),
            np.zeros((3, 2), dtype),
            np.zeros((1, 3), dtype),
        )
