"""A drawing of PSNR over the number of hints, one line a method."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from PIL import Image, ImageDraw

SIZE = (900, 560)
FRAME = (70, 30, 700, 500)  # left, top, right, bottom
COLORS = ("#999999", "#d55e00", "#0072b2", "#009e73", "#cc79a7", "#000000")
GRID = "#dddddd"


def draw(counts: Sequence[int], lines: Mapping[str, Mapping[int, float]]) -> Image.Image:
    """Return the picture.

    Parameters
    ----------
    counts
        Numbers of hints, in order; they are laid out evenly.
    lines
        By method, PSNR in dB by number of hints; some may be missing.
    """
    sheet = Image.new("RGB", SIZE, "white")
    pen = ImageDraw.Draw(sheet)
    left, top, right, bottom = FRAME
    values = [value for line in lines.values() for value in line.values()]
    low, high = np.floor(min(values)), max(np.ceil(max(values)), np.floor(min(values)) + 1)

    def place(count: int, value: float) -> tuple[float, float]:
        along = counts.index(count) / max(1, len(counts) - 1)
        return left + along * (right - left), bottom - (value - low) / (high - low) * (bottom - top)

    for level in np.arange(low, high + 1, max(1, (high - low) // 10)):
        y = place(counts[0], level)[1]
        pen.line([(left, y), (right, y)], fill=GRID)
        pen.text((left - 30, y - 6), f"{level:.0f}", fill="black")
    for count in counts:
        x = place(count, low)[0]
        pen.line([(x, top), (x, bottom)], fill=GRID)
        pen.text((x - 8, bottom + 8), str(count), fill="black")
    pen.text((left, top - 20), "PSNR RGB, dB", fill="black")
    pen.text((left + 200, bottom + 26), "random 7 x 7 hints a picture", fill="black")
    for number, (name, line) in enumerate(lines.items()):
        ink = COLORS[number % len(COLORS)]
        points = [place(count, line[count]) for count in counts if count in line]
        pen.line(points, fill=ink, width=3)
        for x, y in points:
            pen.ellipse([x - 4, y - 4, x + 4, y + 4], fill=ink)
        y = top + 20 * number
        pen.line([(right + 15, y + 6), (right + 45, y + 6)], fill=ink, width=3)
        pen.text((right + 52, y), name, fill="black")
    return sheet
