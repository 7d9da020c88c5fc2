"""The docker's content: operations, pickers, form, live mode, and one line of plain words."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from krita import Krita

from . import jobs, layers, records, roles
from .client import errors
from .controls import Controls
from .form import FormView
from .live import Live
from .places import Places, closing_document
from .qt import QTimer, QVBoxLayout, QWidget
from .recolor import StrokeColors
from .scroll import Column
from .session import MENUS, Session, sentence
from .texts import STROKES_NAME, Refusal, _
from .views import Views

REFRESH_MS = 600
BUSY_FROM_MS = 300


class Panel(QWidget):
    """Everything in the docker.

    Parameters
    ----------
    session
        Shared by all windows.
    """

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.controls = Controls(self)
        self.form: FormView | None = None
        self.views = Views(self._set_values, self._value_of)
        self._places = Places()
        self.live = Live(
            session,
            self.request,
            self._places.find,
            self._live_changed,
            self._live_ended,
            self.views.take,
            self,
        )
        self.job: jobs.Job | None = None
        self._info: dict[str, Any] | None = None
        self._document: Any = None
        self._drafts: dict[tuple[str, str], dict[str, Any]] = {}
        self.colors = StrokeColors(
            self.controls, self.live, self.request, self._changed, self._fail
        )
        self._lay_out()
        self._connect()
        self._timer = QTimer(self)
        self._timer.setInterval(REFRESH_MS)
        self._timer.timeout.connect(self.refresh)
        self._timer.start()
        notifier = Krita.instance().notifier()
        notifier.setActive(True)
        notifier.viewClosed.connect(self._view_closed)
        self._fill_operations()

    def _lay_out(self) -> None:
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(4, 4, 4, 4)
        self.controls.lay_out_top(column)
        self._form_place = QVBoxLayout()
        column.addWidget(self.views)
        column.addLayout(self._form_place)
        self.controls.lay_out_bottom(column)
        column.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(Column(content))

    def _connect(self) -> None:
        controls = self.controls
        controls.operation.currentIndexChanged.connect(lambda _index: self._operation_chosen())
        controls.run.clicked.connect(lambda: self.run())
        controls.cancel.clicked.connect(lambda: self.cancel())
        controls.live.clicked.connect(lambda on: self.set_live(bool(on)))
        controls.keep.clicked.connect(lambda: self.keep())
        controls.discard.clicked.connect(lambda: self.discard())
        controls.before.pressed.connect(lambda: self._show_before(True))
        controls.before.released.connect(lambda: self._show_before(False))
        controls.color_only.toggled.connect(lambda _on: self._changed())
        controls.python.clicked.connect(lambda: self._choose_python())

    # the operation and its form

    def _fill_operations(self) -> None:
        self.controls.fill_operations(self.session.operations.values(), MENUS)
        if self.session.problem:
            self.say(_(self.session.problem))
        self._operation_chosen()

    def choose_operation(self, identity: str) -> None:
        """Show an operation's form."""
        self.controls.choose_operation(identity)

    def _operation_chosen(self) -> None:
        identity = self.controls.operation.currentData()
        info = self.session.operations.get(identity) if identity else None
        if info is None or info is self._info:
            return
        if self.live.is_on:
            self.discard()
        self._keep_draft()
        self._info = info
        if self.form is not None:
            self.form.hide()  # it is deleted only when the main loop is back
            self.form.deleteLater()
        self.form = FormView(info, self._changed, self.say, self._boxed)
        self._form_place.addWidget(self.form)
        self.colors.forget()
        self.views.clear()
        self.controls.show_operation(info, self._changed, self.new_strokes)
        self._recall()
        self.hint()

    def _recall(self) -> None:
        """Fill form and pickers: what was chosen for this document first, the defaults second."""
        document, info = self._document, self._info
        if info is None or self.form is None:
            return
        remembered: Mapping[str, Any] = {}
        if roles.is_open(document):
            place = (roles.document_name(document), info["id"])
            kept = records.read(document)["choices"].get(info["id"], {})
            remembered = self._drafts.get(place, kept)
        self.form.recall(remembered.get("parameters", {}))
        self.controls.color_only.setChecked(bool(remembered.get("color_only", True)))
        self.controls.pickers.fill(document, info, remembered.get("roles", {}))

    def request(self) -> jobs.Request:
        """Return what the form says.

        Raises
        ------
        Refusal
            When there is no operation or no document.
        """
        if self._info is None or self.form is None:
            raise Refusal(_(self.session.problem) or _("Choose what to do."))
        document = Krita.instance().activeDocument()
        if document is None:
            raise Refusal(_("Open a picture first."))
        self._follow(document)
        return jobs.Request(
            self._document,
            self._info,
            self.controls.pickers.choices(),
            dict(self.form.form.values),
            self.controls.color_only.isChecked(),
        )

    def _set_values(self, values: Mapping[str, Any]) -> None:
        if self.form is not None:
            self.form.take_all(values)

    def _value_of(self, name: str) -> Any:
        return None if self.form is None else self.form.form.values.get(name)

    def _changed(self) -> None:
        if self.live.is_on:
            with suppress(Refusal):
                self.live.touch()

    # documents

    def refresh(self) -> None:
        """Follow the active document and its layers."""
        if not self.isVisible():
            return
        document = Krita.instance().activeDocument()
        self._follow(document)
        if roles.is_open(self._document) and self._info is not None and not self.live.is_on:
            self.controls.pickers.fill(self._document, self._info, self.controls.pickers.choices())
        self.controls.show_region(self._document)
        self.update_buttons()

    def _follow(self, document: Any) -> None:
        if document is None and self._document is None:
            return
        if document is None or self._document is None or document != self._document:
            if self._is_reference(document) or self.live.is_on:
                return  # the docker stays with the document it is at work on
            self._keep_draft()
            self._document = document
            self._recall()
            self.hint()

    def _is_reference(self, document: Any) -> bool:
        """Whether pairs are being made between the form's document and this one."""
        if document is None or self.form is None or not roles.is_open(self._document):
            return False
        chosen = roles.DOCUMENT + roles.document_name(document)
        choices = self.controls.pickers.choices().values()
        return self.form.has_pairs and any(chosen in roles.each(choice) for choice in choices)

    def _boxed(self, second: bool) -> Any:
        """Return the document on which a pair's box is to be selected."""
        if self._info is None or not roles.is_open(self._document):
            raise Refusal(_("Open a picture first."))
        choices = self.controls.pickers.choices()
        return roles.boxed_document(self._document, self._info, choices, second)

    def _keep_draft(self) -> None:
        """Remember the form of the document or operation that is left."""
        if self._info is not None and self.form is not None and roles.is_open(self._document):
            place = (roles.document_name(self._document), self._info["id"])
            self._drafts[place] = {
                "parameters": dict(self.form.form.values),
                "roles": self.controls.pickers.choices(),
                "color_only": self.controls.color_only.isChecked(),
            }

    # one run

    def run(self, replaces: str = "") -> None:
        """Run the operation and add its result as one undo step."""
        if self.job is not None:
            return
        if self.live.is_on:
            self.keep()
            return
        try:
            request = self.request()
            self._begin(request)
        except (Refusal, errors.EngineError) as problem:
            self._fail(problem)

    def _begin(self, request: jobs.Request) -> None:
        choice = {name: request.made()[name] for name in ("parameters", "roles", "color_only")}
        self.job = jobs.Job(self.session, request, self._job_done, self._progress)
        records.add_choice(request.document, request.info["id"], choice)
        self.say("")
        QTimer.singleShot(BUSY_FROM_MS, self.update_buttons)
        self.update_buttons()

    def run_again(self) -> None:
        """Make the active result layer again, after its strokes or its picture changed."""
        if self.job is not None or self.live.is_on:
            return
        try:
            document = Krita.instance().activeDocument()
            if document is None:
                raise Refusal(_("Open a picture first."))
            request = jobs.request_again(document, self.session.operations)
            self._begin(request)
        except (Refusal, errors.EngineError) as problem:
            self._fail(problem)

    def cancel(self) -> None:
        """Stop the run."""
        if self.job is not None:
            self.job.cancel()

    def _job_done(self, node: Any, outcome: Any, problem: str) -> None:
        document = self.job.request.document if self.job is not None else None
        self.job = None
        if problem:
            self.say(problem)
        elif outcome is not None:
            self.views.take(outcome.outputs, document)
            added = _("Added the layer {}.", node.name()) if node is not None else _("Done.")
            self.say(" ".join([added, *map(_, outcome.warnings)]))
        self.update_buttons()

    def _progress(self, fraction: float, _stage: str) -> None:
        self.controls.progress.setValue(round(100 * fraction))

    # live mode

    def new_strokes(self) -> None:
        """Add a layer for strokes above the base and make it the active one; one undo step."""
        try:
            document = Krita.instance().activeDocument()
            if document is None:
                raise Refusal(_("Open a picture first."))
            base = roles.find_base(document)
            if base is None:
                raise Refusal(_("This document has no layer to color."))
            strokes = self._places.add(document, base, _(STROKES_NAME)).strokes
            self._follow(document)
            if self._info is not None:
                choice = roles.LAYER + layers.key(strokes)
                self.controls.pickers.fill(document, self._info, self.controls.pickers.choices())
                self.controls.choose_strokes(self._info, choice, layers.key(base))
            self._changed()
            self.say(_("Paint with any brush. Colors spread to similar tones."))
        except Refusal as refusal:
            self._fail(refusal)

    def set_live(self, on: bool) -> None:
        """Begin or end live mode; ending discards, as Discard does."""
        if on == self.live.is_on:
            return
        if not on:
            self.discard()
            return
        try:
            self.say("")
            self.live.start()
        except (Refusal, errors.EngineError) as problem:
            self._fail(problem)
        self.update_buttons()

    def keep(self) -> None:
        """Turn the live result into a layer, as one undo step."""
        if self.live.is_on:
            self.say(_("Finishing the exact result…"))
            self.live.keep(self._kept)

    def _kept(self, node: Any) -> None:
        self.say(_("Added the layer {}.", node.name()))
        self.update_buttons()

    def discard(self) -> None:
        """End live mode without a trace."""
        if self.live.is_on:
            self.live.discard()
            self.hint()
        self.update_buttons()

    def _live_changed(self) -> None:
        if self.live.message:
            self.say(self.live.message)
        elif self.live.is_exact:
            self.say("")
        if self.live.is_exact:
            self.colors.update()
        self.update_buttons()

    def _view_closed(self, view: Any) -> None:
        document = closing_document(view)
        if document is None:
            return
        ended = self.live.is_on and document == self.live.document
        if ended:
            self.live.leave()
        self._places.close(document)
        if ended:
            self._live_ended(_("The picture was closed."))

    def _live_ended(self, message: str) -> None:
        self.say(message)
        self.update_buttons()

    def _show_before(self, before: bool) -> None:
        self.live.show_before(before)

    # words and buttons

    def hint(self) -> None:
        """Say what to do next."""
        if self.session.problem:
            self.say(_(self.session.problem))
        elif self._document is None:
            self.say(_("Open a picture first."))
        elif self._info is not None:
            self.say(_(self._info["summary"]))

    def say(self, text: str) -> None:
        """Show a sentence."""
        self.controls.say(text)

    def _fail(self, problem: Exception) -> None:
        self.say(sentence(problem))
        self.controls.offer_python(isinstance(problem, errors.EngineMissing))
        self.update_buttons()

    def _choose_python(self) -> None:
        path = self.controls.ask_python()
        if path:
            self.session.use_python(path)
            self.controls.offer_python(False)
            self.hint()

    def update_buttons(self) -> None:
        """Enable what can be done, and say in the tooltips why the rest cannot."""
        self.controls.show_state(
            info=self._info,
            has_document=roles.is_open(self._document),
            is_running=self.job is not None,
            is_live=self.live.is_on,
            is_behind=self.live.is_working,
        )
