"""Every layout, type, space and odd size, against the definitions written out per pixel."""

from __future__ import annotations

import importlib
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinct import color, pixel_numbers, pixels
from tinct.errors import InputError
from tinct.pixels import Picture
from tinct_client import protocol

LAYOUTS = tuple(protocol.LAYOUT_CHANNELS)
DTYPES = tuple(protocol.DTYPE_BYTES)
WHITE = {"uint8": 255, "uint16": 65535, "float16": 1, "float32": 1}


@pytest.fixture(scope="module", params=["plain", "compiled"], autouse=True)
def way(request):
    """Do everything once as numpy does it, and once in compiled loops."""
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "plain":
            patch.setattr(pixel_numbers, "compiled_for", lambda dtype: None)
        else:
            importlib.import_module("numba")
        yield request.param


def random_picture(layout, dtype, space, size=(6, 5), seed=0):
    random = np.random.default_rng(seed)
    shape = (*size, protocol.LAYOUT_CHANNELS[layout])
    if WHITE[dtype] > 1:
        stored = random.integers(0, WHITE[dtype] + 1, shape).astype(dtype)
    else:
        stored = random.uniform(-0.2, 1.8, shape).astype(dtype)
    return Picture(stored, layout, space)


@st.composite
def pictures(draw):
    layout, dtype = draw(st.sampled_from(LAYOUTS)), draw(st.sampled_from(DTYPES))
    space = draw(st.sampled_from(protocol.SPACES))
    size = draw(st.tuples(st.integers(0, 9), st.integers(0, 9)))
    return random_picture(layout, dtype, space, size, draw(st.integers(0, 2**32 - 1)))


def read_by_definition(picture, kind):
    """Return the values pixel by pixel in float64."""
    stored = picture.pixels.astype(np.float64) / WHITE[picture.pixels.dtype.name]
    channels = {
        name: stored[..., index]
        for index, name in enumerate(
            {"rgba": "rgba", "bgra": "bgra", "rgb": "rgb", "gray": "y", "graya": "ya", "mask": "m"}[
                picture.layout
            ]
        )
    }
    alpha = channels.pop("a", None)
    if picture.space == "linear" and picture.layout != "mask":
        channels = {
            name: np.where(
                values <= 0.0031308,
                12.92 * values,
                1.055 * np.maximum(values, 0.0031308) ** (1 / 2.4) - 0.055,
            )
            for name, values in channels.items()
        }
    if len(channels) == 1:
        (gray,) = channels.values()
        red = green = blue = gray
    else:
        red, green, blue = channels["r"], channels["g"], channels["b"]
        gray = 0.299 * red + 0.587 * green + 0.114 * blue
    opaque = np.ones(picture.size) if alpha is None else alpha
    return {
        "rgba": lambda: np.stack([red, green, blue, opaque], axis=-1),
        "rgb": lambda: np.stack([red, green, blue], axis=-1),
        "gray": lambda: gray[..., np.newaxis],
        "mask": lambda: gray * opaque,
    }[kind]()


@given(pictures(), st.sampled_from(["rgba", "rgb", "gray", "mask"]))
@settings(max_examples=300, deadline=None)
def test_read_follows_the_definition(picture, kind):
    before = picture.pixels.copy()
    values = pixels.read(picture, kind)
    assert values.dtype == np.float32
    expected = read_by_definition(picture, kind)
    assert values.shape == expected.shape
    # the rounded knee of the published curve moves values by 1e-7
    np.testing.assert_allclose(values, expected, atol=1e-6, rtol=1e-6)
    np.testing.assert_array_equal(picture.pixels, before)


def own_kind(layout):
    return {"gray": "gray", "mask": "mask", "rgb": "rgb"}.get(layout, "rgba")


@given(pictures())
@settings(max_examples=300, deadline=None)
def test_round_trip_is_exact(picture):
    kind = own_kind(picture.layout)
    values = pixels.read(picture, kind)
    written = (
        pixels.write(values, picture, kind=kind, layout=picture.layout)
        if (picture.layout != "graya")
        else pixels.write(values, picture, kind="rgba")
    )
    back = pixels.to_layout(picture, written.layout)
    assert written.pixels.dtype == picture.pixels.dtype
    if picture.space == "linear" and picture.layout != "mask" and picture.pixels.dtype.kind == "f":
        tolerance = 2e-3 if picture.pixels.dtype == np.float16 else 2e-6
        np.testing.assert_allclose(written.pixels, back.pixels, rtol=tolerance, atol=tolerance)
    else:
        np.testing.assert_array_equal(written.pixels, back.pixels)


