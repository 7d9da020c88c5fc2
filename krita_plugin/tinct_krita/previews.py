"""Pictures made smaller for a preview, and its result brought back to the document's size."""

from __future__ import annotations

import operator
from collections.abc import Generator, Iterator, Mapping
from typing import Any

from . import jobs, pixels
from .bands import NOTHING, Banded
from .qt import QByteArray, QImage, QPainter, Qt

WHOLE = 0
"""The side of pictures that are sent as they are."""

COLOR_SIDE = 320
"""Enough where only color comes from the result: the picture below keeps its own sharp light."""

BOLD_DOUBLINGS = 3
"""How often a small picture of strokes is laid over itself: thin ones stay half opaque or more."""

SMALL_ROWS = 16
"""Of a small picture, scaled at a time."""

ARGB32 = QImage.Format.Format_ARGB32
RGB32 = QImage.Format.Format_RGB32
PREMULTIPLIED = QImage.Format.Format_ARGB32_Premultiplied
SOURCE = QPainter.CompositionMode.CompositionMode_Source
PLUS = QPainter.CompositionMode.CompositionMode_Plus


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


class Small:
    """A result of 8-bit pixels, smaller than the document it is for.

    Parameters
    ----------
    data
        Blue, green, red and alpha of its pixels.
    """

    def __init__(self, data: bytes, columns: int, rows: int) -> None:
        self.data, self.columns, self.rows = data, columns, rows
        self.is_opaque = data[3::4] == b"\xff" * (columns * rows)

    def strips(self, width: int, height: int, strip_rows: int) -> Iterator[QByteArray]:
        """Yield the pixels at the document's size, `strip_rows` rows at a time."""
        # without alpha Qt need not multiply by it and divide again, which takes most of the time
        format_ = RGB32 if self.is_opaque else PREMULTIPLIED
        small = self.image(ARGB32).convertToFormat(format_)
        for top in range(0, height, strip_rows):
            strip = QImage(width, min(strip_rows, height - top), format_)
            _lay(small, strip, SOURCE, top, height)
            yield _bytes(strip if self.is_opaque else strip.convertToFormat(ARGB32))

    def image(self, format_: Any) -> Any:
        """Return it as Qt's image, which reads the same bytes: not to be painted on."""
        return QImage(self.data, self.columns, self.rows, 4 * self.columns, format_)


class Change:
    """What two small results differ by, to bring upon large pixels that look like the first.

    So a preview changes what a stroke changes, and nothing else: all the rest stays exact.
    """

    def __init__(self, before: Small, after: Small) -> None:
        self._before, self._after = before, after
        self._more, self._less = _beyond(after, before), _beyond(before, after)

    @staticmethod
    def is_possible(before: Small, after: Small) -> bool:
        """Whether two results can be compared."""
        same = (before.columns, before.rows) == (after.columns, after.rows)
        return same and before.is_opaque and after.is_opaque

    def touches(self, top: int, rows: int, height: int) -> bool:
        """Whether it changes any of these rows of a document that is so high."""
        small, row_bytes = self._before.rows, 4 * self._before.columns
        first = max(0, top * small // height - 1)
        last = min(small, -(-(top + rows) * small // height) + 1)
        part = slice(first * row_bytes, last * row_bytes)
        return self._before.data[part] != self._after.data[part]

    def on(self, data: QByteArray, width: int, top: int, rows: int, height: int) -> QByteArray:
        """Return opaque pixels of these rows, changed."""
        strip = QImage(data, width, rows, 4 * width, RGB32).copy()  # else Qt paints into `data`
        for part in (self._more, self._less):  # more is added, less is taken away
            _lay(part, strip, PLUS, top, height)
            strip.invertPixels()
        return _bytes(strip)


def _beyond(one: Small, other: Small) -> Any:
    """Return by how much each number of one is larger, 0 where it is not."""
    image = one.image(RGB32).copy()
    image.invertPixels()
    _lay(other.image(RGB32), image, PLUS, 0, one.rows)
    image.invertPixels()
    return image


def _lay(small: Any, strip: Any, mode: Any, top: int, height: int) -> None:
    """Paint a small image, enlarged to a height of which a strip begins at `top`."""
    painter = QPainter(strip)
    painter.setCompositionMode(mode)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.translate(0, -top)
    painter.scale(strip.width() / small.width(), height / small.height())
    painter.drawImage(0, 0, small)
    painter.end()


def _small_mask(mask: pixels.Mask, width: int, height: int) -> QByteArray:
    gray = QImage.Format.Format_Grayscale8
    large = QImage(mask.data, mask.width, mask.height, mask.width, gray)
    return pixels.gray_bytes(_scaled(large, width, height))


def _scaled(image: Any, width: int, height: int) -> Any:
    smooth = Qt.TransformationMode.SmoothTransformation
    return image.scaled(width, height, Qt.AspectRatioMode.IgnoreAspectRatio, smooth)


def _bolder(small: Any) -> Any:
    bold = small.convertToFormat(PREMULTIPLIED)
    for _time in range(BOLD_DOUBLINGS):
        single = bold.copy()
        painter = QPainter(bold)
        painter.drawImage(0, 0, single)
        painter.end()
    return bold


def _bytes(image: Any) -> QByteArray:
    bits = image.constBits()  # four bytes a pixel: rows have no padding
    bits.setsize(image.sizeInBytes())
    return QByteArray(bytes(bits))
