"""A picture's palette, as editors show it and let users change it.

The data are what the engine returns for an output of kind ``data`` whose ``"kind"`` is
``"palette"``.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["KIND", "PaletteOf"]

KIND = "palette"


@dataclasses.dataclass(frozen=True)
class PaletteOf:
    """The colors a picture is made of, as ``#rrggbb``.

    Parameters
    ----------
    original
        Those found.
    edited
        What became of each.
    parameters
        Names of the parameters that hold both.
    """

    original: tuple[str, ...]
    edited: tuple[str, ...]
    parameters: tuple[str, str]

    @classmethod
    def find(cls, outputs: Mapping[str, Any]) -> PaletteOf | None:
        """Return the palette among a run's outputs, or None."""
        for value in outputs.values():
            if isinstance(value, Mapping) and value.get("kind") == KIND:
                names = value["set"]
                return cls(
                    tuple(value["original"]),
                    tuple(value["edited"]),
                    (names["original"], names["edited"]),
                )
        return None

    def changed(
        self, place: int, color: str, held: Mapping[str, Sequence[str]]
    ) -> dict[str, list[str]]:
        """Return the parameters, by name, that give one color of the palette another one.

        Parameters
        ----------
        place
            Which one, from 0.
        color
            The new one.
        held
            What the form holds for both parameters. It is the full change; `edited` may be a
            share of that, so it is taken only where the form holds none of this palette.
        """
        original_name, edited_name = self.parameters
        original = list(self.original)
        known, full = list(held[original_name]), list(held[edited_name])
        is_held = len(full) == len(original) and known in ([], original)
        edited = full if is_held else list(self.edited)
        edited[place] = color
        return {original_name: original, edited_name: edited}
