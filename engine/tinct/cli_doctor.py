"""``tinct doctor``: looks at everything a run needs, and says how to mend what is broken."""

from __future__ import annotations

import importlib
import importlib.metadata
import os
import platform
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, NamedTuple

import tinct
from tinct import catalog
from tinct.errors import TinctError
from tinct_client import launch, protocol
from tinct_client.buffers import Exchange
from tinct_client.errors import BadBuffer, EngineError
from tinct_client.process import Engine

__all__ = ["Finding", "examine"]

PACKAGES = {
    "numpy": "numpy",
    "scipy": "scipy",
    "scikit-image": "skimage",
    "onnxruntime": "onnxruntime",
    "pillow": "PIL",
    "numba": "numba",
    "tifffile": "tifffile",
}
EDITORS = ("gimp", "krita")
OLDEST_PYTHON = (3, 11)
ROOM_BYTES = 1 << 30

State = Literal["good", "broken", "note"]


class Finding(NamedTuple):
    """What was looked at, how it is, and for a broken thing what to do."""

    what: str
    state: State
    text: str
    cure: str = ""

    def line(self) -> str:
        """Return it as one line for a terminal."""
        mark = {"good": "ok     ", "broken": "BROKEN ", "note": "-      "}[self.state]
        cure = f" {self.cure[:1].upper()}{self.cure[1:]}." if self.cure else ""
        return f"{mark}{self.what}: {self.text}{cure}"


def examine() -> list[Finding]:
    """Look at everything and return what was found, in the order a run needs it."""
    return [
        _python(),
        *(_package(name, module) for name, module in PACKAGES.items()),
        *_folders(),
        _catalog(),
        *_engine(),
        *(finding for editor in EDITORS for finding in _editor(editor)),
    ]


def _python() -> Finding:
    text = f"{platform.python_version()} at {sys.executable}"
    if sys.version_info < OLDEST_PYTHON:
        oldest = ".".join(map(str, OLDEST_PYTHON))
        return Finding("Python", "broken", text, f"install tinct with Python {oldest} or newer")
    return Finding("Python", "good", text)


def _package(name: str, module: str) -> Finding:
    try:
        version = importlib.metadata.version(name)
        importlib.import_module(module)
    except importlib.metadata.PackageNotFoundError:
        cure = f"run: {sys.executable} -m pip install {name}"
        return Finding(name, "broken", "is not installed.", cure)
    except Exception as error:  # a package that is half there fails in any way
        cure = f"run: {sys.executable} -m pip install --force-reinstall {name}"
        return Finding(name, "broken", f"{version} does not load ({error}).", cure)
    return Finding(name, "good", version)


def _folders() -> Iterator[Finding]:
    log = launch.log_path("cli")
    if _may_write(log.parent):
        yield Finding("log", "good", str(log))
    else:
        cure = f"make {log.parent} writable, or set XDG_STATE_HOME"
        yield Finding("log", "broken", f"{log.parent} cannot be written.", cure)
    try:
        exchange = Exchange()
    except BadBuffer as error:
        yield Finding("pixels", "broken", str(error))
        return
    folder = Path(exchange.path).parent
    exchange.close()
    free = shutil.disk_usage(folder).free
    if free < ROOM_BYTES:
        cure = "free some space, or set TINCT_EXCHANGE to a folder with more"
        yield Finding("pixels", "broken", f"{folder} has {free >> 20} MiB left.", cure)
    else:
        yield Finding("pixels", "good", f"{folder}, {free >> 30} GiB free")


def _may_write(folder: Path) -> bool:
    """Say whether a folder, or the nearest one above it that exists, can be written."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)


def _catalog() -> Finding:
    try:
        count = sum(operation.listed for operation in catalog.list_operations())
    except Exception as error:  # a broken operation raises anything while it is imported
        return Finding(
            "operations", "broken", f"cannot be listed ({error}).", "install tinct again"
        )
    return Finding("operations", "good", str(count))


def _engine() -> Iterator[Finding]:
    started = time.perf_counter()
    try:
        with Engine("cli", tinct.__version__, catalog_sha256=catalog.catalog_sha256()) as engine:
            engine.call(protocol.CATALOG_LIST, {})
            seconds = time.perf_counter() - started
            providers = ", ".join(engine.info.get("providers", [])) or "none"
            models = engine.call(protocol.MODELS_LIST, {})
    except (EngineError, TinctError) as error:
        yield Finding("engine", "broken", str(error), "install tinct again")
        return
    version = engine.info.get("version")
    yield Finding(
        "engine", "good", f"{version}, answered in {seconds:.2f} s; networks on {providers}"
    )
    yield from _networks(models)


def _networks(models: list[dict[str, str]]) -> Iterator[Finding]:
    missing = 0
    for model in models:
        name, state = model["id"], model["state"]
        if state == "present":
            yield Finding(f"network {name}", "good", state)
        elif state == "missing":
            missing += 1
        else:
            yield Finding(f"network {name}", "broken", f"{state}.", model["hint"].rstrip("."))
    if missing:
        cure = "to see what they are, run: tinct models list"
        yield Finding("networks", "note", f"{missing} more can be added.", cure)


def _editor(name: str) -> Iterator[Finding]:
    try:
        editor = importlib.import_module(f"tinct.install.{name}")
    except ModuleNotFoundError:
        return
    profiles = [profile for profile in editor.find_profiles() if profile.plugin.exists()]
    if not profiles:
        cure = f"to get it, run: tinct install {name}"
        yield Finding(editor.TITLE, "note", "the plug-in is not installed.", cure)
        return
    problems = editor.check()
    for text, cure in problems:
        yield Finding(editor.TITLE, "broken", text, cure)
    if not problems:
        places = ", ".join(str(profile.plugin) for profile in profiles)
        yield Finding(editor.TITLE, "good", places)
