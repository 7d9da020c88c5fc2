"""Files written here are read by Pillow and tifffile, files written by those are read here."""

from __future__ import annotations

import io
import os
import struct
import zlib

import numpy as np
import pytest
import skimage.data
import tifffile
from PIL import Image, ImageCms, PngImagePlugin

from tinct import imagefile
from tinct.errors import FileError
from tinct.imagefile import Metadata, check_format, read_image, write_image
from tinct.imagefile_metadata import is_linear_profile
from tinct.pixels import Picture

CHANNELS = {"gray": 1, "graya": 2, "rgb": 3, "rgba": 4}
SRGB_PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
GRAY_PROFILE = SRGB_PROFILE[:16] + b"GRAY" + SRGB_PROFILE[20:]
XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-'
    b'syntax-ns#"><rdf:Description xmlns:tiff="http://ns.adobe.com/tiff/1.0/" '
    b'tiff:Orientation="1"/></rdf:RDF></x:xmpmeta>'
)


def make_picture(layout, dtype, size=(23, 17), seed=0):
    random = np.random.default_rng(seed)
    shape = (*size, CHANNELS[layout])
    if np.dtype(dtype).kind == "u":
        stored = random.integers(0, np.iinfo(dtype).max + 1, shape).astype(dtype)
    else:
        stored = random.uniform(-0.5, 2, shape).astype(dtype)
    return Picture(stored, layout)


def exif_block(orientation=None):
    exif = Image.Exif()
    exif[271] = "Kodak"
    exif.get_ifd(0x8769)[33434] = 0.01
    if orientation:
        exif[0x0112] = orientation
    return exif.tobytes()


LOSSLESS = [
    *((".png", layout, dtype) for layout in CHANNELS for dtype in ("uint8", "uint16")),
    *((".tif", layout, dtype) for layout in CHANNELS for dtype in ("uint8", "uint16", "float32")),
    *((".bmp", layout, "uint8") for layout in ("gray", "rgb")),
    *((".webp", layout, "uint8") for layout in ("rgb", "rgba")),
]


@pytest.mark.parametrize(("suffix", "layout", "dtype"), LOSSLESS)
def test_round_trip_is_exact(tmp_path, suffix, layout, dtype):
    picture = make_picture(layout, dtype)
    write_image(tmp_path / f"a{suffix}", picture)
    found = read_image(tmp_path / f"a{suffix}")
    assert found.warnings == ()
    assert (found.picture.layout, found.picture.space) == (layout, "srgb")
    np.testing.assert_array_equal(found.picture.pixels, picture.pixels)
    assert os.listdir(tmp_path) == [f"a{suffix}"]


@pytest.mark.parametrize("suffix", [".jpg", ".jpeg"])
@pytest.mark.parametrize("layout", ["gray", "rgb"])
def test_jpeg_is_close(tmp_path, suffix, layout):
    photo = skimage.data.astronaut()[::2, ::2, : CHANNELS[layout]]
    write_image(tmp_path / f"a{suffix}", Picture(photo, layout))
    found = read_image(tmp_path / f"a{suffix}").picture
    assert found.layout == layout
    assert np.abs(found.pixels.astype(int) - photo).mean() < 2


@pytest.mark.parametrize("layout", list(CHANNELS))
def test_deep_png_is_what_pillow_reads(tmp_path, layout):
    picture = make_picture(layout, "uint16")
    write_image(tmp_path / "a.png", picture)
    with Image.open(tmp_path / "a.png") as image:
        image.load()
        if layout == "gray":
            np.testing.assert_array_equal(np.asarray(image), picture.pixels[..., 0])
        else:
            # Pillow keeps the upper byte only
            wanted = picture.pixels >> 8
            shown = np.asarray(image)[..., : 3 if layout == "rgb" else 4]
            expected = wanted[..., [0, 0, 0, 1]] if layout == "graya" else wanted
            np.testing.assert_array_equal(shown, expected)


@pytest.mark.parametrize("dtype", ["uint16", "float32"])
@pytest.mark.parametrize("layout", list(CHANNELS))
def test_deep_tiff_is_what_tifffile_reads(tmp_path, layout, dtype):
    picture = make_picture(layout, dtype)
    write_image(tmp_path / "a.tiff", picture)
    stored = tifffile.imread(tmp_path / "a.tiff")
    np.testing.assert_array_equal(stored.reshape(picture.pixels.shape), picture.pixels)


