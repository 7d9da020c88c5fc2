"""Editors in a sandbox: how their plug-ins start an engine that lies outside of it."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Literal

__all__ = ["Package", "check", "command_from", "cure", "launch_from"]

Package = Literal["system", "flatpak", "snap"]
"""How an editor came to the system."""

TIMEOUT_S = 20.0


def command_from(package: Package, command: list[str]) -> list[str]:
    """Return the command that starts the engine from within an editor's package."""
    # a sandboxed editor sees another system: the engine is to run outside of it
    return ["flatpak-spawn", "--host", *command] if package == "flatpak" else command


def launch_from(package: Package, data: Path) -> dict[str, str]:
    """Return what else the plug-in is to know; `data` is the sandbox's own folder."""
    # of all folders this one has the same path inside the sandbox and outside
    return {"exchange": str(data / "cache")} if package == "flatpak" else {}


def cure(app: str, title: str) -> str:
    """Return what to do so that an editor's sandbox may start the engine."""
    talk = f"flatpak override --user --talk-name=org.freedesktop.Flatpak {app}"
    return f"run: {talk}, then start {title} again"


def check(package: Package, app: str, title: str, path: Path, others: str) -> list[tuple[str, str]]:
    """Return what keeps an editor's package from starting engines: sentences and their cures.

    Parameters
    ----------
    package
        How the editor came to the system.
    app, title
        Its name as a Flatpak, and as users know it.
    path
        Its profile.
    others
        The packages to have it as instead.
    """
    if package == "snap":
        sentence = f"The {title} of {path} comes as a snap, which may not start the engine."
        return [(sentence, f"install {title} as {others}")]
    if package == "flatpak" and not _may_spawn(app):
        return [(f"{title}'s sandbox may not start the engine.", cure(app, title))]
    return []


def _may_spawn(app: str) -> bool:
    try:
        told = subprocess.run(
            ["flatpak", "info", "--show-permissions", app],
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return True  # nothing is known against it
    return "org.freedesktop.Flatpak=talk" in told.stdout
