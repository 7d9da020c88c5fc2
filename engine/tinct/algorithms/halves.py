"""Float32 numbers in half the memory, for what need not be exact: three kinds, all kept as uint16.

`pack_shares` is for numbers from 0 to 1, to 1 / 131070; `pack_floats` for any, to a part in 256:
the upper half of their bits (bfloat16); `pack_links` for numbers from 0 to 2, to a part in 2048,
down to 1e-19: six bits of exponent, ten of the fraction. Compiled code reads them, and float32
numbers in their place, by `share`, `number` and `link`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import njit, types
from numba.extending import overload
from numpy.typing import NDArray

from tinct.algorithms.blocks import run_blocks

__all__ = [
    "Halves",
    "dithered",
    "link",
    "number",
    "pack_floats",
    "pack_links",
    "pack_shares",
    "share",
    "unpack_links",
]

Halves = NDArray[np.uint16]

_WHOLE = np.float32(65535.0)
_STEP = np.float32(1.0 / 65535.0)
# Links' bits are those of a float32 number, without sign, two bits of exponent and what rounding
# drops; it is this much smaller so that the bits that are left out are 0.
_LINK_SCALE = np.float32(2.0**64)
_LINK_SHRUNK = np.float32(2.0**-64)
_LINK_SHIFT = np.uint32(13)
_LINK_DROPPED = np.uint32(0x1FFF)
_LINK_SMALLEST = np.uint32(1 << 10)  # smaller ones have lost digits, and are slow to compute with
_PIXELS_PER_NUMBER = 0.1  # what packing takes, to judge a second thread


def share(stored: Any) -> Any:
    """Return what an element of `pack_shares` stands for; compiled code only."""
    raise NotImplementedError


def number(stored: Any) -> Any:
    """Return what an element of `pack_floats` stands for; compiled code only."""
    raise NotImplementedError


def link(stored: Any) -> Any:
    """Return what an element of `pack_links` stands for; compiled code only."""
    raise NotImplementedError


def _itself(stored: Any) -> Any:
    return stored


@overload(share)
def _share(stored: Any) -> Callable[[Any], Any]:
    def widened(stored: Any) -> Any:
        return np.float32(stored) * _STEP

    return widened if isinstance(stored, types.Integer) else _itself


@overload(number)
def _number(stored: Any) -> Callable[[Any], Any]:
    def widened(stored: Any) -> Any:
        return np.uint32(np.uint32(stored) << np.uint32(16)).view(np.float32)

    return widened if isinstance(stored, types.Integer) else _itself


@overload(link)
def _link(stored: Any) -> Callable[[Any], Any]:
    def widened(stored: Any) -> Any:
        return np.uint32(np.uint32(stored) << _LINK_SHIFT).view(np.float32) * _LINK_SCALE

    return widened if isinstance(stored, types.Integer) else _itself


@njit(inline="always")
def dithered(value: Any, row: int, column: int) -> Any:
    """Return a link of the pixel at (row, column) as `pack_links` does, up or down by chance.

    Over many pixels nothing is lost, where rounding to the nearest would let all walks across a
    smooth gradient drift the same way. Chance depends on the place alone.
    """
    x = np.uint32(np.uint32(row) * np.uint32(0x9E3779B1)) ^ np.uint32(
        np.uint32(column) * np.uint32(0x85EBCA77)
    )
    x = np.uint32((x ^ (x >> np.uint32(15))) * np.uint32(0x2C1B3C6D))
    x = (x ^ (x >> np.uint32(12))) & _LINK_DROPPED
    bits = np.float32(value * _LINK_SHRUNK).view(np.uint32)
    code = np.uint32(bits + x) >> _LINK_SHIFT
    return np.uint16(code if code >= _LINK_SMALLEST else np.uint32(0))


@njit(nogil=True, cache=True, error_model="numpy")
def _pack_links(start: int, stop: int, values: Any, out: Any) -> None:
    source, target = values[start:stop], out[start:stop]
    for i in range(target.size):
        bits = np.float32(source[i] * _LINK_SHRUNK).view(np.uint32)
        odd = (bits >> _LINK_SHIFT) & np.uint32(1)
        code = np.uint32(bits + (_LINK_DROPPED >> np.uint32(1)) + odd) >> _LINK_SHIFT
        target[i] = np.uint16(code if code >= _LINK_SMALLEST else np.uint32(0))


@njit(nogil=True, cache=True, error_model="numpy")
def _pack_shares(start: int, stop: int, values: Any, out: Any) -> None:
    source, target = values[start:stop], out[start:stop]
    for i in range(target.size):
        target[i] = np.uint16(np.int32(source[i] * _WHOLE + np.float32(0.5)))


@njit(nogil=True, cache=True, error_model="numpy")
def _pack_floats(start: int, stop: int, bits: Any, out: Any) -> None:
    source, target = bits[start:stop], out[start:stop]
    for i in range(target.size):
        odd = (source[i] >> np.uint32(16)) & np.uint32(1)  # half a step goes to the even neighbor
        target[i] = np.uint16((source[i] + np.uint32(0x7FFF) + odd) >> np.uint32(16))


def pack_shares(values: NDArray[np.float32]) -> Halves:
    """Return numbers of 0 to 1, C-contiguous, as the nearest halves, in the same shape."""
    return _packed(_pack_shares, values.reshape(-1), values.shape)


def pack_floats(values: NDArray[np.float32]) -> Halves:
    """Return finite numbers, C-contiguous, as the nearest halves, in the same shape."""
    return _packed(_pack_floats, values.reshape(-1).view(np.uint32), values.shape)


def pack_links(values: NDArray[np.float32]) -> Halves:
    """Return numbers of 0 to below 2, C-contiguous, as the nearest halves, in the same shape."""
    return _packed(_pack_links, values.reshape(-1), values.shape)


def unpack_links(stored: Halves) -> NDArray[np.float32]:
    """Return what the elements of `pack_links` stand for."""
    values: NDArray[np.float32] = (stored.astype(np.uint32) << _LINK_SHIFT).view(np.float32)
    values *= _LINK_SCALE
    return values


def _packed(kernel: Callable[..., object], flat: NDArray[Any], shape: tuple[int, ...]) -> Halves:
    out = np.empty(flat.size, np.uint16)
    run_blocks(kernel, flat.size, flat, out, pixels=int(_PIXELS_PER_NUMBER * flat.size))
    return out.reshape(shape)
