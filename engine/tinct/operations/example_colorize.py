"""Color a gray photograph from a segmented example: classes by texture, then micro-scribbles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import numpy as np

from tinct import color
from tinct.declare import (
    Advanced,
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
from tinct.operations import _references as shared
from tinct.operations._labels import CLASS_COLORS, class_picture, read_corrections, read_labels

if TYPE_CHECKING:
    from tinct.algorithms.irony import Classifier
    from tinct.algorithms.multimodal import ColorDistributions

__all__ = ["OPERATION", "example_colorize"]

Method = Literal["classes", "distribution"]

WORK_PIXELS = {"final": 640_000, "preview": 120_000}
GRID_PIXELS = {"final": 30_000, "preview": 8_000}
REFERENCE_SIDE_MINIMUM = 32
PULL = 4.0


def example_colorize(
    image: Image,
    references: tuple[Image, ...],
    labels: tuple[Image, ...] = (),
    corrections: Image | None = None,
    region: Mask | None = None,
    *,
    method: Annotated[
        Method,
        Titles("Classes of texture", "Distributions of color"),
        Label("Method", "Classes can be painted and corrected; distributions need none."),
    ] = "classes",
    segments: Annotated[
        int,
        Range(2, 16),
        EnabledWhen("method", "classes"),
        Label("Segments", "How many classes a reference without labels is split into."),
    ] = 6,
    show_segments: Annotated[
        bool,
        EnabledWhen("method", "classes"),
        Label("Segments as a layer", "Paint over it in its colors and give it as corrections."),
    ] = False,
    confidence: Annotated[
        float,
        Range(0.0, 0.99, 0.01),
        EnabledWhen("method", "classes"),
        Label("Confidence", "Pixels whose surroundings agree less take color from neighbors."),
    ] = 0.5,
    smoothness: Annotated[
        float,
        Range(0.0, 5.0, 0.01),
        EnabledWhen("method", "distribution"),
        Label("Smoothness", "What a change of color costs against its probability."),
    ] = 0.3,
    radius: Annotated[
        int,
        Range(1, 15),
        Advanced(),
        EnabledWhen("method", "classes"),
        Label("Voting radius", "Pixels around that decide together on a class."),
    ] = 3,
    seed: Annotated[int, Seed(), Advanced(), Label("Seed", "Another one draws others.")] = 0,
    context: Context = Context(),
) -> Result:
    """Color a gray photograph like an example whose parts have similar textures.

    Parameters
    ----------
    image
        Shape (M, N, 4), sRGB-encoded.
    references
        Shapes (M', N', 3), sRGB-encoded; several at once are learned from together.
    labels
        A label layer for each reference, (M', N', 4): equal colors are one class.
    corrections
        Shape (M, N, 4): the class, by its color, of pixels that were given a wrong one.
    region
        Shape (M, N).
    method, segments, show_segments, confidence, smoothness, radius, seed
        See the labels.
    context
        The run's surroundings.

    Returns
    -------
    dict
        ``colors``, shape (M, N, 4), of the picture's luma; ``segmentation``, shape (M, N, 3), when
        asked for.

    Raises
    ------
    InputError
        When a reference has no color, or labels or corrections are unfit.

    References
    ----------
    R. Irony, D. Cohen-Or, D. Lischinski, Colorization by example, 2005.
    DOI 10.2312/EGWR/EGSR05/201-210. For distributions see `tinct.algorithms.multimodal`.
    """
    context.progress(0.0, "Reading")
    painted = read_labels(labels, [one.shape[:2] for one in references]) if labels else None
    fit = shared.check_references(references, context)
    target = shared.read_target(image, region)
    if not target.inside.any():
        return {"colors": image.copy()}
    run = _Example(target, fit, seed, context)
    if method == "distribution":
        return {"colors": shared.finish(image, target, run.by_distribution(smoothness))}
    classes, names = painted or (None, [])
    if classes is not None and len(fit) < len(references):
        kept = [shared.has_color(one) for one in references]
        classes = [label for label, keep in zip(classes, kept, strict=True) if keep]
    names = names or list(CLASS_COLORS[:segments])
    wanted = None if corrections is None else read_corrections(corrections, names)
    chroma, found = run.by_classes(classes, segments, wanted, confidence, radius)
    results = {"colors": shared.finish(image, target, chroma)}
    if show_segments:
        results["segmentation"] = class_picture(found, names)
    return results


class _Example:
    """Learns from references and colors one target, at a size that answers in time."""

    def __init__(
        self, target: shared.Target, references: list[FloatArray], seed: int, context: Context
    ) -> None:
        self.target, self.context, self.seed = target, context, seed
        self.factor = shared.reduction(target.luma.shape, WORK_PIXELS[context.quality])
        self.small = shared.shrink_target(target, self.factor)
        # both shrink alike, so that textures keep their scale to each other
        self.steps = [
            max(1, min(self.factor, min(one.shape[:2]) // REFERENCE_SIDE_MINIMUM))
            for one in references
        ]
        self.references = [
            shared.shrink(one, step) for one, step in zip(references, self.steps, strict=True)
        ]

    def by_classes(
        self,
        labels: list[np.ndarray] | None,
        segments: int,
        corrections: np.ndarray | None,
        confidence: float,
        radius: int,
    ) -> tuple[FloatArray, np.ndarray]:
        """Return chroma of the target and the class of each of its pixels."""
        if labels is not None:
            labels = [
                label[step // 2 :: step, step // 2 :: step][: one.shape[0], : one.shape[1]]
                for label, step, one in zip(labels, self.steps, self.references, strict=True)
            ]
        classifier = self._classifier(labels, segments)
        factor, shape = self.factor, self.small.luma.shape
        if corrections is not None:
            rows, columns = (
                np.minimum(np.arange(count) * factor + factor // 2, size - 1)
                for count, size in zip(shape, self.target.luma.shape, strict=True)
            )
            corrections = np.ascontiguousarray(corrections[np.ix_(rows, columns)])
        within = self.context.within
        classified = classifier.classify(self.small.luma, corrections, progress=within(0.2, 0.65))
        self.context.progress(0.65, "Voting")
        voted = classifier.vote(classified, radius, corrections, self.small.inside)
        sure = (voted.confidence > confidence) | (voted.confidence >= 1.0)
        if not (sure & self.small.inside).any():
            sure[:] = True
        pull = np.where(sure & self.small.inside, np.float32(PULL) * voted.confidence, 0.0)
        chroma = shared.spread(
            self.target, voted.chroma, pull.astype(np.float32), factor, within(0.7, 0.97)
        )
        whole = voted.labels.repeat(factor, axis=0).repeat(factor, axis=1)
        return chroma, whole[: self.target.luma.shape[0], : self.target.luma.shape[1]]

    def by_distribution(self, smoothness: float) -> FloatArray:
        """Return chroma of the target from distributions resolved on a grid."""
        from tinct.algorithms.multimodal import ColorDistributions

        def learn() -> ColorDistributions:
            return ColorDistributions(self._luminances(), self._chromas(), self._rng())

        self.context.progress(0.05, "Learning")
        learned = self.context.cache.remember(
            ("distributions", self._key()), learn, lambda made: made.nbytes
        )
        small = self.small
        step = shared.reduction(small.luma.shape, GRID_PIXELS[self.context.quality])
        grid = tuple(-(-size // step) for size in small.luma.shape)
        rows, columns = (
            np.minimum(np.arange(count) * step + step // 2, size - 1)
            for count, size in zip(grid, small.luma.shape, strict=True)
        )
        pixels = (rows[:, np.newaxis] * small.luma.shape[1] + columns).ravel()
        within = self.context.within
        predicted = learned.predict(small.luma, pixels, progress=within(0.2, 0.4))
        chroma, probability = learned.resolve(
            predicted, (grid[0], grid[1]), smoothness, progress=within(0.4, 0.7)
        )
        pull = np.float32(PULL) * (probability + np.float32(0.02))
        pull[~small.inside[np.ix_(rows, columns)]] = 0.0
        return shared.spread(self.target, chroma, pull, self.factor * step, within(0.7, 0.97))

    def _classifier(self, labels: list[np.ndarray] | None, segments: int) -> Classifier:
        from tinct.algorithms.irony import Classifier
        from tinct.algorithms.kmeans import segment
        from tinct.cache import content_key

        def learn() -> Classifier:
            rng = self._rng()
            found = labels
            if found is None:
                lab = [color.srgb_to_lab(one) for one in self.references]
                found = segment(lab, segments, rng)
            return Classifier(self._luminances(), found, self._chromas(), rng)

        self.context.progress(0.05, "Learning")
        known = (segments,) if labels is None else tuple(labels)
        key = ("classifier", self._key(), content_key(*known))
        return self.context.cache.remember(key, learn, lambda made: made.nbytes)

    def _key(self) -> str:
        from tinct.cache import content_key

        return content_key(*self.references, self.seed, self._onto())

    def _rng(self) -> np.random.Generator:
        return np.random.default_rng(self.seed)

    def _onto(self) -> tuple[float, float]:
        from tinct.algorithms.welsh import mean_and_deviation

        return mean_and_deviation(self.small.luma[self.small.inside])

    def _luminances(self) -> list[FloatArray]:
        from tinct.algorithms.welsh import mean_and_deviation, remap_luminance

        onto = self._onto()
        lumas = [color.luma(one) for one in self.references]
        return [
            remap_luminance(luma, mean_and_deviation(luma), onto).astype(np.float32)
            for luma in lumas
        ]

    def _chromas(self) -> list[FloatArray]:
        return [color.srgb_to_yiq(one)[..., 1:] for one in self.references]


OPERATION = Operation.of(
    example_colorize,
    id="example-colorize",
    title="Color by example",
    menu="Transfer",
    action="Colorize",
    inputs=[
        Input("image", "rgba", "Image", source="active-layer"),
        Input(
            "references",
            "rgb",
            "References",
            "Color pictures with the same kinds of things.",
            source="picture",
            many=True,
            same_size=False,
        ),
        Input(
            "labels",
            "rgba",
            "Labels",
            "For each reference, a layer with one plain color over each kind of thing.",
            source="picture",
            optional=True,
            many=True,
            same_size=False,
        ),
        Input(
            "corrections",
            "rgba",
            "Corrections",
            "A layer that paints labels' colors where the segments are wrong.",
            optional=True,
        ),
        Input("region", "mask", "Region", source="selection", optional=True),
    ],
    outputs=[
        Output("colors", "rgba", "Colors", blend="color"),
        Output("segmentation", "rgb", "Segments", optional=True),
    ],
)
