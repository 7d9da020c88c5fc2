"""Color from strokes: spreads painted colors over areas of similar brightness, exactly."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Annotated, Literal, cast

import numpy as np
from numpy.typing import NDArray

from tinct import color
from tinct.cache import content_key
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
    Preview,
    Range,
    Result,
    Strokes,
    Titles,
)
from tinct.errors import InputError
from tinct.operations._prior import NetworkPrior

if TYPE_CHECKING:
    from tinct.algorithms.hints import Hints
    from tinct.algorithms.propagation import Propagation

__all__ = ["OPERATION", "scribble_colorize"]

KEEP_LEVEL = 0.5
PRIOR_TOLERANCE = 2 / 255  # a prior is but likely, and where it is corrected it is corrected wholly
BLOCK_ROWS = 256


def scribble_colorize(
    image: Image,
    scribbles: Strokes,
    keep: Mask | None = None,
    region: Mask | None = None,
    *,
    prior: Annotated[
        Literal["none", "network"],
        Titles("Gray", "Automatic color"),
        Label("Start from", "What stays where no stroke leads; automatic color needs few strokes."),
    ] = "none",
    barriers: Annotated[
        bool, Label("Stop at edges", "Find the picture's edges and let no color cross them.")
    ] = False,
    edge_share: Annotated[
        float,
        Range(1.0, 40.0, 1.0),
        Label("Edges, percent", "How much of the picture may begin an edge; more finds fainter."),
        EnabledWhen("barriers", True),
    ] = 10.0,
    window: Annotated[
        Literal["3x3", "5x5"],
        Titles("3 × 3 pixels", "5 × 5 pixels"),
        Label("Neighborhood", "A larger one spreads color more evenly in grain and costs time."),
        Advanced(),
    ] = "3x3",
    affinity: Annotated[
        Literal["gaussian", "correlation"],
        Titles("Similar brightness", "Brightness and color together"),
        Label("Spread by", "Correlation lets color follow brightness as one straight line."),
        Advanced(),
    ] = "gaussian",
    context: Context = Context(),
) -> Result:
    """Spread painted colors over areas of similar brightness.

    Parameters
    ----------
    image
        Shape (M, N, 4), sRGB-encoded. Its Y (YIQ) is kept, its color matters where `keep` is set.
    scribbles
        The painted pixels of a layer of shape (M, N); only their chroma is used.
    keep
        Shape (M, N). Where it is at least 0.5 the picture's own color holds; strokes win over it.
    region
        Shape (M, N). Color neither leaves nor enters the pixels where it is positive.
    prior
        ``"network"`` lays the strokes over the colors that tinct's network finds likely, so that
        one stroke corrects one object; there need not be any.
    barriers, edge_share
        Weaken links across edges found by adaptive edge detection [2]_, which begin at the
        strongest `edge_share` percent of the pixels.
    window, affinity
        The system that is solved; the defaults are those of the authors' released code.
    context
        The run's surroundings. A preview blends by geodesic distance [3]_ instead of solving.

    Returns
    -------
    dict
        ``colors``, shape (M, N, 4): chroma fitted into sRGB's gamut with Y kept, alpha as it was.

    Raises
    ------
    InputError
        When there is neither a stroke nor anything to keep, nor a prior.

    References
    ----------
    .. [1] Levin, Lischinski, Weiss. Colorization using optimization. ACM TOG 23(3), 2004.
       :DOI:`10.1145/1015706.1015780`
    .. [2] Huang, Tung, Chen, Wang, Wu. An adaptive edge detection based colorization algorithm
       and its applications. ACM Multimedia 2005. :DOI:`10.1145/1101149.1101223`
    .. [3] Yatziv, Sapiro. Fast image and video colorization using chrominance blending.
       IEEE TIP 15(5), 2006. :DOI:`10.1109/TIP.2005.864231`
    """
    domain = image[..., 3] > 0 if region is None else (image[..., 3] > 0) & (region > 0)
    luma = color.luma(image[..., :3])
    hints = _hints(image, scribbles, keep, domain)
    if prior == "none" and not hints.hard.any():
        raise InputError(
            "There are no strokes on the picture: paint some color with at least half opacity "
            "on the strokes layer, then run again."
        )
    context.progress(0.0, "Preparing")
    guide = np.clip(luma, 0.0, 1.0) if luma.min() < 0 or luma.max() > 1 else luma
    below = None if prior == "none" else NetworkPrior(guide, image[..., 3] > 0, context)
    if below is not None and not hints.hard.any():
        chroma = below.alone()
    elif context.quality == "preview":
        chroma = _blend(guide, domain, hints, below, context)
    else:
        walls = _walls(guide, hints, edge_share / 100, context) if barriers else None
        chroma = _solve(guide, domain, hints, (window, affinity), walls, below, context)
    colors = np.empty_like(image)
    colors[..., 3] = image[..., 3]
    for row in range(0, len(image), BLOCK_ROWS):
        block = slice(row, row + BLOCK_ROWS)
        colors[block, :, :3] = color.fit_chroma_yiq(luma[block], chroma[block])
    return {"colors": colors}


def _hints(image: Image, scribbles: Strokes, keep: Mask | None, domain: NDArray[np.bool_]) -> Hints:
    from tinct.algorithms.hints import Hints

    chroma = np.zeros((*domain.shape, 2), np.float32)
    hinted = scribbles.mask & domain
    if keep is not None:
        kept = (keep >= KEEP_LEVEL) & domain
        chroma[kept] = color.srgb_to_yiq(image[kept][:, :3])[:, 1:]
        hinted |= kept
    chroma[scribbles.mask] = color.srgb_to_yiq(scribbles.colors)[:, 1:]
    return Hints(chroma, np.where(hinted, np.float32(np.inf), np.float32(0.0)))


def _blend(
    luma: FloatArray,
    domain: NDArray[np.bool_],
    hints: Hints,
    prior: NetworkPrior | None,
    context: Context,
) -> FloatArray:
    from tinct.algorithms.geodesic import blend_geodesic

    progress = context.within(0.1, 0.6 if prior else 0.9)
    strokes = blend_geodesic(luma, hints, domain=domain, progress=progress)
    if prior is None:
        return strokes
    again = context.within(0.6, 0.9)
    return prior.joined(
        hints,
        strokes,
        lambda others: blend_geodesic(luma, others, domain=domain, progress=again),
        domain,
    )


def _walls(luma: FloatArray, hints: Hints, share: float, context: Context) -> NDArray[np.bool_]:
    from tinct.algorithms.barriers import adaptive_barriers

    hinted = hints.confidence > 0
    return adaptive_barriers(luma, hinted, share=share, progress=context.within(0.05, 0.1))


@dataclasses.dataclass(frozen=True)
class _Solved:
    """A picture's prepared system, and what it was last solved for."""

    system: Propagation
    hints: Hints
    chroma: FloatArray
    explained: FloatArray | None = None

    @property
    def nbytes(self) -> int:
        explained = 0 if self.explained is None else self.explained.nbytes
        return self.system.nbytes + self.hints.nbytes + self.chroma.nbytes + explained


