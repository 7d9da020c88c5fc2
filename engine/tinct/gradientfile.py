"""Read GIMP's gradients (``.ggr``) and sample them."""

from __future__ import annotations

import colorsys
import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinct.errors import FileError

__all__ = ["PATTERNS", "Gradient", "Segment", "read_gradient"]

PATTERNS = ("*.ggr",)
FILE_MAXIMUM = 1 << 20
LINEAR, CURVED, SINE, SPHERE_RISING, SPHERE_FALLING, STEP = range(6)
RGB, HSV_RISING, HSV_FALLING = range(3)
EPSILON = 1e-10
Array = NDArray[Any]


@dataclasses.dataclass(frozen=True)
class Segment:
    """One stretch of a gradient.

    Parameters
    ----------
    left, middle, right
        Positions, 0 to 1; half of the way is at the middle.
    start, stop
        sRGB-encoded colors with alpha at left and right.
    blend, model
        GIMP's numbers: linear, curved, sine, sphere rising, sphere falling, step; RGB, HSV with
        rising or falling hue.
    """

    left: float
    middle: float
    right: float
    start: tuple[float, ...]
    stop: tuple[float, ...]
    blend: int
    model: int


@dataclasses.dataclass(frozen=True)
class Gradient:
    """A gradient of at least one segment that together cover 0 to 1."""

    name: str
    segments: tuple[Segment, ...]

    def sample(self, count: int) -> Array:
        """Return `count` colors from 0 to 1, ends included; shape (count, 4), sRGB with alpha."""
        positions = np.linspace(0.0, 1.0, count) if count > 1 else np.zeros(1)
        borders = np.array([segment.right for segment in self.segments[:-1]])
        owners = np.searchsorted(borders, positions, side="left")
        colors = [
            _color_at(self.segments[owner], float(position))
            for owner, position in zip(owners, positions, strict=True)
        ]
        return np.array(colors, np.float64)


def read_gradient(path: Path) -> Gradient:
    """Read a GIMP gradient.

    Raises
    ------
    FileError
        When the file cannot be read or is malformed.
    """
    try:
        with path.open("rb") as file:
            lines = file.read(FILE_MAXIMUM).decode("utf-8", "replace").splitlines()
    except OSError as error:
        reason = error.strerror or "it cannot be read"
        raise FileError(f"'{path}' cannot be opened: {reason}; choose a .ggr gradient.") from error
    lines = [line.strip() for line in lines if line.strip()]
    try:
        if not lines or lines[0] != "GIMP Gradient":
            raise ValueError("its first line is not 'GIMP Gradient'")
        name = ""
        if lines[1:] and lines[1].startswith("Name:"):
            name = lines.pop(1)[5:].strip()
        if len(lines) < 3 or not lines[1].isdigit() or len(lines) < 2 + int(lines[1]):
            raise ValueError("it has fewer segments than it says")
        segments = tuple(_segment(line) for line in lines[2 : 2 + int(lines[1])])
        _check_cover(segments)
    except ValueError as error:
        raise FileError(
            f"'{path.name}' is not a .ggr gradient: {error}; save it again from GIMP."
        ) from error
    return Gradient(name, segments)


def _segment(line: str) -> Segment:
    parts = line.split()
    if len(parts) < 13:
        raise ValueError("a segment has fewer than 13 numbers")
    try:
        numbers = [float(part) for part in parts[:11]]
        blend, model = int(parts[11]), int(parts[12])
    except ValueError:
        raise ValueError("a segment holds something that is not a number") from None
    if not np.isfinite(numbers).all():
        raise ValueError("a segment holds something that is not a number")
    if blend not in range(6) or model not in range(3):
        raise ValueError("a segment has a blending or coloring GIMP does not have")
    left, middle, right = numbers[:3]
    if not left <= middle <= right:
        raise ValueError("a segment's positions do not rise")
    return Segment(left, middle, right, tuple(numbers[3:7]), tuple(numbers[7:11]), blend, model)


def _check_cover(segments: tuple[Segment, ...]) -> None:
    if not segments:
        raise ValueError("it has no segment")
    ends = [0.0, *(segment.right for segment in segments)]
    starts = [*(segment.left for segment in segments), 1.0]
    if max(abs(end - start) for end, start in zip(ends, starts, strict=True)) > 1e-4:
        raise ValueError("its segments do not join from 0 to 1")


def _color_at(segment: Segment, position: float) -> tuple[float, ...]:
    length = segment.right - segment.left
    if length < EPSILON:
        middle, place = 0.5, 0.5
    else:
        middle = (segment.middle - segment.left) / length
        place = (position - segment.left) / length
    part = _blend(segment.blend, middle, min(max(place, 0.0), 1.0))
    alpha = segment.start[3] + part * (segment.stop[3] - segment.start[3])
    if segment.model == RGB:
        pairs = zip(segment.start[:3], segment.stop[:3], strict=True)
        return (*(start + part * (stop - start) for start, stop in pairs), alpha)
    start_hsv = colorsys.rgb_to_hsv(*segment.start[:3])
    stop_hsv = colorsys.rgb_to_hsv(*segment.stop[:3])
    turn = (stop_hsv[0] - start_hsv[0]) % 1.0
    if segment.model == HSV_FALLING and turn > 0:
        turn -= 1.0
    hue = (start_hsv[0] + part * turn) % 1.0
    others = [s + part * (e - s) for s, e in zip(start_hsv[1:], stop_hsv[1:], strict=True)]
    return (*colorsys.hsv_to_rgb(hue, *others), alpha)


def _blend(blend: int, middle: float, place: float) -> float:
    """Return how much of the right color there is at a place of 0 to 1 of a segment."""
    if blend == CURVED:
        return float(place ** (np.log(0.5) / np.log(max(middle, EPSILON)))) if middle < 1 else 0.0
    if blend == STEP:
        return float(place >= middle)
    if place <= middle:
        linear = 0.5 * place / middle if middle > EPSILON else 0.0
    else:
        linear = 0.5 + 0.5 * (place - middle) / (1 - middle) if middle < 1 - EPSILON else 1.0
    if blend == SINE:
        return float((np.sin(-np.pi / 2 + np.pi * linear) + 1) / 2)
    if blend == SPHERE_RISING:
        return float(np.sqrt(max(0.0, 1 - (linear - 1) ** 2)))
    if blend == SPHERE_FALLING:
        return float(1 - np.sqrt(max(0.0, 1 - linear**2)))
    return linear
