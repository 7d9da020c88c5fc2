"""The closed vocabulary of parameters: ten kinds, each declared, described, parsed, refused."""

from __future__ import annotations

import dataclasses
import reprlib
import types
import typing
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, cast

from tinct.errors import ParameterError
from tinct.markers import (
    Advanced,
    Angle,
    Box,
    Boxes,
    BoxPair,
    Color,
    EnabledWhen,
    FilePattern,
    Label,
    Palette,
    Range,
    Seed,
    Titles,
)

__all__ = ["Parameter"]

SEED_MAXIMUM = 2**32 - 1
PALETTE_MAXIMUM = 256
BOXES_MAXIMUM = 64


Kind = Literal[
    "number",
    "integer",
    "boolean",
    "choice",
    "color",
    "palette",
    "angle",
    "seed",
    "file",
    "boxes",
]


@dataclasses.dataclass(frozen=True)
class Parameter:
    """One parameter of an operation, as forms, command line, wire and documentation see it."""

    name: str
    kind: Kind
    title: str
    default: Any
    help: str = ""
    minimum: float | None = None
    maximum: float | None = None
    step: float | None = None
    choices: tuple[str, ...] = ()
    choice_titles: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    save: bool = False
    advanced: bool = False
    enabled_when: EnabledWhen | None = None

    @classmethod
    def of(cls, name: str, annotation: Any, default: Any) -> Parameter:
        """Read a keyword-only argument's annotation and default.

        Raises
        ------
        TypeError
            When the vocabulary cannot express it; nothing is guessed.
        """
        base, markers = _split(annotation)
        found = {type(marker): marker for marker in markers}
        kind = _kind_of(name, base, found)
        label = found.get(Label) or Label(name.replace("_", " ").capitalize())
        fields: dict[str, Any] = {"title": label.title, "help": label.help}
        if kind in ("number", "integer"):
            fields.update(_range_fields(name, kind, found.get(Range)))
        elif kind == "angle":
            fields.update(minimum=0.0, maximum=360.0, step=1.0)
        elif kind == "seed":
            fields.update(minimum=0, maximum=SEED_MAXIMUM, step=1)
        elif kind == "choice":
            fields.update(_choice_fields(name, base, found.get(Titles)))
        elif kind == "file":
            files = found.get(FilePattern) or FilePattern("*")
            fields.update(patterns=files.patterns, save=files.save)
        parameter = cls(
            name=name,
            kind=kind,
            default=default,
            advanced=Advanced in found,
            enabled_when=found.get(EnabledWhen),
            **fields,
        )
        try:
            return dataclasses.replace(
                parameter, default=parameter.parse(parameter.to_wire(default))
            )
        except (ParameterError, AttributeError, ValueError) as error:
            raise TypeError(f"{name} has an unfit default {default!r}: {error}") from error

    def to_info(self) -> dict[str, Any]:
        """Return the parameter in JSON-Schema words, absent ones left out."""
        info: dict[str, Any] = {
            "name": self.name,
            "kind": self.kind,
            "title": self.title,
            "description": self.help,
            "default": self.to_wire(self.default),
        }
        if self.minimum is not None:
            info.update(minimum=self.minimum, maximum=self.maximum, multipleOf=self.step)
        if self.choices:
            info.update(enum=list(self.choices), enumTitles=list(self.choice_titles))
        if self.kind == "file":
            info["patterns"] = list(self.patterns)
        if self.save:
            info["save"] = True
        if self.advanced:
            info["advanced"] = True
        if self.enabled_when:
            info["enabledWhen"] = {
                "parameter": self.enabled_when.parameter,
                "values": list(self.enabled_when.values),
            }
        return info

    @property
    def allowed(self) -> str:
        """What values do, in words."""
        return {
            "choice": "one of " + ", ".join(self.choices),
            "boolean": "true or false",
            "color": "a color such as #2a7fff",
            "palette": f"up to {PALETTE_MAXIMUM} colors such as #2a7fff",
            "file": "the path of a file",
            "boxes": "pairs of boxes, each [left, top, width, height] with a positive size",
        }.get(
            self.kind,
            f"{_plain(self.minimum)} to {_plain(self.maximum)}"
            + (", a whole number" if self.kind in ("integer", "seed") else ""),
        )

    def to_wire(self, value: Any) -> Any:
        """Return a value in JSON's types."""
        if self.kind == "color":
            return cast(Color, value).to_hex()
        if self.kind == "palette":
            return [color.to_hex() for color in value]
        if self.kind == "file":
            return None if value is None else str(value)
        if self.kind == "boxes":
            return [[list(pair.target), list(pair.reference)] for pair in value]
        return value

    def parse(self, value: Any) -> Any:
        """Check a value in JSON's types and return it as the operation takes it.

        Raises
        ------
        ParameterError
            When it is of another kind or out of range.
        """
        try:
            return getattr(self, f"_parse_{self.kind}")(value)
        except (ValueError, TypeError, OverflowError):
            raise ParameterError(
                f"{self.name} must be {self.allowed}; got {reprlib.repr(value)}.",
                parameter=self.name,
                value=value,
                allowed=self.allowed,
            ) from None

    def _parse_number(self, value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise TypeError
        return float(self._in_range(value))

    _parse_angle = _parse_number

    def _parse_integer(self, value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int | float) or value != int(value):
            raise TypeError
        return int(self._in_range(value))

    _parse_seed = _parse_integer

    def _in_range(self, value: float) -> float:
        if self.minimum is None or self.maximum is None:
            raise TypeError
        if not self.minimum <= value <= self.maximum:
            raise ValueError
        return value

    def _parse_boolean(self, value: Any) -> bool:
        if not isinstance(value, bool):
            raise TypeError
        return value

    def _parse_choice(self, value: Any) -> str:
        if value not in self.choices:
            raise ValueError
        return str(value)

    def _parse_color(self, value: Any) -> Color:
        if not isinstance(value, str):
            raise TypeError
        return Color.from_hex(value)

    def _parse_palette(self, value: Any) -> Palette:
        if not isinstance(value, list | tuple) or len(value) > PALETTE_MAXIMUM:
            raise TypeError
        return tuple(self._parse_color(color) for color in value)

    def _parse_file(self, value: Any) -> Path | None:
        if value is None or value == "":
            return None
        if not isinstance(value, str) or "\0" in value:
            raise TypeError
        return Path(value)

    def _parse_boxes(self, value: Any) -> Boxes:
        if not isinstance(value, list | tuple) or len(value) > BOXES_MAXIMUM:
            raise TypeError
        return tuple(BoxPair(*(_box(box) for box in _exactly(2, pair))) for pair in value)


def _exactly(count: int, values: Any) -> Sequence[Any]:
    if not isinstance(values, list | tuple) or len(values) != count:
        raise TypeError
    return values


def _box(value: Any) -> Box:
    parts = _exactly(4, value)
    if not all(isinstance(part, int) and not isinstance(part, bool) for part in parts):
        raise TypeError
    box = Box(*parts)
    if box.width <= 0 or box.height <= 0:
        raise ValueError
    return box


def _plain(number: float | None) -> str:
    return f"{number:g}" if number is not None and abs(number) < 1e6 else str(number)


def _split(annotation: Any) -> tuple[Any, tuple[Any, ...]]:
    if typing.get_origin(annotation) is typing.Annotated:
        base, *markers = typing.get_args(annotation)
        return base, tuple(markers)
    return annotation, ()


_MARKERS = (Label, Range, Titles, Advanced, EnabledWhen, Angle, Seed, FilePattern)
_PLAIN_KINDS: dict[Any, Kind] = {
    float: "number",
    int: "integer",
    bool: "boolean",
    Color: "color",
    Palette: "palette",
    Boxes: "boxes",
}


def _kind_of(name: str, base: Any, found: dict[type, Any]) -> Kind:
    for marker in found:
        if marker not in _MARKERS:
            raise TypeError(f"{name} carries {marker.__name__}, which declares nothing")
    if base is float and Angle in found:
        return "angle"
    if base is int and Seed in found:
        return "seed"
    if typing.get_origin(base) is Literal:
        return "choice"
    if isinstance(base, types.UnionType) and set(typing.get_args(base)) == {Path, type(None)}:
        return "file"
    if base in _PLAIN_KINDS:
        return _PLAIN_KINDS[base]
    raise TypeError(f"{name} has type {base!r}, which no parameter kind expresses")


def _range_fields(name: str, kind: str, limits: Range | None) -> dict[str, float]:
    if limits is None:
        raise TypeError(f"{name} needs a Range")
    if not limits.minimum < limits.maximum or limits.step < 0:
        raise TypeError(f"{name} has an empty Range")
    if kind == "integer":
        return {"minimum": int(limits.minimum), "maximum": int(limits.maximum), "step": 1}
    step = limits.step or (limits.maximum - limits.minimum) / 100
    return {"minimum": float(limits.minimum), "maximum": float(limits.maximum), "step": step}


def _choice_fields(name: str, base: Any, titles: Titles | None) -> dict[str, tuple[str, ...]]:
    values = typing.get_args(base)
    if not all(isinstance(value, str) for value in values):
        raise TypeError(f"{name} is a choice of something other than texts")
    words = (
        titles.titles if titles else tuple(value.replace("-", " ").capitalize() for value in values)
    )
    if len(words) != len(values):
        raise TypeError(f"{name} has {len(values)} choices, but {len(words)} titles")
    return {"choices": values, "choice_titles": words}
