"""Tinct's docker and actions. Standard library and PyQt only; the engine is its own process."""

from __future__ import annotations

import importlib.util

if importlib.util.find_spec("krita") is not None:  # elsewhere only the plain modules are of use
    from .plugin import register

    register()
