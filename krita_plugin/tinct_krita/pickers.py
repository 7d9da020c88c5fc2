"""The pickers of one operation's pictures: layers, open documents and files, one or several."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from . import roles
from .qt import QComboBox, QFileDialog, QFormLayout, QHBoxLayout, QToolButton, QVBoxLayout, QWidget
from .texts import _
from .widgets import narrow

ASK = "ask"
"""What the entry stands for that lets the user choose a file."""


class RolePicker(QWidget):
    """Pick what one role works from.

    Parameters
    ----------
    role
        Of the operation's info dict.
    changed
        Called after each choice by the user.
    press
        What the button beside a picker of strokes does.
    """

    def __init__(
        self, role: Mapping[str, Any], changed: Callable[[], None], press: Callable[[], None]
    ) -> None:
        super().__init__()
        self.combos: list[Any] = []
        self._role, self._changed = role, changed
        self._listed: list[tuple[str, str]] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._button = QToolButton()
        self._button.setText("+")
        if role["many"]:
            self._button.setToolTip(_("One more picture"))
            self._button.clicked.connect(lambda _checked=False: self._add_row())
        else:
            self._button.setToolTip(_("New strokes: adds a layer to paint on"))
            self._button.clicked.connect(lambda _checked=False: press())
        self._button.setVisible(bool(role["many"]) or role["source"] == "layer-above")
        self._add_row()

    @property
    def is_open(self) -> bool:
        """Whether the user is choosing just now."""
        return any(combo.view().isVisible() for combo in self.combos)

    def choice(self) -> roles.Choice:
        """Return what is chosen; a list for a role that takes several pictures."""
        chosen = [combo.currentData() or roles.NOTHING for combo in self.combos]
        return [one for one in chosen if one] if self._role["many"] else chosen[0]

    def fill(self, listed: Sequence[tuple[str, str]], chosen: Sequence[str]) -> None:
        """Show what there is to choose from, and what is chosen."""
        self._listed = list(listed)
        for place in range(len(self.combos) - 1, max(len(chosen), 1) - 1, -1):
            if self.combos[place].currentData():  # an empty row waits for a choice
                self._remove_row(place)
        while len(self.combos) < len(chosen):
            self._add_row()
        for place, combo in enumerate(self.combos):
            _fill(combo, self._entries(place), chosen[place] if place < len(chosen) else "")
            self._name(combo)

    def choose(self, choice: str, place: int = 0) -> None:
        """Choose as the user would."""
        combo = self.combos[place]
        combo.setCurrentIndex(combo.findData(choice))

    def clear(self) -> None:
        """Offer nothing."""
        self.fill([], [])

    def _entries(self, place: int) -> list[tuple[str, str]]:
        asks = self._listed and self._role["source"] == "picture"
        nothing = [(_("None"), roles.NOTHING)] if place and not self._role["optional"] else []
        return nothing + self._listed + ([(_("File…"), ASK)] if asks else [])

    def _add_row(self) -> None:
        combo = narrow(QComboBox())
        line = QWidget()
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(combo, 1)
        if not self.combos:
            row.addWidget(self._button)
        self.combos.append(combo)
        self._column.addWidget(line)
        _fill(combo, self._entries(len(self.combos) - 1), roles.NOTHING)
        combo.activated.connect(lambda _index: self._picked(combo))
        combo.currentIndexChanged.connect(lambda _index: self._index_changed(combo))

    def _name(self, combo: Any) -> None:
        """Say in full what is chosen: a docker is narrow, and names are long."""
        help_ = _(self._role["description"])
        combo.setToolTip("\n".join(filter(None, (combo.currentText(), help_))))

    def _remove_row(self, place: int) -> None:
        self.combos.pop(place)
        self._column.takeAt(place).widget().deleteLater()

    def _index_changed(self, combo: Any) -> None:
        if combo.currentData() == ASK:
            return
        if combo is not self.combos[0] and not combo.currentData():
            self._remove_row(self.combos.index(combo))
        else:
            self._name(combo)
        self._changed()

    def _picked(self, combo: Any) -> None:
        if combo.currentData() != ASK:
            return
        path, _filter = QFileDialog.getOpenFileName(self, _(self._role["title"]))
        self.take_file(path, self.combos.index(combo))

    def take_file(self, path: str, place: int = 0) -> None:
        """Choose a file; an empty path goes back to nothing chosen."""
        combo = self.combos[place]
        choice = roles.DOCUMENT + path if path else roles.NOTHING
        if path and combo.findData(choice) < 0:
            self._listed.append((roles.file_title(path), choice))
            _fill(combo, self._entries(place), choice)
        else:
            _fill(combo, self._entries(place), choice)
        self._changed()


class Pickers(QFormLayout):
    """All pickers of one operation."""

    def __init__(self) -> None:
        super().__init__()
        self.by_role: dict[str, RolePicker] = {}
        self.setContentsMargins(0, 0, 0, 0)
        self.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        self.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)

    def show_roles(
        self,
        infos: Sequence[Mapping[str, Any]],
        changed: Callable[[], None],
        new_strokes: Callable[[], None],
    ) -> None:
        """Make a picker for each role."""
        while self.rowCount():
            self.removeRow(0)
        self.by_role = {}
        for role in infos:
            if roles.is_picked(role):
                picker = self.by_role[role["role"]] = RolePicker(role, changed, new_strokes)
                self.addRow(_(role["title"]), picker)

    def fill(self, document: Any, info: Mapping[str, Any], wanted: roles.Choices) -> None:
        """List the layers anew, keeping the choices that are still there."""
        if not roles.is_open(document):
            for picker in self.by_role.values():
                picker.clear()
            return
        base = roles.find_base(document)
        for role in info["inputs"]:
            picker = self.by_role.get(role["role"])
            if picker is None or picker.is_open:
                continue
            remembered = wanted.get(role["role"])
            if not remembered and not role["optional"]:
                remembered = None  # nothing was there to choose before
            chosen = roles.first_choices(document, role, base, remembered)
            picker.fill(roles.options(document, role, chosen), chosen)

    def choices(self) -> dict[str, roles.Choice]:
        """Return what the pickers show, by role."""
        return {role: picker.choice() for role, picker in self.by_role.items()}


def _fill(combo: Any, entries: Sequence[tuple[str, str]], chosen: str) -> None:
    there = [(combo.itemText(i), combo.itemData(i)) for i in range(combo.count())]
    combo.blockSignals(True)
    if there != list(entries):
        combo.clear()
        for title, choice in entries:
            combo.addItem(title, choice)
    combo.setCurrentIndex(combo.findData(chosen))
    combo.blockSignals(False)
