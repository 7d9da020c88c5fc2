"""A network's colors below strokes: what `scribble_colorize` starts from instead of gray."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tinct import color
from tinct.declare import Context, FloatArray
from tinct.operations import _networks as shared
from tinct.operations._references import Target

if TYPE_CHECKING:
    from tinct.algorithms.fusion import Opinion
    from tinct.algorithms.hints import Hints
    from tinct.algorithms.rasterizing import LocalHints

__all__ = ["NetworkPrior"]

BoolArray = NDArray[np.bool_]
MODEL = "tinct"
KRIGED = 0.5  # the share of what things alike say, beside the network that heard the strokes
USUAL = 2.0  # so many strokes say as much of the mean chroma as the network itself
CHROMA_MAXIMUM = 100.0  # of the mean, as the network takes it


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
        self._base = self._asked.mean_answer(logits=True)

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
        from tinct.algorithms.fusion import accept, join
        from tinct.algorithms.hints import Hints
        from tinct.algorithms.upsampling import upsample

        opinion, expected = self._opinion(self._local(hints))
        within = None if domain.all() else domain
        accepted = accept(self._luma, hints, opinion, domain=within)
        both = upsample(np.concatenate([opinion.base, expected], axis=2), opinion.guide, self._luma)
        base, expected = both[..., :2], both[..., 2:]
        below = np.where(hints.hard[..., np.newaxis], expected, np.float32(0.0))
        explained = spread(Hints(below, hints.confidence))
        reached = None if within is None else _reached(within, hints.hard)
        return join(base, expected, accepted, strokes, explained, reached)

    def _opinion(self, local: LocalHints) -> tuple[Opinion, FloatArray]:
        """Return what the network says, and what is to be expected with the strokes."""
        from tinct.algorithms.ab_bins import shares_of
        from tinct.algorithms.fusion import Opinion
        from tinct.algorithms.kriging import krige
        from tinct.models.colorizer import GlobalHints

        before = self._base
        assert before.logits is not None  # asked for
        lightness = before.lightness
        cells, chroma = _cells(local, lightness.shape)
        overall = GlobalHints(None, _vividness(local, before.chroma))
        told = self._asked.mean_answer(local, overall)
        alike = krige(shares_of(before.logits), lightness, before.chroma, cells, chroma)
        mixed = told.chroma + np.float32(KRIGED) * (alike - told.chroma)
        opinion = Opinion(self._guide, shared.chroma_iq(before), shared.chroma_iq(told))
        return opinion, shared.chroma_iq(dataclasses.replace(told, chroma=mixed))

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


def _cells(local: LocalHints, size: tuple[int, ...]) -> tuple[NDArray[np.intp], FloatArray]:
    """Return where hints lie on a smaller grid, row by row, and their mean chroma there."""
    rows, columns = np.nonzero(local.mask)
    height, width = local.mask.shape
    cell = (rows * size[0] // height) * size[1] + columns * size[1] // width
    cells, place, count = np.unique(cell, return_inverse=True, return_counts=True)
    chroma = local.chroma[rows, columns]
    means = [np.bincount(place, chroma[:, k]) / count for k in (0, 1)]
    return cells, np.stack(means, axis=1).astype(np.float32)


def _vividness(local: LocalHints, expected: FloatArray) -> float:
    """Return a picture's mean chroma by the network and by the strokes, each stroke once."""
    from scipy import ndimage

    labels, count = ndimage.label(local.mask, np.ones((3, 3)))
    chroma = ndimage.mean(np.linalg.norm(local.chroma, axis=2), labels, range(1, count + 1))
    usual = float(np.linalg.norm(expected, axis=2).mean())
    vivid = (USUAL * usual + float(np.sum(chroma))) / (USUAL + count)
    return float(min(vivid, CHROMA_MAXIMUM))


def _reached(domain: BoolArray, painted: BoolArray) -> BoolArray:
    """Return the connected parts of the domain that hold a painted pixel."""
    from scipy import ndimage

    labels, _ = ndimage.label(domain, np.ones((3, 3)))
    found = np.unique(labels[painted & domain])
    return np.asarray(np.isin(labels, found[found > 0]))
