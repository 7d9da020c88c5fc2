"""The row of a picture's palette in a dialog: each color is changed by a click on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import gi

gi.require_version("Gtk", "3.0")
from gi.repository import Gdk, Gtk  # noqa: E402 - the version comes first

from ._vendor.tinct_client.palette import PaletteOf  # noqa: E402
from .texts import _  # noqa: E402

COLORS_IN_ROW = 8
SPACING = 2


class PaletteView(Gtk.Box):
    """Show a palette, and let the user change it.

    Parameters
    ----------
    choose
        Gets the parameters, by name, that make what the user did.
    values
        Returns all parameters, by name, as the form holds them.
    """

    def __init__(
        self,
        choose: Callable[[Mapping[str, Any]], object],
        values: Callable[[], Mapping[str, Any]],
    ) -> None:
        super().__init__(orientation=Gtk.Orientation.VERTICAL, spacing=SPACING, no_show_all=True)
        self._choose, self._values = choose, values
        self._palette: PaletteOf | None = None
        self._buttons: list[Gtk.ColorButton] = []
        self._grid = Gtk.Grid(visible=True, column_spacing=SPACING, row_spacing=SPACING)
        title = Gtk.Label(label=_("Palette of the picture:"), visible=True, xalign=0.0)
        for part in (title, self._grid):
            self.pack_start(part, False, False, 0)

    def take(self, outputs: Mapping[str, Any]) -> None:
        """Show the palette among a run's data, if there is one."""
        found = PaletteOf.find(outputs)
        if found is None:
            return
        self._palette = found
        count = len(found.edited)
        while len(self._buttons) > count:
            self._buttons.pop().destroy()
        while len(self._buttons) < count:  # those there stay: the user may be choosing a color
            self._buttons.append(self._button(len(self._buttons)))
        for button, before, after in zip(self._buttons, found.original, found.edited, strict=True):
            button.set_rgba(_rgba(after))
            words = _("{}: click to change it in the picture").format(after)
            button.set_tooltip_text(words if before == after else f"{before} → {words}")
        self.show()

    def _button(self, place: int) -> Gtk.ColorButton:
        # Return goes on making the result after a click
        button = Gtk.ColorButton(visible=True, focus_on_click=False)
        button.set_title(_("Palette of the picture:").rstrip(":："))
        button.connect("color-set", self._set, place)
        self._grid.attach(button, place % COLORS_IN_ROW, place // COLORS_IN_ROW, 1, 1)
        return button

    def _set(self, button: Gtk.ColorButton, place: int) -> None:
        if self._palette is not None:
            color = button.get_rgba()
            parts = (round(255 * part) for part in (color.red, color.green, color.blue))
            name = "#{:02x}{:02x}{:02x}".format(*parts)
            self._choose(self._palette.changed(place, name, self._values()))


def _rgba(color: str) -> Gdk.RGBA:
    rgba = Gdk.RGBA()
    rgba.parse(color[:7])
    return rgba
