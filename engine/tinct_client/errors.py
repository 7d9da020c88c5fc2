"""What can go wrong between an editor and the engine; each holds one sentence for the user.

::

    EngineError
    ├── InvalidParameter          -32602  a parameter or a role is unknown or out of range
    ├── OperationFailed           -32000  the operation cannot work with this picture
    ├── ModelMissing              -32001  a network is missing, or its file is another one
    ├── BadBuffer                 -32003  a pixel file is missing, misplaced or too short
    ├── OutOfMemory               -32004  the picture needs more memory than there is
    ├── Cancelled                 -32800  the user cancelled
    ├── RequestRefused            -32600  the engine did not take the message
    │   ├── ParseRefused          -32700  the message was not JSON
    │   ├── MethodMissing         -32601  the engine has no such method
    │   └── NotInitialized        -32002  a request came before `initialize`
    ├── InternalError             -32603  a defect; the log says more
    └── EngineGone                        no answer will come
        ├── EngineMissing                 the engine cannot be started
        ├── EngineDied                    the engine stopped in the middle
        └── StaleCatalog                  the engine is not the one this adapter was made for
"""

from __future__ import annotations

from typing import Any

from . import protocol

CURE = "Run: tinct doctor"


class EngineError(Exception):
    """Base of all.

    Parameters
    ----------
    message
        One sentence for the user.
    code
        The wire's error code; the class's own unless the engine sent another one.
    data
        What the engine adds for machines, such as ``{"parameter", "value", "allowed"}``.
    """

    code = protocol.OPERATION_FAILED

    def __init__(
        self, message: str, code: int | None = None, data: dict[str, Any] | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = type(self).code if code is None else code
        self.data = data or {}


class InvalidParameter(EngineError, ValueError):
    """A parameter or a role is unknown or out of range; `data` names it."""

    code = protocol.INVALID_PARAMS


class OperationFailed(EngineError):
    """The operation cannot work with this picture."""


class ModelMissing(EngineError):
    """A network is missing; `data` holds its id and the command that mends it."""

    code = protocol.MODEL_MISSING


class BadBuffer(EngineError):
    """A pixel file is missing, misplaced or too short."""

    code = protocol.BAD_BUFFER


class OutOfMemory(EngineError):
    """The picture needs more memory than there is."""

    code = protocol.OUT_OF_MEMORY


class Cancelled(EngineError):
    """The user cancelled: nothing to show."""

    code = protocol.CANCELLED


class RequestRefused(EngineError):
    """The engine did not take the message."""

    code = protocol.INVALID_REQUEST


class ParseRefused(RequestRefused):
    """The message was not JSON."""

    code = protocol.PARSE_ERROR


class MethodMissing(RequestRefused):
    """The engine has no such method."""

    code = protocol.METHOD_NOT_FOUND


class NotInitialized(RequestRefused):
    """A request came before `initialize`."""

    code = protocol.NOT_INITIALIZED


class InternalError(EngineError):
    """A defect in the engine; the log says more."""

    code = protocol.INTERNAL_ERROR


class EngineGone(EngineError):
    """No answer will come."""

    code = protocol.INTERNAL_ERROR


class EngineMissing(EngineGone):
    """The engine cannot be started."""


class EngineDied(EngineGone):
    """The engine stopped in the middle; the next use starts it again."""


class StaleCatalog(EngineGone):
    """The engine is not the one this adapter was made for."""


BY_CODE: dict[int, type[EngineError]] = {
    kind.code: kind
    for kind in (
        InvalidParameter,
        OperationFailed,
        ModelMissing,
        BadBuffer,
        OutOfMemory,
        Cancelled,
        RequestRefused,
        ParseRefused,
        MethodMissing,
        NotInitialized,
        InternalError,
    )
}


def from_wire(value: object) -> EngineError:
    """Return the error that a response's ``error`` member describes."""
    if not isinstance(value, dict):
        return InternalError("The engine answered with an error it did not describe.")
    code, message, data = value.get("code"), value.get("message"), value.get("data")
    if not isinstance(code, int) or not isinstance(message, str) or not message:
        return InternalError("The engine answered with an error it did not describe.")
    return BY_CODE.get(code, EngineError)(message, code, data if isinstance(data, dict) else None)
