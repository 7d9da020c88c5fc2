"""Designers' work: palette files chosen and written in the docker; harmonizing what is selected."""

import os
import sys
import zipfile
from xml.etree import ElementTree

from krita import Selection
from krita_support import fill, idle, names, panel_of, pixel, shown, undo

WIDTH, HEIGHT = 90, 60
SHARES = ((210, 120, 40), (60, 160, 70))  # orange on two thirds, green on one
PALETTE_GPL = """GIMP Palette
Name: Krita's own words
Columns: 2
#
 10  20 200\tnight
250 250 250\tpaper
  0 128   0
200  20  30\tbrick
"""
LISTED = ((10, 20, 200), (250, 250, 250), (0, 128, 0), (200, 20, 30))
LIMIT_S = 90


def case(t):
    panel = panel_of(t)
    yield from palette_files(t, panel)
    yield from harmonized_selection(t, panel)


def palette_files(t, panel):
    """Colors from a .gpl and from a .kpl, both written and read; the file dialogs are answered."""
    document = yield from two_colors(t)
    base = document.topLevelNodes()[0]
    original = bytes(base.pixelData(0, 0, WIDTH, HEIGHT))
    panel.choose_operation("palette-recolor")
    panel.refresh()
    panel.form._go_back()
    panel.form.take_all({"method": "clusters", "count": 2})
    given = os.path.join(t.work, "given, façon 色.gpl")
    with open(given, "w", encoding="utf-8") as file:
        file.write(PALETTE_GPL)

    # chosen, and what becomes of it written beside: without an ending it gets the one asked for
    kept = os.path.join(t.work, "kept, façon 色")
    press(panel.form.editors["file"], open_=given)
    press(panel.form.editors["save_to"], save=(kept, "*.kpl"))
    assert panel.form.form.values["file"] == given
    assert panel.form.form.values["save_to"] == kept + ".kpl"
    panel.run()
    yield idle(panel)
    yield 0.2
    said = panel.controls.line.text()
    assert names(document) == ["Background", "Recolored"], said
    assert t.undo_text() == "Undo Add Layer"
    found = [rgb(shown(document, x, 30)) for x in (20, 80)]
    nearest = [LISTED[3], LISTED[2]]  # orange to brick, green to green
    # smooth weights let each color move its neighbors a little
    assert all(near(a, b, 20) for a, b in zip(found, nearest, strict=True)), found
    assert bytes(base.pixelData(0, 0, WIDTH, HEIGHT)) == original
    written = read_kpl(kept + ".kpl")
    assert all(any(near(a, b) for b in nearest) for a in written), written
    assert len(written) == 2
    panel.controls.operation.parentWidget().grab().save(f"{t.out}/palette-docker.png")
    undo()
    yield 0.3
    assert names(document) == ["Background"], names(document)
    assert t.undo_text() == "Undo", t.undo_text()

    # Krita's format back in, GIMP's out
    panel.form.take_all({"file": kept + ".kpl", "save_to": kept + ".gpl", "strength": 0.5})
    panel.run()
    yield idle(panel)
    yield 0.2
    half = rgb(shown(document, 20, 30))
    between = tuple((a + b) / 2 for a, b in zip(SHARES[0], found[0], strict=True))
    assert near(half, between, 12), (half, between)
    with open(kept + ".gpl", encoding="utf-8") as file:
        lines = [line.split() for line in file if line.strip()[:1].isdigit()]
    listed = [tuple(map(int, line[:3])) for line in lines]
    assert sorted(listed) == sorted(written), (listed, written)

    # what cannot be read or written is one sentence, and no layer
    before = names(document)
    for values, word in (
        ({"file": os.path.join(t.work, "none.gpl"), "save_to": None}, "none.gpl"),
        ({"file": given, "save_to": os.path.join(t.work, "no folder", "x.gpl")}, "no folder"),
    ):
        panel.form.take_all(values)
        panel.run()
        yield idle(panel)
        said = panel.controls.line.text()
        assert word in said, said
        assert names(document) == before
    panel.form._go_back()
    yield from close(document)


