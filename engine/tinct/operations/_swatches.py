"""Pairs of regions, one in the picture to color and one in a reference: painted or as boxes."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tinct.declare import Box, Boxes, Image
from tinct.errors import InputError

__all__ = ["Swatch", "layer_colors", "read_swatches"]

SWATCH_PIXELS = 25  # a 5 x 5 neighborhood
OPAQUE = 0.5
SWATCHES_MAXIMUM = 64
TRANSPARENT = -1

BoolArray = NDArray[np.bool_]


class Swatch(NamedTuple):
    """A pair of regions, as masks of the target's and of the reference's shape."""

    target: BoolArray
    reference: BoolArray


def layer_colors(layer: Image) -> NDArray[np.int32]:
    """Return the 8-bit color of each pixel of a label layer as one number, -1 where transparent.

    Parameters
    ----------
    layer
        Shape (M, N, 4); pixels less than half opaque are a brush's soft edge and do not count.
    """
    parts = np.rint(layer[..., :3] * 0xFF).clip(0, 0xFF).astype(np.int32)
    code = parts[..., 0] << 16 | parts[..., 1] << 8 | parts[..., 2]
    return np.where(layer[..., 3] >= OPAQUE, code, TRANSPARENT).astype(np.int32)


def read_swatches(
    target_shape: tuple[int, int],
    reference_shape: tuple[int, int],
    layer: Image | None,
    reference_layer: Image | None,
    boxes: Boxes,
) -> list[Swatch]:
    """Return the pairs, painted ones first.

    Parameters
    ----------
    target_shape, reference_shape
        (M, N) of each picture.
    layer, reference_layer
        RGBA; equal colors pair up. Colors that cover fewer than 25 pixels on one side and are
        missing on the other are a brush's edge.
    boxes
        More pairs.

    Raises
    ------
    InputError
        For a swatch without partner, too small, beyond its picture, or overlapping another.
    """
    if (layer is None) != (reference_layer is None):
        given, missing = ("picture", "reference") if layer is not None else ("reference", "picture")
        raise InputError(
            f"Swatches are painted on the {given} only; paint the same colors on the {missing}."
        )
    swatches = []
    if layer is not None and reference_layer is not None:
        if reference_layer.shape[:2] != reference_shape:
            rows, columns = reference_layer.shape[:2]
            raise InputError(
                f"The reference's swatches are {columns} x {rows} pixels, but the reference is "
                f"{reference_shape[1]} x {reference_shape[0]}; make them the same size."
            )
        swatches = _pair_up(layer_colors(layer), layer_colors(reference_layer))
    for number, pair in enumerate(boxes, 1):
        target = _box_mask(pair.target, target_shape, f"Box {number} on the picture")
        reference = _box_mask(pair.reference, reference_shape, f"Box {number} on the reference")
        swatches.append(Swatch(target, reference))
    for number, swatch in enumerate(swatches, 1):
        if any((swatch.target & other.target).any() for other in swatches[: number - 1]):
            raise InputError(
                f"Swatch {number} overlaps another one on the picture; a pixel belongs to one "
                "swatch, so move one of them."
            )
    return swatches


def _pair_up(codes: NDArray[Any], reference_codes: NDArray[Any]) -> list[Swatch]:
    counts, others = _counts(codes), _counts(reference_codes)
    for side, missing_side, own, other in (
        ("picture", "reference", counts, others),
        ("reference", "picture", others, counts),
    ):
        for code, count in own.items():
            if code not in other and count >= SWATCH_PIXELS:
                raise InputError(
                    f"The swatch of color #{code:06x} is on the {side} only; paint its partner "
                    f"on the {missing_side} in the same color."
                )
    paired = sorted(set(counts) & set(others))
    if not paired:
        raise InputError("The swatch layers are empty; paint a region of one color on each.")
    if len(paired) > SWATCHES_MAXIMUM:
        raise InputError(
            f"The swatch layers hold {len(paired)} colors; up to {SWATCHES_MAXIMUM} are allowed, "
            "so use a brush without soft edges."
        )
    for code in paired:
        if min(counts[code], others[code]) < SWATCH_PIXELS:
            raise InputError(
                f"The swatch of color #{code:06x} is smaller than {SWATCH_PIXELS} pixels; paint "
                "a larger one."
            )
    return [Swatch(codes == code, reference_codes == code) for code in paired]


def _counts(codes: NDArray[Any]) -> dict[int, int]:
    found, counts = np.unique(codes[codes != TRANSPARENT], return_counts=True)
    return dict(zip(found.tolist(), counts.tolist(), strict=True))


def _box_mask(box: Box, shape: tuple[int, int], name: str) -> BoolArray:
    rows, columns = shape
    right, bottom = box.left + box.width, box.top + box.height
    if box.left < 0 or box.top < 0 or right > columns or bottom > rows:
        raise InputError(
            f"{name} reaches beyond it: {box.width} x {box.height} pixels from ({box.left}, "
            f"{box.top}), while it is {columns} x {rows}; draw it inside."
        )
    if box.width * box.height < SWATCH_PIXELS:
        raise InputError(f"{name} is smaller than {SWATCH_PIXELS} pixels; draw a larger one.")
    mask = np.zeros(shape, bool)
    mask[box.top : bottom, box.left : right] = True
    return mask
