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

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tinct import color
from tinct.markers import Color

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
    return {
        "kind": KIND,
        "version": VERSION,
        "strokes": [
            {
                "x": spot.x,
                "y": spot.y,
                "colors": [
                    {"color": name, "share": round(float(share), 4)}
                    for name, share in zip(_names(spot), spot.shares, strict=False)
                ],
            }
            for spot in strokes
        ],
        "map": {
            "rows": len(fields),
            "columns": len(fields[0]) if fields else 0,
            "colors": [_names(spot) for row in fields for spot in row],
        },
    }


def _names(spot: Spot) -> list[str]:
    """Return the colors that sRGB has at this lightness, each once, as ``#rrggbb``."""
    kept = spot.ab[spot.shares >= SHARE_MINIMUM]
    lab = np.column_stack([np.full(len(kept), spot.lightness), kept])
    return [Color(*row).to_hex() for row in color.fit_to_gamut(lab.astype(np.float32)).tolist()]
