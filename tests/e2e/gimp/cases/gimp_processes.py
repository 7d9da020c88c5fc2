"""The processes and files of tinct, as the system sees them."""

from __future__ import annotations

import contextlib
import os
import signal
from pathlib import Path

LOG = Path(os.environ.get("XDG_STATE_HOME", "/nowhere")) / "tinct" / "engine-gimp.log"


def processes(mark: str) -> list[int]:
    """Return the ids of running processes whose command line holds a text."""
    found = []
    for name in os.listdir("/proc"):
        try:
            with open(f"/proc/{name}/cmdline", "rb") as file:
                line = file.read().replace(b"\0", b" ").decode(errors="replace")
            with open(f"/proc/{name}/stat", encoding="utf-8") as file:
                ended = file.read().rsplit(")", 1)[1].split()[0] == "Z"
        except (OSError, ValueError, IndexError):
            continue
        if mark in line and not ended:
            found.append(int(name))
    return found


def engines() -> list[int]:
    return processes("-m tinct.worker")


def plugins() -> list[int]:
    return processes("tinct-gimp.py -gimp")


def exchange_folders() -> list[str]:
    return [
        f"{base}/{name}"
        for base in ("/dev/shm", "/tmp")
        for name in os.listdir(base)
        if name.startswith("tinct-")
    ]


def log_text() -> str:
    """Return what the engines have written so far."""
    return LOG.read_text("utf-8", errors="replace") if LOG.exists() else ""


def kill(*ids: int) -> None:
    for one in ids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(one, signal.SIGKILL)
