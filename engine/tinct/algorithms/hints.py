"""Color hints: what is known of the chroma, and how surely, pixel by pixel."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tinct.errors import InputError

__all__ = ["Hints"]

FloatArray = NDArray[np.float32]


@dataclass(frozen=True)
class Hints:
    """Chroma with a confidence per pixel: the one kind of hint of every method.

    Attributes
    ----------
    chroma : ndarray of shape (M, N, 2), float32
        Wanted chroma, in any space linear in the picture's own; ignored where confidence is 0.
    confidence : ndarray of shape (M, N), float32
        0 = no hint; inf = this chroma exactly; finite c > 0 = a pull of strength c, where the
        pull of all neighbors together is 1.
    """

    chroma: FloatArray
    confidence: FloatArray

    def __post_init__(self) -> None:
        shape = self.confidence.shape
        if self.chroma.shape != (*shape, 2) or len(shape) != 2:
            raise InputError(
                f"Hints need chroma of shape (M, N, 2) and confidence of shape (M, N), got "
                f"{self.chroma.shape} and {shape}; give both for the same picture."
            )
        if np.isnan(self.confidence).any() or (self.confidence < 0.0).any():
            raise InputError(
                "The confidence of hints must be 0 or more; replace other values by 0."
            )
        if not np.isfinite(self.chroma[self.confidence > 0.0]).all():
            raise InputError(
                "The chroma of hints must be finite; set their confidence to 0 instead."
            )

    @classmethod
    def none(cls, shape: tuple[int, int]) -> Hints:
        """Return hints that say nothing about a picture of shape (M, N)."""
        return cls(np.zeros((*shape, 2), np.float32), np.zeros(shape, np.float32))

    @classmethod
    def from_strokes(cls, mask: NDArray[np.bool_], chroma: ArrayLike) -> Hints:
        """Return hard hints: `chroma`, (2,) or (M, N, 2), exactly, wherever `mask` is set."""
        mask = np.asarray(mask, bool)
        wanted = np.broadcast_to(np.asarray(chroma, np.float32), (*mask.shape, 2))
        values = np.where(mask[..., None], wanted, np.float32(0.0))
        return cls(values, np.where(mask, np.float32(np.inf), np.float32(0.0)))

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width."""
        return self.confidence.shape[0], self.confidence.shape[1]

    @property
    def hard(self) -> NDArray[np.bool_]:
        """Where the chroma is given exactly, (M, N)."""
        given: NDArray[np.bool_] = np.isposinf(self.confidence)
        return given

    def combined(self, other: Hints) -> Hints:
        """Return both together: hard beats soft, `other` beats self, soft ones are averaged."""
        if self.shape != other.shape:
            raise InputError(
                f"Hints of shape {self.shape} and {other.shape} cannot be combined; "
                "both must have the size of the picture."
            )
        soft = (
            np.where(self.hard, 0.0, self.confidence),
            np.where(other.hard, 0.0, other.confidence),
        )
        total = soft[0] + soft[1]
        safe = np.where(total > 0.0, total, 1.0)
        # Pixels without confidence may hold anything, NaN too; it must not leak through 0 * NaN.
        first = np.where(soft[0][..., None] > 0.0, self.chroma, 0.0) * (soft[0] / safe)[..., None]
        second = np.where(soft[1][..., None] > 0.0, other.chroma, 0.0) * (soft[1] / safe)[..., None]
        chroma = np.where(self.hard[..., None], self.chroma, first + second)
        chroma = np.where(other.hard[..., None], other.chroma, chroma)
        confidence = np.where(self.hard | other.hard, np.inf, total)
        return Hints(chroma.astype(np.float32), confidence.astype(np.float32))
