"""Color from strokes: spreads painted colors over areas of similar brightness, exactly."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Annotated, Literal, cast

import numpy as np
from numpy.typing import NDArray

from tinct import color, pixels
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
from tinct.pixels import Picture
from tinct.rows import MadeRows, Rows

if TYPE_CHECKING:
    from tinct.algorithms.hints import Hints
    from tinct.algorithms.propagation import Propagation

__all__ = ["OPERATION", "scribble_colorize"]

KEEP_LEVEL = 0.5
# Previews of so many pixels at most are solved: one more stroke takes 15 to 35 ms at 0.08
# megapixels, 25 to 60 at 0.2.
SOLVED_PIXELS, PREVIEW_TOLERANCE = 300_000, 4 / 255
PRIOR_TOLERANCE = 2 / 255  # a prior is but likely, and where it is corrected it is corrected wholly


def scribble_colorize(
    image: Image | Rows,
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
        The run's surroundings. A preview of more than 0.3 megapixels blends by geodesic distance
        [3]_; what is smaller is solved about as fast, and looks like the result.

    Returns
    -------
    dict
        ``colors``, shape (M, N, 4): chroma fitted into sRGB's gamut with Y kept, alpha as it was.
        Nothing when all was to prepare.

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
    canvas = _Canvas(image, region)
    if context.quality == "prepare":
        return _prepare(canvas, (window, affinity), barriers, context)
    hints = _hints(canvas, scribbles, keep)
    if prior == "none" and not hints.hard.any():
        raise InputError(
            "There are no strokes on the picture: paint some color with at least half opacity "
            "on the strokes layer, then run again."
        )
    context.progress(0.0, "Preparing")
    below = None if prior == "none" else NetworkPrior(canvas.luma, canvas.visible, context)
    if below is not None and not hints.hard.any():
        chroma = below.alone()
    elif context.quality == "preview" and canvas.luma.size > SOLVED_PIXELS:
        chroma = _blend(canvas.luma, canvas.domain, hints, below, context)
    else:
        walls = _walls(canvas.luma, hints, edge_share / 100, context) if barriers else None
        chroma = _solve(canvas, hints, (window, affinity), walls, below, context)
    return {"colors": canvas.colored(chroma)}


class _Canvas:
    """What is to be colored, read by rows when it is needed.

    Parameters
    ----------
    image, region
        See `scribble_colorize`.
    """

    def __init__(self, image: Image | Rows, region: Mask | None) -> None:
        self.by_rows = isinstance(image, Rows)
        self.rows = image if isinstance(image, Rows) else Rows(Picture(image), "rgba")
        self.region = region
        self._seen: tuple[FloatArray, NDArray[np.bool_]] | None = None

    @property
    def luma(self) -> FloatArray:
        """The luma that color follows, (M, N), 0 to 1."""
        return self._read()[0]

    @property
    def visible(self) -> NDArray[np.bool_]:
        """Where there is anything to color, (M, N)."""
        return self._read()[1]

    @property
    def domain(self) -> NDArray[np.bool_]:
        """What is visible and within the region, (M, N)."""
        return self.visible if self.region is None else self.visible & (self.region > 0)

    def forget(self) -> None:
        """Let go of luma and what is visible until they are asked for again."""
        self._seen = None

    def colored(self, chroma: FloatArray) -> FloatArray | MadeRows:
        """Return the picture in new colors; by rows when it came by rows."""
        self.forget()  # a large picture feels it

        def make(block: slice) -> FloatArray:
            colors = self.rows[block]
            color.recolor_yiq(colors, chroma[block])
            return colors

        made = MadeRows(self.rows.shape, make)
        return made if self.by_rows else made.whole()

    def _read(self) -> tuple[FloatArray, NDArray[np.bool_]]:
        if self._seen is None:
            self._seen = self.rows.luma()
        return self._seen


def _hints(canvas: _Canvas, scribbles: Strokes, keep: Mask | None) -> Hints:
    from tinct.algorithms.hints import Hints

    domain = canvas.domain
    painted = scribbles.mask & domain
    kept = np.zeros_like(painted) if keep is None else (keep >= KEEP_LEVEL) & domain
    hinted = painted | kept
    chroma = np.empty((np.count_nonzero(hinted), 2), np.float32)
    if kept.any():
        blocks = pixels.row_blocks(*kept.shape)
        own = [color.srgb_to_yiq(canvas.rows[block][kept[block], :3]) for block in blocks]
        chroma[kept[hinted]] = np.concatenate(own)[:, 1:]
    colors = color.srgb_to_yiq(scribbles.colors[domain[scribbles.mask]])
    chroma[painted[hinted]] = colors[:, 1:]
    return Hints.of(hinted, chroma, np.full(len(chroma), np.inf, np.float32))


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
    """A picture's prepared system, and what it was last solved for; nothing, if that was cut short.

    A solve takes the solution before for itself: it is not held beside.
    """

    system: Propagation
    hints: Hints
    chroma: FloatArray | None
    explained: FloatArray | None = None

    @property
    def nbytes(self) -> int:
        solutions = [one for one in (self.chroma, self.explained) if one is not None]
        own = self.system.nbytes + self.hints.nbytes
        return own + sum(one.nbytes for one in solutions)


def _prepare(
    canvas: _Canvas,
    affinities: tuple[str, Literal["gaussian", "correlation"]],
    barriers: bool,
    context: Context,
) -> dict[str, FloatArray | MadeRows]:
    """Make the picture's system ready for its first stroke."""
    from tinct.algorithms.hints import Hints

    if barriers:  # where they are is told by strokes
        return {}
    key = _key(canvas, affinities, None, context)
    if context.cache.get(key) is None:
        system = _system(canvas, affinities, None, context)
        system.prepare(progress=context.within(0.2, 1.0))
        solved = _Solved(system, Hints.none(system.shape), None)
        context.cache.put(key, solved, solved.nbytes)
    return {}


