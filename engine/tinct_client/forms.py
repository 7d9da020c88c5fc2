"""What a form must know whatever draws it: order, titles, limits, what is enabled, what fits."""

from __future__ import annotations

import dataclasses
import json
import os
import re
import reprlib
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from .errors import InvalidParameter

PALETTE_MAXIMUM = 256
BOXES_MAXIMUM = 64
HEX_COLOR = re.compile(r"#[0-9a-fA-F]{6}")
NAME_MAXIMUM_CHARACTERS = 80


@dataclasses.dataclass(frozen=True)
class Field:
    """One parameter, as the operation's info dict describes it.

    Parameters
    ----------
    kind
        number, integer, boolean, choice, color, palette, angle, seed, file or boxes.
    choices
        Pairs of value and title.
    save
        Whether a file is to be written, and need not be there.
    enabled_when
        The name of another field and the values of it that enable this one, or None.
    """

    name: str
    kind: str
    title: str
    description: str
    default: Any
    minimum: float | None = None
    maximum: float | None = None
    step: float | None = None
    choices: tuple[tuple[str, str], ...] = ()
    patterns: tuple[str, ...] = ()
    save: bool = False
    advanced: bool = False
    enabled_when: tuple[str, tuple[Any, ...]] | None = None

    @classmethod
    def from_info(cls, info: Mapping[str, Any]) -> Field:
        """Read one entry of an operation's ``parameters``."""
        condition = info.get("enabledWhen")
        return cls(
            name=info["name"],
            kind=info["kind"],
            title=info["title"],
            description=info.get("description", ""),
            default=info["default"],
            minimum=info.get("minimum"),
            maximum=info.get("maximum"),
            step=info.get("multipleOf"),
            choices=tuple(zip(info.get("enum", ()), info.get("enumTitles", ()), strict=True)),
            patterns=tuple(info.get("patterns", ())),
            save=info.get("save", False),
            advanced=info.get("advanced", False),
            enabled_when=condition and (condition["parameter"], tuple(condition["values"])),
        )

    @property
    def allowed(self) -> str:
        """What fits, in the engine's words."""
        words = {
            "choice": "one of " + ", ".join(value for value, _ in self.choices),
            "boolean": "true or false",
            "color": "a color such as #2a7fff",
            "palette": f"up to {PALETTE_MAXIMUM} colors such as #2a7fff",
            "file": "the path of a file",
            "boxes": "pairs of boxes, each [left, top, width, height] with a positive size",
        }
        limits = f"{_plain(self.minimum)} to {_plain(self.maximum)}"
        whole = ", a whole number" if self.kind in ("integer", "seed") else ""
        return words.get(self.kind, limits + whole)

    def problem(self, value: Any) -> str | None:
        """Return the sentence that says why a value does not fit, or None."""
        with suppress(TypeError, ValueError, OverflowError):
            if self._fits(value):
                return None
        return f"{self.name} must be {self.allowed}; got {reprlib.repr(value)}."

    def _fits(self, value: Any) -> bool:
        if self.kind == "boolean":
            return isinstance(value, bool)
        if self.kind == "choice":
            return value in [choice for choice, _ in self.choices]
        if self.kind == "color":
            return _is_color(value)
        if self.kind == "palette":
            return _is_list(value, PALETTE_MAXIMUM) and all(map(_is_color, value))
        if self.kind == "file":
            return value is None or (isinstance(value, str) and "\0" not in value)
        if self.kind == "boxes":
            return _is_list(value, BOXES_MAXIMUM) and all(map(_is_pair, value))
        return self._is_number(value)

    def _is_number(self, value: Any) -> bool:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return False
        if self.minimum is None or self.maximum is None:
            return False
        whole = self.kind in ("integer", "seed")
        return self.minimum <= value <= self.maximum and (not whole or value == int(value))


