"""Float32 numbers in half the memory, for what need not be exact: two kinds, both kept as uint16.

`pack_shares` is for numbers from 0 to 1, to 1 / 131070; `pack_floats` for any, to a part in 256:
the upper half of their bits (bfloat16). Compiled code reads them, and float32 numbers in their
place, by `share` and `number`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import njit, types
from numba.extending import overload
from numpy.typing import NDArray

from tinct.algorithms.blocks import run_blocks

__all__ = ["Halves", "number", "pack_floats", "pack_shares", "share"]

Halves = NDArray[np.uint16]

_WHOLE = np.float32(65535.0)
_STEP = np.float32(1.0 / 65535.0)
_PIXELS_PER_NUMBER = 0.1  # what packing takes, to judge a second thread


def share(stored: Any) -> Any:
    """Return what an element of `pack_shares` stands for; compiled code only."""
    raise NotImplementedError


def number(stored: Any) -> Any:
    """Return what an element of `pack_floats` stands for; compiled code only."""
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


@njit(nogil=True, cache=True, error_model="numpy")
def _pack_shares(start: int, stop: int, values: Any, out: Any) -> None:
    for i in range(start, stop):
        out[i] = np.uint16(np.int32(values[i] * _WHOLE + np.float32(0.5)))


@njit(nogil=True, cache=True, error_model="numpy")
def _pack_floats(start: int, stop: int, bits: Any, out: Any) -> None:
    for i in range(start, stop):
        odd = (bits[i] >> np.uint32(16)) & np.uint32(1)  # half a step goes to the even neighbor
        out[i] = np.uint16((bits[i] + np.uint32(0x7FFF) + odd) >> np.uint32(16))


def pack_shares(values: NDArray[np.float32]) -> Halves:
    """Return numbers of 0 to 1, C-contiguous, as the nearest halves, in the same shape."""
    return _packed(_pack_shares, values.reshape(-1), values.shape)


def pack_floats(values: NDArray[np.float32]) -> Halves:
    """Return finite numbers, C-contiguous, as the nearest halves, in the same shape."""
    return _packed(_pack_floats, values.reshape(-1).view(np.uint32), values.shape)


def _packed(kernel: Callable[..., object], flat: NDArray[Any], shape: tuple[int, ...]) -> Halves:
    out = np.empty(flat.size, np.uint16)
    run_blocks(kernel, flat.size, flat, out, pixels=int(_PIXELS_PER_NUMBER * flat.size))
    return out.reshape(shape)
