"""The plug-in: which procedures there are, how GIMP shows them, and what each one runs."""

from __future__ import annotations

import json
import sys
import traceback
from collections.abc import Callable
from typing import Any

import gi

gi.require_version("Gimp", "3.0")
gi.require_version("Gegl", "0.4")
from gi.repository import Gegl, Gimp, GLib, GObject  # noqa: E402 - the versions come first

from . import again, catalog, layers, procedures, work  # noqa: E402
from ._vendor.tinct_client.errors import Cancelled, EngineError  # noqa: E402
from .catalog import Info, Role  # noqa: E402
from .refusal import Refusal  # noqa: E402
from .texts import _  # noqa: E402

PREFIX = "plug-in-tinct-"
MENU = "<Image>/Colors/Tinct"
RUN_AGAIN = PREFIX + "run-again"
CHECK = PREFIX + "check"
NEW_LAYER = PREFIX + "new-layer-"
AUTHORS = "The tinct authors"
YEAR = "2026"

Result = Gimp.ValueArray


class TinctPlugIn(Gimp.PlugIn):
    """Registers the catalog. Nothing here starts the engine but a run."""

    def do_set_i18n(self, name: str) -> bool:
        """Texts are translated before GIMP sees them."""
        return False

    def do_query_procedures(self) -> list[str]:
        """Return the names of all procedures."""
        names = [PREFIX + info["id"] for info in catalog.operations()]
        names += [NEW_LAYER + role.name.replace("_", "-") for role in _painted_roles()]
        return [*names, RUN_AGAIN, CHECK]

    def do_create_procedure(self, name: str) -> Gimp.Procedure | None:
        """Return one procedure with its arguments and its place in the menus."""
        if name == CHECK:
            return self._check_procedure()
        if name == RUN_AGAIN:
            procedure = self._image_procedure(name, _("_Run again"), _run_again, None)
            _document(
                procedure,
                _("Repeat the operation that made a layer, after its strokes were edited"),
            )
            procedures.add_return_values(procedure)
            return procedure
        for role in _painted_roles():
            if name == NEW_LAYER + role.name.replace("_", "-"):
                return self._new_layer_procedure(name, role)
        info = catalog.find(name.removeprefix(PREFIX))
        if info is None:
            return None
        procedure = self._image_procedure(name, _(info["title"]) + "…", _run_operation, info)
        _document(procedure, _(info["summary"]))
        procedures.add_arguments(procedure, info)
        procedures.add_return_values(procedure)
        return procedure

    def _image_procedure(
        self, name: str, label: str, run: Callable[..., Result], data: Any
    ) -> Gimp.ImageProcedure:
        procedure = Gimp.ImageProcedure.new(
            self, name, Gimp.PDBProcType.PLUGIN, _guarded(run), data
        )
        procedure.set_image_types("RGB*, GRAY*, INDEXED*")
        procedure.set_sensitivity_mask(Gimp.ProcedureSensitivityMask.DRAWABLE)
        procedure.set_menu_label(label)
        procedure.add_menu_path(MENU)
        procedure.set_attribution(AUTHORS, AUTHORS, YEAR)
        return procedure

    def _new_layer_procedure(self, name: str, role: Role) -> Gimp.Procedure:
        title = _(role.title)
        label = _("New layer: {role}").format(role=title)
        procedure = self._image_procedure(name, label, _run_new_layer, role)
        _document(procedure, _("Add a layer to paint on: {role}").format(role=title))
        procedures.add_consent(procedure)
        procedure.add_layer_return_value(
            "layer", _("Layer"), _("The new layer"), True, GObject.ParamFlags.READWRITE
        )
        return procedure

    def _check_procedure(self) -> Gimp.Procedure:
        procedure = Gimp.Procedure.new(
            self, CHECK, Gimp.PDBProcType.PLUGIN, _guarded(_run_check), None
        )
        procedure.set_menu_label(_("_Check the installation"))
        procedure.add_menu_path(MENU)
        procedure.set_attribution(AUTHORS, AUTHORS, YEAR)
        _document(procedure, _("Start the engine once and say what it is"))
        procedure.add_enum_argument(  # what stands in this menu takes it first
            "run-mode",
            _("Run mode"),
            "",
            Gimp.RunMode.__gtype__,
            Gimp.RunMode.NONINTERACTIVE,
            GObject.ParamFlags.READWRITE,
        )
        procedure.add_string_return_value(
            "report", _("Report"), "", "", GObject.ParamFlags.READWRITE
        )
        return procedure


def main() -> None:
    """Serve GIMP."""
    Gimp.main(TinctPlugIn.__gtype__, sys.argv)


def _document(procedure: Gimp.Procedure, summary: str) -> None:
    # no help id: a Help button would lead to a page that does not exist
    procedure.set_documentation(summary, summary, None)


