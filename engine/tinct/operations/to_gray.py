"""Turn colors into grays that keep their contrast."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray

from tinct import color
from tinct.declare import (
    Advanced,
    Angle,
    Context,
    EnabledWhen,
    Image,
    Input,
    Label,
    Mask,
    Operation,
    Output,
    Preview,
    Range,
    Result,
    Titles,
)
from tinct.errors import InputError

__all__ = ["OPERATION", "to_gray"]

Array = NDArray[Any]
Method = Literal["best", "color2gray", "contrast", "lightness", "luma"]

# what "best" tries: the angles and strengths of Color2Gray that are worth a look
CANDIDATE_ANGLES = tuple(range(0, 360, 30))
CANDIDATE_ALPHAS = (8.0, 16.0, 32.0)
CANDIDATE_COLORS = 1500
CANDIDATE_PAIRS = 40_000
PAIRS_SEED = 20_05
AUTO_ANGLES = tuple(range(0, 360, 10))


def to_gray(
    image: Image,
    region: Mask | None = None,
    *,
    method: Annotated[
        Method,
        Label("Method", "How colors become grays; best takes what keeps most contrast."),
        Titles(
            "Best contrast of all",
            "Color2Gray",
            "Contrast preserving (Lu 2012)",
            "Lightness (CIELAB)",
            "Luma (Rec. 601)",
        ),
    ] = "color2gray",
    find_angle: Annotated[
        bool,
        Label("Find the angle", "Turn the brighter hues to where most contrast is kept."),
        EnabledWhen("method", "color2gray"),
    ] = False,
    theta: Annotated[
        float,
        Angle(),
        Label("Brighter hue", "The direction of hue in CIELAB that turns brighter."),
        EnabledWhen("find_angle", False),
    ] = 45.0,
    alpha: Annotated[
        float,
        Range(0.0, 60.0, 0.5),
        Label("Color contrast", "How much lightness a difference of color may add at most."),
        EnabledWhen("method", "color2gray"),
    ] = 10.0,
    radius: Annotated[
        int,
        Range(0, 32),
        Label("Radius", "Compare pixels this near; 0 compares all with all."),
        EnabledWhen("method", "color2gray"),
    ] = 0,
    color_back: Annotated[
        bool, Label("Color back", "Give the new lightness to the colors instead of gray.")
    ] = False,
    fit_range: Annotated[
        Literal["compress", "clip"],
        Label("Beyond black and white", "Draw all grays together, or cut what is beyond."),
        Advanced(),
    ] = "compress",
    context: Context = Context(),
) -> Result:
    """Turn colors into grays that keep their contrast.

    Parameters
    ----------
    image
        Shape (M, N, 4), sRGB-encoded.
    region
        Shape (M, N); colors are compared inside only.
    method
        ``"best"`` scores all others, Color2Gray in several angles and strengths, by E-score.
    find_angle, theta
        The hue direction that turns brighter, in degrees of CIELAB's a, b plane.
    alpha
        In units of CIELAB L; 0 is plain lightness.
    radius
        Pixels; 0 for the full neighborhood, which is a map from color to gray.
    color_back
        Keep a and b of CIELAB, with chroma scaled down where sRGB ends.
    fit_range
        What to do with lightness beyond 0 to 100.
    context
        The run's surroundings.

    Returns
    -------
    dict
        ``gray``, like `image`.

    Raises
    ------
    InputError
        When nothing is visible or selected.
    """
    from tinct.algorithms.distinct import distinct_colors

    context.progress(0.0, "Counting colors")
    inside = None if region is None else region > 0
    _refuse_empty(image, inside)
    bounded = image
    if image[..., :3].min() < 0 or image[..., :3].max() > 1:
        bounded = np.clip(image, 0, 1)
    weight = None if region is None else region * (image[..., 3] > 0)
    distinct = distinct_colors(bounded, weight)
    lab = color.srgb_to_lab(distinct.colors)
    work = _Work(image=bounded, inside=inside, distinct=distinct, lab=lab, context=context)
    context.progress(0.2, "Comparing colors")
    if method == "color2gray" and radius > 0:
        angle = _best_angle(work, alpha) if find_angle else theta
        lightness = _local(work, angle, alpha, radius)
    else:
        if method == "best":
            grays = _best(work)
        elif method == "color2gray":
            angle = _best_angle(work, alpha) if find_angle else theta
            grays = _global(work, angle, alpha)
        else:
            grays = _peer(work, method)
        lightness = distinct.spread(grays)
    context.progress(0.8, "Writing grays")
    visible = image[..., 3] > 0
    lightness = _within_range(lightness, visible, fit_range, context)
    return {"gray": _paint(image, visible, lightness, color_back)}


@dataclasses.dataclass(frozen=True)
class _Work:
    """What the methods share: the picture and its distinct colors."""

    image: Image
    inside: Array | None
    distinct: Any
    lab: Array
    context: Context


def _refuse_empty(image: Image, inside: Array | None) -> None:
    if inside is not None and not inside.any():
        raise InputError("The selection is empty; select what to turn gray, or select nothing.")
    visible = image[..., 3] > 0
    if not visible.any():
        raise InputError("The picture is fully transparent; choose a layer with colors.")
    if inside is not None and not (visible & inside).any():
        raise InputError("The selection is fully transparent; select what is visible.")


def _global(work: _Work, theta: float, alpha: float) -> Array:
    from tinct.algorithms.color2gray import LATTICE_STEP, gray_from_all_pairs

    return gray_from_all_pairs(
        work.lab,
        work.distinct.counts,
        theta_degrees=theta,
        alpha=alpha,
        step=LATTICE_STEP[work.context.quality],
        progress=work.context.within(0.2, 0.8),
    )


def _local(work: _Work, theta: float, alpha: float, radius: int) -> Array:
    from tinct.algorithms.color2gray import gray_from_neighbors

    visible = work.distinct.index >= 0
    if work.inside is not None:
        visible = visible & work.inside
    lab = np.stack([work.distinct.spread(work.lab[:, part]) for part in range(3)], axis=-1)
    return gray_from_neighbors(
        lab,
        visible,
        theta_degrees=theta,
        alpha=alpha,
        radius_px=radius,
        progress=work.context.within(0.2, 0.8),
    ).astype(np.float32)


def _peer(work: _Work, method: str) -> Array:
    """Return L of the distinct colors by a method without parameters."""
    from tinct.algorithms.decolor import contrast_weights, gray_from_weights

    colors = work.distinct.colors
    if method == "lightness":
        return work.lab[:, 0].copy()
    if method == "luma":
        return _lightness_of(color.luma(colors))
    visible = work.distinct.index >= 0
    if work.inside is not None:
        visible = visible & work.inside
    weights = contrast_weights(work.image[..., :3], visible, work.context.within(0.2, 0.7))
    return _lightness_of(gray_from_weights(colors, weights))


def _lightness_of(gray: Array) -> Array:
    """Return CIELAB L of sRGB-encoded grays."""
    return color.srgb_to_lab(np.repeat(np.asarray(gray, np.float64)[..., None], 3, axis=-1))[..., 0]


def _sample(work: _Work, count: int) -> tuple[Array, Array]:
    """Return some distinct colors in Lab with their counts, drawn by how often they occur."""
    counts = work.distinct.counts
    if len(counts) <= count:
        return work.lab, counts
    rng = np.random.default_rng(PAIRS_SEED)
    chosen = rng.choice(len(counts), count, p=counts / counts.sum())
    return work.lab[chosen], np.ones(count)


def _best_angle(work: _Work, alpha: float) -> float:
    """Return the angle at which most visible differences of color stay visible."""
    candidates = ((theta, alpha) for theta in AUTO_ANGLES)
    return _best_candidate(work, candidates, by="ccpr")[1]


def _best_candidate(
    work: _Work, candidates: Iterable[tuple[float, float]], by: str
) -> tuple[float, float, float]:
    """Return score, angle and strength of the best of several full Color2Grays on a sample."""
    from tinct.algorithms.color2gray import gray_from_all_pairs
    from tinct.algorithms.contrast_scores import contrast_scores, draw_pairs

    lab, counts = _sample(work, CANDIDATE_COLORS)
    pairs = draw_pairs(1, len(lab), CANDIDATE_PAIRS, PAIRS_SEED)
    best = (-1.0, 0.0, 0.0)
    for theta, alpha in candidates:
        work.context.progress(0.2, "Trying angles")
        grays = gray_from_all_pairs(lab, counts, theta_degrees=theta, alpha=alpha)
        score = getattr(contrast_scores(lab, np.clip(grays, 0, 100), pairs), by)
        best = max(best, (score, theta, alpha), key=lambda entry: entry[0])
    return best


def _best(work: _Work) -> Array:
    """Return L of the distinct colors by whatever has the highest E-score on pairs of pixels."""
    from tinct.algorithms.contrast_scores import contrast_scores, draw_pairs

    index = work.distinct.index
    shown = index >= 0
    if work.inside is not None:
        shown = shown & work.inside
    rows, columns = index.shape
    pairs = draw_pairs(rows, columns, CANDIDATE_PAIRS * 4, PAIRS_SEED)
    both = shown.ravel()[pairs.first] & shown.ravel()[pairs.second]
    flat = index.ravel()
    pairs = dataclasses.replace(
        pairs, first=flat[pairs.first[both]], second=flat[pairs.second[both]]
    )
    candidates = [(theta, alpha) for alpha in CANDIDATE_ALPHAS for theta in CANDIDATE_ANGLES]
    grays = [_peer(work, method) for method in ("lightness", "luma", "contrast")]
    _, theta, alpha = _best_candidate(work, candidates, by="e_score")
    grays.append(_stretched(_global(work, theta, alpha)))
    grays += [_stretched(gray) for gray in grays[:2]]
    scores = [contrast_scores(work.lab, gray, pairs).e_score for gray in grays]
    return grays[int(np.argmax(scores))]


def _stretched(lightness: Array) -> Array:
    """Return lightness drawn to 0 to 100."""
    low, high = float(lightness.min()), float(lightness.max())
    if high - low < 1e-6:
        return lightness
    return (lightness - low) * (100 / (high - low))


def _within_range(lightness: Array, visible: Array, fit_range: str, context: Context) -> Array:
    """Return lightness within 0 to 100; what is compressed keeps its order."""
    low, high = float(lightness[visible].min()), float(lightness[visible].max())
    if low >= -1e-3 and high <= 100 + 1e-3:
        return np.clip(lightness, 0, 100)
    if fit_range == "compress":
        context.warn("Some grays lay beyond black or white; all were drawn together to fit.")
        bottom, top = min(low, 0.0), max(high, 100.0)
        lightness = (lightness - bottom) * (100 / (top - bottom))
    return np.clip(lightness, 0, 100)


def _paint(image: Image, visible: Array, lightness: Array, color_back: bool) -> Image:
    """Return the picture in its new lightness; what is transparent keeps its bits."""
    result = image.copy()
    if color_back:
        lab = color.srgb_to_lab(np.clip(image[visible, :3], 0, 1))
        lab[:, 0] = lightness[visible]
        result[visible, :3] = color.fit_to_gamut(lab)
        return result
    # gray of every L in 0.01 steps, interpolated: within 1e-6 of the formula
    steps = np.linspace(0, 100, 10_001)
    table = color.lab_to_srgb(np.stack([steps, 0 * steps, 0 * steps], axis=1)).mean(axis=1)
    gray = np.interp(lightness, steps, np.clip(table, 0, 1)).astype(np.float32)
    result[..., :3] = np.where(visible[..., np.newaxis], gray[..., np.newaxis], image[..., :3])
    return result


OPERATION = Operation.of(
    to_gray,
    id="to-gray",
    title="Gray that keeps contrast",
    menu="Recolor",
    action="Turn gray",
    inputs=[
        Input("image", "rgba", "Image", source="active-layer"),
        Input("region", "mask", "Region", source="selection", optional=True),
    ],
    outputs=[Output("gray", "rgba", "Gray")],
    preview=Preview(live=True),
)
