"""The docker's row of stroke colors: shows those in use, and exchanges one for another."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import colors, jobs
from .controls import Controls
from .live import Live
from .texts import Refusal, _


class StrokeColors:
    """Keep the row up to date with the strokes.

    Parameters
    ----------
    controls
        Hold the row.
    live
        Waits while selection and brush are borrowed.
    request
        What the form says now.
    exchanged
        Called when a color was exchanged.
    failed
        Gets the refusal when one cannot be.
    """

    def __init__(
        self,
        controls: Controls,
        live: Live,
        request: Callable[[], jobs.Request],
        exchanged: Callable[[], None],
        failed: Callable[[Exception], None],
    ) -> None:
        self._controls = controls
        self._live = live
        self._request = request
        self._tell_exchanged = exchanged
        self._failed = failed
        self._steps = colors.StepRunner()
        self._scan = colors.ColorScan(self._found)
        self._scanned: Any = None

    @property
    def is_busy(self) -> bool:
        """Whether a color is being exchanged."""
        return self._steps.is_running

    def forget(self) -> None:
        """Show none, and count anew the next time."""
        self._scan.stop()
        self._scanned = None
        self._found([])

    def update(self) -> None:
        """Count the colors of the live strokes, when these are others than the last time."""
        strokes = self._live.strokes
        if strokes is not None and strokes is not self._scanned:
            self._scanned = strokes
            self._scan.start(strokes)

    def exchange(self, old: str, new: str) -> None:
        """Give all strokes of one color another one, as one undo step."""
        try:
            request = self._request()
            strokes = jobs.find_strokes(request)
            if strokes is None:
                raise Refusal(_("Choose the layer with the strokes."))
            self._live.is_paused = True
            self._steps.start(
                colors.exchange_color(request.document, strokes, old, new), self._exchanged
            )
        except Refusal as refusal:
            self._live.is_paused = False
            self._failed(refusal)

    def _exchanged(self) -> None:
        self._live.is_paused = False
        self._tell_exchanged()

    def _found(self, found: list[str]) -> None:
        self._controls.show_colors(found, self._clicked, colors.pick)

    def _clicked(self, old: str) -> None:
        new = self._controls.ask_color(old)
        if new is not None and new != old:
            self.exchange(old, new)
