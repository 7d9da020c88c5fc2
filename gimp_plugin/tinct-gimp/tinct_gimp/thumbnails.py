"""Small pictures inside dialogs."""

from __future__ import annotations

from gi.repository import GdkPixbuf, Gegl, Gimp, GLib

from . import layers
from ._vendor.tinct_client.buffers import Exchange
from ._vendor.tinct_client.protocol import PixelRef
from .pixels import Area, format_of

SHOWN = "R'G'B'A u8"


def picture_of(layer: Gimp.Layer, side: int) -> GdkPixbuf.Pixbuf:
    """Return a layer as it looks, at most `side` pixels wide and high."""
    area = Area.of(layer, side)
    whole = Gegl.Rectangle.new(0, 0, area.columns, area.rows)
    with layers.rendered(layer) as buffer:
        data = buffer.get(whole, area.scale, SHOWN, Gegl.AbyssPolicy.NONE)
    return _pixbuf(data, area.columns, area.rows)


def put_over(under: GdkPixbuf.Pixbuf, reference: PixelRef, exchange: Exchange) -> None:
    """Put a result over the picture of its base."""
    rows, columns = reference.shape[:2]
    name = format_of(reference.layout, reference.dtype, reference.space)
    whole = Gegl.Rectangle.new(0, 0, columns, rows)
    small = Gegl.Buffer.new(name, 0, 0, columns, rows)
    small.set(whole, name, exchange.read(reference))
    result = _pixbuf(small.get(whole, 1.0, SHOWN, Gegl.AbyssPolicy.NONE), columns, rows)
    width, height = min(columns, under.get_width()), min(rows, under.get_height())
    nearest = GdkPixbuf.InterpType.NEAREST
    result.composite(under, 0, 0, width, height, 0, 0, 1, 1, nearest, 255)


def swatch(color: str, side: int) -> GdkPixbuf.Pixbuf:
    """Return a square full of a color, ``#rrggbb``."""
    pixbuf = GdkPixbuf.Pixbuf.new(GdkPixbuf.Colorspace.RGB, False, 8, side, side)
    pixbuf.fill(int(color[1:7] + "ff", 16))
    return pixbuf


def _pixbuf(data: bytes, columns: int, rows: int) -> GdkPixbuf.Pixbuf:
    return GdkPixbuf.Pixbuf.new_from_bytes(
        GLib.Bytes.new(data), GdkPixbuf.Colorspace.RGB, True, 8, columns, rows, columns * 4
    ).copy()
