"""Compiled loops over the hues of pixels: split, count, move and join again (HSV, degrees)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from tinct.algorithms.harmony import Sector

__all__ = [
    "BINS",
    "add_hues",
    "borders_of",
    "locate",
    "split_hues",
    "turn_hues",
    "warm_kernels",
]

Array = NDArray[Any]
Real = Any  # float32: Python's float would widen every sum

BINS = 360
BORDER_SLACK = np.float32(1e-4)  # a hue on the border lies inside, whatever its rounding
BORDER_END = np.float32(360) - BORDER_SLACK


@numba.njit(cache=True, nogil=True, error_model="numpy", inline="always")
def _full_turn(degrees: Real) -> Real:
    """Return degrees of -360 to 720 as 0 <= degrees < 360, without a branch or a modulo."""
    degrees += np.float32(360) if degrees < 0 else np.float32(0)
    # also what a tiny negative angle rounds up to
    degrees -= np.float32(360) if degrees >= 360 else np.float32(0)
    return degrees


@numba.njit(cache=True, nogil=True, error_model="numpy")
def hue_of(red: Real, green: Real, blue: Real) -> Real:
    """Return the hue of HSV in degrees, 0 <= hue < 360; 0 for a gray."""
    high = max(red, green, blue)
    chroma = high - min(red, green, blue)
    if chroma <= 0:
        return np.float32(0)
    if high == red:
        hue = (green - blue) / chroma
        if hue < 0:
            hue += np.float32(6)
    elif high == green:
        hue = (blue - red) / chroma + np.float32(2)
    else:
        hue = (red - green) / chroma + np.float32(4)
    hue *= np.float32(60)
    return hue if hue < 360 else np.float32(0)


@numba.njit(cache=True, nogil=True, error_model="numpy")
def share_of(chroma: Real, neutral: Real) -> Real:
    """Return how much of a move a color of this chroma takes: 0 for grays, 1 for colors."""
    if chroma <= 0:
        return np.float32(0)
    if neutral <= 0:
        return np.float32(1)
    half = np.float32(0.5) * neutral
    return min(max((chroma - half) / half, np.float32(0)), np.float32(1))


@numba.njit(cache=True, nogil=True, error_model="numpy")
def split_hues(
    start: int,
    stop: int,
    image: Array,
    exponent: Real,
    neutral: Real,
    hue: Array,
    weight: Array,
) -> None:
    """Write hue and statistical weight of rows `start` to `stop`.

    Parameters
    ----------
    image
        Shape (M, N, 4), float32, sRGB-encoded with alpha.
    exponent
        The weight is saturation to this power, times alpha, times `share_of`.
    neutral
        Chroma (largest minus smallest channel) below which colors count as gray.
    hue, weight
        Shape (M, N), float32, written.
    """
    for row in range(start, stop):
        for column in range(image.shape[1]):
            red = image[row, column, 0]
            green = image[row, column, 1]
            blue = image[row, column, 2]
            high = max(red, green, blue)
            chroma = high - min(red, green, blue)
            share = share_of(chroma, neutral)
            if share <= 0 or high <= 0:
                hue[row, column] = 0
                weight[row, column] = 0
                continue
            hue[row, column] = hue_of(red, green, blue)
            saturation = min(chroma / high, np.float32(1))
            if exponent != 1:
                saturation = saturation**exponent
            weight[row, column] = saturation * share * image[row, column, 3]


@numba.njit(cache=True, nogil=True, error_model="numpy")
def add_hues(
    start: int, stop: int, rows_per_band: int, hue: Array, weight: Array, counts: Array
) -> None:
    """Add weights to histograms of bands of rows, each weight shared by the two nearest degrees.

    Sharing keeps every cost that is linear between whole degrees exact.

    Parameters
    ----------
    start, stop
        Bands, each of `rows_per_band` rows.
    hue, weight
        Shape (M, N).
    counts
        Shape (bands, 360), float64, added to.
    """
    for band in range(start, stop):
        last = min((band + 1) * rows_per_band, hue.shape[0])
        for row in range(band * rows_per_band, last):
            for column in range(hue.shape[1]):
                amount = weight[row, column]
                if amount > 0:
                    degree = hue[row, column]
                    lower = int(degree)
                    part = degree - lower
                    if lower >= 360:
                        lower -= 360
                    counts[band, lower] += amount * (1 - part)
                    counts[band, lower + 1 if lower < 359 else 0] += amount * part


def borders_of(sectors: Sequence[Sector]) -> Array:
    """Return sectors as the kernels take them: low and high border and half width, in degrees."""
    return np.array(
        [
            (
                (sector.center - sector.width / 2) % 360.0,
                (sector.center + sector.width / 2) % 360.0,
                sector.width / 2,
            )
            for sector in sectors
        ],
        np.float32,
    )


@numba.njit(cache=True, nogil=True, error_model="numpy", inline="always")
def locate(hue: Real, borders: Array) -> tuple[int, Real, Real, int, Real, int]:
    """Return where a hue lies among one or two sectors, see `borders_of`.

    Returns
    -------
    tuple
        Index of the sector around the hue or -1, and the hue's offset from its center; degrees
        to the next sector in falling direction and its index; degrees to the next in rising
        direction and its index.
    """
    inside = -1
    below, above = 0, 0
    falling = np.float32(720)
    rising = np.float32(720)
    offset = np.float32(720)
    for sector in range(borders.shape[0]):
        half = borders[sector, 2]
        past = _full_turn(hue - borders[sector, 0])
        past -= np.float32(360) if past >= BORDER_END else np.float32(0)
        within = past - half
        if abs(within) <= half + BORDER_SLACK and abs(within) < abs(offset):
            offset = within
            inside = sector
        down = _full_turn(hue - borders[sector, 1])
        up = _full_turn(borders[sector, 0] - hue)
        below = sector if down < falling else below
        falling = min(down, falling)
        above = sector if up < rising else above
        rising = min(up, rising)
    return inside, offset, falling, below, rising, above


@numba.njit(cache=True, nogil=True, error_model="numpy", inline="always")
def moved(hue: Real, label: int, borders: Array, keep_inside: bool) -> Real:
    """Return how many degrees a hue moves into its sector; the sign is the direction.

    The falloff is the paper's: a hue at arc d from a sector's center comes to lie at
    w/2 (1 - exp(-d² / (2 (w/2)²))) from it. `label` is the sector's index, or, where there is one
    sector, the way round the circle: 0 for falling, 1 for rising.
    """
    inside, offset, falling, below, rising, above = locate(hue, borders)
    if inside >= 0:
        arc = abs(offset)
        half = borders[inside, 2]
        falls = offset > 0
        keep = keep_inside
    else:
        falls = label == 0
        if borders.shape[0] > 1:
            falls = falling <= rising if below == above else label == below
        half = borders[below if falls else above, 2]
        arc = half + (falling if falls else rising)
        keep = False
    if keep:
        return np.float32(0)
    ratio = arc / half
    target = half
    if not keep_inside:
        target = half * (np.float32(1) - np.exp(np.float32(-0.5) * ratio * ratio))
    return target - arc if falls else arc - target


@numba.njit(cache=True, nogil=True, error_model="numpy")
def with_hue(red: Real, green: Real, blue: Real, hue: Real) -> tuple[Real, Real, Real]:
    """Return a color turned to a hue in degrees: largest and smallest channel keep their bits."""
    high = max(red, green, blue)
    low = min(red, green, blue)
    sixth = hue / np.float32(60)
    side = int(sixth)
    part = sixth - side
    middle = low + (high - low) * (part if side % 2 == 0 else 1 - part)
    if side == 0:
        return high, middle, low
    if side == 1:
        return middle, high, low
    if side == 2:
        return low, high, middle
    if side == 3:
        return low, middle, high
    if side == 4:
        return middle, low, high
    return high, low, middle


@numba.njit(cache=True, nogil=True, error_model="numpy")
def turn_hues(
    start: int,
    stop: int,
    image: Array,
    hue: Array,
    weight: Array,
    labels: Array,
    borders: Array,
    keep_inside: bool,
    strength: Real,
    neutral: Real,
    result: Array,
) -> None:
    """Write rows `start` to `stop` of the picture with its hues moved into the sectors.

    Parameters
    ----------
    image, result
        Shape (M, N, 4); what has no weight or does not turn is copied bit by bit.
    hue
        Shape (M, N), degrees; overwritten by the new hues.
    weight, labels
        Shape (M, N), see `split_hues` and `moved`.
    borders
        The sectors, see `borders_of`.
    keep_inside, strength, neutral
        See `moved`; the part of the way hues go; below this chroma, colors go less far.
    """
    for row in range(start, stop):
        for column in range(image.shape[1]):
            red = image[row, column, 0]
            green = image[row, column, 1]
            blue = image[row, column, 2]
            if weight[row, column] > 0:
                share = share_of(max(red, green, blue) - min(red, green, blue), neutral)
                turn = moved(hue[row, column], labels[row, column], borders, keep_inside)
                turn *= strength * share
                if turn != 0:
                    target = _full_turn(hue[row, column] + turn)
                    hue[row, column] = target
                    red, green, blue = with_hue(red, green, blue, target)
            result[row, column, 0] = red
            result[row, column, 1] = green
            result[row, column, 2] = blue
            result[row, column, 3] = image[row, column, 3]


def warm_kernels() -> None:
    """Compile for the types in use."""
    image = np.full((1, 1, 4), 0.5, np.float32)
    image[0, 0, 0] = 1.0
    hue, weight = (np.zeros((1, 1), np.float32) for _ in range(2))
    one, borders = np.float32(1), borders_of([Sector(0.0, 18.0)])
    split_hues(0, 1, image, one, one, hue, weight)
    add_hues(0, 1, 1, hue, weight, np.zeros((1, BINS)))
    labels = np.zeros((1, 1), np.uint8)
    turn_hues(0, 1, image, hue, weight, labels, borders, False, one, one, image.copy())
