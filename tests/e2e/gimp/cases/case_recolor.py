"""Recoloring: a selection harmonized with the rest of the picture, and GIMP's palette files."""

from __future__ import annotations

import colorsys
import json
import os

import pytest
from gi.repository import Babl, Gimp, Gio
from gimp_support import SUCCESS, add_layer, call, fill, new_image, pixel, refused, result_of, state

OUT = os.environ["TINCT_OUT"]
WIDTH, HEIGHT = 60, 40
BOX = (10, 8, 20, 16)  # what is in front
FRONT, INSIDE, OUTSIDE = (220, 120, 40), (20, 16), (50, 30)
ORANGE_HUE, BLUE_HUE = 27, 222
PALETTE = ((30, 160, 60), (120, 40, 150), (250, 240, 120))
AREAS = ((200, 60, 40), (60, 120, 200), (240, 230, 200))


def scene(front=FRONT) -> Gimp.Image:
    """Return a picture with different blues behind one thing of another color."""
    pixels = bytearray()
    for row in range(HEIGHT):
        for column in range(WIDTH):
            behind = (40 + row, 80 + row, 170 + column)
            pixels += bytes((*behind, 255))
    image = new_image(WIDTH, HEIGHT, pixels=bytes(pixels))
    fill(image.get_layers()[0], BOX, (*front, 255))
    image.select_rectangle(Gimp.ChannelOps.REPLACE, *BOX)
    return image


def hue(color) -> float:
    return 360 * colorsys.rgb_to_hsv(*(part / 255 for part in color[:3]))[0]


def distance(first: float, second: float) -> float:
    return abs((first - second + 180) % 360 - 180)


def harmonize(image: Gimp.Image, **values) -> Gimp.Layer:
    return result_of(call("harmonize", image, image.get_layers()[-1], template="i", **values))


def test_a_selection_takes_the_hues_of_the_rest():
    image = scene()
    base = image.get_layers()[0]
    assert distance(hue(pixel(base, *INSIDE)), ORANGE_HUE) < 2
    layer = harmonize(image, fit_to="rest")
    assert distance(hue(pixel(layer, *INSIDE)), BLUE_HUE) < 12
    assert max(pixel(layer, *INSIDE)[:3]) == pytest.approx(max(FRONT), abs=1)  # V of HSV stays
    assert pixel(layer, *OUTSIDE)[3] == 0  # what is behind shows through
    assert not Gimp.Selection.is_empty(image)


def test_fitted_to_the_selection_it_keeps_its_hue():
    image = scene()
    layer = harmonize(image, fit_to="selection")
    assert distance(hue(pixel(layer, *INSIDE)), ORANGE_HUE) < 3
    assert pixel(layer, *OUTSIDE)[3] == 0


def test_the_rest_is_recolored_when_the_selection_is_inverted():
    image = scene()
    Gimp.Selection.invert(image)
    layer = harmonize(image, fit_to="rest")
    assert distance(hue(pixel(layer, *OUTSIDE)), ORANGE_HUE) < 12
    assert pixel(layer, *INSIDE)[3] == 0


def test_a_feathered_selection_blends():
    image = scene()
    Gimp.Selection.feather(image, 6)
    layer = harmonize(image, fit_to="rest")
    alphas = {pixel(layer, column, INSIDE[1])[3] for column in range(WIDTH)}
    assert len(alphas) > 4


def test_a_gray_selection_and_a_missing_rest_are_one_sentence():
    image = scene(front=(120, 120, 120))
    before = state(image)
    assert "selection is gray" in refused(
        call("harmonize", image, image.get_layers()[0], fit_to="rest")
    )
    assert state(image) == before
    whole = scene()
    Gimp.Selection.none(whole)
    before = state(whole)
    sentence = refused(call("harmonize", whole, whole.get_layers()[0], fit_to="rest"))
    assert sentence.endswith(".")
    assert state(whole) == before


def areas() -> Gimp.Image:
    """Return a picture of three plain colors, side by side."""
    image = new_image(WIDTH, HEIGHT)
    for number, color in enumerate(AREAS):
        fill(image.get_layers()[0], (number * 20, 0, 20, HEIGHT), (*color, 255))
    return image


