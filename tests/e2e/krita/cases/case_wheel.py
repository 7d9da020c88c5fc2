"""The color wheel in the docker: live, dragged, turned by keys, a template clicked."""

import math

from krita_support import APPLICATION, exact, fill, names, panel_of, shown
from PyQt5.QtCore import QEvent, QPointF, Qt
from PyQt5.QtGui import QKeyEvent, QMouseEvent
from PyQt5.QtWidgets import QApplication

WIDTH, HEIGHT = 160, 120


def two_hues():
    """Return pixels: orange on the left, green on the right, in 8-bit BGRA."""
    row = bytes((40, 110, 210, 255)) * (WIDTH // 2) + bytes((60, 170, 80, 255)) * (WIDTH // 2)
    return row * HEIGHT


def mouse(disc, kind, degrees):
    middle = disc.rect().center()
    angle = math.radians(degrees)
    place = QPointF(middle.x() + 40 * math.sin(angle), middle.y() - 40 * math.cos(angle))
    held = Qt.NoButton if kind == QEvent.MouseButtonRelease else Qt.LeftButton
    event = QMouseEvent(kind, place, Qt.LeftButton, held, Qt.NoModifier)
    QApplication.sendEvent(disc, event)


def case(t):
    document = t.new_document(WIDTH, HEIGHT)
    yield t.ready(document)
    base = document.topLevelNodes()[0]
    fill(base, two_hues(), WIDTH, HEIGHT)
    document.refreshProjection()
    panel = panel_of(t)
    panel.choose_operation("harmonize")
    yield 0.3
    panel.form.take_all({"template": "V", "find_angle": True})
    panel.set_live(True)
    assert panel.live.is_on, panel.controls.line.text()
    yield exact(panel)
    yield 0.5
    view = panel.views.wheel
    assert view.isVisible()
    assert view.wheel.template == "V"
    assert shown(document, 20, 60)[:3] != bytes((40, 110, 210)), "nothing on the canvas"
    first = view.wheel.angle

    # dragged a quarter round: the canvas follows
    before = shown(document, 20, 60)
    mouse(view.disc, QEvent.MouseButtonPress, 0)
    for degrees in range(10, 91, 10):
        mouse(view.disc, QEvent.MouseMove, degrees)
        yield 0.03
    mouse(view.disc, QEvent.MouseButtonRelease, 90)
    yield exact(panel)
    yield 0.5
    values = panel.form.form.values
    assert values["find_angle"] is False
    turned = (values["angle"] - first) % 360
    assert abs(turned - 90) < 3, (first, values["angle"])
    assert abs(view.wheel.angle - values["angle"]) < 0.02
    after = shown(document, 20, 60)
    assert after != before, after
    # what the wheel shows is what the canvas shows, and no longer what it was before the drag
    ((center, width),) = view.wheel.sectors
    hues = [hue for hue, weight in enumerate(view.wheel.after) if weight > 0.01]
    assert hues
    assert all(abs((hue - center + 180) % 360 - 180) <= width / 2 + 2 for hue in hues), hues
    panel.controls.operation.parentWidget().grab().save(f"{t.out}/wheel-docker.png")

    dragged = values["angle"]
    view.disc.setFocus()  # as a click does
    yield 0.2
    for key in (Qt.Key_Right, Qt.Key_PageUp):
        QApplication.sendEvent(view.disc, QKeyEvent(QEvent.KeyPress, key, Qt.NoModifier))
    back = (dragged - panel.form.form.values["angle"]) % 360
    assert abs(back - 9) < 0.1, (dragged, panel.form.form.values["angle"], view.wheel.angle)
    yield exact(panel)

    view.buttons["T"].click()
    yield exact(panel)
    yield 0.3
    assert view.wheel.template == "T"
    assert panel.form.form.values["template"] == "T"
    panel.keep()
    yield lambda: not panel.live.is_on
    yield 0.3
    assert names(document) == ["Background", "Harmonized"], names(document)
    APPLICATION.action("edit_undo").trigger()
    yield 0.5
    assert names(document) == ["Background"], names(document)