def _key(
    canvas: _Canvas,
    affinities: tuple[str, Literal["gaussian", "correlation"]],
    walls: NDArray[np.bool_] | None,
    context: Context,
) -> tuple[str, bool, str]:
    is_preview = context.quality == "preview"  # less exact: not for results of pictures as small
    content = content_key(canvas.luma, canvas.domain, affinities, walls)
    return "scribble-colorize", is_preview, content


def _solve(
    canvas: _Canvas,
    hints: Hints,
    affinities: tuple[str, Literal["gaussian", "correlation"]],
    walls: NDArray[np.bool_] | None,
    prior: NetworkPrior | None,
    context: Context,
) -> FloatArray:
    from tinct.algorithms.propagation import DEFAULT_TOLERANCE

    key = _key(canvas, affinities, walls, context)
    tolerance = PREVIEW_TOLERANCE if context.quality == "preview" else DEFAULT_TOLERANCE
    last = cast("_Solved | None", context.cache.get(key))
    solving = context.within(0.2, 0.5 if prior else 0.9)
    system = last.system if last else _system(canvas, affinities, walls, context)
    canvas.forget()  # a large picture feels it
    explained_before = last.explained if last else None
    if last is None or last.chroma is None:
        chroma = system.solve(hints, tolerance=tolerance, progress=solving)
    else:
        hints_before, before = last.hints, [last.chroma]
        taken = dataclasses.replace(last, chroma=None)
        context.cache.put(key, taken, taken.nbytes)
        del last, taken  # a large picture feels it
        chroma = system.update(hints_before, before, hints, tolerance=tolerance, progress=solving)
    solved = _Solved(system, hints, chroma, explained_before)
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

        chroma = prior.joined(hints, chroma, spread, canvas.domain)
    context.cache.put(key, solved, solved.nbytes)
    return chroma


def _system(
    canvas: _Canvas,
    affinities: tuple[str, Literal["gaussian", "correlation"]],
    walls: NDArray[np.bool_] | None,
    context: Context,
) -> Propagation:
    from tinct.algorithms.propagation import Propagation

    return Propagation(
        canvas.luma,
        domain=canvas.domain,
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
        Input(
            "image",
            "rgba",
            "Image",
            "The photograph to color.",
            source="active-layer",
            by_rows=True,
        ),
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
    prepares=True,
)
