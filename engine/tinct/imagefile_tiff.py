"""TIFF: reads 16 bits and floats per channel, which Pillow cannot hold in color, and writes."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from tinct.errors import FileError
from tinct.imagefile_metadata import EXIF_IFD, GPS_IFD, ICC_TAG, TEXT_TAGS, XMP_TAG, Metadata

__all__ = ["count_deep_pages", "read_deep_tiff", "write_tiff"]

GRAY_ON_WHITE, GRAY_ON_BLACK, RGB = 0, 1, 2
LZW = 5
DIFFERENCES = 2
PREMULTIPLIED = 1


def count_deep_pages(path: Path) -> int:
    """Return the number of full-size pages, or 0 when the first has channels of 8 bits or less."""
    import tifffile

    with tifffile.TiffFile(path) as file:
        if file.pages.first.bitspersample <= 8:
            return 0
        pages: Any = file.pages
        return sum(not page.is_reduced for page in pages)


def read_deep_tiff(path: Path, max_pixels: int) -> NDArray[Any]:
    """Read the first page of a TIFF file of more than 8 bits per channel.

    Returns
    -------
    ndarray
        Shape (M, N, C), uint16, float16 or float32: gray, gray and alpha, RGB or RGBA, alpha
        straight.

    Raises
    ------
    FileError
        When it holds another type, color model or compression, or too many pixels.
    """
    import tifffile

    with tifffile.TiffFile(path) as file:
        page: Any = file.pages.first
        if page.imagewidth * page.imagelength > max_pixels:
            raise FileError(
                f"{path} has {page.imagewidth} x {page.imagelength} pixels; at most "
                f"{max_pixels // 10**6} million are read."
            )
        if page.photometric not in (GRAY_ON_WHITE, GRAY_ON_BLACK, RGB):
            raise FileError(
                f"{path} is a TIFF in {page.photometric.name} with {page.bitspersample} bits; "
                "convert it to RGB or gray first."
            )
        pixels = _pixels_of(page, path)
        if page.planarconfig == 2 and pixels.ndim == 3:
            pixels = np.moveaxis(pixels, 0, -1)
        channels = pixels if pixels.ndim == 3 else pixels[..., np.newaxis]
        colors = 3 if page.photometric == RGB else 1
        extra = tuple(page.extrasamples)
        if page.photometric == GRAY_ON_WHITE:
            white = np.iinfo(channels.dtype).max if channels.dtype.kind == "u" else 1
            channels = np.concatenate([white - channels[..., :1], channels[..., 1:]], axis=-1)
    if channels.dtype == np.float64:
        channels = channels.astype(np.float32)
    if channels.dtype.newbyteorder("=") not in (np.uint16, np.float16, np.float32):
        raise FileError(
            f"{path} is a TIFF of {channels.dtype.name} numbers; save it with 8 or 16 bits or as "
            "32-bit float."
        )
    kept = channels[..., : colors + bool(extra)].astype(channels.dtype.newbyteorder("="))
    return _straight(kept) if extra and extra[0] == PREMULTIPLIED else kept


def _pixels_of(page: Any, path: Path) -> NDArray[Any]:
    if page.compression == LZW:
        return _read_lzw(page, path)
    try:
        return np.asarray(page.asarray())
    except (ValueError, ImportError) as error:
        if "imagecodecs" not in str(error):
            raise
        raise FileError(
            f"{path} is a TIFF compressed with {page.compression.name}, which is not read at "
            "this depth; save it with Deflate, LZW or no compression."
        ) from None


def _read_lzw(page: Any, path: Path) -> NDArray[Any]:
    """Decode strips by hand: tifffile leaves LZW to a library that is not among our needs."""
    from tinct.imagefile_kernels import decode_lzw

    if page.is_tiled or page.predictor not in (1, DIFFERENCES) or page.planarconfig == 2:
        raise FileError(
            f"{path} is an LZW-compressed TIFF in tiles, planes or float differences; save it "
            "with Deflate or no compression."
        )
    stored = page.dtype.newbyteorder(page.parent.byteorder)
    pixels = np.empty((page.imagelength, page.imagewidth, page.samplesperpixel), page.dtype)
    handle = page.parent.filehandle
    for index, (offset, count) in enumerate(
        zip(page.dataoffsets, page.databytecounts, strict=True)
    ):
        strip = pixels[index * page.rowsperstrip : (index + 1) * page.rowsperstrip]
        handle.seek(offset)
        unpacked = np.empty(strip.nbytes, np.uint8)
        packed = np.frombuffer(handle.read(count), np.uint8)
        if decode_lzw(packed, unpacked) != unpacked.size:
            raise ValueError("too little pixel data")
        numbers = unpacked.view(stored).astype(page.dtype).reshape(strip.shape)
        if page.predictor == DIFFERENCES:
            np.cumsum(numbers, axis=1, dtype=numbers.dtype, out=numbers)
        strip[...] = numbers
    return pixels


def _straight(pixels: NDArray[Any]) -> NDArray[Any]:
    """Divide colors by alpha."""
    from tinct.pixels import round_to

    alpha = pixels[..., -1:].astype(np.float32)
    white = np.iinfo(pixels.dtype).max if pixels.dtype.kind == "u" else 1
    factor = np.divide(white, alpha, out=np.zeros_like(alpha), where=alpha > 0)
    straight = pixels.copy()
    straight[..., :-1] = round_to(pixels[..., :-1] * factor, pixels.dtype)
    return straight


def write_tiff(path: Path, pixels: NDArray[Any], metadata: Metadata) -> None:
    """Write a TIFF file.

    Parameters
    ----------
    path
        Written over.
    pixels
        Shape (M, N, C), uint8, uint16, float16 or float32: gray, gray and straight alpha, RGB or
        RGBA.
    metadata
        Texts of a PNG are left out.
    """
    import tifffile
    from PIL import Image

    exif = Image.Exif()
    exif.load(metadata.exif or b"")
    extra: list[tuple[Any, ...]] = [
        (tag, 2, 0, str(exif[tag]).encode(), True) for tag in TEXT_TAGS if exif.get(tag, None)
    ]
    if metadata.icc:
        extra.append((ICC_TAG, 7, len(metadata.icc), metadata.icc, True))
    if metadata.xmp:
        extra.append((XMP_TAG, 1, len(metadata.xmp), metadata.xmp, True))
    channels = pixels.shape[2]
    tifffile.imwrite(
        path,
        pixels if channels > 1 else pixels[..., 0],
        photometric="rgb" if channels > 2 else "minisblack",
        planarconfig="contig" if channels > 1 else None,
        extrasamples=["unassalpha"] if channels in (2, 4) else None,
        compression="zlib",
        metadata=None,
        byteorder="<",
        resolution=metadata.dpi,
        resolutionunit="INCH" if metadata.dpi else None,
        extratags=extra,
    )
    folders = {tag: dict(exif.get_ifd(tag)) for tag in (EXIF_IFD, GPS_IFD) if exif.get_ifd(tag)}
    if folders:
        _append_folders(path, folders)


def _append_folders(path: Path, folders: dict[int, dict[int, Any]]) -> None:
    """Add camera data, whose tags tifffile leaves out, by a new first directory at the end."""
    from PIL import TiffImagePlugin

    with path.open("r+b") as file:
        if file.seek(0, 2) >= 1 << 31:
            return  # such a file has wider offsets, which Pillow does not write
        file.seek(4)
        (first,) = struct.unpack("<I", file.read(4))
        file.seek(first)
        (count,) = struct.unpack("<H", file.read(2))
        entries = [file.read(12) for _ in range(count)]
        for tag, values in folders.items():
            directory = TiffImagePlugin.ImageFileDirectory_v2(b"II*\0\0\0\0\0")
            for name, value in values.items():
                directory[name] = value
            offset = _seek_even_end(file)
            file.write(directory.tobytes(offset))
            entries.append(struct.pack("<HHII", tag, 4, 1, offset))
        offset = _seek_even_end(file)
        entries.sort(key=lambda entry: struct.unpack_from("<H", entry))
        file.write(struct.pack("<H", len(entries)) + b"".join(entries) + b"\0" * 4)
        file.seek(4)
        file.write(struct.pack("<I", offset))


def _seek_even_end(file: BinaryIO) -> int:
    """Go to the end, where a directory may begin."""
    end = file.seek(0, 2)
    return end + file.write(b"\0" * (end % 2))
