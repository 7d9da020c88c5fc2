"""What GIMP's own dialogs do not draw: pairs of boxes and palettes; and that they draw the rest."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

import gi
import pytest
from case_recolor import PALETTE, areas, near, scene, seen
from case_references import color_picture, gray_picture, is_blue, is_red, sides
from gi.repository import Gegl, Gimp
from gimp_support import SUCCESS, call, state
from gimp_window import (
    OUT,
    click,
    close_dialog,
    focus,
    is_open,
    open_dialog,
    place_in,
    press,
    save_as,
    screenshot,
    shown,
    wait_for,
    window,
)

PAIRS = [[[200, 150, 700, 800], [100, 1100, 600, 300]], [[1400, 90, 800, 700], [90, 100, 600, 300]]]
# mixtures of three colors have a palette of six, each of them with a twin beside it
DOUBLED = [color for color in PALETTE for _twin in range(2)]
CHOOSER = "^Choose (drawable|item)"  # as GIMP 3.0 and 3.2 call it
PALETTES = "^New colors$"
SAVING = (
    "^(GNU Image Manipulation Program|Save )"  # without an image it is GIMP's, but there is one
)


@pytest.fixture
def two_images():
    """Show a picture larger than previews are, and a reference."""
    target, reference = gray_picture(2400, 1200), color_picture(1000, 1600)
    reference.clean_all()
    other = Gimp.Display.new(reference)
    with shown(target):
        yield target, reference
    other.delete()


def preview_of(image: Gimp.Image) -> Gimp.Layer | None:
    top = image.get_layers()[0]
    return top if top.get_name() == "(tinct preview)" else None


def parameters(layer: Gimp.Layer) -> dict:
    return json.loads(bytes(layer.get_parasite("tinct-result").get_data()))["parameters"]


def choose_reference(title: str) -> None:
    """Choose the only layer of the other image for the dialog's first role."""
    press(title, "Tab", "space")  # from the button that has the focus at first
    click(CHOOSER, place_in(CHOOSER, 60, 56))  # the first image
    screenshot("chooser")
    click(CHOOSER, place_in(CHOOSER, 300, 88))  # its layer
    press(CHOOSER, "alt+o")
    wait_for(lambda: not is_open(CHOOSER), "the end of the chooser")
    focus(title)


def shows(image: Gimp.Image, left: Callable, right: Callable) -> bool:
    """Say whether there is a preview whose sides have these colors."""
    layer = preview_of(image)
    return layer is not None and left(sides(layer)[0]) and right(sides(layer)[1])


def select(image: Gimp.Image, box: list[int]) -> None:
    image.select_rectangle(Gimp.ChannelOps.REPLACE, *box)


def test_pairs_of_boxes_are_made_of_selections_in_two_images(two_images):
    target, reference = two_images
    title = "^Color from a reference$"
    open_dialog("Color from a reference")
    choose_reference(title)
    wait_for(lambda: shows(target, is_blue, is_red), "what is dark like what is dark")
    press(title, *["shift+Tab"] * 9)
    for box, other in PAIRS:
        select(target, box)
        select(reference, other)
        press(title, "space")
    wait_for(lambda: shows(target, is_red, is_blue), "colors as the boxes say")
    time.sleep(1)  # only the picture needs it
    screenshot("boxes")
    press(title, "Tab", "Tab")  # away from the buttons, which would take Return
    close_dialog("Color from a reference", "Return")
    layer = target.get_layers()[0]
    assert parameters(layer)["boxes"] == PAIRS
    assert is_red(sides(layer)[0])
    assert is_blue(sides(layer)[1])


def test_every_argument_has_a_widget():
    gi.require_version("GimpUi", "3.0")
    from gi.repository import GimpUi, GObject

    GimpUi.init("tinct-test")
    anything = [".*"] * 7
    names = Gimp.get_pdb().query_procedures("plug-in-tinct-.*", *anything)
    checked, missing = 0, []
    for name in names:
        procedure = Gimp.get_pdb().lookup_procedure(name)
        config = procedure.create_config()
        dialog = GimpUi.ProcedureDialog.new(procedure, config, name)
        for argument in procedure.get_arguments():
            if argument.name in ("run-mode", "image", "drawables"):
                continue
            checked += 1
            if dialog.get_widget(argument.name, GObject.TYPE_NONE) is None:
                missing.append((name, argument.name))
        dialog.destroy()
    assert checked > 50
    assert missing == []


def takes(layer: Gimp.Layer | None) -> bool:
    """Say whether each area has one of the palette's colors."""
    found = seen(layer) if layer is not None else []
    return bool(found) and all(any(near(one, known) for known in PALETTE) for one in found)


