"""A picture read a few rows at a time: for operations whose own memory is most there is."""

from __future__ import annotations

from tinct import pixels
from tinct.declare import FloatArray, PixelKind
from tinct.pixels import Picture

__all__ = ["Rows"]


class Rows:
    """What an operation takes in place of an array when its input is declared ``by_rows``.

    ``rows[10:20]`` reads these rows, anew each time, as the array would hold them. An array
    answers alike, so that the operation takes either.

    Parameters
    ----------
    picture
        Not changed.
    kind
        See `pixels.read`.
    """

    def __init__(self, picture: Picture, kind: PixelKind) -> None:
        self._picture = picture
        self._kind = kind
        self._whole = picture.pixels.dtype.kind == "u"

    @property
    def shape(self) -> tuple[int, ...]:
        """As the array's: (M, N, C), or (M, N) for a mask."""
        nothing = Picture(self._picture.pixels[:0, :1], self._picture.layout, self._picture.space)
        return (*self._picture.size, *pixels.read(nothing, self._kind).shape[2:])

    def __getitem__(self, rows: slice) -> FloatArray:
        return self._read(rows)[0]

    def replaced(self) -> int:
        """Return how many pixels hold what is no number; they are read as `pixels.clean` says."""
        if self._whole:
            return 0
        return sum(self._read(block)[1] for block in pixels.row_blocks(*self._picture.size))

    def _read(self, rows: slice) -> tuple[FloatArray, int]:
        picture = self._picture
        part = Picture(picture.pixels[rows], picture.layout, picture.space)
        values = pixels.read(part, self._kind)
        return (values, 0) if self._whole else pixels.clean(values)
