"""The docker's widgets and how they look in each state; what they do is the panel's."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from . import roles
from .pickers import Pickers
from .qt import (
    QApplication,
    QCheckBox,
    QComboBox,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    Qt,
    QToolButton,
    QWidget,
)
from .texts import _
from .widgets import ask_color, narrow, swatch_style

COLORS_IN_ROW = 6
COLOR_ROWS = 3
LIVE_SIGN = "\N{BLACK CIRCLE}"
"""A pressed button alone is hard to tell in Krita's dark themes."""


class Controls:
    """Hold the widgets of one docker."""

    def __init__(self, owner: Any) -> None:
        self._owner = owner
        self.operation = narrow(QComboBox())
        self.pickers = Pickers()
        self.color_only = QCheckBox(_("Color only"))
        self.color_only.setToolTip(
            _("The result lies in Krita's blending mode Color: the picture stays editable.")
        )
        self.color_only.setChecked(True)
        self.region = QLabel()
        self.region.hide()
        self.live = QPushButton(_("Live"))
        self.live.setCheckable(True)
        self.before = QPushButton(_("Before"))
        self.run = QPushButton()
        self.keep = QPushButton(_("Keep as layer"))
        self.discard = QPushButton(_("Discard"))
        self.cancel = QPushButton(_("Cancel"))
        self.progress = QProgressBar()
        self.progress.setRange(0, 100)
        self.line = QLabel()
        self.line.setWordWrap(True)
        self.line.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.copy = QToolButton()
        self.copy.setText(_("Copy"))
        self.copy.setToolTip(_("Copies the command to the clipboard"))
        self.copy.clicked.connect(self._copy)
        self.python = QPushButton(_("Choose the engine's Python…"))
        self.python.hide()
        self._colors = QWidget()
        self._colors_row = QGridLayout(self._colors)
        self._colors_row.setContentsMargins(0, 0, 0, 0)
        self._colors_row.setColumnStretch(COLORS_IN_ROW, 1)
        self._colors_title = QLabel(_("Strokes in use:"))
        self._colors_title.hide()
        self._colors.hide()

    def lay_out_top(self, column: Any) -> None:
        """Add what lies above the form."""
        column.addWidget(self.operation)
        column.addLayout(self.pickers)
        row = QHBoxLayout()
        row.addWidget(self.color_only, 1)
        row.addWidget(self.region)
        column.addLayout(row)
        row = QHBoxLayout()
        row.addWidget(self.live, 1)
        row.addWidget(self.before, 1)
        column.addLayout(row)
        column.addWidget(self._colors_title)
        column.addWidget(self._colors)

    def lay_out_bottom(self, column: Any) -> None:
        """Add what lies below the form."""
        row = QHBoxLayout()
        row.addWidget(self.line, 1)
        row.addWidget(self.copy)
        column.addLayout(row)
        column.addWidget(self.python)
        row = QHBoxLayout()
        row.addWidget(self.progress, 1)
        row.addWidget(self.cancel)
        column.addLayout(row)
        column.addWidget(self.run)
        row = QHBoxLayout()
        row.addWidget(self.keep, 1)
        row.addWidget(self.discard, 1)
        column.addLayout(row)

    def fill_operations(self, infos: Iterable[Mapping[str, Any]], menus: Sequence[str]) -> None:
        """List the operations in their groups."""
        self.operation.blockSignals(True)
        self.operation.clear()
        found = list(infos)
        for menu in menus:
            group = [info for info in found if info["menu"] == menu]
            if not group:
                continue
            self.operation.addItem(_(menu))
            title = self.operation.model().item(self.operation.count() - 1)
            title.setEnabled(False)
            for info in group:
                self.operation.addItem("   " + _(info["title"]), info["id"])
        first = next((i for i in range(self.operation.count()) if self.operation.itemData(i)), -1)
        self.operation.setCurrentIndex(first)
        self.operation.blockSignals(False)

    def choose_operation(self, identity: str) -> None:
        """Choose an operation as the user would."""
        self.operation.setCurrentIndex(self.operation.findData(identity))

    def show_operation(
        self, info: Mapping[str, Any], changed: Callable[[], None], new_strokes: Callable[[], None]
    ) -> None:
        """Make a picker for each role."""
        self.pickers.show_roles(info["inputs"], changed, new_strokes)
        self.run.setText(_(info["action"]))
        self.color_only.setVisible(
            any(output.get("blend") == "color" for output in info["outputs"])
        )

    def choose(self, role: str, choice: str) -> None:
        """Choose for a role as the user would."""
        self.pickers.by_role[role].choose(choice)

    def choose_strokes(self, info: Mapping[str, Any], choice: str, base: str) -> None:
        """Choose a new layer of strokes, and the layer it was made for."""
        for role in info["inputs"]:
            if role["source"] == "layer-above":
                self.choose(role["role"], choice)
            elif role["source"] == "active-layer":
                self.choose(role["role"], roles.LAYER + base)

    def show_region(self, document: Any) -> None:
        """Say whether the selection limits the result."""
        selected = roles.is_open(document) and document.selection() is not None
        self.region.setText(_("Region: selection") if selected else "")
        self.region.setVisible(selected)

    def show_colors(
        self, found: Sequence[str], click: Callable[[str], None], pick: Callable[[str], None]
    ) -> None:
        """Show the strokes' colors: a click changes one, with Alt it becomes the brush's."""
        while self._colors_row.count():
            taken = self._colors_row.takeAt(0).widget()
            if taken is not None:
                taken.deleteLater()
        self._colors_title.setVisible(bool(found))
        self._colors.setVisible(bool(found))
        for place, color in enumerate(found[: COLOR_ROWS * COLORS_IN_ROW]):
            button = QToolButton()
            button.setObjectName("stroke " + color)
            button.setStyleSheet(swatch_style(color))
            button.setToolTip(
                _("{}: click to change it everywhere, Alt-click to paint with it", color)
            )
            button.clicked.connect(
                lambda _checked=False, color=color: (pick if _alt_is_down() else click)(color)
            )
            self._colors_row.addWidget(button, *divmod(place, COLORS_IN_ROW))

    def ask_color(self, color: str) -> str | None:
        """Ask for another color."""
        return ask_color(color, self._owner)

    def ask_python(self) -> str:
        """Ask for the interpreter that has the engine."""
        path, _filter = QFileDialog.getOpenFileName(self._owner, _("The Python that has tinct"))
        return path

    def offer_python(self, missing: bool) -> None:
        """Offer to choose the engine's Python."""
        self.python.setVisible(missing)

    def say(self, text: str) -> None:
        """Show a sentence, and a button for the command in it."""
        self.line.setText(text)
        self.copy.setVisible(bool(_command_in(text)))

    def show_state(
        self,
        *,
        info: Mapping[str, Any] | None,
        has_document: bool,
        is_running: bool,
        is_live: bool,
        is_behind: bool,
    ) -> None:
        """Enable what can be done now."""
        can_live = info is not None and info["preview"]["live"]
        self.live.setVisible(can_live)
        self.before.setVisible(can_live)
        self.keep.setVisible(can_live)
        self.discard.setVisible(can_live)
        self.live.setChecked(is_live)
        ready = has_document and info is not None and not is_running
        why_not = _("Open a picture first.") if not has_document else _("Wait for the run to end.")
        _enable(self.live, ready, _("Colors follow while you paint"), why_not)
        _enable(self.run, ready, _("Adds the result as a layer"), why_not)
        off = _("Switch live mode on first.")
        _enable(self.keep, is_live, _("One undo step"), off)
        _enable(self.discard, is_live, _("Ends live mode without a trace"), off)
        _enable(self.before, is_live, _("Press and hold to see the picture without colors"), off)
        self.progress.setVisible(is_running)
        self.cancel.setVisible(is_running)
        if not is_running:
            self.progress.setValue(0)
        words = _("Live (working)") if is_behind else _("Live")
        self.live.setText(f"{LIVE_SIGN} {words}" if is_live else words)

    def _copy(self) -> None:
        QApplication.clipboard().setText(_command_in(self.line.text()))


def _enable(button: Any, enabled: bool, help_: str, why_not: str) -> None:
    button.setEnabled(enabled)
    button.setToolTip(help_ if enabled else why_not)


def _alt_is_down() -> bool:
    return bool(QApplication.keyboardModifiers() & Qt.KeyboardModifier.AltModifier)


def _command_in(text: str) -> str:
    """Return the command a sentence names, or an empty text."""
    for command in ("tinct doctor", "tinct install krita", "tinct install"):
        if command in text:
            return command
    return ""
