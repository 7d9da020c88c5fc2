"""Lines in and out: splits and checks what the client sends, writes answers whole."""

from __future__ import annotations

import dataclasses
import json
import os
import threading
from collections.abc import Iterator
from typing import Any, NoReturn

from tinct.errors import ParameterError, ProtocolError, TinctError
from tinct_client import protocol

__all__ = ["Message", "ParseError", "Writer", "decode", "error_of", "id_of", "parse", "read_lines"]

READ_BYTES = 1 << 16
ID_MAXIMUM_CHARACTERS = 200
Id = int | str


class ParseError(ProtocolError):
    """A line is not JSON."""

    code = protocol.PARSE_ERROR


@dataclasses.dataclass(frozen=True)
class Message:
    """A request, or without `id` a notification."""

    method: str
    params: dict[str, Any]
    id: Id | None = None


def read_lines(descriptor: int) -> Iterator[bytes | None]:
    """Yield what arrives line by line until the end; None in place of a line that is too long."""
    rest = bytearray()
    dropping = False
    while data := os.read(descriptor, READ_BYTES):
        *whole, last = data.split(b"\n")
        for piece in whole:
            rest += piece
            too_long = dropping or len(rest) > protocol.MAX_LINE_BYTES
            yield None if too_long else bytes(rest)
            rest.clear()
            dropping = False
        rest += last
        if len(rest) > protocol.MAX_LINE_BYTES:
            dropping = True
            rest.clear()  # keep nothing of it, however long it gets


def decode(line: bytes | None) -> dict[str, Any]:
    """Return the object that one line holds.

    Raises
    ------
    ParseError
        When it is not JSON in UTF-8.
    ProtocolError
        When it is too long or not an object.
    """
    if line is None:
        raise ProtocolError(
            f"A message is longer than {protocol.MAX_LINE_BYTES} bytes; send pixels as files."
        )
    try:
        value = json.loads(line.decode("utf-8"), parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise ParseError("A message must be one JSON object in UTF-8 on one line.") from None
    if isinstance(value, list):
        raise ProtocolError("Batches are not served; send one object a line.")
    if not isinstance(value, dict):
        raise ProtocolError("A message must be a JSON object with jsonrpc, id, method and params.")
    return value


def id_of(value: dict[str, Any]) -> Id | None:
    """Return the id to answer to, or None when there is none that can be used."""
    id_ = value.get("id")
    if isinstance(id_, str):
        return id_ if len(id_) <= ID_MAXIMUM_CHARACTERS else None
    return id_ if type(id_) is int and abs(id_) < 1 << 63 else None


def parse(value: dict[str, Any]) -> Message:
    """Check what a line held.

    Raises
    ------
    ProtocolError, ParameterError
        When it is not a request or a notification. Unknown members are let pass.
    """
    if value.get("jsonrpc") != "2.0":
        raise ProtocolError('A message must say "jsonrpc": "2.0".')
    id_ = id_of(value)
    if id_ is None and value.get("id") is not None:
        raise ProtocolError(
            f"An id must be a whole number or a text of at most {ID_MAXIMUM_CHARACTERS} characters."
        )
    method, params = value.get("method"), value.get("params", {})
    if not isinstance(method, str) or not method:
        raise ProtocolError("A message must name its method, a text.")
    if not isinstance(params, dict):
        raise ParameterError("params must be an object of names and values.", parameter="params")
    return Message(method, params, id_)


def error_of(error: BaseException, fallback: str) -> dict[str, Any]:
    """Return the wire form of what went wrong; `fallback` is the sentence for a defect."""
    if isinstance(error, TinctError):
        return {"code": error.code, "message": str(error), "data": error.data()}
    if isinstance(error, MemoryError):
        sentence = "There is not enough memory for this picture; try a smaller one."
        return {"code": protocol.OUT_OF_MEMORY, "message": sentence, "data": {}}
    return {"code": protocol.INTERNAL_ERROR, "message": fallback, "data": {}}


class Writer:
    """Write messages whole, from any thread.

    Parameters
    ----------
    descriptor
        Where to; the worker's own copy of standard output.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._lock = threading.Lock()

    def answer(self, id_: Id | None, result: Any) -> None:
        """Send a result. Raises `ValueError` or `TypeError` when JSON cannot hold it."""
        self._send({"id": id_, "result": result})

    def fail(self, id_: Id | None, error: dict[str, Any]) -> None:
        """Send an error made by `error_of`."""
        self._send({"id": id_, "error": error})

    def notify(self, method: str, params: dict[str, Any]) -> None:
        """Send a notification."""
        self._send({"method": method, "params": params})

    def _send(self, members: dict[str, Any]) -> None:
        message = {"jsonrpc": "2.0"} | members
        line = json.dumps(message, separators=(",", ":"), allow_nan=False).encode() + b"\n"
        if len(line) > protocol.MAX_LINE_BYTES:
            raise ValueError(f"an answer of {len(line)} bytes is too long")
        with self._lock:
            data = memoryview(line)
            while data:
                data = data[os.write(self._descriptor, data) :]


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)
