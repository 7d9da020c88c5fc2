"""Pictures as editors and files hold them, to and from the float32 arrays operations work on.

The only place that knows what stands for white in a type. Alpha is straight everywhere.
"""

from __future__ import annotations

import dataclasses
import functools
import sys
from collections.abc import Iterator
from typing import Any, Protocol, get_args

import numpy as np
from numpy.typing import NDArray

from tinct import color
from tinct.declare import FloatArray, PixelKind, Strokes
from tinct.errors import InputError
from tinct_client import protocol

__all__ = [
    "Picture",
    "clean",
    "has_alpha",
    "layout_for",
    "read",
    "read_strokes",
    "round_to",
    "row_blocks",
    "to_layout",
    "write",
]

STROKE_ALPHA = 0.5
BLOCK_PIXELS = 1 << 14  # a block's intermediate values stay in the processor's cache
COLOR_CHANNELS = {
    "rgba": slice(0, 3),
    "bgra": slice(2, None, -1),
    "rgb": slice(0, 3),
    "gray": slice(0, 1),
    "graya": slice(0, 1),
    "mask": slice(0, 1),
}
ALPHA_LAYOUTS = ("rgba", "bgra", "graya")
GRAY_LAYOUTS = ("gray", "graya", "mask")
KIND_CHANNELS = {"gray": 1, "rgb": 3, "rgba": 4, "mask": 1}


class ByRows(Protocol):
    """What gives its rows like an array of shape (M, N, C) or (M, N)."""

    @property
    def shape(self) -> tuple[int, ...]:
        """As the array's."""

    def __getitem__(self, rows: slice, /) -> FloatArray:
        """Return some of its rows."""


