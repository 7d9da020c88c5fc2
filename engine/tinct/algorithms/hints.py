"""Color hints: what is known of the chroma, and how surely, pixel by pixel."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tinct.errors import InputError

__all__ = ["Hints"]

FloatArray = NDArray[np.float32]
BoolArray = NDArray[np.bool_]


class Hints:
    """Chroma with a confidence per pixel: the one kind of hint of every method.

    Holds what is hinted alone: on a large picture strokes are few, and they are kept for the next.

    Parameters
    ----------
    chroma : ndarray of shape (M, N, 2), float32
        Wanted chroma, in any space linear in the picture's own; ignored where confidence is 0.
    confidence : ndarray of shape (M, N), float32
        0 = no hint; inf = this chroma exactly; finite c > 0 = a pull of strength c, where the
        pull of all neighbors together is 1.

    Attributes
    ----------
    values : ndarray of shape (K, 2), float32
        The chroma of the pixels with hints, row by row.
    strengths : ndarray of shape (K,), float32
        Their confidence.

    Raises
    ------
    InputError
        When shapes disagree, a confidence is negative or NaN, or the chroma of a hint not finite.
    """

    def __init__(self, chroma: FloatArray, confidence: FloatArray) -> None:
        shape = confidence.shape
        if chroma.shape != (*shape, 2) or len(shape) != 2:
            raise InputError(
                f"Hints need chroma of shape (M, N, 2) and confidence of shape (M, N), got "
                f"{chroma.shape} and {shape}; give both for the same picture."
            )
        mask = confidence != 0.0
        self._set(mask, chroma[mask], confidence[mask])

    def _set(self, mask: BoolArray, values: FloatArray, strengths: FloatArray) -> None:
        if not (strengths > 0.0).all():
            raise InputError(
                "The confidence of hints must be 0 or more; replace other values by 0."
            )
        if not np.isfinite(values).all():
            raise InputError(
                "The chroma of hints must be finite; set their confidence to 0 instead."
            )
        self._shape = mask.shape[0], mask.shape[1]
        self._bits = np.packbits(mask)
        self.values, self.strengths = values, strengths

    @classmethod
    def of(cls, mask: BoolArray, values: FloatArray, strengths: FloatArray) -> Hints:
        """Return hints from where they are, (M, N), and what they hold, see the attributes."""
        hints = cls.__new__(cls)
        hints._set(mask, values, strengths)
        return hints

    @classmethod
    def none(cls, shape: tuple[int, int]) -> Hints:
        """Return hints that say nothing about a picture of shape (M, N)."""
        nothing = np.empty((0, 2), np.float32)
        return cls.of(np.zeros(shape, bool), nothing, nothing[:, 0])

    @classmethod
    def from_strokes(cls, mask: BoolArray, chroma: ArrayLike) -> Hints:
        """Return hard hints: `chroma`, (2,) or (M, N, 2), exactly, wherever `mask` is set."""
        mask = np.array(mask, bool)
        wanted = np.broadcast_to(np.asarray(chroma, np.float32), (*mask.shape, 2))[mask]
        return cls.of(mask, wanted, np.full(len(wanted), np.inf, np.float32))

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width."""
        return self._shape

    @property
    def nbytes(self) -> int:
        """Memory held, in bytes."""
        return self._bits.nbytes + self.values.nbytes + self.strengths.nbytes

    @property
    def mask(self) -> BoolArray:
        """Where there are hints, (M, N); made anew."""
        m, n = self.shape
        return np.unpackbits(self._bits, count=m * n).view(np.bool_).reshape(m, n)

    @property
    def chroma(self) -> FloatArray:
        """The chroma everywhere, (M, N, 2), 0 without a hint; made anew."""
        chroma = np.zeros((*self.shape, 2), np.float32)
        chroma[self.mask] = self.values
        return chroma

    @property
    def confidence(self) -> FloatArray:
        """The confidence everywhere, (M, N); made anew."""
        confidence = np.zeros(self.shape, np.float32)
        confidence[self.mask] = self.strengths
        return confidence

    @property
    def hard(self) -> BoolArray:
        """Where the chroma is given exactly, (M, N)."""
        given = np.zeros(self.shape, bool)
        given[self.mask] = np.isposinf(self.strengths)
        return given

    def changed(self, other: Hints) -> BoolArray:
        """Return where others of the same shape say something else, (M, N)."""
        first, second = self.mask, other.mask
        differs: BoolArray = first != second
        both = np.flatnonzero(first & second)
        mine, theirs = (np.searchsorted(np.flatnonzero(mask), both) for mask in (first, second))
        differs.reshape(-1)[both] = (self.strengths[mine] != other.strengths[theirs]) | (
            self.values[mine] != other.values[theirs]
        ).any(axis=1)
        return differs

    def combined(self, other: Hints) -> Hints:
        """Return both together: hard beats soft, `other` beats self, soft ones are averaged."""
        if self.shape != other.shape:
            raise InputError(
                f"Hints of shape {self.shape} and {other.shape} cannot be combined; "
                "both must have the size of the picture."
            )
        masks = self.mask, other.mask
        mask = masks[0] | masks[1]
        hard, values, weights = [], [], []
        for one, own in zip((self, other), masks, strict=True):
            place = own[mask]
            strengths, chroma = np.zeros(place.size, np.float32), np.zeros((place.size, 2))
            strengths[place], chroma[place] = one.strengths, one.values
            hard.append(np.isposinf(strengths))
            weights.append(np.where(hard[-1], 0.0, strengths))
            values.append(chroma)
        total = weights[0] + weights[1]
        share = weights[1] / np.where(total > 0.0, total, 1.0)
        mean = values[0] + share[:, None] * (values[1] - values[0])
        mean = np.where(hard[0][:, None], values[0], mean)
        mean = np.where(hard[1][:, None], values[1], mean)
        strengths = np.where(hard[0] | hard[1], np.inf, total).astype(np.float32)
        return Hints.of(mask, mean.astype(np.float32), strengths)
