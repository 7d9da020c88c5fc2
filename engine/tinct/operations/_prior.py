"""A network's colors below strokes: what `scribble_colorize` starts from instead of gray."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tinct import color
from tinct.declare import Context, FloatArray
from tinct.operations import _networks as shared
from tinct.operations._references import Target

if TYPE_CHECKING:
    from tinct.algorithms.hints import Hints
    from tinct.algorithms.rasterizing import LocalHints

__all__ = ["NetworkPrior"]

BoolArray = NDArray[np.bool_]
MODEL = "tinct"


class NetworkPrior:
    """tinct's network before one picture.

    Parameters
    ----------
    luma
        Shape (M, N), 0 to 1.
    visible
        Shape (M, N): what the network may look at.
    context
        The run's surroundings.
    """

    def __init__(self, luma: FloatArray, visible: BoolArray, context: Context) -> None:
        network = shared.choose(MODEL, None, context)
        context.progress(0.05, "Asking the network")
        # what nobody sees must not lead the colors beside it
        self._luma = luma if visible.all() else np.where(visible, luma, np.float32(0.0))
        self._asked = shared.Asked(network, Target(self._luma, visible), context)
        self._temperature = float(network.manifest.defaults["temperature"])
        self._base = self._asked.answer(self._temperature)

    def alone(self) -> FloatArray:
        """Return the network's own colors, I and Q, (M, N, 2)."""
        from tinct.algorithms.upsampling import upsample

        return upsample(shared.chroma_iq(self._base), self._guide, self._luma)

    def joined(
        self,
        hints: Hints,
        strokes: FloatArray,
        spread: Callable[[Hints], FloatArray],
        domain: BoolArray,
    ) -> FloatArray:
        """Return strokes laid over the network's colors; see `tinct.algorithms.fusion`.

        Parameters
        ----------
        hints
            The strokes, at least one.
        strokes
            Shape (M, N, 2): their chroma, propagated.
        spread
            Propagates other chroma from the same pixels alike.
        domain
            Shape (M, N): where strokes are felt.
        """
        from tinct.algorithms.fusion import Opinion, accept, join
        from tinct.algorithms.hints import Hints
        from tinct.algorithms.upsampling import upsample

        told = self._asked.answer(self._temperature, self._local(hints))
        opinion = Opinion(self._guide, shared.chroma_iq(self._base), shared.chroma_iq(told))
        within = None if domain.all() else domain
        accepted = accept(self._luma, hints, opinion, domain=within)
        both = upsample(
            np.concatenate([opinion.base, opinion.hinted], axis=2), opinion.guide, self._luma
        )
        base, hinted = both[..., :2], both[..., 2:]
        below = np.where(hints.hard[..., np.newaxis], hinted, np.float32(0.0))
        explained = spread(Hints(below, hints.confidence))
        reached = None if within is None else _reached(within, hints.hard)
        return join(base, hinted, accepted, strokes, explained, reached)

    @property
    def _guide(self) -> FloatArray:
        from tinct.algorithms.upsampling import box_mean

        height, width = self._base.lightness.shape
        return box_mean(self._luma, (height, width))

    def _local(self, hints: Hints) -> LocalHints:
        """Return the strokes on the network's grid, in the colors they have on this picture."""
        from tinct.algorithms.rasterizing import rasterize

        painted = hints.hard
        rgb = color.fit_chroma_yiq(self._luma[painted], hints.chroma[painted])
        return rasterize(painted, color.srgb_to_lab(rgb)[:, 1:], self._asked.size)


def _reached(domain: BoolArray, painted: BoolArray) -> BoolArray:
    """Return the connected parts of the domain that hold a painted pixel."""
    from scipy import ndimage

    labels, _ = ndimage.label(domain, np.ones((3, 3)))
    found = np.unique(labels[painted & domain])
    return np.asarray(np.isin(labels, found[found > 0]))
