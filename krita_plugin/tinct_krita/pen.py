"""Whether the user is drawing: pressed pens, fingers and buttons over the canvas."""

from __future__ import annotations

import time
from typing import Any

from krita import Krita

from .canvas import is_canvas
from .qt import QEvent, QGuiApplication, QObject, Qt, QWidget

PRESS = (QEvent.Type.TabletPress, QEvent.Type.TouchBegin)
MOVE = (QEvent.Type.TabletMove, QEvent.Type.TouchUpdate)
RELEASE = (QEvent.Type.TabletRelease, QEvent.Type.TouchEnd, QEvent.Type.TouchCancel)
SILENCE_S = 2.0
"""A pen that rests on the canvas still trembles; one that says nothing for so long has left."""


class Pen(QObject):
    """Watch the canvas of the window without taking any event from it.

    Attributes
    ----------
    released_at
        When drawing was last seen to end, by `time.monotonic`.
    """

    def __init__(self) -> None:
        super().__init__()
        self.released_at = 0.0
        self._is_pressed = False
        self._heard_at = 0.0
        self._was_down = False
        self._watched: list[Any] = []

    @property
    def is_down(self) -> bool:
        """Whether a stroke may be under way."""
        now = time.monotonic()
        # Krita's own filter may keep a pen's release to itself, and all of a mouse's events
        is_pressed = self._is_pressed and now - self._heard_at < SILENCE_S
        is_down = is_pressed or QGuiApplication.mouseButtons() != Qt.MouseButton.NoButton
        if self._was_down and not is_down:
            self.released_at = now
        self._was_down = is_down
        return is_down

    def watch(self) -> None:
        """Watch the canvases there are now."""
        self.forget()
        window = Krita.instance().activeWindow()
        for widget in window.qwindow().findChildren(QWidget) if window is not None else ():
            if is_canvas(widget):
                widget.installEventFilter(self)
                self._watched.append(widget)

    def forget(self) -> None:
        """Watch nothing."""
        for widget in self._watched:
            try:
                widget.removeEventFilter(self)
            except RuntimeError:
                continue  # its view was closed
        self._watched.clear()
        self._is_pressed = False

    def eventFilter(self, _watched: Any, event: Any) -> bool:
        """Note presses and releases."""
        kind = event.type()
        if kind in PRESS:
            self._is_pressed = True
        elif kind in RELEASE or (kind == QEvent.Type.TabletMove and not _has_buttons(event)):
            self._is_pressed = False
        if kind in PRESS or kind in MOVE:
            self._heard_at = time.monotonic()
        return False


def _has_buttons(event: Any) -> bool:
    return bool(event.buttons() != Qt.MouseButton.NoButton)
