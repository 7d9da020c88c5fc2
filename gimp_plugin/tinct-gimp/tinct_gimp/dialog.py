"""The dialog of one operation, drawn from its declaration, with a live preview on the canvas."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import gi

gi.require_version("Gtk", "3.0")
gi.require_version("GimpUi", "3.0")
from gi.repository import Gegl, Gimp, GimpUi, GLib, GObject, Gtk  # noqa: E402 - the versions come first

from . import again, catalog, layers, procedures, sources, work  # noqa: E402
from ._vendor.tinct_client.errors import Cancelled, EngineError  # noqa: E402
from ._vendor.tinct_client.forms import Form  # noqa: E402
from ._vendor.tinct_client.process import Engine  # noqa: E402
from .catalog import Info, Role  # noqa: E402
from .live import Live  # noqa: E402
from .palette import PaletteView  # noqa: E402
from .refusal import Refusal  # noqa: E402
from .suggested import SuggestedView  # noqa: E402
from .texts import _  # noqa: E402
from .wheel import WheelView  # noqa: E402
from .widgets import add_special_widgets  # noqa: E402

SPACING = 6
OK = Gtk.ResponseType.OK
LINES = 2  # of words, most sentences fit
SHOWN = 2  # layers of a role that takes several; scripts and files may give more


def run(
    procedure: Gimp.Procedure,
    info: Info,
    base: Gimp.Layer,
    config: Gimp.ProcedureConfig,
    engine: Engine,
) -> Gimp.ValueArray:
    """Ask, preview, and run the operation; the dialog stays open when it fails."""
    from . import plugin

    GimpUi.init(procedure.get_name())
    dialog = OperationDialog(procedure, info, base, config, engine)
    try:
        while dialog.accepted():
            job = work.Job.from_config(info, base, config)
            try:
                job.check()
                dialog.pause()
                return plugin.finish(procedure, job, engine, interactive=True)
            except Cancelled:
                dialog.say("")
            except (Refusal, EngineError) as error:
                dialog.say(str(error))
        return procedure.new_return_values(Gimp.PDBStatusType.CANCEL, GLib.Error())
    finally:
        dialog.close()


class OperationDialog:
    """One operation's dialog and its preview."""

    def __init__(
        self,
        procedure: Gimp.Procedure,
        info: Info,
        base: Gimp.Layer,
        config: Gimp.ProcedureConfig,
        engine: Engine,
    ) -> None:
        self.info = info
        self.base = base
        self.config = config
        self.form = Form(info)
        self._prepare_config()
        self.dialog = GimpUi.ProcedureDialog.new(procedure, config, _(info["title"]))
        self.dialog.set_ok_label(_(info["action"]))
        self._fill()
        self._line = self._add_line()
        self.wheel = WheelView(self._choose)
        self.suggested = SuggestedView(base, self._paint_with)
        self.palette = PaletteView(self._choose, lambda: procedures.parameters(info, config))
        for view in (self.wheel, self.palette, self.suggested):
            self.dialog.get_content_area().pack_start(view, False, False, SPACING)
        self.live = Live(info, base, config, engine, self.say, self._show_progress, self._take)
        self._add_preview_row()
        if not self.live.canvas_possible:
            self.say(_("No preview on the canvas: the image becomes RGB with the result."))
        config.connect("notify", self._changed)
        self._changed()

    def accepted(self) -> bool:
        """Show the dialog; True when the user wants the result."""
        self.dialog.show()
        self.live.resume()
        return bool(self.dialog.run())

    def pause(self) -> None:
        """Take dialog and preview out of the way of the final run."""
        self.live.stop()
        self.dialog.hide()
        while Gtk.events_pending():  # or it would stay on the screen until the end of the run
            Gtk.main_iteration()

    def close(self) -> None:
        """Leave the image as it was."""
        self.live.stop()
        self.dialog.destroy()

    def say(self, sentence: str) -> None:
        """Show one sentence."""
        self._line.set_text(sentence or _(self.info["summary"]))
        self._bar.hide()

    def _prepare_config(self) -> None:
        """Fill in what was used before, and drop layers of other images and other times."""
        for role in catalog.roles(self.info):
            if role.chosen:
                for argument in procedures.layer_arguments(role):
                    self._prepare_layer(role, argument)
        own = {  # a file to write, places and colors of a picture: they were for another one
            parameter["name"]: parameter["default"]
            for parameter in self.info["parameters"]
            if parameter.get("save") or parameter["kind"] in ("boxes", "palette")
        }
        procedures.set_parameters(self.info, self.config, own)
        if procedures.makes_color(self.info):
            gray = layers.needs_rgb(self.base.get_image())
            self.config.set_property(procedures.CONVERT, gray)

    def _prepare_layer(self, role: Role, argument: str) -> None:
        item = self.config.get_property(argument)
        own = self.base.get_image().get_id()
        if item is not None and (
            not item.is_valid() or (role.same_size and item.get_image().get_id() != own)
        ):
            item = None  # closed since its last use, or of another image
        self.config.set_property(argument, item or sources.remembered(role, self.base))

    def _fill(self) -> None:
        names = self._role_names()
        names += [procedures.argument_name(field.name) for field in self.form.basic]
        special = self._special = add_special_widgets(self.config, self.info, self.base)
        if procedures.has_color_only(self.info):
            names.append(procedures.RESULT)
        if procedures.makes_color(self.info) and layers.needs_rgb(self.base.get_image()):
            names.append(procedures.CONVERT)
        for role in catalog.roles(self.info):
            if role.painted:
                self._add_new_button(role)
        advanced = [
            procedures.argument_name(field.name)
            for field in self.form.advanced
            if procedures.argument_name(field.name) not in special
        ]
        self.dialog.fill([name for name in names if name not in special])
        if advanced:
            self.dialog.get_label("advanced-title", _("Advanced"), False, False)
            self.dialog.fill_box("advanced-box", advanced)
            self.dialog.fill_expander("advanced", "advanced-title", False, "advanced-box")
            self.dialog.fill(["advanced"])
        for widget in special.values():
            self.dialog.get_content_area().pack_start(widget, False, False, SPACING)

    def _role_names(self) -> list[str]:
        names = []
        for role in catalog.roles(self.info):
            if role.chosen:
                names += procedures.layer_arguments(role)[:SHOWN]
                if role.source == "picture" and not role.many:
                    names.append(procedures.argument_name(role.name) + procedures.FILE)
        return names

    def _add_new_button(self, role: Role) -> None:
        name = procedures.argument_name(role.name)
        chooser = self.dialog.get_widget(name, GObject.TYPE_NONE)
        # a key that two buttons share presses neither
        main = role.source == "layer-above"
        text = _("_New layer") if main else _("New layer")
        button = Gtk.Button.new_with_mnemonic(text)
        button.set_tooltip_text(
            _("Add a transparent layer to paint on: {role}").format(role=_(role.title))
        )
        button.connect("clicked", self._new_layer, role)
        button.show()
        chooser.pack_end(button, False, False, 0)

    def _new_layer(self, button: Gtk.Button, role: Role) -> None:
        self.live.canvas.hide()  # the new layer goes over the result to come, not over a preview
        convert = procedures.makes_color(self.info) and self.config.get_property(procedures.CONVERT)
        try:
            layer = again.new_role_layer(self.base, role, convert=convert)
        except Refusal as error:
            self.say(str(error))
            return
        Gimp.displays_flush()
        self.live.use_canvas()  # the image may have become RGB
        self._before.set_sensitive(self.live.canvas_possible)
        self.config.set_property(procedures.argument_name(role.name), layer)
        self.say(_("Paint on the new layer with any brush; the preview follows."))

    def _add_line(self) -> Gtk.Label:
        label = Gtk.Label(label=_(self.info["summary"]), xalign=0.0, selectable=True)
        label.set_line_wrap(True)
        label.set_max_width_chars(50)
        label.set_valign(Gtk.Align.START)
        height = label.create_pango_layout("\n" * (LINES - 1)).get_pixel_size()[1]
        label.set_size_request(-1, height)  # or all above would move when it changes
        label.show()
        return label

    def _add_preview_row(self) -> None:
        row = Gtk.Box(orientation=Gtk.Orientation.HORIZONTAL, spacing=2 * SPACING)
        preview = Gtk.CheckButton.new_with_mnemonic(_("_Preview"))
        preview.set_active(self.live.wanted)
        preview.connect("toggled", lambda button: self.live.want(button.get_active()))
        before = self._before = Gtk.ToggleButton.new_with_mnemonic(_("_Before"))
        before.set_tooltip_text(_("Show the image as it was, while this is pressed in"))
        before.connect("toggled", self._show_before)
        before.set_sensitive(self.live.canvas_possible)  # the canvas shows it already
        self._bar = Gtk.ProgressBar(show_text=True, no_show_all=True)
        row.pack_start(preview, False, False, 0)
        row.pack_start(before, False, False, 0)
        row.pack_start(self._bar, True, True, 0)
        area = self.dialog.get_content_area()
        if self.live.thumbnail is not None:
            area.pack_start(self.live.thumbnail, False, False, SPACING)
        area.pack_start(row, False, False, SPACING)
        area.pack_start(self._line, False, False, SPACING)
        row.show_all()

    def _show_before(self, button: Gtk.ToggleButton) -> None:
        self.live.show_before(button.get_active())
        if not button.get_active() and (ok := self.dialog.get_widget_for_response(OK)):
            ok.grab_focus()  # after a look back, Return makes the result

    def _show_progress(self, fraction: float, stage: str) -> None:
        self._bar.set_visible(fraction < 1)
        self._bar.set_fraction(fraction)
        self._bar.set_text(stage)

    def _take(self, outputs: Mapping[str, Any], current: bool) -> None:
        """Show what a preview returned besides pictures."""
        self.wheel.take(outputs, current)
        self.palette.take(outputs)
        self.suggested.take(outputs)

    def _paint_with(self, color: str) -> None:
        """Make a color the one the user paints with next."""
        Gimp.context_set_foreground(Gegl.Color.new(color))
        self.say(_("The brush now has {color}; paint with it.").format(color=color))

    def _choose(self, values: Mapping[str, Any]) -> None:
        """Take over what was done in the preview, such as turning the wheel."""
        procedures.set_parameters(self.info, self.config, dict(values))

    def _changed(self, *_arguments: Any) -> None:
        """Gray out what does not matter now, and ask for a preview."""
        for name, value in procedures.parameters(self.info, self.config).items():
            if self.form.by_name[name].problem(value) is None:
                self.form.set(name, value)
        for field in self.form.fields:
            if field.enabled_when is not None:
                name = procedures.argument_name(field.name)
                widget = self._special.get(name) or self.dialog.get_widget(name, GObject.TYPE_NONE)
                if widget is not None:
                    widget.set_sensitive(self.form.is_enabled(field.name))
        self.live.ask()
