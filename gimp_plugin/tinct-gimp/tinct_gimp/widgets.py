"""Widgets for what GIMP's own dialogs do not draw: several references, palettes, pairs of boxes."""

from __future__ import annotations

import json
import os
from collections.abc import Callable

import gi

gi.require_version("Gtk", "3.0")
gi.require_version("GimpUi", "3.0")
from gi.repository import Gimp, GimpUi, Gtk  # noqa: E402 - the versions come first

from . import catalog, procedures, sources  # noqa: E402
from .catalog import Info, Role  # noqa: E402
from .texts import _  # noqa: E402

SPACING = 6


def add_special_widgets(
    config: Gimp.ProcedureConfig, info: Info, base: Gimp.Layer
) -> dict[str, Gtk.Widget]:
    """Return widgets by argument for what the dialog itself cannot show."""
    made: dict[str, Gtk.Widget] = {}
    for role in catalog.roles(info):
        if role.many:
            made[procedures.argument_name(role.name) + procedures.FILES] = _files(config, role)
    for parameter in info["parameters"]:
        name = procedures.argument_name(parameter["name"])
        if parameter["kind"] == "palette":
            made[name] = _palette(config, name, parameter)
        elif parameter["kind"] == "boxes":
            made[name] = _boxes(config, name, parameter, info, base)
    return made


def _row(title: str, help_: str, *widgets: Gtk.Widget) -> Gtk.Box:
    row = Gtk.Box(orientation=Gtk.Orientation.HORIZONTAL, spacing=SPACING)
    label = Gtk.Label(label=title, xalign=0.0)
    label.set_tooltip_text(help_)
    row.pack_start(label, False, False, 0)
    for widget in widgets:
        row.pack_start(widget, False, False, 0)
    row.show_all()
    return row


def _button(text: str, clicked: Callable[[Gtk.Button], object]) -> Gtk.Button:
    button = Gtk.Button(label=text, focus_on_click=False)  # Return goes on making the result
    button.connect("clicked", clicked)
    return button


def _files(config: Gimp.ProcedureConfig, role: Role) -> Gtk.Widget:
    """Let files be added, one after the other."""
    name = procedures.argument_name(role.name) + procedures.FILES
    names = Gtk.Label()

    def store(text: str) -> None:
        config.set_property(name, text)
        paths = text.splitlines()
        names.set_text(", ".join(os.path.basename(path) for path in paths) or _("none"))

    def add(chooser: Gtk.FileChooserButton) -> None:
        if path := chooser.get_filename():
            store(f"{config.get_property(name) or ''}\n{path}".strip())
            chooser.unselect_all()

    chooser = Gtk.FileChooserButton(title=_(role.title))
    chooser.connect("file-set", add)
    store(config.get_property(name) or "")
    clear = _button(_("Clear"), lambda _button: store(""))
    return _row(_("Files"), _(role.help), chooser, clear, names)


def _palette(config: Gimp.ProcedureConfig, name: str, parameter: Info) -> Gtk.Widget:
    """Take the colors of one of GIMP's palettes."""
    count = Gtk.Label()

    def show(*_arguments: object) -> None:
        try:
            colors = json.loads(config.get_property(name))
        except ValueError:
            colors = []
        marks = "".join(f'<span foreground="{color}">\u25a0</span>' for color in colors[:24])
        count.set_markup(marks or _("none"))

    def take(chooser: GimpUi.PaletteChooser, palette: Gimp.Palette, closing: bool) -> None:
        colors = [procedures.hex_of(color) for color in palette.get_colors()[:256]]
        config.set_property(name, json.dumps(colors))

    def clear(button: Gtk.Button) -> None:
        config.set_property(name, "[]")

    config.connect(f"notify::{name}", show)
    chooser = GimpUi.PaletteChooser.new(_(parameter["title"]), "", None)
    chooser.connect("resource-set", take)
    show()
    title, help_ = _(parameter["title"]), _(parameter["description"])
    return _row(title, help_, chooser, _button(_("Clear"), clear), count)


def _boxes(
    config: Gimp.ProcedureConfig, name: str, parameter: Info, info: Info, base: Gimp.Layer
) -> Gtk.Widget:
    """Make pairs of boxes of the selections in the image and in the reference."""
    count = Gtk.Label()

    def pairs() -> list[list[list[int]]]:
        try:
            return list(json.loads(config.get_property(name)))
        except ValueError:
            return []

    def store(value: list[list[list[int]]]) -> None:
        config.set_property(name, json.dumps(value))
        count.set_text(str(len(value)))

    def add(button: Gtk.Button) -> None:
        target, reference = (
            sources.selected_box(base),
            sources.selected_box(_reference(config, info)),
        )
        if target is None or reference is None:
            count.set_text(_("Select an area in the image and one in the reference first."))
            return
        store([*pairs(), [target, reference]])

    count.set_text(str(len(pairs())))
    title, help_ = _(parameter["title"]), _(parameter["description"])
    clear = _button(_("Clear"), lambda _button: store([]))
    return _row(title, help_, _button(_("Add the selections as a pair"), add), clear, count)


def _reference(config: Gimp.ProcedureConfig, info: Info) -> Gimp.Drawable | None:
    """Return the first layer chosen for a role of its own size."""
    for role in catalog.roles(info):
        if role.chosen and not role.same_size:
            chosen = map(config.get_property, procedures.layer_arguments(role))
            return next((layer for layer in chosen if layer is not None), None)
    return None
