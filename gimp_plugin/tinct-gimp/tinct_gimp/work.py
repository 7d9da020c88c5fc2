"""One run of an operation on an image: pictures to the engine, results into new layers."""

from __future__ import annotations

import dataclasses
import secrets
from collections.abc import Callable, Iterator
from typing import Any

from gi.repository import Gimp

from . import layers, pixels, procedures, sources
from ._vendor.tinct_client.boxes import Reduced, reduce_pairs
from ._vendor.tinct_client.buffers import Exchange
from ._vendor.tinct_client.process import Engine, Outcome
from ._vendor.tinct_client.protocol import PixelRef
from .catalog import Info, Role, roles
from .pixels import Area
from .refusal import Refusal
from .sources import Source
from .texts import _

OUTSIDE = "transparent"  # the result is a layer of its own: its alpha carries the region


@dataclasses.dataclass
class Job:
    """What is to be done, all of it known before the engine is asked.

    Parameters
    ----------
    info
        The operation.
    base
        The layer it works on.
    sources
        By role, what the user chose.
    parameters
        By name, in JSON's types.
    result
        `procedures.COLOR_ONLY` or `procedures.FULL_COLOR`.
    convert
        Whether the image may become RGB.
    """

    info: Info
    base: Gimp.Layer
    sources: dict[str, list[Source]]
    parameters: dict[str, Any]
    result: str = procedures.FULL_COLOR
    convert: bool = False

    @property
    def image(self) -> Gimp.Image:
        """The image it works in."""
        return self.base.get_image()

    @property
    def chosen_roles(self) -> list[Role]:
        """The roles a user chooses."""
        return [role for role in roles(self.info) if role.chosen]

    @classmethod
    def from_config(cls, info: Info, base: Gimp.Layer, config: Gimp.ProcedureConfig) -> Job:
        """Read a procedure's arguments; required roles left open take what was used before."""
        found = {}
        for role in roles(info):
            if role.chosen:
                found[role.name] = sources.chosen(role, config)
                layer = None if role.optional else sources.remembered(role, base)
                if not found[role.name] and layer is not None:
                    found[role.name] = [Source(layer)]
        job = cls(info, base, found, procedures.parameters(info, config))
        if procedures.has_color_only(info):
            job.result = config.get_property(procedures.RESULT)
        if procedures.makes_color(info):
            job.convert = config.get_property(procedures.CONVERT)
        return job

    def check(self) -> None:
        """Refuse what is bound to fail, before anything is started.

        Raises
        ------
        Refusal
            In one sentence.
        """
        self.check_sources()
        if procedures.makes_color(self.info) and layers.needs_rgb(self.image) and not self.convert:
            raise Refusal(
                _(
                    "The image is grayscale or indexed and cannot hold the result's colors; "
                    "allow its conversion to RGB, or convert it with Image > Mode > RGB."
                )
            )
        parent = self.base.get_parent()
        if parent is not None and parent.get_lock_content():
            raise Refusal(
                _("The group {name} is locked; unlock it to put the result into it.").format(
                    name=parent.get_name()
                )
            )

    def check_sources(self) -> None:
        """Refuse pictures that are missing or unfit; enough for a preview."""
        for role in self.chosen_roles:
            sources.check(role, self.sources.get(role.name, []), self.base)

    def record(self) -> dict[str, Any]:
        """Return what a result layer remembers, so that the operation can be repeated."""
        return {
            "operation": self.info["id"],
            "run": secrets.token_hex(8),  # tells the layers of one run from those of another
            "base": self.base.get_tattoo(),
            "parameters": self.parameters,
            "result": self.result,
            "roles": {
                name: [sources.describe(source, self.image) for source in found]
                for name, found in self.sources.items()
                if found
            },
        }


def write_inputs(
    job: Job, exchange: Exchange, max_side: int = 0
) -> dict[str, PixelRef | list[PixelRef]]:
    """Hand all pictures of a job to the engine, scaled to a longest side unless that is 0."""
    area, limit = Area.of(job.base, max_side), _limit(job, max_side)
    inputs: dict[str, PixelRef | list[PixelRef]] = {}
    try:
        for role in roles(job.info):
            if role.source == "active-layer":
                inputs[role.name] = sources.write_base(job.base, area, exchange)
            elif role.source == "selection" and not _selects_a_box(job):
                region = sources.write_region(job.image, area, exchange)
                inputs |= {} if region is None else {role.name: region}
            elif found := job.sources.get(role.name):
                references = [
                    sources.write(source, role, area, limit, exchange) for source in found
                ]
                inputs[role.name] = references if role.many else references[0]
    except BaseException:
        exchange.discard(inputs)
        raise
    return inputs


def preview_parameters(job: Job, inputs: dict[str, PixelRef | list[PixelRef]]) -> dict[str, Any]:
    """Return a job's parameters with boxes as they lie on pictures written smaller."""
    names = _boxes(job)
    if not names:
        return job.parameters
    target, reference = Reduced(1, 1, 1, 1), None
    for role in roles(job.info):
        given = inputs.get(role.name, [])
        first = given[0] if isinstance(given, list) and given else given
        if not isinstance(first, PixelRef):
            continue
        if role.source == "active-layer":
            target = _reduced(job.base, first)
        elif role.chosen and not role.same_size and reference is None:
            reference = _reduced(job.sources[role.name][0].item, first)
    pairs = {
        name: reduce_pairs(job.parameters[name], target, reference or target) for name in names
    }
    return job.parameters | pairs


