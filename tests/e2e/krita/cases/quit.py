"""Krita is closed by its menu while the engine runs, in the middle of live mode."""

from krita_support import exact, fill, gray_ramp, paint, panel_of

WIDTH, HEIGHT = 96, 64


def case(t):
    document = t.new_document(WIDTH, HEIGHT)
    yield t.ready(document)
    fill(document.topLevelNodes()[0], gray_ramp(WIDTH, HEIGHT), WIDTH, HEIGHT)
    document.refreshProjection()
    panel = panel_of(t)
    panel.choose_operation("scribble-colorize")
    panel.refresh()
    panel.new_strokes()
    yield 0.5
    panel.set_live(True)
    paint(document, document.nodeByName("Tinct strokes"), "#d02020", 10, 10, 20, 6)
    yield lambda: panel.live.exact_s > 0
    yield exact(panel)
    print("engine runs as", panel.session.engine.pid, flush=True)
    document.setModified(False)
    t.krita.action("file_quit").trigger()
    yield 20.0
    raise AssertionError("Krita did not close")
