"""Pictures made smaller for a preview, and its result brought back to the document's size."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from . import jobs, pixels
from .formats import Format
from .qt import QByteArray, QImage, QPainter, Qt

WHOLE = 0
"""The side of pictures that are sent as they are."""

COLOR_SIDE = 768
"""Enough where only color comes from the result: the picture below keeps its own sharp light."""

BOLD_TIMES = 3
"""How often a small picture of strokes lies over itself: thin ones stay more than half opaque."""

ARGB32 = QImage.Format.Format_ARGB32
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


def shrink(picture: Any, side: int, are_strokes: bool = False) -> Any:
    """Return a picture whose longer side is at most `side`; itself when it is that already.

    Parameters
    ----------
    picture
        `pixels.Pixels` or `pixels.Mask`, see `shrinks`.
    are_strokes
        Keep strokes that are thinner than a small picture's pixel.
    """
    longest = max(picture.width, picture.height)
    if longest <= side:
        return picture
    width, height = (max(1, round(n * side / longest)) for n in (picture.width, picture.height))
    if isinstance(picture, pixels.Mask):
        return pixels.Mask(width, height, _small_mask(picture, width, height))
    whole = QByteArray(b"".join(map(bytes, picture.chunks())))
    large = QImage(whole, picture.width, picture.height, 4 * picture.width, ARGB32)
    small = _scaled(large, width, height)
    if are_strokes:
        small = _bolder(small)
    return pixels.Pixels(picture.format, width, height, _bytes(small.convertToFormat(ARGB32)))


def enlarge(
    data: bytes, columns: int, rows: int, space: Format, width: int, height: int, strip_rows: int
) -> Iterator[QByteArray]:
    """Yield a small 8-bit result's pixels at the document's size, `strip_rows` rows at a time."""
    assert space.depth == "U8"
    small = QImage(data, columns, rows, 4 * columns, ARGB32).convertToFormat(PREMULTIPLIED)
    for top in range(0, height, strip_rows):
        strip = QImage(width, min(strip_rows, height - top), PREMULTIPLIED)
        painter = QPainter(strip)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Source)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.translate(0, -top)
        painter.scale(width / columns, height / rows)
        painter.drawImage(0, 0, small)
        painter.end()
        yield _bytes(strip.convertToFormat(ARGB32))


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
