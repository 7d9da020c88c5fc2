"""Strokes over a network's colors: what the network knows, corrected by the exact solver.

A network colors a picture by itself (`base`) and once more with the strokes as hints (`hinted`).
The second follows the strokes, but it also changes what nobody touched. So its change is accepted
where the solver's own affinity leads from a stroke, and elsewhere only as far as it is small. How
far affinity has to lead is what the network says best: the line is drawn where the accepted part
holds most of the change and least of what stayed. Strokes are exact in the end.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from tinct.algorithms.propagation import Hints, Propagation
from tinct.algorithms.upsampling import box_mean, upsample
from tinct.context import Progress, no_progress

__all__ = ["Opinion", "accept", "join"]

FloatArray = NDArray[np.float32]
BoolArray = NDArray[np.bool_]

SKETCH_SIDE = 256  # affinity is found on a picture of this shorter side, whatever the size
FORGETTING = 1e-5  # the pull back of every pixel there: how fast a stroke's influence fades
HEARING = 0.5  # how much the network's own answer adds to affinity, in its logarithm
SHARE = 0.45  # an accepted pixel must show this part of the wanted change, on the whole
STEEPNESS, TAIL = 2.0, 0.1  # of the step from what is rejected to what is accepted
LEVEL_MINIMUM = 0.1  # of influence: what is farther away is another thing
# Of so many strokes, when the tenth of the picture that is farthest from them feels this influence,
# some of everything is accepted, and all.
SEVERAL, FARTHEST, SPOKEN = 5, 0.1, (0.02, 0.1)
# Where strokes and prior nearly agree, the strokes' own field counts up to this.
AGREEMENT, AGREEMENT_SCALE = np.float32(0.3), np.float32(0.12)
CALM = 5.0  # Lab units that a stroke may move what is not accepted
BLOCK_PIXELS = 1 << 15
UNITS = np.array([180.0, 360.0], np.float32)  # Lab units for one of I and of Q, about


class Opinion(NamedTuple):
    """What a network says on its own grid, I and Q.

    Attributes
    ----------
    guide
        Shape (m, n): the picture's luma there.
    base
        Shape (m, n, 2): without the strokes.
    hinted
        Shape (m, n, 2): with the strokes.
    """

    guide: FloatArray
    base: FloatArray
    hinted: FloatArray


def accept(
    luma: FloatArray,
    hints: Hints,
    opinion: Opinion,
    *,
    domain: BoolArray | None = None,
    progress: Progress = no_progress,
) -> FloatArray:
    """Return how far a network's change is accepted at every pixel.

    Parameters
    ----------
    luma
        Shape (M, N), Y 0 to 1.
    hints
        The strokes; only hard ones count.
    opinion
        Of the network.
    domain
        Shape (M, N); color neither leaves nor enters.
    progress
        Called with a fraction and a stage; may raise `Cancelled`.

    Returns
    -------
    ndarray of shape (M, N), float32
        0 to 1; 1 at the strokes.
    """
    size = _sketch_size(hints.shape)
    guide = box_mean(luma, size)
    inside = None if domain is None else box_mean(domain, size) > 0
    wanted, share = _wanted_change(hints, opinion, luma, size)
    influence, change = _spread(guide, inside, wanted, share, progress)
    answer = _answer(opinion, change, size)
    score = influence * np.exp(HEARING * answer)
    level = _level(score, answer)
    weight = 1.0 / (1.0 + (level / np.maximum(score, 1e-3 * level)) ** STEEPNESS)
    weight = np.maximum(weight - TAIL, 0.0) / (1.0 - TAIL)
    spoken = _spoken(influence, share > 0)
    weight = np.where(share > 0, 1.0, spoken + (1.0 - spoken) * weight)
    accepted = upsample(weight[..., np.newaxis].astype(np.float32), guide, luma)[..., 0]
    accepted[hints.hard] = 1.0
    return accepted


def join(
    base: FloatArray,
    hinted: FloatArray,
    accepted: FloatArray,
    strokes: FloatArray,
    explained: FloatArray,
    reached: BoolArray | None = None,
) -> FloatArray:
    """Lay strokes over a network's colors, exactly where there are strokes.

    Parameters
    ----------
    base, hinted
        Shapes (M, N, 2): the network's chroma without the strokes and with them.
    accepted
        Shape (M, N), see `accept`.
    strokes
        Shape (M, N, 2): the strokes' chroma, propagated.
    explained
        Shape (M, N, 2): that of `hinted` under the strokes, propagated alike.
    reached
        Shape (M, N): False on islands without strokes, where nothing is known from strokes.

    Returns
    -------
    ndarray of shape (M, N, 2)
        A new one.
    """
    result = np.empty_like(base)
    step = max(1, BLOCK_PIXELS // base.shape[1])
    for row in range(0, len(base), step):
        block = slice(row, row + step)
        line = hinted[block] + (strokes[block] - explained[block])
        apart = strokes[block] - line
        distance = (apart * apart).sum(axis=2, keepdims=True)
        pull = AGREEMENT / (1 + distance / AGREEMENT_SCALE**2)
        if reached is not None:
            pull *= reached[block, :, np.newaxis]
        change = line + pull * apart - base[block]
        seen = np.sqrt((np.square(change) * UNITS**2).sum(axis=2))
        share = np.minimum(1, CALM / np.maximum(seen, 1e-6))
        weight = accepted[block] + (1 - accepted[block]) * share
        result[block] = base[block] + weight[..., np.newaxis] * change
    return result


def _sketch_size(shape: tuple[int, int]) -> tuple[int, int]:
    scale = min(1.0, SKETCH_SIDE / min(shape))
    height, width = (max(1, round(side * scale)) for side in shape)
    return height, width


def _wanted_change(
    hints: Hints, opinion: Opinion, luma: FloatArray, size: tuple[int, int]
) -> tuple[FloatArray, FloatArray]:
    """Return by how much strokes differ from the base, and their share in each sketch pixel."""
    hard = hints.hard
    share = box_mean(hard, size)
    base = upsample(opinion.base, opinion.guide, luma)
    covered = np.maximum(share, 1e-6)[..., np.newaxis]
    planes = [
        box_mean(np.where(hard, hints.chroma[..., k] - base[..., k], 0.0), size) for k in (0, 1)
    ]
    return np.asarray(np.stack(planes, axis=2) / covered, np.float32), share


def _spread(
    guide: FloatArray,
    inside: BoolArray | None,
    wanted: FloatArray,
    share: FloatArray,
    progress: Progress,
) -> tuple[FloatArray, FloatArray]:
    """Return the strokes' influence, fading, and the change they want everywhere."""
    system = Propagation(guide, domain=inside, progress=progress)
    # A step of a smaller sketch leads farther.
    forgetting = FORGETTING * (SKETCH_SIDE / min(guide.shape)) ** 2
    confidence = np.where(share > 0, np.inf, forgetting).astype(np.float32)
    ones = np.zeros((*guide.shape, 2), np.float32)
    ones[share > 0, 0] = 1.0
    tolerance = 1e-4
    influence = system.solve(Hints(ones, confidence), tolerance=tolerance, progress=progress)
    change = np.where(share[..., np.newaxis] > 0, wanted, np.float32(0.0))
    change = system.solve(Hints(change, confidence), tolerance=tolerance, progress=progress)
    faded = np.clip(influence[..., 0], 1e-6, 1.0)
    return faded.astype(np.float32), change / faded[..., np.newaxis]


