"""Compiled loops of `tinct.pixel_numbers`, over pixels whose numbers are whole; see `compiled_for`.

Stored pixels have shape (P, C) and lie together; `places` says which of their channels are red,
green, blue (one and the same in a gray layout) and alpha, -1 for none. What a number stands for
comes in tables, so that these loops know nothing of types and spaces.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

__all__ = ["decode", "decode_gray", "decode_guide", "encode", "warm_kernels"]

ENCODED_PIXELS = 2048  # their numbers stay in the processor's nearest cache until they are placed


@numba.njit(cache=True, nogil=True, error_model="numpy")
def decode(
    stored: NDArray[Any],
    places: NDArray[np.intp],
    colors: NDArray[np.float32],
    alphas: NDArray[np.float32],
    values: NDArray[np.float32],
) -> None:
    """Write red, green, blue and, where there is room for it, alpha.

    Parameters
    ----------
    stored, places
        See above; uint8 or uint16.
    colors, alphas
        What each number stands for.
    values
        Shape (P, 3) or (P, 4), written; pixels without alpha are opaque.
    """
    for channel in range(values.shape[1]):
        place = places[channel]
        written = values[:, channel]
        if place < 0:
            written[:] = np.float32(1.0)
            continue
        numbers = stored[:, place]
        table = colors if channel < 3 else alphas
        for pixel in range(numbers.size):
            written[pixel] = table[numbers[pixel]]


@numba.njit(cache=True, nogil=True, error_model="numpy")
def _luma(red: Any, green: Any, blue: Any, weights: NDArray[np.float32]) -> Any:
    """Return what `tinct.color.luma` gives, to the last bit."""
    return green + (red - green) * weights[0] + (blue - green) * weights[2]


@numba.njit(cache=True, nogil=True, error_model="numpy")
def decode_gray(
    stored: NDArray[Any],
    places: NDArray[np.intp],
    colors: NDArray[np.float32],
    alphas: NDArray[np.float32],
    weights: NDArray[np.float32],
    gray: NDArray[np.float32],
) -> None:
    """Write luma, times alpha where `places` names one.

    Parameters
    ----------
    stored, places, colors, alphas
        See `decode`.
    weights
        Of red, green and blue.
    gray
        Shape (P,), written.
    """
    red, green, blue = stored[:, places[0]], stored[:, places[1]], stored[:, places[2]]
    for pixel in range(gray.size):
        gray[pixel] = _luma(colors[red[pixel]], colors[green[pixel]], colors[blue[pixel]], weights)
    if places[3] >= 0:
        alpha = stored[:, places[3]]
        for pixel in range(gray.size):
            gray[pixel] *= alphas[alpha[pixel]]


@numba.njit(cache=True, nogil=True, error_model="numpy")
def decode_guide(
    stored: NDArray[Any],
    places: NDArray[np.intp],
    colors: NDArray[np.float32],
    weights: NDArray[np.float32],
    luma: NDArray[np.float32],
    visible: NDArray[np.bool_],
) -> None:
    """Write luma, 0 to 1, and where alpha is more than nothing.

    Parameters
    ----------
    stored, places, colors, weights
        See `decode_gray`.
    luma, visible
        Shape (P,), written.
    """
    red, green, blue = stored[:, places[0]], stored[:, places[1]], stored[:, places[2]]
    zero, one = np.float32(0.0), np.float32(1.0)
    for pixel in range(luma.size):
        y = _luma(colors[red[pixel]], colors[green[pixel]], colors[blue[pixel]], weights)
        luma[pixel] = min(max(y, zero), one)
    if places[3] < 0:
        visible[:] = True
    else:
        alpha = stored[:, places[3]]
        for pixel in range(visible.size):
            visible[pixel] = alpha[pixel] > 0


@numba.njit(cache=True, nogil=True, error_model="numpy")
def encode(
    values: NDArray[np.float32],
    sources: NDArray[np.intp],
    white: np.float32,
    stored: NDArray[Any],
) -> None:
    """Store values as the nearest whole numbers, half to even, clipped; NaN is 0.

    Parameters
    ----------
    values
        Shape (P, S), black 0 to white 1.
    sources
        Shape (C,): which channel of the values goes into each of what is stored; -1 stands for
        white.
    white
        Its number.
    stored
        Shape (P, C), written; uint8 or uint16.
    """
    channels = values.shape[1]
    flat = values.reshape(-1)
    numbers = np.empty(ENCODED_PIXELS * channels, stored.dtype)
    zero = np.float32(0.0)
    for first in range(0, len(values), ENCODED_PIXELS):
        part = flat[first * channels : (first + ENCODED_PIXELS) * channels]
        for place in range(part.size):
            number = np.rint(part[place] * white)
            number = number if number > zero else zero
            numbers[place] = np.int32(number if number < white else white)
        target = stored[first : first + ENCODED_PIXELS]
        for channel in range(stored.shape[1]):
            written = target[:, channel]
            if sources[channel] < 0:
                written[:] = np.int32(white)
                continue
            source = numbers[sources[channel] :: channels]
            for pixel in range(written.size):
                written[pixel] = source[pixel]


def warm_kernels() -> None:
    """Compile for both types of whole numbers."""
    places, weights = np.array([2, 1, 0, 3]), np.zeros(3, np.float32)
    for dtype in (np.uint8, np.uint16):
        pixels, written = np.zeros((1, 4), dtype), np.zeros((1, 4), dtype)
        values, table = np.zeros((1, 4), np.float32), np.zeros(1, np.float32)
        for frozen in (pixels, values, table, weights, places):
            frozen.setflags(write=False)  # as `pixel_numbers` hands them over
        decode(pixels, places, table, table, np.zeros((1, 4), np.float32))
        decode_gray(pixels, places, table, table, weights, np.zeros(1, np.float32))
        visible = np.zeros(1, np.bool_)
        decode_guide(pixels, places, table, weights, np.zeros(1, np.float32), visible)
        encode(values, places, np.float32(1.0), written)
