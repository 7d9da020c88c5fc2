"""Everything tinct raises on purpose: each class has its wire code and tells users one sentence.

::

    TinctError                    -32000  the operation failed
    ├── InputError                -32000  a picture or a hint is not fit for the operation
    │   └── FileError             -32000  a file cannot be read or written
    ├── NetworkError              -32000  a network's file or what it gives is not fit
    │   └── ManifestError         -32000  a network's manifest is malformed
    ├── ParameterError            -32602  a parameter or a role is unknown or out of range
    ├── ProtocolError             -32600  a message is not what the protocol says
    │   ├── UnknownMethodError    -32601  the worker has no such method
    │   ├── NotInitializedError   -32002  a request came before `initialize`
    │   └── PixelBufferError      -32003  a pixel file is missing, misplaced or too short
    ├── ModelMissingError         -32001  a network is missing, or its file is another one
    ├── MemoryLimitError          -32004  the picture needs more memory than there is
    └── Cancelled                 -32800  the user cancelled
"""

from __future__ import annotations

import reprlib
from typing import Any

from tinct_client import protocol

__all__ = [
    "Cancelled",
    "FileError",
    "InputError",
    "ManifestError",
    "MemoryLimitError",
    "ModelMissingError",
    "NetworkError",
    "NotInitializedError",
    "ParameterError",
    "PixelBufferError",
    "ProtocolError",
    "TinctError",
    "UnknownMethodError",
]


class TinctError(Exception):
    """Base of all: one sentence that says what is wrong, what is allowed and what to do next."""

    code = protocol.OPERATION_FAILED

    def data(self) -> dict[str, Any]:
        """Return details for machines, in JSON's types."""
        return {}


class InputError(TinctError):
    """A picture or a hint is not fit for the operation."""


class FileError(InputError):
    """A file cannot be read or written."""


class NetworkError(TinctError):
    """A network's file, its tensors or what it gives is not fit for use."""


class ManifestError(NetworkError):
    """A network's manifest is malformed or says what nobody knows."""


class ParameterError(TinctError, ValueError):
    """A parameter or a role is unknown or out of range.

    Parameters
    ----------
    message
        The sentence.
    parameter, value, allowed
        The name, what was given, and what would do, in words.
    """

    code = protocol.INVALID_PARAMS

    def __init__(
        self, message: str, *, parameter: str = "", value: object = None, allowed: str = ""
    ) -> None:
        super().__init__(message)
        self.parameter = parameter
        self.value = value
        self.allowed = allowed

    def data(self) -> dict[str, Any]:
        """Return the parameter's name, its value as a short text, and what is allowed."""
        return {
            "parameter": self.parameter,
            "value": reprlib.repr(self.value),
            "allowed": self.allowed,
        }


class ProtocolError(TinctError):
    """A message is not what the protocol says."""

    code = protocol.INVALID_REQUEST


class UnknownMethodError(ProtocolError):
    """The worker has no such method."""

    code = protocol.METHOD_NOT_FOUND


class NotInitializedError(ProtocolError):
    """A request came before `initialize`."""

    code = protocol.NOT_INITIALIZED


class PixelBufferError(ProtocolError):
    """A pixel file is missing, lies outside its folder or is too short."""

    code = protocol.BAD_BUFFER


class ModelMissingError(TinctError):
    """A network is not installed, or its file is not the one its manifest names.

    Parameters
    ----------
    message
        The sentence.
    model
        The network's id.
    hint
        The command that mends it.
    """

    code = protocol.MODEL_MISSING

    def __init__(self, message: str, *, model: str = "", hint: str = "") -> None:
        super().__init__(message)
        self.model = model
        self.hint = hint

    def data(self) -> dict[str, Any]:
        """Return the network's id and the command that mends it."""
        return {"model": self.model, "hint": self.hint}


class MemoryLimitError(TinctError):
    """The picture needs more memory than there is."""

    code = protocol.OUT_OF_MEMORY


class Cancelled(TinctError):
    """The user cancelled."""

    code = protocol.CANCELLED

    def __init__(self, message: str = "Cancelled.") -> None:
        super().__init__(message)
