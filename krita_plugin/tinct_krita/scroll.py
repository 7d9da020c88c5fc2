"""A column that scrolls up and down only, and is never narrower than what lies in it."""

from __future__ import annotations

from typing import Any

from .qt import QEvent, QScrollArea, Qt


class Column(QScrollArea):
    """Scroll a widget upright: of a narrow docker nothing is cut off at the right."""

    def __init__(self, content: Any) -> None:
        super().__init__()
        self._content = content
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidget(content)

    def eventFilter(self, watched: Any, event: Any) -> bool:
        """Grow with the content; Qt sends the content's events here already."""
        if event.type() == QEvent.Type.LayoutRequest and watched is self._content:
            bar = self.verticalScrollBar().sizeHint().width()
            frame = 2 * self.frameWidth()
            self.setMinimumWidth(self._content.minimumSizeHint().width() + bar + frame)
        return bool(super().eventFilter(watched, event))
