"""Pixels out of layers and into them, in the document's own frame."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Collection, Generator, Iterator, Sequence
from typing import Any, cast

from krita import Krita

from .client import buffers, protocol
from .formats import DTYPES, STROKES, Format
from .qt import QByteArray, QImage

SCRATCH = "tinct scratch"
ZEROS = bytes(1 << 20)
DEPTHS = {dtype: depth for depth, dtype in DTYPES.items()}


@dataclasses.dataclass(frozen=True)
class Pixels:
    """A picture the size of the document.

    Parameters
    ----------
    format
        Plain, see `Format.is_plain`.
    width, height
        In pixels.
    data
        Rows of `top` and the following, as wide as the picture; what lies above and below them is
        transparent.
    top
        The first row `data` holds.
    raw
        The format and bytes that were read, where Krita had to convert them.
    """

    format: Format
    width: int
    height: int
    data: QByteArray
    top: int = 0
    raw: tuple[Format, QByteArray] | None = None

    def chunks(self) -> list[bytes | memoryview]:
        """Return the whole picture's bytes in parts."""
        row = self.width * self.format.pixel_bytes
        below = self.height * row - self.top * row - len(self.data)
        return [*_zeros(self.top * row), memoryview(self.data), *_zeros(below)]

    @property
    def painted(self) -> list[QByteArray]:
        """What is not known to be transparent, from the top."""
        return [self.data] if len(self.data) else []

    def sending(self, exchange: buffers.Exchange) -> Generator[None, None, protocol.PixelRef]:
        """Write the picture where the engine finds it, in steps."""
        return exchange.write_steps(
            self.chunks(),
            self.height,
            self.width,
            layout=self.format.layout,
            dtype=self.format.dtype,
            space=self.format.space or "srgb",
        )


@dataclasses.dataclass(frozen=True)
class Mask:
    """A selection the size of the document, one byte a pixel."""

    width: int
    height: int
    data: QByteArray
    top: int = 0
    format: str = "mask"
    raw: None = None

    def sending(self, exchange: buffers.Exchange) -> Generator[None, None, protocol.PixelRef]:
        """Write the mask where the engine finds it, in steps."""
        return exchange.write_steps(memoryview(self.data), self.height, self.width, layout="mask")


def send(picture: Pixels | Mask, exchange: buffers.Exchange) -> protocol.PixelRef:
    """Write a picture where the engine finds it, all at once."""
    return buffers.finish(picture.sending(exchange))


def format_of(node: Any) -> Format:
    """Return the color space of a layer or a document."""
    return Format(node.colorModel(), node.colorDepth(), node.colorProfile())


@contextlib.contextmanager
def scratch_document(format_: Format, width: int = 1, height: int = 1) -> Iterator[Any]:
    """Yield a document nobody sees: what is done to layers made in it is in no history."""
    document = new_scratch(format_, width, height)
    try:
        yield document
    finally:
        close_scratch(document)


def new_scratch(format_: Format, width: int = 1, height: int = 1) -> Any:
    """Return a document without a view; see `close_scratch`."""
    document = Krita.instance().createDocument(
        width, height, SCRATCH, format_.model, format_.depth, format_.profile, 300.0
    )
    document.setBatchmode(True)
    return document


def close_scratch(document: Any) -> None:
    """Close a document of `new_scratch`."""
    document.waitForDone()
    document.setModified(False)
    document.close()


def read_node(node: Any, document: Any, known: Sequence[Any] = ()) -> Pixels:
    """Return what a layer shows by itself, its masks applied, in a format the engine reads.

    Parameters
    ----------
    known
        What was read before: where nothing has changed since, nothing is converted again.
    """
    width, height = document.width(), document.height()
    own = format_of(node)
    plain_layer = node.type() == "paintlayer" and not node.childNodes()
    read = node.pixelData if plain_layer else node.projectionPixelData
    return _in_plain_format(own, width, height, read(0, 0, width, height), known)


def read_document(
    document: Any, without: Collection[str] = (), known: Sequence[Any] = ()
) -> Pixels:
    """Return what a document shows.

    Parameters
    ----------
    without
        Unique ids of layers to leave out.
    known
        See `read_node`.
    """
    width, height = document.width(), document.height()
    hidden = [node for node in _visible_nodes(document) if node[0] in without]
    if not hidden:
        data = document.pixelData(0, 0, width, height)
        return _in_plain_format(format_of(document), width, height, data, known)
    copy = document.clone()  # the user sees nothing of it
    try:
        copy.setBatchmode(True)
        for identity, node in _visible_nodes(copy):
            if identity in without:
                node.setVisible(False)
        copy.refreshProjection()
        copy.waitForDone()
        data = copy.pixelData(0, 0, width, height)
    finally:
        close_scratch(copy)
    return _in_plain_format(format_of(document), width, height, data, known)


