"""Recolor a picture by its palette, and take it apart into one layer per color."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray

from tinct.declare import (
    Advanced,
    Color,
    Context,
    EnabledWhen,
    FilePattern,
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

__all__ = ["OPERATION", "palette_recolor"]

Array = NDArray[Any]
DEFAULT_MEANS = 5
Snap = Literal["off", "auto", "i", "V", "L", "I", "T", "Y", "X"]


def palette_recolor(
    image: Image,
    region: Mask | None = None,
    *,
    method: Annotated[
        Literal["mixtures", "clusters"],
        Label(
            "Palette of",
            "Paints that mix to every color of the picture, or its most common colors.",
        ),
        Titles("Mixtures (convex hull)", "Clusters (k-means)"),
    ] = "mixtures",
    count: Annotated[
        int, Range(0, 16), Label("Colors", "How many; 0 takes as many as are needed.")
    ] = 0,
    edited: Annotated[
        Palette,
        Label("New colors", "What the palette's colors become, from the darkest on; see Palette."),
    ] = (),
    file: Annotated[
        Path | None,
        FilePattern("*.gpl", "*.kpl", "*.ase", "*.aco"),
        Label("Colors from a file", "Each color takes the nearest of this palette."),
    ] = None,
    snap: Annotated[
        Snap,
        Label("Snap to harmony", "Pull the hues of the palette into a harmonic template."),
        Titles("Off", "Automatic", "i", "V", "L", "I", "T", "Y", "X"),
    ] = "off",
    strength: Annotated[
        float, Range(0.0, 1.0, 0.01), Label("Strength", "How far colors go to the new ones.")
    ] = 1.0,
    layers: Annotated[
        bool,
        Label("Layers", "Add one layer per color, which together are the picture."),
        EnabledWhen("method", "mixtures"),
    ] = False,
    original: Annotated[
        Palette,
        Label(
            "Palette", "The picture's palette, in the order of the new colors; else it is found."
        ),
        Advanced(),
    ] = (),
    save_to: Annotated[
        Path | None,
        FilePattern("*.gpl", "*.kpl", "*.ase", "*.aco", save=True),
        Label("Save the palette to", "Write the new colors into this file."),
        Advanced(),
    ] = None,
    context: Context = Context(),
) -> Result:
    """Recolor a picture by its palette.

    Parameters
    ----------
    image
        Shape (M, N, 4), sRGB-encoded.
    region
        Shape (M, N); the palette is that of the pixels inside.
    method
        ``"mixtures"`` keeps every color a mixture of the palette's (Tan et al. 2018);
        ``"clusters"`` moves colors by smooth weights (Chang et al. 2015).
    count
        Colors of the palette, as far as the picture has so many; as many as `edited` has when it
        is 0 and that is given.
    edited, file
        The new colors, or where they come from; without both the palette stays.
    snap
        Template the new colors are pulled into.
    strength
        Part of the way from the palette to the new colors.
    layers
        Return ``layers`` from bottom to top; drawn over each other in normal mode they are
        ``colors``.
    original
        The palette itself, when an editor knows it already.
    save_to
        Written when given.
    context
        The run's surroundings.

    Returns
    -------
    dict
        ``colors``, like `image`; ``palette``, see `tinct.palettes`; and ``layers``.

    Raises
    ------
    InputError
        When nothing is visible or selected, or a file is malformed.
    ParameterError
        When there are not as many new colors as the palette has.
    """
    from tinct.algorithms.distinct import distinct_colors
    from tinct.algorithms.hull_palette import mixing_weights
    from tinct.palettes import describe_palette

    context.progress(0.0, "Counting colors")
    _refuse_empty(image, region)
    bounded = image
    if image[..., :3].min() < 0 or image[..., :3].max() > 1:
        bounded = np.clip(image, 0, 1)
    distinct = distinct_colors(bounded, region)
    context.progress(0.15, "Finding the palette")
    known = np.array(original, np.float64).reshape(-1, 3)
    found = known if len(known) else _extract(method, distinct, count or len(edited), context)
    weights = _weights(method, distinct.colors, found)
    shares = distinct.counts @ weights
    target = _target(found, edited, file)
    if snap != "off":
        from tinct.palettes import snap_to_harmony

        target = snap_to_harmony(target, shares, snap)
    if save_to is not None:
        _save(save_to, target)
    target = found + strength * (target - found)
    context.progress(0.5, "Recoloring")
    if method == "mixtures":
        change = mixing_weights(distinct.colors, found) @ (target - found)
    else:
        from tinct.algorithms.mean_palette import recolor

        moved = recolor(distinct.colors, found, target, context.within(0.5, 0.8))
        change = moved - distinct.colors
    context.progress(0.8, "Painting")
    colors = image.copy()
    if change.any():
        colors[..., :3] = np.clip(bounded[..., :3] + distinct.spread(change), 0, 1)
        unchanged = (distinct.index < 0) | ~distinct.spread((change != 0).any(axis=1)).astype(bool)
        colors[unchanged] = image[unchanged]
    results: dict[str, Any] = {
        "colors": colors,
        "palette": describe_palette(found, target, shares),
    }
    if layers and method == "mixtures":
        context.progress(0.9, "Taking layers apart")
        results["layers"] = _layers(distinct, weights, target, image[..., 3])
    return results


def _refuse_empty(image: Image, region: Mask | None) -> None:
    if region is not None and not (region > 0).any():
        raise InputError("The selection is empty; select what to recolor, or select nothing.")
    shown = image[..., 3] > 0
    if not shown.any():
        raise InputError("The picture is fully transparent; choose a layer with colors.")
    if region is not None and not (shown & (region > 0)).any():
        raise InputError("The selection is fully transparent; select what is visible.")


def _extract(method: str, distinct: Any, size: int, context: Context) -> Array:
    from tinct.algorithms.hull_palette import hull_palette
    from tinct.algorithms.mean_palette import mean_palette

    counted = distinct.counts > 0
    colors, counts = distinct.colors[counted], distinct.counts[counted]
    if method == "mixtures":
        return hull_palette(colors, counts, size, context.within(0.15, 0.4))
    return mean_palette(colors, counts, size or DEFAULT_MEANS)


def _weights(method: str, colors: Array, palette: Array) -> Array:
    from tinct import color
    from tinct.algorithms.hull_palette import mixing_weights

    if method == "mixtures":
        return mixing_weights(colors, palette)
    # each color belongs to the nearest one of the palette
    squares = ((color.srgb_to_lab(colors)[:, np.newaxis] - color.srgb_to_lab(palette)) ** 2).sum(
        axis=2
    )
    return np.asarray(np.eye(len(palette))[squares.argmin(axis=1)])


def _target(found: Array, edited: Palette, file: Path | None) -> Array:
    """Return the new colors, one for each of the palette."""
    if edited:
        if len(edited) != len(found):
            raise ParameterError(
                f"There are {len(edited)} new colors, but the palette has {len(found)}; give one "
                "for each, in its order.",
                parameter="edited",
                value=len(edited),
                allowed=f"{len(found)} colors",
            )
        return np.array(edited, np.float64)
    if file is None:
        return found.copy()
    from tinct.palettefile import read_palette
    from tinct.palettes import match_palette

    return match_palette(found, np.array(read_palette(file).colors))


def _save(path: Path, palette: Array) -> None:
    from tinct.palettefile import PaletteFile, Swatch, write_palette

    swatches = tuple(Swatch(Color(*row)) for row in np.clip(palette, 0, 1).tolist())
    write_palette(path, PaletteFile(path.stem, swatches))


def _layers(distinct: Any, weights: Array, palette: Array, alpha: Array) -> list[tuple[str, Image]]:
    """Return flat colors from bottom to top whose stack is the mixture.

    A layer shows through those above it, so its alpha is its share of what they leave.
    """
    shares = distinct.spread(weights)
    above = np.zeros(alpha.shape, np.float32)
    stack = []
    for k in range(len(palette) - 1, -1, -1):
        left = 1 - alpha * above
        layer = np.empty((*alpha.shape, 4), np.float32)
        layer[..., :3] = np.clip(palette[k], 0, 1)
        opacity = alpha * shares[..., k] / np.maximum(left, 1e-6)
        if k == 0:
            # what rounding left over shows nothing but the ground
            opacity = np.where(alpha >= 1, 1, opacity)
        layer[..., 3] = np.clip(opacity, 0, 1)
        stack.append((Color(*np.clip(palette[k], 0, 1).tolist()).to_hex(), layer))
        above += shares[..., k]
    return stack[::-1]


OPERATION = Operation.of(
    palette_recolor,
    id="palette-recolor",
    title="Recolor by palette",
    menu="Recolor",
    action="Recolor",
    inputs=[
        Input("image", "rgba", "Image", source="active-layer"),
        Input("region", "mask", "Region", source="selection", optional=True),
    ],
    outputs=[
        Output("colors", "rgba", "Recolored"),
        Output("palette", "data", "Palette"),
        Output("layers", "layers", "Palette layers", optional=True),
    ],
    preview=Preview(live=True),
)
