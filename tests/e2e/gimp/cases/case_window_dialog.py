"""The dialog and its preview, in a real window."""

from __future__ import annotations

import json
import os

import pytest
from gi.repository import Gimp
from gimp_processes import engines, exchange_folders, kill, plugins
from gimp_support import SUCCESS, add_layer, call, fill, new_image, pixel, read, state
from gimp_window import (
    click,
    close_dialog,
    dismiss_messages,
    geometry,
    is_open,
    open_dialog,
    place_in,
    press,
    screenshot,
    shown,
    wait_for,
    write,
)

TITLE = "Identity"
WITH_THUMBNAIL = 400  # pixels; a dialog without one is much lower
PREVIEW = ["(tinct preview)", "base"]


@pytest.fixture
def image():
    with shown(new_image(480, 360)) as image:
        yield image


@pytest.fixture
def gray_image():
    with shown(new_image(480, 360, kind=Gimp.ImageBaseType.GRAY)) as image:
        yield image


def names(image):
    return [layer.get_name() for layer in image.get_layers()]


def open_with_preview(image):
    open_dialog(TITLE)
    wait_for(lambda: names(image) == PREVIEW, "the preview")


def test_cancel_leaves_everything_as_it_was(image):
    before = state(image)
    open_with_preview(image)
    screenshot("dialog")
    close_dialog(TITLE, "Escape")
    wait_for(lambda: len(image.get_layers()) == 1, "the end of the preview")
    assert state(image) == before
    assert not image.is_dirty()
    press("GIMP$", "ctrl+z")  # there is nothing to undo
    assert state(image) == before


def test_ok_makes_one_undo_step(image):
    base = image.get_layers()[0]
    before = state(image)
    open_with_preview(image)
    close_dialog(TITLE, "Return")
    wait_for(lambda: names(image) == ["Copy", "base"], "the result")
    assert read(image.get_layers()[0]) == read(base)
    press("GIMP$", "ctrl+z")
    wait_for(lambda: len(image.get_layers()) == 1, "undo")
    assert state(image)[1] == before[1]
    press("GIMP$", "ctrl+y")
    wait_for(lambda: len(image.get_layers()) == 2, "redo")
    assert names(image) == ["Copy", "base"]


def test_a_gray_image_becomes_rgb_in_the_same_undo_step(gray_image):
    before = state(gray_image)
    open_dialog(TITLE)
    wait_for(lambda: geometry(f"^{TITLE}$")[3] > WITH_THUMBNAIL, "the preview in the dialog")
    screenshot("consent")
    assert state(gray_image) == before  # a preview shows in the dialog alone
    close_dialog(TITLE, "Return")
    wait_for(lambda: names(gray_image) == ["Copy", "base"], "the result")
    assert gray_image.get_base_type() == Gimp.ImageBaseType.RGB
    press("GIMP$", "ctrl+z")
    wait_for(lambda: len(gray_image.get_layers()) == 1, "undo")
    assert gray_image.get_base_type() == Gimp.ImageBaseType.GRAY
    assert state(gray_image)[1] == before[1]


def test_strokes_on_a_gray_image_have_colors(gray_image):
    title = "Color from strokes"
    before = state(gray_image)
    open_dialog(title)
    press(f"^{title}$", "alt+n")
    wait_for(lambda: names(gray_image) == ["Tinct strokes", "base"], "the new layer")
    assert gray_image.get_base_type() == Gimp.ImageBaseType.RGB  # as the check box allows
    strokes = gray_image.get_layers()[0]
    for number, color in enumerate(((230, 30, 30, 255), (30, 60, 230, 255))):
        fill(strokes, (60 + 200 * number, 100, 90, 12), color)
    wait_for(lambda: len(names(gray_image)) == 3, "the preview, now on the canvas")
    preview = gray_image.get_layers()[1]
    wait_for(lambda: pixel(preview, 100, 106)[0] > 60 + pixel(preview, 100, 106)[2], "its colors")
    screenshot("consent-strokes")
    close_dialog(title, "Escape")
    wait_for(lambda: names(gray_image) == ["Tinct strokes", "base"], "the end of the preview")
    press("GIMP$", "ctrl+z")
    wait_for(lambda: names(gray_image) == ["base"], "one undo step")
    assert gray_image.get_base_type() == Gimp.ImageBaseType.GRAY
    assert state(gray_image)[1] == before[1]


