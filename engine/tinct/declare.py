"""One declaration per method: an ordinary typed function and the `Operation` that describes it.

Positional arguments are pictures by role, keyword-only arguments are parameters, and one called
``context`` receives the run's `Context`. Forms in both editors, the command line, the wire and the
documentation are built from `Operation.to_info`.
"""

from __future__ import annotations

import dataclasses
import inspect
import re
import typing
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tinct.context import Context, Progress, Quality, no_progress
from tinct.errors import ParameterError
from tinct.markers import (
    Advanced,
    Angle,
    Box,
    Boxes,
    BoxPair,
    Color,
    EnabledWhen,
    FilePattern,
    Label,
    Palette,
    Range,
    Seed,
    Titles,
)
from tinct.parameters import Parameter

__all__ = [
    "Advanced",
    "Angle",
    "Box",
    "BoxPair",
    "Boxes",
    "Color",
    "Context",
    "EnabledWhen",
    "FilePattern",
    "FloatArray",
    "Image",
    "Input",
    "Label",
    "Mask",
    "Operation",
    "Output",
    "Palette",
    "Parameter",
    "Preview",
    "Progress",
    "Quality",
    "Range",
    "Result",
    "Seed",
    "Strokes",
    "Titles",
    "no_progress",
]

FloatArray = NDArray[np.float32]
Image = FloatArray
"""Shape (M, N, C), sRGB-encoded, 0 to 1; C as the input's kind says (rgba 4, rgb 3, gray 1)."""
Mask = FloatArray
"""Shape (M, N), 0 to 1."""

Result = Mapping[str, Any]
"""By output role: an `Image`, a list of (title, `Image`), or JSON data."""


class Strokes(NamedTuple):
    """Painted pixels: a layer of strokes without the nothing between them.

    Attributes
    ----------
    mask
        Shape (M, N), bool: where alpha is at least one half. A brush's softer edge mixes its color
        with the paper's and does not count.
    colors
        Shape (K, 3), sRGB-encoded, 0 to 1: the K painted pixels, row by row.
    """

    mask: NDArray[np.bool_]
    colors: FloatArray


PixelKind = Literal["gray", "rgb", "rgba", "mask"]
InputKind = Literal["gray", "rgb", "rgba", "mask", "strokes"]
Source = Literal["active-layer", "layer-above", "layer", "selection", "picture"]
Menu = Literal["Colorize", "Transfer", "Recolor", "Restore", "Test"]


@dataclasses.dataclass(frozen=True)
class Input:
    """A picture an operation takes.

    Parameters
    ----------
    role
        The function's argument.
    kind
        What the function receives: ``rgba`` (M, N, 4), ``rgb`` (M, N, 3), ``gray`` (M, N, 1), all
        sRGB-encoded 0 to 1, ``mask`` (M, N), or `Strokes`.
    source
        Where an editor looks first: the active layer (the base, always the first input), the layer
        above it, any layer, the selection, or any picture (layer, open image or file).
    title, help
        For forms.
    optional
        The function gets None when it is not given, or an empty tuple.
    many
        The function gets a tuple of pictures.
    same_size
        Must match the base in rows and columns. References need not.
    by_rows
        The function may get `rows.Rows`, which reads a few rows at a time, instead of an array.
    """

    role: str
    kind: InputKind
    title: str
    help: str = ""
    source: Source = "layer"
    optional: bool = False
    many: bool = False
    same_size: bool = True
    by_rows: bool = False

    def to_info(self) -> dict[str, Any]:
        """Return the input in JSON's types."""
        info = dataclasses.asdict(self)
        info["description"] = info.pop("help")
        info["sameSize"] = info.pop("same_size")
        del info["by_rows"]  # between the engine and the function
        return info


@dataclasses.dataclass(frozen=True)
class Output:
    """Something an operation returns.

    Parameters
    ----------
    role
        The key in the returned mapping.
    kind
        ``rgba``, ``rgb``, ``gray`` or ``mask``; ``layers`` for a list of (title, rgba picture);
        ``data`` for JSON data that a form draws.
    title
        The new layer's name.
    blend
        ``normal``, or ``color`` when the picture has the base's luminance, so that an editor may
        offer it in its color blend mode.
    optional
        May be absent from the returned mapping.
    """

    role: str
    kind: Literal["gray", "rgb", "rgba", "mask", "layers", "data"]
    title: str
    blend: Literal["normal", "color"] = "normal"
    optional: bool = False

    def to_info(self) -> dict[str, Any]:
        """Return the output in JSON's types."""
        return dataclasses.asdict(self)


@dataclasses.dataclass(frozen=True)
class Preview:
    """How an editor previews: the longest side it sends, in pixels, and whether while painting."""

    max_side: int = 1536
    live: bool = False


