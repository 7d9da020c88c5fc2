"""Where an operation's pictures come from: layers, channels, other images, files.

Nothing is guessed from pixels. A role that was not chosen is the layer made or used for it before,
which carries a tag or its name.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
from collections.abc import Iterator
from typing import Any

from gi.repository import Gegl, Gimp, Gio, GLib

from . import layers, pixels
from ._vendor.tinct_client.buffers import Exchange
from ._vendor.tinct_client.protocol import PixelRef
from .catalog import Role, layer_name
from .pixels import Area
from .procedures import FILE, FILES, argument_name, layer_arguments
from .refusal import Refusal
from .texts import _


@dataclasses.dataclass(frozen=True)
class Source:
    """A layer or channel, or else the path of a file."""

    item: Gimp.Drawable | None = None
    path: str = ""


def chosen(role: Role, config: Gimp.ProcedureConfig) -> list[Source]:
    """Return what the arguments name for a role."""
    name = argument_name(role.name)
    items = [config.get_property(argument) for argument in layer_arguments(role)]
    found = [Source(item) for item in items if item is not None]
    if role.many:
        paths = (config.get_property(name + FILES) or "").splitlines()
        return found + [Source(path=path.strip()) for path in paths if path.strip()]
    file = config.get_property(name + FILE) if role.source == "picture" else None
    return found or ([Source(path=file.get_path() or "")] if file is not None else [])


def remembered(role: Role, base: Gimp.Layer) -> Gimp.Layer | None:
    """Return the layer over the base that was made for a role, else the one named like it."""
    if not role.painted:
        return None
    above = [layer for layer in layers.layers_above(base) if not layer.is_group()]
    for layer in above:
        if layers.read_tag(layer, layers.ROLE) == role.name:
            return layer
    names = (layer_name(role), _(role.title))
    return next((layer for layer in above if layer.get_name() in names), None)


def check(role: Role, found: list[Source], base: Gimp.Layer) -> None:
    """Refuse what cannot be read.

    Raises
    ------
    Refusal
        When a required role is empty, or holds the base itself or a layer of another image.
    """
    title = _(role.title)
    if not found and not role.optional:
        if role.painted:
            raise Refusal(
                _("{role}: choose the layer you painted on, or make one with New layer.").format(
                    role=title
                )
            )
        raise Refusal(_("{role}: choose a layer or a file.").format(role=title))
    for source in found:
        if source.item is None:
            if not os.path.isfile(source.path):
                text = _("{role}: there is no file {path}; choose another one.")
                raise Refusal(text.format(role=title, path=source.path))
        elif role.same_size:
            if source.item.get_image().get_id() != base.get_image().get_id():
                text = _("{role}: the layer must be in the same image; choose another one.")
                raise Refusal(text.format(role=title))
            if source.item.get_id() == base.get_id():
                text = _("{role}: this is the layer to work on itself; choose another one.")
                raise Refusal(text.format(role=title))


def describe(source: Source, image: Gimp.Image) -> dict[str, Any]:
    """Return what finds a source again after the image was saved and opened."""
    if source.item is None:
        return {"file": source.path}
    owner = source.item.get_image()
    kind = "channel" if isinstance(source.item, Gimp.Channel) else "layer"
    where = {kind: source.item.get_tattoo()}
    if owner.get_id() == image.get_id():
        return where
    file = owner.get_file()
    # an image never saved is found while it stays open
    return where | {"image": file.get_path() if file else "", "id": owner.get_id()}


def restore(description: dict[str, Any], image: Gimp.Image) -> Source | None:
    """Return the source that `describe` described, or None when it is gone."""
    if "file" in description:
        return Source(path=str(description["file"]))
    owner = image if "id" not in description else _open_image(description)
    if owner is None:
        path = description.get("image", "")
        return Source(path=path) if path else None
    if "channel" in description:
        item = owner.get_channel_by_tattoo(int(description["channel"]))
    else:
        item = owner.get_layer_by_tattoo(int(description.get("layer", 0)))
    return Source(item) if item is not None else None


def _open_image(description: dict[str, Any]) -> Gimp.Image | None:
    for image in Gimp.get_images():
        file = image.get_file()
        path = file.get_path() if file else ""
        if path == description["image"] and (path or image.get_id() == description["id"]):
            return image
    return None


def write_region(image: Gimp.Image, area: Area, exchange: Exchange) -> PixelRef | None:
    """Hand the selection to the engine, its feather kept; None when nothing is selected."""
    if Gimp.Selection.is_empty(image):
        return None
    dtype = "uint8" if image.get_precision().value_nick.startswith("u8") else "float32"
    name = pixels.format_of("mask", dtype)
    strips = pixels.read_strips(image.get_selection().get_buffer(), area, (0, 0), name)
    return exchange.write(strips, area.rows, area.columns, layout="mask", dtype=dtype)


def selected_box(item: Gimp.Drawable | None) -> list[int] | None:
    """Return left, top, width and height of a selection, in the pixels of a layer."""
    if item is None or not item.is_valid():
        return None
    _ok, some, left, top, right, bottom = Gimp.Selection.bounds(item.get_image())
    if not some:
        return None
    _found, offset_x, offset_y = item.get_offsets()
    left, right = max(left - offset_x, 0), min(right - offset_x, item.get_width())
    top, bottom = max(top - offset_y, 0), min(bottom - offset_y, item.get_height())
    return [left, top, right - left, bottom - top] if right > left and bottom > top else None


def write_base(layer: Gimp.Layer, area: Area, exchange: Exchange) -> PixelRef:
    """Hand a layer to the engine as it looks."""
    with layers.rendered(layer) as buffer:
        return _write_layer(buffer, layer, area, "rgba", exchange)


def write(source: Source, role: Role, area: Area, limit: int, exchange: Exchange) -> PixelRef:
    """Hand a source to the engine.

    Parameters
    ----------
    source, role
        What, and what for.
    area
        The base's, which a source of the same size is cut to.
    limit
        The longest side of a picture of its own size; 0 for its full size.
    """
    if source.item is None:
        with _loaded(source.path) as layer:
            own = Area.of(layer, limit)
            buffer = layer.get_buffer()
            return _write_layer(buffer, layer, own, "rgba", exchange, labels=role.labels)
    if not role.same_size:
        area = Area.of(source.item, limit)
    layout = _layout(source.item, role)
    if not isinstance(source.item, Gimp.Layer):
        return _write_layer(source.item.get_buffer(), source.item, area, layout, exchange)
    with layers.rendered(source.item) as buffer:
        return _write_layer(buffer, source.item, area, layout, exchange, labels=role.labels)


def _layout(item: Gimp.Drawable, role: Role) -> str:
    if isinstance(item, Gimp.Channel):
        return "mask"
    if role.kind == "mask" and layers.read_tag(item, layers.ROLE) == role.name:
        return "alpha"  # a layer made to paint a mask on: what is painted counts, in any color
    return "rgba"


def _write_layer(
    buffer: Gegl.Buffer,
    item: Gimp.Drawable,
    area: Area,
    layout: str,
    exchange: Exchange,
    *,
    labels: bool = False,
) -> PixelRef:
    dtype, space = pixels.encoding_of(item.get_image())
    if layout == "alpha":
        name, layout = f"A {pixels.WORDS[dtype]}", "mask"
    else:
        name = pixels.format_of(layout, dtype, space)
    origin = item.get_offsets()[1:]
    rows, columns = area.rows, area.columns
    if labels and area.scale != 1.0:
        buffer = pixels.picked(buffer, area, origin, name)
        area, origin = Area(0, 0, columns, rows), (0, 0)
    strips = pixels.read_strips(buffer, area, origin, name)
    return exchange.write(strips, rows, columns, layout, dtype, space)


@contextlib.contextmanager
def _loaded(path: str) -> Iterator[Gimp.Layer]:
    """Yield a file's picture as one layer."""
    try:
        image = Gimp.file_load(Gimp.RunMode.NONINTERACTIVE, Gio.File.new_for_path(path))
    except GLib.Error as error:
        image, reason = None, error.message
    else:
        reason = ""
    if image is None:
        text = _("GIMP cannot open {path}; choose another picture. {reason}")
        raise Refusal(text.format(path=path, reason=reason).strip())
    try:
        layer = Gimp.Layer.new_from_visible(image, image, "")
        image.insert_layer(layer, None, 0)
        yield layer
    finally:
        image.delete()
