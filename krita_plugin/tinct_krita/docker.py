"""The docker, one in each window, all with the same engine."""

from __future__ import annotations

from typing import Any

from krita import DockWidget

from .panel import Panel
from .session import Session

shared: Session | None = None


def session() -> Session:
    """Return the session of this Krita, made at first use."""
    global shared
    if shared is None:
        shared = Session()
    return shared


class TinctDocker(DockWidget):
    """Krita's frame around the panel."""

    def __init__(self) -> None:
        super().__init__()
        self.setWindowTitle("Tinct")
        self.panel = Panel(session())
        self.setWidget(self.panel)

    def canvasChanged(self, _canvas: Any) -> None:
        """Follow the view; Krita demands that it exists."""
        self.panel.refresh()
