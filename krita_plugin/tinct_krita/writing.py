"""Writes a live result into its layer in pieces, so that the interface never waits long for one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from . import roles
from .bands import Turn
from .calls import Run
from .colors import Steps
from .layers import Workplace
from .previews import Change, Small
from .qt import QByteArray
from .session import Session

STRIP_BYTES = 2 << 20
"""It takes a millisecond or two."""


class Writing:
    """Write the results of one live loop.

    A preview in color alone is small. Once an exact result shows whose preview is known, the next
    preview changes it by what the two previews differ by: what the newest stroke does not reach
    stays exact, and does not flicker.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._shown: Small | None = None  # what shows looks like this
        self._previews: dict[int, Small] = {}

    def forget(self) -> None:
        """Begin anew: something else shows."""
        self._shown = None
        self._previews.clear()

    def steps(self, place: Workplace, run: Run, reference: Any, is_color: bool) -> Steps:
        """Write the result of a run; of a small one maybe only the color."""
        exchange = self._session.engine.exchange
        step = max(1, STRIP_BYTES // (place.width * place.space.pixel_bytes))
        shown, self._shown = self._shown, None
        if not run.is_small:
            place.blend = "normal"
            yield from _write(place, map(QByteArray, exchange.strips(reference, step)), step)
            self._shown = self._previews.get(run.version)
            return
        rows, columns = reference.shape[:2]
        small = Small(exchange.read(reference), columns, rows)
        if is_color:
            self._previews = {run.version: small}
        if is_color and shown is not None and Change.is_possible(shown, small):
            yield from _write(place, _changed(place, Change(shown, small), step), step)
            self._shown = small
        else:
            place.blend = "color" if is_color else "normal"
            yield from _write(place, small.strips(place.width, place.height, step), step)


def _changed(place: Workplace, change: Change, step: int) -> Iterator[QByteArray | None]:
    for top in range(0, place.height, step):
        rows = min(step, place.height - top)
        if change.touches(top, rows, place.height):
            yield change.on(place.read(top, rows), place.width, top, rows, place.height)
        else:
            yield None


def _write(place: Workplace, strips: Iterator[QByteArray | None], step: int) -> Steps:
    """Write strips of `step` rows from the top; None stands for one that stays."""
    top, turn = 0, Turn()
    for strip in strips:
        if not roles.is_open(place.document):
            return
        if strip is not None:
            place.write(strip, top, min(step, place.height - top))
        top += step
        if turn.is_over:
            yield 0.0
            turn.begin()