def _boxes(job: Job) -> list[str]:
    """Return the parameters that hold pairs of boxes."""
    return [
        parameter["name"]
        for parameter in job.info["parameters"]
        if parameter["kind"] == "boxes" and job.parameters[parameter["name"]]
    ]


def _selects_a_box(job: Job) -> bool:
    """Say whether the selection is there because a box was made of it: then it is no region."""
    boxes = [box for name in _boxes(job) for box, _other in _pairs(job.parameters[name])]
    return bool(boxes) and sources.selected_box(job.base) in boxes


def _pairs(value: Any) -> list[Any]:
    fit = isinstance(value, list) and all(isinstance(p, list) and len(p) == 2 for p in value)
    return value if fit else []


def _limit(job: Job, max_side: int) -> int:
    """Return the longest side for pictures of their own size."""
    files = any(source.item is None for found in job.sources.values() for source in found)
    # how large a file's picture was is not known afterwards, so boxes on it cannot be reduced
    return 0 if files and _boxes(job) else max_side


def _reduced(item: Gimp.Drawable | None, written: PixelRef) -> Reduced:
    rows, columns = written.shape[:2]
    if item is None:
        return Reduced(columns, rows, columns, rows)
    return Reduced(item.get_width(), item.get_height(), columns, rows)


def run(job: Job, engine: Engine, progress: Callable[[float, str], object]) -> Outcome:
    """Run a job in full quality and wait for it."""
    job.check()
    engine.settle()  # a preview that is slow to stop must not take this along
    engine.start()  # it loads while the pixels are fetched
    inputs = write_inputs(job, engine.exchange)
    return engine.run(job.info["id"], inputs, job.parameters, outside=OUTSIDE, on_progress=progress)


def place(
    job: Job, outcome: Outcome, exchange: Exchange, old: list[Gimp.Layer] | None = None
) -> list[Gimp.Layer]:
    """Put results into new layers over the base, as one undo step.

    Parameters
    ----------
    job, outcome, exchange
        What was run, what it gave, and where the pixels lie.
    old
        Results of an earlier run that the new ones replace.

    Returns
    -------
    list
        The new layers, the lowest first.
    """
    image, old = job.image, old or []
    made: list[Gimp.Layer] = []
    with layers.undo_group(image):
        if procedures.makes_color(job.info):
            layers.make_rgb(image)
        record = job.record() | {"seconds": round(outcome.seconds, 3)}
        below: Gimp.Item = job.base
        for output, title, reference in pictures_of(job.info, outcome):
            layer = _new_result(job, output, title, reference)
            layers.tag(layer, layers.RESULT, record | {"output": output["role"]})
            layers.insert_above(image, layer, below)
            _fill(layer, reference, exchange, job.base)
            below = layer
            made.append(layer)
        _replace(image, old, made)
        _hide_painted(job)
    Gimp.displays_flush()
    return made


def pictures_of(info: Info, outcome: Outcome) -> Iterator[tuple[Info, str, PixelRef]]:
    """Yield the results that become layers: their declaration, title and pixels."""
    for output in info["outputs"]:
        value = outcome.outputs.get(output["role"])
        if isinstance(value, PixelRef):
            yield output, _(output["title"]), value
        elif isinstance(value, list) and output["kind"] == "layers":
            for title, reference in value:
                yield output, title, reference


def data_of(job: Job, outcome: Outcome) -> dict[str, Any]:
    """Return the results that are no pictures, by role."""
    kinds = {output["role"]: output["kind"] for output in job.info["outputs"]}
    return {role: value for role, value in outcome.outputs.items() if kinds.get(role) == "data"}


def _new_result(job: Job, output: Info, title: str, reference: PixelRef) -> Gimp.Layer:
    layer = layers.new_layer(job.image, job.base, title)
    rows, columns = reference.shape[:2]
    if (columns, rows) != (layer.get_width(), layer.get_height()):
        layer.resize(columns, rows, 0, 0)
    if output["blend"] == "color" and job.result == procedures.COLOR_ONLY:
        layer.set_mode(layers.COLOR_ONLY)
    return layer


def _fill(layer: Gimp.Layer, reference: PixelRef, exchange: Exchange, base: Gimp.Layer) -> None:
    rows, columns = reference.shape[:2]
    name = pixels.format_of(reference.layout, reference.dtype, reference.space)
    strips = exchange.strips(reference, pixels.STRIP_ROWS)
    pixels.write_strips(layer, strips, columns, rows, name)
    if (columns, rows) == (base.get_width(), base.get_height()):
        layers.copy_mask(base, layer)


def _replace(image: Gimp.Image, old: list[Gimp.Layer], new: list[Gimp.Layer]) -> None:
    """Remove old results; each new one takes over what the user made of its predecessor."""
    for before, after in zip(old, new, strict=False):
        after.set_opacity(before.get_opacity())
        after.set_mode(before.get_mode())
        after.set_visible(before.get_visible())
        image.reorder_item(after, before.get_parent(), image.get_item_position(before))
    names = [layer.get_name() for layer in old]
    for before in old:
        image.remove_layer(before)
    for name, after in zip(names, new, strict=False):
        after.set_name(name)  # only now is the name free


def _hide_painted(job: Job) -> None:
    """Hide the strokes: they lie over the result and would cover it."""
    for role in job.chosen_roles:
        if role.painted:
            for source in job.sources.get(role.name, []):
                if isinstance(source.item, Gimp.Layer):
                    source.item.set_visible(False)
