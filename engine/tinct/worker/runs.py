"""One ``operation/run``: its checked request, its work in the job thread, its answer."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable
from typing import Any, cast

from tinct import catalog
from tinct.cache import Cache
from tinct.compositing import Placement
from tinct.context import Context, Quality
from tinct.declare import Operation
from tinct.errors import ParameterError, PixelBufferError
from tinct.pixels import Picture
from tinct.run import run_operation
from tinct.worker.buffers import Folder
from tinct.worker.jobs import Job
from tinct.worker.memory import LARGE_PIXELS, return_freed
from tinct_client import protocol
from tinct_client.protocol import PixelRef

__all__ = ["Answer", "Run", "word"]

WORD_MAXIMUM_CHARACTERS = 100
PRIORITY_MAXIMUM = 100
PICTURES_MAXIMUM = 256


@dataclasses.dataclass(frozen=True)
class Answer:
    """What to send, and the files it names."""

    wire: dict[str, Any]
    files: list[PixelRef]


@dataclasses.dataclass(frozen=True)
class Run:
    """A checked request."""

    operation: Operation
    inputs: dict[str, PixelRef | list[PixelRef]]
    parameters: dict[str, Any]
    quality: Quality
    outside: Placement
    priority: int

    @classmethod
    def parse(cls, params: dict[str, Any]) -> Run:
        """Check the shape of a request; roles and parameters are checked when it runs.

        Raises
        ------
        ParameterError, PixelBufferError
            When a member is missing, of the wrong kind or unknown.
        """
        inputs, parameters = params.get("inputs", {}), params.get("params", {})
        for name, value in (("inputs", inputs), ("params", parameters)):
            if not isinstance(value, dict):
                raise ParameterError(f"{name} must be an object by name.", parameter=name)
        priority = params.get("priority", 0)
        if type(priority) is not int or abs(priority) > PRIORITY_MAXIMUM:
            allowed = f"a whole number, {-PRIORITY_MAXIMUM} to {PRIORITY_MAXIMUM}"
            raise ParameterError(
                f"priority must be {allowed}.", parameter="priority", allowed=allowed
            )
        return cls(
            catalog.find_operation(word(params, "operation")),
            {role: _references(value) for role, value in inputs.items()},
            parameters,
            cast(Quality, word(params, "quality", "final", protocol.QUALITIES)),
            cast(Placement, word(params, "outside", "original", protocol.PLACEMENTS)),
            priority,
        )

    def work(
        self, job: Job, folder: Folder | None, cache: Cache, warn: Callable[[str], None]
    ) -> Answer:
        """Read the pictures, run the operation, write what it gives.

        Raises
        ------
        TinctError
            What the operation raises, and `PixelBufferError` for unfit files; no file is left.
        """
        if folder is None:
            raise PixelBufferError("`initialize` named no exchange_dir; give one to run anything.")
        started = time.monotonic()
        warnings: list[str] = []

        def keep(sentence: str) -> None:
            warnings.append(sentence)
            warn(sentence)

        if _largest(self.inputs) >= LARGE_PIXELS:
            return_freed()
        results = run_operation(
            self.operation,
            {role: _read(folder, value) for role, value in self.inputs.items()},
            self.parameters,
            context=Context(
                progress=job.progress,
                quality=self.quality,
                cache=cache,
                warn=keep,
                on_cancel=job.on_cancel,
            ),
            outside=self.outside,
        )
        files: list[PixelRef] = []
        try:
            outputs = {}
            for role, result in results.items():
                job.check()
                outputs[role] = _write(folder, result, files)
        except BaseException:
            folder.discard(files)
            raise
        seconds = round(time.monotonic() - started, 6)
        return Answer({"outputs": outputs, "warnings": warnings, "seconds": seconds}, files)


def word(
    params: dict[str, Any], name: str, default: str = "", allowed: tuple[str, ...] = ()
) -> str:
    """Return a member that must be a short text, or one of those allowed.

    Raises
    ------
    ParameterError
        When it is anything else.
    """
    value = params.get(name, default)
    words = "one of " + ", ".join(allowed) if allowed else "a short text"
    short = isinstance(value, str) and 0 < len(value) <= WORD_MAXIMUM_CHARACTERS
    if not short or (allowed and value not in allowed):
        raise ParameterError(f"{name} must be {words}.", parameter=name, allowed=words)
    return str(value)


def _references(value: object) -> PixelRef | list[PixelRef]:
    if isinstance(value, list):
        if len(value) > PICTURES_MAXIMUM:
            raise PixelBufferError(f"A role takes at most {PICTURES_MAXIMUM} pictures.")
        return [_reference(part) for part in value]
    return _reference(value)


def _reference(value: object) -> PixelRef:
    try:
        return PixelRef.from_wire(value)
    except ValueError as error:
        raise PixelBufferError(str(error)) from error


def _largest(inputs: dict[str, PixelRef | list[PixelRef]]) -> int:
    """Return the number of pixels of the largest picture."""
    lists = [value if isinstance(value, list) else [value] for value in inputs.values()]
    return max((one.shape[0] * one.shape[1] for many in lists for one in many), default=0)


def _read(folder: Folder, value: PixelRef | list[PixelRef]) -> Picture | list[Picture]:
    if isinstance(value, PixelRef):
        return folder.read(value)
    return [folder.read(reference) for reference in value]


def _write(folder: Folder, result: Any, files: list[PixelRef]) -> dict[str, Any]:
    def write(picture: Picture) -> dict[str, Any]:
        files.append(folder.write(picture))
        return files[-1].to_wire()

    if isinstance(result, Picture):
        return {"picture": write(result)}
    if isinstance(result, list) and all(_is_layer(part) for part in result):
        return {"layers": [{"title": title, "picture": write(part)} for title, part in result]}
    return {"data": result}


def _is_layer(value: object) -> bool:
    return isinstance(value, tuple) and len(value) == 2 and isinstance(value[1], Picture)
