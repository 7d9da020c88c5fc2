"""Color by hints: a network takes a few dots of color, a palette or a picture as its cue."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import numpy as np
from numpy.typing import NDArray

from tinct import color
from tinct.declare import (
    Advanced,
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
    Strokes,
    Titles,
)
from tinct.errors import ParameterError
from tinct.operations import _networks as shared
from tinct.operations._references import check_references, read_target

if TYPE_CHECKING:
    from tinct.algorithms.rasterizing import LocalHints
    from tinct.models.colorizer import GlobalHints
    from tinct.models.runtime import Network

__all__ = ["OPERATION", "hint_colorize", "local_hints"]

REFERENCE_SAMPLES = 20_000


def hint_colorize(
    image: Image,
    scribbles: Strokes,
    reference: Image | None = None,
    region: Mask | None = None,
    *,
    palette: Annotated[
        Palette, Label("Palette", "Colors the whole picture should have; a reference wins over it.")
    ] = (),
    saturation: Annotated[
        float,
        Range(0.0, 2.0, 0.01),
        Label("Saturation", "0 is gray, 1 as found, more is livelier."),
    ] = 1.0,
    model: Annotated[
        Literal["tinct", "siggraph17-hints", "file"],
        Titles("tinct", "Zhang 2017", "A file of yours"),
        Label("Network", "tinct's own needs no download; see tinct models for the others."),
        Advanced(),
    ] = "tinct",
    file: Annotated[
        Path | None,
        FilePattern("*.onnx", "*.toml"),
        EnabledWhen("model", "file"),
        Label("File", "A network known to tinct models, or with its manifest beside it."),
        Advanced(),
    ] = None,
    temperature: Annotated[
        float,
        Range(0.1, 1.0, 0.01),
        Label("Temperature", "Low takes the likeliest color, high the mean of all possible."),
        Advanced(),
    ] = 0.7,
    context: Context = Context(),
) -> Result:
    """Color a gray photograph by a network that follows dots of color.

    Parameters
    ----------
    image
        Shape (M, N, 4), sRGB-encoded; only its luma is looked at, and kept.
    scribbles
        The painted pixels of a layer of shape (M, N); only their chroma is used. It may be empty.
    reference
        Shape (M', N', 3): a picture whose colors, as a whole, this one should have.
    region
        Applied by `tinct.run`; the network sees the whole picture.
    palette
        The same, by a few colors of equal weight.
    saturation
        Factor to the chroma.
    model, file
        See `tinct.models.choosing.choose_network`.
    temperature
        Of the annealed mean; for networks that give a distribution.
    context
        The run's surroundings; a cancel stops the network in the middle.

    Returns
    -------
    dict
        ``colors``, shape (M, N, 4); and ``suggestions``, see `tinct.suggestions`, when the
        network gives a distribution.

    Raises
    ------
    ParameterError
        When the network takes no hints.
    InputError
        When the reference has no color.
    ModelMissingError, NetworkError, FileError
        See `choose_network`.

    References
    ----------
    R. Zhang et al., Real-time user-guided image colorization with learned deep priors, 2017.
    DOI 10.1145/3072959.3073703
    """
    network = shared.choose(model, file, context)
    context.progress(0.05, "Looking at the picture")
    target = read_target(image, None)
    asked = shared.Asked(network, target, context)
    _refuse_deaf(asked)
    overall = _overall(network, reference, palette, context) if asked.native else None
    if not asked.native and (reference is not None or palette):
        context.warn(f"The network {network.manifest.id} takes dots of color only.")
    local = local_hints(asked, scribbles.mask, scribbles.colors)
    context.progress(0.2, "Asking the network")
    answer = asked.answer(temperature, local, overall, logits=asked.native)
    guided = shared.is_guided(network)
    chroma = shared.chroma_iq(answer, saturation)
    results: dict[str, object] = {
        "colors": shared.paint(image, target, chroma, context.within(0.6, 0.95), guided=guided)
    }
    if asked.native:
        before = answer if local is None else asked.answer(temperature, None, overall, logits=True)
        from tinct.operations._suggesting import suggest

        results["suggestions"] = suggest(asked, answer, before, local)
    return results


def local_hints(asked: shared.Asked, mask: NDArray[np.bool_], colors: Image) -> LocalHints | None:
    """Return painted pixels on the network's grid, or None when there are none to be seen.

    Parameters
    ----------
    asked
        The picture before its network.
    mask
        Shape (M, N).
    colors
        Shape (K, 3), sRGB-encoded: of the K painted pixels, row by row.
    """
    from tinct.algorithms.rasterizing import rasterize

    seen = mask & asked.target.inside
    if not seen.any():
        return None
    chroma = color.srgb_to_lab(colors[asked.target.inside[mask]])[:, 1:]
    hints = rasterize(seen, chroma, asked.size)
    # A color that sRGB does not have at this lightness cannot be shown: the nearest of its hue is.
    lab = np.concatenate([asked.lightness[hints.mask][:, np.newaxis], hints.chroma[hints.mask]], 1)
    hints.chroma[hints.mask] = color.srgb_to_lab(color.fit_to_gamut(lab))[:, 1:]
    return hints


def _refuse_deaf(asked: shared.Asked) -> None:
    from tinct.models.pipeline import takes_hints

    if not takes_hints(asked.network.manifest):
        raise ParameterError(
            f"The network {asked.network.manifest.id} takes no hints; choose tinct, or use "
            "Automatic color with it.",
            parameter="model",
            allowed="a network that takes hints",
        )


def _overall(
    network: Network, reference: Image | None, palette: Palette, context: Context
) -> GlobalHints | None:
    """Return what a reference or a palette says of the picture's colors as a whole."""
    from tinct.algorithms.ab_bins import encode
    from tinct.models.colorizer import GlobalHints

    if reference is not None:
        pixels = check_references([reference], context)[0].reshape(-1, 3)
        colors = np.ascontiguousarray(pixels[:: max(1, len(pixels) // REFERENCE_SAMPLES)])
    elif palette:
        colors = np.array(palette, np.float32)
    else:
        return None
    ab = color.srgb_to_lab(colors)[:, 1:]
    distribution = network.manifest.distribution
    assert distribution is not None  # a native network lists its bins
    centers = np.array(distribution.centers)
    return GlobalHints(encode(ab, centers), float(np.linalg.norm(ab, axis=1).mean()))


OPERATION = Operation.of(
    hint_colorize,
    id="hint-colorize",
    title="Color by dots",
    menu="Colorize",
    action="Colorize",
    inputs=[
        Input("image", "rgba", "Image", "The photograph to color.", source="active-layer"),
        Input(
            "scribbles",
            "strokes",
            "Strokes",
            "Dots of color on what should have it; the network does the rest.",
            source="layer-above",
        ),
        Input(
            "reference",
            "rgb",
            "Reference",
            "A picture with the colors this one should have.",
            source="picture",
            optional=True,
            same_size=False,
        ),
        Input("region", "mask", "Region", source="selection", optional=True),
    ],
    outputs=[
        Output("colors", "rgba", "Color (dots)", blend="color"),
        Output("suggestions", "data", "Suggested colors", optional=True),
    ],
    preview=Preview(live=True),
    models=["tinct"],
)
