"""Pictures as editors and files hold them: what each channel is, not yet what its numbers mean."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Any

from numpy.typing import NDArray

from tinct.declare import PixelKind
from tinct_client import protocol

__all__ = [
    "ALPHA_LAYOUTS",
    "CHANNEL_PLACES",
    "COLOR_CHANNELS",
    "GRAY_LAYOUTS",
    "Picture",
    "has_alpha",
    "layout_for",
    "words",
]

COLOR_CHANNELS = {
    "rgba": slice(0, 3),
    "bgra": slice(2, None, -1),
    "rgb": slice(0, 3),
    "gray": slice(0, 1),
    "graya": slice(0, 1),
    "mask": slice(0, 1),
}
# of red, green, blue and alpha
CHANNEL_PLACES = {
    "rgba": (0, 1, 2, 3),
    "bgra": (2, 1, 0, 3),
    "rgb": (0, 1, 2, -1),
    "gray": (0, 0, 0, -1),
    "graya": (0, 0, 0, 1),
    "mask": (0, 0, 0, -1),
}
ALPHA_LAYOUTS = ("rgba", "bgra", "graya")
GRAY_LAYOUTS = ("gray", "graya", "mask")


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
            raise ValueError(f"layout is {self.layout!r}; it may be {words(_LAYOUTS)}")
        if self.space not in protocol.SPACES:
            raise ValueError(f"space is {self.space!r}; it may be {words(protocol.SPACES)}")
        if self.pixels.dtype.name not in _DTYPES or not self.pixels.dtype.isnative:
            raise ValueError(f"pixels are {self.pixels.dtype}; they may be native {words(_DTYPES)}")
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

    def rows(self, rows: slice) -> Picture:
        """Return some of its rows, which share their memory with it."""
        return Picture(self.pixels[rows], self.layout, self.space)


_LAYOUTS = tuple(protocol.LAYOUT_CHANNELS)
_DTYPES = tuple(protocol.DTYPE_BYTES)


def has_alpha(layout: str) -> bool:
    """Say whether the last channel of a layout is alpha."""
    return layout in ALPHA_LAYOUTS


def layout_for(kind: PixelKind, layout: str) -> str:
    """Return the layout `write` gives values of this kind when it imitates `layout`.

    A picture keeps its layout, except that gray widens for color and a mask stays a mask.
    """
    if kind == "mask":
        return "mask"
    if kind == "gray":
        return "gray" if layout == "mask" else layout
    return {"gray": "rgb", "graya": "rgba", "mask": kind}.get(layout, layout)


def words(names: Iterable[str]) -> str:
    """Return names as a sentence lists them."""
    return ", ".join(names)
