"""Strokes 1, 2, 3 by a real pointer on a photograph, and the colors after each, for the eye."""

import os

from case_many import find_canvas, pointer
from krita import ManagedColor
from krita_support import SRGB, exact, panel_of, pixel
from PyQt5.QtCore import QPoint
from PyQt5.QtWidgets import QDockWidget

LIMIT_S = 120
ZOOM = 1.5
CROWD = ("PresetDocker", "ColorSelectorNg", "sharedtooldocker")
SKIN, SUIT, WALL = "#d9a27e", "#e8702a", "#6f8fc0"
# from and to, in the photograph's pixels; and where the color must have arrived
STROKES = (
    (SKIN, ((208, 158), (238, 164)), (225, 120)),
    (SUIT, ((150, 335), (205, 300)), (150, 320)),
    (WALL, ((300, 30), (380, 60)), (340, 90)),
)
MORE = (
    (WALL, ((118, 40), (140, 110))),
    (SUIT, ((322, 285), (330, 335))),
    (SUIT, ((55, 380), (95, 320))),
    ("#8a5a36", ((166, 72), (190, 45))),
    ("#8a5a36", ((282, 60), (292, 100))),
    ("#dcdcdc", ((400, 120), (402, 200))),
    ("#a83232", ((8, 250), (24, 320))),
    ("#d8d2c8", ((24, 175), (58, 240))),
    (WALL, ((318, 175), (345, 250))),
    ("#3a3a3a", ((215, 215), (235, 225))),
    ("#e4e4e4", ((420, 350), (470, 395))),
)


def case(t):
    path = os.path.join(t.out, "photograph.png")
    panel = panel_of(t)
    document = t.krita.openDocument(path)
    document.setBatchmode(True)
    t.krita.activeWindow().addView(document)
    yield t.ready(document)
    window = t.krita.activeWindow().qwindow()
    for docker in window.findChildren(QDockWidget):  # room for tinct's own docker
        if docker.objectName() in CROWD:
            docker.setVisible(False)
    panel.choose_operation("scribble-colorize")
    panel.refresh()
    panel.new_strokes()
    yield 0.6
    strokes = document.nodeByName("Tinct strokes")
    assert document.activeNode() == strokes
    t.krita.activeWindow().activeView().canvas().setZoomLevel(ZOOM)
    t.krita.action("KritaShape/KisToolBrush").trigger()
    view = t.krita.activeWindow().activeView()
    view.setBrushSize(14)
    yield 0.6
    panel.set_live(True)
    assert panel.live.is_on, panel.controls.line.text()
    live = document.nodeByName("Color (live)")
    t.screenshot("photo-0")
    for number, (color, (start, end), place) in enumerate(STROKES, 1):
        view.setForeGroundColor(managed(color))
        yield 0.2
        version = panel.live._version
        yield from draw(document, start, end)
        yield lambda version=version: panel.live._version > version
        yield exact(panel)
        yield 0.8
        t.note(f"stroke {number}: preview s", round(panel.live.preview_s, 2))
        t.note(f"stroke {number}: exact s", round(panel.live.exact_s, 2))
        blue, green, red, _alpha = pixel(live, *place)
        if color == WALL:
            assert blue > red + 8, (color, (red, green, blue))
        else:
            assert red > blue + 15, (color, (red, green, blue))
        t.screenshot(f"photo-{number}")
    for color, (start, end) in MORE:
        view.setForeGroundColor(managed(color))
        yield 0.1
        yield from draw(document, start, end)
    yield 1.0
    yield exact(panel)
    yield 1.0
    t.screenshot("photo-4")
    yield from pointer("mousemove", 2, 2)
    panel.discard()
    yield 0.3


def draw(document, start, end):
    canvas = find_canvas()
    middle = QPoint(canvas.width() // 2, canvas.height() // 2)
    corner = canvas.mapToGlobal(middle)
    scale = ZOOM
    spots = []
    for step in range(13):
        x = start[0] + (end[0] - start[0]) * step / 12 - document.width() / 2
        y = start[1] + (end[1] - start[1]) * step / 12 - document.height() / 2
        spots.append((round(corner.x() + x * scale), round(corner.y() + y * scale)))
    yield from pointer("mousemove", *spots[0])
    yield from pointer("mousedown", 1)
    for spot in spots[1:]:
        yield from pointer("mousemove", *spot)
    yield from pointer("mouseup", 1)
    away = canvas.mapToGlobal(QPoint(8, 8))
    yield from pointer("mousemove", away.x(), away.y())


def managed(color):
    red, green, blue = (int(color[i : i + 2], 16) / 255 for i in (1, 3, 5))
    made = ManagedColor("RGBA", "U8", SRGB)
    made.setComponents([blue, green, red, 1.0])
    return made
