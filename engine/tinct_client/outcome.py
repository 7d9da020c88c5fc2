"""What a run takes and gives, to and from the wire."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from .errors import CURE, InternalError
from .protocol import PixelRef

Inputs = Mapping[str, "PixelRef | Sequence[PixelRef]"]


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What a run gave.

    Parameters
    ----------
    outputs
        By role a `PixelRef`, a list of (title, `PixelRef`), or data. `Exchange.read` deletes the
        files; `Exchange.discard` does when they are not wanted.
    warnings
        One sentence each.
    seconds
        How long the operation took in the engine.
    """

    outputs: dict[str, Any]
    warnings: list[str]
    seconds: float

    @classmethod
    def from_wire(cls, value: Any) -> Outcome:
        """Parse the answer of ``operation/run``."""
        try:
            outputs = {role: _output(output) for role, output in value["outputs"].items()}
            return cls(outputs, list(value["warnings"]), float(value["seconds"]))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise InternalError(f"The engine's result is not readable. {CURE}") from error


def inputs_to_wire(inputs: Inputs) -> dict[str, Any]:
    """Return pictures by role in JSON's types."""
    return {role: _to_wire(value) for role, value in inputs.items()}


def _to_wire(value: PixelRef | Sequence[PixelRef]) -> Any:
    if isinstance(value, PixelRef):
        return value.to_wire()
    return [reference.to_wire() for reference in value]


def _output(value: dict[str, Any]) -> Any:
    if "picture" in value:
        return PixelRef.from_wire(value["picture"])
    if "layers" in value:
        return [(layer["title"], PixelRef.from_wire(layer["picture"])) for layer in value["layers"]]
    return value["data"]
