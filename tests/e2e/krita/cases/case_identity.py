"""One run: the docker, a result above the base, one undo step, selection, and refusals."""

from krita import Krita, Selection
from krita_support import fill, gray_ramp, idle, names, panel_of, pixel, shown, undo

WIDTH, HEIGHT = 64, 48


def case(t):
    document = t.new_document(WIDTH, HEIGHT)
    yield t.ready(document)
    base = document.topLevelNodes()[0]
    pixels = bytes((n * 7 + n // 4) % 251 if n % 4 != 3 else 255 for n in range(WIDTH * HEIGHT * 4))
    fill(base, pixels, WIDTH, HEIGHT)
    document.refreshProjection()
    panel = panel_of(t)
    assert not panel.session.problem, panel.session.problem
    panel.choose_operation("identity")
    panel.refresh()
    yield 0.3
    assert t.undo_text() == "Undo", t.undo_text()

    panel.run()
    assert panel.job is not None, panel.controls.line.text()
    yield idle(panel)
    yield 0.3
    assert names(document) == ["Background", "Copy"], names(document)
    copy = document.nodeByName("Copy")
    assert bytes(copy.pixelData(0, 0, WIDTH, HEIGHT)) == pixels
    assert t.undo_text() == "Undo Add Layer"
    undo()
    yield 0.3
    assert names(document) == ["Background"]
    assert t.undo_text() == "Undo", t.undo_text()
    t.krita.action("edit_redo").trigger()
    yield 0.3
    assert bytes(document.nodeByName("Copy").pixelData(0, 0, WIDTH, HEIGHT)) == pixels
    undo()
    yield 0.3

    # a selection with a feather becomes the result's alpha
    selection = Selection()
    selection.select(10, 8, 20, 16, 255)
    selection.select(40, 8, 10, 16, 100)
    document.setSelection(selection)
    yield 0.3
    document.setActiveNode(base)
    t.krita.action("tinct_identity").trigger()
    yield idle(panel)
    yield 0.3
    copy = document.nodeByName("Copy")
    assert pixel(copy, 15, 10) == pixels[4 * (10 * WIDTH + 15) :][:4]
    assert pixel(copy, 5, 10)[3] == 0
    assert pixel(copy, 45, 10)[3] == 100
    document.setSelection(None)
    yield 0.3
    undo()
    yield 0.3

    # refusals: one sentence, nothing changed, no error box
    panel.cancel()
    group = document.createGroupLayer("group")
    document.rootNode().addChildNode(group, None)
    inner = document.createNode("inner", "paintlayer")
    group.addChildNode(inner, None)
    fill(inner, gray_ramp(WIDTH, HEIGHT), WIDTH, HEIGHT)
    document.waitForDone()
    group.setLocked(True)
    document.setActiveNode(inner)
    yield 0.3
    panel.refresh()
    panel.controls.choose("image", "layer:" + inner.uniqueId().toString())
    panel.run()
    assert panel.job is None
    assert "locked" in panel.controls.line.text(), panel.controls.line.text()
    assert len(group.childNodes()) == 1
    group.setLocked(False)
    panel.run()
    yield idle(panel)
    yield 0.3
    assert [node.name() for node in group.childNodes()] == ["inner", "Copy"]
    assert shown(document, 3, 3)[3] == 255

    # cancelled in the middle: nothing is added
    before = names(document)
    panel.form.editors["seconds"].widget.setValue(20.0)
    panel.run()
    yield 0.6
    assert panel.controls.cancel.isVisible()
    assert panel.controls.progress.value() > 0
    panel.controls.cancel.click()
    yield idle(panel)
    assert names(document) == before
    assert "ancel" in panel.controls.line.text()
    panel.form.editors["seconds"].widget.setValue(0.0)
    assert Krita.instance().activeDocument() == document
