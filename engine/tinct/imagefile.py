"""Pictures and what travels with them, from and to PNG, TIFF, JPEG, WebP and BMP files."""

from __future__ import annotations

import dataclasses
import os
import struct
import tempfile
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tinct import pixels
from tinct.errors import FileError
from tinct.imagefile_metadata import (
    ORIENTATION_TAG,
    Metadata,
    is_linear_profile,
    png_chunks,
    read_metadata,
)
from tinct.pixels import Picture

if TYPE_CHECKING:
    from PIL import Image

__all__ = ["FORMATS", "ImageFile", "Metadata", "check_format", "read_image", "write_image"]

MAX_PIXELS = 1 << 28
LAYOUTS = {1: "gray", 2: "graya", 3: "rgb", 4: "rgba"}
PILLOW_MODES = {"gray": "L", "graya": "LA", "rgb": "RGB", "rgba": "RGBA"}


@dataclasses.dataclass(frozen=True)
class Format:
    """What a kind of file can hold."""

    name: str
    dtypes: tuple[str, ...]
    alpha: bool
    max_side: int = (1 << 31) - 1


_PNG = Format("PNG", ("uint8", "uint16"), True)
_TIFF = Format("TIFF", ("uint8", "uint16", "float16", "float32"), True)
_JPEG = Format("JPEG", ("uint8",), False, 65535)
_WEBP = Format("WebP", ("uint8",), True, 16383)
_BMP = Format("BMP", ("uint8",), False)
FORMATS = {
    ".png": _PNG,
    ".tif": _TIFF,
    ".tiff": _TIFF,
    ".jpg": _JPEG,
    ".jpeg": _JPEG,
    ".webp": _WEBP,
    ".bmp": _BMP,
}
ALLOWED = "PNG, TIFF, JPEG, WebP or BMP (.png, .tif, .tiff, .jpg, .jpeg, .webp, .bmp)"


@dataclasses.dataclass(frozen=True)
class ImageFile:
    """What a file held: the picture upright, what travels with it, and sentences of warning."""

    picture: Picture
    metadata: Metadata
    warnings: tuple[str, ...] = ()


def read_image(path: Path | str) -> ImageFile:
    """Read a picture.

    Parameters
    ----------
    path
        A PNG, TIFF, JPEG, WebP or BMP file; its content says which, not its name.

    Returns
    -------
    ImageFile
        16 bits and floats stay what they are. A palette, one bit and CMYK become 8-bit RGB or
        gray. The orientation a camera noted is applied. Of several frames the first is taken,
        with a warning. Floats with a linear profile are linear light.

    Raises
    ------
    FileError
        When there is no such file, it cannot be opened, is no such picture, is damaged, or has
        more than 268 million pixels.
    """
    path = Path(path)
    _check_readable(path)
    try:
        # decoders warn about oddities that do not concern the picture
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _read(path)
    except FileError:
        raise
    except MemoryError:
        raise FileError(f"{path} does not fit into memory; make it smaller first.") from None
    except Exception as error:  # a decoder raises anything when it meets a damaged file
        raise FileError(
            f"{path} is damaged or cut short; export it again from where it comes from."
        ) from error


def _check_readable(path: Path) -> None:
    if path.is_dir():
        raise FileError(f"{path} is a folder; name a picture file.")
    try:
        with path.open("rb") as file:
            empty = not file.read(1)
    except FileNotFoundError:
        raise FileError(f"{path} does not exist; check the path.") from None
    except PermissionError:
        raise FileError(f"{path} may not be read; change its permissions.") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not a path"
        raise FileError(f"{path} cannot be read: {reason}.") from None
    if empty:
        raise FileError(f"{path} is empty; export it again from where it comes from.")