@dataclasses.dataclass(frozen=True)
class Operation:
    """A method of the catalog. Make one with `Operation.of`."""

    function: Callable[..., Result]
    id: str
    title: str
    menu: Menu
    action: str
    summary: str
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    parameters: tuple[Parameter, ...]
    preview: Preview
    models: tuple[str, ...]
    listed: bool = True
    prepares: bool = False

    @classmethod
    def of(
        cls,
        function: Callable[..., Result],
        *,
        id: str,  # noqa: A002 - the word users type
        title: str,
        menu: Menu,
        action: str,
        inputs: Sequence[Input],
        outputs: Sequence[Output],
        preview: Preview | None = None,
        models: Sequence[str] = (),
        listed: bool = True,
        prepares: bool = False,
    ) -> Operation:
        """Read a function's signature and check it against what is declared.

        Parameters
        ----------
        function
            Its first docstring line is the operation's summary.
        id
            Lower-case words joined by hyphens; the file's name with underscores.
        title
            A verb phrase for menus, such as "Color from strokes".
        menu
            The group it is listed in.
        action
            The word on the button that runs it, such as "Colorize".
        inputs, outputs
            In order; the first input is the base.
        preview, models
            How editors preview; ids of the networks it needs.
        listed
            False keeps it out of menus and documentation (for tests of the spine).
        prepares
            Whether it can make things ready ahead: `context.quality` is ``"prepare"`` then, and
            it returns nothing.

        Raises
        ------
        TypeError
            When signature and declaration disagree, or a parameter has no kind.
        """
        if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", id):
            raise TypeError(f"{id!r} is not lower-case words joined by hyphens")
        summary = (inspect.getdoc(function) or "").split("\n", 1)[0]
        if not summary:
            raise TypeError(f"{id} has no docstring to take its summary from")
        _check_roles(id, function, inputs, outputs)
        return cls(
            function=function,
            id=id,
            title=title,
            menu=menu,
            action=action,
            summary=summary,
            inputs=tuple(inputs),
            outputs=tuple(outputs),
            parameters=_parameters_of(id, function),
            preview=preview or Preview(),
            models=tuple(models),
            listed=listed,
            prepares=prepares,
        )

    def to_info(self) -> dict[str, Any]:
        """Return the declaration in JSON's types: this is what travels to forms."""
        return {
            "id": self.id,
            "title": self.title,
            "menu": self.menu,
            "action": self.action,
            "summary": self.summary,
            "inputs": [role.to_info() for role in self.inputs],
            "outputs": [output.to_info() for output in self.outputs],
            "parameters": [parameter.to_info() for parameter in self.parameters],
            "preview": {"maxSide": self.preview.max_side, "live": self.preview.live},
            "models": list(self.models),
            "listed": self.listed,
            "prepares": self.prepares,
        }

    def parse_parameters(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Check values in JSON's types, fill in defaults, and return what the function takes.

        Raises
        ------
        ParameterError
            For an unknown name, a wrong kind or a value out of range.
        """
        known = {parameter.name: parameter for parameter in self.parameters}
        for name in values:
            if name not in known:
                allowed = ", ".join(known) or "none"
                raise ParameterError(
                    f"{self.id} has no parameter '{name}'; it has {allowed}.",
                    parameter=name,
                    allowed=allowed,
                )
        return {
            name: parameter.parse(values[name]) if name in values else parameter.default
            for name, parameter in known.items()
        }


def _check_roles(
    id_: str, function: Callable[..., Result], inputs: Sequence[Input], outputs: Sequence[Output]
) -> None:
    arguments = [
        argument
        for argument in inspect.signature(function).parameters.values()
        if argument.kind is not inspect.Parameter.KEYWORD_ONLY
    ]
    declared = [role.role for role in inputs]
    if [argument.name for argument in arguments] != declared or not declared:
        raise TypeError(
            f"{id_} takes {[argument.name for argument in arguments]} but declares {declared}"
        )
    for argument, role in zip(arguments, inputs, strict=True):
        if role.optional != (argument.default is not inspect.Parameter.empty):
            raise TypeError(f"{id_}: only an optional input has a default; see '{role.role}'")
    if inputs[0].optional or inputs[0].many or not inputs[0].same_size:
        raise TypeError(f"{id_}: the first input is the base, which is always one picture")
    if not outputs or len({output.role for output in outputs}) != len(outputs):
        raise TypeError(f"{id_} needs outputs with distinct roles")


def _parameters_of(id_: str, function: Callable[..., Result]) -> tuple[Parameter, ...]:
    hints = typing.get_type_hints(function, include_extras=True)
    parameters = []
    for argument in inspect.signature(function).parameters.values():
        if argument.kind is not inspect.Parameter.KEYWORD_ONLY or argument.name == "context":
            continue
        if argument.default is inspect.Parameter.empty:
            raise TypeError(f"{id_}: {argument.name} has no default")
        parameters.append(Parameter.of(argument.name, hints[argument.name], argument.default))
    _check_waiting(id_, {parameter.name: parameter for parameter in parameters})
    return tuple(parameters)


def _check_waiting(id_: str, parameters: Mapping[str, Parameter]) -> None:
    """Refuse parameters that are enabled by one that is not there, or in a circle."""
    for parameter in parameters.values():
        seen, waiting = [parameter.name], parameter.enabled_when
        while waiting is not None:
            if waiting.parameter not in parameters or waiting.parameter in seen:
                raise TypeError(f"{id_}: {parameter.name} waits for {waiting.parameter} in vain")
            seen.append(waiting.parameter)
            waiting = parameters[waiting.parameter].enabled_when
