"""The row of suggested colors: for the stroke painted last, or the place the cursor rests on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .canvas import place_under_cursor
from .client import suggestions
from .qt import QCursor, QHBoxLayout, QLabel, QTimer, QToolButton, QVBoxLayout, QWidget
from .texts import _
from .widgets import SWATCH_SPACING, swatch_style

COLORS_MAXIMUM = 8
REST_MS = 300
"""A cursor that has not moved for so long looks at what lies below it; others pass by."""


class SuggestedView(QWidget):
    """Show what a run suggests.

    Parameters
    ----------
    pick
        Gets the color the user clicks.
    """

    def __init__(self, pick: Callable[[str], None]) -> None:
        super().__init__()
        self.found: suggestions.Suggestions | None = None
        self.buttons: list[Any] = []
        self._pick = pick
        self._document: Any = None
        self._cursor: Any = None
        self._looked_at: Any = None
        self._title = QLabel()
        self._row = QHBoxLayout()
        self._row.setSpacing(SWATCH_SPACING)
        self._row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._title)
        column.addLayout(self._row)
        self._timer = QTimer(self)
        self._timer.setInterval(REST_MS)
        self._timer.timeout.connect(self._look)
        self.setVisible(False)

    def take(self, outputs: Mapping[str, Any], document: Any) -> None:
        """Show the colors for the newest stroke of a document, if a run's outputs have any."""
        self.found = suggestions.Suggestions.find(outputs)
        self._document = document
        self._cursor = self._looked_at = QCursor.pos()
        self.setVisible(self.found is not None)
        if self.found is None:
            self._timer.stop()
            return
        self._timer.start()
        colors = self.found.for_newest_stroke()
        self._show(_("Suggested for this stroke:") if colors else "", colors)

    def clear(self) -> None:
        """Suggest nothing."""
        self.found = None
        self._timer.stop()
        self.setVisible(False)

    def _look(self) -> None:
        """Follow the cursor where it rests; where it has rested already, it stays as it is."""
        before, self._cursor = self._cursor, QCursor.pos()
        if self._cursor != before or self._cursor == self._looked_at or not self.isVisible():
            return
        self._looked_at = self._cursor
        place = place_under_cursor()
        if place is None or self.found is None or place.document != self._document:
            return
        width, height = place.document.width(), place.document.height()
        colors = self.found.at(place.x, place.y, width, height)
        if colors:
            self._show(_("Suggested for this place:"), colors)

    def _show(self, title: str, colors: Sequence[suggestions.Suggested]) -> None:
        for button in self.buttons:
            self._row.removeWidget(button)
            button.deleteLater()
        self._title.setText(title or _("Rest the cursor on a place to see what suits it."))
        self.buttons = [self._button(one) for one in colors[:COLORS_MAXIMUM]]
        for place, button in enumerate(self.buttons):
            self._row.insertWidget(place, button)

    def _button(self, one: suggestions.Suggested) -> Any:
        button = QToolButton()
        button.setObjectName("suggested " + one.color)
        button.setStyleSheet(swatch_style(one.color))
        words = _("{}: click to paint with it", one.color)
        button.setToolTip(words if one.share is None else f"{words} ({one.share:.0%})")
        button.clicked.connect(lambda _checked=False: self._pick(one.color))
        return button
