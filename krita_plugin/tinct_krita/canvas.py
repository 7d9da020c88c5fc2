"""The canvas: which widgets it is made of, and which pixel of the picture lies under the cursor."""

from __future__ import annotations

from typing import Any, NamedTuple

from krita import Krita

from .qt import QApplication, QCursor, QPointF

CLASSES = ("KisOpenGLCanvas2", "KisQPainterCanvas")


class Place(NamedTuple):
    """A pixel of a document."""

    document: Any
    x: float
    y: float


def is_canvas(widget: Any) -> bool:
    """Whether a widget is one that Krita shows a picture on."""
    return widget is not None and widget.metaObject().className() in CLASSES


def place_under_cursor() -> Place | None:
    """Return the pixel under the cursor, or None beside the canvas and in a Krita before 5.2."""
    position = QCursor.pos()
    widget = QApplication.widgetAt(position)
    window = Krita.instance().activeWindow()
    view = window.activeView() if window is not None else None
    if not is_canvas(widget) or not hasattr(view, "flakeToCanvasTransform"):
        return None
    document = view.document()
    inverse, is_possible = view.flakeToCanvasTransform().inverted()
    if document is None or not is_possible:
        return None
    inside = QPointF(widget.mapFromGlobal(position))
    point = view.flakeToImageTransform().map(inverse.map(inside))
    return Place(document, point.x(), point.y())
