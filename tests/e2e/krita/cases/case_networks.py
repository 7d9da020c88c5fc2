"""What asks the network, on a real photograph: automatic color, one dot, one stroke over it."""

import os

from krita_support import exact, fill, idle, names, paint, panel_of, pixel, shown, undo

LIMIT_S = 150
SUIT, WALL, SKIN = (150, 320), (340, 90), (225, 120)
GREEN = "#2f8f46"


def case(t):
    panel = panel_of(t)
    document = t.krita.openDocument(os.path.join(t.out, "photograph.png"))
    document.setBatchmode(True)
    t.krita.activeWindow().addView(document)
    yield t.ready(document)
    yield from automatic(t, panel, document)
    yield from one_dot(t, panel, document)
    yield from one_stroke(t, panel, document)


def automatic(t, panel, document):
    """Colors without a question, then three alternatives as layers."""
    panel.choose_operation("auto-colorize")
    panel.refresh()
    panel.form._go_back()
    panel.run()
    yield idle(panel)
    yield 0.3
    assert names(document) == ["Background", "Color (automatic)"], panel.controls.line.text()
    result = document.nodeByName("Color (automatic)")
    assert result.blendingMode() == "color"
    red, blue = pixel(result, *SKIN)[2], pixel(result, *SKIN)[0]
    assert red > blue + 20, "skin is warm"
    t.screenshot("auto")
    undo()
    yield 0.3
    panel.form.take_all({"alternatives": True})
    panel.run()
    yield idle(panel)
    yield 0.3
    group = document.topLevelNodes()[1]
    assert group.type() == "grouplayer", names(document)
    assert leaves(group) >= 3, [node.name() for node in group.childNodes()]
    assert t.undo_text() == "Undo Add Layer"
    undo()
    yield 0.3
    assert names(document) == ["Background"]
    panel.form._go_back()


def one_dot(t, panel, document):
    """A dot on the suit turns it, and the wall less."""
    panel.choose_operation("hint-colorize")
    panel.refresh()
    panel.form._go_back()
    panel.new_strokes()
    yield 0.5
    strokes = document.nodeByName("Tinct strokes")
    panel.set_live(True)
    assert panel.live.is_on, panel.controls.line.text()
    yield exact(panel)
    yield 0.2
    live = document.nodeByName("Color (live)")
    before = {place: pixel(live, *place) for place in (SUIT, WALL)}
    version = panel.live._version
    paint(document, strokes, GREEN, SUIT[0] - 4, SUIT[1] - 4, 9, 9)
    yield lambda: panel.live._version > version
    yield exact(panel)
    yield 0.2
    after = {place: pixel(live, *place) for place in (SUIT, WALL)}
    assert greenness(after[SUIT]) > greenness(before[SUIT]) + 25, (before[SUIT], after[SUIT])
    moved = {place: distance(after[place], before[place]) for place in (SUIT, WALL)}
    assert moved[WALL] < moved[SUIT], (before, after)
    t.screenshot("dot")
    panel.discard()
    yield 0.4
    assert names(document) == ["Background", "Tinct"]
    clear(document, strokes)
    yield 0.2


def one_stroke(t, panel, document):
    """Strokes lie exactly where they were painted, over colors the network finds."""
    strokes = document.nodeByName("Tinct strokes")
    panel.choose_operation("scribble-colorize")
    panel.refresh()
    panel.form._go_back()
    panel.set_live(True)
    assert panel.live.is_on, panel.controls.line.text()
    panel.form.take_all({"prior": "network"})
    yield exact(panel)
    yield 0.2
    live = document.nodeByName("Color (live)")
    assert live.visible(), "there need not be any stroke"
    alone = {place: pixel(live, *place) for place in (SUIT, WALL, SKIN)}
    assert max(alone[SKIN][:3]) - min(alone[SKIN][:3]) > 20, alone
    version = panel.live._version
    paint(document, strokes, GREEN, SUIT[0] - 25, SUIT[1] - 4, 50, 9)
    yield lambda: panel.live._version > version
    yield exact(panel)
    yield 0.2
    corrected = {place: pixel(live, *place) for place in (SUIT, WALL, SKIN)}
    blue, green, red = (int(GREEN[i : i + 2], 16) for i in (5, 3, 1))
    wanted, got = chroma((blue, green, red)), chroma(corrected[SUIT])
    assert distance(wanted, got) < 12, "a stroke's chroma is what was painted"
    for place in (WALL, SKIN):
        assert distance(alone[place], corrected[place]) < 25, (place, alone, corrected)
    assert shown(document, *SKIN)[3] == 255
    t.screenshot("corrected")
    panel.keep()
    yield lambda: not panel.live.is_on
    yield 0.4
    assert names(document) == ["Background", "Color (strokes)", "Tinct"], names(document)
    undo()
    yield 0.3
    assert names(document) == ["Background", "Tinct"], names(document)
    panel.form._go_back()


def clear(document, node):
    width, height = document.width(), document.height()
    fill(node, bytes(4 * width * height), width, height)
    document.refreshProjection()


def leaves(group):
    return sum(leaves(n) if n.childNodes() else 1 for n in group.childNodes())


def greenness(values):
    blue, green, red = values[:3]
    return green - max(red, blue)


def chroma(values):
    """Return what is left of a color without its luma."""
    blue, green, red = values[:3]
    luma = 0.299 * red + 0.587 * green + 0.114 * blue
    return blue - luma, green - luma, red - luma


def distance(one, other):
    return max(abs(a - b) for a, b in zip(one[:3], other[:3], strict=True))
