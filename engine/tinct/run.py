"""One run of an operation: checks what comes in, calls the function, places what comes out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from tinct import pixels
from tinct.compositing import Placement, composite
from tinct.declare import (
    Context,
    FloatArray,
    Image,
    Input,
    Mask,
    Operation,
    Output,
    PixelKind,
    Strokes,
)
from tinct.errors import InputError, ParameterError
from tinct.pixels import Picture
from tinct.rows import Rows, let_go

__all__ = ["run_operation"]

Pictures = Mapping[str, Picture | Sequence[Picture]]
Outputs = dict[str, Any]
ALPHA_LAYOUTS = {"rgb": "rgba", "gray": "graya"}


def run_operation(
    operation: Operation,
    inputs: Pictures,
    parameters: Mapping[str, Any],
    *,
    context: Context,
    outside: Placement = "original",
) -> Outputs:
    """Run an operation on pictures as editors and files hold them.

    Parameters
    ----------
    operation
        From the catalog.
    inputs
        Pictures by role; several where the role says so.
    parameters
        Values in JSON's types; missing ones take their defaults.
    context
        The run's surroundings.
    outside
        What the results hold outside the region: ``"original"`` pixels, bit-identical, or
        ``"transparent"`` ones, the region's feather in alpha.

    Returns
    -------
    dict
        By output role: a `Picture` in the base's depth and space; a list of (title, `Picture`);
        or JSON data. Nothing when all was to prepare.

    Raises
    ------
    ParameterError
        For an unknown or missing role, or an unfit parameter.
    InputError
        When a picture has no pixels or not the base's size.
    """
    values = operation.parse_parameters(parameters)
    if context.quality == "prepare" and not operation.prepares:
        return {}
    if context.quality != "final":  # it comes unasked, again and again: it writes no files
        values |= {one.name: None for one in operation.parameters if one.save}
    _check_roles(operation, inputs)
    base = cast(Picture, inputs[operation.inputs[0].role])
    arrays = {role.role: _read(role, inputs.get(role.role), context) for role in operation.inputs}
    region = next(
        (arrays[role.role] for role in operation.inputs if role.source == "selection"), None
    )
    results = operation.function(**arrays, **values, context=context)
    if context.quality == "prepare":
        return {}
    context.progress(0.98, "Writing")
    frame = _Frame(base, region, outside)
    return {
        output.role: frame.place(output, results[output.role])
        for output in operation.outputs
        if output.role in results or not output.optional
    }


def _check_roles(operation: Operation, inputs: Pictures) -> None:
    known = [role.role for role in operation.inputs]
    for name in inputs:
        if name not in known:
            raise ParameterError(
                f"{operation.id} takes no picture '{name}'; it takes {', '.join(known)}.",
                parameter=name,
                allowed=", ".join(known),
            )
    for role in operation.inputs:
        given = inputs.get(role.role)
        if given is None or (role.many and not given):
            if not role.optional:
                raise ParameterError(
                    f"{operation.id} needs a picture for '{role.role}' ({role.title}); give one.",
                    parameter=role.role,
                    allowed="a picture",
                )
        elif isinstance(given, Picture) == role.many:
            count = "several pictures" if role.many else "one picture"
            raise ParameterError(
                f"'{role.role}' of {operation.id} takes {count}.",
                parameter=role.role,
                allowed=count,
            )
    _check_sizes(operation, inputs)


def _check_sizes(operation: Operation, inputs: Pictures) -> None:
    base_role = operation.inputs[0].role
    rows, columns = _size(inputs[base_role])
    for role in operation.inputs:
        given = inputs.get(role.role)
        for picture in () if given is None else [given] if isinstance(given, Picture) else given:
            if 0 in _size(picture):
                raise InputError(f"'{role.role}' has no pixels; give a picture of at least 1 x 1.")
            if role.same_size and _size(picture) != (rows, columns):
                height, width = _size(picture)
                raise InputError(
                    f"'{role.role}' is {width} x {height} pixels, but '{base_role}' is "
                    f"{columns} x {rows}; make them the same size."
                )


def _size(picture: Any) -> tuple[int, int]:
    rows, columns = picture.pixels.shape[:2]
    return rows, columns


def _read(role: Input, given: Picture | Sequence[Picture] | None, context: Context) -> Any:
    if given is None:
        return () if role.many else None
    if not isinstance(given, Picture):
        return tuple(_read(role, picture, context) for picture in given)
    if role.kind == "strokes":
        return _read_strokes(role, given, context)
    values: FloatArray | Rows
    if role.by_rows:
        values = Rows(given, role.kind)
        replaced = values.replaced()
    else:
        values, replaced = pixels.read(given, role.kind), 0
        if given.pixels.dtype.kind == "f":
            values, replaced = pixels.clean(values)
    if replaced:
        context.warn(
            f"{replaced} pixels of '{role.role}' held values that are not numbers; they were "
            "taken as black or white."
        )
    return values


def _read_strokes(role: Input, given: Picture, context: Context) -> Strokes:
    strokes, left_out = pixels.read_strokes(given)
    let_go(given)
    if left_out:
        context.warn(
            f"{left_out} painted pixels of '{role.role}' held values that are not numbers; they "
            "were left out."
        )
    return strokes


class _Frame:
    """Lays results over the base: what must not change keeps its bytes."""

    def __init__(self, base: Picture, region: Mask | None, outside: Placement) -> None:
        self.base = base
        self.region = region
        self.outside = outside

    def place(self, output: Output, result: Any) -> Any:
        """Return an operation's result as it leaves the engine."""
        if output.kind == "data":
            return result
        if output.kind == "layers":
            return [(title, self._picture(image, "rgba")) for title, image in result]
        return self._picture(result, output.kind)

    def _picture(self, image: Image, kind: PixelKind) -> Picture:
        if kind == "mask" or image.shape[:2] != self.base.size:
            return pixels.write(image, self.base, kind=kind)
        layout = pixels.layout_for(kind, self.base.layout)
        if self.outside == "transparent":
            layout = ALPHA_LAYOUTS.get(layout, layout)
        picture = pixels.write(image, self.base, kind=kind, layout=layout)
        return composite(picture, self.base, self.region, self.outside)
