"""What users read when the engine of the plug-in is not there. Runs in a GIMP of its own."""

from __future__ import annotations

from gimp_support import call, new_image, refused, state


def test_a_missing_engine_is_one_sentence_with_a_cure():
    image = new_image()
    before = state(image)
    sentence = refused(call("identity", image, image.get_layers()[0]))
    assert "tinct doctor" in sentence
    assert "\n" not in sentence
    assert "Traceback" not in sentence
    assert state(image) == before
    assert image.undo_is_enabled()
