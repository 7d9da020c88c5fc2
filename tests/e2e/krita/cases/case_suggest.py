"""Colors suggested for the newest stroke and for the place under the cursor; a palette's colors."""

import os

from case_many import find_canvas, pointer
from krita import ManagedColor
from krita_support import SRGB, exact, fill, idle, names, paint, panel_of, shown, undo
from PyQt5.QtCore import QPoint

LIMIT_S = 120
ZOOM = 1.0


def case(t):
    panel = panel_of(t)
    document = t.krita.openDocument(os.path.join(t.out, "photograph.png"))
    document.setBatchmode(True)
    t.krita.activeWindow().addView(document)
    yield t.ready(document)
    t.krita.activeWindow().activeView().canvas().setZoomLevel(ZOOM)
    panel.choose_operation("hint-colorize")
    panel.refresh()
    panel.new_strokes()
    yield 0.5
    yield from pointer("mousemove", 2, 2)
    panel.set_live(True)
    assert panel.live.is_on, panel.controls.line.text()
    yield exact(panel)
    view = panel.views.suggested
    assert view.isVisible(), "suggestions need no stroke"
    assert view.buttons == []
    assert max(spread(document, x, 90) for x in range(20, 480, 40)) > 12, "nor do colors"

    strokes = document.nodeByName("Tinct strokes")
    version = panel.live._version
    paint(document, strokes, "#e8702a", 150, 320, 12, 8)
    yield lambda: panel.live._version > version
    yield exact(panel)
    yield 0.2
    newest = [one.color for one in view.found.strokes[0]]
    assert newest
    assert listed(view) == newest[:8], (listed(view), newest)
    view.buttons[-1].click()
    assert brush_color(t) == listed(view)[-1]
    t.screenshot("suggested")

    transforms = hasattr(t.krita.activeWindow().activeView(), "flakeToCanvasTransform")
    for place in ((225, 120), (440, 40), (60, 470)) if transforms else ():
        yield from hover(document, place)
        field = place[1] * view.found.rows // 512 * view.found.columns
        field += place[0] * view.found.columns // 512
        wanted = [one.color for one in view.found.fields[field]][:8]
        yield lambda wanted=wanted: listed(view) == wanted
    if transforms:
        before = listed(view)
        yield from pointer("mousemove", 2, 2)  # to the color, past other places
        yield 1.0
        assert listed(view) == before
    panel.discard()
    yield 0.3
    panel.choose_operation("identity")
    assert not view.isVisible()
    yield from edited_palette(t, panel, document)


def edited_palette(t, panel, gray):
    """The palette that a run found: one color of it is changed by a click."""
    gray.setModified(False)
    gray.close()
    document = t.new_document(60, 40)
    yield t.ready(document)
    colors = bytes((40, 60, 200, 255)) * 30 + bytes((180, 160, 50, 255)) * 30
    paint_rows(document, colors, 40)
    panel.choose_operation("palette-recolor")
    panel.refresh()
    yield 0.3
    panel.form.take_all({"method": "clusters", "count": 2})
    panel.set_live(True)
    yield exact(panel)
    yield 0.2
    view = panel.views.palette_
    assert view.isVisible()
    found = [button.objectName().split(" ")[1] for button in view.buttons]
    assert len(found) == 2, found
    place = min(range(2), key=lambda n: int(found[n][1:3], 16))  # the one with less red
    version = panel.live._version
    view.change(place, "#20a030")
    yield lambda: panel.live._version > version
    yield exact(panel)
    yield 0.3
    blue, green, red = shown(document, 45, 20)[:3]
    assert green > max(blue, red) + 40, (red, green, blue)
    assert (
        max(abs(a - b) for a, b in zip(shown(document, 10, 20), (40, 60, 200, 255), strict=True))
        < 12
    )
    panel.keep()
    yield lambda: not panel.live.is_on
    yield 0.3
    assert names(document) == ["Background", "Recolored"]
    undo()
    yield 0.3
    assert names(document) == ["Background"]
    yield idle(panel)


def paint_rows(document, row, rows):
    fill(document.topLevelNodes()[0], row * rows, len(row) // 4, rows)
    document.refreshProjection()


def listed(view):
    return [button.objectName().split(" ")[1] for button in view.buttons]


def spread(document, x, y):
    parts = shown(document, x, y)[:3]
    return max(parts) - min(parts)


def brush_color(t):
    color: ManagedColor = t.krita.activeWindow().activeView().foregroundColor()
    color.setColorSpace("RGBA", "U8", SRGB)
    blue, green, red, _alpha = (round(255 * part) for part in color.components())
    return f"#{red:02x}{green:02x}{blue:02x}"


def hover(document, place):
    """Move the cursor over a pixel; the picture lies in the middle of its canvas."""
    canvas = find_canvas()
    middle = canvas.mapToGlobal(QPoint(canvas.width() // 2, canvas.height() // 2))
    x = middle.x() + ZOOM * (place[0] + 0.5 - document.width() / 2)
    y = middle.y() + ZOOM * (place[1] + 0.5 - document.height() / 2)
    yield from pointer("mousemove", round(x), round(y))
