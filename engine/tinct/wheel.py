"""One description of the color wheel, as JSON data that every editor's painter draws.

::

    {"kind": "wheel", "version": 1,
     "before": [360 numbers],  weight of every whole degree of HSV hue, the largest 1
     "after": [360 numbers],   the same for the result, in the unit of "before"
     "fitted": [360 numbers],  the hues the template was fitted to
     "template": "X", "angle": 123.5,
     "sectors": [{"center": 123.5, "width": 93.6}, ...],       degrees
     "cost": {"before": 31.2, "after": 0.0},                   mean arc to the sectors, degrees
     "ranking": [{"template": "T", "angle": 10.0, "cost": 0.4, "sectors": [...]}, ...],
     "set": {"template": "template", "angle": "angle", "fixed": {"find_angle": false}}}

Hue 0 is red and lies at the top; hues grow clockwise. To turn the wheel or take a template of the
ranking, a form sets the parameters that ``"set"`` names, and those in ``"fixed"`` to their values.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinct.algorithms.harmony import Fit, Sector, Shape, cost, sectors_of

__all__ = ["KIND", "VERSION", "describe_wheel"]

KIND = "wheel"
VERSION = 1
Array = NDArray[Any]


def describe_wheel(
    *,
    before: Array,
    after: Array,
    fitted: Array,
    template: str,
    angle: float,
    sectors: Sequence[Sector],
    ranking: Sequence[Fit],
    shape: Shape,
    fixed: Mapping[str, Any],
) -> dict[str, Any]:
    """Return the wheel's description, see the top of this file.

    Parameters
    ----------
    before, after, fitted
        Shape (360,), weights of whole degrees; any may be all 0.
    template, angle, sectors
        What was applied.
    ranking
        Every template at its best angle, the best first.
    shape
        The departures all of them share.
    fixed
        Parameters to set, with their values, before template or angle count.
    """
    peak = float(before.max()) or 1.0
    return {
        "kind": KIND,
        "version": VERSION,
        "before": _numbers(before / peak),
        "after": _numbers(after / peak),
        "fitted": _numbers(fitted / (float(fitted.max()) or 1.0)),
        "template": template,
        "angle": round(angle, 2),
        "sectors": _sectors(sectors),
        "cost": {"before": _cost(before, sectors), "after": _cost(after, sectors)},
        "ranking": [
            {
                "template": fit.template,
                "angle": round(fit.angle, 2),
                "cost": round(fit.cost, 4),
                "sectors": _sectors(sectors_of(fit.template, fit.angle, shape)),
            }
            for fit in ranking
        ],
        "set": {"template": "template", "angle": "angle", "fixed": dict(fixed)},
    }


def _numbers(values: Array) -> list[float]:
    return [round(float(value), 5) for value in np.asarray(values)]


def _sectors(sectors: Sequence[Sector]) -> list[dict[str, float]]:
    return [
        {"center": round(sector.center, 2), "width": round(sector.width, 2)} for sector in sectors
    ]


def _cost(histogram: Array, sectors: Sequence[Sector]) -> float | None:
    if not sectors or histogram.sum() <= 0:
        return None
    return round(cost(histogram, sectors), 4)
