"""Read and write palettes: GIMP ``.gpl``, Krita ``.kpl``, Adobe ``.ase`` and ``.aco``."""

from __future__ import annotations

import dataclasses
import io
import re
import struct
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from xml.etree import ElementTree

import numpy as np

from tinct import color
from tinct.declare import Color
from tinct.errors import FileError

__all__ = ["PATTERNS", "PaletteFile", "Swatch", "read_palette", "write_palette"]

FILE_MAXIMUM = 16 << 20  # bytes; real palettes have a few thousand
PATTERNS = ("*.gpl", "*.kpl", "*.ase", "*.aco")
ALLOWED = "a palette in .gpl, .kpl, .ase or .aco"
KRITA_COLUMNS = 16
SRGB_IN_KRITA = "sRGB-elle-V2-srgbtrc.icc"


@dataclasses.dataclass(frozen=True)
class Swatch:
    """A color and its name, which may be empty."""

    color: Color
    name: str = ""


@dataclasses.dataclass(frozen=True)
class PaletteFile:
    """What a palette file holds.

    Parameters
    ----------
    name
        May be empty; ``.ase`` and ``.aco`` keep none.
    swatches
        At least one, in the file's order, groups one after the other.
    """

    name: str
    swatches: tuple[Swatch, ...]

    @property
    def colors(self) -> tuple[Color, ...]:
        """The colors alone."""
        return tuple(swatch.color for swatch in self.swatches)


class _Malformed(Exception):
    """Says in a few words what is wrong inside a file."""


def read_palette(path: Path) -> PaletteFile:
    """Read a palette; the file's ending tells its kind.

    Parameters
    ----------
    path
        Ends in one of `PATTERNS`. Colors of CMYK, CIELAB, HSB and gray become sRGB; CMYK without
        a profile, by the plain formula.

    Raises
    ------
    FileError
        When the file cannot be read, is of another kind, is malformed or holds no color.
    """
    read = _READERS.get(path.suffix.lower())
    if read is None:
        raise FileError(f"'{path.name}' is no palette tinct knows; choose {ALLOWED}.")
    try:
        with path.open("rb") as file:
            content = file.read(FILE_MAXIMUM + 1)
    except OSError as error:
        reason = error.strerror or "it cannot be read"
        raise FileError(f"'{path}' cannot be opened: {reason}; choose {ALLOWED}.") from error
    try:
        if len(content) > FILE_MAXIMUM:
            raise _Malformed("it is larger than 16 MB")
        palette = read(content)
        if not palette.swatches:
            raise _Malformed("it holds no color")
    except (_Malformed, struct.error, UnicodeDecodeError, ElementTree.ParseError) as error:
        reason = str(error) if isinstance(error, _Malformed) else "it is cut off or damaged"
        raise FileError(
            f"'{path.name}' is not a {path.suffix.lower()} palette: {reason}; "
            "save it again from the program it comes from."
        ) from error
    return palette


def write_palette(path: Path, palette: PaletteFile) -> None:
    """Write a palette; the file's ending tells its kind.

    Parameters
    ----------
    path
        Ends in one of `PATTERNS`; an existing file is replaced. ``.gpl`` rounds to 8 bits,
        ``.aco`` to 16.
    palette
        Colors are clipped to 0 to 1.

    Raises
    ------
    FileError
        When the kind is unknown or the file cannot be written.
    """
    write = _WRITERS.get(path.suffix.lower())
    if write is None:
        raise FileError(f"'{path.name}' has no ending tinct writes; name {ALLOWED}.")
    try:
        path.write_bytes(write(palette))
    except OSError as error:
        reason = error.strerror or "it cannot be written"
        raise FileError(f"'{path}' cannot be written: {reason}; choose another place.") from error


def _color(red: float, green: float, blue: float) -> Color:
    parts = (red, green, blue)
    if not all(np.isfinite(parts)):
        raise _Malformed("a color is not a number")
    return Color(*(min(max(float(part), 0.0), 1.0) for part in parts))


def _from_lab(lightness: float, a: float, b: float) -> Color:
    if not np.isfinite((lightness, a, b)).all():
        raise _Malformed("a color is not a number")
    return _color(*color.lab_to_srgb(np.array([lightness, a, b], np.float64)).tolist())


def _from_cmyk(cyan: float, magenta: float, yellow: float, key: float) -> Color:
    return _color(*((1 - ink) * (1 - key) for ink in (cyan, magenta, yellow)))


def _from_hsb(hue: float, saturation: float, brightness: float) -> Color:
    """Convert HSB, all 0 to 1."""
    parts = []
    for shift in (5, 3, 1):
        k = (shift + hue * 6) % 6
        parts.append(brightness * (1 - saturation * max(0.0, min(k, 4 - k, 1.0))))
    return _color(*parts)


