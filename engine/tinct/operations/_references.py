"""What the operations that take color from references share: checking, reducing, finishing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tinct import color
from tinct.context import Context, Progress
from tinct.declare import FloatArray, Image, Mask
from tinct.errors import InputError

__all__ = [
    "Target",
    "check_references",
    "finish",
    "gray_of",
    "has_color",
    "read_target",
    "reduction",
    "shrink",
    "shrink_target",
    "spread",
]

SIDE_MINIMUM = 5
PIXELS_MAXIMUM = 8_000_000
COLORLESS = 4.5 / 255  # channels this near to each other everywhere are a gray picture's noise
CONSTANT = 0.5 / 255
OPAQUE = 0.5


@dataclass(frozen=True)
class Target:
    """The picture to color.

    Attributes
    ----------
    luma : ndarray of shape (M, N)
        Y of YIQ; what the picture keeps.
    gray : ndarray of shape (M, N, 3)
        The same as a picture.
    inside : ndarray of shape (M, N), bool
        Visible, and within the region.
    """

    luma: FloatArray
    inside: np.ndarray

    @property
    def gray(self) -> FloatArray:
        return gray_of(self.luma)


def gray_of(luma: FloatArray) -> FloatArray:
    """Return luma, (M, N), as a gray picture, (M, N, 3)."""
    return np.repeat(luma[..., np.newaxis], 3, axis=-1)


def read_target(image: Image, region: Mask | None) -> Target:
    """Return what is to be colored of an RGBA picture."""
    inside = image[..., 3] > 0
    if region is not None:
        inside &= region > 0
    luma = color.luma(image[..., :3])
    if not inside.all():
        luma[~inside] = 0.0
    return Target(luma, inside)


def check_references(references: Sequence[Image], context: Context) -> list[FloatArray]:
    """Return the references that can give color, large ones reduced.

    Parameters
    ----------
    references
        Shapes (M, N, 3), sRGB-encoded.

    Raises
    ------
    InputError
        When one is too small or has one lightness everywhere, or none has color.
    """
    fit = []
    for number, reference in enumerate(references, 1):
        name = "The reference" if len(references) == 1 else f"Reference {number}"
        rows, columns = reference.shape[:2]
        if min(rows, columns) < SIDE_MINIMUM:
            raise InputError(
                f"{name} is {columns} x {rows} pixels; it must be at least {SIDE_MINIMUM} x "
                f"{SIDE_MINIMUM}, so give a larger picture."
            )
        reference = _reduced(reference, name, context)
        if not has_color(reference):
            if len(references) == 1:
                raise InputError(
                    f"{name} has no color to take; give a color picture of something similar."
                )
            context.warn(f"{name} has no color and was left out.")
            continue
        if np.ptp(color.luma(reference)) < CONSTANT:
            raise InputError(
                f"{name} has the same lightness everywhere, so nothing can be matched with it; "
                "give a picture with light and dark parts."
            )
        fit.append(reference)
    if not fit:
        raise InputError(
            "None of the references has color to take; give a color picture of something similar."
        )
    return fit


def has_color(picture: Image) -> bool:
    """Tell whether the channels of any pixel of an RGB picture differ visibly."""
    # Plane by plane: a reduction over an axis of three is slow.
    differences = (np.abs(picture[..., k] - picture[..., k - 1]).max() for k in range(3))
    return any(float(one) > COLORLESS for one in differences)


def _reduced(reference: Image, name: str, context: Context) -> FloatArray:
    factor = reduction(reference.shape, PIXELS_MAXIMUM)
    if factor == 1:
        return reference
    megapixels = reference.shape[0] * reference.shape[1] / 1e6
    context.warn(
        f"{name} has {megapixels:.0f} megapixels; it was reduced to 1/{factor} of its width."
    )
    return shrink(reference, factor)


def shrink(picture: FloatArray, factor: int) -> FloatArray:
    """Return the means of blocks of `factor` x `factor` pixels; incomplete ones are left out."""
    rows, columns = (size // factor * factor for size in picture.shape[:2])
    blocks = picture[:rows, :columns].reshape(
        rows // factor, factor, columns // factor, factor, *picture.shape[2:]
    )
    return np.asarray(blocks.mean(axis=(1, 3), dtype=np.float32))


def reduction(shape: Sequence[int], pixels: int) -> int:
    """Return the whole number by which both sides must shrink to leave at most so many pixels."""
    return max(1, int(np.ceil(np.sqrt(shape[0] * shape[1] / pixels))))


def shrink_target(target: Target, factor: int) -> Target:
    """Return the target at 1 / `factor` of its size; the last blocks repeat the border."""
    if factor == 1:
        return target
    missing = [(0, -size % factor) for size in target.luma.shape]
    luma = shrink(np.pad(target.luma, missing, mode="edge"), factor)
    inside = shrink(np.pad(target.inside, missing, mode="edge").astype(np.float32), factor)
    return Target(luma, inside > 0)


def spread(
    target: Target,
    chroma: FloatArray,
    confidence: FloatArray,
    factor: int,
    progress: Progress,
) -> FloatArray:
    """Return chroma everywhere, by the propagation solver, from what is known of a smaller picture.

    Parameters
    ----------
    target
        At full size.
    chroma, confidence
        Shapes (M', N', 2) and (M', N') of `shrink_target`; see `Hints`. Each is laid on the
        middle of its block.
    factor
        Of `shrink_target`.
    progress
        Of the solver.
    """
    from tinct.algorithms.propagation import Hints, Propagation

    rows, columns = (
        np.minimum(np.arange(count) * factor + factor // 2, size - 1)
        for count, size in zip(confidence.shape, target.luma.shape, strict=True)
    )
    spots = np.ix_(rows, columns)
    wanted, pull = np.zeros((*target.luma.shape, 2), np.float32), np.zeros_like(target.luma)
    wanted[spots], pull[spots] = chroma, confidence
    pull[~target.inside] = 0.0
    hints = Hints(wanted, pull)
    domain = None if target.inside.all() else target.inside

    def prepared(part: float, stage: str) -> None:
        progress(part / 3, stage)

    def solved(part: float, stage: str) -> None:
        progress((1 + 2 * part) / 3, stage)

    system = Propagation(target.luma, domain=domain, progress=prepared)
    return system.solve(hints, progress=solved)


def finish(image: Image, target: Target, chroma: FloatArray) -> FloatArray:
    """Return an RGBA picture of the target's luma and this chroma, (M, N, 2) I and Q."""
    colors = image.copy()
    fitted = color.fit_chroma_yiq(target.luma, chroma)
    if target.inside.all():
        colors[..., :3] = fitted
    else:
        colors[target.inside, :3] = fitted[target.inside]
    return colors
