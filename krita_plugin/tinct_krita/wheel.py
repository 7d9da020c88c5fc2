"""The color wheel in the docker: drag it, turn it by keys, click a template."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .client import wheel as geometry
from .qt import (
    QColor,
    QEvent,
    QHBoxLayout,
    QLabel,
    QPainter,
    Qt,
    QToolButton,
    QVBoxLayout,
    QWidget,
)
from .texts import _

SIDE = 180
SIXTEENTHS = 16  # Qt counts angles in sixteenths of a degree, against the clock from the right
KEYS = {
    Qt.Key.Key_Left: -geometry.KEY_DEGREES,
    Qt.Key.Key_Right: geometry.KEY_DEGREES,
    Qt.Key.Key_PageUp: -geometry.BIG_KEY_DEGREES,
    Qt.Key.Key_PageDown: geometry.BIG_KEY_DEGREES,
}


class WheelView(QWidget):
    """Show a wheel, and let the user turn it.

    Parameters
    ----------
    choose
        Gets the parameters, by name, that make what the user did.
    """

    def __init__(self, choose: Callable[[Mapping[str, Any]], object]) -> None:
        super().__init__()
        self.wheel: geometry.Wheel | None = None
        self._choose = choose
        self.disc = Disc(self)
        self._caption = QLabel()
        self._caption.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._templates = QHBoxLayout()
        self.buttons: dict[str, Any] = {}
        column = QVBoxLayout(self)
        column.addWidget(self.disc)
        column.addWidget(self._caption)
        column.addLayout(self._templates)
        self.setVisible(False)

    def take(self, outputs: Mapping[str, Any]) -> None:
        """Show the wheel among a run's outputs; while the user drags, the sectors stay theirs."""
        found = geometry.Wheel.find(outputs)
        if found is None:
            return
        if self.disc.turn is not None and self.wheel is not None:
            found = found.under(self.wheel)
        if self.wheel is None or found.ranking != self.wheel.ranking:
            self._offer(found)
        self._show(found)
        self.setVisible(True)

    def turn_to(self, wheel: geometry.Wheel) -> None:
        """Show the sectors where the user wants them, and ask for the result."""
        self._show(wheel)
        self._choose(wheel.settings())

    def _show(self, wheel: geometry.Wheel) -> None:
        self.wheel = wheel
        self._caption.setText(wheel.caption())
        self.disc.update()

    def _offer(self, wheel: geometry.Wheel) -> None:
        """Show the templates, the best first."""
        for button in self.buttons.values():
            self._templates.removeWidget(button)
            button.deleteLater()
        self.buttons = {}
        for fit in wheel.ranking:
            button = QToolButton()
            button.setText(fit.template)
            button.setToolTip(f"{fit.angle:.0f}°, {fit.cost:.2f}°")
            button.clicked.connect(lambda _on=False, name=fit.template: self._take(name))
            self._templates.addWidget(button)
            self.buttons[fit.template] = button

    def _take(self, template: str) -> None:
        if self.wheel is not None:
            self._choose(self.wheel.settings(template))


class Disc(QWidget):
    """The painted disc itself."""

    def __init__(self, view: WheelView) -> None:
        super().__init__()
        self.turn: geometry.Turn | None = None
        self._view = view
        self.setFixedHeight(SIDE)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setToolTip(_("Drag to turn; arrow keys turn by 1°, Page Up and Down by 10°."))

    def paintEvent(self, _event: Any) -> None:
        """Paint the pies, the later over the earlier."""
        wheel = self._view.wheel
        if wheel is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        middle = self.rect().center()
        for pie in wheel.pies():
            painter.setBrush(QColor.fromRgbF(*pie.color))
            radius = round(pie.radius * (SIDE / 2 - 2))
            place = (middle.x() - radius, middle.y() - radius, 2 * radius, 2 * radius)
            start = round((90 - pie.stop) * SIXTEENTHS)
            painter.drawPie(*place, start, round((pie.stop - pie.start) * SIXTEENTHS))
        if self.hasFocus():
            radius = SIDE // 2 - 1
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QColor("white"))
            painter.drawEllipse(middle, radius, radius)
        painter.end()

    def _from_center(self, event: Any) -> tuple[float, float]:
        middle = self.rect().center()
        return event.pos().x() - middle.x(), event.pos().y() - middle.y()

    def mousePressEvent(self, event: Any) -> None:
        """Begin a turn."""
        if self._view.wheel is not None and event.button() == Qt.MouseButton.LeftButton:
            self.turn = geometry.Turn(self._view.wheel, *self._from_center(event))

    def mouseMoveEvent(self, event: Any) -> None:
        """Turn."""
        if self.turn is not None:
            self._view.turn_to(self.turn.to(*self._from_center(event)))

    def mouseReleaseEvent(self, _event: Any) -> None:
        """End the turn."""
        self.turn = None

    def event(self, event: Any) -> bool:
        """Claim the keys that turn: Krita's shortcuts would take Page Up and Page Down."""
        if event.type() == QEvent.Type.ShortcutOverride and event.key() in KEYS:
            event.accept()
            return True
        return bool(super().event(event))

    def keyPressEvent(self, event: Any) -> None:
        """Turn by keys."""
        step = KEYS.get(event.key())
        if step is None or self._view.wheel is None:
            super().keyPressEvent(event)
        else:
            self._view.turn_to(self._view.wheel.turned_to(self._view.wheel.angle + step))