@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("space", protocol.SPACES)
def test_every_whole_number_survives(dtype, layout, space):
    channels = protocol.LAYOUT_CHANNELS[layout]
    every = np.arange(WHITE[dtype] + 1, dtype=dtype).reshape(-1, 16, 1)
    stored = np.concatenate([np.roll(every, shift) for shift in range(channels)], axis=-1)
    picture = Picture(stored, layout, space)
    kind = own_kind(layout)
    expected = pixels.to_layout(picture, "rgba").pixels if layout == "graya" else stored
    written = pixels.write(pixels.read(picture, kind), picture, kind=kind)
    np.testing.assert_array_equal(written.pixels, expected)
    assert written.space == ("srgb" if layout == "mask" else space)


def test_layouts_name_the_channels():
    stored = np.array([[[10, 20, 30, 40]]], np.uint8)
    np.testing.assert_allclose(
        pixels.read(Picture(stored, "bgra"), "rgba")[0, 0] * 255, [30, 20, 10, 40], rtol=1e-6
    )
    np.testing.assert_allclose(
        pixels.read(Picture(stored[..., :2], "graya"), "rgba")[0, 0] * 255,
        [10, 10, 10, 20],
        rtol=1e-6,
    )
    for dtype in DTYPES:
        four = np.arange(4, dtype=dtype).reshape(1, 1, 4)
        swapped = pixels.to_layout(Picture(four, "bgra"), "rgba")
        np.testing.assert_array_equal(swapped.pixels[0, 0], [2, 1, 0, 3])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("layout", ["rgba", "bgra", "rgb", "graya"])
def test_any_memory_layout_reads_alike(dtype, layout, tmp_path):
    picture = random_picture(layout, dtype, "srgb", (7, 5))
    expected = pixels.read(picture, "rgba")
    stored = picture.pixels
    wide = np.zeros((14, 15, stored.shape[2]), dtype)
    wide[1::2, 2::3] = stored
    padded = np.zeros((7, 9, stored.shape[2]), dtype)
    padded[:, :5] = stored
    mapped = np.memmap(tmp_path / "pixels", dtype, "w+", shape=stored.shape)
    mapped[:] = stored
    frozen = stored.copy()
    frozen.setflags(write=False)
    variants = [
        wide[1::2, 2::3],
        padded[:, :5],
        np.asfortranarray(stored),
        stored[::-1, ::-1].copy()[::-1, ::-1],
        mapped,
        frozen,
    ]
    for variant in variants:
        found = pixels.read(Picture(variant, layout), "rgba")
        np.testing.assert_array_equal(found, expected)
        assert found.flags.writeable
        assert found.flags.c_contiguous


def test_blocks_of_rows_do_not_show():
    rows = 2 * pixels.BLOCK_PIXELS // 100 + 3
    picture = random_picture("bgra", "uint16", "linear", (rows, 100))
    values = pixels.read(picture, "rgba")
    for part in (slice(0, 2), slice(-2, None)):
        alone = Picture(picture.pixels[part], "bgra", "linear")
        np.testing.assert_array_equal(pixels.read(alone, "rgba"), values[part])
    np.testing.assert_array_equal(pixels.write(values, picture, kind="rgba").pixels, picture.pixels)


@given(pictures(), st.sampled_from(["rgba", "rgb", "gray", "mask"]), st.sampled_from(LAYOUTS))
@settings(max_examples=300, deadline=None)
def test_both_ways_give_the_same_to_the_last_bit(picture, kind, layout):
    def run():
        values = pixels.read(picture, kind)
        values += np.random.default_rng(1).normal(0, 0.2, values.shape).astype(np.float32)
        values[::3, ::2] = np.nan
        if kind in ("rgb", "rgba") and layout in ("gray", "graya", "mask"):
            return pixels.read(picture, kind).tobytes()
        written = pixels.write(values, picture, kind=kind, layout=layout)
        return pixels.read(picture, kind).tobytes(), written.pixels.tobytes()

    found = run()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pixel_numbers, "compiled_for", lambda dtype: None)
        assert run() == found


