"""Each operation of the catalog once, by its menu entry."""

import math

from krita_support import fill, idle, names, paint, panel_of

WIDTH, HEIGHT = 72, 56
LIMIT_S = 200
WIDEST = 280
"""Pixels that the docker may demand."""


def case(t):
    panel = panel_of(t)
    reference = t.new_document(WIDTH + 9, HEIGHT + 5, name="reference")
    yield t.ready(reference)
    fill(reference.topLevelNodes()[0], scene(WIDTH + 9, HEIGHT + 5, True), WIDTH + 9, HEIGHT + 5)
    reference.refreshProjection()

    for info in list(panel.session.operations.values()):
        if info["id"] == "identity":
            continue
        gray = info["menu"] != "Recolor"
        document = t.new_document(WIDTH, HEIGHT, name=info["id"])
        yield t.ready(document)
        base = document.topLevelNodes()[0]
        original = scene(WIDTH, HEIGHT, not gray)
        fill(base, original, WIDTH, HEIGHT)
        document.refreshProjection()
        panel.choose_operation(info["id"])
        panel.refresh()
        if any(role["source"] == "layer-above" for role in info["inputs"]):
            panel.new_strokes()
            yield 0.2
            strokes = document.nodeByName("Tinct strokes")
            paint(document, strokes, "#d02020", 8, 8, 12, 6)
            paint(document, strokes, "#2040d0", 50, 40, 12, 6)
        panel.form._more.setChecked(True)
        yield 0.1
        assert panel.minimumSizeHint().width() <= WIDEST, (info["id"], panel.minimumSizeHint())
        before = names(document)
        t.krita.action("tinct_" + info["id"].replace("-", "_")).trigger()
        yield idle(panel)
        yield 0.2
        added = [name for name in names(document) if name not in before]
        said = panel.controls.line.text()
        if any(output["kind"] not in ("data", "mask") for output in info["outputs"]):
            assert added, (info["id"], said)
            assert t.undo_text() == "Undo Add Layer", info["id"]
        assert bytes(base.pixelData(0, 0, WIDTH, HEIGHT)) == original, info["id"]
        t.note(info["id"], said)
        document.setModified(False)
        document.close()
        yield 0.1


def scene(width, height, colored):
    """Return 8-bit pixels: a sky over a textured ground."""
    data = bytearray()
    for row in range(height):
        for column in range(width):
            grain = 18 * math.sin(column * 1.7 + row * 0.9)
            light = 190 + row // 4 if row < height // 2 else 90 + grain
            tint = ((25, 0, -35) if row < height // 2 else (-45, 5, 30)) if colored else (0, 0, 0)
            data += bytes(max(0, min(255, round(light + part))) for part in tint) + b"\xff"
    return bytes(data)
