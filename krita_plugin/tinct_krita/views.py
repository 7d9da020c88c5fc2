"""What a run gives besides pictures, shown above the form by its kind: one small table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from . import colors
from .palette import PaletteView
from .qt import QVBoxLayout, QWidget
from .suggested import SuggestedView
from .wheel import WheelView


class Views(QWidget):
    """Hold the wheel, the palette and the suggested colors.

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
        self.wheel = WheelView(choose)
        self.palette_ = PaletteView(choose, value_of)
        self.suggested = SuggestedView(colors.pick)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        for view in (self.wheel, self.palette_, self.suggested):
            column.addWidget(view)

    def take(self, outputs: Mapping[str, Any], document: Any) -> None:
        """Show what there is among a run's outputs."""
        self.wheel.take(outputs)
        self.palette_.take(outputs)
        self.suggested.take(outputs, document)

    def clear(self) -> None:
        """Show nothing: another operation was chosen."""
        self.wheel.setVisible(False)
        self.palette_.clear()
        self.suggested.clear()