def harmonized_selection(t, panel):
    """What is selected takes its hues from the rest of the picture, which stays as it is."""
    document = yield from two_colors(t)
    base = document.topLevelNodes()[0]
    panel.choose_operation("harmonize")
    panel.refresh()
    panel.form._go_back()
    panel.form.take_all({"template": "i", "fit_to": "rest"})
    panel.run()  # nothing is selected
    yield idle(panel)
    assert "select" in panel.controls.line.text(), panel.controls.line.text()
    assert names(document) == ["Background"], names(document)

    selection = Selection()
    selection.select(WIDTH * 2 // 3, 0, WIDTH // 3, HEIGHT, 255)
    document.setSelection(selection)
    yield lambda: document.selection() is not None
    panel.refresh()
    assert panel.controls.region.isVisible()
    panel.run()
    yield idle(panel)
    yield 0.3
    assert painted(document) == ["Background", "Harmonized"], panel.controls.line.text()
    assert t.undo_text() == "Undo Add Layer"
    result = document.nodeByName("Harmonized")
    assert pixel(result, 20, 30)[3] == 0, "nothing lies outside the selection"
    assert rgb(shown(document, 20, 30)) == SHARES[0]
    own, rest = hue(rgb(pixel(result, 80, 30))), hue(SHARES[0])
    assert abs((own - rest + 180) % 360 - 180) <= 9 + 1, (own, rest)  # the template is 18 wide
    assert abs(max(pixel(result, 80, 30)[:3]) - max(SHARES[1])) <= 1, "value stays"
    wheel = panel.views.wheel
    assert wheel.isVisible()
    assert wheel.wheel.template == "i"
    ((center, _width),) = wheel.wheel.sectors
    assert abs((center - rest + 180) % 360 - 180) <= 9 + 1, (center, rest)
    t.screenshot("harmonized")
    undo()
    yield 0.3
    assert painted(document) == ["Background"]
    assert rgb(pixel(base, 80, 30)) == SHARES[1]
    document.setSelection(None)
    yield 0.1
    panel.form._go_back()
    yield from close(document)


def painted(document):
    """Return the layers' names; a selection lies among them as a mask."""
    return [node.name() for node in document.topLevelNodes() if node.type() == "paintlayer"]


def press(editor, open_="", save=("", "")):
    """Press the button beside a file's name; its dialog answers at once."""
    dialogs = sys.modules["tinct_krita.widgets"].QFileDialog

    class Answers:
        getOpenFileName = staticmethod(lambda *_: (open_, ""))
        getSaveFileName = staticmethod(lambda *_: save)

    sys.modules["tinct_krita.widgets"].QFileDialog = Answers
    try:
        editor.widget.layout().itemAt(1).widget().click()
    finally:
        sys.modules["tinct_krita.widgets"].QFileDialog = dialogs


def read_kpl(path):
    """Return a .kpl's colors as Krita's own format describes them."""
    with zipfile.ZipFile(path) as archive:
        entries = ElementTree.fromstring(archive.read("colorset.xml")).iter("ColorSetEntry")
        colors = [next(entry.iter("RGB")).attrib for entry in entries]
    return [tuple(round(255 * float(color[part])) for part in "rgb") for color in colors]


def two_colors(t):
    document = t.new_document(WIDTH, HEIGHT)
    yield t.ready(document)
    left, right = (bytes((*color[::-1], 255)) for color in SHARES)
    row = left * (WIDTH * 2 // 3) + right * (WIDTH // 3)
    fill(document.topLevelNodes()[0], row * HEIGHT, WIDTH, HEIGHT)
    document.refreshProjection()
    return document


def rgb(values):
    return values[2], values[1], values[0]


def near(one, other, limit=2):
    return max(abs(a - b) for a, b in zip(one, other, strict=True)) <= limit


def hue(color):
    """Return the hue in degrees, by HSV's definition."""
    red, green, blue = color
    low, high = min(color), max(color)
    if high == red:
        return 60 * ((green - blue) / (high - low)) % 360
    if high == green:
        return 60 * ((blue - red) / (high - low)) + 120
    return 60 * ((red - green) / (high - low)) + 240


def close(document):
    document.setModified(False)
    document.close()
    yield 0.1
