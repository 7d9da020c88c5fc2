"""What a live loop asks of the engine: inputs sent in pieces, answers awaited, calls given up."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

from . import jobs
from .client import errors
from .colors import StepRunner, Steps
from .session import Session
from .sources import Sources
from .texts import Refusal


@dataclasses.dataclass(frozen=True)
class Run:
    """A call on its way: for which state of the strokes, in which quality and size, since when."""

    version: int
    quality: str
    began: float
    is_small: bool


@dataclasses.dataclass(eq=False)
class _Pending:
    """A call that is not answered yet."""

    run: Run
    inputs: dict[str, Any]
    is_wanted: bool = True
    call: Any = None


class Calls:
    """Keep a loop's calls. The engine takes one after another, so the next may wait there.

    Parameters
    ----------
    session
        Owns the engine.
    sources
        Have the pictures.
    answered
        Gets a run with its outcome or its error.
    failed
        Gets what prevented a call.
    """

    def __init__(
        self,
        session: Session,
        sources: Sources,
        answered: Callable[[Run, Any, errors.EngineError | None], None],
        failed: Callable[[Exception], None],
    ) -> None:
        self._session = session
        self._sources = sources
        self._answered = answered
        self._failed = failed
        self._sender = StepRunner()
        self._sent: Run | None = None
        self._pending: list[_Pending] = []

    @property
    def is_sending(self) -> bool:
        """Whether pictures of a call are being written."""
        return self._sender.is_running

    @property
    def is_asking(self) -> bool:
        """Whether a result is awaited."""
        runs = [pending.run for pending in self._pending if pending.is_wanted]
        if self._sent is not None and self.is_sending:
            runs.append(self._sent)
        return any(run.quality != "prepare" for run in runs)

    def ask(self, run: Run, request: jobs.Request, side: int) -> None:
        """Send what the engine has not got yet, then ask; `side` is that of `Sources.send`."""
        self._sent = run
        sent: list[dict[str, Any] | Exception] = []
        # what may end the loop comes after the steps: they cannot be stopped from within
        self._sender.start(self._send(side, sent), lambda: self._has_sent(run, request, sent[0]))

    def _send(self, side: int, sent: list[dict[str, Any] | Exception]) -> Steps:
        try:
            sent.append((yield from self._sources.send(side)))
        except (Refusal, errors.EngineError) as problem:
            sent.append(problem)

    def _has_sent(self, run: Run, request: jobs.Request, sent: dict[str, Any] | Exception) -> None:
        try:
            if isinstance(sent, Exception):
                raise sent
            self._submit(run, request, sent)
        except (Refusal, errors.EngineError) as problem:
            self._failed(problem)

    def _submit(self, run: Run, request: jobs.Request, inputs: dict[str, Any]) -> None:
        pending = _Pending(run, inputs)
        self._pending.append(pending)
        try:
            pending.call = self._session.run(
                request.info["id"],
                inputs,
                request.parameters,
                lambda outcome, error: self._take(pending, outcome, error),
                quality=run.quality,
                keep_inputs=True,
            )
        except BaseException:
            self._pending.remove(pending)
            raise

    def _take(self, pending: _Pending, outcome: Any, error: errors.EngineError | None) -> None:
        self._pending.remove(pending)
        self.sweep()
        if pending.is_wanted:
            self._answered(pending.run, outcome, error)
        elif outcome is not None:
            self._session.discard(outcome.outputs)

    def give_up(self, version: int) -> None:
        """Stop what is not for this version of the strokes; what is ready all the same is told."""
        if self._sent is not None and self._sent.version != version:
            self._sender.stop()
        for pending in self._pending:
            if pending.run.version != version:
                self._session.cancel(pending.call)

    def stop(self) -> None:
        """Stop everything, and hear of none of it again."""
        self._sender.stop()
        for pending in self._pending:
            pending.is_wanted = False
            self._session.cancel(pending.call)

    def sweep(self) -> None:
        """Delete the files that no call can be reading any more."""
        inputs = [value for pending in self._pending for value in pending.inputs.values()]
        used = [one for value in inputs for one in (value if isinstance(value, list) else [value])]
        self._sources.sweep(used)
