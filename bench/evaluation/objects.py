"""Ten objects in photographs, each with one dot of color: what moves, and what must not."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from scipy import ndimage
from skimage import data

BoolArray = NDArray[np.bool_]
Polygon = Sequence[tuple[int, int]]

MARGIN = 12  # pixels around an object that count neither way
DOT_RADIUS = 4


class Object(NamedTuple):
    """An object: its picture, its dot's color and place (x, y), its outline, and what is left out.

    What is left out belongs to the object too, or cannot be told apart from it.
    """

    name: str
    picture: str
    color: str
    dot: tuple[int, int]
    outline: Polygon
    left_out: Sequence[Polygon] = ()


OBJECTS = (
    Object("yellow cap", "kodim03", "#d8d818", (200, 130),
           [(101, 105), (155, 77), (225, 87), (288, 134), (295, 197), (267, 288), (232, 304),
            (155, 281), (84, 232), (84, 190), (110, 162)]),
    Object("orange cap", "kodim03", "#e05020", (360, 220),
           [(316, 190), (368, 172), (436, 197), (464, 239), (457, 281), (433, 302), (439, 352),
            (401, 349), (345, 316), (321, 267)]),
    Object("red parrot", "kodim23", "#b82028", (560, 330),
           [(411, 141), (470, 110), (554, 120), (624, 155), (681, 239), (702, 281), (639, 274),
            (639, 408), (653, 506), (519, 506), (484, 436), (481, 302), (547, 260), (554, 169),
            (498, 148), (420, 176)],
           [[(639, 240), (767, 300), (767, 511), (640, 511)]]),
    Object("yellow breast", "kodim23", "#e0b818", (215, 420),
           [(238, 274), (266, 302), (276, 366), (273, 506), (153, 506), (153, 394), (167, 359),
            (217, 345)]),
    Object("red hat", "kodim04", "#c02838", (250, 50),
           [(0, 169), (82, 162), (91, 98), (155, 35), (253, 17), (352, 28), (415, 84), (426, 155),
            (509, 176), (509, 211), (436, 204), (352, 183), (225, 172), (127, 183), (112, 253),
            (0, 232)],
           [[(0, 150), (130, 200), (140, 767), (0, 767)],
            [(380, 190), (511, 150), (511, 440), (380, 440)]]),
    Object("raft", "kodim14", "#d8b020", (300, 345),
           [(11, 248), (28, 269), (127, 318), (225, 339), (338, 360), (387, 402), (478, 437),
            (619, 430), (654, 388), (654, 332), (605, 346), (506, 360), (422, 357), (368, 332),
            (253, 315), (169, 290), (84, 255), (28, 233)],
           [[(30, 200), (120, 200), (360, 290), (560, 290), (660, 330), (654, 360), (400, 345),
             (169, 300)]]),
    Object("sleeve", "kodim15", "#2846c8", (200, 400),
           [(203, 304), (266, 332), (357, 332), (378, 388), (301, 430), (259, 508), (93, 508),
            (139, 402)],
           [[(190, 250), (360, 250), (420, 400), (520, 511), (93, 511)]]),
    Object("saucer", "coffee", "#a02818", (140, 280),
           [(84, 200), (105, 143), (169, 87), (183, 143), (211, 200), (197, 242), (211, 305),
            (267, 312), (323, 284), (338, 326), (408, 298), (464, 242), (471, 284), (422, 340),
            (352, 376), (267, 383), (169, 354), (105, 284)],
           [[(160, 100), (440, 100), (440, 330), (200, 330)],
            [(90, 130), (470, 130), (480, 300), (350, 385), (170, 370), (84, 240)]]),
    Object("suit", "astronaut", "#289048", (110, 330),
           [(62, 249), (132, 214), (160, 270), (238, 305), (245, 369), (217, 509), (34, 509),
            (27, 383), (41, 284)],
           [[(150, 240), (340, 240), (390, 511), (34, 511)]]),
    Object("knob", "kodim02", "#3c5ac8", (263, 235),
           [(303, 235), (291, 263), (263, 275), (235, 263), (223, 235), (235, 207), (263, 195),
            (291, 207)]),
)  # fmt: skip


def load(item: Object, kodak: Path) -> NDArray[np.uint8] | None:
    """Return an object's picture, (M, N, 3), or None when it is not there."""
    if not item.picture.startswith("kodim"):
        return np.asarray(getattr(data, item.picture)())
    path = kodak / f"{item.picture}.png"
    return np.asarray(Image.open(path).convert("RGB")) if path.is_file() else None


def areas(item: Object, shape: tuple[int, ...]) -> tuple[BoolArray, BoolArray]:
    """Return where the object is, and where it is not for sure."""
    inside = _filled([item.outline], shape)
    near = ndimage.binary_dilation(inside, iterations=MARGIN) | _filled(item.left_out, shape)
    return inside, ~near


def dot_layer(item: Object, shape: tuple[int, ...]) -> Image.Image:
    """Return an RGBA layer with the dot."""
    layer = Image.new("RGBA", (shape[1], shape[0]))
    x, y = item.dot
    box = [x - DOT_RADIUS, y - DOT_RADIUS, x + DOT_RADIUS, y + DOT_RADIUS]
    ImageDraw.Draw(layer).rectangle(box, fill=item.color)
    return layer


def _filled(polygons: Sequence[Any], shape: tuple[int, ...]) -> BoolArray:
    canvas = Image.new("L", (shape[1], shape[0]))
    for polygon in polygons:
        ImageDraw.Draw(canvas).polygon(list(polygon), fill=255)
    return np.asarray(canvas) > 0
