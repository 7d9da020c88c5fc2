"""Palette files: bytes as the formats describe them, round trips, and damaged ones."""

from __future__ import annotations

import struct
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tinct.declare import Color
from tinct.errors import FileError
from tinct.palettefile import PaletteFile, Swatch, read_palette, write_palette

SUFFIXES = (".gpl", ".kpl", ".ase", ".aco")
PRECISION = {".gpl": 0.5 / 255, ".kpl": 1e-6, ".ase": 1e-6, ".aco": 0.5 / 65535}
PALETTE = PaletteFile(
    "Südsee & <more>",
    (Swatch(Color(1, 0, 0.5), "Rosé"), Swatch(Color(0.2, 0.4, 0.6), ""), Swatch(Color(0, 0, 0))),
)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_what_was_written_is_read_again(tmp_path, suffix):
    path = tmp_path / f"palette{suffix}"
    write_palette(path, PALETTE)
    again = read_palette(path)
    for swatch, expected in zip(again.swatches, PALETTE.swatches, strict=True):
        assert swatch.color == pytest.approx(expected.color, abs=PRECISION[suffix])
        assert swatch.name == expected.name or suffix == ".gpl"
    if suffix in (".gpl", ".kpl"):
        assert again.name == PALETTE.name


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    colors=st.lists(st.tuples(*[st.integers(0, 255)] * 3), min_size=1, max_size=40),
    name=st.text(max_size=12),
)
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_8_bit_colors_survive_whatever_their_names(tmp_path, suffix, colors, name):
    path = tmp_path / f"palette{suffix}"
    name = name.encode("utf-8", "ignore").decode()
    swatches = tuple(Swatch(Color(*(part / 255 for part in color)), name) for color in colors)
    write_palette(path, PaletteFile(name, swatches))
    read = [tuple(round(part * 255) for part in color) for color in read_palette(path).colors]
    assert read == colors


def test_gpl_as_gimp_writes_it(tmp_path):
    path = tmp_path / "a.GPL"
    path.write_text("GIMP Palette\nName: Web\nColumns: 3\n# note\n255   0  0\tRed\n 0 128 255\n")
    palette = read_palette(path)
    assert palette.name == "Web"
    assert palette.colors == (Color(1, 0, 0), Color(0, 128 / 255, 1))
    assert [swatch.name for swatch in palette.swatches] == ["Red", ""]


