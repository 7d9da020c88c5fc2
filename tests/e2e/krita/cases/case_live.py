"""The live loop: strokes, preview, exact result, recoloring; undo untouched; Keep and Discard."""

from krita import Selection
from krita_support import exact, fill, gray_ramp, names, paint, panel_of, pixel, shown, undo

WIDTH, HEIGHT = 160, 120
RED, BLUE, GREEN = "#d02020", "#2040d0", "#20a030"
LIMIT_S = 60


def case(t):
    document = t.new_document(WIDTH, HEIGHT)
    yield t.ready(document)
    base = document.topLevelNodes()[0]
    fill(base, gray_ramp(WIDTH, HEIGHT), WIDTH, HEIGHT)
    document.refreshProjection()
    panel = panel_of(t)
    panel.choose_operation("scribble-colorize")
    yield 0.3

    # nothing to follow yet: one sentence
    panel.set_live(True)
    assert not panel.live.is_on
    assert panel.controls.line.text(), "no sentence"

    panel.new_strokes()
    yield 0.5
    assert names(document) == ["Background", "Tinct"], names(document)
    assert t.undo_text() == "Undo Add Layer"
    strokes = document.nodeByName("Tinct strokes")
    assert document.activeNode().name() == "Tinct strokes"
    asked = watched(panel)
    panel.set_live(True)
    assert panel.live.is_on, panel.controls.line.text()
    yield lambda: asked and asked[-1] == "prepare" and not panel.session.is_busy
    yield 0.5
    assert asked.count("prepare") == 1, asked
    assert not panel.live.is_working
    assert "Paint" in panel.controls.line.text(), panel.controls.line.text()
    live = document.nodeByName("Color (live)")
    assert live is None or not live.visible(), "nothing before there is a stroke"

    followed = exact_after(panel)
    paint(document, strokes, RED, 20, 20, 30, 6)
    yield followed
    followed = exact_after(panel)
    paint(document, strokes, BLUE, 110, 80, 30, 6)
    yield followed
    yield 0.3
    assert names(document) == ["Background", "Tinct"], names(document)
    inside = [node.name() for node in document.nodeByName("Tinct").childNodes()]
    assert inside == ["Color (live)", "Tinct strokes"], inside
    assert t.undo_text() == "Undo Add Layer", "live results are in no history"
    assert document.activeNode().name() == "Tinct strokes", document.activeNode().name()
    live = document.nodeByName("Color (live)")
    assert live.visible()
    blue, green, red, alpha = pixel(live, 10, 60)
    assert red > max(blue, green) + 30, (blue, green, red)
    assert alpha == 255
    blue, green, red, alpha = pixel(live, 150, 30)
    assert blue > max(red, green) + 30, (blue, green, red)
    left, right = shown(document, 10, 60), shown(document, 150, 30)
    assert left[2] > left[0] + 30, left
    assert right[0] > right[2] + 30, right
    t.note("exact_s", round(panel.live.exact_s, 3))
    t.screenshot("live-krita")

    # before, as long as the button is held
    panel.controls.before.pressed.emit()
    yield 0.3
    grey = shown(document, 10, 60)
    assert max(grey[:3]) - min(grey[:3]) <= 1, grey
    panel.controls.before.released.emit()
    yield 0.3
    assert shown(document, 10, 60) == left

    # the strokes' colors are found, and one is exchanged as one undo step of Krita's own
    yield lambda: len(buttons(panel)) == 2
    assert sorted(buttons(panel)) == sorted([RED, BLUE]), buttons(panel)
    followed = exact_after(panel)
    panel.colors.exchange(RED, GREEN)
    yield lambda: pixel(strokes, 25, 22)[:3] == bytes((0x30, 0xA0, 0x20))
    yield followed
    yield 0.3
    blue, green, red, _alpha = pixel(live, 10, 60)
    assert green > max(blue, red) + 20, (blue, green, red)
    assert pixel(strokes, 115, 82)[:3] == bytes((0xD0, 0x40, 0x20)), "the other stroke is as it was"
    assert document.selection() is None
    yield lambda: not panel.colors.is_busy
    yield exact(panel)
    followed = exact_after(panel)
    undo()
    yield lambda: pixel(strokes, 25, 22)[:3] == bytes((0x20, 0x20, 0xD0))
    yield followed
    assert pixel(live, 10, 60)[2] > pixel(live, 10, 60)[1] + 30

    # a selection is the region while it is there
    selection = Selection()
    selection.select(0, 0, WIDTH // 2, HEIGHT, 255)
    followed = exact_after(panel)
    document.setSelection(selection)
    yield followed
    assert pixel(live, 10, 60)[3] == 255
    assert pixel(live, 150, 30)[3] == 0
    followed = exact_after(panel)
    document.setSelection(None)
    yield followed
    assert pixel(live, 150, 30)[3] == 255

    # discard: no trace
    before = t.undo_text()
    panel.discard()
    yield 0.4
    assert names(document) == ["Background", "Tinct"], names(document)
    assert t.undo_text() == before, (t.undo_text(), before)
    grey = shown(document, 10, 60)
    assert max(grey[:3]) - min(grey[:3]) <= 1, grey

    # keep: one step
    panel.set_live(True)
    yield exact(panel)
    panel.keep()
    yield lambda: not panel.live.is_on
    yield 0.4
    assert names(document) == ["Background", "Color (strokes)", "Tinct"], names(document)
    assert not document.nodeByName("Tinct strokes").visible()
    kept = shown(document, 10, 60)
    assert document.nodeByName("Color (strokes)").blendingMode() == "color"
    # Krita's color mode has another luma than the engine: this is how far they part
    parted = max(abs(a - b) for a, b in zip(kept, left, strict=True))
    t.note("color mode parts by", parted)
    assert parted <= 12, (kept, left)
    undo()
    yield 0.4
    assert names(document) == ["Background", "Tinct"], names(document)
    undo()
    yield 0.4
    assert names(document) == ["Background"], "two steps: strokes and Keep, and no other"
    assert t.undo_text() == "Undo", t.undo_text()
    t.krita.action("edit_redo").trigger()
    yield 0.4
    t.krita.action("edit_redo").trigger()
    yield 0.4
    assert shown(document, 10, 60) == kept


def watched(panel):
    """Return a list that takes the quality of every run from now on."""
    asked, run = [], panel.session.run

    def noted(*arguments, quality="final", **options):
        asked.append(quality)
        return run(*arguments, quality=quality, **options)

    panel.session.run = noted
    return asked


def exact_after(panel):
    """Return a condition, to be made before a change: its exact result is shown."""
    version = panel.live._version
    condition = exact(panel)
    return lambda: panel.live._version > version and condition()


def buttons(panel):
    """Return the colors the docker lists."""
    row = panel.controls._colors_row
    widgets = [row.itemAt(i).widget() for i in range(row.count())]
    return [w.objectName().split(" ")[1] for w in widgets if w is not None]
