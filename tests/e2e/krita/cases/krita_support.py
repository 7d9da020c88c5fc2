"""What several cases need: documents with known pixels, strokes, and counting undo steps."""

from __future__ import annotations

import struct
import time

from krita import Krita
from PyQt5.QtCore import QByteArray, QTimer

SRGB = "sRGB-elle-V2-srgbtrc.icc"
APPLICATION = Krita.instance()


def panel_of(bench):
    """Return tinct's panel, its docker shown."""
    docker = bench.docker()
    docker.setVisible(True)
    docker.raise_()
    return docker.panel


def gray_ramp(width, height):
    """Return 8-bit pixels: dark left of a step in the middle, light right of it, both sloping."""
    row = bytearray()
    for column in range(width):
        value = (60 if column < width // 2 else 170) + 20 * column // width
        row += bytes((value, value, value, 255))
    return bytes(row) * height


def fill(node, data, width, height):
    """Write pixels into a layer."""
    node.setPixelData(QByteArray(data), 0, 0, width, height)


def paint(document, node, color, left, top, width, height):
    """Paint a box into a layer as something else than a brush: not undoable."""
    red, green, blue = (int(color[i : i + 2], 16) for i in (1, 3, 5))
    data = bytes((blue, green, red, 255)) * (width * height)
    node.setPixelData(QByteArray(data), left, top, width, height)
    document.refreshProjection()


def pixel(node, column, row):
    """Return one pixel's bytes."""
    return bytes(node.pixelData(column, row, 1, 1))


def shown(document, column, row):
    """Return what the document shows at a place."""
    document.waitForDone()
    return bytes(document.pixelData(column, row, 1, 1))


def names(document):
    """Return the layers' names, from the bottom."""
    return [node.name() for node in document.topLevelNodes()]


def undo():
    """Undo once; yield afterwards."""
    APPLICATION.action("edit_undo").trigger()


def idle(panel):
    """Return a condition: the run has ended."""
    return lambda: panel.job is None


def exact(panel):
    """Return a condition: the canvas shows the exact result of the newest strokes."""
    live = panel.live
    return lambda: live.is_on and live.is_exact and not live.is_working


def half(number):
    """Return a number as the two bytes of a half float."""
    return struct.pack("<e", number)


class Heart:
    """Measures the main loop's longest pause."""

    def __init__(self):
        self.longest = 0.0
        self.last = time.perf_counter()
        self.timer = QTimer()
        self.timer.setInterval(2)
        self.timer.timeout.connect(self.beat)
        self.timer.start()

    def beat(self):
        now = time.perf_counter()
        self.longest = max(self.longest, now - self.last)
        self.last = now

    def start(self):
        """Measure anew."""
        self.longest, self.last = 0.0, time.perf_counter()

    def stop(self):
        """Return the longest pause in seconds."""
        self.timer.stop()
        return self.longest