def png_of(rows, color_type, filters, interlaced=0, extra=b""):
    """Build a 16-bit PNG with given filter types, by the definition of each filter."""
    height, width, channels = rows.shape
    raw = rows.astype(">u2").reshape(height, -1).view(np.uint8).astype(int)
    step, lines = 2 * channels, b""
    for row in range(height):
        kind, line = filters[row % len(filters)], []
        for column in range(raw.shape[1]):
            left = raw[row, column - step] if column >= step else 0
            above = raw[row - 1, column] if row else 0
            corner = raw[row - 1, column - step] if row and column >= step else 0
            nearest = min(
                (abs(left + above - corner - value), index)
                for index, value in enumerate((left, above, corner))
            )[1]
            guess = (0, left, above, (left + above) // 2, (left, above, corner)[nearest])[kind]
            line.append((raw[row, column] - guess) % 256)
        lines += bytes([kind, *line])

    def chunk(name, content):
        return (
            struct.pack(">I", len(content))
            + name
            + content
            + struct.pack(">I", zlib.crc32(name + content))
        )

    header = struct.pack(">IIBBBBB", width, height, 16, color_type, 0, 0, interlaced)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + extra
        + chunk(b"IDAT", zlib.compress(lines)) + chunk(b"IEND", b"")
    )  # fmt: skip


@pytest.mark.parametrize("filters", [[0], [1], [2], [3], [4], [0, 1, 2, 3, 4], [4, 3, 1]])
@pytest.mark.parametrize("color_type", [0, 2, 4, 6])
def test_every_png_filter_is_undone(tmp_path, filters, color_type):
    layout = {0: "gray", 2: "rgb", 4: "graya", 6: "rgba"}[color_type]
    picture = make_picture(layout, "uint16", (11, 9))
    (tmp_path / "a.png").write_bytes(png_of(picture.pixels, color_type, filters))
    np.testing.assert_array_equal(read_image(tmp_path / "a.png").picture.pixels, picture.pixels)


def test_transparent_color_of_a_deep_png_becomes_alpha(tmp_path):
    stored = np.array([[[1, 2, 3], [1, 2, 4]]], np.uint16)
    content = struct.pack(">HHH", 1, 2, 3)
    key = (
        struct.pack(">I", 6) + b"tRNS" + content
        + struct.pack(">I", zlib.crc32(b"tRNS" + content))
    )  # fmt: skip
    (tmp_path / "a.png").write_bytes(png_of(stored, 2, [0], extra=key))
    found = read_image(tmp_path / "a.png").picture
    assert found.layout == "rgba"
    np.testing.assert_array_equal(found.pixels[0, :, 3], [0, 65535])


def test_interlaced_deep_png_is_refused(tmp_path):
    (tmp_path / "a.png").write_bytes(png_of(np.zeros((3, 3, 3), np.uint16), 2, [0], interlaced=1))
    with pytest.raises(FileError, match="interlaced"):
        read_image(tmp_path / "a.png")


@pytest.mark.parametrize("predictor", [1, 2])
@pytest.mark.parametrize("kind", ["random", "flat", "ramp"])
def test_lzw_tiff_of_16_bits(tmp_path, predictor, kind):
    random = np.random.default_rng(0)
    stored = {
        "random": lambda: random.integers(0, 65536, (150, 131)),
        "flat": lambda: np.full((150, 131), 777),
        "ramp": lambda: np.add.outer(np.arange(150) * 37, np.arange(131) * 11),
    }[kind]().astype(np.uint16)
    Image.fromarray(stored).save(
        tmp_path / "a.tif", compression="tiff_lzw", tiffinfo={317: predictor}
    )
    found = read_image(tmp_path / "a.tif").picture
    np.testing.assert_array_equal(found.pixels[..., 0], stored)


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "CMYK", "LA"])
def test_eight_bit_tiffs_that_pillow_writes(tmp_path, mode):
    photo = Image.fromarray(skimage.data.coffee()[::4, ::4]).convert(mode)
    photo.save(tmp_path / "a.tif", compression="tiff_lzw" if mode != "1" else "group4")
    found = read_image(tmp_path / "a.tif").picture
    assert found.layout == {"1": "gray", "L": "gray", "LA": "graya"}.get(mode, "rgb")
    wanted = {"gray": "L", "graya": "LA", "rgb": "RGB"}[found.layout]
    expected = np.asarray(photo.convert(wanted)).reshape(found.pixels.shape)
    np.testing.assert_array_equal(found.pixels, expected)


