"""Inside Krita: the same strokes by Krita's Colorize Mask and by tinct's live loop."""

import json
import os
import statistics
import sys
import time

from krita import ManagedColor
from PyQt5.QtCore import QByteArray, QTimer

sys.path.insert(0, os.environ["TINCT_BENCH_SUPPORT"])
from krita_support import SRGB, Heart, exact, fill, panel_of

from tinct_krita.colors import StepRunner

MORE = 9
"""How many strokes come one by one, after all the others at once."""

MASK_MORE, MASK_LIMIT_S = 3, 12.0
"""So many of them in the mask, too, and no further one after this time."""

LIMIT_S = float(os.environ.get("TINCT_BENCH_LIMIT_S", "500"))


def case(t):
    folder = os.environ["TINCT_BENCH_PICTURES"]
    with open(os.path.join(folder, "pictures.json"), encoding="utf-8") as file:
        plan = json.load(file)
    panel = panel_of(t)
    panel.choose_operation("scribble-colorize")
    held = Held(panel)
    other = plan[0] | {"corner": [0, 0, 0, 255]}  # so that the engine knows no picture measured
    yield from by_tinct(t, panel, held, folder, other, "warm-up")
    for picture in plan:
        name = f"{picture['kind']} {picture['megapixels']} MP"
        yield from by_tinct(t, panel, held, folder, picture, name)
        yield from by_mask(t, panel, folder, picture, name)


def open_picture(t, folder, picture):
    width, height = picture["width"], picture["height"]
    document = t.new_document(width, height, name=picture["file"])
    yield t.ready(document)
    with open(os.path.join(folder, picture["file"]), "rb") as file:
        fill(document.topLevelNodes()[0], file.read(), width, height)
    if "corner" in picture:
        fill(document.topLevelNodes()[0], bytes(picture["corner"]), 1, 1)
    document.refreshProjection()
    yield 0.5
    return document


class Held:
    """Measures the longest time that tinct's own code holds the main loop.

    It runs in these slots alone while live mode is on; what Krita does when they have returned,
    such as to show a result, is not in it. Where Krita waits for its threads, the loop may turn
    within a slot.
    """

    def __init__(self, panel):
        self.longest = 0.0
        self.since = None
        self.timer = QTimer()
        self.timer.setInterval(2)
        self.timer.timeout.connect(self.note)
        self.timer.start()
        for owner, slot in ((panel.live, "_tick"), (panel.session, "_poll"), (panel, "refresh")):
            setattr(owner, slot, self.timed(getattr(owner, slot)))
            owner._timer.timeout.disconnect()
            owner._timer.timeout.connect(getattr(owner, slot))
        StepRunner._next = self.timed(StepRunner._next)

    def timed(self, slot):
        """Return the slot, its longest time noted."""

        def run(*arguments):
            is_first = self.since is None
            if is_first:
                self.since = time.perf_counter()
            slot(*arguments)
            if is_first:
                self.note()
                self.since = None

        return run

    def note(self):
        """Note how long a slot has held the loop; it goes on now, or ends."""
        if self.since is not None:
            now = time.perf_counter()
            self.longest, self.since = max(self.longest, now - self.since), now


def by_tinct(t, panel, held, folder, picture, name):
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
    started = time.monotonic()
    panel.set_live(True)
    assert panel.live.is_on, panel.controls.line.text()
    yield ready(panel.live)
    t.note(f"{name}: tinct ready s", round(time.monotonic() - started, 3))
    first, more = picture["strokes"][:-MORE], picture["strokes"][-MORE:]
    yield from stroke_rounds(t, panel, held, strokes, [first], f"{name}: tinct all")
    rounds = [[stroke] for stroke in more]
    yield from stroke_rounds(t, panel, held, strokes, rounds, f"{name}: tinct one more")
    t.screenshot(f"bench-tinct-{picture['file'].rpartition('.')[0]}")
    panel.discard()
    yield from close(document)


