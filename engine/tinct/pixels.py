"""Pictures as editors and files hold them, to and from the float32 arrays operations work on.

Alpha is straight everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol, get_args

import numpy as np

from tinct.algorithms.blocks import run_blocks
from tinct.declare import FloatArray, PixelKind, Strokes
from tinct.errors import InputError
from tinct.picture import COLOR_CHANNELS, GRAY_LAYOUTS, Picture, has_alpha, layout_for, words
from tinct.pixel_numbers import least_at, read_block, round_to, white_of, write_block
from tinct_client import protocol

__all__ = [
    "Picture",
    "clean",
    "each_block",
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
BLOCK_PIXELS = 1 << 16  # a block's intermediate values stay in the processor's cache
KIND_CHANNELS = {"gray": 1, "rgb": 3, "rgba": 4, "mask": 1}


class ByRows(Protocol):
    """What gives its rows like an array of shape (M, N, C) or (M, N)."""

    @property
    def shape(self) -> tuple[int, ...]:
        """As the array's."""

    def __getitem__(self, rows: slice, /) -> FloatArray:
        """Return some of its rows."""


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
        raise ValueError(f"kind is {kind!r}; it may be {words(KIND_CHANNELS)}")
    rows, columns = picture.size
    values = np.empty((rows, columns, KIND_CHANNELS[kind]), np.float32)
    each_block(lambda block: read_block(picture.rows(block), kind, values[block]), rows, columns)
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
    least = least_at(STROKE_ALPHA, picture.pixels.dtype)
    found: dict[int, FloatArray] = {}
    left_out: list[int] = []

    def find(block: slice) -> None:
        stored = picture.pixels[block]
        painted = np.greater_equal(stored[..., -1], least, out=mask[block])
        if not painted.any():
            return
        # strokes are few: all else of them is not even looked at
        only = Picture(stored[painted][np.newaxis], picture.layout, picture.space)
        values = read(only, "rgba")[0]
        whole = np.isfinite(values).all(axis=1)
        left_out.append(int(np.count_nonzero(~whole)))
        painted[painted] = whole
        found[block.start] = np.clip(values[whole, :3], 0, 1)

    each_block(find, *picture.size)
    colors = [np.empty((0, 3), np.float32), *(found[start] for start in sorted(found))]
    return Strokes(mask, np.concatenate(colors)), sum(left_out)


def write(values: ByRows, like: Picture, *, kind: PixelKind, layout: str | None = None) -> Picture:
    """Return values as a picture in the type and space of another.

    Parameters
    ----------
    values
        sRGB-encoded, black 0 to white 1; shape (M, N, C) as `kind` says, (M, N) for a mask. An
        array, or anything that gives rows alike, on any thread.
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

    def store(block: slice) -> None:
        part = values[block]
        part = part[..., np.newaxis] if part.ndim == 2 else part
        write_block(part, kind, Picture(pixels[block], layout, space))

    each_block(store, rows, columns)
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
        opaque = white_of(stored.dtype)
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
    found: list[tuple[slice, int]] = []

    def look(block: slice) -> None:
        bad = ~np.isfinite(values[block])
        if bad.any():
            count = np.count_nonzero(bad.any(axis=2) if bad.ndim == 3 else bad)
            found.append((block, int(count)))

    each_block(look, rows, columns)
    if not found:
        return values, 0
    cleaned = values.copy()
    for block, _ in found:
        cleaned[block] = np.nan_to_num(values[block], nan=0.0, posinf=1.0, neginf=0.0)
    return cleaned, sum(count for _, count in found)


def row_blocks(rows: int, columns: int) -> Iterator[slice]:
    """Yield runs of rows whose intermediate values stay in the processor's cache."""
    step = max(BLOCK_PIXELS // max(columns, 1), 1)
    for start in range(0, rows, step):
        yield slice(start, min(start + step, rows))


def each_block(work: Callable[[slice], None], rows: int, columns: int) -> None:
    """Call `work` for every one of `row_blocks`, on several threads where that pays.

    Parameters
    ----------
    work
        Writes what belongs to its own rows. Numbers that overflow are nothing to tell.
    rows, columns
        The picture's size.
    """
    blocks = list(row_blocks(rows, columns))

    def run(first: int, last: int) -> None:
        with np.errstate(invalid="ignore", over="ignore"):
            for block in blocks[first:last]:
                work(block)

    run_blocks(run, len(blocks), pixels=rows * columns)