def test_planar_big_endian_and_premultiplied_tiffs(tmp_path):
    picture = make_picture("rgb", "uint16")
    tifffile.imwrite(
        tmp_path / "planes.tif", np.moveaxis(picture.pixels, -1, 0), photometric="rgb",
        planarconfig="separate", byteorder=">",
    )  # fmt: skip
    found = read_image(tmp_path / "planes.tif").picture
    np.testing.assert_array_equal(found.pixels, picture.pixels)
    stored = np.array([[[10000, 20000, 5000, 40000], [7, 8, 9, 0]]], np.uint16)
    tifffile.imwrite(tmp_path / "alpha.tif", stored, photometric="rgb", extrasamples=["assocalpha"])
    straight = read_image(tmp_path / "alpha.tif").picture.pixels[0]
    expected = np.rint(np.array([10000, 20000, 5000]) * 65535 / 40000)
    np.testing.assert_array_equal(straight[0], [*expected, 40000])
    assert straight[1, 3] == 0


def test_white_is_zero_tiff(tmp_path):
    stored = np.array([[0, 65535, 1000]], np.uint16)
    tifffile.imwrite(tmp_path / "a.tif", stored, photometric="miniswhite")
    np.testing.assert_array_equal(
        read_image(tmp_path / "a.tif").picture.pixels[..., 0], [[65535, 0, 64535]]
    )


@pytest.mark.parametrize(
    ("mode", "layout"),
    [
        ("1", "gray"),
        ("P", "rgb"),
        ("L", "gray"),
        ("LA", "graya"),
        ("RGBA", "rgba"),
        ("I;16", "gray"),
    ],
)
def test_png_modes(tmp_path, mode, layout):
    if mode == "I;16":
        image = Image.fromarray(np.arange(600, dtype=np.uint16).reshape(20, 30) * 100)
    else:
        image = Image.fromarray(skimage.data.coffee()[:40, :30]).convert(mode)
    image.save(tmp_path / "a.png")
    found = read_image(tmp_path / "a.png").picture
    assert found.layout == layout
    wanted = {"gray": "L", "graya": "LA", "rgb": "RGB", "rgba": "RGBA"}[layout]
    expected = np.asarray(image if mode == "I;16" else image.convert(wanted))
    np.testing.assert_array_equal(found.pixels, expected.reshape(found.pixels.shape))


def test_transparent_palette_has_alpha(tmp_path):
    image = Image.new("P", (2, 1))
    image.putpalette([255, 0, 0, 0, 0, 255])
    image.putdata([0, 1])
    image.save(tmp_path / "a.png", transparency=1)
    found = read_image(tmp_path / "a.png").picture
    np.testing.assert_array_equal(found.pixels[0], [[255, 0, 0, 255], [0, 0, 255, 0]])


def test_cmyk_jpeg_becomes_rgb(tmp_path):
    photo = Image.fromarray(skimage.data.coffee()[::4, ::4])
    photo.convert("CMYK").save(tmp_path / "a.jpg", quality=98, icc_profile=b"not a profile")
    found = read_image(tmp_path / "a.jpg")
    assert found.picture.layout == "rgb"
    assert found.metadata.icc is None
    assert np.abs(found.picture.pixels.astype(int) - np.asarray(photo)).mean() < 3


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("suffix", [".jpg", ".png", ".tif", ".webp"])
def test_orientation_is_applied_once(tmp_path, orientation, suffix):
    from PIL import ImageOps

    stored = np.zeros((16, 32, 3), np.uint8)
    stored[:8, :16] = 255
    stored[8:, :16, 0] = 255
    options = {"lossless": True} if suffix == ".webp" else {}
    Image.fromarray(stored).save(tmp_path / f"a{suffix}", exif=exif_block(orientation), **options)
    found = read_image(tmp_path / f"a{suffix}")
    with Image.open(tmp_path / f"a{suffix}") as image:
        expected = np.asarray(ImageOps.exif_transpose(image))
    assert found.picture.pixels.shape == expected.shape
    assert np.abs(found.picture.pixels.astype(int) - expected).mean() < 2
    write_image(tmp_path / f"b{suffix}", found.picture, found.metadata)
    again = read_image(tmp_path / f"b{suffix}")
    assert again.metadata.orientation == 1
    assert again.picture.size == found.picture.size
    with Image.open(tmp_path / f"b{suffix}") as image:
        assert image.getexif().get(0x0112, 1) == 1
        assert image.getexif()[271] == "Kodak"


