"""What travels with a picture: color profile, Exif, XMP, resolution and texts."""

from __future__ import annotations

import dataclasses
import io
import re
import struct
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PIL import Image, PngImagePlugin

__all__ = ["Metadata", "is_linear_profile", "png_chunks", "read_metadata"]

ORIENTATION_TAG = 0x0112
EXIF_IFD, GPS_IFD = 0x8769, 0x8825
# what a TIFF's first directory says about the picture rather than about its strips
TEXT_TAGS = (270, 271, 272, 306, 315, 33432)
ICC_TAG, XMP_TAG, RESOLUTION_TAGS, UNIT_TAG = 34675, 700, (282, 283), 296
PNG_XMP = "XML:com.adobe.xmp"
XMP_ORIENTATION = re.compile(rb"""(tiff:Orientation(?:=["']|>))\d""")


@dataclasses.dataclass(frozen=True)
class Metadata:
    """What travels with a picture.

    Parameters
    ----------
    icc
        Color profile.
    exif
        Exif block, from its TIFF header or with "Exif" before it.
    xmp
        XMP packet.
    dpi
        Pixels per inch across and down.
    texts
        Texts of a PNG file by keyword.
    orientation
        As the camera noted it, 1 to 8; 1 is upright.
    """

    icc: bytes | None = None
    exif: bytes | None = None
    xmp: bytes | None = None
    dpi: tuple[float, float] | None = None
    texts: dict[str, str] = dataclasses.field(default_factory=dict)
    orientation: int = 1

    def upright(self) -> Metadata:
        """Return it for the picture turned upright."""
        if self.orientation == 1:
            return self
        from PIL import Image

        exif = Image.Exif()
        exif.load(self.exif or b"")
        exif.pop(ORIENTATION_TAG, None)
        dpi = self.dpi[::-1] if self.dpi and self.orientation > 4 else self.dpi
        return dataclasses.replace(
            self,
            exif=exif.tobytes() if len(exif) else None,
            xmp=self.xmp and XMP_ORIENTATION.sub(rb"\g<1>1", self.xmp),
            dpi=dpi,
            orientation=1,
        )

    def fitting(self, layout: str) -> Metadata:
        """Return it without a profile made for another color model than the layout's."""
        model = b"GRAY" if layout in ("gray", "graya") else b"RGB "
        if self.icc is not None and self.icc[16:20] != model:
            return dataclasses.replace(self, icc=None)
        return self

    def png_info(self) -> PngImagePlugin.PngInfo:
        """Return texts and XMP as Pillow's PNG writer takes them."""
        from PIL import PngImagePlugin

        info = PngImagePlugin.PngInfo()
        for keyword, text in self.texts.items():
            info.add_itxt(keyword, text)
        if self.xmp:
            info.add_itxt(PNG_XMP, self.xmp.decode("utf-8", "replace"))
        return info


def read_metadata(path: Path, image: Image.Image | None) -> Metadata:
    """Read what travels with a picture.

    Parameters
    ----------
    path
        The file.
    image
        As Pillow opened it, or None for a TIFF file that Pillow cannot open.
    """
    from PIL import Image

    if image is None or image.format == "TIFF":
        with path.open("rb") as file:
            tags = Image.Exif()
            tags.load_from_fp(file)
            return _of_tiff(tags)
    texts = {
        str(keyword): str(text)
        for keyword, text in image.info.items()
        if image.format == "PNG" and isinstance(text, str) and keyword != PNG_XMP
    }
    xmp = image.info.get("xmp") or image.info.get(PNG_XMP)
    exif = image.getexif() if image.info.get("exif") else None
    return Metadata(
        icc=image.info.get("icc_profile"),
        exif=image.info.get("exif"),
        xmp=xmp.encode() if isinstance(xmp, str) else xmp,
        dpi=_positive(image.info.get("dpi")),
        texts=texts,
        orientation=_orientation(exif),
    )


def _of_tiff(tags: Image.Exif) -> Metadata:
    from PIL import Image

    kept = Image.Exif()
    for tag in (*TEXT_TAGS, EXIF_IFD, GPS_IFD):
        if tag in tags:
            kept[tag] = tags.get_ifd(tag) if tag in (EXIF_IFD, GPS_IFD) else tags[tag]
    xmp = tags.get(XMP_TAG)
    # the block written from these has no orientation, so the pixels alone are turned
    return Metadata(
        icc=_bytes(tags.get(ICC_TAG)),
        exif=kept.tobytes() if len(kept) else None,
        xmp=xmp.encode() if isinstance(xmp, str) else _bytes(xmp),
        dpi=_tiff_dpi(tags),
        orientation=_orientation(tags),
    )


def _orientation(tags: Image.Exif | None) -> int:
    value = tags.get(ORIENTATION_TAG) if tags is not None else None
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def _tiff_dpi(tags: Image.Exif) -> tuple[float, float] | None:
    per_inch = {2: 1.0, 3: 2.54}.get(tags.get(UNIT_TAG, 2))
    found = [tags.get(tag) for tag in RESOLUTION_TAGS]
    if per_inch is None or None in found:
        return None
    return _positive(tuple(float(value or 0) * per_inch for value in found))


def _positive(dpi: Any) -> tuple[float, float] | None:
    if not isinstance(dpi, tuple) or len(dpi) != 2:
        return None
    across, down = float(dpi[0]), float(dpi[1])
    return (across, down) if 1 < across < 1e6 and 1 < down < 1e6 else None


def _bytes(value: object) -> bytes | None:
    if isinstance(value, tuple):
        value = bytes(value)
    return value if isinstance(value, bytes) and value else None


def png_chunks(metadata: Metadata) -> list[tuple[bytes, bytes]]:
    """Return the chunks that hold metadata, as Pillow writes them for a picture of one pixel."""
    from PIL import Image

    from tinct.imagefile_png import chunks

    file = io.BytesIO()
    model = "L" if metadata.icc and metadata.icc[16:20] == b"GRAY" else "RGB"
    options: dict[str, Any] = {"pnginfo": metadata.png_info(), "exif": metadata.exif or b""}
    if metadata.icc:
        options["icc_profile"] = metadata.icc
    if metadata.dpi:
        options["dpi"] = metadata.dpi
    Image.new(model, (1, 1)).save(file, "PNG", **options)
    pixels = (b"IHDR", b"IDAT", b"IEND")
    return [chunk for chunk in chunks(file.getvalue()) if chunk[0] not in pixels]


def is_linear_profile(icc: bytes | None) -> bool:
    """Say whether a profile's first tone curve is a straight line.

    Parameters
    ----------
    icc
        An ICC profile (ICC.1:2022); a broken one counts as not linear.
    """
    if icc is None:
        return False
    try:
        (count,) = struct.unpack_from(">I", icc, 128)
        for index in range(min(count, 100)):
            name, offset, _ = struct.unpack_from(">4sII", icc, 132 + 12 * index)
            if name in (b"rTRC", b"kTRC"):
                return _is_straight(icc, offset)
    except struct.error:
        return False
    return False


def _is_straight(icc: bytes, offset: int) -> bool:
    kind = icc[offset : offset + 4]
    if kind == b"curv":
        (points,) = struct.unpack_from(">I", icc, offset + 8)
        if points == 1:
            return bool(struct.unpack_from(">H", icc, offset + 12) == (256,))  # gamma 1 in u8.8
        return bool(points == 0)
    if kind == b"para":
        function, _, gamma = struct.unpack_from(">HHi", icc, offset + 8)
        return bool(function == 0 and gamma == 1 << 16)
    return False
