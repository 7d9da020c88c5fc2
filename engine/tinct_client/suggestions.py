"""Colors the engine suggests for strokes and places, as editors offer them.

The data are what the engine returns for an output of kind ``data`` whose ``"kind"`` is
``"suggestions"``.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, NamedTuple

__all__ = ["KIND", "Suggested", "Suggestions"]

KIND = "suggestions"


class Suggested(NamedTuple):
    """A color as ``#rrggbb``, and how likely it is, 0 to 1; None where that is not known."""

    color: str
    share: float | None


@dataclasses.dataclass(frozen=True)
class Suggestions:
    """What a run suggests.

    Parameters
    ----------
    strokes
        For each stroke its colors, the likeliest first; the newest stroke first.
    fields
        The same for the fields of a grid over the picture, row by row.
    rows, columns
        Of that grid.
    """

    strokes: tuple[tuple[Suggested, ...], ...]
    fields: tuple[tuple[Suggested, ...], ...]
    rows: int
    columns: int

    @classmethod
    def find(cls, outputs: Mapping[str, Any]) -> Suggestions | None:
        """Return the suggestions among a run's outputs, or None."""
        for value in outputs.values():
            if isinstance(value, Mapping) and value.get("kind") == KIND:
                return cls.from_data(value)
        return None

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Suggestions:
        """Read the engine's description."""
        grid = data["map"]
        return cls(
            strokes=tuple(
                tuple(Suggested(one["color"], one["share"]) for one in stroke["colors"])
                for stroke in data["strokes"]
            ),
            fields=tuple(tuple(Suggested(one, None) for one in field) for field in grid["colors"]),
            rows=grid["rows"],
            columns=grid["columns"],
        )

    def for_newest_stroke(self) -> tuple[Suggested, ...]:
        """Return the colors for the stroke painted last, none without strokes."""
        return self.strokes[0] if self.strokes else ()

    def at(self, x: float, y: float, width: float, height: float) -> tuple[Suggested, ...]:
        """Return the colors for a place, none outside the picture.

        Parameters
        ----------
        x, y
            From the picture's top left, in the unit of `width` and `height`, its size.
        """
        if not (0 <= x < width and 0 <= y < height) or not self.rows or not self.columns:
            return ()
        row, column = int(y * self.rows / height), int(x * self.columns / width)
        return self.fields[row * self.columns + column]
