"""The parameters of one operation: fields, the folded advanced ones, reset, and presets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from krita import Krita

from .boxes import BoxesEditor
from .client import errors, forms
from .qt import (
    QFormLayout,
    QHBoxLayout,
    QInputDialog,
    QLabel,
    QMenu,
    QToolButton,
    QVBoxLayout,
    QWidget,
)
from .texts import _
from .widgets import Editor, make_editor


class FormView(QWidget):
    """Show a form and keep it.

    Parameters
    ----------
    info
        The operation's info dict.
    changed
        Called after each change by the user.
    on_problem
        Gets the sentence for a value that does not fit.
    boxed
        Returns the document on which the first or second box of a pair is to be selected.
    """

    def __init__(
        self,
        info: Mapping[str, Any],
        changed: Callable[[], None],
        on_problem: Callable[[str], None],
        boxed: Callable[[bool], Any],
    ) -> None:
        super().__init__()
        self.form = forms.Form(info)
        self.editors: dict[str, Editor] = {}
        self._labels: dict[str, Any] = {}
        self._changed = changed
        self._on_problem = on_problem
        self._boxed = boxed
        self._presets = forms.Presets(info["id"], presets_folder())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(self._head())
        self._body = QWidget()
        self._body.setLayout(self._fields(self.form.basic))
        column.addWidget(self._body)
        self._more = QToolButton()
        self._more.setText(_("Advanced"))
        self._more.setCheckable(True)
        self._hidden = QWidget()
        self._hidden.setLayout(self._fields(self.form.advanced))
        self._hidden.setVisible(False)
        self._more.toggled.connect(self._hidden.setVisible)
        self._more.setVisible(bool(self.form.advanced))
        column.addWidget(self._more)
        column.addWidget(self._hidden)
        self.setVisible(bool(self.form.fields))
        self.show_values()

    @property
    def has_pairs(self) -> bool:
        """Whether pairs of boxes have been begun."""
        found = [editor.widget for editor in self.editors.values()]
        return any(isinstance(widget, BoxesEditor) and widget.pairs for widget in found)

    def recall(self, values: Mapping[str, Any]) -> None:
        """Take remembered values; what no longer fits keeps its default."""
        self.form.reset()
        for name, value in values.items():
            with suppress(errors.InvalidParameter):
                self.form.set(name, value)
        self.show_values()

    def take_all(self, values: Mapping[str, Any]) -> None:
        """Take over several values as if the user had set each."""
        for name, value in values.items():
            try:
                self.form.set(name, value)
            except errors.InvalidParameter as problem:
                self._on_problem(problem.message)
        self.show_values()
        self._changed()

    def show_values(self) -> None:
        """Bring widgets and labels up to date."""
        defaults = self.form.defaults()
        for name, editor in self.editors.items():
            editor.write(self.form.values[name])
        count = sum(self.form.values[name] != default for name, default in defaults.items())
        self._title.setText(_("Parameters ({} changed)", count) if count else _("Parameters"))
        self._reset.setEnabled(bool(count))
        self._reset.setToolTip(
            _("Go back to the defaults") if count else _("These are the defaults.")
        )
        self._enable()

    def _head(self) -> Any:
        row = QHBoxLayout()
        self._title = QLabel()
        self._presets_button = QToolButton()
        self._presets_button.setText(_("Presets"))
        self._presets_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._menu = QMenu(self)
        self._menu.aboutToShow.connect(self._fill_menu)
        self._presets_button.setMenu(self._menu)
        self._reset = QToolButton()
        self._reset.setText(_("Reset"))
        self._reset.clicked.connect(self._go_back)
        row.addWidget(self._title, 1)
        row.addWidget(self._presets_button)
        row.addWidget(self._reset)
        return row

    def _fields(self, fields: list[Any]) -> Any:
        layout = QFormLayout()
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        for field in fields:
            editor = make_editor(field, lambda value, name=field.name: self._take(name, value))
            label = QLabel(_(field.title))
            label.setToolTip(_(field.description))
            layout.addRow(label, editor.widget)
            self.editors[field.name], self._labels[field.name] = editor, label
            if isinstance(editor.widget, BoxesEditor):
                editor.widget.on_problem = self._on_problem
                editor.widget.boxed = self._boxed
        return layout

    def _take(self, name: str, value: Any) -> None:
        try:
            self.form.set(name, value)
        except errors.InvalidParameter as problem:
            self._on_problem(problem.message)
            return
        if self.form.by_name[name].kind != "boxes":  # its editor shows more than the value
            self.show_values()
        self._changed()

    def _enable(self) -> None:
        for name, editor in self.editors.items():
            enabled = self.form.is_enabled(name)
            editor.widget.setEnabled(enabled)
            self._labels[name].setEnabled(enabled)

    def _go_back(self) -> None:
        self.form.reset()
        self.show_values()
        self._changed()

    def _fill_menu(self) -> None:
        self._menu.clear()
        names = self._presets.names()
        for name in names:
            self._menu.addAction(name).triggered.connect(
                lambda _checked=False, name=name: self.load_preset(name)
            )
        if names:
            self._menu.addSeparator()
        self._menu.addAction(_("Save as preset…")).triggered.connect(lambda: self._ask_name())
        if names:
            removal = self._menu.addMenu(_("Delete preset"))
            for name in names:
                removal.addAction(name).triggered.connect(
                    lambda _checked=False, name=name: self._presets.delete(name)
                )

    def load_preset(self, name: str) -> None:
        """Fill the form from a preset."""
        self._presets.load(name, self.form)
        self.show_values()
        self._changed()

    def save_preset(self, name: str) -> None:
        """Keep the values under a name."""
        try:
            self._presets.save(name, self.form)
        except (errors.InvalidParameter, OSError) as problem:
            self._on_problem(str(problem))

    def _ask_name(self) -> None:
        name, agreed = QInputDialog.getText(self, _("Save as preset…"), _("Name"))
        if agreed:
            self.save_preset(name)


def presets_folder() -> Path:
    """Return where the user's presets lie: beside Krita's own resources."""
    return Path(Krita.getAppDataLocation()) / "tinct" / "presets"
