"""Writes a live result into its layer in pieces, so that the interface never waits long for one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from . import previews, roles
from .bands import Turn
from .colors import Steps
from .layers import Workplace
from .qt import QByteArray

STRIP_BYTES = 2 << 20
"""It takes a millisecond or two."""


def write(place: Workplace, exchange: Any, reference: Any) -> Steps:
    """Write a result where it shows; one smaller than the document is enlarged."""
    rows = max(1, STRIP_BYTES // (place.width * place.space.pixel_bytes))
    top, turn = 0, Turn()
    for strip in _strips(place, exchange, reference, rows):
        if not roles.is_open(place.document):
            return
        height = min(rows, place.height - top)
        place.write(strip, top, height)
        top += height
        if turn.is_over:
            yield 0.0
            turn.begin()


def _strips(place: Workplace, exchange: Any, reference: Any, rows: int) -> Iterator[QByteArray]:
    height, width = reference.shape[:2]
    if (width, height) == (place.width, place.height):
        yield from map(QByteArray, exchange.strips(reference, rows))
        return
    data = exchange.read(reference)
    yield from previews.enlarge(data, width, height, place.space, place.width, place.height, rows)
