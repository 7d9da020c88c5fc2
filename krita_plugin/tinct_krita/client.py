"""The one place that knows where the client lies: vendored beside this file, or on the path."""

from __future__ import annotations

try:
    from ._vendor.tinct_client import (
        buffers,
        errors,
        forms,
        i18n,
        launch,
        palette,
        process,
        protocol,
        suggestions,
        wheel,
    )
except ImportError:  # a checkout's tests
    from tinct_client import (
        buffers,
        errors,
        forms,
        i18n,
        launch,
        palette,
        process,
        protocol,
        suggestions,
        wheel,
    )

__all__ = [
    "buffers",
    "errors",
    "forms",
    "i18n",
    "launch",
    "palette",
    "process",
    "protocol",
    "suggestions",
    "wheel",
]