@pytest.mark.parametrize(
    ("suffix", "dtype", "lost"),
    [
        (".png", "uint8", ()),
        (".png", "uint16", ()),
        (".tif", "uint8", ("texts",)),
        (".tif", "uint16", ("texts",)),
        (".tif", "float32", ("texts",)),
        (".jpg", "uint8", ("texts",)),
        (".webp", "uint8", ("texts", "dpi")),
        (".bmp", "uint8", ("texts", "icc", "xmp", "exif")),
    ],
)
def test_metadata_is_kept_where_the_format_can(tmp_path, suffix, dtype, lost):
    given = Metadata(
        icc=SRGB_PROFILE, exif=exif_block(), xmp=XMP, dpi=(300.0, 150.0), texts={"Title": "Straße"}
    )
    write_image(tmp_path / f"a{suffix}", make_picture("rgb", dtype), given)
    found = read_image(tmp_path / f"a{suffix}").metadata
    assert found.icc == (None if "icc" in lost else SRGB_PROFILE)
    assert found.xmp == (None if "xmp" in lost else XMP)
    assert found.texts == ({} if "texts" in lost else {"Title": "Straße"})
    if "dpi" in lost:
        assert found.dpi is None
    else:
        assert found.dpi == pytest.approx((300, 150), abs=0.02)
    if "exif" in lost:
        assert found.exif is None
    else:
        exif = Image.Exif()
        exif.load(found.exif)
        assert exif[271] == "Kodak"
        assert float(exif.get_ifd(0x8769)[33434]) == 0.01


def test_profile_of_another_color_model_is_left_out(tmp_path):
    write_image(tmp_path / "a.png", make_picture("rgb", "uint8"), Metadata(icc=GRAY_PROFILE))
    assert read_image(tmp_path / "a.png").metadata.icc is None
    write_image(tmp_path / "b.png", make_picture("gray", "uint16"), Metadata(icc=GRAY_PROFILE))
    assert read_image(tmp_path / "b.png").metadata.icc == GRAY_PROFILE


def test_orientation_leaves_xmp_too():
    turned = XMP.replace(b'Orientation="1"', b'Orientation="6"')
    assert Metadata(xmp=turned, orientation=6).upright().xmp == XMP


def linear_profile(curve):
    tag = struct.pack(">I4sII", 1, b"rTRC", 144, len(curve))
    return b"\0" * 16 + b"RGB " + b"\0" * 108 + tag + curve


@pytest.mark.parametrize(
    ("curve", "linear"),
    [
        (struct.pack(">4sII", b"curv", 0, 0), True),
        (struct.pack(">4sIIH", b"curv", 0, 1, 256), True),
        (struct.pack(">4sIIH", b"curv", 0, 1, 563), False),
        (struct.pack(">4sIHHi", b"para", 0, 0, 0, 65536), True),
        (struct.pack(">4sIHHi", b"para", 0, 0, 0, 144179), False),
        (b"curv", False),
    ],
)
def test_linear_profile_makes_floats_linear(tmp_path, curve, linear):
    profile = linear_profile(curve)
    assert is_linear_profile(profile) is linear
    write_image(tmp_path / "a.tif", make_picture("rgb", "float32"), Metadata(icc=profile))
    assert read_image(tmp_path / "a.tif").picture.space == ("linear" if linear else "srgb")
    write_image(tmp_path / "b.tif", make_picture("rgb", "uint16"), Metadata(icc=profile))
    assert read_image(tmp_path / "b.tif").picture.space == "srgb"
    assert not is_linear_profile(SRGB_PROFILE)


