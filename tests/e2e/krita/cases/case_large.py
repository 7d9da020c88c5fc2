"""Four megapixels: previews work on a smaller copy, and what they show is sharp and not far off.

The first one is color over the picture. The others change the exact result where a stroke does.
"""

import time

from krita_support import Heart, exact, fill, gray_ramp, names, paint, panel_of, pixel, shown, undo

WIDTH, HEIGHT = 2320, 1740
LIMIT_S = 150
RED, BLUE = "#d02020", "#2040d0"
PLACES = ((60, 300), (900, 1500), (1300, 60), (2200, 900))


def case(t):
    panel = panel_of(t)
    panel.choose_operation("scribble-colorize")
    document = t.new_document(WIDTH, HEIGHT)
    yield t.ready(document)
    base = document.topLevelNodes()[0]
    fill(base, gray_ramp(WIDTH, HEIGHT), WIDTH, HEIGHT)
    document.refreshProjection()
    yield 0.5
    panel.refresh()
    panel.new_strokes()
    yield 0.6
    strokes = document.nodeByName("Tinct strokes")
    live = document.nodeByName("Color (live)")
    panel.set_live(True)
    assert panel.live.is_on, panel.controls.line.text()
    yield 0.5
    asked, watched = watch(panel)
    # as thin as a pen's line: in a picture less than half as large it must not get lost
    yield from stroke(panel, document, strokes, RED, (200, 400, 300, 1), live, "color")
    assert [quality for quality, _size in asked] == ["preview", "final"], asked
    assert asked[0][1][1] == 320, asked
    assert asked[1][1] == (HEIGHT, WIDTH), asked
    asked.clear()
    first = bytes(live.pixelData(0, 0, WIDTH, HEIGHT))
    changed = yield from stroke(panel, document, strokes, BLUE, (1500, 900, 60, 30), live, "normal")
    assert [size for _quality, size in asked] == [(240, 320), (HEIGHT, WIDTH)], asked
    for row in range(0, HEIGHT, 200):  # far left: red as before, at the right: no longer
        for column, least, most in ((40, -3, 3), (WIDTH - 40, 30, 255)):
            red = 4 * (row * WIDTH + column) + 2
            assert least <= first[red] - changed[red] <= most, (row, first[red], changed[red])
    del watched.run
    assert t.undo_text() == "Undo Add Layer"
    for x, y in PLACES:
        blue, _green, red, alpha = pixel(live, x, y)
        assert (red > blue + 20) == (x < WIDTH // 2), (x, y, red, blue)
        assert alpha == 255
    heart = Heart()
    yield 1.0
    t.note("idle, longest pause ms", round(1000 * heart.stop()))
    panel.discard()
    yield 0.4
    undo()
    yield 0.4
    assert names(document) == ["Background"]
    assert t.undo_text() == "Undo", t.undo_text()
    document.setModified(False)
    document.close()
    yield 0.2


def watch(panel):
    """Return a list that gets quality and size of each picture, and the session it watches."""
    asked = []
    ask = panel.session.run

    def run(operation, inputs, *rest, **settings):
        asked.append((settings.get("quality"), tuple(inputs["image"].shape[:2])))
        return ask(operation, inputs, *rest, **settings)

    panel.session.run = run
    return asked, panel.session


def stroke(panel, document, node, color, box, live, blend):
    """Paint, and hold the preview to the exact result; return what its layer held."""
    version = panel.live._version
    panel.live.preview_s = 0.0
    paint(document, node, color, *box)
    panel.live._pen.released_at = time.monotonic()  # as if a pen had painted it
    yield lambda: panel.live._version > version
    yield lambda: panel.live.preview_s > 0
    yield 0.05  # out of Krita's own waiting
    assert live.blendingMode() == blend, live.blendingMode()
    assert not panel.live.is_exact
    held = bytes(live.pixelData(0, 0, WIDTH, HEIGHT))
    previewed = {place: shown(document, *place)[:3] for place in PLACES}
    yield exact(panel)
    yield 0.3
    assert live.blendingMode() == "normal"
    for place, before in previewed.items():
        after = shown(document, *place)[:3]
        assert abs(luma(before) - luma(after)) <= 12, (place, before, after)  # Krita's own luma
        assert (before[2] > before[0]) == (after[2] > after[0]), (place, before, after)
    return held


def luma(values):
    blue, green, red = values[:3]
    return 0.299 * red + 0.587 * green + 0.114 * blue
