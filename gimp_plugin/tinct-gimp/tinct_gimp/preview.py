"""The live preview: a layer on the canvas that never enters the undo history."""

from __future__ import annotations

import hashlib

from gi.repository import Gimp

from . import layers, pixels, procedures, work
from ._vendor.tinct_client.buffers import Exchange
from ._vendor.tinct_client.process import Outcome
from ._vendor.tinct_client.protocol import PixelRef
from .catalog import Info
from .pixels import Area
from .texts import _
from .work import Job

TAG = "tinct-preview"
WATCH_SIDE = 512


class CanvasPreview:
    """Show results over a base; leave no trace when they are hidden.

    Pixels are written before a layer comes into the image, or into one that is there: both stay
    out of the undo history by themselves. Only coming and going needs undo frozen, for a moment.
    """

    def __init__(self, base: Gimp.Layer) -> None:
        self.base = base
        self.image = base.get_image()
        self._made: list[Gimp.Layer] = []
        self._visible = True
        self._mend()

    @property
    def possible(self) -> bool:
        """Whether the image can hold the colors of a preview."""
        return not layers.needs_rgb(self.image)

    def show(self, job: Job, outcome: Outcome, exchange: Exchange) -> None:
        """Put new results in place of those shown."""
        if not self.base.is_valid():
            exchange.discard(outcome.outputs)
            return
        parts = list(work.pictures_of(job.info, outcome))
        self._keep(len(parts))
        below: Gimp.Layer = self.base
        for number, (output, _title, reference) in enumerate(parts):
            mode = _mode(job, output, reference)
            if number < len(self._made):
                self._refill(self._made[number], mode, reference, exchange)
            else:
                self._made.append(self._insert(below, mode, reference, exchange))
            below = self._made[number]
        Gimp.displays_flush()

    def set_visible(self, visible: bool) -> None:
        """Show what is there after the operation, or before it."""
        self._visible = visible
        with layers.without_undo(self.image):
            for layer in self._made:
                if layer.is_valid():
                    layer.set_visible(visible)
        Gimp.displays_flush()

    def hide(self) -> None:
        """Remove everything shown."""
        self._keep(0)
        Gimp.displays_flush()

    def _keep(self, count: int) -> None:
        """Keep only so many of the layers shown, and none that the user removed."""
        made = [layer for layer in self._made if layer.is_valid()]
        if made[count:]:
            with layers.without_undo(self.image), layers.selected_layers_kept(self.image):
                for layer in made[count:]:
                    self.image.remove_layer(layer)
        self._made = made[:count]

    def _insert(
        self, below: Gimp.Layer, mode: Gimp.LayerMode, reference: PixelRef, exchange: Exchange
    ) -> Gimp.Layer:
        layer = layers.new_layer(self.image, self.base, _("(tinct preview)"))
        layer.set_mode(mode)
        layer.set_visible(self._visible)
        layers.tag(layer, TAG, True)
        layers.copy_mask(self.base, layer)
        _fill(layer, reference, exchange)
        with layers.without_undo(self.image), layers.selected_layers_kept(self.image):
            layers.insert_above(self.image, layer, below)
        return layer

    def _refill(
        self, layer: Gimp.Layer, mode: Gimp.LayerMode, reference: PixelRef, exchange: Exchange
    ) -> None:
        if layer.get_mode() != mode:
            with layers.without_undo(self.image):
                layer.set_mode(mode)
        _fill(layer, reference, exchange)

    def _mend(self) -> None:
        """Remove what a plug-in that was killed has left behind, a frozen undo too."""
        self._made = [
            layer for layer in layers.all_layers(self.image) if layers.read_tag(layer, TAG)
        ]
        if self._made:
            while not self.image.undo_is_enabled() and self.image.undo_thaw():
                pass
            self.hide()


def watched_digest(job: Job) -> str:
    """Return a digest of what a user may paint while the dialog is open."""
    digest = hashlib.blake2b(digest_size=16)
    area = Area.of(job.base, WATCH_SIDE)
    for found in job.sources.values():
        for source in found:
            if source.item is not None and source.item.is_valid():
                origin = source.item.get_offsets()[1:]
                digest.update(repr((source.item.get_id(), origin)).encode())
                for strip in pixels.read_strips(
                    source.item.get_buffer(), area, origin, "R'G'B'A u8"
                ):
                    digest.update(strip)
    if not Gimp.Selection.is_empty(job.image):
        selection = job.image.get_selection().get_buffer()
        for strip in pixels.read_strips(selection, area, (0, 0), "Y u8"):
            digest.update(strip)
    return digest.hexdigest()


def _mode(job: Job, output: Info, reference: PixelRef) -> Gimp.LayerMode:
    """Return the mode to show a result in.

    One with its base's light that comes smaller than its base is shown as color only: it then
    keeps the base's details.
    """
    smaller = reference.shape[0] < job.base.get_height()
    if output["blend"] == "color" and (smaller or job.result == procedures.COLOR_ONLY):
        return layers.COLOR_ONLY
    return Gimp.LayerMode.NORMAL


def _fill(layer: Gimp.Layer, reference: PixelRef, exchange: Exchange) -> None:
    rows, columns = reference.shape[:2]
    name = pixels.format_of(reference.layout, reference.dtype, reference.space)
    if (columns, rows) == (layer.get_width(), layer.get_height()):
        strips = exchange.strips(reference, pixels.STRIP_ROWS)
        pixels.write_strips(layer, strips, columns, rows, name)
    else:
        pixels.write_scaled(layer, exchange.read(reference), columns, rows, name)
