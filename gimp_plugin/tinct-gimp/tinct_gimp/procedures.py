"""From an operation's declaration to a GIMP procedure's arguments, and from their values back."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from gi.repository import Babl, Gegl, Gimp, Gio, GObject

from .catalog import Info, Role, roles
from .texts import _

FLAGS = GObject.ParamFlags.READWRITE
RESULT = "result"
CONVERT = "convert-to-rgb"
RESERVED = ("run-mode", "image", "drawables", RESULT, CONVERT)
COLOR_ONLY, FULL_COLOR = "color-only", "full-color"
FILE = "-file"
FILES = "-files"
INT_MAXIMUM = 2**31 - 1
MANY = 4  # layers for a role that takes several; files come without limit


def argument_name(name: str) -> str:
    """Return the argument for a role or parameter of the catalog."""
    name = name.replace("_", "-")
    return f"tinct-{name}" if name in RESERVED else name


def layer_arguments(role: Role) -> list[str]:
    """Return the arguments that take a role's layers; a GIMP procedure cannot take a free list."""
    name = argument_name(role.name)
    return [name, *(f"{name}-{number}" for number in range(2, MANY + 1))] if role.many else [name]


def has_color_only(info: Info) -> bool:
    """Say whether a result may lie over its base in a color blend mode."""
    return any(output["blend"] == "color" for output in info["outputs"])


def makes_color(info: Info) -> bool:
    """Say whether a result needs an image that holds colors."""
    return any(output["kind"] in ("rgb", "rgba", "layers") for output in info["outputs"])


def add_arguments(procedure: Gimp.Procedure, info: Info) -> None:
    """Declare roles, parameters, and what GIMP adds to each operation, in the form's order."""
    for role in roles(info):
        if role.chosen:
            _add_role(procedure, role)
    for parameter in info["parameters"]:
        _ADD[parameter["kind"]](procedure, argument_name(parameter["name"]), parameter)
    if has_color_only(info):
        choice = Gimp.Choice.new()
        choice.add(COLOR_ONLY, 0, _("Color only"), _("A layer in mode LCh Color over the base"))
        choice.add(FULL_COLOR, 1, _("Full color"), _("A layer that covers the base"))
        procedure.add_choice_argument(
            RESULT,
            _("Result"),
            _("Color only keeps the base editable: its light shows through."),
            choice,
            COLOR_ONLY,
            FLAGS,
        )
    if makes_color(info):
        add_consent(procedure)


def add_consent(procedure: Gimp.Procedure) -> None:
    """Declare whether an image without free colors may become one that holds them."""
    procedure.add_boolean_argument(
        CONVERT,
        _("Convert the image to RGB"),
        _("Grayscale and indexed images hold no free colors: the result needs RGB."),
        False,
        FLAGS,
    )


def add_return_values(procedure: Gimp.Procedure) -> None:
    """Declare what every operation returns to scripts; Python cannot return a list of layers."""
    procedure.add_layer_return_value(
        "layer", _("Layer"), _("The new layer; the lowest one of several"), True, FLAGS
    )
    procedure.add_int_return_value(
        "count", _("Count"), _("How many new layers there are"), 0, 1 << 16, 0, FLAGS
    )
    procedure.add_string_return_value(
        "data", _("Data"), _("Further results by role, as JSON"), "{}", FLAGS
    )
    procedure.add_string_return_value(
        "warnings", _("Warnings"), _("What the engine noticed, a line each"), "", FLAGS
    )


def fill_return_values(
    values: Gimp.ValueArray, made: list[Gimp.Layer], data: str, warnings: str
) -> None:
    """Put what `add_return_values` declared into a procedure's answer."""
    layer = made[0] if made else None
    contents = (
        GObject.Value(Gimp.Layer.__gtype__, layer),
        GObject.Value(GObject.TYPE_INT, len(made)),
        GObject.Value(GObject.TYPE_STRING, data),
        GObject.Value(GObject.TYPE_STRING, warnings),
    )
    for number, value in enumerate(contents, 1):
        values.remove(number)
        values.insert(number, value)


def parameters(info: Info, config: Gimp.ProcedureConfig) -> dict[str, Any]:
    """Return an operation's parameters in JSON's types."""
    return {
        parameter["name"]: _READ.get(parameter["kind"], _plain)(
            config.get_property(argument_name(parameter["name"])), parameter
        )
        for parameter in info["parameters"]
    }


def set_parameters(info: Info, config: Gimp.ProcedureConfig, values: dict[str, Any]) -> None:
    """Put values in JSON's types into a procedure's arguments; unknown names are passed over."""
    for parameter in info["parameters"]:
        if parameter["name"] in values:
            write = _WRITE.get(parameter["kind"], _plain)
            value = write(values[parameter["name"]], parameter)
            config.set_property(argument_name(parameter["name"]), value)


