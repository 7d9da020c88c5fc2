"""Inside Krita: the same strokes by Krita's Colorize Mask and by tinct's live loop."""

import json
import os
import sys
import time

from krita import ManagedColor
from PyQt5.QtCore import QByteArray

sys.path.insert(0, os.environ["TINCT_BENCH_SUPPORT"])
from krita_support import SRGB, Heart, exact, fill, panel_of

LIMIT_S = float(os.environ.get("TINCT_BENCH_LIMIT_S", "500"))


def case(t):
    folder = os.environ["TINCT_BENCH_PICTURES"]
    with open(os.path.join(folder, "pictures.json"), encoding="utf-8") as file:
        plan = json.load(file)
    panel = panel_of(t)
    panel.choose_operation("scribble-colorize")
    yield from by_tinct(t, panel, folder, plan[0], "warm-up")  # the engine has started by now
    for picture in plan:
        name = f"{picture['kind']} {picture['megapixels']} MP"
        yield from by_tinct(t, panel, folder, picture, name)
        yield from by_mask(t, folder, picture, name)


def open_picture(t, folder, picture):
    width, height = picture["width"], picture["height"]
    document = t.new_document(width, height, name=picture["file"])
    yield t.ready(document)
    with open(os.path.join(folder, picture["file"]), "rb") as file:
        fill(document.topLevelNodes()[0], file.read(), width, height)
    document.refreshProjection()
    yield 0.5
    return document


def by_tinct(t, panel, folder, picture, name):
    document = yield from open_picture(t, folder, picture)
    base = document.topLevelNodes()[0]
    heart = Heart()
    base.setBlendingMode("multiply")  # repaints everything, without a word of tinct
    yield 1.0
    t.note(f"{name}: krita alone, longest pause ms", round(1000 * heart.stop()))
    base.setBlendingMode("normal")
    yield 0.5
    panel.refresh()
    panel.new_strokes()
    yield 0.5
    strokes = document.nodeByName("Tinct strokes")
    panel.set_live(True)
    assert panel.live.is_on, panel.controls.line.text()
    yield 0.5
    *first, last = picture["strokes"]
    for when, group in (("all", first), ("one more", [last])):
        heart = Heart()
        version = panel.live._version
        for stroke in group:
            put(strokes, stroke)
        panel.live._pen.released_at = time.monotonic()  # as if a pen had painted them
        yield lambda version=version: panel.live._version > version
        yield exact(panel)
        t.note(f"{name}: tinct {when}, exact s", round(panel.live.exact_s, 3))
        t.note(f"{name}: tinct {when}, preview s", round(panel.live.preview_s, 3))
        t.note(f"{name}: tinct {when}, longest pause ms", round(1000 * heart.stop()))
    if name == "photograph 3 MP":
        t.screenshot("bench-tinct")
    panel.discard()
    yield from close(document)


def by_mask(t, folder, picture, name):
    document = yield from open_picture(t, folder, picture)
    base = document.topLevelNodes()[0]
    if not hasattr(document, "createColorizeMask"):
        return
    mask = document.createColorizeMask("mask")
    base.addChildNode(mask, None)
    yield 0.3
    colors = {}
    for _left, _top, _width, _height, color in picture["strokes"]:
        colors.setdefault(color, managed(color))
    mask.initializeKeyStrokeColors(list(colors.values()), -1)
    for left, top, width, height, color in picture["strokes"]:
        alpha = QByteArray(b"\xff" * (width * height))
        mask.setKeyStrokePixelData(alpha, colors[color], left, top, width, height)
    mask.setUseEdgeDetection(True)
    mask.setEdgeDetectionSize(4.0)
    mask.setCleanUpAmount(0.7)
    mask.setEditKeyStrokes(False)
    mask.setShowOutput(True)
    yield 0.5
    started = time.perf_counter()
    mask.updateMask(True)
    document.waitForDone()
    t.note(f"{name}: mask s", round(time.perf_counter() - started, 3))
    if name == "photograph 3 MP":
        t.screenshot("bench-mask")
    yield from close(document)


def put(node, stroke):
    left, top, width, height, color = stroke
    red, green, blue = (int(color[i : i + 2], 16) for i in (1, 3, 5))
    data = bytes((blue, green, red, 255)) * (width * height)
    node.setPixelData(QByteArray(data), left, top, width, height)


def managed(color):
    red, green, blue = (int(color[i : i + 2], 16) / 255 for i in (1, 3, 5))
    made = ManagedColor("RGBA", "U8", SRGB)
    made.setComponents([blue, green, red, 1.0])
    return made


def close(document):
    document.setModified(False)
    document.close()
    yield 0.5