def _read_gpl(content: bytes) -> PaletteFile:
    lines = content.decode("utf-8", "replace").splitlines()
    if not lines or not lines[0].startswith("GIMP Palette"):
        raise _Malformed("its first line is not 'GIMP Palette'")
    name = ""
    swatches = []
    for number, line in enumerate(lines[1:], 2):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        if text.startswith("Name:"):
            name = text[5:].strip()
        elif not re.match(r"[A-Za-z]\w*:", text):
            found = re.fullmatch(r"(\d+)\s+(\d+)\s+(\d+)(?:\s+(.*))?", text)
            if not found or any(int(part) > 0xFF for part in found.groups()[:3]):
                raise _Malformed(f"line {number} is not three numbers of 0 to 255")
            parts = [int(part) / 0xFF for part in found.groups()[:3]]
            swatches.append(Swatch(_color(*parts), found.group(4) or ""))
    return PaletteFile(name, tuple(swatches))


def _write_gpl(palette: PaletteFile) -> bytes:
    lines = ["GIMP Palette", f"Name: {_line(palette.name) or 'Palette'}", "Columns: 0", "#"]
    for swatch in palette.swatches:
        parts = " ".join(f"{round(part * 0xFF):3d}" for part in _color(*swatch.color))
        lines.append(f"{parts}\t{_line(swatch.name) or 'Untitled'}")
    return ("\n".join(lines) + "\n").encode()


def _line(text: str) -> str:
    return " ".join(text.split())


def _read_kpl(content: bytes) -> PaletteFile:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if archive.getinfo("colorset.xml").file_size > FILE_MAXIMUM:
                raise _Malformed("it unpacks to more than 16 MB")
            text = archive.read("colorset.xml")
    except (zipfile.BadZipFile, KeyError, NotImplementedError, RuntimeError) as error:
        raise _Malformed("it is no zip archive with a colorset.xml") from error
    if b"<!ENTITY" in text:
        raise _Malformed("its XML defines entities")
    root = ElementTree.fromstring(text)
    swatches = []
    for entry in root.iter("ColorSetEntry"):
        values = next((child for child in entry if child.tag != "Position"), None)
        if values is not None:
            name = (entry.get("name") or "").rstrip("\0")
            swatches.append(Swatch(_kpl_color(values), name))
    return PaletteFile(root.get("name") or "", tuple(swatches))


def _kpl_color(values: ElementTree.Element) -> Color:
    keys = {"RGB": "rgb", "sRGB": "rgb", "Gray": "g", "CMYK": "cmyk", "Lab": "Lab"}.get(values.tag)
    if keys is None:
        raise _Malformed(f"it has a color in {values.tag}, which is none of RGB, Gray, CMYK, Lab")
    try:
        parts = [float(values.attrib[key]) for key in keys]
    except (KeyError, ValueError):
        raise _Malformed(f"a color in {values.tag} lacks a number") from None
    if keys == "g":
        return _color(parts[0], parts[0], parts[0])
    if keys == "cmyk":
        return _from_cmyk(*parts)
    if keys == "Lab":
        return _from_lab(*parts)
    return _color(*parts)


def _write_kpl(palette: PaletteFile) -> bytes:
    rows = max(1, -(-len(palette.swatches) // KRITA_COLUMNS))
    root = ElementTree.Element(
        "ColorSet",
        name=_printable(palette.name) or "Palette",
        comment="",
        columns=str(KRITA_COLUMNS),
        rows=str(rows),
        readonly="false",
        version="2.0",
    )
    for index, swatch in enumerate(palette.swatches):
        name = _printable(swatch.name)
        entry = ElementTree.SubElement(
            root, "ColorSetEntry", name=name, id=str(index), spot="false", bitdepth="F32"
        )
        parts = dict(zip("rgb", (f"{part:.9g}" for part in _color(*swatch.color)), strict=True))
        # Krita reads the first child as the color, so it stands before the position
        ElementTree.SubElement(entry, "RGB", {**parts, "space": SRGB_IN_KRITA})
        row, column = divmod(index, KRITA_COLUMNS)
        ElementTree.SubElement(entry, "Position", row=str(row), column=str(column))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        texts = {
            "mimetype": b"application/x-krita-palette",
            "colorset.xml": ElementTree.tostring(root, "utf-8", xml_declaration=True),
            "profiles.xml": b"<Profiles/>\n",
        }
        for name, text in texts.items():
            # a fixed date: the same palette gives the same bytes
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), text)
    return buffer.getvalue()


def _printable(text: str) -> str:
    """Leave out what XML cannot hold."""
    return "".join(letter for letter in text if letter.isprintable())


