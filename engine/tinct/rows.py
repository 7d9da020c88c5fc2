"""Pictures read and made a few rows at a time: for operations whose own memory is most there is."""

from __future__ import annotations

import mmap
from collections.abc import Callable

import numpy as np

from tinct import pixels
from tinct.declare import FloatArray, PixelKind
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
        return sum(self._read(block)[1] for block in pixels.row_blocks(*self._picture.size))

    def _read(self, rows: slice) -> tuple[FloatArray, int]:
        picture = self._picture
        part = Picture(picture.pixels[rows], picture.layout, picture.space)
        values = pixels.read(part, self._kind)
        let_go(picture)
        return (values, 0) if self._whole else pixels.clean(values)


class MadeRows:
    """What an operation may return in place of an array: rows that are made when they are written.

    Parameters
    ----------
    shape
        As the array's.
    make
        Returns the rows of a slice, as the array would hold them.
    """

    def __init__(self, shape: tuple[int, ...], make: Callable[[slice], FloatArray]) -> None:
        self.shape = shape
        self._make = make

    def __getitem__(self, rows: slice) -> FloatArray:
        return self._make(rows)
