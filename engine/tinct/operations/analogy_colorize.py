"""Color a gray photograph by analogy: patches of a reference's brightness bring its color."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import numpy as np

from tinct import color
from tinct.declare import (
    Advanced,
    Context,
    FloatArray,
    Image,
    Input,
    Label,
    Mask,
    Operation,
    Output,
    Range,
    Result,
    Seed,
)
from tinct.operations import _references as shared

if TYPE_CHECKING:
    from tinct.algorithms.analogies import Source

__all__ = ["OPERATION", "analogy_colorize"]

WORK_PIXELS = {"final": 262_144, "preview": 40_000}
SOURCE_PIXELS = 400_000
SIDE_MINIMUM = 16
CHROMA_WEIGHT = 0.5
PULL = 1.0


def analogy_colorize(
    image: Image,
    references: tuple[Image, ...],
    region: Mask | None = None,
    *,
    coherence: Annotated[
        float,
        Range(0.0, 25.0, 0.1),
        Label("Coherence", "Higher copies larger patches in one piece."),
    ] = 2.0,
    smoothing: Annotated[
        float,
        Range(0.0, 1.0, 0.01),
        Label("Smoothing", "How much neighbors of similar brightness agree afterwards."),
    ] = 0.3,
    candidates: Annotated[
        int,
        Range(500, 50000),
        Advanced(),
        Label("Candidates", "How many pixels of the references each pixel is compared with."),
    ] = 6000,
    seed: Annotated[int, Seed(), Advanced(), Label("Seed", "Another one draws others.")] = 0,
    context: Context = Context(),
) -> Result:
    """Color a gray photograph like a color one, patch by patch from coarse to fine.

    Parameters
    ----------
    image
        Shape (M, N, 4), sRGB-encoded. Above 0.26 megapixels a smaller picture is matched and its
        colors spread over the whole.
    references
        Shapes (M', N', 3), sRGB-encoded.
    region
        Shape (M, N); the statistics of the picture are taken there.
    coherence, smoothing, candidates, seed
        See the labels.
    context
        The run's surroundings.

    Returns
    -------
    dict
        ``colors``, shape (M, N, 4), of the picture's luma.

    Raises
    ------
    InputError
        When a reference has no color or is too small.

    References
    ----------
    A. Hertzmann et al., Image analogies, 2001. DOI 10.1145/383259.383295
    """
    from tinct.algorithms.analogies import synthesize

    context.progress(0.0, "Reading")
    fit = shared.check_references(references, context)
    target = shared.read_target(image, region)
    if not target.inside.any():
        return {"colors": image.copy()}
    factor = shared.reduction(target.luma.shape, WORK_PIXELS[context.quality])
    small = shared.shrink_target(target, factor)
    found = synthesize(
        [_source(one, small, factor) for one in fit],
        small.luma[..., np.newaxis],
        coherence=coherence,
        rng=np.random.default_rng(seed),
        candidates=candidates,
        progress=context.within(0.05, 0.85),
    )
    chroma = found.values / np.float32(CHROMA_WEIGHT)
    if factor > 1 or smoothing > 0.0:
        pull = np.full(small.luma.shape, PULL * 10.0 ** (1.0 - 4.0 * smoothing), np.float32)
        pull[~small.inside] = 0.0
        chroma = shared.spread(target, chroma, pull, factor, context.within(0.85, 0.97))
    return {"colors": shared.finish(image, target, chroma)}


def _source(reference: FloatArray, small: shared.Target, factor: int) -> Source:
    """Return a reference's remapped luminance and its chroma, shrunk like the target."""
    from tinct.algorithms.analogies import Source
    from tinct.algorithms.welsh import mean_and_deviation, remap_luminance

    step = max(1, min(factor, min(reference.shape[:2]) // SIDE_MINIMUM))
    step = max(step, shared.reduction(reference.shape, SOURCE_PIXELS))
    rgb = shared.shrink(reference, step)
    luma = color.luma(rgb)
    onto = mean_and_deviation(small.luma[small.inside])
    remapped = remap_luminance(luma, mean_and_deviation(luma), onto)
    chroma = color.srgb_to_yiq(rgb)[..., 1:] * np.float32(CHROMA_WEIGHT)
    return Source(remapped.astype(np.float32)[..., np.newaxis], chroma)


OPERATION = Operation.of(
    analogy_colorize,
    id="analogy-colorize",
    title="Color by analogy",
    menu="Transfer",
    action="Colorize",
    inputs=[
        Input("image", "rgba", "Image", source="active-layer"),
        Input(
            "references",
            "rgb",
            "References",
            "Color pictures of something similar.",
            source="picture",
            many=True,
            same_size=False,
        ),
        Input("region", "mask", "Region", source="selection", optional=True),
    ],
    outputs=[Output("colors", "rgba", "Colors", blend="color")],
)
