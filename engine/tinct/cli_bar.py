"""A bar that shows progress in a terminal."""

from __future__ import annotations

import time
from typing import TextIO

__all__ = ["Bar"]

BAR_CELLS = 24
BAR_INTERVAL_S = 0.05


class Bar:
    """Draw progress in one line of a terminal, and nothing elsewhere."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._shown = False
        self._next = 0.0

    def show(self, fraction: float, stage: str) -> None:
        """Draw the bar anew, at most 20 times a second."""
        now = time.monotonic()
        if now < self._next or not self._stream.isatty():
            return
        self._next = now + BAR_INTERVAL_S
        full = round(fraction * BAR_CELLS)
        cells = "#" * full + "." * (BAR_CELLS - full)
        self._stream.write(f"\r\x1b[K[{cells}] {fraction:4.0%} {stage[:40]}")
        self._stream.flush()
        self._shown = True

    def __enter__(self) -> Bar:
        return self

    def __exit__(self, *_: object) -> None:
        if self._shown:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
