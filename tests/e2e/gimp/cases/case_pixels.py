"""Pixels go to the engine and come back unharmed, from every kind of image and layer."""

from __future__ import annotations

import array
import struct

import pytest
from gi.repository import Babl, Gegl, Gimp
from gimp_support import (
    FLOAT,
    HEIGHT,
    U8,
    WIDTH,
    add_layer,
    call,
    fill,
    floats,
    gradient,
    new_image,
    pixel,
    put,
    read,
    refused,
    result_of,
    state,
)

PRECISIONS = [
    value
    for name, value in vars(Gimp.Precision).items()
    if name.endswith(("_LINEAR", "_PERCEPTUAL"))
]
RGB, GRAY, INDEXED = (
    Gimp.ImageBaseType.RGB,
    Gimp.ImageBaseType.GRAY,
    Gimp.ImageBaseType.INDEXED,
)


def prophoto() -> Gimp.ColorProfile:
    """Return ROMM RGB as a matrix profile: its primaries lie far beyond sRGB's."""

    def fixed(*values: float) -> bytes:
        return b"".join(struct.pack(">i", round(value * 65536)) for value in values)

    def text(words: bytes) -> bytes:
        return b"desc\0\0\0\0" + struct.pack(">I", len(words) + 1) + words + b"\0" + bytes(78)

    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(1.8 * 256)) + bytes(2)
    parts = {
        b"desc": text(b"ROMM RGB, made for a test"),
        b"cprt": b"text\0\0\0\0none\0\0\0\0",
        b"wtpt": b"XYZ \0\0\0\0" + fixed(0.9642, 1.0, 0.8249),
        b"rXYZ": b"XYZ \0\0\0\0" + fixed(0.7977, 0.2880, 0.0),
        b"gXYZ": b"XYZ \0\0\0\0" + fixed(0.1352, 0.7119, 0.0),
        b"bXYZ": b"XYZ \0\0\0\0" + fixed(0.0313, 0.0001, 0.8249),
        b"rTRC": curve,
        b"gTRC": curve,
        b"bTRC": curve,
    }
    table, body = struct.pack(">I", len(parts)), b""
    start = 128 + 4 + 12 * len(parts)
    for name, part in parts.items():
        part += bytes(-len(part) % 4)
        table += name + struct.pack(">II", start + len(body), len(part))
        body += part
    header = struct.pack(">I4xI4s4s4s", start + len(body), 0x02100000, b"mntr", b"RGB ", b"XYZ ")
    header += struct.pack(">6H", 2026, 1, 1, 0, 0, 0) + b"acsp" + bytes(28)
    header += fixed(0.9642, 1.0, 0.8249)
    return Gimp.ColorProfile.new_from_icc_profile(header.ljust(128, b"\0") + table + body)


def test_there_are_all_precisions():
    assert len(PRECISIONS) >= 16


@pytest.mark.parametrize("precision", PRECISIONS, ids=lambda value: value.value_nick)
def test_a_copy_is_exact_in_every_precision(precision):
    image = new_image(precision=precision)
    base = image.get_layers()[0]
    if precision.value_nick.split("-")[0] in ("half", "float", "double"):
        values = floats(base)
        values[:8] = array.array("f", [2.5, -0.25, 0.5, 1.0, 0.0, 4.0, 1.0, 0.5])
        put(base, values.tobytes(), FLOAT)
    layer = result_of(call("identity", image, base))
    native = read(base, None), read(layer, None)
    assert len(set(native[0])) > 8  # there was something to lose
    if precision.value_nick.startswith(("u8", "u16", "half")):
        assert native[0] == native[1]
    for before, after in zip(floats(base), floats(layer), strict=True):
        assert abs(before - after) <= 2e-4 * max(1, abs(before))  # float32 travels, babl rounds


@pytest.mark.parametrize("precision", PRECISIONS, ids=lambda value: value.value_nick)
def test_a_gray_image_is_converted_with_consent(precision):
    image = new_image(kind=GRAY, precision=precision)
    base = image.get_layers()[0]
    before = floats(base)
    layer = result_of(call("identity", image, base, convert_to_rgb=True))
    assert image.get_base_type() == RGB
    assert image.get_precision() == precision
    step = 1 / 255 if precision.value_nick.startswith("u8") else 1e-3
    assert max(abs(a - b) for a, b in zip(before, floats(layer), strict=True)) <= step
    assert max(abs(a - b) for a, b in zip(before, floats(base), strict=True)) <= step


