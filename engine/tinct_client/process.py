"""Runs the engine: starts it, asks it, notices when it dies, and starts it again."""

from __future__ import annotations

import os
import queue
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Any, Generic, TypeVar

from . import launch, protocol
from .buffers import Exchange
from .errors import (
    CURE,
    Cancelled,
    EngineDied,
    EngineError,
    EngineMissing,
    InvalidParameter,
    StaleCatalog,
)
from .outcome import Inputs, Outcome, inputs_to_wire
from .rpc import Call, Connection, LogHandler, ProgressHandler

__all__ = ["Engine", "Latest", "Outcome"]

START_TIMEOUT_S = 60.0
CANCEL_GRACE_S = 3.0
CLOSE_GRACE_S = 1.0
WAIT_STEP_S = 0.02

T = TypeVar("T")


class Engine:
    """Keep one engine process; use it from one thread.

    A command line or a plug-in that may wait uses `call` and `run`. An editor that must not uses
    `submit` and `submit_run`, and calls `poll` from a timer about every 20 ms.

    Parameters
    ----------
    client, version
        Who asks, such as ``"gimp"`` and ``"0.1.0"``; the log is named after the client.
    command
        Starts the engine; by default what `launch.worker_command` finds.
    catalog_sha256
        The digest of the catalog the client's forms were made from, to notice a stale copy.
    on_log
        Takes level and message of what the engine tells beside its answers.
    """

    def __init__(
        self,
        client: str,
        version: str,
        *,
        command: Sequence[str] | None = None,
        catalog_sha256: str | None = None,
        on_log: LogHandler | None = None,
    ) -> None:
        self.client = client
        self.version = version
        self.info: dict[str, Any] = {}
        self._command = command
        self._catalog_sha256 = catalog_sha256
        self._on_log = on_log
        self._process: subprocess.Popen[bytes] | None = None
        self._connection = Connection(on_log)
        self._received: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._exchange: Exchange | None = None
        self._greet_until: float | None = None
        self._cancelled: dict[Call, float] = {}

    @property
    def pid(self) -> int | None:
        """The process's id, or None while there is none."""
        return None if self._process is None else self._process.pid

    @property
    def exchange(self) -> Exchange:
        """The folder for this engine's pixels, made at first use and again if it vanished."""
        if self._exchange is None or not os.path.isdir(self._exchange.path):
            self.kill()  # it was told of the old one
            self._exchange = Exchange()
        return self._exchange

    def start(self) -> None:
        """Start the process and greet it, without waiting for its answer.

        Raises
        ------
        EngineMissing
            When it cannot be started.
        """
        folder = self.exchange.path
        self.poll()
        if self._process is not None:
            return
        process = launch.start(self._command or launch.worker_command(), self.client)
        self._process, self._greet_until = process, time.monotonic() + START_TIMEOUT_S
        self._connection, self._received = Connection(self._on_log), queue.SimpleQueue()
        threading.Thread(
            target=_read, args=(process, self._received), name="tinct-engine", daemon=True
        ).start()
        greeting = {
            "protocol": protocol.PROTOCOL_VERSION,
            "client": self.client,
            "version": self.version,
            "exchange_dir": folder,
        }
        call, line = self._connection.request(protocol.INITIALIZE, greeting)
        call.then(self._greeted)
        self._send(line)

    def submit(
        self, method: str, params: dict[str, Any], on_progress: ProgressHandler | None = None
    ) -> Call:
        """Ask without waiting; start the engine when it does not run.

        Raises
        ------
        EngineMissing
            When it cannot be started.
        """
        launch.bound_log(self.client)
        self.start()
        call, line = self._connection.request(method, params, on_progress)
        self._send(line)
        return call

    def poll(self, timeout: float = 0.0) -> None:
        """Handle what has arrived, calling handlers from here; wait at most `timeout` seconds."""
        process, connection, received = self._process, self._connection, self._received
        if process is None:
            return
        ended = False
        connection.feed(b"")  # what a handler that raised left over
        with suppress(queue.Empty):
            data = received.get(timeout=timeout) if timeout > 0 else received.get_nowait()
            while data and self._process is process:
                connection.feed(data)
                data = received.get_nowait()
            ended = not data
        if self._process is process and (ended or connection.broken is not None):
            self._lost(process, connection.broken)
        self._check_deadlines()

    def call(
        self,
        method: str,
        params: dict[str, Any],
        on_progress: ProgressHandler | None = None,
        should_cancel: Callable[[], bool] | None = None,
    ) -> Any:
        """Ask, wait, and return the answer.

        Raises
        ------
        EngineError
            The class that fits; `Cancelled` after `should_cancel` returned True.
        """
        return self.wait(self.submit(method, params, on_progress), should_cancel)

    def wait(self, call: Call, should_cancel: Callable[[], bool] | None = None) -> Any:
        """Wait for an answer and return it, or raise as `call` does."""
        while not call.done:
            if should_cancel is not None and call not in self._cancelled and should_cancel():
                self.cancel(call)
            self.poll(WAIT_STEP_S)
        return call.result()

    def submit_run(
        self,
        operation: str,
        inputs: Inputs,
        parameters: Mapping[str, Any],
        *,
        quality: str = "final",
        outside: str = "original",
        keep_inputs: bool = False,
        on_progress: ProgressHandler | None = None,
    ) -> Call:
        """Run an operation without waiting; `Outcome.from_wire` reads the answer.

        Parameters
        ----------
        operation
            An id of the catalog.
        inputs
            By role, what `Exchange.write` returned; deleted afterwards unless `keep_inputs`.
        parameters
            By name, in JSON's types; what is left out has its default.
        quality
            ``"final"``, ``"preview"``, or ``"prepare"``: nothing comes back then, and an
            operation that `prepares` is faster afterwards.
        outside
            What the result holds outside the region, ``"original"`` or ``"transparent"``.
        """
        files = [] if keep_inputs else list(inputs.values())
        params = {
            "operation": operation,
            "inputs": inputs_to_wire(inputs),
            "params": dict(parameters),
            "quality": quality,
            "outside": outside,
        }
        try:
            call = self.submit(protocol.OPERATION_RUN, params, on_progress)
        except BaseException:
            self.exchange.discard(files)
            raise

        def discard(_: Call) -> None:
            if self._exchange is not None:
                self._exchange.discard(files)

        return call.then(discard)

    def run(
        self,
        operation: str,
        inputs: Inputs,
        parameters: Mapping[str, Any],
        *,
        should_cancel: Callable[[], bool] | None = None,
        **options: Any,
    ) -> Outcome:
        """Run an operation, wait, and return what it gave; `options` are `submit_run`'s."""
        call = self.submit_run(operation, inputs, parameters, **options)
        return Outcome.from_wire(self.wait(call, should_cancel))

    def cancel(self, call: Call) -> None:
        """Ask the engine to stop a call; kill it when that has not helped after 3 s."""
        if call.done or call in self._cancelled or self._process is None:
            return
        self._cancelled[call] = time.monotonic() + CANCEL_GRACE_S
        self._send(self._connection.notification(protocol.CANCEL, {"id": call.id}))

    def settle(self) -> None:
        """Wait until every cancelled call has ended, 3 s at most.

        Before work that must not fail: a call that does not end kills the engine, and all that
        waits behind it.
        """
        while self._cancelled:
            self.poll(WAIT_STEP_S)

    def kill(self, error: EngineError | None = None) -> None:
        """End the process at once; pending calls fail with `error`. The next use starts it."""
        if self._process is not None:
            self._process.kill()
            self._forget(error or EngineDied("The engine was stopped; try again."))

    def close(self) -> None:
        """End the process in order and remove its folder; pending calls are cancelled."""
        if self._process is not None:
            self._send(self._connection.notification(protocol.EXIT, {}))
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(CLOSE_GRACE_S)
            self.kill(Cancelled("Cancelled."))
        if self._exchange is not None:
            self._exchange.close()
            self._exchange = None

    def __enter__(self) -> Engine:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _send(self, line: bytes) -> None:
        stream = self._process.stdin if self._process is not None else None
        data = memoryview(line)
        with suppress(OSError):  # when it died, the end of its output tells
            while stream is not None and data:
                data = data[stream.write(data) :]

    def _greeted(self, call: Call) -> None:
        self._greet_until = None
        error = call.error
        if error is not None:
            if isinstance(error, InvalidParameter):  # it speaks another protocol
                error = StaleCatalog(f"{error} Run `tinct install` again.")
            if self._process is not None:  # else it went, and everything pending knows
                self.kill(error)
            return
        self.info = dict(call.result())
        if self._catalog_sha256 not in (None, self.info.get("catalog_sha256")):
            self.kill(
                StaleCatalog(
                    "The engine is not the one this plug-in was installed with. "
                    "Run `tinct install` again."
                )
            )

    def _check_deadlines(self) -> None:
        now = time.monotonic()
        self._cancelled = {call: at for call, at in self._cancelled.items() if not call.done}
        late = [call for call, deadline in self._cancelled.items() if deadline < now]
        if late:
            for call in late:
                call.finish(error=Cancelled("Cancelled."))
            self.kill(EngineDied("The engine did not stop and was restarted; try again."))
        elif self._greet_until is not None and self._greet_until < now:
            self.kill(
                EngineMissing(f"The engine did not answer in {START_TIMEOUT_S:.0f} s. {CURE}")
            )

    def _lost(self, process: subprocess.Popen[bytes], broken: EngineError | None) -> None:
        """Take note that the process ended, or is not to be believed."""
        with suppress(subprocess.TimeoutExpired):
            process.wait(CLOSE_GRACE_S if broken is None else 0)
        code = process.poll()
        log = launch.log_path(self.client)
        how = f"signal {-code}" if code is not None and code < 0 else f"exit code {code}"
        if broken is None and self._greet_until is not None:
            broken = EngineMissing(f"The engine cannot start ({how}); {log} says more. {CURE}")
        self.kill(
            broken
            or EngineDied(f"The engine stopped ({how}); {log} says more. Try again: it restarts.")
        )

    def _forget(self, error: EngineError) -> None:
        process, self._process = self._process, None
        self._greet_until = None
        self._cancelled.clear()
        if process is not None:
            if process.stdin is not None:
                with suppress(OSError):
                    process.stdin.close()
            with suppress(subprocess.TimeoutExpired):
                process.wait(CLOSE_GRACE_S)
        self._connection.fail(error)


