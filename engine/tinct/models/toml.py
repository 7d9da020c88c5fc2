"""TOML text for manifests: the part of the format that they use."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

__all__ = ["to_toml"]

WIDTH = 96


def to_toml(values: Mapping[str, Any]) -> str:
    """Return a table of texts, numbers, truths, lists, tables and lists of tables as TOML.

    Parameters
    ----------
    values
        By name; tables may hold no tables of their own.

    Returns
    -------
    str
        What `tomllib.loads` reads as the same values.
    """
    plain = [_entry(name, value) for name, value in values.items() if not _is_nested(value)]
    parts = ["\n".join(plain)]
    for name, value in values.items():
        if isinstance(value, Mapping):
            parts.append(f"[{name}]\n" + _body(value))
        elif _is_nested(value):
            parts += [f"[[{name}]]\n" + _body(table) for table in value]
    return "\n\n".join(parts) + "\n"


def _is_nested(value: Any) -> bool:
    return isinstance(value, Mapping) or (
        isinstance(value, list) and bool(value) and isinstance(value[0], Mapping)
    )


def _body(table: Mapping[str, Any]) -> str:
    return "\n".join(_entry(name, value) for name, value in table.items())


def _entry(name: str, value: Any) -> str:
    text = _value(value)
    if isinstance(value, list) and len(text) > WIDTH:
        text = "[\n" + "".join(f"    {_value(part)},\n" for part in value) + "]"
    return f"{name} = {text}"


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        # JSON's texts are TOML's, but for the one control character it leaves as it is
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_value(part) for part in value) + "]"
    return repr(value)
