"""The live loop: strokes, their colors on the canvas, and again; no history knows of it."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from typing import Any

from . import jobs, layers, pixels, previews, records, roles
from .bands import Banded
from .calls import Calls, Run
from .client import errors
from .colors import StepRunner
from .pen import Pen
from .previews import WHOLE
from .qt import QTimer
from .session import Session, sentence
from .sources import Sources
from .texts import Refusal, _
from .writing import Writing

TICK_MS = 20
AWAKE_S = 1.0
PREVIEW_FROM_S = 0.25
"""When the exact result takes longer than this, a preview comes first."""

RESTARTS_MAXIMUM = 2


class Live:
    """Follow the strokes of one document.

    Parameters
    ----------
    session
        Owns the engine.
    request
        What the form says now.
    find_place
        Returns where the results show, making it when there is no such place yet.
    changed
        Called when there is something new to tell: see `message`, `is_working`, `is_exact`.
    ended
        Called with a sentence when it ends by itself.
    take_data
        Gets each result's outputs, among them a color wheel or a palette, and the document.
    owner
        The widget with which it ends: a window may be closed in the middle.

    Attributes
    ----------
    is_paused
        Look at nothing for now: selection and strokes are being changed on the user's behalf.
    message
        A sentence for the user, or an empty text.
    preview_s, exact_s
        From noticing a stroke to the latest preview and exact result on the canvas.
    """

    def __init__(
        self,
        session: Session,
        request: Callable[[], jobs.Request],
        find_place: Callable[[jobs.Request], layers.Workplace],
        changed: Callable[[], None],
        ended: Callable[[str], None],
        take_data: Callable[[dict[str, Any], Any], object],
        owner: Any,
    ) -> None:
        self._session = session
        self._make_request = request
        self._find_place = find_place
        self._changed = changed
        self._ended = ended
        self._take_data = take_data
        self._sources = Sources(session)
        self._calls = Calls(session, self._sources, self._answered, self._stumble)
        self._pen = Pen()
        self._writer = StepRunner()
        self._writing = Writing(session)
        self._timer = QTimer(owner)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self._tick)
        self._is_busy = False
        self._reset()

    def _reset(self) -> None:
        self.document: Any = None
        self.message = ""
        self.preview_s = self.exact_s = 0.0
        self.is_exact = False
        self._request: jobs.Request | None = None
        self._place: layers.Workplace | None = None
        self._version, self._shown, self._noticed_at = 0, 0, 0.0
        self._settled = False
        self._asked: set[str] = set()
        self._held: tuple[Run, Any] | None = None
        self._engine_s = 0.0
        self._restarts = 0
        self._then: Callable[[], None] | None = None
        self._is_before = False
        self.is_paused = False

    @property
    def is_on(self) -> bool:
        """Whether a document is being followed."""
        return self.document is not None

    @property
    def is_working(self) -> bool:
        """Whether the canvas is behind the strokes."""
        is_held = self._held is not None
        return self.is_on and (self._calls.is_asking or is_held or self._writer.is_running)

    @property
    def strokes(self) -> Banded | pixels.Pixels | None:
        """The strokes as last seen."""
        return self._sources.strokes

    def start(self) -> None:
        """Begin to follow the strokes.

        Raises
        ------
        Refusal
            When the form does not allow it yet.
        """
        request = self._make_request()
        jobs.check(request)
        self._reset()
        self.document = request.document
        self._take(request)
        self._pen.watch()
        self._timer.start()
        self._tick()

    def touch(self) -> None:
        """Take over what changed in the form."""
        if self.is_on:
            self._take(self._make_request())

    def keep(self, done: Callable[[Any], None]) -> None:
        """Turn the exact result into a layer by one undo step, as soon as it is there.

        Parameters
        ----------
        done
            Gets the new layer.
        """
        self._then = lambda: self._keep(done)
        self._tick()

    def discard(self) -> None:
        """End; the document is as if nothing had been."""
        self._stop()

    def leave(self) -> None:
        """End and touch nothing: the document's last view is half gone, and Krita with it."""
        self._place = None
        self._stop()

    def show_before(self, before: bool) -> None:
        """Show the picture without its colors, or with them."""
        self._is_before = before
        if self._place is not None:
            with self._alone():
                self._place.show(not before)

    # what changed

    def _take(self, request: jobs.Request) -> None:
        old, self._request = self._request, request
        if old is None or old.info["id"] != request.info["id"] or old.choices != request.choices:
            self._sources.follow(request)
        self._notice()

    def _notice(self) -> None:
        self._version += 1
        self._settled = self.is_exact = False
        self._asked.clear()
        self._calls.give_up(self._version)
        self._noticed_at = time.monotonic()

    def _tick(self) -> None:
        if not (self._is_busy or self.is_paused) and self.is_on:
            with self._alone():
                self._step()

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """Let no tick in: where Krita waits for its own work, it lets timers fire."""
        was, self._is_busy = self._is_busy, True
        try:
            yield
        finally:
            self._is_busy = was

    def _step(self) -> None:
        if not roles.is_open(self.document):
            self._abandon(_("The picture was closed."))
            return
        if self._place is not None:
            if not self._place.is_there:
                self._abandon(_("The live layer was removed, so live mode ended."))
                return
            self._place.take_focus()
        if self._pen.is_down or self._writer.is_running:
            return
        try:
            now = time.monotonic()
            awake = now - max(self._pen.released_at, self._noticed_at) < AWAKE_S
            if self._sources.look(self._require(), awake):
                self._notice()
            elif not self._sources.is_midway:
                self._settled = True
            self._advance()
        except (Refusal, errors.EngineError) as problem:
            self._stumble(problem)

    # what is asked of the engine

    def _advance(self) -> None:
        if self._held is not None:
            run, outcome = self._held
            self._held = None
            self._show(run, outcome)
        if self._sources.is_midway:
            QTimer.singleShot(0, self._tick)  # reads on
        elif not self._calls.is_sending:
            quality = self._due()
            if quality:
                self._ask(quality)
            elif self._then is not None and self.is_exact and not self.is_working:
                then, self._then = self._then, None
                then()

    def _due(self) -> str:
        """Return what to ask for next, or an empty text.

        The exact result is asked for while the engine works on the preview: it begins as soon as
        that is ready, and its pictures are there by then.
        """
        if self.is_exact:
            return ""
        is_slow = self._engine_s > PREVIEW_FROM_S or not self._engine_s
        if is_slow and self._shown < self._version and "preview" not in self._asked:
            return "preview"
        return "final" if self._settled and "final" not in self._asked else ""

    def _nothing_to_show(self) -> None:
        if self._place is not None:
            self._place.show(False)
        self._tell(_("Paint with any brush. Colors spread to similar tones."))

    def _ask(self, quality: str) -> None:
        request = self._require()
        side = WHOLE
        if quality == "preview" and self._sources.can_shrink:
            side = previews.longest_side(request, self._output())
        self._asked.add(quality)
        run = Run(self._version, quality, self._noticed_at, side != WHOLE)
        self._calls.ask(run, request, side)
        self._changed()

    def _answered(self, run: Run, outcome: Any, error: errors.EngineError | None) -> None:
        if error is not None:
            self._failed(run, error)
        else:
            self._restarts = 0
            if run.quality == "final":
                self._engine_s = outcome.seconds
            self._hold(run, outcome)
            self._tick()

    def _failed(self, run: Run, error: errors.EngineError) -> None:
        if run.version == self._version:
            self._asked.discard(run.quality)
        if isinstance(error, errors.Cancelled):
            return
        if isinstance(error, errors.EngineDied) and self._restarts < RESTARTS_MAXIMUM:
            self._restarts += 1  # strokes are in the document: only their copies were lost
            self._calls.stop()
            self._asked.clear()
            self._forget_copies()
            return
        if isinstance(error, errors.EngineGone):
            self._abandon(sentence(error))
            return
        if run.version != self._version:
            return  # what was wrong may be right by now
        self._calls.stop()
        self._shown, self.is_exact = run.version, True
        self._then = None
        if self._sources.lack_strokes:  # what the operation refuses is that there is no stroke
            self._nothing_to_show()
            if run.quality != "prepare" and self._require().info["prepares"]:
                self._ask("prepare")
        else:
            self._tell(sentence(error))

    # what is shown

    def _hold(self, run: Run, outcome: Any) -> None:
        if self._held is not None:
            self._discard(self._held[1])
        self._held = (run, outcome)

    def _show(self, run: Run, outcome: Any) -> None:
        output = self._output()
        if run.version == self._version:  # the user has moved on from an older wheel
            self._take_data(outcome.outputs, self.document)
        value = outcome.outputs.pop(output["role"], None)
        self._discard(outcome)
        if value is None:
            return
        reference = value[-1][1] if isinstance(value, list) else value
        if self._place is None:
            self._place = self._find_place(self._require())
        self._place.take_space(layers.space_for(self.document, pixels.DEPTHS[reference.dtype]))
        warning = outcome.warnings[0] if outcome.warnings else ""
        is_color = run.is_small and previews.is_colored(self._require(), output)
        steps = self._writing.steps(self._place, run, reference, is_color)
        self._writer.start(steps, lambda: self._has_shown(run, warning))

    def _has_shown(self, run: Run, warning: str) -> None:
        self._shown = max(self._shown, run.version)
        self.is_exact = run.quality == "final" and run.version == self._version
        seconds = time.monotonic() - run.began
        if run.quality == "final":
            self.exact_s = seconds
        else:
            self.preview_s = seconds
        if self._place is not None and not self._is_before:
            with self._alone():
                self._place.show(True)
        self._tell(_(warning))

    def _output(self) -> dict[str, Any]:
        outputs = self._require().info["outputs"]
        found: dict[str, Any] = next(o for o in outputs if o["kind"] != "data")
        return found

    def _keep(self, done: Callable[[Any], None]) -> None:
        request, place, document = self._require(), self._place, self.document
        if place is None:
            self._tell(_("There is nothing to keep yet: paint a stroke first."))
            return
        data, space, output = place.read(), place.space, self._output()
        strokes = jobs.find_strokes(request)
        self._stop()
        title = layers.plain_name(document, _(output["title"]))
        parts = [layers.Part(title, space.depth, data)]
        result = layers.Result(title, parts, jobs.blend_for(request, output), space)
        node = layers.add_results(document, [result], title, request.base())
        records.add_result(document, layers.key(node), request.made())
        if strokes is not None:
            strokes.setVisible(False)
        document.refreshProjection()
        done(node)

    # the end

    def _abandon(self, message: str) -> None:
        self._stop()
        self._ended(message)

    def _stumble(self, problem: Exception) -> None:
        self._abandon(sentence(problem))

    def _forget_copies(self) -> None:
        self._sources.forget_copies()
        self._calls.sweep()

    def _stop(self) -> None:
        self._timer.stop()
        self._pen.forget()
        self._writer.stop()
        self._writing.forget()
        place, document = self._place, self.document
        self._calls.stop()
        if self._held is not None:
            self._discard(self._held[1])
        self._forget_copies()
        self._reset()
        if place is not None and roles.is_open(document) and place.is_there:
            place.end()

    def _discard(self, outcome: Any) -> None:
        if outcome is not None:
            self._session.discard(outcome.outputs)

    def _tell(self, message: str) -> None:
        self.message = message
        self._changed()

    def _require(self) -> jobs.Request:
        if self._request is None:
            raise Refusal(_("Open a picture first."))
        return self._request
