"""``tinct run``: files in, through the client and the engine's own process, files out."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

import tinct
from tinct import catalog, pixels
from tinct.cli_arguments import (
    Parser,
    given_parameters,
    given_pictures,
    operation_parser,
    parse_known,
)
from tinct.cli_bar import Bar
from tinct.declare import Operation, Output
from tinct.errors import FileError, ParameterError
from tinct.imagefile import ImageFile, check_format, read_image, write_image
from tinct.pixels import Picture
from tinct_client.process import Engine, Outcome
from tinct_client.protocol import PixelRef

__all__ = ["run"]

TRANSPARENT_LAYOUTS = {"rgb": "rgba", "gray": "graya"}


def run(arguments: Sequence[str]) -> int:
    """Run an operation on files.

    Parameters
    ----------
    arguments
        What follows ``tinct run``.

    Returns
    -------
    int
        0.

    Raises
    ------
    ParameterError
        For an unknown operation, role or parameter, or an unfit value.
    FileError
        For a file that cannot be read or written.
    tinct_client.errors.EngineError
        For what goes wrong in the engine.
    """
    operation = _operation_of(arguments)
    if operation is None:
        return 0
    options = parse_known(operation_parser(operation), operation, arguments[1:])
    files = given_pictures(operation, options)
    parameters = given_parameters(operation, options)
    targets = _targets(operation, options)
    pictures = {role: [read_image(name) for name in names] for role, names in files.items()}
    base = pictures[operation.inputs[0].role][0]
    for output in operation.outputs:
        if output.role in targets:
            _check_target(output, targets[output.role], base.picture, options.outside)
    said = [line for images in pictures.values() for image in images for line in image.warnings]
    for sentence in said:
        _warn(sentence)
    bar = Bar(sys.stderr)
    with Engine("cli", tinct.__version__) as engine, bar:
        inputs = {
            role: _send(engine, [image.picture for image in images], _is_many(operation, role))
            for role, images in pictures.items()
        }
        outcome = engine.run(
            operation.id,
            inputs,
            parameters,
            quality="preview" if options.preview else "final",
            outside=options.outside,
            on_progress=bar.show,
        )
        results = {role: _receive(engine, value) for role, value in outcome.outputs.items()}
    for sentence in outcome.warnings:
        _warn(sentence)
    kinds = {output.role: output.kind for output in operation.outputs}
    written = {
        role: _store(kinds[role], path, results[role], base)
        for role, path in targets.items()
        if role in results
    }
    for role in targets.keys() - written.keys():
        _warn(f"{operation.id} gave no '{role}' this time; {targets[role]} was not written.")
    _report(operation, outcome, results, written, said, as_json=options.json)
    return 0


def _operation_of(arguments: Sequence[str]) -> Operation | None:
    """Return the operation named first, or None after showing help."""
    if arguments and not arguments[0].startswith("-"):
        return catalog.find_operation(arguments[0])
    names = ", ".join(item.id for item in catalog.list_operations() if item.listed)
    parser = Parser(
        prog="tinct run",
        usage="tinct run OPERATION --ROLE FILE … --PARAMETER VALUE … -o FILE",
        description="Run an operation on picture files.",
        epilog=f"Operations: {names}. `tinct run OPERATION --help` shows what each takes.",
    )
    if arguments and arguments[0] in ("-h", "--help"):
        parser.print_help()
        return None
    raise ParameterError(f"Name an operation first: tinct run OPERATION …; there are {names}.")


def _targets(operation: Operation, options: argparse.Namespace) -> dict[str, Path]:
    """Return where results go, by role."""
    roles = [output.role for output in operation.outputs]
    found = {roles[0]: Path(options.output)} if options.output else {}
    for text in options.out:
        role, separator, name = text.partition("=")
        if not separator or not name or role not in roles:
            raise ParameterError(
                f"--out takes ROLE=FILE, ROLE being one of {', '.join(roles)}; got {text!r}.",
                parameter="out",
                value=text,
                allowed=", ".join(roles),
            )
        if role in found:
            raise ParameterError(f"The result '{role}' was given two files; give one.")
        found[role] = Path(name)
    data_only = all(output.kind == "data" for output in operation.outputs)
    if not found and not (data_only and options.json):
        raise ParameterError("Name a file for the result: -o FILE.", parameter="o")
    if len({os.path.realpath(path) for path in found.values()}) < len(found):
        raise ParameterError("Two results were given the same file; give each its own.")
    return found


def _check_target(output: Output, path: Path, base: Picture, outside: str) -> None:
    """Refuse before the work what could not be written after it."""
    if output.kind == "data":
        if not path.absolute().parent.is_dir() or path.is_dir():
            raise FileError(f"{path} cannot be written; name a file in a folder that is there.")
        return
    kind = "rgba" if output.kind == "layers" else output.kind
    layout = pixels.layout_for(kind, base.layout)
    if outside == "transparent":
        layout = TRANSPARENT_LAYOUTS.get(layout, layout)
    check_format(path, base.pixels.dtype.name, layout)


def _is_many(operation: Operation, role: str) -> bool:
    return next(item.many for item in operation.inputs if item.role == role)


def _send(engine: Engine, pictures: list[Picture], many: bool) -> PixelRef | list[PixelRef]:
    sent = []
    for picture in pictures:
        data = np.ascontiguousarray(picture.pixels).reshape(-1).view(np.uint8).data
        sent.append(
            engine.exchange.write(
                data, *picture.size, picture.layout, picture.pixels.dtype.name, picture.space
            )
        )
    return sent if many else sent[0]


def _receive(engine: Engine, value: Any) -> Any:
    """Return a result: a picture, a list of (title, picture), or data."""
    if isinstance(value, PixelRef):
        stored = np.frombuffer(engine.exchange.read(value), value.dtype)
        return Picture(stored.reshape(value.shape), value.layout, value.space)
    if isinstance(value, list) and value and isinstance(value[0], tuple):
        return [(title, _receive(engine, reference)) for title, reference in value]
    return value


def _store(kind: str, path: Path, result: Any, base: ImageFile) -> list[str]:
    """Write one result and return the files it went to."""
    if isinstance(result, Picture):
        write_image(path, result, base.metadata)
        return [str(path)]
    if kind == "layers":
        names = []
        for number, (_, picture) in enumerate(result, 1):
            numbered = path.with_name(f"{path.stem}-{number}{path.suffix}")
            write_image(numbered, picture, base.metadata)
            names.append(str(numbered))
        return names
    partial = path.with_name(f".{path.name}.tmp")
    try:
        partial.write_text(json.dumps(result, indent=2) + "\n", "utf-8")
        partial.replace(path)
    except OSError as error:
        raise FileError(f"{path} cannot be written: {error.strerror or error}.") from error
    finally:
        partial.unlink(missing_ok=True)
    return [str(path)]


def _report(
    operation: Operation,
    outcome: Outcome,
    results: dict[str, Any],
    written: dict[str, list[str]],
    said: list[str],
    *,
    as_json: bool,
) -> None:
    if not as_json:
        for role, names in written.items():
            for name in names:
                print(f"{name}: {_describe(results[role])}, {outcome.seconds:.2f} s")
        return
    kinds = {output.role: output.kind for output in operation.outputs}
    data = {role: value for role, value in results.items() if kinds.get(role) == "data"}
    report = {
        "operation": operation.id,
        "files": written,
        "data": data,
        "warnings": [*said, *outcome.warnings],
        "seconds": outcome.seconds,
    }
    print(json.dumps(report, indent=2))


def _describe(result: Any) -> str:
    if isinstance(result, Picture):
        rows, columns = result.size
        return f"{columns} x {rows} pixels, {result.layout} {result.pixels.dtype.name}"
    return f"{len(result)} entries" if isinstance(result, dict | list) else "data"


def _warn(sentence: str) -> None:
    print(f"tinct: warning: {sentence}", file=sys.stderr)
