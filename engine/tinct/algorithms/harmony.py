"""Color harmony: templates of hues on the wheel, how well colors fit, and the best template.

D. Cohen-Or, O. Sorkine, R. Gal, T. Leyvand, Y.-Q. Xu, Color harmonization, 2006.
DOI 10.1145/1141911.1141933
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "HUE_TEMPLATES",
    "TEMPLATES",
    "Fit",
    "Sector",
    "Shape",
    "arc_to_sectors",
    "best_angle",
    "cost",
    "rank",
    "sectors_of",
]

Array = NDArray[Any]

TEMPLATES: dict[str, tuple[tuple[float, float], ...]] = {
    "i": ((18.0, 0.0),),
    "V": ((93.6, 0.0),),
    "L": ((18.0, 0.0), (79.2, 90.0)),
    "I": ((18.0, 0.0), (18.0, 180.0)),
    "T": ((180.0, 0.0),),
    "Y": ((93.6, 0.0), (18.0, 180.0)),
    "X": ((93.6, 0.0), (93.6, 180.0)),
    "N": (),
}
"""Width and center in degrees of each template's sectors before it is turned; N has no hue."""

HUE_TEMPLATES = tuple(name for name, sectors in TEMPLATES.items() if sectors)
MINIMUM_WIDTH, MAXIMUM_WIDTH = 1.0, 350.0


@dataclasses.dataclass(frozen=True)
class Sector:
    """A run of hues: center, 0 to 360, and width, both in degrees."""

    center: float
    width: float


@dataclasses.dataclass(frozen=True)
class Shape:
    """How a template departs from the published one.

    Parameters
    ----------
    first, second
        Factors of the sectors' widths.
    offset
        Degrees added to the second sector's center; -180 mirrors L.
    """

    first: float = 1.0
    second: float = 1.0
    offset: float = 0.0


@dataclasses.dataclass(frozen=True)
class Fit:
    """A template at its angle, and what the colors lack to it.

    Parameters
    ----------
    template, angle
        The name, and degrees the template is turned.
    cost
        Mean arc to the nearest sector in degrees, weighted like the histogram.
    """

    template: str
    angle: float
    cost: float


PUBLISHED = Shape()


def sectors_of(template: str, angle: float, shape: Shape = PUBLISHED) -> tuple[Sector, ...]:
    """Return the sectors of a template turned by an angle in degrees; none for ``"N"``."""
    factors = (shape.first, shape.second)
    return tuple(
        Sector(
            (center + angle + (shape.offset if index else 0.0)) % 360.0,
            min(max(width * factors[index], MINIMUM_WIDTH), MAXIMUM_WIDTH),
        )
        for index, (width, center) in enumerate(TEMPLATES[template])
    )


def arc_to_sectors(hues: ArrayLike, sectors: Sequence[Sector]) -> Array:
    """Return how far hues lie from the nearest sector.

    Parameters
    ----------
    hues
        Degrees, any shape.
    sectors
        At least one.

    Returns
    -------
    ndarray
        Degrees, same shape; 0 inside a sector.
    """
    degrees = np.asarray(hues, np.float64)
    arcs = [
        np.abs((degrees - sector.center + 180.0) % 360.0 - 180.0) - sector.width / 2
        for sector in sectors
    ]
    return np.asarray(np.maximum(np.minimum.reduce(arcs), 0.0))


def cost(histogram: Array, sectors: Sequence[Sector]) -> float:
    """Return the mean arc of a histogram of hues to the nearest sector.

    Parameters
    ----------
    histogram
        Shape (360,), weights of whole degrees, not all 0.
    sectors
        At least one.
    """
    arcs = arc_to_sectors(np.arange(histogram.size), sectors)
    return float(histogram @ arcs / histogram.sum())


def best_angle(histogram: Array, template: str, shape: Shape = PUBLISHED) -> Fit:
    """Turn a template to where it costs least, exactly.

    The cost is piecewise linear in the angle and only bends upwards where a sector's border
    meets a hue, so that one of these angles is the least; each border's 360 are one circular
    correlation.

    Parameters
    ----------
    histogram
        Shape (360,), float64, not all 0.
    template
        One of `HUE_TEMPLATES`.
    shape
        Departures from the published sectors.

    Returns
    -------
    Fit
        Of equally good angles the one whose sectors lie most centrally on the hues, then the
        smallest.
    """
    borders, spectra = _spectra(template, shape)
    costs = np.fft.irfft(np.fft.rfft(histogram) * spectra, histogram.size, axis=1)
    angles = (np.arange(histogram.size) - borders[:, np.newaxis]) % 360.0
    least = costs.min()
    rounding = 1e-9 * histogram.sum() * 180.0
    candidates = np.unique(np.round(angles[costs <= least + rounding], 6) % 360.0)
    angle = _most_central(histogram, template, shape, candidates)
    return Fit(template, angle, cost(histogram, sectors_of(template, angle, shape)))


def rank(histogram: Array, shape: Shape = PUBLISHED) -> list[Fit]:
    """Return every template with hues at its best angle, the least cost first."""
    fits = [best_angle(histogram, template, shape) for template in HUE_TEMPLATES]
    return sorted(fits, key=lambda fit: fit.cost)


@functools.lru_cache(maxsize=64)
def _spectra(template: str, shape: Shape) -> tuple[Array, Array]:
    """Return a template's borders and, for each, the spectrum of the cost as a correlation."""
    sectors = sectors_of(template, 0.0, shape)
    borders = np.array(
        [sector.center + side * sector.width / 2 for sector in sectors for side in (-1, 1)]
    )
    degrees = np.arange(360)
    # with the border e on degree k the angle is k - e, and degree b lies at b - k + e of the
    # unturned template
    arcs = np.stack([arc_to_sectors(degrees + border, sectors) for border in borders])
    return borders, np.conj(np.fft.rfft(arcs, axis=1))


def _most_central(histogram: Array, template: str, shape: Shape, candidates: Array) -> float:
    """Return the middle of the longest run of equally good angles.

    A picture whose hues fit into a sector with room to spare has a whole run of best angles;
    its ends would push the hues to a border.
    """
    if candidates.size == 1:
        return float(candidates[0])
    gaps = np.diff(candidates, append=candidates[0] + 360.0)
    middles = candidates + gaps / 2
    sectors = sectors_of(template, 0.0, shape)
    arcs = arc_to_sectors(np.arange(360.0) - middles[:, np.newaxis], sectors)
    costs = arcs @ histogram
    least = float(arc_to_sectors(np.arange(360.0) - candidates[0], sectors) @ histogram)
    flat = costs <= least + 1e-9 * histogram.sum() * 180.0
    if flat.all():
        return float(candidates[0])
    first = int(np.flatnonzero(~flat)[0]) + 1  # start behind a break, so that no run wraps
    order = (np.arange(flat.size) + first) % flat.size
    best_start, best_length = float(candidates[0]), 0.0
    start, length = 0.0, 0.0
    for index in order:
        if not flat[index]:
            length = 0.0
            continue
        if length == 0.0:
            start = float(candidates[index])
        length += float(gaps[index])
        if length > best_length:
            best_start, best_length = start, length
    return (best_start + best_length / 2) % 360.0
