"""The groups where live results show, over all documents."""

from __future__ import annotations

from typing import Any

from krita import Krita, View

from . import jobs, layers, records, roles
from .qt import QTimer, sip

FOCUS_AFTER_MS = (30, 100, 300)
"""Krita activates an added layer some time after it was added."""


class Places:
    """Make, find and let go of `layers.Workplace`."""

    def __init__(self) -> None:
        self._all: list[layers.Workplace] = []

    def add(self, document: Any, base: Any, strokes: str = "") -> layers.Workplace:
        """Make one above a layer, by one undo step; see `layers.Workplace`."""
        place = layers.Workplace(document, base, strokes)
        self._all.append(place)
        for delay_ms in FOCUS_AFTER_MS:
            QTimer.singleShot(delay_ms, lambda: self._focus(place))
        for identity in place.keys:
            records.add_layer(document, "live", identity)
        if place.strokes is not None:
            records.add_layer(document, "strokes", layers.key(place.strokes))
        return place

    def find(self, request: jobs.Request) -> layers.Workplace:
        """Return the one with the request's strokes, else one above the base."""
        chosen = [one for choice in request.choices.values() for one in roles.each(choice)]
        for place in reversed(self._all):
            if place.document != request.document or not place.is_there:
                continue
            if place.strokes is None or roles.LAYER + layers.key(place.strokes) in chosen:
                return place
        return self.add(request.document, request.base())

    def close(self, document: Any) -> None:
        """Let go of a document that closes, while it is still whole."""
        for place in [place for place in self._all if place.document == document]:
            self._all.remove(place)
            place.close()

    def _focus(self, place: layers.Workplace) -> None:
        if place in self._all and place.is_there:
            place.take_focus()


def closing_document(view: Any) -> Any:
    """Return the document that closes with a view, or None when it stays open in another one.

    Parameters
    ----------
    view
        As Krita's notifier names it: PyQt hands it over as a mere object.
    """
    view = sip.cast(view, View)
    document = view.document()
    views = [other for window in Krita.instance().windows() for other in window.views()]
    stays = any(other.document() == document and other != view for other in views)
    return None if stays else document
