"""Color from references: pairs of boxes across two documents, layers, files, several at once."""

import colorsys
import os
import random

from krita import Selection
from krita_support import APPLICATION, fill, idle, names, panel_of, pixel, shown, undo
from PyQt5.QtWidgets import QMdiArea

WIDTH, HEIGHT = 96, 72
OTHER = (120, 64)
LIMIT_S = 120
RED, BLUE = (0.0, 0.62), (0.62, 0.6)
"""Hue and saturation."""


def case(t):
    panel = panel_of(t)
    panel.choose_operation("reference-colorize")
    yield from across_documents(t, panel)
    yield from from_a_layer(t, panel)
    yield from from_files(t, panel)
    yield from taken_apart(t, panel)


def stripes(width, height, colored):
    """Return 8-bit pixels: a smooth left half and a rough right one, both as bright in the mean.

    Parameters
    ----------
    colored
        Hue and saturation of each half, or None for gray.
    """
    lights = []
    for row in range(height):
        for column in range(width):
            grain = 26 if (row // 2 + column // 2) % 2 else -26
            lights.append(130 + (grain if column >= width // 2 else row % 3))
    halves = colored or (None, None)
    sides = [halves[place % width >= width // 2] for place in range(width * height)]
    return painted(lights, sides)


def grains(width, height, color, seed):
    """Return 8-bit pixels of one color and any light."""
    source = random.Random(seed)
    return painted(
        [source.randrange(90, 170) for _ in range(width * height)], [color] * (width * height)
    )


def painted(lights, colors):
    """Return 8-bit pixels of these lights, and of these hues and saturations."""
    data = bytearray()
    for light, color in zip(lights, colors, strict=True):
        parts = [light / 255] * 3
        if color is not None:
            red, green, blue = colorsys.hsv_to_rgb(*color, light / 255)
            gain = light / 255 / luma((blue, green, red))
            parts = [min(1.0, part * gain) for part in (blue, green, red)]
        data += bytes(round(255 * part) for part in parts) + b"\xff"
    return bytes(data)


def document_of(t, name, data, width, height):
    document = t.new_document(width, height, name=name)
    yield t.ready(document)
    fill(document.topLevelNodes()[0], data, width, height)
    document.refreshProjection()
    document.waitForDone()
    yield 0.1
    return document


def across_documents(t, panel):
    """Boxes on this document and on the reference; what they are drawn with colors nothing."""
    reference = yield from document_of(t, "reference", stripes(*OTHER, (BLUE, RED)), *OTHER)
    document = yield from document_of(t, "picture", stripes(WIDTH, HEIGHT, None), WIDTH, HEIGHT)
    panel.refresh()
    assert panel.controls.pickers.choices()["references"] == ["document:reference"]
    editor = panel.form.editors["boxes"].widget
    said = panel.controls.line

    editor.add.click()
    assert "Select" in said.text(), said.text()
    assert not editor.match.isEnabled()
    yield from select(document, 4, 6, 30, 40)
    editor.add.click()
    swatches = document.nodeByName("Tinct swatches")
    assert pixel(swatches, 8, 9)[3] == 255
    assert pixel(swatches, 60, 60)[3] == 0
    editor.match.click()  # still in the picture: the place is to be selected in the other one
    assert "reference" in said.text(), said.text()
    assert panel.form.form.values["boxes"] == []

    yield from show(t, reference)
    yield from select(reference, 70, 8, 40, 30)  # red, though it is rough where this is smooth
    panel.form.editors["seed"].widget.setValue(3)  # another change leaves the begun pair alone
    editor.match.click()
    assert panel.form.form.values["boxes"] == [[[4, 6, 30, 40], [70, 8, 40, 30]]], said.text()
    marks = reference.nodeByName("Tinct swatches")
    assert pixel(marks, 75, 12) == pixel(swatches, 8, 9)
    assert shown(reference, 90, 30)[:3] != pixel(reference.topLevelNodes()[0], 90, 30)[:3]

    yield from select(reference, 4, 8, 40, 30)
    editor.add.click()  # but the picture is not in front
    assert "picture" in said.text(), said.text()
    yield from show(t, document)
    yield from select(document, 60, 10, 30, 40)
    editor.add.click()
    yield from show(t, reference)
    editor.match.click()
    assert len(panel.form.form.values["boxes"]) == 2, said.text()
    assert pixel(marks, 8, 12) == pixel(document.nodeByName("Tinct swatches"), 64, 14)
    t.screenshot("pairs")
    yield 0.1
    panel.controls.operation.parentWidget().grab().save(f"{t.out}/pairs-docker.png")

    yield from show(t, document)
    APPLICATION.action("deselect").trigger()
    yield lambda: document.selection() is None
    # the swatches lie over the reference, half transparent, and are not what it shows
    assert names(document) == ["Background", "Tinct swatches"], names(document)
    panel.run()
    yield idle(panel)
    yield 0.2
    assert names(document) == ["Background", "Colors", "Tinct swatches"], said.text()
    assert t.undo_text() == "Undo Add Layer"
    result = document.nodeByName("Colors")
    check_hue(result, (6, 34), (8, 44), RED[0])
    check_hue(result, (62, 88), (12, 48), BLUE[0])
    check_hue(result, (6, 40), (56, 70), RED[0])  # the same texture beyond the boxes
    assert shown(reference, 90, 30)[:3] != pixel(reference.topLevelNodes()[0], 90, 30)[:3]
    undo()
    yield 0.3
    assert names(document) == ["Background", "Tinct swatches"], names(document)

    # a pair is removed: its marks go, the other one becomes number 1
    second = pixel(document.nodeByName("Tinct swatches"), 64, 14)
    editor._remove(0)
    swatches = document.nodeByName("Tinct swatches")
    assert pixel(swatches, 8, 9)[3] == 0
    assert pixel(marks, 75, 12)[3] == 0
    assert pixel(swatches, 64, 14)[3] == 255
    assert pixel(swatches, 64, 14) != second
    assert panel.form.form.values["boxes"] == [[[60, 10, 30, 40], [4, 8, 40, 30]]]
    yield from close(document, reference)


def from_a_layer(t, panel):
    """The reference is a layer of the document; both boxes of a pair lie in it."""
    document = yield from document_of(t, "one", stripes(WIDTH, HEIGHT, None), WIDTH, HEIGHT)
    base = document.topLevelNodes()[0]
    layer = document.createNode("colored", "paintlayer")
    document.rootNode().addChildNode(layer, None)
    fill(layer, stripes(WIDTH, HEIGHT, (BLUE, RED)), WIDTH, HEIGHT)
    layer.setVisible(False)
    document.setActiveNode(base)
    document.refreshProjection()
    yield 0.3
    panel.refresh()
    panel.form._go_back()
    picker = panel.controls.pickers.by_role["references"]
    picker.choose("layer:" + layer.uniqueId().toString())
    editor = panel.form.editors["boxes"].widget
    yield from select(document, 4, 6, 30, 40)
    editor.add.click()
    yield from select(document, 56, 6, 30, 40)
    editor.match.click()
    assert panel.form.form.values["boxes"] == [[[4, 6, 30, 40], [56, 6, 30, 40]]]
    APPLICATION.action("deselect").trigger()
    yield lambda: document.selection() is None
    panel.run()
    yield idle(panel)
    yield 0.2
    check_hue(document.nodeByName("Colors"), (6, 40), (8, 60), RED[0])
    yield from close(document)


def from_files(t, panel):
    """The reference is a file that is not open; then several at once; then no picture at all."""
    paths = {}
    for name, color in (("cool", BLUE), ("warm, façon 色", RED)):
        made = yield from document_of(t, name, grains(*OTHER, color, len(paths)), *OTHER)
        paths[name] = os.path.join(t.work, name + ".png")
        assert made.saveAs(paths[name])
        yield from close(made)
    cool, warm = paths.values()
    document = yield from document_of(t, "gray", grains(WIDTH, HEIGHT, None, 7), WIDTH, HEIGHT)
    panel.refresh()
    panel.form._go_back()
    picker = panel.controls.pickers.by_role["references"]
    assert picker.choice() == []
    panel.run()
    assert panel.job is None
    assert "References" in panel.controls.line.text(), panel.controls.line.text()

    opened = len(t.krita.documents())
    picker.take_file(warm)
    assert picker.combos[0].currentText() == "File: warm, façon 色.png"
    panel.refresh()
    assert picker.choice() == ["document:" + warm]
    editor = panel.form.editors["boxes"].widget
    yield from select(document, 4, 6, 30, 40)
    editor.add.click()
    editor.match.click()
    assert "Open warm" in panel.controls.line.text(), panel.controls.line.text()
    editor._remove(0)
    APPLICATION.action("deselect").trigger()
    yield lambda: document.selection() is None
    panel.run()
    yield idle(panel)
    yield 0.2
    check_hue(document.nodeByName("Colors"), (4, 90), (4, 68), RED[0])
    assert len(t.krita.documents()) == opened, "the file is not left open"
    assert len(t.krita.activeWindow().views()) == 1

    # several at once: any light has its nearest match in one as often as in the other
    picker._button.click()
    assert len(picker.combos) == 2
    picker.take_file(cool, 1)
    assert picker.choice() == ["document:" + warm, "document:" + cool]
    panel.refresh()
    assert picker.choice() == ["document:" + warm, "document:" + cool]
    panel.run()
    yield idle(panel)
    yield 0.2
    both = document.nodeByName("Colors 2")
    hues = [round(hue_of(both, x, y), 1) % 1 for x in range(0, WIDTH, 3) for y in range(0, 60, 3)]
    for hue in (0.0, 0.6):
        assert 0.2 < hues.count(hue) / len(hues) < 0.8, (hue, hues)
    picker.choose("", 1)
    panel.refresh()
    assert picker.choice() == ["document:" + warm]
    assert len(picker.combos) == 1

    broken = os.path.join(t.work, "broken.png")
    with open(broken, "wb") as file:
        file.write(b"no picture at all")
    picker.take_file(broken)
    before = names(document)
    panel.run()
    yield idle(panel)
    assert "broken.png" in panel.controls.line.text(), panel.controls.line.text()
    assert names(document) == before
    yield from close(document)


def taken_apart(t, panel):
    """An operation that can be cancelled in the middle, and one with several results."""
    reference = yield from document_of(t, "reference", stripes(*OTHER, (BLUE, RED)), *OTHER)
    side = 400
    document = yield from document_of(t, "large", stripes(side, side, None), side, side)
    panel.choose_operation("analogy-colorize")
    panel.refresh()
    panel.run()
    assert panel.job is not None, panel.controls.line.text()
    yield lambda: panel.controls.progress.value() > 0
    panel.controls.cancel.click()
    yield idle(panel)
    assert "ancel" in panel.controls.line.text(), panel.controls.line.text()
    assert names(document) == ["Background"], names(document)

    panel.choose_operation("example-colorize")
    panel.refresh()
    panel.form.take_all({"segments": 2, "show_segments": True})
    panel.run()
    yield idle(panel)
    yield 0.3
    assert names(document) == ["Background", "Color by example"], names(document)
    group = document.topLevelNodes()[1]
    assert [node.name() for node in group.childNodes()] == ["Colors", "Segments"]
    segments = shown(document, 20, 20)[:3], shown(document, side - 20, 20)[:3]
    assert segments[0] != segments[1], "segments lie on top"
    group.childNodes()[1].setVisible(False)
    document.refreshProjection()
    yield 0.3
    # the color mode reaches the picture below the group: its light stays
    for x in (20, side - 20):
        assert abs(luma(shown(document, x, 20)) - 130) < 32
        assert max(shown(document, x, 20)[:3]) - min(shown(document, x, 20)[:3]) > 20
    assert t.undo_text() == "Undo Add Layer"
    undo()
    yield 0.3
    assert names(document) == ["Background"], names(document)
    assert t.undo_text() == "Undo", t.undo_text()
    panel.form._go_back()
    yield from close(document, reference)


def luma(values):
    blue, green, red = values[:3]
    return 0.299 * red + 0.587 * green + 0.114 * blue


def hue_of(node, x, y):
    blue, green, red, _alpha = pixel(node, x, y)
    return colorsys.rgb_to_hsv(red, green, blue)[0]


def check_hue(node, columns, rows, hue):
    """Check that nine of ten pixels in a box have a hue."""
    places = [(x, y) for x in range(*columns, 3) for y in range(*rows, 3)]
    near = [abs((hue_of(node, *place) - hue + 0.5) % 1 - 0.5) < 0.06 for place in places]
    assert sum(near) >= 0.9 * len(near), (sum(near), len(near), hue)


def show(t, document):
    """Bring a document to the front, as a click on its tab does."""
    area = t.krita.activeWindow().qwindow().findChild(QMdiArea)
    for tab in area.subWindowList():
        area.setActiveSubWindow(tab)
        yield 0.1
        if t.krita.activeDocument() == document:
            return
    raise AssertionError("the document has no tab")


def select(document, left, top, width, height):
    selection = Selection()
    selection.select(left, top, width, height, 255)
    document.setSelection(selection)
    yield lambda: document.selection() is not None and document.selection().x() == left


def close(*documents):
    for document in documents:
        document.setModified(False)
        document.close()
        yield 0.1
