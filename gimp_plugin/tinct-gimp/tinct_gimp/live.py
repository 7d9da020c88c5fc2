"""Keeps the preview up to date while a dialog is open, without ever blocking it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from gi.repository import Gimp, GLib, Gtk

from . import procedures, thumbnails, work
from ._vendor.tinct_client.errors import Cancelled, EngineError, EngineGone
from ._vendor.tinct_client.process import Engine, Latest, Outcome
from ._vendor.tinct_client.rpc import Call
from .catalog import Info
from .preview import CanvasPreview, watched_digest
from .refusal import Refusal
from .work import Job

DEBOUNCE_MS = 150
POLL_MS = 20
WATCH_MS = 700
SLOW_S = 0.3  # a bar for less would only flicker
THUMBNAIL = 320


class Live:
    """Ask the engine for previews, the newest first, and show what comes.

    Parameters
    ----------
    info, base, config
        The operation, the layer it works on, and the values as they change.
    engine
        Asked without waiting.
    say
        Takes one sentence; an empty one when all is well.
    progress
        Takes fraction and stage of work that takes a while; 1 when it is over.
    take_data
        Takes what else a preview returned: data by role, such as a color wheel, and whether they
        were made with the present values.
    """

    def __init__(
        self,
        info: Info,
        base: Gimp.Layer,
        config: Gimp.ProcedureConfig,
        engine: Engine,
        say: Callable[[str], object],
        progress: Callable[[float, str], object],
        take_data: Callable[[Mapping[str, Any], bool], object],
    ) -> None:
        self.info = info
        self.base = base
        self.config = config
        self.engine = engine
        self.wanted = True
        self.canvas = CanvasPreview(base)
        self.canvas_possible = self.canvas.possible
        self.thumbnail = None if self.canvas_possible else Gtk.Image(visible=True)
        self._say = say
        self._progress = progress
        self._take_data = take_data
        self._latest: Latest[Job] = Latest(self._begin)
        self._current: Call | None = None
        self._began_at = 0.0
        self._timers: list[int] = []
        self._waiting = 0
        self._digest = ""

    def resume(self) -> None:
        """Follow the dialog from now on."""
        if not self._timers:
            self._timers = [
                GLib.timeout_add(POLL_MS, self._poll),
                GLib.timeout_add(WATCH_MS, self._watch),
            ]
            self.ask()

    def stop(self) -> None:
        """Stop, and leave the image as it was."""
        for timer in self._timers:
            GLib.source_remove(timer)
        self._timers = []
        if self._waiting:
            GLib.source_remove(self._waiting)
            self._waiting = 0
        self._cancel()
        self.canvas.hide()

    def want(self, wanted: bool) -> None:
        """Switch the preview on or off."""
        self.wanted = wanted
        if wanted:
            self.ask()
        else:
            self._cancel()
            self.canvas.hide()

    def use_canvas(self) -> None:
        """Show previews on the canvas: the image has come to hold their colors."""
        if self.thumbnail is not None and self.canvas.possible:
            self.thumbnail.hide()
            self.thumbnail = None
            self.canvas_possible = True
            self.ask()

    def show_before(self, before: bool) -> None:
        """Show the image as it was, or with the result."""
        self.canvas.set_visible(not before)

    def ask(self) -> None:
        """Ask for a new preview as soon as the values rest for a moment."""
        if self._waiting:
            GLib.source_remove(self._waiting)
        self._waiting = GLib.timeout_add(DEBOUNCE_MS, self._ask_now)

    def _ask_now(self) -> bool:
        self._waiting = 0
        if not self.wanted or not self.base.is_valid():
            return False
        try:
            job = Job.from_config(self.info, self.base, self.config)
            job.check_sources()
            self._digest = watched_digest(job)
            self._latest.ask(job)
        except (Refusal, EngineError) as error:
            self._cancel()
            self.canvas.hide()
            self._say(str(error))
        return False

    def _begin(self, job: Job) -> Call:
        self.engine.start()
        side = THUMBNAIL if self.thumbnail is not None else self.info["preview"]["maxSide"]
        inputs = work.write_inputs(job, self.engine.exchange, side)
        parameters = work.preview_parameters(job, inputs)
        call = self.engine.submit_run(
            self.info["id"], inputs, parameters, quality="preview", outside=work.OUTSIDE
        )
        self._current, self._began_at = call, time.monotonic()
        return call.then(lambda done: self._done(job, done))

    def _done(self, job: Job, call: Call) -> None:
        self._current = None
        self._progress(1.0, "")
        if isinstance(call.error, Cancelled):
            return
        if call.error is not None:
            self.canvas.hide()
            self._say(call.error.message)
            if isinstance(call.error, EngineGone):
                self._latest.forget()  # what killed the engine is not tried again by itself
            return
        outcome = Outcome.from_wire(call.result())
        current = job.parameters == procedures.parameters(self.info, self.config)
        self._take_data(work.data_of(job, outcome), current)
        if not self.wanted:
            self.engine.exchange.discard(outcome.outputs)
        elif self.thumbnail is not None:
            self._show_thumbnail(outcome)
        else:
            self.canvas.show(job, outcome, self.engine.exchange)
        self._say(" ".join(outcome.warnings))

    def _poll(self) -> bool:
        self.engine.poll()
        call = self._current
        if call is not None and time.monotonic() - self._began_at > SLOW_S:
            self._progress(min(call.fraction, 0.99), call.stage)
        return True

    def _watch(self) -> bool:
        """Notice strokes painted, and selections made, while the dialog is open."""
        idle = self._current is None and not self._waiting
        if self.wanted and self.info["preview"]["live"] and idle and self.base.is_valid():
            job = Job.from_config(self.info, self.base, self.config)
            if watched_digest(job) != self._digest:
                self._ask_now()
        return True

    def _cancel(self) -> None:
        self._latest.forget()
        if self._current is not None:
            self.engine.cancel(self._current)
            self._current = None
        self._progress(1.0, "")

    def _show_thumbnail(self, outcome: Outcome) -> None:
        """Show a result inside the dialog: the canvas of this image holds no colors."""
        under = thumbnails.picture_of(self.base, THUMBNAIL)
        for _output, _title, reference in work.pictures_of(self.info, outcome):
            thumbnails.put_over(under, reference, self.engine.exchange)
            break
        self.thumbnail.set_from_pixbuf(under)
        self.engine.exchange.discard(outcome.outputs)