@dataclasses.dataclass(frozen=True, eq=False)
class Picture:
    """Pixels with the names of what their numbers mean.

    Parameters
    ----------
    pixels
        Shape (M, N, C), uint8 or uint16 (black 0 to white at the largest number) or float16 or
        float32 (black 0 to white 1, beyond allowed). Any strides; may be read-only or mapped.
    layout
        A key of `protocol.LAYOUT_CHANNELS`, which gives C.
    space
        ``"srgb"`` for sRGB-encoded numbers, ``"linear"`` for light. Alpha and masks have no space.

    Raises
    ------
    ValueError
        When the three do not fit together.
    """

    pixels: NDArray[Any]
    layout: str = "rgba"
    space: str = "srgb"

    def __post_init__(self) -> None:
        if self.layout not in protocol.LAYOUT_CHANNELS:
            raise ValueError(f"layout is {self.layout!r}; it may be {_words(_LAYOUTS)}")
        if self.space not in protocol.SPACES:
            raise ValueError(f"space is {self.space!r}; it may be {_words(protocol.SPACES)}")
        if self.pixels.dtype.name not in _DTYPES or not self.pixels.dtype.isnative:
            raise ValueError(
                f"pixels are {self.pixels.dtype}; they may be native {_words(_DTYPES)}"
            )
        channels = protocol.LAYOUT_CHANNELS[self.layout]
        if self.pixels.ndim != 3 or self.pixels.shape[2] != channels:
            raise ValueError(
                f"layout {self.layout} has shape (rows, columns, {channels}), got "
                f"{self.pixels.shape}"
            )

    @property
    def size(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.pixels.shape[0], self.pixels.shape[1]


_LAYOUTS = tuple(protocol.LAYOUT_CHANNELS)
_DTYPES = tuple(protocol.DTYPE_BYTES)


def has_alpha(layout: str) -> bool:
    """Say whether the last channel of a layout is alpha."""
    return layout in ALPHA_LAYOUTS


def read(picture: Picture, kind: PixelKind) -> FloatArray:
    """Return a picture's values as operations take them.

    Parameters
    ----------
    picture
        Not changed.
    kind
        - ``rgba``: a picture without alpha is opaque.
        - ``rgb``: alpha is left out.
        - ``gray``: Y of YIQ of the sRGB-encoded values; alpha is left out.
        - ``mask``: the number itself from layout mask; from others ``gray``, times alpha where
          there is one, so that black or transparent is outside.

    Returns
    -------
    ndarray
        float32, sRGB-encoded, black 0 to white 1; shape (M, N, C), or (M, N) for a mask. Floats
        beyond 0 to 1, NaN and infinity come through: see `clean`.
    """
    if kind not in get_args(PixelKind):
        raise ValueError(f"kind is {kind!r}; it may be {_words(KIND_CHANNELS)}")
    rows, columns = picture.size
    values = np.empty((rows, columns, KIND_CHANNELS[kind]), np.float32)
    with np.errstate(invalid="ignore", over="ignore"):
        for block in row_blocks(rows, columns):
            stored, layout = _to_rgba_order(picture.pixels[block], picture.layout)
            if layout == kind:
                _decode(stored, layout, picture.space, values[block])
            else:
                decoded = np.empty(stored.shape, np.float32)
                _decode(stored, layout, picture.space, decoded)
                _pick(decoded, layout, kind, values[block])
    return values[..., 0] if kind == "mask" else values


def read_strokes(picture: Picture) -> tuple[Strokes, int]:
    """Return the painted pixels of a layer with alpha.

    Parameters
    ----------
    picture
        Not changed.

    Returns
    -------
    Strokes, int
        Finite colors, 0 to 1; and how many painted pixels were left out because they are not.

    Raises
    ------
    InputError
        When the picture has no alpha: everything would count as painted.
    """
    if not has_alpha(picture.layout):
        raise InputError(
            "The strokes have no transparency, so everything would be one stroke; paint them on "
            "a transparent layer or picture."
        )
    mask = np.empty(picture.size, np.bool_)
    colors = [np.empty((0, 3), np.float32)]
    left_out = 0
    for block in row_blocks(*picture.size):
        values = read(Picture(picture.pixels[block], picture.layout, picture.space), "rgba")
        painted = values[..., 3] >= STROKE_ALPHA
        broken = painted & ~np.isfinite(values).all(axis=2)
        left_out += int(np.count_nonzero(broken))
        mask[block] = painted & ~broken
        colors.append(np.clip(values[mask[block]][:, :3], 0, 1))
    return Strokes(mask, np.concatenate(colors)), left_out


def layout_for(kind: PixelKind, layout: str) -> str:
    """Return the layout `write` gives values of this kind when it imitates `layout`.

    A picture keeps its layout, except that gray widens for color and a mask stays a mask.
    """
    if kind == "mask":
        return "mask"
    if kind == "gray":
        return "gray" if layout == "mask" else layout
    return {"gray": "rgb", "graya": "rgba", "mask": kind}.get(layout, layout)


def write(values: ByRows, like: Picture, *, kind: PixelKind, layout: str | None = None) -> Picture:
    """Return values as a picture in the type and space of another.

    Parameters
    ----------
    values
        sRGB-encoded, black 0 to white 1; shape (M, N, C) as `kind` says, (M, N) for a mask. An
        array, or anything that gives rows alike.
    like
        Gives type, space and layout, see `layout_for`. Its size does not matter.
    kind
        What `values` are. Where the layout has alpha and they have none, they are opaque; where
        it has none, theirs is left out.
    layout
        Another layout than `layout_for` gives; color does not go into a gray one.

    Returns
    -------
    Picture
        Integers are the nearest ones, half to even, clipped to the type; NaN is black there.
        Floats stay as they are, beyond 0 to 1 too.
    """
    shape = (*values.shape, 1) if kind == "mask" and len(values.shape) == 2 else values.shape
    if len(shape) != 3 or shape[2] != KIND_CHANNELS[kind]:
        raise ValueError(f"{kind} values cannot have shape {values.shape}")
    layout = layout or layout_for(kind, like.layout)
    if layout in GRAY_LAYOUTS and kind in ("rgb", "rgba"):
        raise ValueError(f"layout {layout} holds no color")
    space = "srgb" if layout == "mask" else like.space
    rows, columns = shape[:2]
    pixels = np.empty((rows, columns, protocol.LAYOUT_CHANNELS[layout]), like.pixels.dtype)
    with np.errstate(invalid="ignore", over="ignore"):
        for block in row_blocks(rows, columns):
            part = values[block]
            part = part[..., np.newaxis] if part.ndim == 2 else part
            arranged = np.empty(pixels[block].shape, np.float32)
            # bgra is stored as rgba first, because swapping integers is faster
            order = "rgba" if layout == "bgra" else layout
            if order == kind:
                arranged[...] = part
            else:
                arranged[..., COLOR_CHANNELS[order]] = part[..., :3]
                if has_alpha(order):
                    arranged[..., -1] = part[..., 3] if kind == "rgba" else 1
            _encode(arranged, order, space, pixels[block])
            if order != layout:
                pixels[block] = _swap_red_and_blue(pixels[block])
    return Picture(pixels, layout, space)


def to_layout(picture: Picture, layout: str) -> Picture:
    """Return the same numbers in another layout: no rounding, so that a copy is exact.

    Alpha is left out or made opaque; gray widens to color. The same layout gives the picture
    itself.

    Raises
    ------
    ValueError
        For color into a gray layout.
    """
    if layout == picture.layout:
        return picture
    if layout in GRAY_LAYOUTS and picture.layout not in GRAY_LAYOUTS:
        raise ValueError(f"layout {layout} holds no color")
    rows, columns = picture.size
    stored = picture.pixels
    pixels = np.empty((rows, columns, protocol.LAYOUT_CHANNELS[layout]), stored.dtype)
    pixels[..., COLOR_CHANNELS[layout]] = stored[..., COLOR_CHANNELS[picture.layout]]
    if has_alpha(layout):
        opaque = _white(stored.dtype)
        pixels[..., -1] = stored[..., -1] if has_alpha(picture.layout) else opaque
    return Picture(pixels, layout, picture.space)


def clean(values: FloatArray) -> tuple[FloatArray, int]:
    """Replace what is no number: NaN and minus infinity by 0, infinity by 1.

    Parameters
    ----------
    values
        Shape (M, N) or (M, N, C); not changed.

    Returns
    -------
    ndarray, int
        The same array when there was nothing to replace, otherwise a copy; and the number of
        pixels concerned.
    """
    rows, columns = values.shape[:2]
    count = 0
    cleaned = values
    for block in row_blocks(rows, columns):
        bad = ~np.isfinite(values[block])
        if bad.any():
            if cleaned is values:
                cleaned = values.copy()
            count += int(np.count_nonzero(bad.any(axis=2) if bad.ndim == 3 else bad))
            cleaned[block] = np.nan_to_num(values[block], nan=0.0, posinf=1.0, neginf=0.0)
    return cleaned, count


def round_to(numbers: FloatArray, dtype: np.dtype[Any]) -> NDArray[Any]:
    """Return stored numbers in a type: for integers the nearest, half to even, clipped."""
    if dtype.kind == "u":
        numbers = np.minimum(np.fmax(np.rint(numbers), 0), _white(dtype))
    return numbers.astype(dtype)


def row_blocks(rows: int, columns: int) -> Iterator[slice]:
    """Yield runs of rows whose intermediate values stay in the processor's cache."""
    step = max(BLOCK_PIXELS // max(columns, 1), 1)
    for start in range(0, rows, step):
        yield slice(start, min(start + step, rows))


def _white(dtype: np.dtype[Any]) -> int:
    return int(np.iinfo(dtype).max) if dtype.kind == "u" else 1


@functools.cache
def _encoded_table(dtype: np.dtype[Any]) -> FloatArray:
    """Return the sRGB-encoded value of every number that stands for linear light."""
    white = _white(dtype)
    return color.linear_to_srgb(np.arange(white + 1) / white).astype(np.float32)


def _decode(stored: NDArray[Any], layout: str, space: str, values: FloatArray) -> None:
    """Fill in stored numbers as sRGB-encoded values, channels in their order."""
    white = _white(stored.dtype)
    if white == 1:
        values[...] = stored
    else:
        np.divide(stored, np.float32(white), out=values, dtype=np.float32)
    if space == "linear" and layout != "mask":
        colors = slice(0, -1) if has_alpha(layout) else slice(None)
        if white == 1:
            values[..., colors] = color.linear_to_srgb(values[..., colors])
        else:
            values[..., colors] = _encoded_table(stored.dtype)[stored[..., colors]]


def _encode(values: FloatArray, layout: str, space: str, pixels: NDArray[Any]) -> None:
    """Store sRGB-encoded values, which are overwritten: the inverse of `_decode`."""
    if space == "linear":
        colors = slice(0, -1) if has_alpha(layout) else slice(None)
        values[..., colors] = color.srgb_to_linear(values[..., colors])
    white = _white(pixels.dtype)
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


def _words(names: Any) -> str:
    return ", ".join(names)
