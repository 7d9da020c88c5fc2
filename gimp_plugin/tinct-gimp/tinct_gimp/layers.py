"""What happens to an image: undo steps, new layers in their place, tags, and who lies where."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from typing import Any

from gi.repository import Gegl, Gimp

from . import pixels
from .refusal import Refusal
from .texts import _

RESULT = "tinct-result"
ROLE = "tinct-role"
PERSISTENT = 1  # kept in XCF files
COLOR_ONLY = Gimp.LayerMode.LCH_COLOR


@contextlib.contextmanager
def undo_group(image: Gimp.Image) -> Iterator[None]:
    """Make everything inside one undo step."""
    image.undo_group_start()
    try:
        yield
    finally:
        image.undo_group_end()


@contextlib.contextmanager
def without_undo(image: Gimp.Image) -> Iterator[None]:
    """Change an image beside its undo history, and leave it as saved or unsaved as it was.

    For single quick calls only, never for pixels and never across a wait: a process that is killed
    inside leaves undo frozen. `CanvasPreview` mends that too, the next time.
    """
    was_dirty = image.is_dirty()
    image.undo_freeze()
    try:
        yield
    finally:
        image.undo_thaw()
        if not was_dirty and image.is_dirty():
            image.clean_all()


@contextlib.contextmanager
def selected_layers_kept(image: Gimp.Image) -> Iterator[None]:
    """Select what was selected again: new layers select themselves."""
    before = image.get_selected_layers()
    try:
        yield
    finally:
        image.set_selected_layers([layer for layer in before if layer.is_valid()])


def base_layer(drawables: list[Gimp.Drawable]) -> Gimp.Layer:
    """Return the layer to work on.

    Raises
    ------
    Refusal
        Without exactly one layer, or with one that has no place in the layer stack yet.
    """
    if len(drawables) != 1:
        raise Refusal(_("tinct works on one layer; select one and try again."))
    layer = drawables[0]
    if isinstance(layer, Gimp.LayerMask):
        layer = Gimp.Layer.from_mask(layer)
    if not isinstance(layer, Gimp.Layer):
        raise Refusal(_("tinct works on layers; select a layer instead of a channel."))
    if layer.is_floating_sel():
        raise Refusal(_("The floating selection has no place yet; anchor it and try again."))
    if not layer.get_width() or not layer.get_height():
        raise Refusal(_("The layer is empty; paint or put something into it first."))
    return layer


def needs_rgb(image: Gimp.Image) -> bool:
    """Say whether colors would be lost in this image."""
    return image.get_base_type() != Gimp.ImageBaseType.RGB


def make_rgb(image: Gimp.Image) -> None:
    """Convert an image so that it holds colors; inside an undo group."""
    if needs_rgb(image):
        image.convert_rgb()


def new_layer(image: Gimp.Image, like: Gimp.Layer, name: str) -> Gimp.Layer:
    """Return a transparent layer of the same size and place as another, not in the image yet."""
    gray = image.get_base_type() == Gimp.ImageBaseType.GRAY
    kind = Gimp.ImageType.GRAYA_IMAGE if gray else Gimp.ImageType.RGBA_IMAGE
    width, height = like.get_width(), like.get_height()
    layer = Gimp.Layer.new(image, name, width, height, kind, 100.0, Gimp.LayerMode.NORMAL)
    _found, left, top = like.get_offsets()
    layer.set_offsets(left, top)
    return layer


def insert_above(image: Gimp.Image, layer: Gimp.Item, below: Gimp.Item) -> None:
    """Put a layer directly above another, in the same group."""
    left, top = layer.get_offsets()[1:]
    image.insert_layer(layer, below.get_parent(), image.get_item_position(below))
    layer.set_offsets(left, top)  # a new layer is centered when it is inserted


def copy_mask(source: Gimp.Layer, target: Gimp.Layer) -> None:
    """Give a layer the mask of another one of the same size, when that has one in use."""
    mask = source.get_mask()
    if mask is None or not source.get_apply_mask():
        return
    copy = target.create_mask(Gimp.AddMaskType.WHITE)
    target.add_mask(copy)
    area = pixels.Area(0, 0, source.get_width(), source.get_height())
    strips = pixels.read_strips(mask.get_buffer(), area, (0, 0), "Y float")
    pixels.write_strips(copy, strips, area.columns, area.rows, "Y float")


@contextlib.contextmanager
def rendered(layer: Gimp.Layer) -> Iterator[Gegl.Buffer]:
    """Yield a layer's pixels as they look: with its filters, without its mask and opacity."""
    image = layer.get_image()
    indexed = image.get_base_type() == Gimp.ImageBaseType.INDEXED
    # babl does not take the colors of a palette from a profile's space as they are
    palette = indexed and image.get_color_profile() is not None
    if not palette and not any(filter_.get_visible() for filter_ in layer.get_filters()):
        yield layer.get_buffer()
        return
    kind = Gimp.ImageBaseType.RGB if indexed else image.get_base_type()
    scratch = Gimp.Image.new_with_precision(
        image.get_width(), image.get_height(), kind, image.get_precision()
    )
    try:
        if profile := image.get_color_profile():
            scratch.set_color_profile(profile)
        copy = Gimp.Layer.new_from_drawable(layer, scratch)
        scratch.insert_layer(copy, None, 0)
        copy.merge_filters()
        yield copy.get_buffer()
    finally:
        scratch.delete()


def tag(item: Gimp.Item, name: str, value: Any) -> None:
    """Store JSON data with an item; it is saved with the image."""
    item.attach_parasite(Gimp.Parasite.new(name, PERSISTENT, json.dumps(value).encode()))


def read_tag(item: Gimp.Item | Gimp.Image, name: str) -> Any:
    """Return what `tag` stored, or None."""
    parasite = item.get_parasite(name)
    if parasite is None:
        return None
    try:
        return json.loads(bytes(parasite.get_data()).rstrip(b"\0"))
    except ValueError:
        return None  # another program's, or damaged: as if it were not there


def all_layers(image: Gimp.Image) -> Iterator[Gimp.Layer]:
    """Yield every layer from the top, a group before its children."""
    waiting = list(image.get_layers())
    while waiting:
        layer = waiting.pop(0)
        yield layer
        if layer.is_group():
            waiting[:0] = layer.get_children()


def layers_above(layer: Gimp.Layer) -> list[Gimp.Layer]:
    """Return the layers over another one in its group, the nearest first."""
    parent = layer.get_parent()
    siblings = parent.get_children() if parent else layer.get_image().get_layers()
    # items are new objects on each call: compare their ids
    ids = [sibling.get_id() for sibling in siblings]
    return list(reversed(siblings[: ids.index(layer.get_id())]))
