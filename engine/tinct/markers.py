"""What a declaration is written with: values of parameters, and markers for annotations."""

from __future__ import annotations

import dataclasses
import re
from typing import Any, NamedTuple

__all__ = [
    "Advanced",
    "Angle",
    "Box",
    "BoxPair",
    "Boxes",
    "Color",
    "EnabledWhen",
    "FilePattern",
    "Label",
    "Palette",
    "Range",
    "Seed",
    "Titles",
]


class Color(NamedTuple):
    """An sRGB-encoded color, each part 0 to 1."""

    red: float
    green: float
    blue: float

    @classmethod
    def from_hex(cls, text: str) -> Color:
        """Parse ``#rrggbb``; raises `ValueError` for anything else."""
        if not re.fullmatch(r"#[0-9a-fA-F]{6}", text):
            raise ValueError(text)
        return cls(*(int(text[start : start + 2], 16) / 0xFF for start in (1, 3, 5)))

    def to_hex(self) -> str:
        """Return ``#rrggbb``."""
        return "#" + "".join(f"{round(part * 0xFF):02x}" for part in self)


Palette = tuple[Color, ...]


class Box(NamedTuple):
    """A rectangle in pixels from the top left corner of a picture."""

    left: int
    top: int
    width: int
    height: int


class BoxPair(NamedTuple):
    """A region of the picture to color, and the region of the reference it takes color from."""

    target: Box
    reference: Box


Boxes = tuple[BoxPair, ...]


@dataclasses.dataclass(frozen=True)
class Label:
    """Title in a form, and one or two sentences of help."""

    title: str
    help: str = ""


@dataclasses.dataclass(frozen=True)
class Range:
    """Smallest and largest value allowed, and the step of a spin button."""

    minimum: float
    maximum: float
    step: float = 0.0


@dataclasses.dataclass(frozen=True)
class Titles:
    """Titles of a choice's values, in their order."""

    titles: tuple[str, ...]

    def __init__(self, *titles: str) -> None:
        object.__setattr__(self, "titles", titles)


@dataclasses.dataclass(frozen=True)
class Advanced:
    """Fold the parameter away until the user asks for it."""


@dataclasses.dataclass(frozen=True)
class EnabledWhen:
    """Gray the parameter out unless another one has one of these values."""

    parameter: str
    values: tuple[Any, ...]

    def __init__(self, parameter: str, *values: Any) -> None:
        object.__setattr__(self, "parameter", parameter)
        object.__setattr__(self, "values", values)


@dataclasses.dataclass(frozen=True)
class Angle:
    """A number in degrees, 0 to 360, on a circle."""


@dataclasses.dataclass(frozen=True)
class Seed:
    """An integer that starts a random number generator."""


@dataclasses.dataclass(frozen=True)
class FilePattern:
    """What files a file parameter takes, such as ``"*.gpl"``, and whether it is to be written."""

    patterns: tuple[str, ...]
    save: bool = False

    def __init__(self, *patterns: str, save: bool = False) -> None:
        object.__setattr__(self, "patterns", patterns)
        object.__setattr__(self, "save", save)
