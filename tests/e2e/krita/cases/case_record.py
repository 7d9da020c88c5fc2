"""Saved in the .kra and run again; presets; what a document remembers; actions, the manual."""

import os

from krita import Krita
from krita_support import exact, fill, gray_ramp, idle, names, paint, panel_of, pixel

WIDTH, HEIGHT = 96, 64
LIMIT_S = 90


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
    paint(document, strokes, "#d02020", 10, 10, 20, 6)
    panel.form.form.set("window", "5x5")
    panel.form.show_values()
    assert "1" in panel.form._title.text()
    panel.run()
    assert panel.job is not None, panel.controls.line.text()
    yield idle(panel)
    yield 0.3
    assert names(document) == ["Background", "Color (strokes)", "Tinct"], names(document)

    # a preset of the user's
    panel.form.save_preset("wide")
    panel.form._go_back()
    assert panel.form.form.values["window"] == "3x3"
    panel.form.load_preset("wide")
    assert panel.form.form.values["window"] == "5x5"

    path = os.path.join(t.work, "kept, façon 色.kra")
    document.setBatchmode(True)
    assert document.saveAs(path)
    document.setModified(False)
    document.close()
    yield 0.5

    document = t.krita.openDocument(path)
    document.setBatchmode(True)
    t.krita.activeWindow().addView(document)
    yield t.ready(document)
    yield 0.3
    panel.refresh()
    assert panel.form.form.values["window"] == "5x5", "the document remembers the form"
    result = document.nodeByName("Color (strokes)")
    assert pixel(result, 60, 30)[2] > pixel(result, 60, 30)[0] + 30
    strokes = document.nodeByName("Tinct strokes")
    paint(document, strokes, "#2040d0", 10, 10, 20, 6)
    document.setActiveNode(result)
    yield 0.3
    t.krita.action("tinct_run_again").trigger()
    assert panel.job is not None, panel.controls.line.text()
    yield idle(panel)
    yield 0.4
    assert names(document) == ["Background", "Color (strokes)", "Tinct"], names(document)
    result = document.nodeByName("Color (strokes)")
    assert pixel(result, 60, 30)[0] > pixel(result, 60, 30)[2] + 30
    assert result.blendingMode() == "color"

    # without strokes: the engine's own sentence, nothing added
    document.setActiveNode(document.topLevelNodes()[0])
    before = names(document)
    fill(strokes, bytes(WIDTH * HEIGHT * 4), WIDTH, HEIGHT)
    yield 0.3
    panel.refresh()
    panel.run()
    yield idle(panel)
    assert names(document) == before
    assert "strokes" in panel.controls.line.text(), panel.controls.line.text()

    # each listed operation is an action, with a title
    for info in panel.session.operations.values():
        action = Krita.instance().action("tinct_" + info["id"].replace("-", "_"))
        assert action is not None, info["id"]
        assert action.text().replace("&", "") == info["title"]
    folder = os.path.join(Krita.getAppDataLocation(), "pykrita", "tinct_krita", "_vendor")
    with open(os.path.join(folder, "manual.html"), encoding="utf-8") as page:
        assert "Color from strokes" in page.read()

    # a second document of its own: the docker follows
    other = t.new_document(WIDTH, HEIGHT, name="other")
    yield t.ready(other)
    panel.refresh()
    yield 0.2
    assert panel.controls.pickers.choices()["scribbles"] == "", panel.controls.pickers.choices()
    panel.set_live(True)
    assert not panel.live.is_on
    assert exact(panel)() is False