def test_numba_is_not_loaded_for_a_picture():
    code = (
        "import numpy as np; from tinct import pixels; "
        "picture = pixels.Picture(np.zeros((300, 300, 4), np.uint8)); "
        "pixels.write(pixels.read(picture, 'rgba'), picture, kind='rgba'); "
        "pixels.read_strokes(picture); print('numba' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path[:0] = {sys.path!r}; {code}"],
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    assert done.stdout == "False\n"


def test_every_block_is_done_once_and_failures_are_heard():
    done = np.zeros((700, 500), int)

    def work(block):
        done[block] += 1

    pixels.each_block(work, *done.shape)
    assert (done == 1).all()

    def fail(block):
        raise MemoryError(block)

    with pytest.raises(MemoryError):
        pixels.each_block(fail, *done.shape)


def test_write_takes_the_nearest_number_and_clips():
    like = Picture(np.zeros((1, 1, 1), np.uint8), "gray")
    given = np.array([-1, 0, 0.4 / 255, 0.6 / 255, 100.49 / 255, 1, 7, np.nan, np.inf, -np.inf])
    written = pixels.write(given.astype(np.float32).reshape(1, -1, 1), like, kind="gray")
    np.testing.assert_array_equal(written.pixels.ravel(), [0, 0, 0, 1, 100, 255, 255, 0, 255, 0])


@pytest.mark.parametrize("dtype", ["float16", "float32"])
def test_floats_beyond_white_survive(dtype):
    stored = np.array([[[1.5, -0.25, 64.0, 1.0]]], dtype)
    written = pixels.write(pixels.read(Picture(stored), "rgba"), Picture(stored), kind="rgba")
    np.testing.assert_array_equal(written.pixels, stored)
    linear = Picture(stored, "rgba", "linear")
    back = pixels.write(pixels.read(linear, "rgba"), linear, kind="rgba")
    np.testing.assert_allclose(back.pixels.astype(float), stored.astype(float), rtol=1e-3)


@pytest.mark.parametrize(
    ("layout", "kind", "expected"),
    [
        ("gray", "rgb", "rgb"),
        ("gray", "rgba", "rgb"),
        ("graya", "rgba", "rgba"),
        ("graya", "gray", "graya"),
        ("rgb", "rgba", "rgb"),
        ("bgra", "rgba", "bgra"),
        ("bgra", "gray", "bgra"),
        ("rgb", "gray", "rgb"),
        ("mask", "gray", "gray"),
        ("mask", "rgba", "rgba"),
        ("rgba", "mask", "mask"),
    ],
)
def test_written_layout(layout, kind, expected):
    assert pixels.layout_for(kind, layout) == expected
    like = random_picture(layout, "uint16", "linear")
    values = pixels.read(random_picture("rgba", "float32", "srgb", (2, 3)), kind)
    written = pixels.write(np.clip(values, 0, 1), like, kind=kind)
    assert written.layout == expected
    assert written.pixels.dtype == np.uint16
    found = pixels.read(written, kind)
    colors = slice(0, 3) if kind == "rgba" else slice(None)
    np.testing.assert_allclose(found[..., colors], np.clip(values, 0, 1)[..., colors], atol=2e-4)
    if pixels.has_alpha(expected) and kind != "rgba":
        assert (written.pixels[..., -1] == 65535).all()


def test_alpha_is_never_encoded():
    stored = np.full((1, 1, 2), 128, np.uint8)
    values = pixels.read(Picture(stored, "graya", "linear"), "rgba")[0, 0]
    assert values[3] == np.float32(128) / np.float32(255)
    assert values[0] == pytest.approx(
        float(color.linear_to_srgb(np.array([128 / 255]))[0]), abs=1e-6
    )


@pytest.mark.parametrize(
    ("stored", "layout", "space", "word"),
    [
        (np.zeros((2, 2, 4), np.uint8), "argb", "srgb", "layout"),
        (np.zeros((2, 2, 4), np.uint8), "rgba", "p3", "space"),
        (np.zeros((2, 2, 4), np.float64), "rgba", "srgb", "float64"),
        (np.zeros((2, 2, 4), ">u2"), "rgba", "srgb", "native"),
        (np.zeros((2, 2, 3), np.uint8), "rgba", "srgb", "shape"),
        (np.zeros((2, 2), np.uint8), "gray", "srgb", "shape"),
    ],
)
def test_unfit_picture_is_refused(stored, layout, space, word):
    with pytest.raises(ValueError, match=word):
        Picture(stored, layout, space)


