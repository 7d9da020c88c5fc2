"""What stored numbers stand for: blocks of pixels to float32 values and back, compiled or not.

The only place that knows what stands for white in a type. `tinct.pixels` is for all others.
"""

from __future__ import annotations

import functools
import importlib
import sys
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinct import color
from tinct.declare import FloatArray, PixelKind
from tinct.picture import CHANNEL_PLACES, COLOR_CHANNELS, GRAY_LAYOUTS, Picture, has_alpha
from tinct_client import protocol

__all__ = [
    "compiled_for",
    "guide_block",
    "least_at",
    "read_block",
    "round_to",
    "together",
    "white_of",
    "write_block",
]


def compiled_for(dtype: np.dtype[Any]) -> Any:
    """Return `tinct.pixel_kernels` for whole numbers, where numba is loaded; None otherwise.

    Both ways give the same to the last bit. To load numba for it would take longer than most
    pictures; the worker does it while there is nothing else to do.
    """
    if dtype.kind != "u" or "numba" not in sys.modules:
        return None
    return importlib.import_module("tinct.pixel_kernels")


def white_of(dtype: np.dtype[Any]) -> int:
    """Return the number that stands for white, and for opaque."""
    return int(np.iinfo(dtype).max) if dtype.kind == "u" else 1


@functools.cache
def _table(dtype: np.dtype[Any], space: str) -> FloatArray:
    """Return the sRGB-encoded value of every whole number."""
    white = white_of(dtype)
    numbers = np.arange(white + 1)
    if space == "linear":
        return _frozen(color.linear_to_srgb(numbers / white).astype(np.float32))
    return _frozen(numbers.astype(np.float32) / np.float32(white))


def _color_table(picture: Picture) -> FloatArray:
    return _table(picture.pixels.dtype, "srgb" if picture.layout == "mask" else picture.space)


@functools.cache
def least_at(value: float, dtype: np.dtype[Any]) -> Any:
    """Return the least stored number that stands for this value or more."""
    if dtype.kind != "u":
        return dtype.type(value)
    return dtype.type(np.searchsorted(_table(dtype, "srgb"), np.float32(value)))


@functools.cache
def _luma_weights() -> FloatArray:
    return _frozen(color.LUMA_WEIGHTS.astype(np.float32))


@functools.cache
def _places(layout: str, alpha: bool = True) -> NDArray[np.intp]:
    """Return where kernels find red, green, blue and alpha."""
    places = CHANNEL_PLACES[layout]
    return _frozen(np.array([*places[:3], places[3] if alpha else -1], np.intp))


@functools.cache
def _sources(kind: PixelKind, layout: str) -> NDArray[np.intp]:
    """Return which channel of such values goes into each of a layout's; -1 where it is white."""
    places = CHANNEL_PLACES[layout]
    sources = np.full(protocol.LAYOUT_CHANNELS[layout], -1, np.intp)
    sources[list(places[:3])] = [0, 1, 2] if kind in ("rgb", "rgba") else 0
    if kind == "rgba" and has_alpha(layout):
        sources[places[3]] = 3
    return _frozen(sources)


def _frozen(array: NDArray[Any]) -> NDArray[Any]:
    """Return a view that cannot be written: kernels are compiled for these alone."""
    view = array.view()
    view.setflags(write=False)
    return view


def together(pixels: NDArray[Any]) -> NDArray[Any]:
    """Return pixels as kernels take them, shape (P, C)."""
    return _frozen(np.ascontiguousarray(pixels).reshape(-1, pixels.shape[2]))


def read_block(picture: Picture, kind: PixelKind, values: FloatArray) -> None:
    """Fill one block of what `pixels.read` returns, shape (M, N, C)."""
    kernels = compiled_for(picture.pixels.dtype)
    if kernels is None:
        _read_plainly(picture, kind, values)
        return
    stored = together(picture.pixels)
    tables = _color_table(picture), _table(stored.dtype, "srgb")
    if kind in ("rgb", "rgba"):
        flat = values.reshape(-1, values.shape[2])
        kernels.decode(stored, _places(picture.layout), *tables, flat)
    else:
        places = _places(picture.layout, kind == "mask")
        kernels.decode_gray(stored, places, *tables, _luma_weights(), values.reshape(-1))


def guide_block(picture: Picture, luma: FloatArray, visible: NDArray[np.bool_]) -> None:
    """Fill one block of what `Rows.luma` returns, shape (M, N)."""
    kernels = compiled_for(picture.pixels.dtype)
    if kernels is None:
        values = np.empty((*picture.size, 4), np.float32)
        read_block(picture, "rgba", values)
        if not np.isfinite(values).all():
            np.nan_to_num(values, copy=False, nan=0.0, posinf=1.0, neginf=0.0)
        np.clip(color.luma(values[..., :3]), 0.0, 1.0, out=luma)
        np.greater(values[..., 3], 0.0, out=visible)
        return
    stored, places = together(picture.pixels), _places(picture.layout)
    flat = luma.reshape(-1), visible.reshape(-1)
    kernels.decode_guide(stored, places, _color_table(picture), _luma_weights(), *flat)