def _answer(opinion: Opinion, change: FloatArray, size: tuple[int, int]) -> FloatArray:
    """Return which part of the wanted change the network made by itself, 0 to 1."""
    grid = opinion.guide.shape
    wanted = np.stack([box_mean(change[..., k], (grid[0], grid[1])) for k in (0, 1)], axis=2)
    made = ((opinion.hinted - opinion.base) * wanted).sum(axis=2)
    part = np.clip(made / np.maximum((wanted * wanted).sum(axis=2), 1e-8), 0.0, 1.0)
    blank = np.zeros(size, np.float32)
    return upsample(part[..., np.newaxis].astype(np.float32), None, blank)[..., 0]


def _spoken(influence: FloatArray, strokes: BoolArray) -> float:
    """Return how far a picture is spoken for, 0 to 1: by several strokes that reach everywhere.

    Then strokes say what the picture is, and the network that heard them needs no guard any more.
    """
    least = float(np.quantile(influence, FARTHEST))
    reach = np.clip((least - SPOKEN[0]) / (SPOKEN[1] - SPOKEN[0]), 0.0, 1.0)
    count = ndimage.label(strokes, np.ones((3, 3)))[1]
    return float(reach * np.clip((count - 1) / (SEVERAL - 1), 0.0, 1.0))


def _level(score: FloatArray, answer: FloatArray) -> float:
    """Return the score from which on acceptance holds most of the change and least of the rest."""
    order = np.argsort(-score, axis=None, kind="stable")
    gain = np.cumsum(answer.ravel()[order] - SHARE)
    return max(float(score.ravel()[order][int(np.argmax(gain))]), LEVEL_MINIMUM)
