"""From a parameter's kind to a widget: one small table."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable
from typing import Any

from .boxes import BoxesEditor
from .qt import (
    QCheckBox,
    QColor,
    QColorDialog,
    QComboBox,
    QDoubleSpinBox,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QSpinBox,
    Qt,
    QToolButton,
    QWidget,
)
from .texts import _

Changed = Callable[[Any], None]
SPIN_MAXIMUM = 2**31 - 1
PALETTE_COLUMNS = 4
SWATCH_SPACING = 3
CUSTOM_MENU = Qt.ContextMenuPolicy.CustomContextMenu


@dataclasses.dataclass(frozen=True)
class Editor:
    """A widget and how to give it a value; it reports the user's values by itself."""

    widget: Any
    write: Callable[[Any], None]


def make_editor(field: Any, changed: Changed) -> Editor:
    """Return a widget for a field.

    Parameters
    ----------
    field
        A `forms.Field`.
    changed
        Gets each value the user chooses, in JSON's types.
    """
    editor = BUILDERS[field.kind](field, changed)
    if field.description:
        editor.widget.setToolTip(_(field.description))
    return editor


def quietly(widget: Any, set_value: Callable[[Any], object]) -> Callable[[Any], None]:
    """Return `set_value` that sends no signal."""

    def write(value: Any) -> None:
        widget.blockSignals(True)
        set_value(value)
        widget.blockSignals(False)

    return write


def _number(field: Any, changed: Changed) -> Editor:
    spin = QDoubleSpinBox()
    step = field.step or 0.01
    spin.setDecimals(max(0, min(6, len(f"{step:.6f}".rstrip("0").split(".")[1]))))
    spin.setRange(field.minimum, field.maximum)
    spin.setSingleStep(step)
    spin.valueChanged.connect(lambda value: changed(float(value)))
    return Editor(spin, quietly(spin, lambda value: spin.setValue(float(value))))


def _angle(field: Any, changed: Changed) -> Editor:
    editor = _number(field, changed)
    editor.widget.setSuffix("°")
    editor.widget.setWrapping(True)
    return editor


def _integer(field: Any, changed: Changed) -> Editor:
    spin = QSpinBox()
    spin.setRange(int(field.minimum), min(int(field.maximum), SPIN_MAXIMUM))
    spin.valueChanged.connect(lambda value: changed(int(value)))
    return Editor(spin, quietly(spin, lambda value: spin.setValue(min(int(value), SPIN_MAXIMUM))))


def _boolean(field: Any, changed: Changed) -> Editor:
    box = QCheckBox()
    box.toggled.connect(lambda on: changed(bool(on)))
    return Editor(box, quietly(box, lambda value: box.setChecked(bool(value))))


def _choice(field: Any, changed: Changed) -> Editor:
    combo = narrow(QComboBox())
    for value, title in field.choices:
        combo.addItem(_(title), value)
    combo.currentIndexChanged.connect(lambda index: changed(combo.itemData(index)))
    return Editor(combo, quietly(combo, lambda value: combo.setCurrentIndex(combo.findData(value))))


def narrow(combo: Any) -> Any:
    """Let a combo box be narrower than its longest entry, as a docker is; return it."""
    combo.setMinimumContentsLength(6)
    combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    return combo


def swatch_style(color: str) -> str:
    """Return the style sheet of a button that shows a color."""
    return f"background-color: {color}; border: 1px solid #777777; min-width: 22px;"


def ask_color(color: str, parent: Any) -> str | None:
    """Ask for a color; None when the user changed their mind."""
    chosen = QColorDialog.getColor(QColor(color), parent, _("Choose a color"))
    return chosen.name() if chosen.isValid() else None


def _color(field: Any, changed: Changed) -> Editor:
    button = QPushButton()
    state = {"color": field.default}

    def show(value: Any) -> None:
        state["color"] = value
        button.setStyleSheet(swatch_style(value))

    def ask() -> None:
        color = ask_color(state["color"], button)
        if color is not None:
            show(color)
            changed(color)

    button.clicked.connect(ask)
    return Editor(button, show)


def _palette(field: Any, changed: Changed) -> Editor:
    box = QWidget()
    grid = QGridLayout(box)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setSpacing(SWATCH_SPACING)
    grid.setColumnStretch(PALETTE_COLUMNS, 1)
    colors: list[str] = []

    def show(value: Any) -> None:
        colors[:] = value
        while grid.count():
            grid.takeAt(0).widget().deleteLater()
        for place, color in enumerate(colors):
            button = QToolButton()
            button.setStyleSheet(swatch_style(color))
            button.setToolTip(_("Click to change, right-click to remove"))
            button.clicked.connect(lambda _checked=False, place=place: replace(place))
            button.setContextMenuPolicy(CUSTOM_MENU)
            button.customContextMenuRequested.connect(lambda _at, place=place: remove(place))
            grid.addWidget(button, *divmod(place, PALETTE_COLUMNS))
        more = QToolButton()
        more.setText("+")
        more.setToolTip(_("Add a color"))
        more.clicked.connect(lambda _checked=False: add())
        grid.addWidget(more, *divmod(len(colors), PALETTE_COLUMNS))

    def replace(place: int) -> None:
        color = ask_color(colors[place], box)
        if color is not None:
            take([*colors[:place], color, *colors[place + 1 :]])

    def remove(place: int) -> None:
        take([*colors[:place], *colors[place + 1 :]])

    def add() -> None:
        color = ask_color(colors[-1] if colors else "#2a7fff", box)
        if color is not None:
            take([*colors, color])

    def take(value: list[str]) -> None:
        show(value)
        changed(list(value))

    show(field.default)
    return Editor(box, show)


def ask_file(field: Any, path: str, parent: Any) -> str:
    """Ask for a file to read or, where the field says so, to write; empty when none was chosen.

    One that is to be written gets the ending that was chosen beside its name.
    """
    patterns = field.patterns or ("*",)
    title = _(field.title)
    if not field.save:
        return str(QFileDialog.getOpenFileName(parent, title, path, " ".join(patterns))[0])
    path, chosen = QFileDialog.getSaveFileName(parent, title, path, ";;".join(patterns))
    is_bare = path and not os.path.splitext(path)[1]
    return str(path) + chosen.lstrip("*") if is_bare else str(path)


def _file(field: Any, changed: Changed) -> Editor:
    box = QWidget()
    row = QHBoxLayout(box)
    row.setContentsMargins(0, 0, 0, 0)
    line = QLineEdit()
    browse = QToolButton()
    browse.setText("…")
    browse.setToolTip(_("Choose a file"))
    row.addWidget(line)
    row.addWidget(browse)

    def ask() -> None:
        path = ask_file(field, line.text(), box)
        if path:
            line.setText(path)
            changed(path)

    browse.clicked.connect(ask)
    line.editingFinished.connect(lambda: changed(line.text() or None))
    return Editor(box, quietly(line, lambda value: line.setText(value or "")))


def _boxes(field: Any, changed: Changed) -> Editor:
    editor = BoxesEditor(changed)
    return Editor(editor, editor.write)


BUILDERS: dict[str, Callable[[Any, Changed], Editor]] = {
    "number": _number,
    "integer": _integer,
    "boolean": _boolean,
    "choice": _choice,
    "color": _color,
    "palette": _palette,
    "angle": _angle,
    "seed": _integer,
    "file": _file,
    "boxes": _boxes,
}