def read_strokes(node: Any, document: Any) -> Pixels:
    """Return a layer of strokes in 8-bit sRGB, only the rows that hold something."""
    width, height = document.width(), document.height()
    bounds = node.bounds()
    top = min(max(bounds.top(), 0), height)
    rows = max(min(bounds.bottom() + 1, height) - top, 0) if bounds.width() > 0 else 0
    own = format_of(node)
    data = node.pixelData(0, top, width, rows) if rows else QByteArray()
    if own != STROKES and not (own.is_plain and own.depth == "U8" and own.space == "srgb"):
        data = _converted(own, STROKES, width, rows, data) if rows else data
    return Pixels(STROKES, width, height, data, top)


def read_selection(document: Any) -> Mask | None:
    """Return the selection with its feather, or None without one."""
    selection = document.selection()
    if selection is None:
        return None
    width, height = document.width(), document.height()
    return Mask(width, height, selection.pixelData(0, 0, width, height))


def result_bytes(
    exchange: buffers.Exchange, reference: protocol.PixelRef
) -> tuple[str, QByteArray]:
    """Return a result's depth in Krita's words and its bytes in Krita's order; delete its file."""
    data: bytes | bytearray = exchange.read(reference)
    depth = DEPTHS[reference.dtype]
    if reference.layout == "mask":
        data = _gray_from_mask(data, reference.dtype)
    return depth, QByteArray(data)


def gray_bytes(mask: Any) -> QByteArray:
    """Return a mask's bytes, 255 where it is set, rows without padding."""
    gray = mask.convertToFormat(QImage.Format.Format_Grayscale8)
    bits = gray.constBits()
    bits.setsize(gray.sizeInBytes())
    data, stride, width = bytes(bits), gray.bytesPerLine(), gray.width()
    if stride == width:
        return QByteArray(data)
    rows = (data[start : start + width] for start in range(0, len(data), stride))
    return QByteArray(b"".join(rows))


def _in_plain_format(
    own: Format, width: int, height: int, data: QByteArray, known: Sequence[Any]
) -> Pixels:
    plain, raw = own.plain(), (own, data)
    if plain == own:
        return Pixels(plain, width, height, data)
    for picture in known:
        if (picture.width, picture.height) == (width, height) and picture.raw == raw:
            return cast(Pixels, picture)
    return Pixels(plain, width, height, _converted(own, plain, width, height, data), raw=raw)


def _converted(own: Format, wanted: Format, width: int, rows: int, data: QByteArray) -> QByteArray:
    """Let Krita convert pixels, as it would a layer's."""
    with scratch_document(wanted) as scratch:
        node = scratch.createNode("conversion", "paintlayer")
        node.setColorSpace(own.model, own.depth, own.profile)
        node.setPixelData(data, 0, 0, width, rows)
        node.setColorSpace(wanted.model, wanted.depth, wanted.profile)
        scratch.waitForDone()
        return node.pixelData(0, 0, width, rows)


def _gray_from_mask(data: bytes, dtype: str) -> bytearray:
    """Return a mask as opaque gray pixels of four channels."""
    step = {"uint8": 1, "uint16": 2, "float16": 2, "float32": 4}[dtype]
    opaque = {"uint8": b"\xff", "uint16": b"\xff\xff", "float16": b"\x00\x3c"}.get(
        dtype, b"\x00\x00\x80\x3f"
    )
    pixels = bytearray(len(data) * 4)
    for part in range(step):
        for channel in range(3):
            pixels[channel * step + part :: 4 * step] = data[part::step]
        pixels[3 * step + part :: 4 * step] = opaque[part : part + 1] * (len(data) // step)
    return pixels


def _visible_nodes(document: Any) -> list[tuple[str, Any]]:
    """Return id and wrapper of every visible layer."""
    found, stack = [], document.topLevelNodes()
    while stack:
        node = stack.pop()
        if node.visible():
            found.append((str(node.uniqueId().toString()), node))
            stack.extend(node.childNodes())
    return found


def _zeros(count: int) -> Iterator[bytes | memoryview]:
    for _ in range(count // len(ZEROS)):
        yield ZEROS
    yield memoryview(ZEROS)[: count % len(ZEROS)]
