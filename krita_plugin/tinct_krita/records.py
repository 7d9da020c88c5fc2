"""What a document remembers about tinct: kept in its annotations, so it is saved in the .kra."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from .qt import QByteArray

ANNOTATION = "tinct/record"
DESCRIPTION = "How tinct made its layers, so that it can make them again"


def read(document: Any) -> dict[str, Any]:
    """Return the document's record.

    Returns
    -------
    dict
        ``results`` by layer id, each with operation, parameters, roles and color_only; ``strokes``,
        ``swatches`` and ``live``, lists of layer ids; ``choices`` by operation id, the last form.
    """
    record: dict[str, Any] = {}
    if ANNOTATION in document.annotationTypes():
        with suppress(ValueError, RecursionError):
            found = json.loads(bytes(document.annotation(ANNOTATION)).decode("utf-8", "replace"))
            record = found if isinstance(found, dict) else {}
    for name, kind in (
        ("results", dict),
        ("strokes", list),
        ("swatches", list),
        ("live", list),
        ("choices", dict),
    ):
        if not isinstance(record.get(name), kind):
            record[name] = kind()
    for name in ("results", "choices"):
        record[name] = {key: _form(made) for key, made in record[name].items()}
    return record


def _form(made: Any) -> dict[str, Any]:
    """Return a form as it was kept; of what somebody else wrote there, only what can be one."""
    form = dict(made) if isinstance(made, dict) else {}
    for name in ("parameters", "roles"):
        if not isinstance(form.get(name, {}), dict):
            del form[name]
    return form


def write(document: Any, record: Mapping[str, Any]) -> None:
    """Keep a record in the document."""
    text = json.dumps(record, sort_keys=True, ensure_ascii=False)
    document.setAnnotation(ANNOTATION, DESCRIPTION, QByteArray(text.encode()))


def add_result(document: Any, layer: str, made: Mapping[str, Any], replaces: str = "") -> None:
    """Remember how a layer was made."""
    record = read(document)
    record["results"].pop(replaces, None)
    record["results"][layer] = dict(made)
    write(document, record)


def add_layer(document: Any, kind: str, layer: str) -> None:
    """Remember a layer of ``strokes``, ``swatches`` or ``live``."""
    record = read(document)
    if layer not in record[kind]:
        record[kind].append(layer)
        write(document, record)


def add_choice(document: Any, operation: str, choice: Mapping[str, Any]) -> None:
    """Remember an operation's last form."""
    record = read(document)
    if record["choices"].get(operation) != choice:
        record["choices"][operation] = dict(choice)
        write(document, record)
