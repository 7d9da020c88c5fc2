"""Automatic color: what a network finds likely, at once, with nothing to paint."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

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
    Preview,
    Range,
    Result,
    Seed,
    Titles,
)
from tinct.operations import _networks as shared
from tinct.operations._references import read_target

if TYPE_CHECKING:
    from tinct.models.colorizer import Prediction

__all__ = ["OPERATION", "auto_colorize"]

ALTERNATIVES = 3


def auto_colorize(
    image: Image,
    region: Mask | None = None,
    *,
    saturation: Annotated[
        float,
        Range(0.0, 2.0, 0.01),
        Label("Saturation", "0 is gray, 1 as found, more is livelier."),
    ] = 1.0,
    seed: Annotated[
        int, Seed(), Label("Variation", "0 is the likeliest; others show what else is possible.")
    ] = 0,
    alternatives: Annotated[
        bool, Label("Alternatives", "Add three layers with other variations.")
    ] = False,
    model: Annotated[
        shared.Model,
        Titles(*shared.MODEL_TITLES),
        Label("Network", "tinct's own needs no download; others: tinct models fetch ID."),
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
    follow_edges: Annotated[
        bool,
        Label("Follow edges", "Brightness tells where colors end; off, they cross edges smoothly."),
        Advanced(),
    ] = True,
    context: Context = Context(),
) -> Result:
    """Color a gray photograph with what a network finds likely.

    Parameters
    ----------
    image
        Shape (M, N, 4), sRGB-encoded; only its luma is looked at, and kept.
    region
        Applied by `tinct.run`; the network sees the whole picture.
    saturation
        Factor to the chroma.
    seed
        0 for the likeliest colors; another number draws others from the network's distribution.
    alternatives
        Return three more variations as layers.
    model, file
        See `tinct.models.choosing.choose_network`.
    temperature
        Of the annealed mean; for networks that give a distribution.
    follow_edges
        Enlarge chroma with the picture's luma as guide; bilinearly, as most networks were
        published, when not.
    context
        The run's surroundings; a cancel stops the network in the middle.

    Returns
    -------
    dict
        ``colors``, shape (M, N, 4), and ``alternatives`` when asked for.

    Raises
    ------
    ModelMissingError, NetworkError, ParameterError, FileError
        See `choose_network`.

    References
    ----------
    R. Zhang, P. Isola, A. Efros, Colorful image colorization, 2016.
    DOI 10.1007/978-3-319-46487-9_40
    """
    network = shared.choose(model, file, context)
    context.progress(0.1, "Looking at the picture")
    target = read_target(image, None)
    shared.warn_of_colors(image, target, context)
    variations = _Variations(shared.Asked(network, target, context), temperature, context)
    if (seed or alternatives) and not variations.possible:
        context.warn(f"The network {network.manifest.id} has one answer only; it gave that.")
    numbers = [seed]
    if alternatives and variations.possible and context.quality == "final":
        numbers += range(seed + 1, seed + 1 + ALTERNATIVES)
    made = []
    for place, number in enumerate(numbers):
        progress = context.within(
            0.15 + 0.8 * place / len(numbers), 0.15 + 0.8 * (place + 1) / len(numbers)
        )
        progress(0.0, "Asking the network")
        chroma = shared.chroma_iq(variations.get(number), saturation)
        guided = follow_edges and shared.is_guided(network)
        made.append(shared.paint(image, target, chroma, progress, guided=guided))
    layers = [(f"Variation {number}", layer) for number, layer in zip(numbers, made, strict=True)][
        1:
    ]
    return {"colors": made[0]} | ({"alternatives": layers} if layers else {})


class _Variations:
    """The colorings of one picture by number; 0 is the likeliest."""

    def __init__(self, asked: shared.Asked, temperature: float, context: Context) -> None:
        self._asked, self._temperature, self._context = asked, temperature, context
        self.possible = asked.native

    def get(self, number: int) -> Prediction:
        """Return a coloring."""
        varied = self.possible and number > 0
        likeliest = self._asked.answer(self._temperature, logits=varied)
        if not varied:
            return likeliest
        from tinct.models.variation import vary

        return vary(
            self._asked.network,
            self._asked.lightness,
            likeliest,
            self._temperature,
            number,
            context=self._context,
        )


OPERATION = Operation.of(
    auto_colorize,
    id="auto-colorize",
    title="Automatic color",
    menu="Colorize",
    action="Colorize",
    inputs=[
        Input("image", "rgba", "Image", "The photograph to color.", source="active-layer"),
        Input("region", "mask", "Region", source="selection", optional=True),
    ],
    outputs=[
        Output("colors", "rgba", "Color (automatic)", blend="color"),
        Output("alternatives", "layers", "Variations", optional=True),
    ],
    preview=Preview(live=True),
    models=["tinct"],
)