def test_run_again_is_one_undo_step(image):
    values = call("identity", image, image.get_layers()[0])
    assert values.index(0) == SUCCESS
    before = state(image)
    base = image.get_layers()[-1]
    assert call("run-again", image, base).index(0) == SUCCESS
    after = state(image)
    assert after[1][0][0] != before[1][0][0]  # another layer in its place
    press("GIMP$", "ctrl+z")
    wait_for(lambda: state(image)[1][0][0] == before[1][0][0], "undo")
    assert state(image)[1] == before[1]
    press("GIMP$", "ctrl+y")
    wait_for(lambda: state(image)[1][0][0] == after[1][0][0], "redo")
    assert state(image)[1] == after[1]


def test_the_values_of_the_last_dialog_are_taken_again(image):
    open_with_preview(image)
    set_seconds("0.7")
    close_dialog(TITLE, "Return")
    wait_for(lambda: names(image) == ["Copy", "base"], "the result")
    base = image.get_layers()[-1]
    values = call("identity", image, base, run_mode=Gimp.RunMode.WITH_LAST_VALS)
    assert values.index(0) == SUCCESS
    record = json.loads(bytes(values.index(1).get_parasite("tinct-result").get_data()))
    assert record["parameters"]["seconds"] == pytest.approx(0.7)
    values = call("identity", image, base)
    record = json.loads(bytes(values.index(1).get_parasite("tinct-result").get_data()))
    assert record["parameters"]["seconds"] == 0


def set_seconds(seconds):
    """Type into the dialog's first field, and go on to the next."""
    press(f"^{TITLE}$", "Tab")  # from the button that has the focus at first
    write(f"^{TITLE}$", seconds)
    press(f"^{TITLE}$", "Tab")


def test_gimps_own_cancel_ends_the_run_at_once(image):
    before = state(image)
    open_with_preview(image)
    set_seconds("50")
    screenshot("seconds")
    press(f"^{TITLE}$", "Return")
    wait_for(lambda: not is_open(f"^{TITLE}$"), "the end of the dialog")
    wait_for(lambda: len(image.get_layers()) == 1 and engines(), "the long run")
    wait_for(lambda: any(map(os.listdir, exchange_folders())), "its files")
    screenshot("cancel")
    click("GIMP$", place_in("GIMP$", 667, -21))  # Cancel in the status bar
    wait_for(lambda: not plugins(), "the plug-in's end")
    wait_for(lambda: not engines(), "the engine's end")
    wait_for(lambda: not exchange_folders(), "the end of the files")
    assert state(image) == before
    assert image.undo_is_enabled()


def test_what_a_killed_dialog_left_goes_with_the_next(image):
    open_with_preview(image)
    kill(*plugins())
    wait_for(lambda: not engines() and not plugins(), "the engine's end")
    assert image.undo_is_enabled()
    assert names(image) == PREVIEW
    image.undo_freeze()  # as if it had been killed in the one moment that matters
    dismiss_messages()
    open_dialog(TITLE)
    close_dialog(TITLE, "Escape")
    wait_for(lambda: names(image) == ["base"], "the forgotten preview's end")
    assert image.undo_is_enabled()


def test_what_the_user_paints_meanwhile_stays_unsaved(image):
    open_with_preview(image)
    assert not image.is_dirty()  # the preview is nothing to save
    add_layer(image, "painted meanwhile")
    assert image.is_dirty()
    close_dialog(TITLE, "Escape")
    wait_for(lambda: names(image) == ["painted meanwhile", "base"], "the end of the preview")
    assert image.is_dirty()
