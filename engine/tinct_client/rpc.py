"""JSON-RPC 2.0 without any input or output: makes lines, takes bytes, completes calls."""

from __future__ import annotations

import itertools
import json
from collections import deque
from collections.abc import Callable
from typing import Any

from . import protocol
from .errors import CURE, EngineError, InternalError, from_wire

ProgressHandler = Callable[[float, str], object]
LogHandler = Callable[[str, str], object]


class Call:
    """One request and, later, its answer.

    Attributes
    ----------
    done
        Whether the answer, or an error in its place, is there.
    fraction, stage
        The latest progress, 0 to 1.
    error
        The error when it failed, else None.
    """

    def __init__(self, id_: int, method: str, on_progress: ProgressHandler | None = None) -> None:
        self.id = id_
        self.method = method
        self.done = False
        self.fraction = 0.0
        self.stage = ""
        self.error: EngineError | None = None
        self._on_progress = on_progress
        self._value: Any = None
        self._followers: list[Callable[[Call], object]] = []

    def result(self) -> Any:
        """Return the answer; raises the call's `EngineError` when it failed."""
        if not self.done:
            raise RuntimeError(f"{self.method} has not been answered yet")
        if self.error is not None:
            raise self.error
        return self._value

    def then(self, follower: Callable[[Call], object]) -> Call:
        """Call `follower` with this call once it is done, at once when it is."""
        if self.done:
            follower(self)
        else:
            self._followers.append(follower)
        return self

    def finish(self, value: Any = None, error: EngineError | None = None) -> None:
        """Store the answer and tell the followers; only the first answer counts."""
        if self.done:
            return
        self.done, self._value, self.error = True, value, error
        followers, self._followers = self._followers, []
        for follower in followers:
            follower(self)

    def report(self, fraction: float, stage: str) -> None:
        """Store progress and pass it on."""
        self.fraction, self.stage = fraction, stage
        if self._on_progress is not None:
            self._on_progress(fraction, stage)


class Connection:
    """The client's side of one conversation, for one thread.

    Parameters
    ----------
    on_log
        Takes level and message of the engine's ``$/log`` notifications.
    """

    def __init__(self, on_log: LogHandler | None = None) -> None:
        self.pending: dict[int, Call] = {}
        self.broken: EngineError | None = None
        self._ids = itertools.count(1)
        self._rest = bytearray()
        self._lines: deque[bytes] = deque()
        self._on_log = on_log

    def request(
        self, method: str, params: dict[str, Any], on_progress: ProgressHandler | None = None
    ) -> tuple[Call, bytes]:
        """Return a new pending call and the line that asks for it."""
        call = Call(next(self._ids), method, on_progress)
        line = _line({"id": call.id, "method": method, "params": params})
        self.pending[call.id] = call
        return call, line

    def notification(self, method: str, params: dict[str, Any]) -> bytes:
        """Return a line that expects no answer."""
        return _line({"method": method, "params": params})

    def feed(self, data: bytes) -> None:
        """Take bytes from the engine and complete what they answer.

        A line that is not the protocol's sets `broken`: the engine cannot be trusted any more.
        When a handler raises, the lines after it wait for the next `feed`.
        """
        self._rest += data
        if b"\n" in data:
            *whole, rest = bytes(self._rest).split(b"\n")
            self._lines.extend(whole)
            self._rest = bytearray(rest)
        elif len(self._rest) > protocol.MAX_LINE_BYTES:
            self.broken = InternalError("The engine sent a message without an end. " + CURE)
        while self._lines and self.broken is None:
            self._take(self._lines.popleft())

    def fail(self, error: EngineError) -> None:
        """Complete every pending call with `error`."""
        calls = list(self.pending.values())
        self.pending.clear()
        for call in calls:
            call.finish(error=error)

    def _take(self, line: bytes) -> None:
        try:
            message = json.loads(line)
        except (ValueError, RecursionError):
            message = None
        if not isinstance(message, dict):
            self.broken = InternalError("The engine sent what is not its protocol. " + CURE)
            return
        if "method" in message:
            params = message.get("params")
            self._notice(message["method"], params if isinstance(params, dict) else {})
            return
        call = self.pending.pop(_id(message), None)
        if call is None:
            error = message.get("error")  # nobody waits: a broken line's answer has no id
            if self._on_log is not None and isinstance(error, dict):
                self._on_log("error", str(error.get("message")))
        elif "error" in message:
            call.finish(error=from_wire(message["error"]))
        else:
            call.finish(message.get("result"))

    def _notice(self, method: object, params: dict[str, Any]) -> None:
        if method == protocol.PROGRESS:
            call = self.pending.get(_id(params))
            fraction = params.get("fraction")
            if call is not None and isinstance(fraction, int | float):
                # in this order NaN becomes 0
                call.report(float(min(1.0, max(0.0, fraction))), str(params.get("stage", "")))
        elif method == protocol.LOG and self._on_log is not None:
            self._on_log(str(params.get("level", "info")), str(params.get("message", "")))


def _id(message: dict[str, Any]) -> int:
    id_ = message.get("id")
    return id_ if type(id_) is int else -1  # true is no id


def _line(members: dict[str, Any]) -> bytes:
    text = json.dumps({"jsonrpc": "2.0"} | members, separators=(",", ":"), allow_nan=False)
    return text.encode() + b"\n"
