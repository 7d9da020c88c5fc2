"""Make of a picture what a network makes of it: published styles, or a file of the user's own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import numpy as np

from tinct.declare import (
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
    Range,
    Result,
    Titles,
)

__all__ = ["OPERATION", "network_filter"]

Model = Literal["pencil", "candy", "mosaic", "rain-princess", "udnie", "file"]

PREVIEW_PIXELS = 200_000


def network_filter(
    image: Image,
    region: Mask | None = None,
    *,
    model: Annotated[
        Model,
        Titles("Pencil drawing", "Candy", "Mosaic", "Rain princess", "Udnie", "A file of yours"),
        Label("Network", "All but the first are fetched once: tinct models fetch ID."),
    ] = "pencil",
    file: Annotated[
        Path | None,
        FilePattern("*.onnx", "*.toml"),
        EnabledWhen("model", "file"),
        Label("File", "A network known to tinct models, or with its manifest beside it."),
    ] = None,
    strength: Annotated[
        float, Range(0.0, 1.0, 0.01), Label("Strength", "0 changes nothing, 1 is all of it.")
    ] = 1.0,
    context: Context = Context(),
) -> Result:
    """Make of a picture what an image network makes of it.

    Parameters
    ----------
    image
        Shape (M, N, 4), sRGB-encoded. A picture larger than the network's limit is reduced, and
        the result enlarged.
    region
        Applied by `tinct.run`; shape (M, N).
    model
        The id of a network of the task ``filter``, or ``"file"``.
    file
        See `tinct.models.choosing.choose_network`.
    strength
        The share of the network's picture in the result.
    context
        The run's surroundings; a cancel stops the network in the middle.

    Returns
    -------
    dict
        ``picture``, shape (M, N, 4), alpha as it was.

    Raises
    ------
    ModelMissingError
        When the network is not installed.
    NetworkError, ParameterError, FileError
        See `choose_network` and `filter_picture`.
    """
    from tinct.models.choosing import choose_network
    from tinct.models.pipeline import filter_picture

    context.progress(0.0, "Loading the network")
    network = choose_network(model, file, "filter")
    context.progress(0.1, "Running the network")
    seen = image[..., 3:] > 0
    rgb = np.clip(image[..., :3], 0.0, 1.0)
    if not seen.all():
        mean = rgb[seen[..., 0]].mean(axis=0) if seen.any() else np.float32(1.0)
        rgb = np.where(seen, rgb, mean).astype(np.float32)
    limit = network.manifest.size.pixels_maximum or rgb[..., 0].size
    limit = min(limit, PREVIEW_PIXELS) if context.quality == "preview" else limit
    small = _reduced(rgb, limit)
    if small.shape != rgb.shape and context.quality == "final":
        context.warn(
            f"The network ran at {small.shape[1]} x {small.shape[0]} pixels, as it would need too "
            "much memory for more; the result was enlarged."
        )
    drawn = _resized(filter_picture(network, small, context=context), rgb.shape)
    context.progress(0.95, "Mixing")
    picture = image.copy()
    picture[..., :3] += np.float32(strength) * (drawn - image[..., :3])
    return {"picture": np.where(seen, picture, image)}


def _reduced(rgb: FloatArray, limit: int) -> FloatArray:
    rows, columns = rgb.shape[:2]
    if rows * columns <= limit:
        return rgb
    scale = (limit / (rows * columns)) ** 0.5
    return _resized(rgb, (max(1, int(rows * scale)), max(1, int(columns * scale))))


def _resized(rgb: FloatArray, shape: tuple[int, ...]) -> FloatArray:
    from tinct.models.resample import resample

    found = resample(rgb, (shape[0], shape[1]), "bicubic-antialiased")
    return np.asarray(np.clip(found, 0.0, 1.0))


OPERATION = Operation.of(
    network_filter,
    id="network-filter",
    title="Image network",
    menu="Transfer",
    action="Make",
    inputs=[
        Input("image", "rgba", "Image", "What to make something of.", source="active-layer"),
        Input("region", "mask", "Region", source="selection", optional=True),
    ],
    outputs=[Output("picture", "rgba", "Network")],
    models=["pencil"],
)
