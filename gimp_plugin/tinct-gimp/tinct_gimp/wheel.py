"""The color wheel in a dialog: drag it, turn it by keys, click a template."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import gi

gi.require_version("Gtk", "3.0")
from gi.repository import Gdk, Gtk  # noqa: E402 - the version comes first

from ._vendor.tinct_client.wheel import (  # noqa: E402
    BIG_KEY_DEGREES,
    KEY_DEGREES,
    Turn,
    Wheel,
)
from .texts import _  # noqa: E402

SIDE = 200
STEPS = {
    Gdk.KEY_Left: -KEY_DEGREES,
    Gdk.KEY_Right: KEY_DEGREES,
    Gdk.KEY_Page_Up: -BIG_KEY_DEGREES,
    Gdk.KEY_Page_Down: BIG_KEY_DEGREES,
}


class WheelView(Gtk.Box):
    """Show a wheel, and let the user turn it.

    Parameters
    ----------
    choose
        Gets the parameters, by name, that make what the user did.
    """

    def __init__(self, choose: Callable[[Mapping[str, Any]], object]) -> None:
        super().__init__(orientation=Gtk.Orientation.VERTICAL, spacing=6, no_show_all=True)
        self.wheel: Wheel | None = None
        self._choose = choose
        self._turn: Turn | None = None
        self.area = Gtk.DrawingArea(can_focus=True, visible=True)
        self.area.set_size_request(SIDE, SIDE)
        self.area.set_tooltip_text(
            _("Drag to turn; arrow keys turn by 1°, Page Up and Down by 10°.")
        )
        events = Gdk.EventMask
        self.area.add_events(
            events.BUTTON_PRESS_MASK
            | events.BUTTON_RELEASE_MASK
            | events.BUTTON1_MOTION_MASK
            | events.KEY_PRESS_MASK
        )
        self.area.connect("draw", self._draw)
        self.area.connect("button-press-event", self._press)
        self.area.connect("motion-notify-event", self._move)
        self.area.connect("button-release-event", self._release)
        self.area.connect("key-press-event", self._key)
        self._caption = Gtk.Label(visible=True)
        self._templates = Gtk.Box(visible=True, halign=Gtk.Align.CENTER)
        for part in (self.area, self._caption, self._templates):
            self.pack_start(part, False, False, 0)

    def take(self, outputs: Mapping[str, Any], current: bool) -> None:
        """Show the wheel among a run's data.

        Parameters
        ----------
        outputs
            The data, by role.
        current
            Whether they were made with the present values. Of older ones only the hues are taken:
            the user has turned the wheel since, and turns on from where it is.
        """
        found = Wheel.find(outputs)
        if found is None:
            return
        if self.wheel is not None and not current:
            found = found.under(self.wheel)
        if self.wheel is None or found.ranking != self.wheel.ranking:
            self._offer(found)
        self.wheel = found
        self._refresh()
        self.show()

    def _offer(self, wheel: Wheel) -> None:
        """Show the templates, the best first."""
        for button in self._templates.get_children():
            button.destroy()
        for fit in wheel.ranking:
            # Return goes on making the result after a click
            button = Gtk.Button(label=fit.template, visible=True, focus_on_click=False)
            button.set_tooltip_text(f"{fit.angle:.0f}°, {fit.cost:.2f}°")
            button.connect("clicked", lambda _button, name=fit.template: self._take(name))
            self._templates.pack_start(button, False, False, 0)

    def _take(self, template: str) -> None:
        if self.wheel is not None:
            self._turn_to(self.wheel.with_template(template))

    def _refresh(self) -> None:
        if self.wheel is not None:
            self._caption.set_text(self.wheel.caption())
        self.area.queue_draw()

    def _center(self) -> tuple[float, float, float]:
        size = self.area.get_allocation()
        return size.width / 2, size.height / 2, min(size.width, size.height) / 2 - 2

    def _draw(self, _area: Gtk.Widget, context: Any) -> bool:
        x, y, radius = self._center()
        for pie in self.wheel.pies() if self.wheel is not None else ():
            start, stop = (math.radians(angle - 90.0) for angle in (pie.start, pie.stop))
            context.set_source_rgba(*pie.color)
            context.move_to(x, y)
            context.arc(x, y, radius * pie.radius, start, stop)
            context.close_path()
            context.fill()
        if self.area.has_focus():
            context.set_source_rgba(1, 1, 1, 0.8)
            context.arc(x, y, radius + 1, 0, 2 * math.pi)
            context.stroke()
        return False

    def _from_center(self, event: Any) -> tuple[float, float]:
        x, y, _radius = self._center()
        return event.x - x, event.y - y

    def _press(self, _area: Gtk.Widget, event: Any) -> bool:
        self.area.grab_focus()
        if self.wheel is not None and event.button == 1:
            self._turn = Turn(self.wheel, *self._from_center(event))
        return True

    def _move(self, _area: Gtk.Widget, event: Any) -> bool:
        if self._turn is not None and self.wheel is not None:
            angle = self._turn.to(*self._from_center(event)).angle
            self._turn_to(self.wheel.turned_to(angle))  # its hues are newer than the turn
        return True

    def _release(self, _area: Gtk.Widget, _event: Any) -> bool:
        self._turn = None
        return True

    def _key(self, _area: Gtk.Widget, event: Any) -> bool:
        step = STEPS.get(event.keyval)
        if step is None or self.wheel is None:
            return False
        self._turn_to(self.wheel.turned_to(self.wheel.angle + step))
        return True

    def _turn_to(self, wheel: Wheel) -> None:
        self.wheel = wheel
        self._refresh()
        self._choose(wheel.settings())