class Form:
    """The parameters of one operation and the values the user gave them.

    Parameters
    ----------
    info
        The operation's info dict from the catalog.
    """

    def __init__(self, info: Mapping[str, Any]) -> None:
        self.id: str = info["id"]
        self.fields = tuple(Field.from_info(field) for field in info["parameters"])
        self.by_name = {field.name: field for field in self.fields}
        self.values = self.defaults()

    @property
    def basic(self) -> list[Field]:
        """The fields to show at once, in order."""
        return [field for field in self.fields if not field.advanced]

    @property
    def advanced(self) -> list[Field]:
        """The fields to fold away, in order."""
        return [field for field in self.fields if field.advanced]

    def defaults(self) -> dict[str, Any]:
        """Return fresh default values."""
        return {field.name: _copy(field.default) for field in self.fields}

    def reset(self) -> None:
        """Go back to the defaults."""
        self.values = self.defaults()

    def set(self, name: str, value: Any) -> None:
        """Take one value.

        Raises
        ------
        InvalidParameter
            When there is no such field or the value does not fit; the old one stays.
        """
        if name not in self.by_name:
            known = ", ".join(self.by_name) or "none"
            raise _invalid(f"{self.id} has no parameter '{name}'; it has {known}.", name, known)
        problem = self.by_name[name].problem(value)
        if problem is not None:
            raise _invalid(problem, name, self.by_name[name].allowed)
        self.values[name] = _copy(value)

    def is_enabled(self, name: str) -> bool:
        """Whether a field matters with the present values."""
        condition = self.by_name[name].enabled_when
        if condition is None:
            return True
        # A field that waits for a disabled one is disabled too.
        return self.values[condition[0]] in condition[1] and self.is_enabled(condition[0])

    def problems(self) -> dict[str, str]:
        """Return a sentence for each value that does not fit, by name."""
        found = {field.name: field.problem(self.values[field.name]) for field in self.fields}
        return {name: problem for name, problem in found.items() if problem is not None}

    def remember(self) -> str:
        """Return the values as JSON, to keep with a layer, a document or the user."""
        return json.dumps(self.values, sort_keys=True)

    def recall(self, text: str) -> None:
        """Take values from `remember`; what no longer fits keeps its default."""
        self.reset()
        with suppress(ValueError, RecursionError):
            values = json.loads(text)
            for name, value in values.items() if isinstance(values, dict) else ():
                with suppress(InvalidParameter):
                    self.set(name, value)


class Presets:
    """Named values of an operation, one file for each operation.

    Parameters
    ----------
    operation
        Its id.
    folder
        Where the files lie, such as the editor's configuration folder.
    """

    def __init__(self, operation: str, folder: str | os.PathLike[str]) -> None:
        self.path = Path(folder) / f"{operation}.json"

    def names(self) -> list[str]:
        """Return the names, sorted."""
        return sorted(self._read(), key=str.casefold)

    def save(self, name: str, form: Form) -> None:
        """Keep the form's values under a name, in place of what had it.

        Raises
        ------
        InvalidParameter
            When the name is empty or too long.
        """
        name = name.strip()
        if not 0 < len(name) <= NAME_MAXIMUM_CHARACTERS:
            allowed = f"1 to {NAME_MAXIMUM_CHARACTERS} characters"
            raise _invalid(f"A preset's name must have {allowed}.", "name", allowed)
        self._write(self._read() | {name: form.remember()})

    def load(self, name: str, form: Form) -> None:
        """Fill the form with what was kept; its defaults when there is nothing."""
        form.recall(self._read().get(name, ""))

    def delete(self, name: str) -> None:
        """Forget a name."""
        self._write({key: text for key, text in self._read().items() if key != name})

    def _read(self) -> dict[str, str]:
        with suppress(OSError, ValueError, RecursionError):
            kept = json.loads(self.path.read_text("utf-8"))
            if isinstance(kept, dict):
                return {name: text for name, text in kept.items() if isinstance(text, str)}
        return {}

    def _write(self, presets: Mapping[str, str]) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        whole = self.path.with_suffix(f".{os.getpid()}.part")
        whole.write_text(json.dumps(presets, indent=1, sort_keys=True), "utf-8")
        os.replace(whole, self.path)  # a crash leaves the old file or the new one


def _invalid(message: str, name: str, allowed: str) -> InvalidParameter:
    return InvalidParameter(message, data={"parameter": name, "allowed": allowed})


def _is_color(value: Any) -> bool:
    return isinstance(value, str) and HEX_COLOR.fullmatch(value) is not None


def _is_list(value: Any, maximum: int) -> bool:
    return isinstance(value, (list, tuple)) and len(value) <= maximum


def _is_pair(value: Any) -> bool:
    return _is_list(value, 2) and len(value) == 2 and all(map(_is_box, value))


def _is_box(value: Any) -> bool:
    if not _is_list(value, 4) or len(value) != 4:
        return False
    whole = all(isinstance(part, int) and not isinstance(part, bool) for part in value)
    return whole and value[2] > 0 and value[3] > 0


def _plain(number: float | None) -> str:
    return f"{number:g}" if number is not None and abs(number) < 1e6 else str(number)


def _copy(value: Any) -> Any:
    return json.loads(json.dumps(value))
