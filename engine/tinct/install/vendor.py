"""What every plug-in carries along: the client, the catalog, where the engine is, translations.

A plug-in is copied to the side first and then put in place, so that an editor never sees half of
one, and an interrupted installation leaves the old one.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import tinct
import tinct_client
from tinct import catalog
from tinct.errors import FileError
from tinct.install import messages

__all__ = [
    "check_vendored",
    "copy_plugin",
    "engine_command",
    "link_plugin",
    "plugin_source",
    "remove_plugin",
]

VENDOR = "_vendor"
IGNORED = shutil.ignore_patterns("__pycache__", "*.pyc", VENDOR, "*.po", "*.pot")
START_TIMEOUT_S = 60.0


def plugin_source(name: str) -> Path:
    """Return the folder of a plug-in's files, such as ``gimp_plugin/tinct-gimp``.

    Raises
    ------
    FileError
        When this installation of tinct lacks it.
    """
    package = Path(tinct.__file__).resolve().parent
    for root in (package / "_data", package.parents[1]):
        if (root / name).is_dir():
            return root / name
    raise FileError(
        f"This installation of tinct lacks {name}; "
        "install it again: pip install --force-reinstall tinct."
    )


def engine_command(python: str = "") -> list[str]:
    """Return the command that starts the engine from any folder, tried for real.

    Parameters
    ----------
    python
        Another interpreter than this one.

    Raises
    ------
    FileError
        When tinct is not installed in that Python, only run from its sources.
    """
    command = [python or sys.executable, "-I", "-m", "tinct.worker"]
    problem = why_no_engine(command)
    if problem:
        raise FileError(f"{problem} Install tinct into it: {command[0]} -m pip install tinct.")
    return command


def why_no_engine(command: Sequence[str]) -> str:
    """Return in one sentence why a command cannot start the engine, or an empty text."""
    python = next((part for part in command if Path(part).name.lower().startswith("python")), "")
    try:
        done = subprocess.run(
            [python or command[0], "-I", "-c", "import tinct.worker"],
            capture_output=True,
            timeout=START_TIMEOUT_S,
            check=False,
        )
    except (OSError, subprocess.SubprocessError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        return f"The engine's Python {python or command[0]} cannot be started ({reason})."
    return f"The Python {python} has no tinct engine." if done.returncode else ""


def copy_plugin(
    source: Path, target: Path, inner: str, command: Sequence[str], **launch: Any
) -> None:
    """Copy a plug-in with everything it carries, in place of what was there.

    Parameters
    ----------
    source, target
        The folder to copy, and the folder that is to be.
    inner
        The package inside it that holds the vendored part; empty for the folder itself.
    command
        Starts the engine.
    **launch
        Further entries of ``launch.json``.

    Raises
    ------
    FileError
        When the profile cannot be written.
    """
    aside = target.with_name(f".{target.name}.new")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _remove(aside)
        shutil.copytree(source, aside, ignore=IGNORED)
        _fill(aside / inner / VENDOR, command, launch, link=False)
        _remove(target)
        aside.rename(target)
    except OSError as error:
        raise FileError(_cannot_write(target, error)) from error


def link_plugin(
    source: Path, target: Path, inner: str, command: Sequence[str], **launch: Any
) -> None:
    """Link a plug-in's sources into a profile, for those who change them; see `copy_plugin`."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _fill(source / inner / VENDOR, command, launch, link=True)
        _remove(target)
        target.symlink_to(source, target_is_directory=True)
    except OSError as error:
        raise FileError(_cannot_write(target, error)) from error


def remove_plugin(target: Path) -> bool:
    """Remove a plug-in's folder or link; False when there was none.

    Raises
    ------
    FileError
        When it cannot be removed.
    """
    if not target.is_symlink() and not target.exists():
        return False
    try:
        _remove(target)
    except OSError as error:
        raise FileError(
            f"{target} cannot be removed ({error.strerror}); close the editor and try again."
        ) from error
    return True


def check_vendored(vendor: Path, cure: str) -> list[tuple[str, str]]:
    """Return what is broken about the part a plug-in carries, each with its cure.

    Parameters
    ----------
    vendor
        The ``_vendor`` folder.
    cure
        The command that writes it anew.
    """
    try:
        command = json.loads((vendor / "launch.json").read_text("utf-8"))["command"]
        operations = json.loads((vendor / "catalog.json").read_text("utf-8"))
    except (OSError, ValueError, KeyError, TypeError):
        return [(f"{vendor.parent} does not know where the engine is.", cure)]
    problems = []
    if problem := why_no_engine(command):
        problems.append((problem, f"install tinct again, then {cure}"))
    if operations != catalog.to_info():
        problems.append((f"{vendor.parent} lists the operations of another tinct.", cure))
    elif _client_text(vendor / "tinct_client") != _client_text(_client()):
        problems.append((f"{vendor.parent} carries the client of another tinct.", cure))
    return problems


def _fill(vendor: Path, command: Sequence[str], launch: dict[str, Any], *, link: bool) -> None:
    _remove(vendor)
    vendor.mkdir(parents=True)
    if link:
        (vendor / "tinct_client").symlink_to(_client(), target_is_directory=True)
    else:
        shutil.copytree(_client(), vendor / "tinct_client", ignore=IGNORED)
    _write_json(vendor / "catalog.json", catalog.to_info())
    _write_json(
        vendor / "launch.json", {"command": list(command), "version": tinct.__version__, **launch}
    )
    messages.compile_all(_client() / "locale", vendor / "locale")


def _client() -> Path:
    return Path(tinct_client.__file__).resolve().parent


def _client_text(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*.py"))}


def _write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n", "utf-8")


def _remove(path: Path) -> None:
    if path.is_symlink() or path.is_file():
        path.unlink()
    elif path.exists():
        shutil.rmtree(path)


def _cannot_write(target: Path, error: OSError) -> str:
    where = os.fspath(error.filename or target)
    return f"{where} cannot be written ({error.strerror}); close the editor or free the folder."
