"""The document closed in the middle of a run, and of live mode; the engine killed in the middle."""

import os
import signal

from krita_support import exact, fill, gray_ramp, idle, names, paint, panel_of, pixel

WIDTH, HEIGHT = 160, 120
LIMIT_S = 90


def case(t):
    panel = panel_of(t)

    # closed while a run is on its way: nothing happens, and the next run works
    document = t.new_document(WIDTH, HEIGHT)
    yield t.ready(document)
    panel.choose_operation("identity")
    panel.refresh()
    panel.form.editors["seconds"].widget.setValue(1.0)
    panel.run()
    assert panel.job is not None, panel.controls.line.text()
    yield 0.3
    shut(document)
    yield idle(panel)
    assert panel.controls.line.text(), "no sentence"
    panel.form.editors["seconds"].widget.setValue(0.0)

    # closed while live
    document = t.new_document(WIDTH, HEIGHT)
    yield t.ready(document)
    yield from begin_live(panel, document)
    shut(document)
    yield lambda: not panel.live.is_on
    yield 0.5
    assert "picture" in panel.controls.line.text(), panel.controls.line.text()
    assert panel._places._all == [], "its live layer's maker is let go with it"

    # one of its two views closed while live: the other one goes on
    document = t.new_document(WIDTH, HEIGHT)
    yield t.ready(document)
    yield from begin_live(panel, document)
    window = t.krita.activeWindow()
    window.addView(document)
    yield lambda: len(window.views()) == 2
    document.setModified(False)
    t.krita.action("file_close").trigger()
    yield lambda: len(window.views()) == 1
    yield 0.5
    assert panel.live.is_on
    version = panel.live._version
    paint(document, document.nodeByName("Tinct strokes"), "#20a030", 110, 40, 30, 6)
    yield lambda: panel.live._version > version
    yield exact(panel)
    shut(document)
    yield lambda: not panel.live.is_on

    # the engine is killed while live: it starts again and the strokes are still there
    document = t.new_document(WIDTH, HEIGHT)
    yield t.ready(document)
    yield from begin_live(panel, document)
    first = panel.session.engine.pid
    os.kill(first, signal.SIGKILL)
    yield 0.3
    strokes = document.nodeByName("Tinct strokes")
    version = panel.live._version
    paint(document, strokes, "#2040d0", 110, 80, 30, 6)
    yield lambda: panel.live._version > version
    yield exact(panel)
    assert panel.session.engine.pid != first
    live = document.nodeByName("Color (live)")
    assert pixel(live, 150, 30)[0] > pixel(live, 150, 30)[2] + 30
    assert pixel(strokes, 25, 22)[3] == 255

    # killed in the middle of a run: one sentence, nothing added, and it runs again
    panel.discard()
    yield 0.3
    panel.choose_operation("identity")
    panel.refresh()
    panel.form.editors["seconds"].widget.setValue(5.0)
    before = names(document)
    panel.run()
    yield 0.5
    os.kill(panel.session.engine.pid, signal.SIGKILL)
    yield idle(panel)
    assert names(document) == before, (names(document), before, panel.controls.line.text())
    assert "stopped" in panel.controls.line.text(), panel.controls.line.text()
    panel.form.editors["seconds"].widget.setValue(0.0)
    panel.run()
    yield idle(panel)
    yield 0.2
    assert len(names(document)) == len(before) + 1, panel.controls.line.text()

    # the engine ends, and no pixel file stays behind
    folder = panel.session.engine.exchange.path
    assert os.listdir(folder) == [], os.listdir(folder)
    pid = panel.session.engine.pid
    panel.session.close()
    assert not os.path.exists(folder)
    yield 0.2
    assert not running(pid)


def begin_live(panel, document):
    base = document.topLevelNodes()[0]
    fill(base, gray_ramp(WIDTH, HEIGHT), WIDTH, HEIGHT)
    document.refreshProjection()
    panel.choose_operation("scribble-colorize")
    panel.refresh()
    panel.new_strokes()
    yield 0.3
    panel.set_live(True)
    assert panel.live.is_on, panel.controls.line.text()
    yield 0.2
    paint(document, document.nodeByName("Tinct strokes"), "#d02020", 20, 20, 30, 6)
    yield lambda: panel.live.exact_s > 0
    yield exact(panel)
    yield 0.3


def shut(document):
    document.setModified(False)
    document.close()


def running(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    with open(f"/proc/{pid}/stat") as file:
        return file.read().split()[2] != "Z"
