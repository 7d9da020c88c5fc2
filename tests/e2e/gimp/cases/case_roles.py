"""Strokes, masks and references find their layers; results go where they belong and come again."""

from __future__ import annotations

import json
import os

import pytest
from gi.repository import Gimp, Gio
from gimp_support import (
    SUCCESS,
    U8,
    add_layer,
    call,
    fill,
    new_image,
    pixel,
    read,
    refused,
    result_of,
    state,
)

RED, BLUE, GREEN, WHITE = (230, 30, 30, 255), (30, 60, 230, 255), (20, 200, 40, 255), (255,) * 4
WIDTH, HEIGHT = 64, 48
LEFT, RIGHT = (10, 24), (54, 24)
GRAY, RGB = Gimp.ImageBaseType.GRAY, Gimp.ImageBaseType.RGB
FULL, COLOR = "full-color", "color-only"


def two_halves() -> Gimp.Image:
    """Return a gray picture: dark on the left, light on the right."""
    row = bytes((80, 80, 80, 255)) * (WIDTH // 2) + bytes((180, 180, 180, 255)) * (WIDTH // 2)
    return new_image(WIDTH, HEIGHT, pixels=row * HEIGHT)


def paint(layer: Gimp.Layer, left=RED, right=BLUE) -> None:
    fill(layer, (8, 20, 6, 6), left)
    fill(layer, (50, 20, 6, 6), right)


def new_strokes(image: Gimp.Image, base: Gimp.Layer) -> Gimp.Layer:
    values = call("new-layer-scribbles", image, base)
    assert values.index(0) == SUCCESS
    return values.index(1)


def is_red(color) -> bool:
    return color[0] > color[2] + 40 and color[3] == 255


def is_blue(color) -> bool:
    return color[2] > color[0] + 40 and color[3] == 255


def seen(image: Gimp.Image, x: int, y: int) -> tuple[int, ...]:
    """Return what shows at a place, without touching the image."""
    copy = image.duplicate()
    try:
        return pixel(copy.flatten(), x, y)
    finally:
        copy.delete()


@pytest.fixture
def halves():
    image = two_halves()
    return image, image.get_layers()[0]


def test_strokes_color_what_they_lie_on(halves):
    image, base = halves
    strokes = add_layer(image, "anything")
    paint(strokes)
    before = read(base)
    layer = result_of(call("scribble-colorize", image, base, scribbles=strokes, result=FULL))
    assert layer.get_name() == "Color (strokes)"
    assert layer.get_mode() == Gimp.LayerMode.NORMAL
    assert is_red(pixel(layer, *LEFT))
    assert is_blue(pixel(layer, *RIGHT))
    assert read(base) == before
    order = [item.get_name() for item in image.get_layers()]
    assert order == ["anything", "Color (strokes)", "base"]
    assert not strokes.get_visible()  # or they would cover the result


def test_color_only_lies_over_the_base_in_lch_color(halves):
    image, base = halves
    strokes = add_layer(image, "anything")
    paint(strokes)
    layer = result_of(call("scribble-colorize", image, base, scribbles=strokes))
    assert layer.get_mode() == Gimp.LayerMode.LCH_COLOR
    assert is_red(seen(image, *LEFT))
    fill(base, (0, 0, WIDTH, HEIGHT), (20, 20, 20, 255))
    assert seen(image, *RIGHT)[2] < 90  # the base is still what gives the light


def test_a_new_strokes_layer_is_found_without_being_named(halves):
    image, base = halves
    strokes = new_strokes(image, base)
    assert strokes.get_name() == "Tinct strokes"
    assert [item.get_id() for item in image.get_selected_layers()] == [strokes.get_id()]
    assert image.get_item_position(strokes) == image.get_item_position(base) - 1
    strokes.set_name("renamed by the user")
    add_layer(image, "something else above")
    paint(strokes)
    layer = result_of(call("scribble-colorize", image, base, result=FULL))
    assert is_red(pixel(layer, *LEFT))


@pytest.mark.parametrize("kind", ["gray", "indexed"])
def test_an_image_without_colors_gets_no_strokes_that_would_have_none(kind):
    image = new_image(WIDTH, HEIGHT, kind=GRAY if kind == "gray" else RGB)
    if kind == "indexed":
        image.convert_indexed(
            Gimp.ConvertDitherType.NONE, Gimp.ConvertPaletteType.GENERATE, 16, False, False, ""
        )
    base = image.get_layers()[0]
    before = state(image)
    assert "RGB" in refused(call("new-layer-scribbles", image, base))
    assert state(image) == before
    values = call("new-layer-scribbles", image, base, convert_to_rgb=True)
    assert values.index(0) == SUCCESS
    assert image.get_base_type() == RGB
    strokes = values.index(1)
    paint(strokes)
    layer = result_of(call("scribble-colorize", image, base, result=FULL))
    assert is_red(pixel(layer, *LEFT))
    assert is_blue(pixel(layer, *RIGHT))


def test_a_layer_is_never_guessed_from_its_pixels(halves):
    image, base = halves
    paint(add_layer(image, "looks like strokes"))
    before = state(image)
    sentence = refused(call("scribble-colorize", image, base))
    assert "Strokes" in sentence
    assert state(image) == before


def test_strokes_of_another_size_and_place_are_cut_to_the_base(halves):
    image, base = halves
    base.set_offsets(9, 5)
    strokes = add_layer(image, "small", size=(20, 10))
    strokes.set_offsets(9 + 4, 5 + 20)
    fill(strokes, (0, 0, 20, 10), RED)
    wide = add_layer(image, "wide", size=(200, 200))
    wide.set_offsets(-50, -60)
    fill(wide, (50 + 9 + 50, 60 + 5 + 20, 6, 6), BLUE)
    layer = result_of(call("scribble-colorize", image, base, scribbles=strokes, result=FULL))
    assert is_red(pixel(layer, *LEFT))
    other = result_of(call("scribble-colorize", image, base, scribbles=wide, result=FULL))
    assert is_blue(pixel(other, *RIGHT))
    assert other.get_offsets()[1:] == (9, 5)


def test_the_region_is_the_selection(halves):
    image, base = halves
    strokes = add_layer(image, "strokes")
    paint(strokes)
    image.select_rectangle(Gimp.ChannelOps.REPLACE, 0, 0, WIDTH // 2, HEIGHT)
    layer = result_of(call("scribble-colorize", image, base, scribbles=strokes, result=FULL))
    assert is_red(pixel(layer, *LEFT))
    assert pixel(layer, *RIGHT)[3] == 0


def test_a_layer_of_another_image_is_refused(halves):
    image, base = halves
    foreign = add_layer(two_halves(), "foreign")
    before = state(image)
    assert "same image" in refused(call("scribble-colorize", image, base, scribbles=foreign))
    assert "itself" in refused(call("scribble-colorize", image, base, scribbles=base))
    assert state(image) == before


def test_an_engine_error_leaves_the_image_alone(halves):
    image, base = halves
    empty = add_layer(image, "empty")
    before = state(image)
    sentence = refused(call("scribble-colorize", image, base, scribbles=empty))
    assert sentence.endswith(".")
    assert state(image) == before


def test_run_again_replaces_the_result(halves):
    image, base = halves
    strokes = new_strokes(image, base)
    paint(strokes)
    first = result_of(call("scribble-colorize", image, base, result=FULL, window="5x5"))
    first.set_opacity(60)
    first.set_name("my colors")
    paint(strokes, left=GREEN, right=RED)
    again = result_of(call("run-again", image, first))
    assert [layer.get_name() for layer in image.get_layers()] == [
        "Tinct strokes",
        "my colors",
        "base",
    ]
    assert again.get_opacity() == pytest.approx(60, abs=0.5)
    assert pixel(again, *LEFT)[1] > pixel(again, *LEFT)[0] + 40
    assert is_red(pixel(again, *RIGHT))
    record = json.loads(bytes(again.get_parasite("tinct-result").get_data()))
    assert record["parameters"]["window"] == "5x5"


def test_run_again_starts_from_strokes_or_base_too(halves):
    image, base = halves
    strokes = new_strokes(image, base)
    paint(strokes)
    result_of(call("scribble-colorize", image, base, result=FULL))
    paint(strokes, left=BLUE, right=RED)
    assert is_blue(pixel(result_of(call("run-again", image, strokes)), *LEFT))
    paint(strokes, left=RED, right=BLUE)
    assert is_red(pixel(result_of(call("run-again", image, base)), *LEFT))
    assert len(image.get_layers()) == 3


def test_run_again_without_a_result_says_so(halves):
    image, base = halves
    before = state(image)
    assert "tinct did not make this layer" in refused(call("run-again", image, base))
    result_of(call("identity", image, base))
    layer = image.get_layers()[0]
    image.remove_layer(base)
    assert "gone" in refused(call("run-again", image, layer))
    assert before is not None


def test_a_saved_image_can_be_run_again(halves):
    image, base = halves
    strokes = new_strokes(image, base)
    paint(strokes)
    result_of(call("scribble-colorize", image, base, result=FULL))
    path = os.path.join(os.environ["TINCT_OUT"], "saved.xcf")
    file = Gio.File.new_for_path(path)
    assert Gimp.file_save(Gimp.RunMode.NONINTERACTIVE, image, file, None)
    opened = Gimp.file_load(Gimp.RunMode.NONINTERACTIVE, file)
    assert opened.get_id() != image.get_id()
    by_name = {layer.get_name(): layer for layer in opened.get_layers()}
    paint(by_name["Tinct strokes"], left=BLUE, right=RED)
    again = result_of(call("run-again", opened, by_name["Color (strokes)"]))
    assert is_blue(pixel(again, *LEFT))
    assert len(opened.get_layers()) == 3


def test_what_is_kept_keeps_its_colors(halves):
    image, base = halves
    fill(base, (0, 0, 4, HEIGHT), (20, 160, 60, 255))
    strokes = new_strokes(image, base)
    paint(strokes)
    keep = add_layer(image, "mask")
    fill(keep, (0, 0, 4, HEIGHT), WHITE)
    layer = result_of(call("scribble-colorize", image, base, keep=keep, result=FULL))
    assert pixel(layer, 1, 24) == pixel(base, 1, 24)


def test_the_last_values_are_taken_again(halves):
    image, base = halves
    strokes = new_strokes(image, base)
    paint(strokes)
    result_of(call("scribble-colorize", image, base, result=FULL))
    procedure = Gimp.get_pdb().lookup_procedure("plug-in-tinct-scribble-colorize")
    config = procedure.create_config()
    config.set_property("run-mode", Gimp.RunMode.WITH_LAST_VALS)
    config.set_property("image", image)
    config.set_core_object_array("drawables", [base])
    layer = result_of(procedure.run(config))
    assert is_red(pixel(layer, *LEFT))


def operations():
    folder = os.environ["GIMP3_DIRECTORY"]
    path = f"{folder}/plug-ins/tinct-gimp/tinct_gimp/_vendor/catalog.json"
    with open(path, encoding="utf-8") as file:
        return json.load(file)


@pytest.mark.parametrize("info", operations(), ids=lambda info: info["id"])
def test_every_operation_runs(info, halves):
    image, base = halves
    strokes = add_layer(image, "strokes")
    paint(strokes)
    paint(base)  # some work on colors
    reference = two_halves()
    paint(reference.get_layers()[0])
    arguments = {}
    for role in info["inputs"]:
        name = role["role"].replace("_", "-")
        if role["source"] in ("active-layer", "selection") or role["optional"]:
            continue
        arguments[name] = strokes if role["sameSize"] else reference.get_layers()[0]
    count = len(image.get_layers())
    values = call(info["id"], image, base, **arguments)
    assert values.index(0) == SUCCESS, Gimp.get_pdb().get_last_error()
    assert len(image.get_layers()) == count + values.index(2)
    pictures = [o for o in info["outputs"] if o["kind"] != "data" and not o["optional"]]
    assert values.index(2) >= len(pictures)
    data = {o["role"] for o in info["outputs"] if o["kind"] == "data" and not o["optional"]}
    assert data <= set(json.loads(values.index(3)))
    lowest = values.index(1)
    assert len(set(read(lowest, U8))) > 1
    assert lowest.get_offsets()[1:] == base.get_offsets()[1:]


def test_a_reference_may_be_a_file(halves):
    image, base = halves
    other = two_halves()
    fill(other.get_layers()[0], (0, 0, WIDTH // 2, HEIGHT), (120, 60, 10, 255))
    fill(other.get_layers()[0], (WIDTH // 2, 0, WIDTH // 2, HEIGHT), (240, 180, 110, 255))
    path = os.path.join(os.environ["TINCT_OUT"], "référence 色.png")
    saved = Gimp.file_save(Gimp.RunMode.NONINTERACTIVE, other, Gio.File.new_for_path(path), None)
    assert saved
    info = next(info for info in operations() if any(i["many"] for i in info["inputs"]))
    role = next(i["role"] for i in info["inputs"] if i["many"])
    layer = result_of(call(info["id"], image, base, **{f"{role}-files": path, "result": FULL}))
    color = pixel(layer, *LEFT)
    assert color[0] > color[2] + 10
    before = state(image)
    arguments = {f"{role}-files": path + ".missing"}
    assert "no file" in refused(call(info["id"], image, base, **arguments))
    assert state(image) == before
