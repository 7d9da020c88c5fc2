"""The row of suggested colors: for the stroke painted last, or a place of the picture."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import gi

gi.require_version("Gtk", "3.0")
from gi.repository import Gdk, Gimp, Gtk  # noqa: E402 - the version comes first

from . import thumbnails  # noqa: E402
from ._vendor.tinct_client.suggestions import Suggested, Suggestions  # noqa: E402
from .texts import _  # noqa: E402

SPACING = 6
PICTURE_SIDE = 200
SWATCH_SIDE = 22
COLORS_MAXIMUM = 8
MARK_RADIUS = 4.5
Place = tuple[float, float]
"""Across and down a picture, each from 0 to 1."""


class SuggestedView(Gtk.Box):
    """Show what a run suggests, and let a color be taken.

    GIMP does not tell plug-ins where the pointer is over its canvas: a small copy of the picture
    in the dialog stands for it. The pointer over a place of that shows the colors for it, a click
    keeps them, and the next stroke brings its own.

    Parameters
    ----------
    base
        The layer the places are of.
    pick
        Gets the color the user clicks, as ``#rrggbb``.
    """

    def __init__(self, base: Gimp.Layer, pick: Callable[[str], object]) -> None:
        super().__init__(orientation=Gtk.Orientation.VERTICAL, spacing=SPACING, no_show_all=True)
        self._base = base
        self._pick = pick
        self._found: Suggestions | None = None
        self._kept: Place | None = None
        self._image = Gtk.Image(visible=True)
        self._title = Gtk.Label(visible=True, xalign=0.0)
        self._row = Gtk.Box(visible=True, spacing=2)
        self._row.set_size_request(-1, SWATCH_SIDE)  # what lies below does not jump
        for part in (self._picture(), self._title, self._row):
            self.pack_start(part, False, False, 0)

    def take(self, outputs: Mapping[str, Any]) -> None:
        """Show the suggestions among a run's data, if there are any."""
        found = Suggestions.find(outputs)
        if found is None:
            return
        if self._found is None:
            self._image.set_from_pixbuf(thumbnails.picture_of(self._base, PICTURE_SIDE))
            self.show()
        elif found.strokes[:1] != self._found.strokes[:1]:
            self._keep(None)  # a stroke was painted: now it matters
        self._found = found
        self._show_for(self._kept)

    def _picture(self) -> Gtk.EventBox:
        box = Gtk.EventBox(visible=True, halign=Gtk.Align.START, above_child=True)
        box.set_tooltip_text(_("Point at a place to see what suits it; a click keeps its colors."))
        events = Gdk.EventMask
        box.add_events(
            events.POINTER_MOTION_MASK | events.LEAVE_NOTIFY_MASK | events.BUTTON_PRESS_MASK
        )
        box.connect("motion-notify-event", lambda box, event: self._show_for(_place(box, event)))
        box.connect("leave-notify-event", lambda box, event: self._show_for(self._kept))
        box.connect("button-press-event", lambda box, event: self._keep(_place(box, event)))
        self._image.connect_after("draw", self._draw_mark)
        box.add(self._image)
        return box

    def _keep(self, place: Place | None) -> bool:
        self._kept = place
        self._image.queue_draw()
        return self._show_for(place)

    def _show_for(self, place: Place | None) -> bool:
        """Show the colors for a place, else for the newest stroke."""
        if self._found is None:
            return False
        if place is not None:
            self._show(_("Suggested for this place:"), self._found.at(*place, 1.0, 1.0))
        elif colors := self._found.for_newest_stroke():
            self._show(_("Suggested for this stroke:"), colors)
        else:
            self._show(_("Point at a place of the picture to see what suits it."), ())
        return False  # GTK goes on with the event

    def _show(self, title: str, colors: Sequence[Suggested]) -> None:
        self._title.set_text(title)
        for button in self._row.get_children():
            button.destroy()
        for one in colors[:COLORS_MAXIMUM]:
            self._row.pack_start(self._button(one), False, False, 0)

    def _button(self, one: Suggested) -> Gtk.Button:
        # Return goes on making the result after a click
        button = Gtk.Button(visible=True, focus_on_click=False, relief=Gtk.ReliefStyle.NONE)
        pixbuf = thumbnails.swatch(one.color, SWATCH_SIDE)
        button.add(Gtk.Image(pixbuf=pixbuf, visible=True))
        words = _("{}: click to paint with it").format(one.color)
        button.set_tooltip_text(words if one.share is None else f"{words} ({one.share:.0%})")
        button.connect("clicked", lambda _button: self._pick(one.color))
        return button

    def _draw_mark(self, image: Gtk.Image, context: Any) -> bool:
        """Ring the place whose colors are kept; dark on light, light on dark."""
        if self._kept is None:
            return False
        size = image.get_allocation()
        x, y = self._kept[0] * size.width, self._kept[1] * size.height
        for width, shade in ((3.0, 0.0), (1.0, 1.0)):
            context.set_source_rgb(shade, shade, shade)
            context.set_line_width(width)
            context.arc(x, y, MARK_RADIUS, 0, 2 * math.pi)
            context.stroke()
        return False


def _place(box: Gtk.EventBox, event: Any) -> Place:
    size = box.get_allocation()
    return event.x / size.width, event.y / size.height
