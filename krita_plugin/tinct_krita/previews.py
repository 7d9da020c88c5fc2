"""Pictures made smaller for a preview, and its result brought back to the document's size."""

from __future__ import annotations

import operator
from collections.abc import Generator, Iterator, Mapping
from typing import Any

from . import jobs, pixels
from .bands import NOTHING, Banded
from .formats import Format
from .qt import QByteArray, QImage, QPainter, Qt

WHOLE = 0
"""The side of pictures that are sent as they are."""

COLOR_SIDE = 768
"""Enough where only color comes from the result: the picture below keeps its own sharp light."""

BOLD_TIMES = 3
"""How often a small picture of strokes lies over itself: thin ones stay more than half opaque."""

SMALL_ROWS = 16
"""Of a small picture, scaled at a time."""

ARGB32 = QImage.Format.Format_ARGB32
RGB32 = QImage.Format.Format_RGB32
PREMULTIPLIED = QImage.Format.Format_ARGB32_Premultiplied


def shrinks(picture: Any) -> bool:
    """Whether a picture can be made smaller: Qt scales 8-bit pixels alone."""
    return isinstance(picture, pixels.Mask) or picture.format.depth == "U8"


def is_colored(request: jobs.Request, output: Mapping[str, Any]) -> bool:
    """Whether a preview may lie as color alone over the picture."""
    return output["blend"] == "color" and bool(request.document.colorModel() == "RGBA")


def longest_side(request: jobs.Request, output: Mapping[str, Any]) -> int:
    """Return how many pixels a preview's longer side has; `WHOLE` when the picture is as small."""
    side = int(request.info["preview"]["maxSide"])
    if is_colored(request, output):
        side = min(side, COLOR_SIDE)
    is_large = max(request.document.width(), request.document.height()) > side
    return side if is_large else WHOLE


class Shrinker:
    """Make one picture smaller again and again; what lies in bands that stay is scaled once.

    Parameters
    ----------
    side
        Of the small picture's longer side, at most.
    are_strokes
        Keep strokes that are thinner than a small picture's pixel.
    """

    def __init__(self, side: int, are_strokes: bool = False) -> None:
        self._side = side
        self._are_strokes = are_strokes
        self._shape = (0, 0)
        self._parts: dict[int, tuple[tuple[QByteArray, ...], QByteArray]] = {}

    def shrink(self, picture: Any) -> Generator[None, None, Any]:
        """Return the small picture, a few of its rows a step; itself when it is as small.

        Parameters
        ----------
        picture
            `Banded`, `pixels.Pixels` or `pixels.Mask`, see `shrinks`.
        """
        longest = max(picture.width, picture.height)
        if longest <= self._side:
            return picture
        sides = (picture.width, picture.height)
        width, height = (max(1, round(n * self._side / longest)) for n in sides)
        if isinstance(picture, pixels.Mask):
            return pixels.Mask(width, height, _small_mask(picture, width, height))
        whole = Banded.of(picture) if isinstance(picture, pixels.Pixels) else picture
        if self._shape != sides:
            self._shape = sides
            self._parts.clear()
        parts = []
        for top in range(0, height, SMALL_ROWS):
            parts.append(self._part(whole, top, min(SMALL_ROWS, height - top), width, height))
            yield
        return Banded(whole.format, width, height, tuple(parts), SMALL_ROWS)

    def _part(self, whole: Banded, top: int, rows: int, width: int, height: int) -> QByteArray:
        first, last = (n * whole.height // height for n in (top, top + rows))
        touched = slice(first // whole.band_rows, (last - 1) // whole.band_rows + 1)
        bands = whole.bands[touched]
        known = self._parts.get(top)
        if known is not None and all(map(operator.is_, known[0], bands)):
            return known[1]
        part = NOTHING
        if any(map(len, bands)):
            data = whole.rows(first, last)
            large = QImage(data, whole.width, last - first, 4 * whole.width, ARGB32)
            small = _scaled(large, width, rows)
            part = _bytes((_bolder(small) if self._are_strokes else small).convertToFormat(ARGB32))
        self._parts[top] = (bands, part)
        return part


def enlarge(
    data: bytes, columns: int, rows: int, space: Format, width: int, height: int, strip_rows: int
) -> Iterator[QByteArray]:
    """Yield a small 8-bit result's pixels at the document's size, `strip_rows` rows at a time."""
    assert space.depth == "U8"
    is_opaque = data[3::4] == b"\xff" * (columns * rows)
    # without alpha Qt need not multiply by it and divide again, which takes most of the time
    format_ = RGB32 if is_opaque else PREMULTIPLIED
    small = QImage(data, columns, rows, 4 * columns, ARGB32).convertToFormat(format_)
    for top in range(0, height, strip_rows):
        strip = QImage(width, min(strip_rows, height - top), format_)
        painter = QPainter(strip)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Source)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.translate(0, -top)
        painter.scale(width / columns, height / rows)
        painter.drawImage(0, 0, small)
        painter.end()
        yield _bytes(strip if is_opaque else strip.convertToFormat(ARGB32))


def _small_mask(mask: pixels.Mask, width: int, height: int) -> QByteArray:
    gray = QImage.Format.Format_Grayscale8
    large = QImage(mask.data, mask.width, mask.height, mask.width, gray)
    return pixels.gray_bytes(_scaled(large, width, height))


def _scaled(image: Any, width: int, height: int) -> Any:
    smooth = Qt.TransformationMode.SmoothTransformation
    return image.scaled(width, height, Qt.AspectRatioMode.IgnoreAspectRatio, smooth)


def _bolder(small: Any) -> Any:
    bold = small.convertToFormat(PREMULTIPLIED)
    painter = QPainter(bold)
    for _time in range(BOLD_TIMES - 1):
        painter.drawImage(0, 0, small)
    painter.end()
    return bold


def _bytes(image: Any) -> QByteArray:
    bits = image.constBits()  # four bytes a pixel: rows have no padding
    bits.setsize(image.sizeInBytes())
    return QByteArray(bytes(bits))