def _read(path: Path) -> ImageFile:
    with path.open("rb") as file:
        head = file.read(25)
    if head[:8] == b"\x89PNG\r\n\x1a\n" and len(head) == 25 and head[24] == 16:
        return _read_png16(path, head)
    if head[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"):
        from tinct.imagefile_tiff import count_deep_pages, read_deep_tiff

        pages = count_deep_pages(path)
        if pages:
            stored = read_deep_tiff(path, MAX_PIXELS)
            return _finish(stored, read_metadata(path, None), _frames_warning(path, pages))
    return _read_with_pillow(path)


def _read_png16(path: Path, head: bytes) -> ImageFile:
    from tinct.imagefile_png import read_png16

    columns, rows = struct.unpack(">II", head[16:24])
    _check_pixels(path, columns, rows)
    with _open(path) as image:
        metadata = read_metadata(path, image)
    return _finish(read_png16(path), metadata)


def _open(path: Path) -> Image.Image:
    from PIL import Image, UnidentifiedImageError

    # our own limit is checked before pixels are decoded, and is higher than Pillow's
    before, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
    try:
        return Image.open(path, formats=["PNG", "TIFF", "JPEG", "WEBP", "BMP"])
    except UnidentifiedImageError:
        raise FileError(f"{path} is not a picture tinct reads; give {ALLOWED}.") from None
    finally:
        Image.MAX_IMAGE_PIXELS = before


def _check_pixels(path: Path, columns: int, rows: int) -> None:
    if columns * rows > MAX_PIXELS:
        raise FileError(
            f"{path} has {columns} x {rows} pixels; at most {MAX_PIXELS // 10**6} million are read."
        )


def _read_with_pillow(path: Path) -> ImageFile:
    with _open(path) as image:
        _check_pixels(path, *image.size)
        said: tuple[str, ...] = ()
        # an MPO is a photograph with further views, which nobody expects to be processed
        frames = getattr(image, "n_frames", 1)
        if frames > 1 and image.format != "MPO":
            said = _frames_warning(path, frames)
        image.load()
        metadata = read_metadata(path, image)
        # Pillow turns a TIFF upright itself when it loads it, and nothing else
        turned = image.format == "TIFF" and ORIENTATION_TAG not in image.getexif()
        stored, metadata = _to_array(image, metadata)
    return _finish(stored, metadata, said, turned)


def _frames_warning(path: Path, frames: int) -> tuple[str, ...]:
    sentence = f"{path} has {frames} frames or pages; the first one is used."
    return (sentence,) if frames > 1 else ()


def _to_array(image: Image.Image, metadata: Metadata) -> tuple[NDArray[Any], Metadata]:
    if image.mode in ("CMYK", "LAB"):
        image = _to_srgb(image, metadata.icc)
        metadata = dataclasses.replace(metadata, icc=None)
    elif image.mode.startswith("I"):
        stored = np.asarray(image)
        if image.mode == "I" and stored.size and not 0 <= stored.min() <= stored.max() <= 0xFFFF:
            raise FileError("The picture has whole numbers beyond 16 bits; save it with 16 bits.")
        return stored.astype(np.uint16), metadata
    elif image.mode == "F":
        return np.asarray(image, np.float32), metadata
    has_key = "transparency" in image.info
    wanted = {"1": "L", "L": "L", "LA": "LA", "La": "LA", "RGB": "RGB", "RGBA": "RGBA"}
    mode = wanted.get(image.mode, "RGBA" if "A" in image.mode or "a" in image.mode else "RGB")
    if has_key and mode in ("L", "RGB"):
        mode += "A"
    return np.asarray(image if image.mode == mode else image.convert(mode)), metadata


def _to_srgb(image: Image.Image, icc: bytes | None) -> Image.Image:
    """Convert ink or Lab to RGB: by its profile where it has a good one."""
    import io

    from PIL import ImageCms

    try:
        profile = None
        if image.mode == "LAB":
            profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
        elif icc:
            profile = ImageCms.ImageCmsProfile(io.BytesIO(icc))
        if profile is not None:
            converted = ImageCms.profileToProfile(
                image, profile, ImageCms.createProfile("sRGB"), outputMode="RGB"
            )
            return converted if converted is not None else image.convert("RGB")
    except (ImageCms.PyCMSError, OSError):
        pass  # a broken profile leaves the plain conversion
    return image.convert("RGB")


def _finish(
    stored: NDArray[Any], metadata: Metadata, said: tuple[str, ...] = (), turned: bool = False
) -> ImageFile:
    stored = stored if stored.ndim == 3 else stored[..., np.newaxis]
    if 0 in stored.shape:
        raise ValueError("no pixels")
    upright = stored if turned else _turn(stored, metadata.orientation)
    linear = stored.dtype.kind == "f" and is_linear_profile(metadata.icc)
    picture = Picture(
        np.ascontiguousarray(upright), LAYOUTS[stored.shape[2]], "linear" if linear else "srgb"
    )
    return ImageFile(picture, metadata.upright(), said)


def _turn(stored: NDArray[Any], orientation: int) -> NDArray[Any]:
    """Apply an Exif orientation, 1 to 8; others say nothing."""
    if orientation in (5, 6, 7, 8):
        stored = stored.swapaxes(0, 1)
    if orientation in (2, 3, 6, 7):
        stored = stored[:, ::-1]
    if orientation in (3, 4, 7, 8):
        stored = stored[::-1]
    return stored


def check_format(path: Path | str, dtype: str | None = None, layout: str | None = None) -> None:
    """Say before the work whether a file of this name can hold such a picture.

    Parameters
    ----------
    path
        Its ending names the format.
    dtype, layout
        Of the picture; None when not known yet.

    Raises
    ------
    FileError
        When the ending is unknown, the folder is missing or the format cannot hold it.
    """
    path = Path(path)
    if path.is_dir():
        raise FileError(f"{path} is a folder; name a picture file.")
    kind = FORMATS.get(path.suffix.lower())
    if kind is None:
        raise FileError(f"{path} names no format tinct writes; end it in {ALLOWED}.")
    if not path.absolute().parent.is_dir():
        raise FileError(f"{path.absolute().parent} does not exist; create this folder first.")
    if dtype is not None and dtype not in kind.dtypes:
        able = "PNG (.png) or TIFF (.tif)" if dtype == "uint16" else "TIFF (.tif)"
        depth = "16 bits per channel" if dtype == "uint16" else "float values"
        raise FileError(f"{path}: {kind.name} cannot hold {depth}; write {able}.")
    if layout is not None and pixels.has_alpha(layout) and not kind.alpha:
        raise FileError(
            f"{path}: {kind.name} cannot hold transparency; write PNG (.png), TIFF (.tif) or "
            "WebP (.webp)."
        )


def write_image(path: Path | str, picture: Picture, metadata: Metadata | None = None) -> None:
    """Write a picture; the file is whole or not there.

    Parameters
    ----------
    path
        Its ending names the format. A file that is there is replaced in one step.
    picture
        A mask is written as gray.
    metadata
        What the format can hold of it; a profile for another color model is left out.

    Raises
    ------
    FileError
        When the format cannot hold the picture, or the file cannot be written.
    """
    path = Path(path)
    check_format(path, picture.pixels.dtype.name, picture.layout)
    kind = FORMATS[path.suffix.lower()]
    rows, columns = picture.size
    if not 0 < min(rows, columns) <= max(rows, columns) <= kind.max_side:
        raise FileError(
            f"{path}: {kind.name} holds 1 to {kind.max_side} pixels a side, not {columns} x {rows}."
        )
    plain = {"bgra": "rgba", "mask": "gray"}.get(picture.layout, picture.layout)
    picture = pixels.to_layout(picture, plain)
    metadata = (metadata or Metadata()).fitting(plain)
    target = Path(os.path.realpath(path))  # a link stays a link
    partial: Path | None = None
    try:
        handle, name = tempfile.mkstemp(".tmp", f".{target.name[:40]}.", target.parent)
        partial = Path(name)
        os.close(handle)
        _encode(partial, kind, picture, metadata)
        partial.chmod(_mode_for(target))
        partial.replace(target)
    except PermissionError:
        raise FileError(f"{path} may not be written; choose another folder.") from None
    except OSError as error:
        raise FileError(f"{path} cannot be written: {error.strerror or error}.") from error
    finally:
        if partial is not None:
            partial.unlink(missing_ok=True)


def _mode_for(target: Path) -> int:
    """Return the permissions of a file that is there, or of a new one."""
    if target.exists():
        return target.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def _encode(path: Path, kind: Format, picture: Picture, metadata: Metadata) -> None:
    stored = np.ascontiguousarray(picture.pixels)
    if kind is _TIFF:
        from tinct.imagefile_tiff import write_tiff

        write_tiff(path, stored, metadata)
    elif stored.dtype == np.uint16:
        from tinct.imagefile_png import write_png16

        with path.open("wb") as file:
            write_png16(file, stored, png_chunks(metadata))
    else:
        from PIL import Image

        rows, columns = picture.size
        image = Image.frombytes(PILLOW_MODES[picture.layout], (columns, rows), stored.tobytes())
        image.save(path, format=kind.name.upper(), **_options(kind, metadata))


def _options(kind: Format, metadata: Metadata) -> dict[str, Any]:
    """Return what Pillow's writer of this format takes."""
    options: dict[str, Any] = {"dpi": metadata.dpi}
    if kind is not _BMP:
        options |= {"icc_profile": metadata.icc, "exif": metadata.exif}
    if kind is _PNG:
        options |= {"pnginfo": metadata.png_info(), "compress_level": 4}
    elif kind is _JPEG:
        # color at full resolution: it is what was computed
        options |= {"quality": 95, "subsampling": 0, "xmp": metadata.xmp}
    elif kind is _WEBP:
        options |= {"lossless": True, "exact": True, "quality": 60, "xmp": metadata.xmp}
    return {name: value for name, value in options.items() if value is not None}
