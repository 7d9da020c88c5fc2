"""The engine beside Krita, started at first use, and the catalog that all forms are made from."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from krita import Krita

from .client import errors, launch, process
from .qt import QTimer
from .texts import _

VERSION = "0.1.0"
SETTINGS = "tinct"
POLL_MS = 4
MENUS = ("Colorize", "Transfer", "Recolor", "Restore", "Test")

Done = Callable[["process.Outcome | None", "errors.EngineError | None"], None]


class Session:
    """Keep one engine for this Krita and hand its answers to whoever asked.

    Attributes
    ----------
    operations
        Info dicts by id, in menu order.
    problem
        Why there are none, in one sentence, or an empty text.
    """

    def __init__(self) -> None:
        self.operations: dict[str, dict[str, Any]] = {}
        self.problem = ""
        self._digest = ""
        self._engine: process.Engine | None = None
        self._calls: set[Any] = set()
        self._is_polling = False
        self._is_ended = False
        self._timer = QTimer()
        self._timer.setInterval(POLL_MS)
        self._timer.timeout.connect(self._poll)
        self._load()

    def _load(self) -> None:
        try:
            catalog = launch.read_catalog()
        except errors.EngineError as error:
            self.problem = error.message
            return
        self._digest = launch.catalog_sha256(catalog)
        everything = bool(os.environ.get("TINCT_UNLISTED"))
        shown = [info for info in catalog if info.get("listed", True) or everything]
        shown.sort(key=lambda info: (_menu_place(info), info["title"]))
        self.operations = {info["id"]: info for info in shown}

    @property
    def engine(self) -> process.Engine:
        """The engine; its process starts with the first request."""
        if self._is_ended:
            raise errors.EngineGone("Krita is closing.")
        if self._engine is None:
            self._engine = process.Engine(
                "krita", VERSION, command=_own_command(), catalog_sha256=self._digest
            )
        return self._engine

    @property
    def is_busy(self) -> bool:
        """Whether an answer is awaited."""
        return bool(self._calls)

    def run(
        self,
        operation: str,
        inputs: Mapping[str, Any],
        parameters: Mapping[str, Any],
        done: Done,
        *,
        quality: str = "final",
        keep_inputs: bool = False,
        on_progress: Callable[[float, str], object] | None = None,
    ) -> Any:
        """Begin a run; `done` gets its outcome or its error, from the main loop.

        Returns
        -------
        Call
            For `cancel`.

        Raises
        ------
        EngineMissing
            When the engine cannot be started.
        """
        call = self.engine.submit_run(
            operation,
            inputs,
            parameters,
            quality=quality,
            outside="transparent",
            keep_inputs=keep_inputs,
            on_progress=on_progress,
        )
        self._calls.add(call)
        self._timer.start()

        def finished(answered: Any) -> None:
            self._calls.discard(answered)
            try:
                outcome = process.Outcome.from_wire(answered.result())
            except errors.EngineError as error:
                done(None, error)
            else:
                done(outcome, None)

        call.then(finished)
        return call

    def cancel(self, call: Any) -> None:
        """Stop a run; it answers with `Cancelled`."""
        if self._engine is not None and call is not None:
            self._engine.cancel(call)

    def discard(self, references: Any) -> None:
        """Delete pixel files, unless the engine's folder is gone with all of them."""
        if self._engine is not None:
            self._engine.exchange.discard(references)

    def use_python(self, path: str) -> None:
        """Take the engine from this Python from now on, and in later sessions."""
        Krita.instance().writeSetting(SETTINGS, "python", path)
        self.close()

    def end(self) -> None:
        """End the engine for good: Krita is closing."""
        self._is_ended = True
        self.close()

    def close(self) -> None:
        """End the engine and remove its files; the next request starts it again."""
        self._timer.stop()
        if self._engine is not None:
            self._engine.close()
            self._engine = None
        self._calls.clear()

    def _poll(self) -> None:
        if self._engine is None or not self._calls:
            self._timer.stop()
            return
        if self._is_polling:  # where Krita waits for its own work, it lets timers fire
            return
        self._is_polling = True
        try:
            self._engine.poll()
        finally:
            self._is_polling = False


def sentence(error: Exception) -> str:
    """Return what to tell the user about an error."""
    return _(getattr(error, "message", None) or str(error))


def _menu_place(info: Mapping[str, Any]) -> int:
    return MENUS.index(info["menu"]) if info["menu"] in MENUS else len(MENUS)


def _own_command() -> list[str] | None:
    """Return the command the user chose, or None to go by what the installation wrote."""
    if os.environ.get("TINCT_WORKER"):
        return None
    chosen = Krita.instance().readSetting(SETTINGS, "python", "")
    if chosen:
        return [chosen, "-I", "-m", "tinct.worker"]
    try:
        launch.worker_command()
    except errors.EngineMissing:
        return _command_on_path()
    return None


def _command_on_path() -> list[str] | None:
    """Return the engine of the `tinct` command, for a plug-in that came as a zip."""
    script = shutil.which("tinct")
    if script is None:
        return None
    folder = Path(script).resolve().parent
    for name in ("python3", "python", "python.exe"):
        if (folder / name).exists():
            return [str(folder / name), "-I", "-m", "tinct.worker"]
    return None
