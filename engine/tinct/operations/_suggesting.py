"""Colors a network holds likely, for strokes and for every part of a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tinct.algorithms.ab_bins import ranked_colors, shares_of
from tinct.suggestions import Spot, describe_suggestions

if TYPE_CHECKING:
    from tinct.algorithms.rasterizing import LocalHints
    from tinct.models.colorizer import Prediction
    from tinct.operations._networks import Asked

__all__ = ["suggest"]

Array = NDArray[Any]

STROKES_MAXIMUM = 12
FIELDS_SHORT, FIELDS_LONG = 12, 24


def suggest(
    asked: Asked, answer: Prediction, before: Prediction, local: LocalHints | None
) -> dict[str, Any]:
    """Return what `tinct.suggestions` describes.

    Parameters
    ----------
    asked
        The picture before its network.
    answer
        With the strokes: it says what suits them elsewhere.
    before
        Without the strokes: what the places below them might be.
    local
        The strokes, or None.
    """
    distribution = asked.network.manifest.distribution
    assert distribution is not None  # whoever gives logits lists the bins
    centers = np.array(distribution.centers)
    strokes = [] if local is None else _strokes(asked, before, local, centers)
    return describe_suggestions(strokes, _fields(asked, answer, centers))


def _fields(asked: Asked, answer: Prediction, centers: Array) -> list[list[Spot]]:
    assert answer.logits is not None
    cells = answer.lightness.shape
    counts = [
        min(side, max(1, min(FIELDS_LONG, round(FIELDS_SHORT * side / min(cells)))))
        for side in cells
    ]
    down, along = (
        np.linspace(0, side, count + 1).astype(int)
        for side, count in zip(cells, counts, strict=True)
    )
    area = np.outer(np.diff(down), np.diff(along))
    stacked = np.concatenate([shares_of(answer.logits), answer.lightness[np.newaxis]])
    sums = np.add.reduceat(np.add.reduceat(stacked, down[:-1], axis=1), along[:-1], axis=2)
    means = (sums / area).reshape(len(stacked), -1)
    colors, found = ranked_colors(means[:-1].T, centers)
    rows, columns = asked.target.luma.shape
    spots = [
        Spot(
            int((place % counts[1] + 0.5) * columns / counts[1]),
            int((place // counts[1] + 0.5) * rows / counts[0]),
            float(means[-1, place]),
            colors[place],
            found[place],
        )
        for place in range(means.shape[1])
    ]
    return [spots[first : first + counts[1]] for first in range(0, len(spots), counts[1])]


def _strokes(asked: Asked, before: Prediction, local: LocalHints, centers: Array) -> list[Spot]:
    """Return suggestions for the strokes, those painted since the last run first."""
    from scipy import ndimage

    assert before.logits is not None
    labels, count = ndimage.label(local.mask, np.ones((3, 3)))
    fresh = local.mask & ~asked.remembered_strokes(local.mask)
    numbers = np.arange(1, count + 1)
    new, size = (ndimage.sum_labels(mask, labels, numbers) for mask in (fresh, local.mask))
    shares = shares_of(before.logits)
    spots = []
    for number in numbers[np.lexsort((-size, -new))][:STROKES_MAXIMUM]:
        cells = np.argwhere(labels == number)
        middle = cells[((cells - cells.mean(axis=0)) ** 2).sum(axis=1).argmin()]
        below = cells * before.lightness.shape // np.array(labels.shape)
        share = shares[:, below[:, 0], below[:, 1]].mean(axis=1)
        colors, found = ranked_colors(share[np.newaxis], centers)
        row, column = (middle + 0.5) * asked.target.luma.shape / np.array(labels.shape)
        lightness = float(asked.lightness[cells[:, 0], cells[:, 1]].mean())
        spots.append(Spot(int(column), int(row), lightness, colors[0], found[0]))
    return spots