def test_a_palette_of_gimp_gives_the_new_colors():
    palette = Gimp.Palette.new("1 tinct")
    for color in DOUBLED:
        palette.add_entry("", Gegl.Color.new("#{:02x}{:02x}{:02x}".format(*color)))
    title = "^Recolor by palette$"
    with shown(areas()) as image:
        open_dialog("Recolor by palette")
        wait_for(lambda: preview_of(image) is not None, "a preview")
        press(title, *["shift+Tab"] * (10 + len(DOUBLED)))
        press(title, "space")
        click(PALETTES, place_in(PALETTES, 85, 84))  # the second of the list
        screenshot("palettes")
        press(PALETTES, "alt+o")
        wait_for(lambda: not is_open(PALETTES), "the end of the chooser")
        wait_for(lambda: takes(preview_of(image)), "the palette's colors")
        time.sleep(1)
        screenshot("palette")
        press(title, *["Tab"] * (4 + len(DOUBLED)))  # away from what would take Return
        close_dialog("Recolor by palette", "Return")
        made = image.get_layers()[0]
        assert takes(made)
        assert len(parameters(made)["edited"]) == len(DOUBLED)
        press("GIMP$", "ctrl+z")
        wait_for(lambda: len(image.get_layers()) == 1, "one undo step")


def test_one_color_of_the_pictures_palette_is_changed():
    title, choosing = "^Recolor by palette$", "^Palette of the picture$"
    with shown(areas()) as image:
        open_dialog("Recolor by palette")
        wait_for(lambda: preview_of(image) is not None, "a preview")
        before = seen(preview_of(image))
        press(title, *["shift+Tab"] * 7)  # back to the last of the palette's colors
        press(title, "space")
        window(choosing)
        press(choosing, "Right", "space")
        screenshot("color")
        press(choosing, "alt+s")
        wait_for(lambda: not is_open(choosing), "the end of the chooser")
        wait_for(lambda: seen(preview_of(image)) != before, "another color")
        time.sleep(1)
        screenshot("palette-view")
        press(title, "Tab")  # away from the buttons, which would take Return
        close_dialog("Recolor by palette", "Return")
        taken = parameters(image.get_layers()[0])
        pairs = list(zip(taken["original"], taken["edited"], strict=True))
        assert len(pairs) == len(DOUBLED)
        assert [one == other for one, other in pairs].count(False) == 1


def test_a_palette_is_saved_where_the_user_says():
    path = Path(OUT) / "palette, façon 色.gpl"
    path.unlink(missing_ok=True)
    title = "^Recolor by palette$"
    with shown(areas()) as image:
        open_dialog("Recolor by palette")
        wait_for(lambda: preview_of(image) is not None, "a preview")
        press(title, *["shift+Tab"] * (11 + len(DOUBLED)))
        press(title, "space")
        save_as(SAVING, path)  # a dialog to open files would take no new name
        press(title, *["Tab"] * (5 + len(DOUBLED)))  # away from what would take Return
        assert not path.exists()  # previews write nothing
        close_dialog("Recolor by palette", "Return")
        made = image.get_layers()[0]
        assert parameters(made)["save_to"] == str(path)
        lines = path.read_text("utf-8").splitlines()
        assert lines[0] == "GIMP Palette"
        saved = [tuple(map(int, line.split()[:3])) for line in lines if line[:1] in " 0123456789"]
        assert all(any(near(one, color) for color in saved) for one in seen(made)), saved
        path.unlink()
        open_dialog("Recolor by palette")  # which remembers the other values
        close_dialog("Recolor by palette", "Return")
        wait_for(lambda: len(image.get_layers()) == 3, "another result")
        assert not path.exists()


UNDONE = {
    "harmonize": {"template": "i", "fit-to": "rest"},
    "palette-recolor": {"layers": True},
    "pseudo-color": {"legend": True},
}


@pytest.mark.parametrize("operation", UNDONE)
def test_a_result_of_any_number_of_layers_is_one_undo_step(operation):
    with shown(scene()) as image:
        before = state(image)
        values = call(operation, image, image.get_layers()[0], **UNDONE[operation])
        assert values.index(0) == SUCCESS
        after = state(image)
        assert len(after[1]) == 1 + values.index(2)
        press("GIMP$", "ctrl+z")
        wait_for(lambda: len(image.get_layers()) == 1, "undo")
        assert state(image)[1] == before[1]
        press("GIMP$", "ctrl+y")
        wait_for(lambda: len(image.get_layers()) == len(after[1]), "redo")
        assert [layer[5] for layer in state(image)[1]] == [layer[5] for layer in after[1]]