def _painted_roles() -> list[Role]:
    """Return the roles users paint layers for, each once."""
    found = {
        role.name: role
        for info in catalog.operations()
        for role in catalog.roles(info)
        if role.painted and role.source == "layer-above"
    }
    return list(found.values())


def _guarded(run: Callable[..., Result]) -> Callable[..., Result]:
    """Return a run function that turns every exception into one sentence for the user."""

    def guarded(procedure: Gimp.Procedure, *arguments: Any) -> Result:
        Gegl.init(None)
        status = Gimp.PDBStatusType.EXECUTION_ERROR
        try:
            return run(procedure, *arguments)
        except Cancelled:
            return procedure.new_return_values(Gimp.PDBStatusType.CANCEL, GLib.Error())
        except Refusal as error:
            sentence = str(error)
        except EngineError as error:
            sentence = error.message
        except Exception as error:
            traceback.print_exc()
            sentence = _("tinct met a defect ({error}); please report it.").format(error=error)
        return procedure.new_return_values(status, _error(sentence))

    return guarded


def _error(sentence: str) -> GLib.Error:
    return GLib.Error.new_literal(Gimp.PlugIn.error_quark(), sentence, 0)


def _run_operation(
    procedure: Gimp.Procedure,
    mode: Gimp.RunMode,
    image: Gimp.Image,
    drawables: list[Gimp.Drawable],
    config: Gimp.ProcedureConfig,
    info: Info,
) -> Result:
    base = layers.base_layer(drawables)
    with catalog.new_engine() as engine:
        if mode == Gimp.RunMode.INTERACTIVE:
            from . import dialog  # only now: nothing else needs GTK

            return dialog.run(procedure, info, base, config, engine)
        job = work.Job.from_config(info, base, config)
        return finish(procedure, job, engine)


def finish(
    procedure: Gimp.Procedure,
    job: work.Job,
    engine: catalog.Engine,
    old: list[Gimp.Layer] | None = None,
    *,
    interactive: bool = False,
) -> Result:
    """Run a job in full quality, place its results, and return them to the caller."""
    Gimp.progress_init(_(job.info["title"]))
    try:
        outcome = work.run(job, engine, _report)
        made = work.place(job, outcome, engine.exchange, old)
    finally:
        Gimp.progress_end()
    if interactive and outcome.warnings:
        Gimp.message("\n".join(outcome.warnings))
    return returned(procedure, job, outcome, made)


def returned(
    procedure: Gimp.Procedure, job: work.Job, outcome: work.Outcome, made: list[Gimp.Layer]
) -> Result:
    """Return layers, data and warnings as `procedures.add_return_values` declares them."""
    values = procedure.new_return_values(Gimp.PDBStatusType.SUCCESS, GLib.Error())
    data = json.dumps(work.data_of(job, outcome))
    procedures.fill_return_values(values, made, data, "\n".join(outcome.warnings))
    return values


def _report(fraction: float, stage: str) -> None:
    Gimp.progress_update(fraction)
    if stage:
        Gimp.progress_set_text(stage)


def _run_again(
    procedure: Gimp.Procedure,
    mode: Gimp.RunMode,
    image: Gimp.Image,
    drawables: list[Gimp.Drawable],
    config: Gimp.ProcedureConfig,
    data: None,
) -> Result:
    job, old = again.find_job(drawables)
    with catalog.new_engine() as engine:
        return finish(procedure, job, engine, old, interactive=mode == Gimp.RunMode.INTERACTIVE)


def _run_new_layer(
    procedure: Gimp.Procedure,
    mode: Gimp.RunMode,
    image: Gimp.Image,
    drawables: list[Gimp.Drawable],
    config: Gimp.ProcedureConfig,
    role: Role,
) -> Result:
    convert = config.get_property(procedures.CONVERT)
    layer = again.new_role_layer(layers.base_layer(drawables), role, convert=convert)
    Gimp.displays_flush()
    values = procedure.new_return_values(Gimp.PDBStatusType.SUCCESS, GLib.Error())
    values.remove(1)
    values.insert(1, layer)
    return values


def _run_check(procedure: Gimp.Procedure, config: Gimp.ProcedureConfig, data: None) -> Result:
    with catalog.new_engine() as engine:
        engine.call("models/list", {})
        report = _("tinct {version} is ready: {count} operations.").format(
            version=engine.info.get("version", "?"), count=len(catalog.operations())
        )
    Gimp.message(report)
    values = procedure.new_return_values(Gimp.PDBStatusType.SUCCESS, GLib.Error())
    values.remove(1)
    values.insert(1, GObject.Value(GObject.TYPE_STRING, report))
    return values
