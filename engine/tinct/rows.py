"""Pictures read and made a few rows at a time: for operations whose own memory is most there is."""

from __future__ import annotations

import mmap
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from tinct import pixels
from tinct.declare import FloatArray, PixelKind
from tinct.pixel_numbers import guide_block
from tinct.pixels import Picture

__all__ = ["FileMap", "MadeRows", "Rows", "let_go"]


class FileMap(mmap.mmap):
    """A file mapped to be read only: its pages can be let go of at any time."""


def let_go(picture: Picture) -> None:
    """Take a picture out of memory if it is a `FileMap`; what is read again comes back by itself.

    The system keeps files it has read where there is room, but not on this process' account.
    """
    base: object = picture.pixels
    while isinstance(base, np.ndarray):
        base = base.base
    if isinstance(base, FileMap) and hasattr(base, "madvise"):
        base.madvise(mmap.MADV_DONTNEED)


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
        found: list[int] = []
        pixels.each_block(lambda block: found.append(self._read(block)[1]), *self._picture.size)
        return sum(found)

    def luma(self) -> tuple[FloatArray, NDArray[np.bool_]]:
        """Return Y of YIQ, 0 to 1, and where anything shows: alpha is more than 0.

        Both of shape (M, N), of all rows, and as the values of kind ``rgba`` have them.
        """
        size = self._picture.size
        luma, visible = np.empty(size, np.float32), np.empty(size, np.bool_)

        def read(block: slice) -> None:
            guide_block(self._picture.rows(block), luma[block], visible[block])
            let_go(self._picture)

        pixels.each_block(read, *size)
        return luma, visible

    def _read(self, rows: slice) -> tuple[FloatArray, int]:
        picture = self._picture
        values = pixels.read(picture.rows(rows), self._kind)
        let_go(picture)
        return (values, 0) if self._whole else pixels.clean(values)


class MadeRows:
    """What an operation may return in place of an array: rows that are made when they are written.

    Parameters
    ----------
    shape
        As the array's.
    make
        Returns the rows of a slice, as the array would hold them; called on several threads.
    """

    def __init__(self, shape: tuple[int, ...], make: Callable[[slice], FloatArray]) -> None:
        self.shape = shape
        self._make = make

    def __getitem__(self, rows: slice) -> FloatArray:
        return self._make(rows)

    def whole(self) -> FloatArray:
        """Return the array."""
        values = np.empty(self.shape, np.float32)

        def fill(block: slice) -> None:
            values[block] = self._make(block)

        pixels.each_block(fill, *self.shape[:2])
        return values
