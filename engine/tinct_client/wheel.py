"""The color wheel as editors draw and turn it: all geometry, so that a painter only fills pies.

The data are what the engine returns for an output of kind ``data`` whose ``"kind"`` is
``"wheel"``; hue 0 lies at the top, hues grow clockwise.
"""

from __future__ import annotations

import colorsys
import dataclasses
import math
from collections.abc import Mapping
from typing import Any, NamedTuple

KIND = "wheel"
RING_STEPS = 72
RING_INNER = 0.86
HUB = 0.12
BAR_DEGREES = 2
OVERLAP_DEGREES = 0.4  # neighbors of one color leave no seam
GROUND = (0.16, 0.16, 0.16, 1.0)
SECTOR = (1.0, 1.0, 1.0, 0.25)
BEFORE = (0.55, 0.55, 0.55, 1.0)
KEY_DEGREES, BIG_KEY_DEGREES = 1.0, 10.0

Rgba = tuple[float, float, float, float]


class Pie(NamedTuple):
    """A slice from the center, in painting order: later ones cover earlier ones.

    Parameters
    ----------
    radius
        0 to 1 of the wheel's.
    start, stop
        Degrees clockwise from the top, start below stop.
    color
        Red, green, blue and alpha, 0 to 1.
    """

    radius: float
    start: float
    stop: float
    color: Rgba


class Fit(NamedTuple):
    """A template at its best angle and what it costs, in degrees."""

    template: str
    angle: float
    cost: float


@dataclasses.dataclass(frozen=True)
class Wheel:
    """What the wheel shows.

    Parameters
    ----------
    before, after
        Weights of 360 hues, 1 for the greatest of `before`.
    template, angle
        What is applied.
    sectors
        Pairs of center and width in degrees.
    ranking
        The best template first.
    names, fixed
        The parameters that template and angle stand in, and those that go along.
    """

    before: tuple[float, ...]
    after: tuple[float, ...]
    template: str
    angle: float
    sectors: tuple[tuple[float, float], ...]
    ranking: tuple[Fit, ...]
    names: Mapping[str, str]
    fixed: Mapping[str, Any]
    cost_before: float | None = None
    cost_after: float | None = None

    @classmethod
    def find(cls, outputs: Mapping[str, Any]) -> Wheel | None:
        """Return the wheel among a run's outputs, or None."""
        for value in outputs.values():
            if isinstance(value, Mapping) and value.get("kind") == KIND:
                return cls.from_data(value)
        return None

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Wheel:
        """Read the engine's description."""
        return cls(
            before=tuple(data["before"]),
            after=tuple(data["after"]),
            template=data["template"],
            angle=data["angle"],
            sectors=tuple((part["center"], part["width"]) for part in data["sectors"]),
            ranking=tuple(
                Fit(fit["template"], fit["angle"], fit["cost"]) for fit in data["ranking"]
            ),
            names=data["set"],
            fixed=data["set"]["fixed"],
            cost_before=data["cost"]["before"],
            cost_after=data["cost"]["after"],
        )

    def turned_to(self, angle: float) -> Wheel:
        """Return the wheel with its sectors at another angle, before the engine has answered."""
        turn = angle - self.angle
        sectors = tuple(((center + turn) % 360.0, width) for center, width in self.sectors)
        return dataclasses.replace(self, angle=round(angle % 360.0, 2), sectors=sectors)

    def with_template(self, template: str) -> Wheel:
        """Return the wheel with another template at its best angle; its sectors come later."""
        angles = {fit.template: fit.angle for fit in self.ranking}
        return dataclasses.replace(self, template=template, angle=angles.get(template, self.angle))

    def under(self, chosen: Wheel) -> Wheel:
        """Return these hues with what the user has chosen since the engine was asked for them."""
        return dataclasses.replace(
            self, template=chosen.template, angle=chosen.angle, sectors=chosen.sectors
        )

    def settings(self, template: str = "") -> dict[str, Any]:
        """Return the parameters that give this wheel, or another template at its best angle."""
        wheel = self.with_template(template) if template else self
        return {
            self.names["template"]: wheel.template,
            self.names["angle"]: wheel.angle,
            **self.fixed,
        }

    def pies(self) -> list[Pie]:
        """Return what to paint, in order."""
        pies = []
        for step in range(RING_STEPS):
            start = 360.0 * step / RING_STEPS
            stop = start + 360.0 / RING_STEPS
            color = colorsys.hsv_to_rgb((start + stop) / 720.0, 1.0, 1.0)
            pies.append(Pie(1.0, start, stop + OVERLAP_DEGREES, (*color, 1.0)))
        pies.append(Pie(RING_INNER, 0.0, 360.0, GROUND))
        for center, width in self.sectors:
            pies.append(Pie(RING_INNER, center - width / 2, center + width / 2, SECTOR))
        for weights, share in ((self.before, 1.0), (self.after, 0.5)):
            for degree in range(0, 360, BAR_DEGREES):
                weight = max(weights[degree : degree + BAR_DEGREES])
                if weight > 0:
                    radius = HUB + (RING_INNER - HUB) * min(weight, 1.0)
                    middle = degree + (BAR_DEGREES - 1) / 2
                    half = share * BAR_DEGREES / 2
                    color = colorsys.hsv_to_rgb(middle / 360.0, 0.9, 1.0)
                    fill = BEFORE if weights is self.before else (*color, 1.0)
                    pies.append(Pie(radius, middle - half, middle + half, fill))
        pies.append(Pie(HUB, 0.0, 360.0, GROUND))
        return pies

    def caption(self) -> str:
        """Return template, angle and costs in a few words."""
        words = f"{self.template} {self.angle:.0f}°"
        if self.cost_before is not None and self.cost_after is not None:
            words += f"   {self.cost_before:.1f}° → {self.cost_after:.1f}°"
        return words


class Turn:
    """One drag of the wheel.

    Parameters
    ----------
    wheel
        As it was when the drag began.
    x, y
        Where it began, from the wheel's center, to the right and downwards.
    """

    def __init__(self, wheel: Wheel, x: float, y: float) -> None:
        self._wheel = wheel
        self._start = hue_at(x, y)

    def to(self, x: float, y: float) -> Wheel:
        """Return the wheel with the pointer at another place."""
        return self._wheel.turned_to(self._wheel.angle + hue_at(x, y) - self._start)


def hue_at(x: float, y: float) -> float:
    """Return the hue in a direction from the center, x to the right and y downwards."""
    return math.degrees(math.atan2(x, -y)) % 360.0
