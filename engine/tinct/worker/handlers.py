"""Serves one client: which method does what, and how its answers look."""

from __future__ import annotations

import os
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from typing import Any, NoReturn

import tinct
from tinct import catalog
from tinct.cache import Cache
from tinct.errors import (
    Cancelled,
    NotInitializedError,
    ParameterError,
    PixelBufferError,
    ProtocolError,
    TinctError,
    UnknownMethodError,
)
from tinct.models.manifest import find_manifest, weights_path
from tinct.worker.buffers import Folder
from tinct.worker.jobs import Job, Jobs
from tinct.worker.memory import cache_budget
from tinct.worker.messages import Id, Message, Writer, decode, error_of, id_of, parse, read_lines
from tinct.worker.runs import Answer, Run, word
from tinct_client import protocol

__all__ = ["Server", "log", "providers"]


class Server:
    """Serve one client on two descriptors until its end.

    Parameters
    ----------
    source, target
        Where messages come from and answers go to.
    warm
        Prepares kernels while there is nothing else to do; takes what is called after each step.
    """

    def __init__(
        self, source: int, target: int, warm: Callable[[Callable[[str], None]], Any] | None = None
    ) -> None:
        self._source = source
        self._writer = Writer(target)
        self._warm = warm
        self._jobs = Jobs(self._finish, self._prepare)
        self._cache = Cache(cache_budget(os.environ.get("TINCT_CACHE_MB", "")))
        self._folder: Folder | None = None
        self._client = ""
        self._stopping = False
        self._methods: dict[str, Callable[[dict[str, Any]], Any]] = {
            protocol.CATALOG_LIST: lambda params: catalog.to_info(),
            protocol.MODELS_LIST: _list_models,
            protocol.SHUTDOWN: self._shutdown,
        }
        self._queued: dict[str, Callable[[Id, dict[str, Any]], None]] = {
            protocol.OPERATION_RUN: self._queue_run,
            protocol.MODELS_LOAD: self._queue_load,
        }

    def serve(self) -> NoReturn:
        """Answer until `exit` or the end of the client; end the process from any state."""
        try:
            for line in read_lines(self._source):
                if line is None or line.strip():
                    self.take(line)
        except OSError as error:
            log(f"the client cannot be reached: {error}")
        self._exit("the client has gone")

    def take(self, line: bytes | None) -> None:
        """Serve one line; whatever is wrong with it becomes an answer."""
        id_ = None
        try:
            value = decode(line)
            id_ = id_of(value)
            message = parse(value)
            if id_ is None:
                self._notice(message)
            else:
                self._answer(id_, message)
        except OSError:
            raise
        except Exception as error:
            self._fail(id_, error)

    def _notice(self, message: Message) -> None:
        if message.method == protocol.EXIT:
            self._exit("the client is done")
        elif message.method == protocol.CANCEL:
            id_ = id_of(message.params)
            if id_ is not None:
                self._jobs.cancel(id_)
        elif not message.method.startswith("$/"):
            raise ProtocolError(f"'{message.method[:100]}' needs an id, or nobody can answer it.")

    def _answer(self, id_: Id, message: Message) -> None:
        method = message.method
        log(f"#{id_} {method[:100]} from {self._client or 'a new client'}")
        if id_ in self._jobs:
            # The answer names no id, so that it is not taken for that of the one at work.
            self._fail(None, ProtocolError(f"The id {id_!r} is in use; choose another one."))
        elif method == protocol.INITIALIZE:
            self._writer.answer(id_, self._initialize(message.params))
        elif method not in self._methods and method not in self._queued:
            known = ", ".join([protocol.INITIALIZE, *self._methods, *self._queued])
            raise UnknownMethodError(f"There is no method '{method[:100]}'; there are {known}.")
        elif not self._client:
            raise NotInitializedError(f"'{method}' came before `initialize`; send that first.")
        elif self._stopping:
            raise ProtocolError("The engine is shutting down; start another one.")
        elif method in self._queued:
            self._queued[method](id_, message.params)
        else:
            self._writer.answer(id_, self._methods[method](message.params))

    def _initialize(self, params: dict[str, Any]) -> dict[str, Any]:
        if self._client:
            raise ProtocolError("`initialize` came twice; send it once.")
        if params.get("protocol") != protocol.PROTOCOL_VERSION:
            raise ParameterError(
                f"The engine speaks protocol {protocol.PROTOCOL_VERSION}, the client "
                f"{params.get('protocol')!r}.",
                parameter="protocol",
                value=params.get("protocol"),
                allowed=str(protocol.PROTOCOL_VERSION),
            )
        client = f"{word(params, 'client')} {word(params, 'version')}"
        exchange = params.get("exchange_dir")
        if exchange is not None:
            if not isinstance(exchange, str):
                raise PixelBufferError("exchange_dir must be a folder's absolute path.")
            self._folder = Folder(exchange)
        self._client = client
        return {
            "protocol": protocol.PROTOCOL_VERSION,
            "version": tinct.__version__,
            "catalog_sha256": catalog.catalog_sha256(),
            "providers": providers(),
        }

    def _shutdown(self, params: dict[str, Any]) -> None:
        self._stopping = True
        self._jobs.cancel_all()

    def _queue_load(self, id_: Id, params: dict[str, Any]) -> None:
        model = word(params, "model")
        weights_path(find_manifest(model))  # what is not there need not wait its turn

        def work(job: Job) -> Answer:
            from tinct.models.runtime import load  # onnxruntime comes with its first use

            network = load(model)
            state = {"id": model, "state": "present", "provider": network.provider}
            return Answer(state, [])

        log(f"#{id_} queues the network {model}")
        self._jobs.add(Job(id_, work, lambda fraction, stage: None))

    def _queue_run(self, id_: Id, params: dict[str, Any]) -> None:
        run = Run.parse(params)

        def tell(fraction: float, stage: str) -> None:
            progress = {"id": id_, "fraction": fraction, "stage": stage}
            self._writer.notify(protocol.PROGRESS, progress)

        def warn(sentence: str) -> None:
            warning = {"id": id_, "level": "warning", "message": sentence}
            self._writer.notify(protocol.LOG, warning)

        def work(job: Job) -> Answer:
            return run.work(job, self._folder, self._cache, warn)

        log(f"#{id_} queues {run.operation.id}, {run.quality}")
        self._jobs.add(Job(id_, work, tell, run.priority))

    def _prepare(self, needed: Callable[[], bool]) -> None:
        """Load what the first picture would have to wait for; let go as soon as one comes."""

        def step(name: str) -> None:
            if needed():
                raise Cancelled

        try:
            if self._warm is not None:
                self._warm(step)
                log("kernels are loaded")
        except Cancelled:
            log("kernels are loaded in part")
        except Exception as error:  # the operation that needs it will say so
            log(f"kernels cannot be loaded: {error!r}")

    def _finish(self, job: Job, result: Answer | None, error: BaseException | None) -> None:
        """Answer a job, in whichever thread it ended."""
        try:
            if result is not None and error is None:
                try:
                    self._writer.answer(job.id, result.wire)
                except (ValueError, TypeError) as unfit:  # data that JSON cannot hold
                    error = unfit
            if error is None:
                log(f"#{job.id} done")
                return
            if result is not None and self._folder is not None:
                self._folder.discard(result.files)
            self._fail(job.id, error)
        except OSError as gone:
            log(f"the answer of #{job.id} reached nobody: {gone}")

    def _fail(self, id_: Id | None, error: BaseException) -> None:
        place = os.environ.get("TINCT_LOG") or "standard error"
        expected = isinstance(error, TinctError | MemoryError)
        if isinstance(error, Cancelled):
            log(f"#{id_} cancelled")
        elif expected:
            log(f"#{id_} failed: {error}")
        else:
            log(f"#{id_} failed unexpectedly\n" + "".join(traceback.format_exception(error)))
        sentence = f"The engine failed unexpectedly; the log at {place} says more."
        self._writer.fail(id_, error_of(error, sentence))

    def _exit(self, reason: str) -> NoReturn:
        # The folder goes with the process: an editor that was killed cannot remove it.
        if self._folder is not None:
            self._folder.remove()
        log(f"{reason}; the engine ends")
        os._exit(0)  # at once, whatever the job thread is in


def _list_models(params: dict[str, Any]) -> list[dict[str, Any]]:
    from tinct.models.store import describe_models  # it brings what downloads need along

    return describe_models()


def log(text: str) -> None:
    """Write one entry to standard error, which the client leads to a file."""
    stamp = time.strftime("%Y-%m-%d %H:%M:%S")
    # Nothing is left to tell a full disk to.
    with suppress(OSError):
        os.write(2, f"{stamp} {os.getpid()} {text}\n".encode(errors="backslashreplace"))


def providers() -> list[str]:
    """Return what onnxruntime can compute on, fastest first; nothing when it does not load."""
    try:
        import onnxruntime
    except ImportError:
        return []
    return list(onnxruntime.get_available_providers())
