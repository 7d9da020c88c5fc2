"""Show gray levels as colors: slices, transforms, perceptual maps, palettes and gradients."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np

from tinct import color
from tinct.declare import (
    Advanced,
    Angle,
    Context,
    EnabledWhen,
    FilePattern,
    FloatArray,
    Image,
    Input,
    Label,
    Mask,
    Operation,
    Output,
    Palette,
    Preview,
    Range,
    Result,
    Titles,
)
from tinct.errors import InputError, ParameterError

__all__ = ["OPERATION", "pseudo_color"]

GRADIENT_SAMPLES = 4096
Map = Literal[
    "aurora", "ember", "ocean", "diverging", "cubehelix", "ramp", "sines", "palette", "file"
]


def pseudo_color(
    image: Image,
    region: Mask | None = None,
    *,
    map: Annotated[  # noqa: A002 - the word users know
        Map,
        Label("Map", "The colors that gray levels take."),
        Titles(
            "Aurora (violet to yellow)",
            "Ember (black to white through red)",
            "Ocean (blue)",
            "Diverging (blue to red)",
            "Cubehelix",
            "Ramp (blue to red, lightness uneven)",
            "Sines",
            "Palette",
            "Palette or gradient file",
        ),
    ] = "aurora",
    palette: Annotated[
        Palette,
        Label("Palette", "Colors from dark to light."),
        EnabledWhen("map", "palette"),
    ] = (),
    file: Annotated[
        Path | None,
        FilePattern("*.gpl", "*.kpl", "*.ase", "*.aco", "*.ggr"),
        Label("File", "A palette or a GIMP gradient."),
        EnabledWhen("map", "file"),
    ] = None,
    slices: Annotated[
        int, Range(0, 256), Label("Slices", "Number of flat steps; 0 colors smoothly.")
    ] = 0,
    spacing: Annotated[
        Literal["equal-width", "equal-count", "otsu"],
        Label("Spacing", "Where slices begin: even levels, even numbers of pixels, or classes."),
        Titles("Equal width", "Equal count", "Otsu's classes"),
    ] = "equal-width",
    low: Annotated[
        float, Range(0.0, 1.0, 0.01), Label("Low", "Gray level that takes the first color.")
    ] = 0.0,
    high: Annotated[
        float, Range(0.0, 1.0, 0.01), Label("High", "Gray level that takes the last color.")
    ] = 1.0,
    strength: Annotated[
        float, Range(0.0, 1.0, 0.01), Label("Strength", "How much of the map shows.")
    ] = 1.0,
    legend: Annotated[
        bool, Label("Legend", "Add a layer with a bar of the colors and their levels.")
    ] = False,
    frequency: Annotated[
        float,
        Range(0.05, 10.0, 0.05),
        Label("Frequency", "Periods of the sines."),
        EnabledWhen("map", "sines"),
        Advanced(),
    ] = 0.5,
    red_phase: Annotated[
        float, Angle(), Label("Red's phase", "Degrees."), EnabledWhen("map", "sines"), Advanced()
    ] = 0.0,
    green_phase: Annotated[
        float, Angle(), Label("Green's phase", "Degrees."), EnabledWhen("map", "sines"), Advanced()
    ] = 60.0,
    blue_phase: Annotated[
        float, Angle(), Label("Blue's phase", "Degrees."), EnabledWhen("map", "sines"), Advanced()
    ] = 120.0,
    context: Context = Context(),
) -> Result:
    """Show gray levels as colors.

    Parameters
    ----------
    image
        Shape (M, N, 4), sRGB-encoded; its luma is the gray level.
    region
        Shape (M, N). Equal counts and Otsu's classes are those inside.
    map, palette, file
        The colors. Palettes are spread evenly and mixed in CIELAB; a gradient's alpha counts.
    slices, spacing
        Flat steps and where they begin. As many slices as a palette has colors show just these.
    low, high
        The levels that take the ends; exchanged, they turn the map round.
    strength
        Part of the map that shows.
    legend
        Whether to return ``legend``.
    frequency, red_phase, green_phase, blue_phase
        The sines, phases in degrees.
    context
        The run's surroundings.

    Returns
    -------
    dict
        ``colors``, like `image`, and ``legend``, a transparent picture of the same size with a
        bar in its right lower corner.

    Raises
    ------
    ParameterError
        When palette or file are missing.
    InputError
        When the file is malformed, or nothing is selected.
    """
    from tinct.algorithms.colormaps import lookup_table, slice_thresholds

    context.progress(0.0, "Making colors")
    mapped = _mapped(
        map,
        palette,
        file,
        lambda levels: _sines(levels, frequency, red_phase, green_phase, blue_phase),
    )
    visible = image[..., 3] > 0
    if region is not None:
        if not (region > 0).any():
            raise InputError("The selection is empty; select what to color, or select nothing.")
        visible = visible & (region > 0)
    gray = np.clip(color.luma(image[..., :3]), 0.0, 1.0)
    thresholds = None
    if slices:
        counted = gray[visible].astype(np.float64)
        counted = np.clip((counted - low) / ((high - low) or 1.0), 0.0, 1.0)
        thresholds = slice_thresholds(counted, slices, spacing)
    table = lookup_table(mapped, thresholds, low=low, high=high)
    context.progress(0.4, "Coloring")
    colors = _apply(image, gray, table, strength)
    results: dict[str, Any] = {"colors": colors}
    if legend:
        context.progress(0.9, "Drawing the legend")
        results["legend"] = _draw_legend(table, image.shape[0], image.shape[1])
    return results


def _sines(levels: FloatArray, frequency: float, *phases: float) -> FloatArray:
    from tinct.algorithms.colormaps import sines

    return sines(levels, frequency, phases)


def _mapped(
    name: Map,
    palette: Palette,
    file: Path | None,
    waves: Callable[[FloatArray], FloatArray],
) -> Callable[[FloatArray], FloatArray]:
    """Return the function from levels to colors, (..., 3) or, with alpha, (..., 4)."""
    from tinct.algorithms.colormaps import cubehelix, perceptual_map, ramp, through_colors

    if name == "sines":
        return waves
    if name == "cubehelix":
        return cubehelix
    if name == "ramp":
        return ramp
    if name == "palette":
        if not palette:
            raise ParameterError(
                "The palette is empty; give it colors, or choose another map.",
                parameter="palette",
                allowed="at least one color",
            )
        return lambda levels: through_colors(levels, np.array(palette))
    if name == "file":
        return _from_file(file)
    return lambda levels: perceptual_map(name, levels)


def _from_file(file: Path | None) -> Callable[[FloatArray], FloatArray]:
    from tinct.algorithms.colormaps import through_colors
    from tinct.gradientfile import read_gradient
    from tinct.palettefile import read_palette

    if file is None:
        raise ParameterError(
            "No file is chosen; choose a palette or a gradient, or another map.",
            parameter="file",
            allowed=".gpl, .kpl, .ase, .aco or .ggr",
        )
    if file.suffix.lower() == ".ggr":
        samples = read_gradient(file).sample(GRADIENT_SAMPLES)
        places = np.linspace(0.0, 1.0, GRADIENT_SAMPLES)
        return lambda levels: np.stack(
            [np.interp(levels, places, samples[:, part]) for part in range(4)], axis=-1
        )
    colors = np.array(read_palette(file).colors)
    return lambda levels: through_colors(levels, colors)


def _apply(image: Image, gray: FloatArray, table: FloatArray, strength: float) -> Image:
    """Look every pixel up; what is fully transparent keeps its bits."""
    entries = np.rint(gray * (len(table) - 1)).astype(np.uint16)
    looked_up = table[entries]
    colors = image.copy()
    share = np.where(image[..., 3:] > 0, np.float32(strength), np.float32(0))
    colors[..., :3] += share * (looked_up[..., :3] - image[..., :3])
    if looked_up.shape[2] == 4:
        colors[..., 3:] *= 1 + share * (looked_up[..., 3:] - 1)
    return colors


def _draw_legend(table: FloatArray, rows: int, columns: int) -> Image:
    """Return a bar with the levels 0 to 255 beside it, dark below, on a transparent ground."""
    from PIL import Image as Pillow
    from PIL import ImageDraw

    picture = Pillow.new("RGBA", (columns, rows))
    draw = ImageDraw.Draw(picture)
    size = max(8, min(rows, columns) // 40)
    height, width = max(1, rows * 3 // 5), max(1, min(columns // 2, size * 2))
    margin = size if min(rows, columns) > 6 * size else 0
    left, top = columns - margin - width, rows - margin - height
    if margin:
        room = round(2.2 * size)
        left -= room
        draw.rectangle(
            (left - size // 2, top - size, columns - size // 2, rows - size // 2),
            fill=(255, 255, 255, 230),
        )
        font = _font(size)
        for share in (0.0, 0.25, 0.5, 0.75, 1.0):
            row = top + (height - 1) * (1 - share)
            draw.line((left + width, row, left + width + size // 3, row), fill="black")
            draw.text(
                (left + width + size // 2, row),
                str(round(share * 0xFF)),
                fill="black",
                font=font,
                anchor="lm",
            )
    legend = np.asarray(picture, np.float32) / np.float32(0xFF)
    levels = np.linspace(len(table) - 1, 0, height).astype(np.intp)
    bar = table[levels][:, np.newaxis]
    legend[top : top + height, left : left + width, :3] = bar[..., :3]
    legend[top : top + height, left : left + width, 3] = 1
    return legend


def _font(size: int) -> Any:
    from PIL import ImageFont

    return ImageFont.load_default(size)


OPERATION = Operation.of(
    pseudo_color,
    id="pseudo-color",
    title="Color gray levels",
    menu="Recolor",
    action="Color",
    inputs=[
        Input("image", "rgba", "Image", source="active-layer"),
        Input("region", "mask", "Region", source="selection", optional=True),
    ],
    outputs=[
        Output("colors", "rgba", "Pseudo-color"),
        Output("legend", "rgba", "Legend", optional=True),
    ],
    preview=Preview(live=True),
)
