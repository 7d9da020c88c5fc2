"""Colorizes two photographs of scikit-image through the worker: from strokes, and by itself."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from PIL import Image, ImageDraw

from tinct import cli

__all__ = ["CORRECTIONS", "DEMOS", "main", "paint"]

Point = tuple[int, int]
MARGIN = 12
PARTS = ("before", "strokes", "after")
AUTOMATIC_PARTS = ("before", "automatic", "correction", "corrected")


class Stroke(NamedTuple):
    """A brush stroke: its color, its width in pixels, and the points (x, y) it runs through."""

    color: str
    width: int
    points: Sequence[Point]


ASTRONAUT = (
    Stroke("#e4572e", 7, [(60, 300), (110, 255), (160, 290), (215, 320), (180, 345)]),
    Stroke("#e4572e", 7, [(60, 400), (110, 450), (210, 420), (215, 350)]),
    Stroke("#e4572e", 7, [(275, 300), (330, 280), (340, 320), (290, 390), (275, 410)]),
    Stroke("#e4572e", 7, [(40, 450), (95, 490), (140, 460), (60, 350), (45, 300)]),
    Stroke("#e4572e", 5, [(228, 440), (215, 500)]),
    Stroke("#e4572e", 5, [(280, 340), (268, 380), (272, 410)]),
    Stroke("#e4572e", 5, [(280, 485), (272, 500)]),
    Stroke("#e4572e", 5, [(75, 490), (110, 480)]),
    Stroke("#cbc3b9", 7, [(110, 20), (120, 150), (90, 190), (130, 30), (330, 15)]),
    Stroke("#cbc3b9", 7, [(320, 30), (330, 150), (320, 220), (345, 250), (345, 60)]),
    Stroke("#cbc3b9", 7, [(475, 20), (480, 240), (470, 250)]),
    Stroke("#e3ab90", 6, [(200, 100), (200, 140), (225, 170), (245, 150), (255, 110), (225, 110)]),
    Stroke("#8d7544", 6, [(165, 95), (165, 60), (210, 25), (270, 45), (290, 90), (220, 45)]),
    Stroke("#2f2f34", 5, [(125, 175), (135, 215), (190, 260), (260, 275), (290, 240), (280, 190)]),
    Stroke("#2f2f34", 6, [(190, 195), (220, 225), (255, 200)]),
    Stroke("#8f1f35", 5, [(45, 110), (50, 190), (75, 230)]),
    Stroke("#8f1f35", 5, [(12, 200), (22, 300)]),
    Stroke("#e0d8d4", 4, [(20, 130), (30, 240), (45, 260)]),
    Stroke("#28295c", 6, [(15, 60), (10, 90), (30, 100), (50, 60), (45, 90)]),
    Stroke("#4b3a8c", 5, [(145, 360), (140, 385), (155, 410), (185, 412), (200, 385), (190, 360)]),
    Stroke("#d9d5cf", 4, [(250, 320), (255, 380), (250, 460), (265, 490)]),
    Stroke("#d9d5cf", 5, [(165, 470), (185, 480)]),
    Stroke("#4a4a86", 4, [(290, 350), (320, 362), (318, 348)]),
    Stroke("#9c6a2c", 5, [(405, 15), (408, 70), (412, 150)]),
    Stroke("#d8d8d8", 4, [(388, 130), (385, 200), (365, 235), (430, 240)]),
    Stroke("#d8d8d8", 4, [(442, 50), (443, 160), (445, 220)]),
    Stroke("#202022", 8, [(380, 300), (480, 310), (490, 350)]),
    Stroke("#202022", 8, [(310, 380), (310, 470), (420, 480), (430, 400), (370, 370)]),
    Stroke("#dcdcdc", 4, [(360, 352), (400, 352), (450, 372), (485, 420), (495, 480)]),
    Stroke("#2f2f34", 5, [(110, 500), (160, 490)]),
)
COFFEE = (
    Stroke("#b8683c", 9, [(40, 190), (120, 90), (160, 40)]),
    Stroke("#b8683c", 9, [(30, 260), (70, 330), (110, 380), (40, 390)]),
    Stroke("#b8683c", 9, [(330, 10), (440, 40), (560, 20), (580, 120)]),
    Stroke("#b8683c", 9, [(500, 90), (500, 200), (480, 320), (560, 390)]),
    Stroke("#b8683c", 9, [(560, 180), (580, 300), (540, 260)]),
    Stroke("#b8683c", 7, [(420, 395), (480, 370)]),
    Stroke("#261c1a", 8, [(10, 15), (60, 20), (20, 60)]),
    Stroke("#a42a12", 8, [(90, 190), (110, 260), (170, 320), (260, 360), (370, 355), (440, 290)]),
    Stroke("#a42a12", 8, [(140, 130), (120, 200), (170, 260)]),
    Stroke("#a42a12", 7, [(430, 150), (445, 190), (420, 230)]),
    Stroke("#8e2410", 7, [(190, 190), (230, 225), (300, 260), (350, 225), (385, 180)]),
    Stroke("#8e2410", 6, [(225, 250), (215, 290)]),
    Stroke("#efe3d4", 6, [(185, 100), (200, 150), (260, 195), (320, 198), (380, 150), (400, 90)]),
    Stroke("#efe3d4", 5, [(195, 60), (240, 28), (300, 23), (340, 30), (368, 46)]),
    Stroke("#b8683c", 8, [(398, 30), (430, 60), (470, 60)]),
    Stroke("#b8683c", 6, [(150, 385), (200, 395), (330, 396)]),
    Stroke("#8a5226", 5, [(214, 122), (250, 106), (330, 107), (364, 128)]),
    Stroke("#c08a52", 4, [(374, 108), (374, 122), (366, 140), (352, 156)]),
    Stroke("#c08a52", 4, [(206, 112), (210, 130), (220, 150)]),
    Stroke("#b8683c", 6, [(366, 24), (385, 38), (400, 52)]),
    Stroke("#b9702c", 5, [(222, 165), (260, 186), (330, 184), (356, 160)]),
    Stroke("#dcb791", 7, [(220, 70), (290, 50), (360, 70), (375, 110)]),
    Stroke("#b9702c", 7, [(225, 145), (270, 130), (330, 140), (300, 170), (260, 165)]),
    Stroke("#a89a88", 5, [(345, 265), (370, 300), (395, 280), (370, 250)]),
    Stroke("#a89a88", 4, [(415, 75), (412, 100)]),
)
DEMOS = {"astronaut": ASTRONAUT, "coffee": COFFEE}
CORRECTIONS = {
    "astronaut": [Stroke("#e4572e", 9, [(105, 300), (115, 345), (108, 390)])],
    "coffee": [
        Stroke(
            "#a42a12", 9, [(92, 230), (120, 285), (170, 325), (260, 360), (370, 352), (440, 290)]
        )
    ],
}


def paint(strokes: Sequence[Stroke], size: tuple[int, int]) -> Image.Image:
    """Return an RGBA layer of `size` (width, height) with the strokes on transparent ground."""
    layer = Image.new("RGBA", size)
    draw = ImageDraw.Draw(layer)
    for stroke in strokes:
        draw.line(list(stroke.points), fill=stroke.color, width=stroke.width, joint="curve")
    return layer


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the pictures and a contact sheet into the folder named, default ``demo``."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    folder = Path(given[0] if given else "demo")
    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    try:
        for name, strokes in DEMOS.items():
            rows.append(_from_strokes(folder, name, strokes))
        for name, correction in CORRECTIONS.items():
            rows.append(_automatic(folder, name, correction))
    except _Failed as failure:
        return failure.status
    sheet = folder / "contact-sheet.png"
    contact_sheet(rows).save(sheet, optimize=True)
    print(f"{sheet}: {', '.join(PARTS)}; {', '.join(AUTOMATIC_PARTS)}")
    return 0


class _Failed(Exception):
    """The command line ended with this status, and said why."""

    def __init__(self, status: int) -> None:
        super().__init__()
        self.status = status


def _from_strokes(folder: Path, name: str, strokes: Sequence[Stroke]) -> list[Image.Image]:
    """Color a photograph from many strokes; return what is before, the strokes, what is after."""
    before, painted, after = (folder / f"{name}-{part}.png" for part in PARTS)
    gray = _load_gray(name)
    layer = paint(strokes, gray.size)
    gray.save(before)
    layer.save(painted)
    _run("scribble-colorize", before, after, "--scribbles", str(painted))
    return _opened(before, _marked(gray, layer), after)


def _automatic(folder: Path, name: str, strokes: Sequence[Stroke]) -> list[Image.Image]:
    """Let the network color a photograph, then correct an object of it by one stroke."""
    before, colored, painted, after = (folder / f"{name}-{part}.png" for part in AUTOMATIC_PARTS)
    gray = _load_gray(name)
    layer = paint(strokes, gray.size)
    gray.save(before)
    layer.save(painted)
    _run("auto-colorize", before, colored)
    _run("scribble-colorize", before, after, "--scribbles", str(painted), "--prior", "network")
    return _opened(before, colored, _marked(Image.open(colored), layer), after)


def _run(operation: str, before: Path, after: Path, *arguments: str) -> None:
    started = time.perf_counter()
    status = cli.main(["run", operation, "--image", str(before), *arguments, "-o", str(after)])
    if status:
        raise _Failed(status)
    seconds = time.perf_counter() - started
    width, height = Image.open(after).size
    print(f"{after}: {width} x {height} pixels, {seconds:.2f} s with the engine's start")


def _marked(picture: Image.Image, layer: Image.Image) -> Image.Image:
    return Image.alpha_composite(picture.convert("RGBA"), layer)


def _opened(*parts: Image.Image | Path) -> list[Image.Image]:
    return [(Image.open(part) if isinstance(part, Path) else part).convert("RGB") for part in parts]


def contact_sheet(rows: Sequence[Sequence[Image.Image]]) -> Image.Image:
    """Lay pictures out in rows, each row as wide as the widest, on white."""
    width = max(sum(picture.width for picture in row) + MARGIN * (len(row) - 1) for row in rows)
    scaled = [[_to_width(picture, width, row) for picture in row] for row in rows]
    height = sum(row[0].height for row in scaled) + MARGIN * (len(rows) - 1)
    sheet = Image.new("RGB", (width, height), "white")
    top = 0
    for row in scaled:
        left = 0
        for picture in row:
            sheet.paste(picture, (left, top))
            left += picture.width + MARGIN
        top += row[0].height + MARGIN
    return sheet


def _to_width(picture: Image.Image, width: int, row: Sequence[Image.Image]) -> Image.Image:
    part = (width - MARGIN * (len(row) - 1)) // len(row)
    return picture.resize((part, round(picture.height * part / picture.width)))


def _load_gray(name: str) -> Image.Image:
    from skimage import data

    return Image.fromarray(getattr(data, name)()).convert("L")


if __name__ == "__main__":
    sys.exit(main())