def _read_ase(content: bytes) -> PaletteFile:
    if content[:4] != b"ASEF":
        raise _Malformed("it does not begin with ASEF")
    blocks = struct.unpack_from(">I", content, 8)[0]
    swatches = []
    start = 12
    for _ in range(blocks):
        kind, length = struct.unpack_from(">HI", content, start)
        start += 6
        if start + length > len(content):
            raise _Malformed("it is cut off or damaged")
        if kind == 1:
            swatches.append(_ase_swatch(content[start : start + length]))
        start += length
    return PaletteFile("", tuple(swatches))


def _ase_swatch(block: bytes) -> Swatch:
    units = struct.unpack_from(">H", block)[0]
    after = 2 + 2 * units
    name = block[2:after].decode("utf-16-be").rstrip("\0")
    model = block[after : after + 4]
    models: dict[bytes, tuple[int, Callable[..., Color]]] = {
        b"RGB ": (3, _color),
        b"CMYK": (4, _from_cmyk),
        b"LAB ": (3, lambda lightness, a, b: _from_lab(100 * lightness, a, b)),
        b"Gray": (1, lambda gray: _color(gray, gray, gray)),
    }
    if model not in models:
        raise _Malformed("it has a color that is none of RGB, CMYK, LAB, Gray")
    count, convert = models[model]
    return Swatch(convert(*struct.unpack_from(f">{count}f", block, after + 4)), name)


def _write_ase(palette: PaletteFile) -> bytes:
    blocks = []
    for swatch in palette.swatches:
        name = (swatch.name + "\0").encode("utf-16-be")
        block = struct.pack(">H", len(name) // 2) + name
        block += b"RGB " + struct.pack(">3fH", *_color(*swatch.color), 0)
        blocks.append(struct.pack(">HI", 1, len(block)) + block)
    return b"ASEF" + struct.pack(">HHI", 1, 0, len(blocks)) + b"".join(blocks)


def _read_aco(content: bytes) -> PaletteFile:
    version, count = struct.unpack_from(">HH", content)
    if version not in (1, 2):
        raise _Malformed(f"it has version {version}, not 1 or 2")
    second = 4 + 10 * count
    if version == 1 and len(content) >= second + 4:
        # the same colors follow with names
        if struct.unpack_from(">H", content, second)[0] != 2:
            raise _Malformed("what follows its first part is not version 2")
        named = list(_aco_swatches(content, second, named=True))
        return PaletteFile("", tuple(named))
    return PaletteFile("", tuple(_aco_swatches(content, 0, named=version == 2)))


def _aco_swatches(content: bytes, start: int, *, named: bool) -> Iterator[Swatch]:
    count = struct.unpack_from(">H", content, start + 2)[0]
    start += 4
    for _ in range(count):
        space, *parts = struct.unpack_from(">5H", content, start)
        start += 10
        name = ""
        if named:
            units = struct.unpack_from(">I", content, start)[0]
            stop = start + 4 + 2 * units
            if stop > len(content):
                raise _Malformed("it is cut off or damaged")
            name = content[start + 4 : stop].decode("utf-16-be").rstrip("\0")
            start = stop
        yield Swatch(_aco_color(space, parts), name)


def _aco_color(space: int, parts: Sequence[int]) -> Color:
    full = [part / 0xFFFF for part in parts]
    if space == 0:
        return _color(*full[:3])
    if space == 1:
        return _from_hsb(*full[:3])
    if space == 2:
        return _from_cmyk(*(1 - part for part in full))  # stored as the paper that is left
    if space == 7:
        a, b = (part - (1 << 16) if part >= 1 << 15 else part for part in parts[1:3])
        return _from_lab(parts[0] / 100, a / 100, b / 100)
    if space == 8:
        return _color(*[parts[0] / 10000] * 3)
    raise _Malformed(f"it has a color of space {space}, which is none of RGB, HSB, CMYK, Lab, gray")


def _write_aco(palette: PaletteFile) -> bytes:
    first, second = [], []
    for swatch in palette.swatches:
        numbers = struct.pack(
            ">5H", 0, *(round(part * 0xFFFF) for part in _color(*swatch.color)), 0
        )
        name = (swatch.name + "\0").encode("utf-16-be")
        first.append(numbers)
        second.append(numbers + struct.pack(">I", len(name) // 2) + name)
    count = len(first)
    parts = (struct.pack(">HH", 1, count), *first, struct.pack(">HH", 2, count), *second)
    return b"".join(parts)


_READERS = {".gpl": _read_gpl, ".kpl": _read_kpl, ".ase": _read_ase, ".aco": _read_aco}
_WRITERS = {".gpl": _write_gpl, ".kpl": _write_kpl, ".ase": _write_ase, ".aco": _write_aco}
