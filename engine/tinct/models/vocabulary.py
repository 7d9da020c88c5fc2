"""The closed vocabulary of manifests: tasks, tensor types, and the steps around a network."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

__all__ = ["DTYPES", "STEPS", "TASKS", "Step", "Word"]

TASKS = ("colorize", "filter")
DTYPES = ("float32", "float16", "uint8", "int64")


class Word(NamedTuple):
    """One step of the vocabulary.

    Attributes
    ----------
    phase
        ``"pre"`` or ``"post"``.
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
    # Local hints, at the size of the luminance: first the color's tensor, then the mask's.
    "rasterize-hints": Word(
        "pre",
        {"tensors": list, "color": ("mean of the hinted pixels in a cell",)},
        ("tensors",),
    ),
    # Chroma at the picture's size, its own luminance telling where colors end.
    "upsample-guided": Word("post", {"tensor": str, "guide": ("luminance",)}, ("tensor",)),
    # Colors that sRGB has, chroma giving way.
    "fit-gamut": Word("post", {"keep": ("luminance",)}),
}