@pytest.mark.parametrize("suffix", [".webp", ".png", ".tif"])
def test_animation_gives_its_first_frame_and_a_warning(tmp_path, suffix):
    frames = [Image.new("RGB", (4, 4), shade) for shade in ("red", "blue", "green")]
    options = {} if suffix == ".tif" else {"lossless": True} if suffix == ".webp" else {}
    frames[0].save(tmp_path / f"a{suffix}", save_all=True, append_images=frames[1:], **options)
    found = read_image(tmp_path / f"a{suffix}")
    np.testing.assert_array_equal(found.picture.pixels[0, 0, :3], [255, 0, 0])
    assert len(found.warnings) == 1
    assert "3 frames or pages" in found.warnings[0]


def test_deep_pages_give_the_first_and_a_warning(tmp_path):
    picture = make_picture("gray", "uint16")
    with tifffile.TiffWriter(tmp_path / "a.tif") as writer:
        writer.write(picture.pixels[..., 0], photometric="minisblack")
        writer.write(picture.pixels[::2, :, 0], photometric="minisblack")
    found = read_image(tmp_path / "a.tif")
    np.testing.assert_array_equal(found.picture.pixels, picture.pixels)
    assert "2 frames or pages" in found.warnings[0]


def bytes_of(suffix, dtype):
    file = io.BytesIO()
    if suffix == ".tif" and dtype != "uint8":
        tifffile.imwrite(file, make_picture("rgb", dtype, (60, 50)).pixels, photometric="rgb")
    elif dtype == "uint16":
        file.write(png_of(make_picture("rgb", dtype).pixels, 2, [4]))
    else:
        photo = Image.fromarray(skimage.data.astronaut()[::4, ::4])
        photo.save(file, imagefile.FORMATS[suffix].name.upper())
    return file.getvalue()


@pytest.mark.parametrize(
    ("suffix", "dtype"),
    [(".png", "uint8"), (".png", "uint16"), (".tif", "uint8"), (".tif", "uint16"),
     (".tif", "float32"), (".jpg", "uint8"), (".webp", "uint8"), (".bmp", "uint8")],
)  # fmt: skip
@pytest.mark.parametrize("share", [0.02, 0.3, 0.9])
def test_truncated_file_is_one_sentence(tmp_path, suffix, dtype, share):
    whole = bytes_of(suffix, dtype)
    path = tmp_path / f"a{suffix}"
    path.write_bytes(whole[: max(int(len(whole) * share), 1)])
    with pytest.raises(FileError, match=r"damaged or cut short|not a picture") as caught:
        read_image(path)
    assert str(caught.value).count("\n") == 0
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("seed", range(30))
@pytest.mark.parametrize(("suffix", "dtype"), [(".png", "uint16"), (".tif", "uint16")])
def test_broken_bytes_never_escape(tmp_path, suffix, dtype, seed):
    random = np.random.default_rng(seed)
    broken = bytearray(bytes_of(suffix, dtype))
    for position in random.integers(0, min(len(broken), 300), 4):
        broken[position] = random.integers(0, 256)
    path = tmp_path / f"a{suffix}"
    path.write_bytes(broken)
    try:
        found = 0 not in read_image(path).picture.pixels.shape
    except FileError as error:
        found = str(path) in str(error)
    assert found


def test_unfit_paths_get_one_sentence(tmp_path):
    (tmp_path / "text.png").write_text("hello")
    (tmp_path / "empty.png").touch()
    Image.new("RGB", (3, 3)).save(tmp_path / "a.gif")
    Image.new("RGB", (3, 3)).save(tmp_path / "gif.png", "GIF")
    cases = {
        "text.png": "is not a picture tinct reads; give PNG, TIFF",
        "empty.png": "is empty",
        "a.gif": "is not a picture tinct reads",
        "gif.png": "is not a picture tinct reads",
        "missing.png": "does not exist",
        "": "is a folder",
        "a\0b.png": "not a path",
    }
    for name, words in cases.items():
        with pytest.raises(FileError, match=words):
            read_image(tmp_path / name if name else tmp_path)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read all")
