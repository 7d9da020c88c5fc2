"""Other colors a network holds possible: it is told one of them where it is unsure, and goes on."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tinct.algorithms.ab_bins import ranked_colors, shares_of
from tinct.algorithms.rasterizing import LocalHints
from tinct.context import Context
from tinct.declare import FloatArray
from tinct.models.colorizer import Prediction, predict
from tinct.models.runtime import Network

__all__ = ["vary"]

PLACES = 4
APART = 0.35  # of the shorter side: what lies nearer to a place is taken for the same thing
HALF_PATCH = 3  # pixels of the network's input
SOFTNESS = 1.5  # temperature of the distribution that colors are drawn from
DARK, LIGHT = 12.0, 92.0  # L beyond which hardly any color shows


def vary(
    network: Network,
    lightness: FloatArray,
    likeliest: Prediction,
    temperature: float,
    seed: int,
    *,
    context: Context = Context(),
) -> Prediction:
    """Return another plausible coloring of a picture.

    In a few places, one after the other, a color is drawn from the network's own distribution and
    given back as a hint, so that whole objects change and agree with each other.

    Parameters
    ----------
    network
        One that gives logits.
    lightness
        Shape (H, W), see `network_lightness`.
    likeliest
        Its first answer, with logits.
    temperature
        Of the annealed mean.
    seed
        Equal seeds give equal colors.
    context
        Stops the network when the user cancels.
    """
    rng = np.random.default_rng(seed)
    distribution = network.manifest.distribution
    assert distribution is not None  # whoever gives logits lists the bins
    centers = np.array(distribution.centers, np.float32)
    local = LocalHints(np.zeros((*lightness.shape, 2), np.float32), np.zeros(lightness.shape, bool))
    current = likeliest
    free = np.ones(current.confidence.shape, bool)
    for _ in range(PLACES):
        place = _unsure_place(current, free, rng)
        if place is None:
            break
        color = _other_color(current, place, centers, rng)
        _paint(local, place, color, current.confidence.shape)
        current = predict(network, lightness, temperature, local, logits=True, context=context)
    return current


def _unsure_place(
    prediction: Prediction, free: NDArray[np.bool_], rng: np.random.Generator
) -> tuple[int, int] | None:
    """Draw a cell, unsure ones more often, and mark what lies around it as taken."""
    doubt = (1.0 / np.clip(prediction.confidence, 0.01, 0.99) - 1.0).astype(np.float64)
    visible = (prediction.lightness > DARK) & (prediction.lightness < LIGHT)
    weights = np.where(free & visible, doubt, 0.0)
    if not weights.any():
        return None
    cell = int(rng.choice(weights.size, p=weights.ravel() / weights.sum()))
    row, column = divmod(cell, free.shape[1])
    rows, columns = np.ogrid[: free.shape[0], : free.shape[1]]
    reach = APART * min(free.shape)
    free[(rows - row) ** 2 + (columns - column) ** 2 < reach * reach] = False
    return row, column


def _other_color(
    prediction: Prediction, place: tuple[int, int], centers: FloatArray, rng: np.random.Generator
) -> FloatArray:
    """Draw one of the colors that are possible at a cell."""
    assert prediction.logits is not None
    row, column = place
    around = prediction.logits[:, max(row - 1, 0) : row + 2, max(column - 1, 0) : column + 2]
    shares = shares_of(around.mean(axis=(1, 2)), SOFTNESS)
    colors, found = ranked_colors(shares[np.newaxis], centers)
    weights = found[0].astype(np.float64)
    return np.asarray(colors[0, rng.choice(len(weights), p=weights / weights.sum())], np.float32)


def _paint(
    local: LocalHints, place: tuple[int, int], color: FloatArray, cells: tuple[int, ...]
) -> None:
    height, width = local.mask.shape
    row = (2 * place[0] + 1) * height // (2 * cells[0])
    column = (2 * place[1] + 1) * width // (2 * cells[1])
    patch = np.s_[
        max(row - HALF_PATCH, 0) : row + HALF_PATCH + 1,
        max(column - HALF_PATCH, 0) : column + HALF_PATCH + 1,
    ]
    local.chroma[patch], local.mask[patch] = color, True