@pytest.mark.parametrize("kind", [GRAY, INDEXED])
def test_without_consent_an_image_without_colors_is_left_alone(kind):
    image = new_image(kind=GRAY if kind == GRAY else RGB)
    if kind == INDEXED:
        image.convert_indexed(
            Gimp.ConvertDitherType.NONE, Gimp.ConvertPaletteType.GENERATE, 16, False, False, ""
        )
    before = state(image)
    sentence = refused(call("identity", image, image.get_layers()[0]))
    assert "RGB" in sentence
    assert sentence.endswith(".")
    assert state(image) == before


def test_an_indexed_image_is_converted_with_consent():
    image = new_image()
    image.convert_indexed(
        Gimp.ConvertDitherType.NONE, Gimp.ConvertPaletteType.GENERATE, 16, False, False, ""
    )
    base = image.get_layers()[0]
    before = read(base, U8)
    layer = result_of(call("identity", image, base, convert_to_rgb=True))
    assert image.get_base_type() == RGB
    assert read(layer, U8) == before


@pytest.mark.parametrize("profile", ["adobe", "prophoto"])
@pytest.mark.parametrize("precision", [Gimp.Precision.U8_NON_LINEAR, Gimp.Precision.U16_NON_LINEAR])
def test_colors_of_wide_profiles_survive(profile, precision):
    image = new_image(precision=precision)
    wide = Gimp.ColorProfile.new_rgb_adobe() if profile == "adobe" else prophoto()
    assert image.set_color_profile(wide)
    base = image.get_layers()[0]
    assert min(floats(base)) < -0.01  # colors no sRGB value between 0 and 1 can name
    layer = result_of(call("identity", image, base))
    if precision == Gimp.Precision.U8_NON_LINEAR:
        assert read(layer, None) == read(base, None)
    for before, after in zip(own_light(base), own_light(layer), strict=True):
        assert abs(before - after) < 2e-4  # what babl's own way there and back costs


@pytest.mark.parametrize("kind", [GRAY, INDEXED], ids=["gray", "indexed"])
def test_profiles_hold_when_an_image_becomes_rgb(kind):
    image = new_image(kind=GRAY if kind == GRAY else RGB)
    gray = Gimp.ColorProfile.new_d50_gray_lab_trc()
    assert image.set_color_profile(gray if kind == GRAY else Gimp.ColorProfile.new_rgb_adobe())
    if kind == INDEXED:
        image.convert_indexed(
            Gimp.ConvertDitherType.NONE, Gimp.ConvertPaletteType.GENERATE, 16, False, False, ""
        )
    base = image.get_layers()[0]
    before = floats(base)
    assert len(set(before)) > 16
    layer = result_of(call("identity", image, base, convert_to_rgb=True))
    assert image.get_base_type() == RGB
    if kind == GRAY:
        assert max(abs(a - b) for a, b in zip(before, floats(base), strict=True)) < 1.5 / 255
    assert read(layer, None) == read(base, None)


def own_light(layer: Gimp.Layer) -> array.array[float]:
    """Return a layer's linear values in its image's own space."""
    space = Babl.format_get_space(layer.get_format())
    return floats(layer, Babl.get_name(Babl.format_with_space("RGBA float", space)))


def test_the_feather_of_the_selection_becomes_alpha():
    image = new_image()
    base = image.get_layers()[0]
    image.select_rectangle(Gimp.ChannelOps.REPLACE, 10, 8, 20, 16)
    Gimp.Selection.feather(image, 6)
    selected = array.array("f", read(image.get_selection(), "Y float"))
    assert len(set(selected)) > 10
    layer = result_of(call("identity", image, base))
    alpha, before = floats(layer)[3::4], floats(base)[3::4]
    for got, share, opacity in zip(alpha, selected, before, strict=True):
        assert abs(got - share * opacity) <= 1.01 / 255
    assert not Gimp.Selection.is_empty(image)


def test_a_layer_beside_the_canvas_keeps_its_place():
    image = new_image()
    base = add_layer(image, "small", gradient(20, 12), size=(20, 12))
    base.set_offsets(-5, 33)
    image.select_rectangle(Gimp.ChannelOps.REPLACE, 0, 0, 4, HEIGHT)
    layer = result_of(call("identity", image, base))
    assert layer.get_offsets()[1:] == base.get_offsets()[1:]
    for x in range(20):
        row = 5  # image column x - 5 is selected from 0 to 3; image row 38 is inside
        assert pixel(layer, x, row)[3] == (255 if 5 <= x < 9 else 0)
        if 5 <= x < 9:
            assert pixel(layer, x, row) == pixel(base, x, row)


def test_a_result_stays_in_the_group_of_its_base():
    image = new_image()
    outer = Gimp.GroupLayer.new(image, "outer")
    image.insert_layer(outer, None, 0)
    inner = Gimp.GroupLayer.new(image, "inner")
    image.insert_layer(inner, outer, 0)
    base = add_layer(image, "inside", gradient(), parent=inner)
    base.set_offsets(3, 2)
    top = add_layer(image, "over it", parent=inner)
    layer = result_of(call("identity", image, base))
    assert [child.get_id() for child in inner.get_children()] == [
        top.get_id(),
        layer.get_id(),
        base.get_id(),
    ]
    assert layer.get_offsets()[1:] == (3, 2)
    assert read(layer, U8) == read(base, U8)


