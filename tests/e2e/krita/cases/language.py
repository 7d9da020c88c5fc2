"""The docker speaks Krita's language: no word of ours is left in English."""

import os

from krita_support import panel_of


def case(t):
    wanted = os.environ["TINCT_TEST_WORDS"].split("|")
    document = t.new_document(200, 150)
    yield t.ready(document)
    panel = panel_of(t)
    panel.choose_operation("scribble-colorize")
    panel.refresh()
    yield 0.5
    controls = panel.controls
    found = [controls.keep.text(), controls.discard.text(), controls.cancel.text()]
    assert found == wanted, (found, wanted)
    assert "strokes" not in controls.operation.currentText().lower()
    t.screenshot("language-" + os.environ["TINCT_TEST_LANGUAGE"])
