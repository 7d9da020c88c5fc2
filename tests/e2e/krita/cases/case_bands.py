"""What the live loop reads and sends in pieces is the whole: after strokes, an eraser, an undo."""

from krita_support import exact, fill, gray_ramp, paint, panel_of, undo
from PyQt5.QtCore import QByteArray

WIDTH, HEIGHT = 1000, 750  # larger than a preview, and its last band is not a whole one
RED, BLUE, GREEN = "#d02020", "#2040d0", "#20a030"
FIRST, SECOND, THIRD = (40, 20, 60, 12), (800, 700, 60, 50), (500, 300, 40, 20)
LIMIT_S = 120


def case(t):
    from tinct_krita import bands

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
    sent = watch(panel)
    panel.set_live(True)
    assert panel.live.is_on, panel.controls.line.text()
    yield 0.5

    layers = (panel, sent, document, strokes)
    yield from change(*layers, lambda: paint(document, strokes, RED, *FIRST))
    yield from change(*layers, lambda: paint(document, strokes, BLUE, *SECOND))
    before = panel.live.strokes
    yield from change(*layers, lambda: paint(document, strokes, GREEN, *THIRD))
    after = panel.live.strokes
    moved = [n for n, band in enumerate(after.bands) if band is not before.bands[n]]
    top, height = THIRD[1], THIRD[3]
    last = (top + height - 1) // bands.BAND_ROWS
    assert moved == list(range(top // bands.BAND_ROWS, last + 1)), moved

    yield from change(*layers, lambda: erase(document, strokes, THIRD))
    assert all(a == b for a, b in zip(panel.live.strokes.bands, before.bands, strict=True))

    # Krita's own clear and its undo, where no pen has moved: the layer itself says it has changed
    document.setActiveNode(strokes)
    yield 0.3
    version = panel.live._version
    t.krita.action("clear").trigger()
    yield lambda: panel.live._version > version
    yield lambda: not panel.live.strokes.painted
    yield lambda: not panel.live.is_working
    yield from change(*layers, undo)

    # at rest nothing is read but now and then
    laps, begin = [], bands._Lap.__init__
    bands._Lap.__init__ = lambda lap, *rest: (laps.append(rest), begin(lap, *rest))[1]
    yield 1.0
    bands._Lap.__init__ = begin
    assert len(laps) <= 2, len(laps)
    del panel.session.run
    panel.discard()
    yield 0.5


def change(panel, sent, document, strokes, do):
    """Change the strokes; hold what is sent and shown to the layers' own bytes."""
    live = panel.live
    live._engine_s = 9.0  # as if it took long: a preview comes first
    version = live._version
    sent.clear()
    do()
    yield lambda: live._version > version
    yield exact(panel)
    yield 0.2
    whole = bytes(strokes.pixelData(0, 0, WIDTH, HEIGHT))
    assert sent["final"] == whole, "the engine got other strokes"
    assert sent["preview"] == shrunk(live.strokes), "the preview's engine got other strokes"
    node = document.nodeByName("Color (live)")
    shown = bytes(node.pixelData(0, 0, WIDTH, HEIGHT))
    assert shown == sent["result"], "the layer shows another result"


def shrunk(strokes):
    """Return the strokes as a preview gets them, made small at once."""
    from tinct_krita import previews
    from tinct_krita.client import buffers

    small = buffers.finish(previews.Shrinker(previews.COLOR_SIDE, True).shrink(strokes))
    return small.rows(0, small.height)


def watch(panel):
    """Return a dict that gets the strokes of the last preview and final, and the final's result."""
    sent, ask = {}, panel.session.run

    def run(operation, inputs, parameters, done, *, quality="final", **settings):
        exchange = panel.session.engine.exchange
        sent[quality] = exchange.read(inputs["scribbles"], keep=True)

        def answered(outcome, error):
            if quality == "final" and outcome is not None:
                sent["result"] = exchange.read(outcome.outputs["colors"], keep=True)
            done(outcome, error)

        return ask(operation, inputs, parameters, answered, quality=quality, **settings)

    panel.session.run = run
    return sent


def erase(document, node, box):
    """Make a box transparent."""
    node.setPixelData(QByteArray(bytes(4 * box[2] * box[3])), *box)
    document.refreshProjection()
