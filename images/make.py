"""Makes two of the README's pictures from scikit-image's own photographs, next to this file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from skimage import data

from tinct.catalog import find_operation
from tinct.context import Context
from tinct.declare import Box, BoxPair
from tinct_client.wheel import Wheel

FloatArray = NDArray[np.float32]
HERE = Path(__file__).resolve().parent
LUMA = np.array([0.299, 0.587, 0.114], np.float32)
HALF, MARGIN, TITLE_HEIGHT, WHEEL = 280, 10, 26, 170
WHEEL_SCALE = 4
TEMPLATES = ("V", "I", "T", "Y")


class Row(NamedTuple):
    """A method shown on the right half of a photograph, its left half being the reference."""

    title: str
    photograph: str
    operation: str
    parameters: dict[str, Any]


# Hand-drawn, as a user does: brown gland, white ground, blue nuclei.
SWATCHES = (
    BoxPair(Box(75, 130, 90, 80), Box(60, 100, 90, 90)),
    BoxPair(Box(200, 430, 30, 55), Box(5, 400, 40, 80)),
    BoxPair(Box(228, 100, 45, 120), Box(195, 345, 50, 100)),
)
ROWS = (
    Row("reference-colorize", "chelsea", "reference-colorize", {}),
    Row("example-colorize", "rocket", "example-colorize", {}),
    Row(
        "example-colorize, distributions", "coffee", "example-colorize", {"method": "distribution"}
    ),
    Row(
        "reference-colorize, three swatches",
        "immunohistochemistry",
        "reference-colorize",
        {"boxes": SWATCHES, "coherence": 0.3},
    ),
    Row("analogy-colorize", "immunohistochemistry", "analogy-colorize", {}),
)


def photograph(name: str, width: int) -> FloatArray:
    picture = Image.fromarray(getattr(data, name)()[..., :3])
    size = width, round(picture.height * width / picture.width)
    return np.asarray(picture.resize(size, Image.Resampling.LANCZOS), np.float32) / 255


def opaque(picture: FloatArray) -> FloatArray:
    return np.concatenate([picture, np.ones_like(picture[..., :1])], axis=2)


def shown(picture: FloatArray) -> Image.Image:
    return Image.fromarray(np.round(picture[..., :3].clip(0, 1) * 255).astype(np.uint8))


def text(draw: ImageDraw.ImageDraw, place: tuple[int, int], words: str) -> None:
    draw.text(place, words, fill="black", font=ImageFont.load_default(15))


def method_row(row: Row) -> list[Image.Image]:
    """Return reference, gray picture and result."""
    whole = photograph(row.photograph, 2 * HALF)
    reference, truth = whole[:, :HALF].copy(), whole[:, HALF:].copy()
    gray = np.repeat((truth @ LUMA)[..., None], 3, axis=2)
    operation = find_operation(row.operation)
    outputs = operation.function(opaque(gray), (reference,), **row.parameters, context=Context())
    return [shown(picture) for picture in (reference, gray, outputs["colors"])]


def methods_sheet() -> Image.Image:
    """Lay the methods out, one row each, in two columns of rows."""
    rows = [(row.title, method_row(row)) for row in ROWS]
    width = 3 * HALF + 2 * MARGIN
    columns = (rows[:3], rows[3:])
    heights = [sum(TITLE_HEIGHT + p[0].height + MARGIN for _, p in column) for column in columns]
    sheet = Image.new("RGB", (2 * width + 3 * MARGIN, max(heights)), "white")
    draw = ImageDraw.Draw(sheet)
    for number, column in enumerate(columns):
        left, top = number * (width + 3 * MARGIN), 0
        for title, pictures in column:
            text(draw, (left, top + 4), title)
            top += TITLE_HEIGHT
            for place, picture in enumerate(pictures):
                sheet.paste(picture, (left + place * (HALF + MARGIN), top))
            top += pictures[0].height + MARGIN
    return sheet


def wheel_picture(wheel: Wheel) -> Image.Image:
    """Paint a wheel, smooth at its edges."""
    side = WHEEL * WHEEL_SCALE
    canvas = Image.new("RGB", (side, side), "white")
    draw = ImageDraw.Draw(canvas, "RGBA")
    for pie in wheel.pies():
        reach = pie.radius * side / 2
        box = (side / 2 - reach, side / 2 - reach, side / 2 + reach, side / 2 + reach)
        fill = tuple(round(255 * part) for part in pie.color)
        draw.pieslice(box, pie.start - 90, pie.stop - 90, fill=fill)
    return canvas.resize((WHEEL, WHEEL), Image.Resampling.LANCZOS)


def harmony_sheet() -> Image.Image:
    """Show one photograph as it is and under four templates, each with its wheel."""
    picture = photograph("astronaut", 340)[:300]
    parts = [(shown(picture), None)]
    operation = find_operation("harmonize")
    for template in TEMPLATES:
        outputs = operation.function(opaque(picture), template=template, context=Context())
        parts.append((shown(outputs["colors"]), Wheel.from_data(outputs["wheel"])))
    width, height = parts[0][0].size
    size = len(parts) * (width + MARGIN) - MARGIN, height + MARGIN + WHEEL + TITLE_HEIGHT
    sheet = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(sheet)
    for number, (shot, wheel) in enumerate(parts):
        left = number * (width + MARGIN)
        sheet.paste(shot, (left, 0))
        if wheel is None:
            text(draw, (left + 4, height + MARGIN), "as it was")
            continue
        middle = left + (width - WHEEL) // 2
        sheet.paste(wheel_picture(wheel), (middle, height + MARGIN))
        text(draw, (middle + 20, height + MARGIN + WHEEL + 4), wheel.caption().replace("→", "to"))
    return sheet


def main() -> int:
    for name, sheet in (("methods", methods_sheet()), ("harmony", harmony_sheet())):
        sheet.save(HERE / f"{name}.jpg", quality=88, optimize=True)
        print(f"{name}.jpg: {sheet.width} x {sheet.height} pixels")
    return 0


if __name__ == "__main__":
    sys.exit(main())
