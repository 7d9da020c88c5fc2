"""A hundred live updates leave memory, files and undo as they were; a real pointer paints too."""

import os
import subprocess
import time

from krita import Krita, ManagedColor
from krita_support import SRGB, Heart, exact, fill, gray_ramp, names, paint, panel_of, pixel
from PyQt5.QtCore import QPoint
from PyQt5.QtWidgets import QWidget

WIDTH, HEIGHT = 320, 240
UPDATES = int(os.environ.get("TINCT_TEST_UPDATES", "100"))
GROWTH_MAXIMUM_MB = 60
LIMIT_S = 240


def case(t):
    panel = panel_of(t)
    document = t.new_document(WIDTH, HEIGHT)
    yield t.ready(document)
    base = document.topLevelNodes()[0]
    fill(base, gray_ramp(WIDTH, HEIGHT), WIDTH, HEIGHT)
    document.refreshProjection()
    panel.choose_operation("scribble-colorize")
    panel.refresh()
    panel.new_strokes()
    yield 0.3
    strokes = document.nodeByName("Tinct strokes")
    panel.set_live(True)
    undo_text = t.undo_text()
    started = time.monotonic()
    for turn in range(UPDATES):
        if turn == 10:  # everything is warm now
            memory, heart = resident_mb(), Heart()
            files, threads = open_files(), thread_count()
        version = panel.live._version
        left, top = 10 + 37 * turn % (WIDTH - 40), 10 + 53 * turn % (HEIGHT - 30)
        paint(document, strokes, ("#d02020", "#2040d0", "#20a030")[turn % 3], left, top, 12, 5)
        panel.live._pen.released_at = time.monotonic()  # as if a pen had painted it
        yield lambda version=version: panel.live._version > version
        yield exact(panel)
    t.note("seconds an update", round((time.monotonic() - started) / UPDATES, 2))
    t.note("longest pause ms", round(1000 * heart.stop()))
    t.note("growth mb", round(resident_mb() - memory, 1))
    assert resident_mb() - memory < GROWTH_MAXIMUM_MB, (memory, resident_mb())
    assert open_files() <= files + 2
    assert thread_count() <= threads + 2
    kept = os.listdir(panel.session.engine.exchange.path)
    assert len(kept) <= 2, kept  # base and strokes, as they are now
    assert t.undo_text() == undo_text
    assert names(document) == ["Background", "Tinct"], names(document)

    yield from by_pointer(t, panel, document, strokes)
    panel.discard()
    yield 0.5
    assert os.listdir(panel.session.engine.exchange.path) == []


def by_pointer(t, panel, document, strokes):
    """Draw with the mouse, as the user does: nothing is written before the button is released."""
    fill(strokes, bytes(WIDTH * HEIGHT * 4), WIDTH, HEIGHT)
    document.refreshProjection()
    yield 1.0
    live = document.nodeByName("Color (live)")
    color = ManagedColor("RGBA", "U8", SRGB)
    color.setComponents([0.1, 0.6, 0.9, 1.0])
    view = t.krita.activeWindow().activeView()
    view.setForeGroundColor(color)
    document.setActiveNode(strokes)
    t.krita.action("KritaShape/KisToolBrush").trigger()
    yield 0.3
    canvas = find_canvas()
    corner = canvas.mapToGlobal(QPoint(canvas.width() // 2 - 120, canvas.height() // 2))
    x, y = corner.x(), corner.y()
    version = panel.live._version
    before = bytes(live.pixelData(0, 0, WIDTH, HEIGHT))
    yield from pointer("mousemove", x, y)
    yield from pointer("mousedown", 1)
    for step in range(12):
        yield from pointer("mousemove", x + 16 * step, y + 2 * step)
    assert panel.live._pen.is_down
    assert bytes(live.pixelData(0, 0, WIDTH, HEIGHT)) == before, "written while drawing"
    yield from pointer("mouseup", 1)
    yield lambda: panel.live._version > version
    yield exact(panel)
    yield 0.3
    painted = bytes(strokes.pixelData(0, 0, WIDTH, HEIGHT))
    assert any(painted[3::4]), "the brush painted nothing"
    assert t.undo_text() != "Undo Add Layer", t.undo_text()
    red, blue = pixel(live, 20, 120)[2], pixel(live, 20, 120)[0]
    assert red > blue + 20, (red, blue)
    t.screenshot("pointer")
    yield from pointer("mousemove", 2, 2)  # over the canvas Krita takes keys for itself


def find_canvas():
    window = Krita.instance().activeWindow().qwindow()
    named = ("KisOpenGLCanvas2", "KisQPainterCanvas")
    return next(
        w
        for w in window.findChildren(QWidget)
        if w.metaObject().className() in named and w.isVisible()
    )


def pointer(*words):
    """Let xdotool move or press; Krita goes on meanwhile."""
    process = subprocess.Popen(["xdotool", *map(str, words)])
    yield lambda: process.poll() is not None
    assert process.returncode == 0
    yield 0.03


def resident_mb():
    with open("/proc/self/status") as file:
        line = next(line for line in file if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def open_files():
    return len(os.listdir("/proc/self/fd"))


def thread_count():
    return len(os.listdir("/proc/self/task"))