def test_unfit_requests_are_refused():
    picture = random_picture("rgb", "uint8", "srgb")
    with pytest.raises(ValueError, match="kind"):
        pixels.read(picture, "cmyk")
    with pytest.raises(ValueError, match="shape"):
        pixels.write(np.zeros((2, 2, 4), np.float32), picture, kind="rgb")
    with pytest.raises(ValueError, match="holds no color"):
        pixels.write(np.zeros((2, 2, 3), np.float32), picture, kind="rgb", layout="gray")
    with pytest.raises(ValueError, match="holds no color"):
        pixels.to_layout(picture, "gray")


def test_clean_replaces_and_counts():
    values = np.ones((4, 5, 3), np.float32)
    same, count = pixels.clean(values)
    assert same is values
    assert count == 0
    values[1, 2] = np.nan
    values[3, 4, 1:] = np.inf, -np.inf
    cleaned, count = pixels.clean(values)
    assert count == 2
    np.testing.assert_array_equal(cleaned[1, 2], 0)
    np.testing.assert_array_equal(cleaned[3, 4], [1, 1, 0])
    assert np.isnan(values[1, 2]).all()
    mask, count = pixels.clean(np.array([[np.nan, 0.5], [np.inf, 1]], np.float32))
    assert count == 2
    np.testing.assert_array_equal(mask, [[0, 0.5], [1, 1]])


@pytest.mark.parametrize("size", [(0, 0), (0, 5), (5, 0), (1, 1)])
@pytest.mark.parametrize("kind", ["rgba", "rgb", "gray", "mask"])
def test_empty_and_single_pixels(size, kind):
    picture = random_picture("rgba", "uint8", "srgb", size)
    values = pixels.read(picture, kind)
    assert values.shape[:2] == size
    assert pixels.write(values, picture, kind=kind).size == size
    assert pixels.clean(values)[1] == 0


def test_strokes_are_the_painted_pixels_row_by_row():
    layer = np.zeros((3, 4, 4), np.float32)
    layer[2, 1] = (0.1, 0.2, 0.3, 1.0)
    layer[0, 3] = (0.4, 1.5, 0.6, 0.5)
    layer[1, 1] = (0.9, 0.9, 0.9, 0.49)  # a brush's soft edge
    layer[1, 2] = (np.nan, 0.9, 0.9, 1.0)
    strokes, left_out = pixels.read_strokes(Picture(layer, "rgba"))
    assert left_out == 1
    np.testing.assert_array_equal(np.argwhere(strokes.mask), [(0, 3), (2, 1)])
    np.testing.assert_allclose(strokes.colors, [(0.4, 1.0, 0.6), (0.1, 0.2, 0.3)], atol=1e-6)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("layout", ["rgba", "bgra", "graya"])
def test_strokes_of_a_large_layer_are_those_of_its_values(dtype, layout):
    layer = random_picture(layout, dtype, "srgb", (700, 300), seed=4)
    layer.pixels[200:450, :, -1] = 0  # blocks without a stroke
    strokes, left_out = pixels.read_strokes(layer)
    values = read_by_definition(layer, "rgba")
    painted = values[..., 3].astype(np.float32) >= 0.5
    assert left_out == 0
    np.testing.assert_array_equal(strokes.mask, painted)
    expected = np.clip(values[painted][:, :3], 0, 1)
    np.testing.assert_allclose(strokes.colors, expected, atol=1e-6)


def test_half_opaque_is_painted():
    for dtype, half in (("uint8", 128), ("uint16", 32768)):
        layer = np.zeros((1, 2, 4), dtype)
        layer[0, :, 3] = half - 1, half
        strokes, _ = pixels.read_strokes(Picture(layer))
        np.testing.assert_array_equal(strokes.mask, [[False, True]])


def test_strokes_of_linear_bgra_come_in_srgb():
    layer = np.full((1, 1, 4), 65535, np.uint16)
    layer[0, 0, :3] = (0, 0, 14029)  # linear 0.21407 is half in sRGB
    strokes, _ = pixels.read_strokes(Picture(layer, "bgra", "linear"))
    np.testing.assert_allclose(strokes.colors, [(0.5, 0, 0)], atol=1e-4)


def test_strokes_need_transparency():
    with pytest.raises(InputError, match="no transparency"):
        pixels.read_strokes(Picture(np.zeros((2, 2, 3), np.uint8), "rgb"))