class Latest(Generic[T]):
    """Keep one request in flight and only the newest waiting, as a live preview needs.

    Parameters
    ----------
    begin
        Starts a request's call. A request that is overtaken while waiting never begins, so
        `begin` is the place to fetch and write pixels.
    """

    def __init__(self, begin: Callable[[T], Call]) -> None:
        self._begin = begin
        self._waiting: list[T] = []
        self._call: Call | None = None

    @property
    def busy(self) -> bool:
        """Whether a request is in flight."""
        return self._call is not None

    def ask(self, request: T) -> None:
        """Begin `request`, or let it wait in place of the one that waits."""
        self._waiting = [request]
        self._next()

    def forget(self) -> None:
        """Drop the request that waits."""
        self._waiting.clear()

    def _next(self) -> None:
        if self._call is None and self._waiting:
            self._call = self._begin(self._waiting.pop())
            self._call.then(self._done)

    def _done(self, _: Call) -> None:
        self._call = None
        self._next()


def _read(process: subprocess.Popen[bytes], received: queue.SimpleQueue[bytes]) -> None:
    """Pass on what the engine writes, and at last an empty piece."""
    stream = process.stdout
    if stream is not None:
        with stream, suppress(OSError, ValueError):
            while data := stream.read(1 << 16):
                received.put(data)
    received.put(b"")
