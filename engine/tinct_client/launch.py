"""Finds the engine, cleans the environment it is started in, and names its log."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from .errors import CURE, EngineMissing

LOG_LIMIT_BYTES = 1 << 20
LOG_KEPT_BYTES = 1 << 16
HERE = Path(__file__).resolve().parent
# A checkout's or a virtual environment's own engine lies beside this package.
_BOOT = (
    "import sys; sys.path.insert(0, sys.argv[1]); from tinct.worker.__main__ import main; main()"
)


def worker_command() -> list[str]:
    """Return the command that starts the engine.

    `TINCT_WORKER` (a JSON list, or the path of a Python that has tinct) comes first, then
    ``launch.json`` beside the vendored package, then the engine this package was installed with.

    Raises
    ------
    EngineMissing
        When none of them names a command.
    """
    override = os.environ.get("TINCT_WORKER", "").strip()
    if override:
        command = _parse_command(override) if override.startswith("[") else _module(override)
        return _checked(command, "TINCT_WORKER")
    recorded = HERE.parent / "launch.json"
    if recorded.is_file():
        try:
            command = json.loads(recorded.read_text("utf-8"))["command"]
        except (OSError, ValueError, KeyError, TypeError):
            command = None
        return _checked(command, str(recorded))
    if (HERE.parent / "tinct" / "worker").is_dir():
        return [sys.executable, "-I", "-c", _BOOT, str(HERE.parent)]
    raise EngineMissing(f"The engine is missing: {recorded} was not written. {CURE}")


def read_catalog(path: Path | None = None) -> list[dict[str, Any]]:
    """Return the operations' info dicts from ``catalog.json`` beside the vendored package.

    Raises
    ------
    EngineMissing
        When the file is missing or not a catalog.
    """
    path = path or HERE.parent / "catalog.json"
    try:
        catalog = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise EngineMissing(f"The list of operations {path} cannot be read. {CURE}") from error
    if not isinstance(catalog, list) or not all(isinstance(info, dict) for info in catalog):
        raise EngineMissing(f"The list of operations {path} is not a list. {CURE}")
    return catalog


def catalog_sha256(catalog: Sequence[Mapping[str, Any]]) -> str:
    """Return the digest to compare with the engine's own."""
    text = json.dumps(list(catalog), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def log_path(client: str) -> Path:
    """Return where the engine started by `client` writes its log."""
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
        folder = base / "tinct" / "logs"
    elif sys.platform == "darwin":
        folder = Path.home() / "Library" / "Logs" / "tinct"
    else:
        state = os.environ.get("XDG_STATE_HOME", "")
        base = Path(state) if os.path.isabs(state) else Path.home() / ".local" / "state"
        folder = base / "tinct"
    return folder / f"engine-{client}.log"


def clean_environment(log: str) -> dict[str, str]:
    """Return this process's environment without what an editor sets for its own libraries."""
    drop = {"GI_TYPELIB_PATH", "QT_QPA_PLATFORM"}
    if "APPIMAGE" in os.environ or "APPDIR" in os.environ:
        drop.add("LD_LIBRARY_PATH")
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in drop and not name.upper().startswith("PYTHON")
    }
    return kept | {"TINCT_LOG": log}


def start(command: Sequence[str], client: str) -> subprocess.Popen[bytes]:
    """Start the engine in a session of its own, its standard error going to the log.

    Raises
    ------
    EngineMissing
        When the command cannot be started.
    """
    path = log_path(client)
    log = _open_log(path)
    options: dict[str, Any] = {"start_new_session": True}
    if sys.platform == "win32":
        options = {
            "creationflags": subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP
        }
    try:
        return subprocess.Popen(
            list(command),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            bufsize=0,
            cwd=HERE.anchor,  # so that the engine keeps no folder from being removed
            env=clean_environment(str(path)),
            **options,
        )
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise EngineMissing(
            f"The engine {command[0]} cannot be started ({reason}). {CURE}"
        ) from error
    finally:
        os.close(log)


def bound_log(client: str) -> None:
    """Keep only the end of the log once it has grown beyond its limit."""
    path = log_path(client)
    try:
        if path.stat().st_size <= LOG_LIMIT_BYTES:
            return
        with path.open("rb") as log:
            log.seek(-LOG_KEPT_BYTES, os.SEEK_END)
            end = log.read()
        os.truncate(path, 0)  # the running engine appends, so it goes on at the new end
        with path.open("ab") as log:
            log.write(end)
    except OSError:
        return  # no log yet, or a folder that cannot be written: nothing to bound


def _open_log(path: Path) -> int:
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return os.open(path, flags, 0o600)
    except OSError:
        return os.open(os.devnull, os.O_WRONLY)


def _parse_command(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _module(python: str) -> list[str]:
    return [python, "-I", "-m", "tinct.worker"]


def _checked(command: object, origin: str) -> list[str]:
    if (
        isinstance(command, list)
        and command
        and all(isinstance(part, str) and part for part in command)
    ):
        return command
    raise EngineMissing(f"{origin} must hold the engine's command as a list of texts. {CURE}")
