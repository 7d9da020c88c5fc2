"""Tables of a manifest, whose every entry is checked when it is taken."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn, cast

from tinct.errors import ManifestError

__all__ = ["Table", "is_pair"]

NUMBER_MAXIMUM = 1e30
KINDS = {str: "a text", int: "a whole number", bool: "true or false", list: "a list"}


class Table:
    """A table of a manifest; what is taken from it is checked, what is left is refused."""

    def __init__(self, file: str, name: str, values: Mapping[str, Any]) -> None:
        self.file = file
        self.name = name
        self.values = dict(values)
        self._taken: set[str] = set()

    def fail(self, key: str, allowed: str) -> NoReturn:
        """Refuse an entry."""
        place = f"{self.name}.{key}" if self.name else key
        raise ManifestError(f"In the manifest {self.file}, {place} must be {allowed}.")

    def take(self, key: str, kind: type, default: Any = None) -> Any:
        """Return an entry of a type, or the default when it has one."""
        self._taken.add(key)
        if key not in self.values and default is not None:
            return default
        value = self.values.get(key)
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            self.fail(key, KINDS.get(kind, "a table"))
        return value

    def text(
        self, key: str, default: str | None = None, pattern: re.Pattern[str] | None = None
    ) -> str:
        """Return a text, not empty unless that is its default."""
        value = str(self.take(key, str, default))
        if not value and default is None:
            self.fail(key, "a text that is not empty")
        if pattern is not None and not pattern.fullmatch(value):
            self.fail(key, f"of the form {pattern.pattern}")
        return value

    def one_of(self, key: str, allowed: Sequence[str]) -> str:
        """Return one of some texts."""
        value = self.take(key, str)
        if value not in allowed:
            self.fail(key, "one of " + ", ".join(allowed))
        return str(value)

    def flag(self, key: str, default: bool) -> bool:
        """Return true or false."""
        return bool(self.take(key, bool, default))

    def whole(self, key: str, low: int, high: int, default: int | None = None) -> int:
        """Return a whole number of a range."""
        value = int(self.take(key, int, default))
        if not low <= value <= high:
            self.fail(key, f"{low} to {high}")
        return value

    def number(self, key: str, default: float | None = None) -> float:
        """Return a number, or the default when it has one."""
        self._taken.add(key)
        value = self.values.get(key, default)
        if not _is_number(value):
            self.fail(key, "a number")
        return float(cast(float, value))

    def pair(self, key: str, default: tuple[float, float] | None = None) -> tuple[float, float]:
        """Return two numbers."""
        value = self.take(key, list, None if default is None else list(default))
        if not is_pair(value):
            self.fail(key, "a list of two numbers")
        return float(value[0]), float(value[1])

    def table(self, key: str) -> Table:
        """Return an inner table, empty when it is not there."""
        return Table(self.file, key, self.take(key, dict, {}))

    def tables(self, key: str, *, needed: bool = True) -> list[Table]:
        """Return a list of inner tables, at least one unless none is needed."""
        value = self.take(key, list, None if needed else [])
        if not all(isinstance(part, dict) for part in value) or (needed and not value):
            self.fail(key, "a list of tables")
        return [Table(self.file, f"{key}[{place}]", part) for place, part in enumerate(value)]

    def refuse_rest(self) -> None:
        """Refuse what nobody has taken."""
        for key in self.values:
            if key not in self._taken:
                self.fail(key, "left out: nobody knows what it means")


def is_pair(value: Any) -> bool:
    """Say whether a value is a list of two finite numbers."""
    return isinstance(value, list) and len(value) == 2 and all(_is_number(part) for part in value)


def _is_number(value: Any) -> bool:
    known = isinstance(value, int | float) and not isinstance(value, bool)
    return known and abs(value) < NUMBER_MAXIMUM
