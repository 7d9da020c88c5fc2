"""PNG with 16 bits per channel: Pillow reads and writes it in color with 8 bits only."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from tinct.errors import FileError

__all__ = ["chunks", "read_png16", "write_png16"]

SIGNATURE = b"\x89PNG\r\n\x1a\n"
CHANNELS = {0: 1, 2: 3, 4: 2, 6: 4}  # by color type; a palette (3) never has 16 bits
COLOR_TYPES = {channels: kind for kind, channels in CHANNELS.items()}
COMPRESSION = 4  # a third of the time of 6 for files some percent larger
IDAT_BYTES = 1 << 20


def chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the type and the content of each chunk of a PNG file.

    Raises
    ------
    ValueError
        When the file ends within one, or a checksum is wrong.
    """
    if not data.startswith(SIGNATURE):
        raise ValueError("no PNG signature")
    position = len(SIGNATURE)
    while True:
        length, kind = struct.unpack_from(">I4s", data, position)
        content = data[position + 8 : position + 8 + length]
        (checksum,) = struct.unpack_from(">I", data, position + 8 + length)
        if zlib.crc32(content, zlib.crc32(kind)) != checksum:
            raise ValueError("wrong checksum")
        yield kind, content
        if kind == b"IEND":
            return
        position += 12 + length


def read_png16(path: Path) -> NDArray[np.uint16]:
    """Read the pixels of a PNG file of 16 bits per channel.

    Returns
    -------
    ndarray
        Shape (M, N, C): gray, gray and alpha, RGB or RGBA. A color marked as transparent
        becomes alpha.

    Raises
    ------
    FileError
        For an interlaced file.
    ValueError, struct.error, zlib.error
        For a damaged one.
    """
    header = transparent = b""
    packed: list[bytes] = []
    for kind, content in chunks(path.read_bytes()):
        if kind == b"IHDR":
            header = content
        elif kind == b"IDAT":
            packed.append(content)
        elif kind == b"tRNS":
            transparent = content
    columns, rows, depth, color_type, _, _, interlaced = struct.unpack(">IIBBBBB", header)
    if depth != 16 or color_type not in CHANNELS:
        raise ValueError("not 16 bits per channel")
    if interlaced:
        raise FileError(
            f"{path} is an interlaced PNG of 16 bits, which tinct does not read; "
            "save it without interlacing."
        )
    channels = CHANNELS[color_type]
    row_bytes = 2 * channels * columns
    expected = rows * (1 + row_bytes)
    # never unpack more than the header announces
    unpacked = zlib.decompressobj().decompress(b"".join(packed), expected)
    if len(unpacked) != expected:
        raise ValueError("too little pixel data")
    lines = np.frombuffer(bytearray(unpacked), np.uint8).reshape(rows, 1 + row_bytes)
    if lines[:, 0].any():
        from tinct.imagefile_kernels import unfilter_png

        if not unfilter_png(lines, 2 * channels):
            raise ValueError("unknown filter")
    pixels = np.ascontiguousarray(lines[:, 1:]).view(">u2").astype(np.uint16)
    return _with_key(pixels.reshape(rows, columns, channels), transparent)


def _with_key(pixels: NDArray[np.uint16], transparent: bytes) -> NDArray[np.uint16]:
    """Add alpha where one color of a picture without alpha is marked as transparent."""
    channels = pixels.shape[2]
    if not transparent or channels not in (1, 3):
        return pixels
    key = np.array(struct.unpack(f">{channels}H", transparent), np.uint16)
    alpha = np.where((pixels == key).all(axis=2, keepdims=True), 0, 0xFFFF).astype(np.uint16)
    return np.concatenate([pixels, alpha], axis=2)


def write_png16(
    file: BinaryIO, pixels: NDArray[np.uint16], extra: list[tuple[bytes, bytes]]
) -> None:
    """Write 16-bit pixels as a PNG file.

    Parameters
    ----------
    file
        Open for writing.
    pixels
        Shape (M, N, C): gray, gray and alpha, RGB or RGBA.
    extra
        Chunks that belong between header and pixels.
    """
    rows, columns, channels = pixels.shape
    header = struct.pack(">IIBBBBB", columns, rows, 16, COLOR_TYPES[channels], 0, 0, 0)
    file.write(SIGNATURE)
    _write_chunk(file, b"IHDR", header)
    for kind, content in extra:
        _write_chunk(file, kind, content)
    packer = zlib.compressobj(COMPRESSION, zlib.DEFLATED, 15, 9, zlib.Z_FILTERED)
    pending = bytearray()
    step = max((1 << 20) // max(columns * channels, 1), 1)
    above = np.zeros((1, columns * channels * 2), np.uint8)
    for start in range(0, rows, step):
        block = pixels[start : start + step].astype(">u2")
        raw = block.reshape(len(block), -1).view(np.uint8)
        pending += packer.compress(_filter(raw, above, 2 * channels))
        above = raw[-1:]
        if len(pending) >= IDAT_BYTES:
            _write_chunk(file, b"IDAT", bytes(pending))
            pending.clear()
    pending += packer.flush()
    _write_chunk(file, b"IDAT", bytes(pending))
    _write_chunk(file, b"IEND", b"")


def _write_chunk(file: BinaryIO, kind: bytes, content: bytes) -> None:
    checksum = zlib.crc32(content, zlib.crc32(kind))
    file.write(struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum))


def _filter(raw: NDArray[np.uint8], above: NDArray[np.uint8], pixel_bytes: int) -> bytes:
    """Return rows as differences from the Paeth predictor, which suits photographs."""
    up = np.concatenate([above, raw[:-1]]).astype(np.int16)
    left, corner = np.zeros_like(up), np.zeros_like(up)
    left[:, pixel_bytes:] = raw[:, :-pixel_bytes]
    corner[:, pixel_bytes:] = up[:, :-pixel_bytes]
    to_left, to_above = np.abs(up - corner), np.abs(left - corner)
    to_corner = np.abs(left + up - 2 * corner)
    guess = np.where(to_above <= to_corner, up, corner)
    guess = np.where((to_left <= to_above) & (to_left <= to_corner), left, guess)
    lines: NDArray[Any] = np.empty((raw.shape[0], raw.shape[1] + 1), np.uint8)
    lines[:, 0] = 4
    lines[:, 1:] = raw - guess.astype(np.uint8)
    return lines.tobytes()