def ready(live):
    """Return a condition: the picture is ready for its first stroke."""
    calls = live._calls
    return lambda: live.is_exact and not calls.is_sending and not calls._pending


def stroke_rounds(t, panel, held, strokes, rounds, name):
    """Paint each round's strokes at once; note the medians and the longest pauses of all."""
    found, live = {}, panel.live
    for group in rounds:
        heart, version, before = Heart(), live._version, cpu_seconds(panel)
        live.preview_s = held.longest = 0.0
        for stroke in group:
            put(strokes, stroke)
        started = live._pen.released_at = time.monotonic()  # as if a pen had painted them
        yield lambda version=version: live._version > version
        noticed = time.monotonic() - started
        yield exact(panel)
        pause = heart.stop()
        own = held.longest
        live.document.waitForDone()
        values = {
            "noticed s": noticed,
            "exact s": live.exact_s,
            "engine s": live._engine_s,  # its part of that
            "preview s": live.preview_s or live.exact_s,  # no preview where the exact one is quick
            "painted s": time.monotonic() - started,
            "longest pause ms": 1000 * pause,
            "longest own pause ms": 1000 * own,
        }
        for part, then, now in zip(("krita", "engine"), before, cpu_seconds(panel), strict=True):
            values[f"{part} CPU s"] = now - then
        for key, value in values.items():
            found.setdefault(key, []).append(value)
        yield 0.5
    for key, values in found.items():
        worst = max(values) if "pause" in key else statistics.median(values)
        t.note(f"{name}, {key}", round(worst, 3))


def cpu_seconds(panel):
    """Return the processor's time that Krita and the engine have had, all threads together."""
    pids = (os.getpid(), panel.session.engine.pid)
    ticks = os.sysconf("SC_CLK_TCK")
    found = []
    for pid in pids:
        if pid is None:
            found.append(0.0)
            continue
        with open(f"/proc/{pid}/stat") as file:
            fields = file.read().rpartition(")")[2].split()
        found.append((int(fields[11]) + int(fields[12])) / ticks)
    return found


def by_mask(t, panel, folder, picture, name):
    document = yield from open_picture(t, folder, picture)
    base = document.topLevelNodes()[0]
    if not hasattr(document, "createColorizeMask"):
        return
    mask = document.createColorizeMask("mask")
    base.addChildNode(mask, None)
    yield 0.3
    first, more = picture["strokes"][:-MORE], picture["strokes"][-MORE:]
    colors = {stroke[-1]: managed(stroke[-1]) for stroke in first}
    mask.initializeKeyStrokeColors(list(colors.values()), -1)
    put_in_mask(mask, first, colors)
    mask.setUseEdgeDetection(True)
    mask.setEdgeDetectionSize(4.0)
    mask.setCleanUpAmount(0.7)
    mask.setEditKeyStrokes(False)
    mask.setShowOutput(True)
    yield 0.5
    begun, cpu = time.monotonic(), cpu_seconds(panel)[0]
    t.note(f"{name}: mask s", mask_update(mask, document))
    t.note(f"{name}: mask CPU s", round(cpu_seconds(panel)[0] - cpu, 2))
    again = []
    while len(again) < MASK_MORE and time.monotonic() - begun < MASK_LIMIT_S:
        yield 0.5
        put_in_mask(mask, [more[len(again)]], colors)
        again.append(mask_update(mask, document))
    if again:
        t.note(f"{name}: mask one more s", statistics.median(again))
    t.screenshot(f"bench-mask-{picture['file'].rpartition('.')[0]}")
    yield from close(document)


def put_in_mask(mask, strokes, colors):
    for left, top, width, height, color in strokes:
        alpha = QByteArray(b"\xff" * (width * height))
        mask.setKeyStrokePixelData(alpha, colors[color], left, top, width, height)


def mask_update(mask, document):
    started = time.perf_counter()
    mask.updateMask(True)
    document.waitForDone()
    return round(time.perf_counter() - started, 3)


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
