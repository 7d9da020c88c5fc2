"""Finds the operations: one file each in `tinct.operations`, named like its id."""

from __future__ import annotations

import functools
import hashlib
import importlib
import json
import pkgutil
from typing import Any

from tinct import operations
from tinct.declare import Operation
from tinct.errors import ParameterError

__all__ = ["catalog_sha256", "find_operation", "list_operations", "to_info"]


@functools.cache
def list_operations() -> tuple[Operation, ...]:
    """Return every operation, sorted by id.

    Raises
    ------
    TypeError
        When a file declares no operation, or one whose id is not the file's name.
    """
    found = []
    for module in pkgutil.iter_modules(operations.__path__):
        if module.name.startswith("_"):
            continue
        loaded = importlib.import_module(f"{operations.__name__}.{module.name}")
        operation = getattr(loaded, "OPERATION", None)
        if not isinstance(operation, Operation) or operation.id != module.name.replace("_", "-"):
            raise TypeError(f"operations/{module.name}.py must hold the OPERATION of its own name")
        found.append(operation)
    return tuple(sorted(found, key=lambda operation: operation.id))


def find_operation(name: str) -> Operation:
    """Return the operation with this id.

    Raises
    ------
    ParameterError
        When there is none; the sentence lists those there are.
    """
    for operation in list_operations():
        if operation.id == name:
            return operation
    allowed = ", ".join(operation.id for operation in list_operations() if operation.listed)
    raise ParameterError(
        f"There is no operation '{name}'; there are {allowed}.",
        parameter="operation",
        value=name,
        allowed=allowed,
    )


def to_info() -> list[dict[str, Any]]:
    """Return the whole catalog in JSON's types."""
    return [operation.to_info() for operation in list_operations()]


def catalog_sha256() -> str:
    """Return the digest by which an editor's copy of the catalog is known to be stale."""
    text = json.dumps(to_info(), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
