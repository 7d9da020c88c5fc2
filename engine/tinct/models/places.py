"""Where manifests and weights lie: the user's folders first, then what came with tinct."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import tinct

__all__ = ["MANIFESTS", "WEIGHTS", "model_roots", "shipped_root", "user_root"]

MANIFESTS, WEIGHTS = "manifests", "weights"
SETTING = "TINCT_MODELS"


def model_roots() -> list[Path]:
    """Return the folders that may hold ``manifests/`` and ``weights/``, the first one to be asked
    first: that of ``TINCT_MODELS``, the user's own, and what came with tinct.
    """
    return list(_roots())


def user_root() -> Path:
    """Return the folder for networks that the user adds; it need not exist."""
    named = os.environ.get(SETTING, "")
    if named:
        return Path(named).expanduser()
    home = Path.home()
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or home / "AppData/Local") / "tinct/models"
    if sys.platform == "darwin":
        return home / "Library/Application Support/tinct/models"
    return Path(os.environ.get("XDG_DATA_HOME") or home / ".local/share") / "tinct/models"


def shipped_root() -> Path:
    """Return the folder of what came with tinct, in a wheel or in a checkout."""
    package = Path(tinct.__file__).resolve().parent
    packed = package / "_data" / "models"
    return packed if packed.is_dir() else package.parents[1] / "models"


def _roots() -> Iterator[Path]:
    yield user_root()
    yield shipped_root()
