"""What cases inside GIMP share: images to work on, calls of procedures, pixels read back."""

from __future__ import annotations

import array
from typing import Any

import gi

gi.require_version("Gimp", "3.0")
gi.require_version("Gegl", "0.4")
from gi.repository import Gegl, Gimp  # noqa: E402 - the versions come first

U8 = "R'G'B'A u8"
FLOAT = "R'G'B'A float"
SUCCESS = Gimp.PDBStatusType.SUCCESS
WIDTH, HEIGHT = 48, 40

Gegl.init(None)


def gradient(width: int = WIDTH, height: int = HEIGHT, color: bool = True) -> bytes:
    """Return RGBA bytes in which every row and column differs; one corner is half transparent."""
    pixels = bytearray()
    for row in range(height):
        for column in range(width):
            gray = (row * 5 + column * 3) % 256
            part = (255 - gray, (column * 7) % 256) if color else (gray, gray)
            alpha = 128 if row < 4 and column < 4 else 255
            pixels += bytes((gray, *part, alpha))
    return bytes(pixels)


def new_image(
    width: int = WIDTH,
    height: int = HEIGHT,
    kind: Gimp.ImageBaseType = Gimp.ImageBaseType.RGB,
    precision: Gimp.Precision = Gimp.Precision.U8_NON_LINEAR,
    pixels: bytes | None = None,
) -> Gimp.Image:
    """Return an image with one layer, "base", full of `pixels` or of a gradient."""
    image = Gimp.Image.new_with_precision(width, height, kind, precision)
    image.undo_disable()
    image.undo_enable()
    add_layer(image, "base", pixels or gradient(width, height, kind == Gimp.ImageBaseType.RGB))
    return image


def add_layer(
    image: Gimp.Image,
    name: str,
    pixels: bytes | None = None,
    size: tuple[int, int] | None = None,
    parent: Gimp.Layer | None = None,
) -> Gimp.Layer:
    """Add a layer on top (of a group), transparent without `pixels`."""
    width, height = size or (image.get_width(), image.get_height())
    gray = image.get_base_type() == Gimp.ImageBaseType.GRAY
    kind = Gimp.ImageType.GRAYA_IMAGE if gray else Gimp.ImageType.RGBA_IMAGE
    layer = Gimp.Layer.new(image, name, width, height, kind, 100.0, Gimp.LayerMode.NORMAL)
    image.insert_layer(layer, parent, 0)
    layer.set_offsets(0, 0)
    if pixels is not None:
        put(layer, pixels)
    return layer


def put(drawable: Gimp.Drawable, pixels: bytes, name: str = U8) -> None:
    """Fill a whole drawable."""
    buffer = drawable.get_buffer()
    buffer.set(Gegl.Rectangle.new(0, 0, *size_of(drawable)), name, pixels)
    buffer.flush()
    drawable.update(0, 0, *size_of(drawable))


def fill(drawable: Gimp.Drawable, box: tuple[int, int, int, int], color: tuple[int, ...]) -> None:
    """Fill (left, top, width, height) of a drawable with an RGBA color."""
    buffer = drawable.get_buffer()
    buffer.set(Gegl.Rectangle.new(*box), U8, bytes(color) * (box[2] * box[3]))
    buffer.flush()
    drawable.update(*box)


def read(drawable: Gimp.Drawable, name: str = U8) -> bytes:
    """Return a whole drawable's bytes."""
    buffer = drawable.get_buffer()
    area = Gegl.Rectangle.new(0, 0, *size_of(drawable))
    return bytes(buffer.get(area, 1.0, name, Gegl.AbyssPolicy.NONE))


def floats(drawable: Gimp.Drawable, name: str = FLOAT) -> array.array[float]:
    """Return a whole drawable's values."""
    return array.array("f", read(drawable, name))


def pixel(drawable: Gimp.Drawable, x: int, y: int) -> tuple[int, ...]:
    """Return one pixel, RGBA."""
    area = Gegl.Rectangle.new(x, y, 1, 1)
    return tuple(drawable.get_buffer().get(area, 1.0, U8, Gegl.AbyssPolicy.NONE))


def size_of(drawable: Gimp.Drawable) -> tuple[int, int]:
    return drawable.get_width(), drawable.get_height()


def state(image: Gimp.Image) -> Any:
    """Return all an image holds, to compare: layers, places, pixels, masks, selection."""

    def describe(layer: Gimp.Layer) -> Any:
        mask = layer.get_mask()
        return (
            layer.get_id(),
            layer.get_name(),
            layer.get_offsets()[1:],
            layer.get_visible(),
            [describe(child) for child in layer.get_children()] if layer.is_group() else None,
            read(layer, FLOAT),
            read(mask, "Y float") if mask else None,
            sorted(layer.get_parasite_list()),
        )

    return (
        image.get_base_type(),
        [describe(layer) for layer in image.get_layers()],
        [layer.get_id() for layer in image.get_selected_layers()],
        read(image.get_selection(), "Y float"),
    )


def call(name: str, image: Gimp.Image, drawable: Gimp.Drawable, **values: Any) -> Any:
    """Run one of tinct's procedures without a dialog and return its values."""
    procedure = Gimp.get_pdb().lookup_procedure(f"plug-in-tinct-{name}")
    assert procedure is not None, f"plug-in-tinct-{name} is not registered"
    config = procedure.create_config()
    config.set_property("image", image)
    config.set_core_object_array("drawables", [drawable])
    for key, value in values.items():
        config.set_property(key.replace("_", "-"), value)
    return procedure.run(config)


def result_of(values: Any) -> Gimp.Layer:
    """Return the one new layer of a call that worked."""
    assert values.index(0) == SUCCESS, Gimp.get_pdb().get_last_error()
    assert values.index(2) == 1
    return values.index(1)


def refused(values: Any) -> str:
    """Return the sentence of a call that was refused."""
    assert values.index(0) != SUCCESS
    return Gimp.get_pdb().get_last_error()
