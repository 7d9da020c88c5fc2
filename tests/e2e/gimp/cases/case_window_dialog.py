"""The dialog and its preview, in a real window."""

from __future__ import annotations

import time

import pytest
from case_trouble import engines, exchange_folders, kill, plugins
from gi.repository import Gimp
from gimp_support import add_layer, new_image, read, state
from gimp_window import is_open, open_dialog, press, screenshot, wait_for, window, xdotool

PREVIEW = ["(tinct preview)", "base"]


@pytest.fixture
def image():
    image = new_image(480, 360)
    image.clean_all()
    display = Gimp.Display.new(image)
    yield image
    display.delete()


@pytest.fixture
def gray_image():
    image = new_image(480, 360, kind=Gimp.ImageBaseType.GRAY)
    image.clean_all()
    display = Gimp.Display.new(image)
    yield image
    display.delete()


def names(image):
    return [layer.get_name() for layer in image.get_layers()]


def open_with_preview(image):
    open_dialog("Identity")
    wait_for(lambda: names(image) == PREVIEW, "the preview")


def close(key):
    press("^Identity$", key)
    wait_for(lambda: not is_open("^Identity$"), "the end of the dialog")


def test_cancel_leaves_everything_as_it_was(image):
    before = state(image)
    open_with_preview(image)
    screenshot("dialog")
    close("Escape")
    wait_for(lambda: len(image.get_layers()) == 1, "the end of the preview")
    assert state(image) == before
    assert not image.is_dirty()
    press("GIMP$", "ctrl+z")  # there is nothing to undo
    assert state(image) == before


def test_ok_makes_one_undo_step(image):
    base = image.get_layers()[0]
    before = state(image)
    open_with_preview(image)
    close("Return")
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
    open_dialog("Identity")
    wait_for(engines, "the preview's engine")
    time.sleep(2)
    screenshot("gray")
    assert state(gray_image) == before  # a preview shows in the dialog alone
    close("Return")
    wait_for(lambda: names(gray_image) == ["Copy", "base"], "the result")
    assert gray_image.get_base_type() == Gimp.ImageBaseType.RGB
    press("GIMP$", "ctrl+z")
    wait_for(lambda: len(gray_image.get_layers()) == 1, "undo")
    assert gray_image.get_base_type() == Gimp.ImageBaseType.GRAY
    assert state(gray_image)[1] == before[1]


def set_seconds(seconds):
    """Type into the dialog's only field, and put the focus on its button."""
    field = ("95", "32")  # in the dialog's own pixels
    xdotool("mousemove", "--window", window("^Identity$"), *field, "click", "--repeat", "3", "1")
    xdotool("type", seconds)
    press("^Identity$", "alt+b", "alt+b")


def test_gimps_own_cancel_ends_the_run_at_once(image):
    before = state(image)
    open_with_preview(image)
    set_seconds("50")
    close("Return")
    wait_for(lambda: len(image.get_layers()) == 1 and engines(), "the long run")
    wait_for(lambda: any(exchange_folders()), "its files")
    screenshot("cancel")
    button = ("667", "602")  # Cancel in the status bar of a window of GIMP's first size
    xdotool("mousemove", *button, "click", "1")
    wait_for(lambda: not plugins(), "the plug-in's end")
    wait_for(lambda: not engines(), "the engine's end")
    wait_for(lambda: not exchange_folders(), "the end of the files")
    assert state(image) == before
    assert image.undo_is_enabled()


def test_what_a_killed_dialog_left_goes_with_the_next(image):
    open_with_preview(image)
    time.sleep(0.5)
    kill(*plugins())
    wait_for(lambda: not engines(), "the engine's end")
    assert image.undo_is_enabled()
    assert names(image) == PREVIEW
    image.undo_freeze()  # as if it had been killed in the one moment that matters
    for title in ("GIMP Message", "GIMP Message"):
        if is_open(title):
            press(title, "Return")
    open_dialog("Identity")
    close("Escape")
    wait_for(lambda: names(image) == ["base"], "the forgotten preview's end")
    assert image.undo_is_enabled()


def test_what_the_user_paints_meanwhile_stays_unsaved(image):
    open_with_preview(image)
    assert not image.is_dirty()  # the preview is nothing to save
    add_layer(image, "painted meanwhile")
    assert image.is_dirty()
    close("Escape")
    wait_for(lambda: names(image) == ["painted meanwhile", "base"], "the end of the preview")
    assert image.is_dirty()
