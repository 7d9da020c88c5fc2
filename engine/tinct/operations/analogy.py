"""Make a picture by analogy: textures by numbers, and filters learned from one example."""

from __future__ import annotations

from typing import Annotated, Literal

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
    Titles,
)
from tinct.errors import InputError
from tinct.operations import _references as shared

__all__ = ["OPERATION", "analogy"]

Copied = Literal["colors", "brightness"]

WORK_PIXELS = {"final": 262_144, "preview": 30_000}
SIDE_MINIMUM = 5


def analogy(
    image: Image,
    unfiltered: Image,
    filtered: Image,
    region: Mask | None = None,
    *,
    copied: Annotated[
        Copied,
        Titles("Colors (texture by numbers)", "Brightness only (filter)"),
        Label("Copied", "Colors are compared and copied, or brightness is and color stays."),
    ] = "colors",
    coherence: Annotated[
        float,
        Range(0.0, 25.0, 0.1),
        Label("Coherence", "Textures 0.5 to 5, artistic filters 2 to 25."),
    ] = 5.0,
    candidates: Annotated[
        int,
        Range(500, 50000),
        Advanced(),
        Label("Candidates", "How many pixels of the example each pixel is compared with."),
    ] = 6000,
    seed: Annotated[int, Seed(), Advanced(), Label("Seed", "Another one draws others.")] = 0,
    context: Context = Context(),
) -> Result:
    """Make of a picture what was made of an example.

    Parameters
    ----------
    image
        Shape (M, N, 4), sRGB-encoded: B. Above 0.26 megapixels a smaller picture is matched and
        blocks of the full example are copied.
    unfiltered, filtered
        Shapes (M', N', 3): A and A', of one size.
    region
        Applied by `tinct.run`; shape (M, N).
    copied, coherence, candidates, seed
        See the labels.
    context
        The run's surroundings.

    Returns
    -------
    dict
        ``picture``, shape (M, N, 4).

    Raises
    ------
    InputError
        When the examples' sizes differ or they are smaller than 5 x 5.

    References
    ----------
    A. Hertzmann et al., Image analogies, 2001. DOI 10.1145/383259.383295
    """
    from tinct.algorithms.analogies import Source, synthesize

    context.progress(0.0, "Reading")
    _check_examples(unfiltered, filtered)
    factor = shared.reduction(image.shape, WORK_PIXELS[context.quality])
    factor = max(1, min(factor, min(unfiltered.shape[:2]) // SIDE_MINIMUM))
    rgb = np.clip(image[..., :3], 0.0, 1.0)
    after = filtered if copied == "colors" else color.luma(filtered)[..., np.newaxis]
    before, target = unfiltered, rgb
    if copied == "brightness":
        before, after, target = _remapped(unfiltered, after, rgb)
    missing = [(0, -size % factor) for size in image.shape[:2]]
    small = shared.shrink(np.pad(target, [*missing, (0, 0)], mode="edge"), factor)
    found = synthesize(
        [Source(shared.shrink(before, factor), shared.shrink(after, factor))],
        small,
        coherence=coherence,
        rng=np.random.default_rng(seed),
        candidates=candidates,
        progress=context.within(0.02, 0.96),
    )
    copy = _copied(after, found.sources, factor)[: image.shape[0], : image.shape[1]]
    picture = image.copy()
    if copied == "colors":
        picture[..., :3] = copy
    else:
        chroma = color.srgb_to_yiq(np.ascontiguousarray(rgb))[..., 1:]
        picture[..., :3] = color.fit_chroma_yiq(copy[..., 0].clip(0.0, 1.0), chroma)
    return {"picture": np.where(image[..., 3:] > 0, picture, image)}


def _check_examples(unfiltered: Image, filtered: Image) -> None:
    (rows, columns), other = unfiltered.shape[:2], filtered.shape[:2]
    if (rows, columns) != other:
        raise InputError(
            f"The example before is {columns} x {rows} pixels and after {other[1]} x {other[0]}; "
            "both must show the same at the same size."
        )
    if min(rows, columns) < SIDE_MINIMUM:
        raise InputError(
            f"The example is {columns} x {rows} pixels; it must be at least {SIDE_MINIMUM} x "
            f"{SIDE_MINIMUM}, so give a larger one."
        )


def _remapped(
    unfiltered: Image, after: FloatArray, rgb: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return A and A' with the brightness of B, and B, each (M, N, 1)."""
    from tinct.algorithms.welsh import mean_and_deviation, remap_luminance

    luma, before = color.luma(rgb), color.luma(unfiltered)
    own, onto = mean_and_deviation(before), mean_and_deviation(luma)
    return (
        remap_luminance(before, own, onto).astype(np.float32)[..., np.newaxis],
        remap_luminance(after, own, onto).astype(np.float32),
        luma[..., np.newaxis],
    )


def _copied(after: FloatArray, sources: np.ndarray, factor: int) -> FloatArray:
    """Return the picture of the blocks of A' that the sources name."""
    height, width = sources.shape[0] * factor, sources.shape[1] * factor
    rows, columns = np.ogrid[:height, :width]
    source = sources[rows // factor, columns // factor]
    return np.asarray(
        after[source[..., 1] * factor + rows % factor, source[..., 2] * factor + columns % factor]
    )


OPERATION = Operation.of(
    analogy,
    id="analogy",
    title="Make by analogy",
    menu="Transfer",
    action="Make",
    inputs=[
        Input("image", "rgba", "Image", "What to make something of.", source="active-layer"),
        Input(
            "unfiltered",
            "rgb",
            "Example before",
            "A picture of the same kind as the image.",
            source="picture",
            same_size=False,
        ),
        Input(
            "filtered",
            "rgb",
            "Example after",
            "What was made of it, at the same size.",
            source="picture",
            same_size=False,
        ),
        Input("region", "mask", "Region", source="selection", optional=True),
    ],
    outputs=[Output("picture", "rgba", "Analogy")],
)
