"""Color a gray photograph from a color one: by matching samples, swatches, or statistics."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import numpy as np

from tinct import color
from tinct.declare import (
    Advanced,
    Boxes,
    Context,
    EnabledWhen,
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
from tinct.operations._swatches import Swatch, read_swatches

if TYPE_CHECKING:
    from tinct.algorithms.welsh import Samples

__all__ = ["OPERATION", "reference_colorize"]

Space = Literal["lalphabeta", "lab"]
Method = Literal["samples", "mean-deviation", "histogram"]

FROM_SRGB = {"lalphabeta": color.srgb_to_lalphabeta, "lab": color.srgb_to_lab}
TO_SRGB = {"lalphabeta": color.lalphabeta_to_srgb, "lab": color.lab_to_srgb}
LUMA_FLOOR = 1e-3


def reference_colorize(
    image: Image,
    references: tuple[Image, ...],
    swatches: Image | None = None,
    reference_swatches: Image | None = None,
    region: Mask | None = None,
    *,
    method: Annotated[
        Method,
        Titles("Best match of samples", "Mean and deviation", "Histogram"),
        Label("Method", "Statistics suit a picture that has colors already."),
    ] = "samples",
    coherence: Annotated[
        float,
        Range(0.0, 1.0, 0.01),
        EnabledWhen("method", "samples"),
        Label("Coherence", "How much neighbors of similar brightness agree; 0 is instant."),
    ] = 0.0,
    texture_weight: Annotated[
        float,
        Range(0.0, 1.0, 0.01),
        EnabledWhen("method", "samples"),
        Label("Texture weight", "0 matches brightness alone, 1 its deviation alone."),
    ] = 0.5,
    boxes: Annotated[
        Boxes, Label("Boxes", "Pairs of boxes that correspond, on the picture and the reference.")
    ] = (),
    space: Annotated[
        Space,
        Titles("lαβ", "CIELAB"),
        Advanced(),
        Label("Color space", "Where samples are compared; they do not give the same matches."),
    ] = "lalphabeta",
    samples: Annotated[
        int,
        Range(10, 5000),
        Advanced(),
        EnabledWhen("method", "samples"),
        Label("Samples", "How many pixels of each reference are compared with."),
    ] = 200,
    swatch_samples: Annotated[
        int,
        Range(5, 1000),
        Advanced(),
        EnabledWhen("method", "samples"),
        Label("Samples a swatch", "How many pixels of each swatch are compared with."),
    ] = 50,
    seed: Annotated[int, Seed(), Advanced(), Label("Seed", "Another one draws others.")] = 0,
    context: Context = Context(),
) -> Result:
    """Color a gray photograph like a color one, matching brightness and texture.

    Parameters
    ----------
    image
        Shape (M, N, 4), sRGB-encoded.
    references
        Shapes (M', N', 3), sRGB-encoded; several at once are matched together.
    swatches, reference_swatches
        Shapes (M, N, 4) and (M', N', 4) of the first reference: regions of equal color pair up.
    region
        Shape (M, N); the statistics of the picture are taken there.
    method, coherence, texture_weight, boxes, space, samples, swatch_samples, seed
        See the labels; `boxes` are on the picture and the first reference.
    context
        The run's surroundings.

    Returns
    -------
    dict
        ``colors``, shape (M, N, 4), of the picture's luma.

    Raises
    ------
    InputError
        When a reference has no color or a swatch is unfit.

    References
    ----------
    T. Welsh, M. Ashikhmin, K. Mueller, Transferring color to greyscale images, 2002.
    DOI 10.1145/566654.566576
    """
    context.progress(0.0, "Reading")
    sizes = references[0].shape[:2]
    pairs = read_swatches(image.shape[:2], sizes, swatches, reference_swatches, boxes)
    fit = shared.check_references(references[:1] if pairs else references, context)
    target = shared.read_target(image, region)
    if not target.inside.any():
        return {"colors": image.copy()}
    if method != "samples":
        return {"colors": _by_statistics(image, target, fit, method, space)}
    matcher = _Matcher(target, space, texture_weight, np.random.default_rng(seed), context)
    if pairs:
        if fit[0].shape[:2] != sizes:
            step = sizes[0] // fit[0].shape[0]
            pairs = [_reduced(pair, step, fit[0].shape[:2]) for pair in pairs]
        chroma, agreement = matcher.by_swatches(fit[0], pairs, swatch_samples)
    else:
        chroma, agreement = matcher.by_samples(fit, samples)
    if coherence > 0.0:
        chroma = _propagated(target, chroma, agreement, coherence, context)
    return {"colors": shared.finish(image, target, chroma)}


def _reduced(pair: Swatch, factor: int, shape: tuple[int, int]) -> Swatch:
    return Swatch(
        pair.target,
        pair.reference[factor // 2 :: factor, factor // 2 :: factor][: shape[0], : shape[1]],
    )


def _in_space(rgb: FloatArray, space: Space) -> tuple[FloatArray, FloatArray]:
    """Return luminance and chroma of a picture.

    The luminance is that of the gray picture of the same luma, so that a reference is compared as
    the black-and-white photograph it would have given.
    """
    gray = shared.gray_of(color.luma(rgb))
    luminance = np.ascontiguousarray(FROM_SRGB[space](gray)[..., 0])
    return luminance, np.ascontiguousarray(FROM_SRGB[space](rgb)[..., 1:])


def _to_iq(luma: FloatArray, luminance: FloatArray, chroma: FloatArray, space: Space) -> FloatArray:
    """Return I and Q of colors with this luminance and chroma; shapes (P,), (P,), (P, 2)."""
    joined = np.concatenate([luminance[:, np.newaxis], chroma], axis=1)
    yiq = color.srgb_to_yiq(TO_SRGB[space](joined))
    if space == "lalphabeta":
        # ratios of cone responses make the hue there, so chroma goes with the luma
        yiq[:, 1:] *= (luma / np.maximum(yiq[:, 0], LUMA_FLOOR)).clip(0.0, 2.0)[:, np.newaxis]
    return np.ascontiguousarray(yiq[:, 1:])


class _Matcher:
    """Colors one target by samples."""

    def __init__(
        self,
        target: shared.Target,
        space: Space,
        texture_weight: float,
        rng: np.random.Generator,
        context: Context,
    ) -> None:
        from tinct.algorithms import welsh

        self.welsh = welsh
        self.target, self.space, self.rng, self.context = target, space, rng, context
        self.texture_weight = texture_weight
        self.luminance = np.ascontiguousarray(FROM_SRGB[space](target.gray)[..., 0])
        self.inside = None if target.inside.all() else target.inside
        self.deviation = welsh.neighborhood_deviation(self.luminance, self.inside)

    def by_samples(self, references: list[FloatArray], count: int) -> tuple[FloatArray, FloatArray]:
        """Match the whole target with samples of all references."""
        parts = []
        onto = self.welsh.mean_and_deviation(self.luminance[self.target.inside])
        for number, reference in enumerate(references):
            self.context.progress(0.1 + 0.2 * number / len(references), "Sampling")
            parts.append(self._draw(reference, None, count, onto))
        iq = np.zeros((*self.luminance.shape, 2), np.float32)
        agreement = np.zeros(self.luminance.shape, np.float32)
        self._match(self.target.inside, self.welsh.Samples.joined(parts), iq, agreement, (0.3, 0.6))
        return iq, agreement

    def by_swatches(
        self, reference: FloatArray, pairs: list[Swatch], count: int
    ) -> tuple[FloatArray, FloatArray]:
        """Match each swatch with its partner, then the rest of the target with the swatches."""
        shape = self.luminance.shape
        iq, agreement = np.zeros((*shape, 2), np.float32), np.zeros(shape, np.float32)
        kinds = np.zeros(shape, np.int32)
        for number, pair in enumerate(pairs, 1):
            within = pair.target & self.target.inside
            if not within.any():
                raise InputError(
                    f"Swatch {number} lies where the picture is transparent or outside the "
                    "region; paint it inside."
                )
            self.context.progress(0.05 + 0.1 * number / len(pairs), "Sampling")
            onto = self.welsh.mean_and_deviation(self.luminance[within])
            drawn = self._draw(reference, pair.reference, count, onto)
            self._match(within, drawn, iq, agreement, None)
            kinds[within] = number
        rest = self.target.inside & (kinds == 0)
        if not rest.any():
            return iq, agreement
        iq[rest], kinds[rest] = self.welsh.spread_from_swatches(
            self.luminance,
            self.deviation,
            iq,
            kinds,
            rest,
            self.rng,
            progress=self.context.within(0.2, 0.6),
        )
        agreement[rest] = _unanimity(kinds)[rest]
        return iq, agreement

    def _draw(
        self,
        reference: FloatArray,
        inside: np.ndarray | None,
        count: int,
        onto: tuple[float, float],
    ) -> Samples:
        luminance, chroma = _in_space(reference, self.space)
        deviation = self.welsh.neighborhood_deviation(luminance)
        return self.welsh.draw_samples(
            luminance, deviation, chroma, count, self.rng, onto=onto, inside=inside
        )

    def _match(
        self,
        where: np.ndarray,
        samples: Samples,
        iq: FloatArray,
        agreement: FloatArray,
        span: tuple[float, float] | None,
    ) -> None:
        # a whole picture is its own flat view, where a mask would copy it five times
        picked = where.ravel()
        spots = slice(None) if picked.all() else picked
        luminance = self.luminance.reshape(-1)[spots]
        chroma, found = self.welsh.match_samples(
            luminance,
            self.deviation.reshape(-1)[spots],
            samples,
            texture_weight=self.texture_weight,
            progress=self.context.within(*span) if span else self.context.within(0.2, 0.2),
        )
        agreement.reshape(-1)[spots] = found
        luma = self.target.luma.reshape(-1)[spots]
        iq.reshape(-1, 2)[spots] = _to_iq(luma, luminance, chroma, self.space)


def _unanimity(kinds: np.ndarray) -> FloatArray:
    """Return the share of the 7 x 7 pixels around each that have its own kind."""
    from scipy import ndimage

    share = np.zeros(kinds.shape, np.float32)
    for kind in np.unique(kinds[kinds > 0]):
        members = kinds == kind
        votes = ndimage.uniform_filter(members.astype(np.float32), 7, mode="mirror")
        share[members] = votes[members]
    return share


def _propagated(
    target: shared.Target,
    chroma: FloatArray,
    agreement: FloatArray,
    coherence: float,
    context: Context,
) -> FloatArray:
    """Return the chroma after the propagation solver weighed neighbors against matches."""
    from tinct.algorithms.propagation import Hints, Propagation

    pull = agreement**2 * np.float32(10.0 ** (1.0 - 4.0 * coherence))
    hints = Hints(chroma, np.where(target.inside, pull, np.float32(0.0)))
    domain = None if target.inside.all() else target.inside
    system = Propagation(target.luma, domain=domain, progress=context.within(0.6, 0.7))
    return system.solve(hints, progress=context.within(0.7, 0.97))


def _by_statistics(
    image: Image,
    target: shared.Target,
    references: list[FloatArray],
    method: Literal["mean-deviation", "histogram"],
    space: Space,
) -> FloatArray:
    """Return the picture with its own chroma given the references' statistics."""
    from tinct.algorithms.welsh import match_statistics

    colors = image[target.inside][:, :3]
    luma = target.luma[target.inside]
    own = FROM_SRGB[space](colors)[:, 1:]
    pooled = np.concatenate([_in_space(one, space)[1].reshape(-1, 2) for one in references])
    luminance = FROM_SRGB[space](shared.gray_of(luma))[:, 0]
    chroma = match_statistics(own, pooled, method)
    iq = np.zeros((*target.luma.shape, 2), np.float32)
    iq[target.inside] = _to_iq(luma, luminance, chroma, space)
    return shared.finish(image, target, iq)


OPERATION = Operation.of(
    reference_colorize,
    id="reference-colorize",
    title="Color from a reference",
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
        Input(
            "swatches",
            "rgba",
            "Swatches",
            "A layer with regions of plain color on the picture.",
            optional=True,
        ),
        Input(
            "reference_swatches",
            "rgba",
            "Reference swatches",
            "A layer with the same colors on the first reference.",
            source="picture",
            optional=True,
            same_size=False,
        ),
        Input("region", "mask", "Region", source="selection", optional=True),
    ],
    outputs=[Output("colors", "rgba", "Colors", blend="color")],
)