def test_a_group_can_be_the_base():
    image = new_image()
    group = Gimp.GroupLayer.new(image, "group")
    image.insert_layer(group, None, 0)
    child = add_layer(image, "child", gradient(20, 16), size=(20, 16), parent=group)
    child.set_offsets(7, 9)
    layer = result_of(call("identity", image, group))
    assert layer.get_parent() is None
    assert image.get_item_position(layer) == image.get_item_position(group) - 1
    assert layer.get_offsets()[1:] == (7, 9)
    assert read(layer, U8) == read(child, U8)


def test_a_layer_mask_is_taken_along():
    image = new_image()
    base = image.get_layers()[0]
    mask = base.create_mask(Gimp.AddMaskType.WHITE)
    base.add_mask(mask)
    put(mask, bytes(range(0, WIDTH * 5, 5)) * HEIGHT, "Y' u8")
    pixels = read(base, U8)
    layer = result_of(call("identity", image, base))
    assert read(layer, U8) == pixels  # the mask hides, it does not change what is under it
    assert read(layer.get_mask(), "Y' u8") == read(mask, "Y' u8")
    assert read(base, U8) == pixels


def test_with_the_mask_selected_the_layer_is_the_base():
    image = new_image()
    base = image.get_layers()[0]
    base.add_mask(base.create_mask(Gimp.AddMaskType.WHITE))
    layer = result_of(call("identity", image, base.get_mask()))
    assert read(layer, U8) == read(base, U8)


def test_filters_of_a_layer_are_seen():
    image = new_image()
    base = image.get_layers()[0]
    before = read(base, U8)
    base.append_filter(Gimp.DrawableFilter.new(base, "gegl:invert-gamma", "negative"))
    layer = result_of(call("identity", image, base))
    negative = bytes(
        value if number % 4 == 3 else 255 - value for number, value in enumerate(before)
    )
    assert max(abs(a - b) for a, b in zip(read(layer, U8), negative, strict=True)) <= 1
    assert len(base.get_filters()) == 1
    assert len(Gimp.get_images()) >= 1


def test_locked_layers_are_only_read():
    image = new_image()
    base = image.get_layers()[0]
    base.set_lock_content(True)
    base.set_lock_position(True)
    base.set_lock_alpha(True)
    layer = result_of(call("identity", image, base))
    assert read(layer, U8) == read(base, U8)
    assert not layer.get_lock_content()


def test_a_locked_group_is_refused():
    image = new_image()
    group = Gimp.GroupLayer.new(image, "group")
    image.insert_layer(group, None, 0)
    base = add_layer(image, "inside", gradient(), parent=group)
    group.set_lock_content(True)
    before = state(image)
    assert "locked" in refused(call("identity", image, base))
    assert state(image) == before


def test_a_channel_is_refused():
    image = new_image()
    channel = Gimp.Channel.new(image, "channel", WIDTH, HEIGHT, 50.0, Gegl.Color.new("red"))
    image.insert_channel(channel, None, 0)
    before = state(image)
    assert "layer" in refused(call("identity", image, channel))
    assert state(image) == before


def test_several_layers_are_refused():
    image = new_image()
    add_layer(image, "second")
    procedure = Gimp.get_pdb().lookup_procedure("plug-in-tinct-identity")
    config = procedure.create_config()
    config.set_property("image", image)
    config.set_core_object_array("drawables", image.get_layers())
    before = state(image)
    assert "one layer" in refused(procedure.run(config))
    assert state(image) == before


def test_a_floating_selection_is_refused():
    image = new_image()
    base = image.get_layers()[0]
    image.select_rectangle(Gimp.ChannelOps.REPLACE, 2, 2, 9, 9)
    floating = Gimp.Selection.float(image, [base], 3, 3)
    assert "anchor" in refused(call("identity", image, floating))


def test_one_pixel_is_enough():
    image = new_image(1, 1, pixels=bytes((10, 200, 30, 77)))
    layer = result_of(call("identity", image, image.get_layers()[0]))
    assert pixel(layer, 0, 0) == (10, 200, 30, 77)


def test_colors_under_full_transparency_are_kept():
    image = new_image()
    base = image.get_layers()[0]
    fill(base, (5, 5, 3, 3), (200, 100, 50, 0))
    layer = result_of(call("identity", image, base))
    assert pixel(layer, 6, 6) == (200, 100, 50, 0)
