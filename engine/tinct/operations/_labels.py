"""Label layers: which class each pixel of a reference belongs to, and what a user corrects."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tinct.declare import FloatArray, Image
from tinct.errors import InputError
from tinct.operations._swatches import TRANSPARENT, layer_colors

__all__ = ["CLASS_COLORS", "class_picture", "read_corrections", "read_labels"]

LABEL_PIXELS = 30
LABELS_MAXIMUM = 24
# apart from each other for most eyes: Okabe and Ito's eight, then darker ones
CLASS_COLORS = (
    0xE69F00, 0x56B4E9, 0x009E73, 0xF0E442, 0x0072B2, 0xD55E00, 0xCC79A7, 0x999999,
    0x6B4A00, 0x1B4F72, 0x00513B, 0x7A7400, 0x003A5C, 0x6E3000, 0x6B3A55, 0x444444,
)  # fmt: skip

IntArray = NDArray[np.int32]


def read_labels(
    layers: Sequence[Image], shapes: Sequence[tuple[int, int]]
) -> tuple[list[IntArray], list[int]]:
    """Return the classes painted on references.

    Parameters
    ----------
    layers
        RGBA, one a reference, in their order; equal colors are one class in all of them.
    shapes
        (M, N) of the references.

    Returns
    -------
    labels, colors
        Per reference (M, N): -1 where nothing is painted, else the place in `colors`.

    Raises
    ------
    InputError
        When number or sizes disagree, nothing is painted, or a class is too small or one of too
        many.
    """
    if len(layers) != len(shapes):
        raise InputError(
            f"There are {len(layers)} label layers for {len(shapes)} references; give one for each."
        )
    for number, (layer, shape) in enumerate(zip(layers, shapes, strict=True), 1):
        if layer.shape[:2] != shape:
            raise InputError(
                f"Label layer {number} is {layer.shape[1]} x {layer.shape[0]} pixels, but its "
                f"reference is {shape[1]} x {shape[0]}; make them the same size."
            )
    codes = [layer_colors(layer) for layer in layers]
    found, counts = np.unique(np.concatenate([code.ravel() for code in codes]), return_counts=True)
    kept = (counts >= LABEL_PIXELS) & (found != TRANSPARENT)
    colors = found[kept].tolist()
    if not colors:
        raise InputError(
            f"The label layers are empty; paint each class over at least {LABEL_PIXELS} pixels."
        )
    if len(colors) > LABELS_MAXIMUM:
        raise InputError(
            f"The label layers hold {len(colors)} colors; up to {LABELS_MAXIMUM} are allowed, so "
            "use a brush without soft edges."
        )
    return [_places(code, colors) for code in codes], colors


def read_corrections(layer: Image, colors: Sequence[int]) -> IntArray:
    """Return the classes a user paints over the target, -1 where nothing is painted.

    Raises
    ------
    InputError
        When a color covers 30 pixels or more and is no class's.
    """
    codes = layer_colors(layer)
    found, counts = np.unique(codes[codes != TRANSPARENT], return_counts=True)
    for code, count in zip(found.tolist(), counts.tolist(), strict=True):
        if code not in colors and count >= LABEL_PIXELS:
            known = ", ".join(f"#{color:06x}" for color in colors)
            raise InputError(
                f"The corrections use #{code:06x}, which is no label of the reference; paint with "
                f"{known}."
            )
    return _places(codes, colors)


def class_picture(labels: IntArray, colors: Sequence[int]) -> FloatArray:
    """Return classes as a picture in their colors, (M, N, 3)."""
    table = np.array([[code >> 16 & 0xFF, code >> 8 & 0xFF, code & 0xFF] for code in colors])
    return (table / 0xFF).astype(np.float32)[labels]


def _places(codes: IntArray, colors: Sequence[int]) -> IntArray:
    places = np.full(codes.shape, -1, np.int32)
    for place, code in enumerate(colors):
        places[codes == code] = place
    return places
