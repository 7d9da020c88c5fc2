"""The closed vocabulary of manifests: tasks, tensor types, and the steps around a network."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

__all__ = ["CHANNELS", "DTYPES", "FILTERS", "STEPS", "TASKS", "Step", "Word"]

TASKS = ("colorize", "filter")
DTYPES = ("float32", "float16", "uint8", "int64")
FILTERS = ("bilinear", "bilinear-antialiased", "bicubic-antialiased")
CHANNELS = ("lab-l", "lab-l-rgb", "luma", "luma-rgb", "lab-gray-rgb", "rgb")


class Word(NamedTuple):
    """One step of the vocabulary.

    Attributes
    ----------
    phase
        ``"pre"``, ``"post"`` or ``"any"``.
    options
        What the step may be told: by name a type, ``str``, ``float``, ``int`` or ``list`` of
        texts, or a tuple of the texts allowed.
    needed
        The names that must be there.
    """

    phase: str
    options: Mapping[str, Any]
    needed: tuple[str, ...] = ()


class Step(NamedTuple):
    """A step as a manifest uses it: its word, and what it is told."""

    word: str
    options: Mapping[str, Any]


STEPS: dict[str, Word] = {
    # The picture's luminance at the size that [size] gives.
    "resize-short-side": Word(
        "pre",
        {"tensor": str, "filter": ("bilinear-antialiased",)},
        ("tensor",),
    ),
    # The whole picture, sRGB-encoded, at the size that [size] gives; a fixed one stretches it.
    "resize-picture": Word("pre", {"filter": FILTERS}, ("filter",)),
    # What a tensor holds of that picture: L in 0 to 100 or luma (Rec. 601) in 0 to 1, each once or
    # three times; the gray that has its L, or the picture itself, as R, G, B in 0 to 1.
    "take": Word("pre", {"tensor": str, "channels": CHANNELS}, ("tensor", "channels")),
    # A tensor at the size that its own shape names.
    "resize-tensor": Word("pre", {"tensor": str, "filter": FILTERS}, ("tensor", "filter")),
    # The same number everywhere.
    "fill": Word("pre", {"tensor": str, "value": float}, ("tensor", "value")),
    # multiply * values + add
    "scale": Word(
        "any",
        {"tensor": str, "multiply": float, "add": float},
        ("tensor", "multiply", "add"),
    ),
    # Local hints, at the size of the luminance: first the color's tensor, then the mask's.
    "rasterize-hints": Word(
        "pre",
        {"tensors": list, "color": ("mean of the hinted pixels in a cell",)},
        ("tensors",),
    ),
    # The a and b of R, G, B in 0 to 1.
    "chroma-of-rgb": Word("post", {"tensor": str}, ("tensor",)),
    # R, G, B in 0 to 1: the result of a filter.
    "picture": Word("post", {"tensor": str}, ("tensor",)),
    # Chroma at the picture's size, as most publish it: colors cross edges.
    "upsample-bilinear": Word("post", {"tensor": str}, ("tensor",)),
    # Chroma at the picture's size, its own luminance telling where colors end.
    "upsample-guided": Word("post", {"tensor": str, "guide": ("luminance",)}, ("tensor",)),
    # Colors that sRGB has, chroma giving way.
    "fit-gamut": Word("post", {"keep": ("luminance",)}),
}