def seen(layer: Gimp.Layer) -> list[tuple[int, ...]]:
    return [pixel(layer, 10 + 20 * number, 20)[:3] for number in range(len(AREAS))]


def near(first, second, step: int = 1) -> bool:
    return all(abs(a - b) <= step for a, b in zip(first, second, strict=True))


def write_gpl(name: str, colors=PALETTE) -> Gio.File:
    """Write a palette as GIMP does."""
    path = os.path.join(OUT, name)
    rows = [f"{red:3d} {green:3d} {blue:3d}\tUntitled" for red, green, blue in colors]
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(["GIMP Palette", "Name: farbig", "Columns: 3", "#", *rows]) + "\n")
    return Gio.File.new_for_path(path)


def test_colors_come_from_a_palette_file_of_gimp():
    image = areas()
    base = image.get_layers()[0]
    layer = result_of(call("palette-recolor", image, base, file=write_gpl("Palette, façon 色.gpl")))
    got = seen(layer)
    assert all(any(near(color, known) for known in PALETTE) for color in got), got
    assert len(set(got)) == len(AREAS)  # each took another one
    assert seen(base) == list(AREAS)


def test_the_new_palette_is_written_and_gimp_reads_it():
    image = areas()
    os.makedirs(os.path.join(Gimp.directory(), "palettes"), exist_ok=True)
    path = os.path.join(Gimp.directory(), "palettes", "tinct saved.gpl")
    values = {"file": write_gpl("three.gpl"), "save_to": Gio.File.new_for_path(path)}
    result_of(call("palette-recolor", image, image.get_layers()[0], **values))
    with open(path, encoding="utf-8") as file:
        lines = file.read().splitlines()
    assert lines[0] == "GIMP Palette"
    Gimp.palettes_refresh()
    palette = Gimp.Palette.get_by_name("tinct saved")
    assert palette is not None
    as_bytes = Babl.format("R'G'B' u8")
    colors = {tuple(color.get_bytes(as_bytes).get_data()) for color in palette.get_colors()}
    assert colors <= set(PALETTE)
    assert len(colors) == len(AREAS)


def test_palette_layers_together_are_the_picture():
    image = areas()
    values = call("palette-recolor", image, image.get_layers()[0], layers=True)
    assert values.index(0) == SUCCESS
    made = image.get_layers()[:-1]
    assert values.index(2) == len(made)
    whole, parts = made[-1], made[:-1]
    palette = json.loads(values.index(3))["palette"]["original"]
    assert [layer.get_name().split(" #")[0] for layer in reversed(parts)] == palette
    image.remove_layer(image.get_layers()[-1])
    expected = seen(whole)
    image.remove_layer(whole)
    stack = image.flatten()
    assert all(near(a, b) for a, b in zip(seen(stack), expected, strict=True))


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"GIMP Palette\nName: none\n#\n",
        b"not a palette\n1 2 3\n",
        b"GIMP Palette\n#\n300 -4 x\n",
        bytes(range(256)),
    ],
    ids=["empty", "no colors", "other", "numbers", "bytes"],
)
def test_a_malformed_palette_file_is_one_sentence(text):
    image = areas()
    before = state(image)
    path = os.path.join(OUT, "bad.gpl")
    with open(path, "wb") as file:
        file.write(text)
    values = call("palette-recolor", image, image.get_layers()[0], file=Gio.File.new_for_path(path))
    sentence = refused(values)
    assert "bad.gpl" in sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert state(image) == before


def test_a_palette_of_one_color_makes_all_alike():
    image = areas()
    one = write_gpl("one.gpl", PALETTE[:1])
    layer = result_of(call("palette-recolor", image, image.get_layers()[0], file=one))
    assert all(near(color, PALETTE[0]) for color in seen(layer))


def test_new_colors_that_do_not_match_in_number_are_refused():
    image = areas()
    add_layer(image, "above")
    before = state(image)
    values = {"count": 3, "edited": json.dumps(["#ff0000", "#00ff00"])}
    assert "2 new colors" in refused(
        call("palette-recolor", image, image.get_layers()[-1], **values)
    )
    assert state(image) == before
