"""One description of suggested colors, as JSON data that every editor's palette shows.

::

    {"kind": "suggestions", "version": 1,
     "strokes": [                     the newest first
        {"x": 120, "y": 48,           a painted pixel of it, from the top left
         "colors": [{"color": "#8c6a45", "share": 0.52}, ...]}, ...],
     "map": {"rows": 12, "columns": 18,
        "colors": [["#8c6a45", ...], ...]}}   row by row, for the pixels of each field

The likeliest color comes first; shares add up to 1 at most. For the point under the cursor a form
looks up the field of the map it lies in.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tinct import color

__all__ = ["KIND", "VERSION", "Spot", "describe_suggestions"]

KIND = "suggestions"
VERSION = 1
SHARE_MINIMUM = 0.01
Array = NDArray[Any]


class Spot(NamedTuple):
    """Colors suggested for a place.

    Attributes
    ----------
    x, y
        A pixel of it.
    lightness
        L there, 0 to 100.
    ab
        Shape (K, 2), CIELAB units, the likeliest first.
    shares
        Shape (K,).
    """

    x: int
    y: int
    lightness: float
    ab: Array
    shares: Array


def describe_suggestions(
    strokes: Sequence[Spot], fields: Sequence[Sequence[Spot]]
) -> dict[str, Any]:
    """Return the description, see the top of this file.

    Parameters
    ----------
    strokes
        The newest first.
    fields
        Rows of the map.
    """
    spots = [*strokes, *(spot for row in fields for spot in row)]
    names = _names(spots)
    return {
        "kind": KIND,
        "version": VERSION,
        "strokes": [
            {
                "x": spot.x,
                "y": spot.y,
                "colors": [
                    {"color": name, "share": round(float(share), 4)}
                    for name, share in zip(of_spot, spot.shares, strict=False)
                ],
            }
            for spot, of_spot in zip(strokes, names, strict=False)
        ],
        "map": {
            "rows": len(fields),
            "columns": len(fields[0]) if fields else 0,
            "colors": names[len(strokes) :],
        },
    }


def _names(spots: Sequence[Spot]) -> list[list[str]]:
    """Return by spot the colors that sRGB has at its lightness, as ``#rrggbb``."""
    kept = [int((spot.shares >= SHARE_MINIMUM).sum()) for spot in spots]
    lab = np.empty((sum(kept), 3), np.float32)
    lab[:, 0] = np.repeat([spot.lightness for spot in spots], kept)
    lab[:, 1:] = np.concatenate(
        [spot.ab[:count] for spot, count in zip(spots, kept, strict=True)] or [lab[:, 1:]]
    )
    text = np.rint(color.fit_to_gamut(lab) * 0xFF).astype(np.uint8).tobytes().hex()
    names = iter(f"#{text[place : place + 6]}" for place in range(0, len(text), 6))
    return [list(itertools.islice(names, count)) for count in kept]
