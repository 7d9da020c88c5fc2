"""The row of a picture's palette: what its colors became, each to be changed by a click."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from . import client
from .qt import QGridLayout, QLabel, QToolButton, QVBoxLayout, QWidget
from .texts import _
from .widgets import SWATCH_SPACING, ask_color, swatch_style

COLORS_IN_ROW = 8


class PaletteView(QWidget):
    """Show a palette, and let the user change it.

    Parameters
    ----------
    choose
        Gets the parameters, by name, that make what the user did.
    value_of
        Returns what the form says of a parameter.
    """

    def __init__(
        self, choose: Callable[[Mapping[str, Any]], object], value_of: Callable[[str], Any]
    ) -> None:
        super().__init__()
        self.data: client.palette.PaletteOf | None = None
        self.buttons: list[Any] = []
        self._choose, self._value_of = choose, value_of
        self._grid = QGridLayout()
        self._grid.setSpacing(SWATCH_SPACING)
        self._grid.setColumnStretch(COLORS_IN_ROW, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(QLabel(_("Palette of the picture:")))
        column.addLayout(self._grid)
        self.setVisible(False)

    def take(self, outputs: Mapping[str, Any]) -> None:
        """Show the palette among a run's outputs."""
        found = client.palette.PaletteOf.find(outputs)
        if found is None or found == self.data:
            return
        self.data = found
        for button in self.buttons:
            self._grid.removeWidget(button)
            button.deleteLater()
        self.buttons = [self._button(place) for place in range(len(found.edited))]
        for place, button in enumerate(self.buttons):
            self._grid.addWidget(button, *divmod(place, COLORS_IN_ROW))
        self.setVisible(bool(self.buttons))

    def clear(self) -> None:
        """Show none."""
        self.data = None
        self.setVisible(False)

    def change(self, place: int, color: str) -> None:
        """Give one color of the palette another one."""
        if self.data is None:
            return
        held = {name: self._value_of(name) or () for name in self.data.parameters}
        self._choose(self.data.changed(place, color, held))

    def _button(self, place: int) -> Any:
        assert self.data is not None
        original, edited = self.data.original[place], self.data.edited[place]
        button = QToolButton()
        button.setObjectName("palette " + edited)
        button.setStyleSheet(swatch_style(edited))
        words = _("{}: click to change it in the picture", edited)
        button.setToolTip(f"{original} → {words}" if edited != original else words)
        button.clicked.connect(lambda _checked=False: self._ask(place))
        return button

    def _ask(self, place: int) -> None:
        assert self.data is not None
        color = ask_color(self.data.edited[place], self)
        if color is not None:
            self.change(place, color)