def _add_role(procedure: Gimp.Procedure, role: Role) -> None:
    name, title, help_ = argument_name(role.name), _(role.title), _(role.help)
    for number, argument in enumerate(layer_arguments(role), 1):
        numbered = f"{title} {number}" if number > 1 else title
        procedure.add_drawable_argument(argument, numbered, help_, True, FLAGS)
    if role.many:
        procedure.add_string_argument(
            name + FILES, _("Files"), _("Paths of pictures, a line each"), "", FLAGS
        )
    elif role.source == "picture":
        procedure.add_file_argument(
            name + FILE,
            _("or a file"),
            _("Used when no layer is chosen"),
            Gimp.FileChooserAction.OPEN,
            True,
            None,
            FLAGS,
        )


def _add_double(procedure: Gimp.Procedure, name: str, info: Info) -> None:
    low, high = float(info["minimum"]), float(info["maximum"])
    procedure.add_double_argument(name, *_words(info), low, high, float(info["default"]), FLAGS)


def _add_int(procedure: Gimp.Procedure, name: str, info: Info) -> None:
    # never unsigned: GIMP's dialogs pass such arguments over; what a seed loses here is not missed
    low, high = int(info["minimum"]), min(int(info["maximum"]), INT_MAXIMUM)
    procedure.add_int_argument(name, *_words(info), low, high, int(info["default"]), FLAGS)


def _add_boolean(procedure: Gimp.Procedure, name: str, info: Info) -> None:
    procedure.add_boolean_argument(name, *_words(info), bool(info["default"]), FLAGS)


def _add_choice(procedure: Gimp.Procedure, name: str, info: Info) -> None:
    choice = Gimp.Choice.new()
    for number, (value, title) in enumerate(zip(info["enum"], info["enumTitles"], strict=True)):
        choice.add(value, number, _(title), "")
    procedure.add_choice_argument(name, *_words(info), choice, info["default"], FLAGS)


def _add_color(procedure: Gimp.Procedure, name: str, info: Info) -> None:
    default = _write_color(info["default"], info)
    procedure.add_color_argument(name, *_words(info), False, default, FLAGS)


def _add_file(procedure: Gimp.Procedure, name: str, info: Info) -> None:
    title, help_ = _words(info)
    actions = Gimp.FileChooserAction
    action = actions.SAVE if info.get("save") else actions.OPEN
    procedure.add_file_argument(name, title, help_, action, True, None, FLAGS)


def _add_text(procedure: Gimp.Procedure, name: str, info: Info) -> None:
    # GIMP has no argument for these: a script writes JSON, a form draws its own
    procedure.add_string_argument(name, *_words(info), json.dumps(info["default"]), FLAGS)


def _words(info: Info) -> tuple[str, str]:
    return _(info["title"]), _(info["description"])


def _plain(value: Any, info: Info) -> Any:
    return value


def hex_of(color: Gegl.Color) -> str:
    """Return a color as ``#rrggbb``, sRGB-encoded."""
    red, green, blue = color.get_bytes(Babl.format("R'G'B' u8")).get_data()
    return f"#{red:02x}{green:02x}{blue:02x}"


def _read_color(value: Gegl.Color, info: Info) -> str:
    return hex_of(value)


def _write_color(value: str, info: Info) -> Gegl.Color:
    return Gegl.Color.new(value)


def _read_file(value: Gio.File | None, info: Info) -> str | None:
    return value.get_path() if value is not None else None


def _write_file(value: str | None, info: Info) -> Gio.File | None:
    return Gio.File.new_for_path(value) if value else None


def _read_text(value: str, info: Info) -> Any:
    try:
        return json.loads(value)
    except ValueError:
        return value  # the engine says what is wrong with it


def _write_text(value: Any, info: Info) -> str:
    return json.dumps(value)


_ADD: dict[str, Callable[[Gimp.Procedure, str, Info], None]] = {
    "number": _add_double,
    "angle": _add_double,
    "integer": _add_int,
    "seed": _add_int,
    "boolean": _add_boolean,
    "choice": _add_choice,
    "color": _add_color,
    "file": _add_file,
    "palette": _add_text,
    "boxes": _add_text,
}
_READ: dict[str, Callable[[Any, Info], Any]] = {
    "color": _read_color,
    "file": _read_file,
    "palette": _read_text,
    "boxes": _read_text,
}
_WRITE: dict[str, Callable[[Any, Info], Any]] = {
    "color": _write_color,
    "file": _write_file,
    "palette": _write_text,
    "boxes": _write_text,
}