def test_forbidden_file_and_folder(tmp_path):
    write_image(tmp_path / "a.png", make_picture("rgb", "uint8"))
    (tmp_path / "a.png").chmod(0)
    with pytest.raises(FileError, match="may not be read"):
        read_image(tmp_path / "a.png")
    tmp_path.chmod(0o500)
    with pytest.raises(FileError, match="may not be written"):
        write_image(tmp_path / "b.png", make_picture("rgb", "uint8"))
    tmp_path.chmod(0o700)


@pytest.mark.parametrize("error", [PermissionError(13, "denied"), OSError(28, "No space left")])
def test_failed_write_leaves_the_old_file(tmp_path, monkeypatch, error):
    path = tmp_path / "a.png"
    path.write_bytes(b"old")

    def fail(*_):
        raise error

    monkeypatch.setattr(imagefile, "_encode", fail)
    with pytest.raises(FileError, match=r"may not be written|No space left"):
        write_image(path, make_picture("rgb", "uint8"))
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["a.png"]


def test_write_keeps_links_and_permissions(tmp_path):
    target = tmp_path / "target.png"
    target.write_bytes(b"old")
    target.chmod(0o640)
    (tmp_path / "link.png").symlink_to(target)
    write_image(tmp_path / "link.png", make_picture("rgb", "uint8"))
    assert (tmp_path / "link.png").is_symlink()
    assert target.stat().st_mode & 0o777 == 0o640
    assert read_image(target).picture.layout == "rgb"


@pytest.mark.parametrize(
    ("name", "dtype", "layout", "words"),
    [
        ("a.gif", None, None, "no format tinct writes; end it in PNG"),
        ("a", None, None, "no format tinct writes"),
        ("a.jpg", "uint16", None, r"JPEG cannot hold 16 bits per channel; write PNG"),
        ("a.png", "float32", None, r"PNG cannot hold float values; write TIFF \(\.tif\)"),
        ("a.webp", "uint16", "rgb", "WebP cannot hold 16 bits"),
        ("a.jpg", "uint8", "rgba", "JPEG cannot hold transparency; write PNG"),
        ("a.bmp", "uint8", "graya", "BMP cannot hold transparency"),
        ("no/a.png", None, None, "create this folder first"),
        ("folder.png", None, None, "is a folder"),
    ],
)
def test_unfit_target_is_one_sentence(tmp_path, name, dtype, layout, words):
    (tmp_path / "folder.png").mkdir()
    with pytest.raises(FileError, match=words):
        check_format(tmp_path / name, dtype, layout)


def test_unfit_sizes_are_refused(tmp_path):
    with pytest.raises(FileError, match="1 to"):
        write_image(tmp_path / "a.png", make_picture("rgb", "uint8", (0, 5)))
    with pytest.raises(FileError, match="WebP holds 1 to 16383"):
        write_image(tmp_path / "a.webp", make_picture("rgb", "uint8", (1, 16384)))


def test_bombs_are_refused_before_they_unpack(tmp_path):
    for depth, color_type in ((16, 6), (8, 2), (1, 0)):
        header = struct.pack(">IIBBBBB", 40000, 40000, depth, color_type, 0, 0, 0)
        chunk = (
            struct.pack(">I", 13)
            + b"IHDR"
            + header
            + struct.pack(">I", zlib.crc32(b"IHDR" + header))
        )
        (tmp_path / "a.png").write_bytes(
            b"\x89PNG\r\n\x1a\n"
            + chunk
            + b"\0\0\0\4IDATabcd"
            + struct.pack(">I", zlib.crc32(b"IDATabcd"))
        )
        with pytest.raises(FileError, match="40000 x 40000 pixels; at most 268 million"):
            read_image(tmp_path / "a.png")


def test_more_pixels_than_pillow_allows(tmp_path):
    Image.new("1", (14200, 14100)).save(tmp_path / "a.png")
    assert read_image(tmp_path / "a.png").picture.size == (14100, 14200)
    assert Image.MAX_IMAGE_PIXELS < 1e8
    assert PngImagePlugin.PngImageFile
