"""The options of ``tinct run OPERATION``, made from the operation's declaration."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from typing import Any, NoReturn

from tinct.declare import Input, Operation
from tinct.errors import ParameterError
from tinct.parameters import Parameter

__all__ = ["Parser", "given_parameters", "given_pictures", "operation_parser", "parse_known"]

PARAMETER, ROLE = "parameter:", "role:"  # keep names apart from the command's own options
METAVARS = {
    "number": "NUMBER",
    "integer": "NUMBER",
    "angle": "DEGREES",
    "seed": "NUMBER",
    "color": "#RRGGBB",
    "palette": "#RRGGBB,…",
    "file": "FILE",
    "boxes": "L,T,W,H:L,T,W,H",
}


class Parser(argparse.ArgumentParser):
    """An argument parser whose errors are one sentence with exit code 2."""

    def __init__(self, **options: Any) -> None:
        super().__init__(allow_abbrev=False, **options)

    def error(self, message: str) -> NoReturn:
        """Raise the sentence, which the command prints."""
        raise ParameterError(f"{message.rstrip('.')}; see `{self.prog} --help`.")


def operation_parser(operation: Operation) -> Parser:
    """Return the parser of one operation's options."""
    parser = Parser(
        prog=f"tinct run {operation.id}",
        description=f"{operation.title}. {operation.summary}",
        usage=_usage(operation),
    )
    pictures = parser.add_argument_group("pictures")
    for role in operation.inputs:
        _add_role(pictures, role)
    settings = parser.add_argument_group("parameters")
    for parameter in operation.parameters:
        _add_parameter(settings, parameter)
    results = parser.add_argument_group("results")
    first = _escape(operation.outputs[0].title)
    results.add_argument("-o", dest="output", metavar="FILE", help=f"where {first} goes")
    more = ", ".join(f"{output.role} ({output.title})" for output in operation.outputs)
    results.add_argument(
        "--out",
        action="append",
        default=[],
        metavar="ROLE=FILE",
        help=f"where another result goes: {_escape(more)}; may be given again",
    )
    results.add_argument(
        "--outside",
        choices=("original", "transparent"),
        default="original",
        help="what a result holds outside the region (default: original)",
    )
    how = parser.add_argument_group("how")
    how.add_argument("--preview", action="store_true", help="the same method, faster and coarser")
    how.add_argument("--json", action="store_true", help="print a report for machines")
    return parser


def parse_known(
    parser: Parser, operation: Operation, arguments: Sequence[str]
) -> argparse.Namespace:
    """Parse the options of an operation.

    Raises
    ------
    ParameterError
        For an option there is none of; the sentence lists those there are.
    """
    parsed, unknown = parser.parse_known_args(list(arguments))
    if unknown:
        names = [role.role for role in operation.inputs]
        names += [parameter.name for parameter in operation.parameters]
        allowed = ", ".join(["-o", "--out", *(_option(name) for name in names)])
        raise ParameterError(
            f"{operation.id} has no option {unknown[0]}; it has {allowed}.",
            parameter=unknown[0],
            allowed=allowed,
        )
    return parsed


def given_pictures(operation: Operation, arguments: argparse.Namespace) -> dict[str, list[str]]:
    """Return the files given, by role.

    Raises
    ------
    ParameterError
        When one is missing or given too often.
    """
    found = {}
    for role in operation.inputs:
        files = getattr(arguments, ROLE + role.role) or []
        if not files and not role.optional:
            raise ParameterError(
                f"{operation.id} needs {_option(role.role)} FILE ({role.title}).",
                parameter=role.role,
                allowed="a picture file",
            )
        if len(files) > 1 and not role.many:
            raise ParameterError(
                f"{_option(role.role)} takes one picture, and {len(files)} were given.",
                parameter=role.role,
                allowed="one picture file",
            )
        if files:
            found[role.role] = files
    return found


def given_parameters(operation: Operation, arguments: argparse.Namespace) -> dict[str, Any]:
    """Return the parameters given, in JSON's types, checked.

    Raises
    ------
    ParameterError
        For a value of another kind or out of range.
    """
    found = {}
    for parameter in operation.parameters:
        given = getattr(arguments, PARAMETER + parameter.name)
        if given is not None:
            found[parameter.name] = _to_json(parameter, given)
    operation.parse_parameters(found)
    return found


def _to_json(parameter: Parameter, given: Any) -> Any:
    """Return text as the JSON type its kind asks for; unfit text stays, to be named as it is."""
    try:
        if parameter.kind in ("number", "angle"):
            return float(given)
        if parameter.kind in ("integer", "seed"):
            return int(given)
        if parameter.kind == "palette":
            return [part.strip() for part in given.split(",") if part.strip()]
        if parameter.kind == "file":
            return os.path.abspath(given) if given else ""  # the engine works in another folder
        if parameter.kind == "boxes":
            pairs = [pair for text in given for pair in text.split(";") if pair.strip()]
            return [[_box(box) for box in pair.split(":")] for pair in pairs]
    except ValueError:
        return given
    return given


def _box(text: str) -> list[int]:
    return [int(part) for part in text.split(",")]


def _usage(operation: Operation) -> str:
    """Show what must be given before what may be."""
    needed = [f"{_option(role.role)} FILE" for role in operation.inputs if not role.optional]
    return f"tinct run {operation.id} {' '.join(needed)} [OPTION …] -o FILE"


def _option(name: str) -> str:
    return "--" + name.replace("_", "-")


def _escape(text: str) -> str:
    return text.replace("%", "%%")  # argparse formats help texts


def _add_role(group: Any, role: Input) -> None:
    notes = [role.title + (f". {role.help}" if role.help else "")]
    notes += ["optional"] if role.optional else []
    notes += ["may be given again"] if role.many else []
    group.add_argument(
        _option(role.role),
        dest=ROLE + role.role,
        action="append",
        metavar="FILE",
        help=_escape("; ".join(notes)),
    )


def _add_parameter(group: Any, parameter: Parameter) -> None:
    words = parameter.help or parameter.title
    options: dict[str, Any] = {"dest": PARAMETER + parameter.name, "default": None}
    default = parameter.to_wire(parameter.default)
    if parameter.kind == "boolean":
        options["action"] = argparse.BooleanOptionalAction
        default = "yes" if default else "no"
    elif parameter.kind == "boxes":
        options |= {"action": "append", "metavar": METAVARS["boxes"]}
    elif parameter.kind == "choice":
        options["metavar"] = "WORD"
    else:
        options["metavar"] = METAVARS[parameter.kind]
    allowed = "" if parameter.kind in ("boolean", "boxes") else f"; {parameter.allowed}"
    shown = ", ".join(default) if isinstance(default, list) else default
    ending = "" if shown in (None, "") else f" (default: {shown})"
    group.add_argument(
        _option(parameter.name), help=_escape(f"{words.rstrip('.')}{allowed}{ending}"), **options
    )
