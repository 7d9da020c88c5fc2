"""What a layer remembers: repeat the operation that made it, and make layers to paint on."""

from __future__ import annotations

from typing import Any

from gi.repository import Gimp

from . import catalog, layers, sources
from .catalog import Role, layer_name
from .refusal import Refusal
from .texts import _
from .work import Job


def find_job(drawables: list[Gimp.Drawable]) -> tuple[Job, list[Gimp.Layer]]:
    """Return the job that made a layer, and all layers it made.

    The layer may be a result, or the strokes or the base of one: after painting, the strokes are
    what is selected.

    Raises
    ------
    Refusal
        When no result belongs to the layer, or what it was made from is gone.
    """
    layer = layers.base_layer(drawables)
    image = layer.get_image()
    record = layers.read_tag(layer, layers.RESULT) or _nearest_record(layer)
    if not isinstance(record, dict):
        raise Refusal(_("tinct did not make this layer; select one of its results."))
    info = catalog.find(str(record.get("operation")))
    if info is None:
        raise Refusal(_("This tinct no longer has the operation that made this layer."))
    base = image.get_layer_by_tattoo(int(record.get("base", 0)))
    if base is None:
        raise Refusal(_("The layer this result was made from is gone; run the operation anew."))
    job = Job(
        info,
        base,
        _restore_roles(record, image),
        dict(record.get("parameters", {})),
        str(record.get("result", "")),
        convert=True,  # the consent was given when the result was made
    )
    job.check()
    return job, _results(image, record)


def new_role_layer(base: Gimp.Layer, role: Role, *, convert: bool = False) -> Gimp.Layer:
    """Add a transparent layer to paint a role on, named and tagged, and select it.

    Raises
    ------
    Refusal
        When the image holds no colors, the role needs some, and `convert` does not allow RGB.
    """
    image = base.get_image()
    if role.colored and layers.needs_rgb(image) and not convert:
        raise Refusal(
            _(
                "The image is grayscale or indexed, where paint has no free colors; allow its "
                "conversion to RGB, or convert it with Image > Mode > RGB."
            )
        )
    with layers.undo_group(image):
        if role.colored:
            layers.make_rgb(image)
        layer = layers.new_layer(image, base, layer_name(role))
        layers.tag(layer, layers.ROLE, role.name)
        layers.insert_above(image, layer, _highest_result(base))
    image.set_selected_layers([layer])
    return layer


def _highest_result(base: Gimp.Layer) -> Gimp.Layer:
    """Return the result that lies highest over a base, or the base: strokes go over both."""
    made = [
        layer
        for layer in layers.layers_above(base)
        if (layers.read_tag(layer, layers.RESULT) or {}).get("base") == base.get_tattoo()
    ]
    return made[-1] if made else base


def _restore_roles(record: dict[str, Any], image: Gimp.Image) -> dict[str, list[sources.Source]]:
    restored: dict[str, list[sources.Source]] = {}
    for name, descriptions in record.get("roles", {}).items():
        found = [sources.restore(description, image) for description in descriptions]
        if None in found:
            text = _("The layer or file used as {role} is gone; run the operation anew.")
            raise Refusal(text.format(role=name))
        restored[name] = [source for source in found if source is not None]
    return restored


def _nearest_record(layer: Gimp.Layer) -> Any:
    """Return what the highest result remembers that was made from a layer."""
    tattoo = layer.get_tattoo()
    for other in layers.all_layers(layer.get_image()):
        record = layers.read_tag(other, layers.RESULT)
        if not isinstance(record, dict):
            continue
        used = [part.get("layer") for parts in record.get("roles", {}).values() for part in parts]
        if tattoo in (record.get("base"), *used):
            return record
    return None


def _results(image: Gimp.Image, record: dict[str, Any]) -> list[Gimp.Layer]:
    """Return the layers one run made, the lowest first."""
    run = record.get("run")
    found = [
        layer
        for layer in layers.all_layers(image)
        if (layers.read_tag(layer, layers.RESULT) or {}).get("run") == run
    ]
    return list(reversed(found))
