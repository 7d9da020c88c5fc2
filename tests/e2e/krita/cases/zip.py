"""The plug-in from the zip: no engine is known until the user names one."""

import json
import os

from krita_support import idle, names, panel_of


def case(t):
    panel = panel_of(t)
    document = t.new_document(32, 24)
    yield t.ready(document)
    panel.choose_operation("identity")
    panel.refresh()
    panel.run()
    yield idle(panel)
    said = panel.controls.line.text()
    assert "engine" in said, said
    assert "tinct doctor" in said, said
    assert panel.controls.copy.isVisibleTo(panel)
    assert panel.controls.python.isVisibleTo(panel)
    assert names(document) == ["Background"]
    t.screenshot("no-engine")

    panel.session.use_python(json.loads(os.environ["TINCT_TEST_PYTHON"]))
    panel.run()
    yield idle(panel)
    yield 0.3
    assert names(document) == ["Background", "Copy"], panel.controls.line.text()
    t.krita.writeSetting("tinct", "python", "")