def _solve(
    luma: FloatArray,
    domain: NDArray[np.bool_],
    hints: Hints,
    affinities: tuple[str, Literal["gaussian", "correlation"]],
    walls: NDArray[np.bool_] | None,
    prior: NetworkPrior | None,
    context: Context,
) -> FloatArray:
    key = ("scribble-colorize", content_key(luma, domain, affinities, walls))
    last = cast("_Solved | None", context.cache.get(key))
    solving = context.within(0.2, 0.5 if prior else 0.9)
    if last is None:
        system = _system(luma, domain, affinities, walls, context)
        chroma = system.solve(hints, progress=solving)
    else:
        system = last.system
        chroma = system.update(last.hints, last.chroma, hints, progress=solving)
    solved = _Solved(system, hints, chroma, last.explained if last else None)
    if prior is None and system.islands:
        context.warn(
            f"{system.islands} separate areas hold no stroke and stay gray; paint one in each."
        )
    if prior is not None:

        def spread(others: Hints) -> FloatArray:
            nonlocal solved
            explained = system.solve(
                others,
                start=solved.explained,
                tolerance=PRIOR_TOLERANCE,
                progress=context.within(0.5, 0.9),
            )
            solved = dataclasses.replace(solved, explained=explained)
            return explained

        chroma = prior.joined(hints, chroma, spread, domain)
    context.cache.put(key, solved, solved.nbytes)
    return chroma


def _system(
    luma: FloatArray,
    domain: NDArray[np.bool_],
    affinities: tuple[str, Literal["gaussian", "correlation"]],
    walls: NDArray[np.bool_] | None,
    context: Context,
) -> Propagation:
    from tinct.algorithms.propagation import Propagation

    return Propagation(
        luma,
        domain=domain,
        window=int(affinities[0][0]),
        affinity=affinities[1],
        barriers=walls,
        progress=context.within(0.1, 0.2),
    )


OPERATION = Operation.of(
    scribble_colorize,
    id="scribble-colorize",
    title="Color from strokes",
    menu="Colorize",
    action="Colorize",
    inputs=[
        Input("image", "rgba", "Image", "The photograph to color.", source="active-layer"),
        Input(
            "scribbles",
            "strokes",
            "Strokes",
            "Paint on it with any brush; colors spread to similar tones.",
            source="layer-above",
        ),
        Input("keep", "mask", "Keep", "White where the picture's own colors stay.", optional=True),
        Input("region", "mask", "Region", source="selection", optional=True),
    ],
    outputs=[Output("colors", "rgba", "Color (strokes)", blend="color")],
    preview=Preview(live=True),
)
