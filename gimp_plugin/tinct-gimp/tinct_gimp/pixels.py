"""Between GEGL buffers and the bytes that travel to the engine.

Everything is asked for in sRGB's primaries, as encoded or as linear numbers, whichever is nearer to
what the image has; babl converts. Integers are kept only where that is exact.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterable, Iterator
from typing import Any

from gi.repository import Babl, Gegl, Gimp

STRIP_ROWS = 256
WORDS = {"uint8": "u8", "uint16": "u16", "float16": "half", "float32": "float"}
MODELS = {
    "srgb": {"rgba": "R'G'B'A", "rgb": "R'G'B'", "graya": "Y'A", "gray": "Y'", "mask": "Y"},
    "linear": {"rgba": "RGBA", "rgb": "RGB", "graya": "YA", "gray": "Y", "mask": "Y"},
}


@dataclasses.dataclass(frozen=True)
class Area:
    """A rectangle of an image in its own coordinates, and the scale it is read at."""

    left: int
    top: int
    width: int
    height: int
    scale: float = 1.0

    @classmethod
    def of(cls, item: Gimp.Item, max_side: int = 0) -> Area:
        """Return where an item lies; scaled down to a longest side, 0 for full size."""
        _, left, top = item.get_offsets()
        width, height = item.get_width(), item.get_height()
        longest = max(width, height)
        scale = max_side / longest if 0 < max_side < longest else 1.0
        return cls(left, top, width, height, scale)

    @property
    def columns(self) -> int:
        """The width as read."""
        return max(1, round(self.width * self.scale))

    @property
    def rows(self) -> int:
        """The height as read."""
        return max(1, round(self.height * self.scale))


def encoding_of(image: Gimp.Image) -> tuple[str, str]:
    """Return the wire's number type and space that hold an image's values without loss."""
    if not is_srgb(image):
        return "float32", "linear"  # its colors lie between sRGB's steps, and beyond its gamut
    width, _, curve = image.get_precision().value_nick.partition("-")
    dtype = {"u8": "uint8", "u16": "uint16"}.get(width, "float32")
    return dtype, "linear" if curve == "linear" else "srgb"


def is_srgb(image: Gimp.Image) -> bool:
    """Say whether the image's own values are sRGB's."""
    if image.get_color_profile() is None:
        return True
    layers = image.get_layers()
    if not layers or image.get_base_type() == Gimp.ImageBaseType.INDEXED:
        return False
    space = Babl.format_get_space(layers[0].get_format())
    # babl names a format of sRGB's space without the space
    return Babl.get_name(Babl.format_with_space("R'G'B'A u8", space)) == "R'G'B'A u8"


def format_of(layout: str, dtype: str, space: str = "srgb") -> str:
    """Return babl's name for a layout, number type and space of the wire."""
    return f"{MODELS[space][layout]} {WORDS[dtype]}"


def read_strips(
    buffer: Gegl.Buffer, area: Area, origin: tuple[int, int], name: str
) -> Iterator[bytes]:
    """Yield an area's bytes from the top, some rows at a time; zeros where the buffer ends.

    Parameters
    ----------
    buffer
        An item's.
    area
        In the image's coordinates.
    origin
        Where the buffer's corner lies in the image.
    name
        The format, from `format_of`.
    """
    left = round((area.left - origin[0]) * area.scale)
    top = round((area.top - origin[1]) * area.scale)
    for first in range(0, area.rows, STRIP_ROWS):
        rows = min(STRIP_ROWS, area.rows - first)
        strip = Gegl.Rectangle.new(left, top + first, area.columns, rows)
        yield buffer.get(strip, area.scale, name, Gegl.AbyssPolicy.NONE)


def picked(buffer: Gegl.Buffer, area: Area, origin: tuple[int, int], name: str) -> Gegl.Buffer:
    """Return a smaller picture of an area, each pixel one of the buffer's own.

    `read_strips` mixes neighbors, which makes new colors between those of a label layer.
    """
    small = Gegl.Buffer.new(name, 0, 0, area.columns, area.rows)
    graph = Gegl.Node()
    chain = [
        _node(graph, "gegl:buffer-source", buffer=buffer),
        _node(
            graph,
            "gegl:translate",
            x=float(origin[0] - area.left),
            y=float(origin[1] - area.top),
            sampler=Gegl.SamplerType.NEAREST,
        ),
        _node(
            graph,
            "gegl:scale-ratio",
            x=area.columns / area.width,
            y=area.rows / area.height,
            sampler=Gegl.SamplerType.NEAREST,
        ),
        _node(graph, "gegl:crop", width=float(area.columns), height=float(area.rows)),
        _node(graph, "gegl:write-buffer", buffer=small),
    ]
    for source, target in itertools.pairwise(chain):
        source.link(target)
    chain[-1].process()
    return small


def write_strips(
    drawable: Gimp.Drawable, strips: Iterable[bytes], columns: int, rows: int, name: str
) -> None:
    """Fill a drawable from its corner with rows from the top, `STRIP_ROWS` at a time."""
    buffer = drawable.get_buffer()
    for first, strip in zip(range(0, rows, STRIP_ROWS), strips, strict=True):
        height = min(STRIP_ROWS, rows - first)
        buffer.set(Gegl.Rectangle.new(0, first, columns, height), name, strip)
    buffer.flush()  # from bindings nothing is written without it
    drawable.update(0, 0, columns, rows)


def write_scaled(drawable: Gimp.Drawable, data: bytes, columns: int, rows: int, name: str) -> None:
    """Fill a whole drawable with a smaller picture, enlarged."""
    small = Gegl.Buffer.new(name, 0, 0, columns, rows)
    small.set(Gegl.Rectangle.new(0, 0, columns, rows), name, data)
    buffer = drawable.get_buffer()
    graph = Gegl.Node()
    source = _node(graph, "gegl:buffer-source", buffer=small)
    scale = _node(
        graph,
        "gegl:scale-ratio",
        x=drawable.get_width() / columns,
        y=drawable.get_height() / rows,
        sampler=Gegl.SamplerType.LINEAR,
    )
    sink = _node(graph, "gegl:write-buffer", buffer=buffer)
    source.link(scale)
    scale.link(sink)
    sink.process()
    buffer.flush()
    drawable.update(0, 0, drawable.get_width(), drawable.get_height())


def _node(graph: Gegl.Node, operation: str, **properties: Any) -> Gegl.Node:
    node = graph.create_child(operation)
    for key, value in properties.items():
        node.set_property(key, value)
    return node