def write_block(values: FloatArray, kind: PixelKind, stored: Picture) -> None:
    """Fill one block of what `pixels.write` returns, from values of shape (M, N, C)."""
    kernels = compiled_for(stored.pixels.dtype)
    if kernels is None:
        _write_plainly(values, kind, stored)
        return
    values = np.ascontiguousarray(values, np.float32)
    if stored.space == "linear":
        colors = color.srgb_to_linear(values[..., :3])
        values = np.concatenate([colors, values[..., 3:]], axis=2)
    kernels.encode(
        together(values),
        _sources(kind, stored.layout),
        np.float32(white_of(stored.pixels.dtype)),
        stored.pixels.reshape(-1, stored.pixels.shape[2]),
    )


def _read_plainly(picture: Picture, kind: PixelKind, values: FloatArray) -> None:
    """Do what `read_block` does, of any type and without kernels."""
    stored, layout = _to_rgba_order(picture.pixels, picture.layout)
    if layout == kind:
        _decode(stored, layout, picture.space, values)
        return
    decoded = np.empty(stored.shape, np.float32)
    _decode(stored, layout, picture.space, decoded)
    _pick(decoded, layout, kind, values)


def _write_plainly(values: FloatArray, kind: PixelKind, stored: Picture) -> None:
    """Do what `write_block` does, of any type and without kernels."""
    pixels, layout = stored.pixels, stored.layout
    arranged = np.empty(pixels.shape, np.float32)
    # bgra is stored as rgba first, because swapping integers is faster
    order = "rgba" if layout == "bgra" else layout
    if order == kind:
        arranged[...] = values
    else:
        arranged[..., COLOR_CHANNELS[order]] = values[..., :3]
        if has_alpha(order):
            arranged[..., -1] = values[..., 3] if kind == "rgba" else 1
    _encode(arranged, order, stored.space, pixels)
    if order != layout:
        pixels[...] = _swap_red_and_blue(pixels)


def _decode(stored: NDArray[Any], layout: str, space: str, values: FloatArray) -> None:
    """Fill in stored numbers as sRGB-encoded values, channels in their order."""
    white = white_of(stored.dtype)
    if white == 1:
        values[...] = stored
    else:
        np.divide(stored, np.float32(white), out=values, dtype=np.float32)
    if space == "linear" and layout != "mask":
        colors = slice(0, -1) if has_alpha(layout) else slice(None)
        if white == 1:
            values[..., colors] = color.linear_to_srgb(values[..., colors])
        else:
            values[..., colors] = _table(stored.dtype, space)[stored[..., colors]]


def _encode(values: FloatArray, layout: str, space: str, pixels: NDArray[Any]) -> None:
    """Store sRGB-encoded values, which are overwritten: the inverse of `_decode`."""
    if space == "linear":
        colors = slice(0, -1) if has_alpha(layout) else slice(None)
        values[..., colors] = color.srgb_to_linear(values[..., colors])
    white = white_of(pixels.dtype)
    if white > 1:
        np.multiply(values, white, out=values)
        np.rint(values, out=values)
        np.fmax(values, 0, out=values)
        np.minimum(values, white, out=values)
    np.copyto(pixels, values, casting="unsafe")


def _to_rgba_order(stored: NDArray[Any], layout: str) -> tuple[NDArray[Any], str]:
    if layout != "bgra":
        return stored, layout
    return _swap_red_and_blue(stored), "rgba"


def _swap_red_and_blue(stored: NDArray[Any]) -> NDArray[Any]:
    """Return bgra pixels as rgba or the other way round, in new memory."""
    if stored.dtype.itemsize > 2 or sys.byteorder == "big":
        return np.asarray(stored[..., [2, 1, 0, 3]])
    # a pixel as one number: three times as fast as channel by channel
    bits = 8 * stored.dtype.itemsize
    low = (1 << bits) - 1
    pixel = np.ascontiguousarray(stored).view(f"u{4 * stored.dtype.itemsize}")
    swapped = pixel & (low << bits | low << 3 * bits)
    swapped |= (pixel & low) << 2 * bits
    swapped |= (pixel >> 2 * bits) & low
    return np.asarray(swapped.view(stored.dtype))


def _pick(stored: FloatArray, layout: str, kind: PixelKind, values: FloatArray) -> None:
    """Fill one block of what `read` returns."""
    colors = stored[..., COLOR_CHANNELS[layout]]
    if kind in ("rgb", "rgba"):
        values[..., :3] = colors
        if kind == "rgba":
            values[..., 3] = stored[..., -1] if has_alpha(layout) else 1
        return
    values[..., 0] = colors[..., 0] if layout in GRAY_LAYOUTS else color.luma(colors)
    if kind == "mask" and has_alpha(layout):
        values[..., 0] *= stored[..., -1]


def round_to(numbers: FloatArray, dtype: np.dtype[Any]) -> NDArray[Any]:
    """Return stored numbers in a type: for integers the nearest, half to even, clipped."""
    if dtype.kind == "u":
        numbers = np.minimum(np.fmax(np.rint(numbers), 0), white_of(dtype))
    return numbers.astype(dtype)