def test_kpl_with_groups_and_other_models(tmp_path):
    path = tmp_path / "a.kpl"
    entry = '<ColorSetEntry name="{}" id="" bitdepth="U8" spot="false">{}<Position row="0" '
    entry += 'column="0"/></ColorSetEntry>'
    text = (
        '<ColorSet name="Set" columns="8" rows="1" version="2.0">'
        + entry.format("one", '<sRGB r="1" g="0.5" b="0"/>')
        + '<Group name="more" rows="1">'
        + entry.format("two", '<Gray g="0.25" space="x"/>')
        + entry.format("three", '<CMYK c="1" m="0" y="0" k="0.5" space="x"/>')
        + entry.format("four", '<Lab L="53.24" a="80.09" b="67.2" space="x"/>')
        + "</Group></ColorSet>"
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/x-krita-palette")
        archive.writestr("colorset.xml", text)
    colors = read_palette(path).colors
    expected = [(1, 0.5, 0), (0.25, 0.25, 0.25), (0, 0.5, 0.5), (1, 0, 0)]
    for color, truth in zip(colors, expected, strict=True):
        assert color == pytest.approx(truth, abs=2e-3)


def test_kpl_holds_what_krita_looks_for(tmp_path):
    path = tmp_path / "a.kpl"
    write_palette(path, PALETTE)
    with zipfile.ZipFile(path) as archive:
        assert archive.namelist() == ["mimetype", "colorset.xml", "profiles.xml"]
        assert archive.read("mimetype") == b"application/x-krita-palette"
        assert archive.getinfo("mimetype").compress_type == zipfile.ZIP_STORED


def test_ase_with_groups_and_every_model(tmp_path):
    def block(kind, body):
        return struct.pack(">HI", kind, len(body)) + body

    def swatch(model, *values):
        name = "ab\0".encode("utf-16-be")
        numbers = struct.pack(f">{len(values)}fH", *values, 2)
        return block(1, struct.pack(">H", 3) + name + model + numbers)

    blocks = [
        block(0xC001, struct.pack(">H", 2) + "g\0".encode("utf-16-be")),
        swatch(b"RGB ", 0.1, 0.2, 0.3),
        swatch(b"CMYK", 0, 1, 1, 0),
        swatch(b"LAB ", 0.5324, 80.09, 67.2),
        swatch(b"Gray", 0.5),
        block(0xC002, b""),
    ]
    path = tmp_path / "a.ase"
    path.write_bytes(b"ASEF" + struct.pack(">HHI", 1, 0, len(blocks)) + b"".join(blocks))
    palette = read_palette(path)
    expected = [(0.1, 0.2, 0.3), (1, 0, 0), (1, 0, 0), (0.5, 0.5, 0.5)]
    for color, truth in zip(palette.colors, expected, strict=True):
        assert color == pytest.approx(truth, abs=2e-3)
    assert palette.swatches[0].name == "ab"


def test_aco_spaces_and_its_first_version_alone(tmp_path):
    colors = [
        (0, 65535, 0, 32768, 0),
        (1, 21845, 65535, 65535, 0),  # a third round the circle: green
        (2, 65535, 0, 0, 65535),
        (7, 5324, 8009, 6720, 0),
        (8, 5000, 0, 0, 0),
    ]
    body = b"".join(struct.pack(">5H", *color) for color in colors)
    path = tmp_path / "a.aco"
    path.write_bytes(struct.pack(">HH", 1, len(colors)) + body)
    expected = [(1, 0, 0.5), (0, 1, 0), (1, 0, 0)]
    expected[2] = (1, 0, 0)
    read = read_palette(path).colors
    for color, truth in zip(read, [*expected, (1, 0, 0), (0.5, 0.5, 0.5)], strict=True):
        assert color == pytest.approx(truth, abs=2e-3)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.txt", b"", "no palette tinct knows"),
        ("a.gpl", b"JASC-PAL", "first line"),
        ("a.gpl", b"GIMP Palette\n1 2\n", "line 2"),
        ("a.gpl", b"GIMP Palette\n1 2 256\n", "line 2"),
        ("a.gpl", b"GIMP Palette\nName: none\n", "no color"),
        ("a.kpl", b"PK not a zip", "no zip archive"),
        ("a.ase", b"ASE", "ASEF"),
        ("a.ase", b"ASEF\0\1\0\0\0\0\0\5", "cut off"),
        ("a.aco", b"\0", "cut off"),
        ("a.aco", b"\0\7\0\1", "version 7"),
        ("a.aco", b"\0\1\0\1\0\1", "cut off"),
        ("a.aco", b"\0\1\0\1" + struct.pack(">5H", 9, 0, 0, 0, 0), "space 9"),
        ("a.ase", b"ASEF" + struct.pack(">HHIHI", 1, 0, 1, 1, 999), "cut off"),
    ],
)
def test_damaged_files_are_refused_in_one_sentence(tmp_path, name, content, words):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(FileError, match=rf"{words}.*\.$"):
        read_palette(path)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("<ColorSet", "damaged"),
        ('<!DOCTYPE a [<!ENTITY b "c">]><ColorSet/>', "entities"),
        ("<ColorSet><ColorSetEntry><XYZ x='1'/></ColorSetEntry></ColorSet>", "in XYZ"),
        ("<ColorSet><ColorSetEntry><RGB r='1'/></ColorSetEntry></ColorSet>", "lacks a number"),
        ("<ColorSet><ColorSetEntry><Gray g='nan'/></ColorSetEntry></ColorSet>", "not a number"),
    ],
)
def test_damaged_krita_palettes_are_refused(tmp_path, text, words):
    path = tmp_path / "a.kpl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("colorset.xml", text)
    with pytest.raises(FileError, match=words):
        read_palette(path)


def test_places_that_cannot_be_read_or_written_are_named(tmp_path):
    with pytest.raises(FileError, match="cannot be opened"):
        read_palette(tmp_path / "missing.gpl")
    with pytest.raises(FileError, match="cannot be written"):
        write_palette(tmp_path / "missing" / "a.gpl", PALETTE)
    with pytest.raises(FileError, match="no ending"):
        write_palette(tmp_path / "a.png", PALETTE)
