"""Rows: what an array would hold, a few rows at a time; and operations that take either."""

from __future__ import annotations

import importlib
import mmap
from pathlib import Path

import numpy as np
import pytest

from support import paint_strokes, photograph
from tinct import color, pixel_numbers, pixels
from tinct.catalog import find_operation
from tinct.declare import Context
from tinct.pixels import Picture
from tinct.rows import FileMap, MadeRows, Rows, let_go
from tinct.run import run_operation

SIZE = (40, 30)


def smaps() -> list[str]:
    """Return what this system tells of the process' memory, if it tells anything."""
    path = Path("/proc/self/smaps")
    return path.read_text().splitlines() if path.exists() else []


def resident(mapped: mmap.mmap) -> int:
    """Return how many bytes of a mapping are in memory; 0 where the system does not tell."""
    start = f"{np.frombuffer(mapped, np.uint8).ctypes.data:x}-"
    lines = smaps()
    first = next((n for n, line in enumerate(lines) if line.startswith(start)), None)
    if first is None:
        return 0
    size = next(line for line in lines[first:] if line.startswith("Rss:"))
    return 1024 * int(size.split()[1])


def picture(dtype: str, layout: str, space: str) -> Picture:
    rng = np.random.default_rng(3)
    channels = {"rgba": 4, "bgra": 4, "rgb": 3, "gray": 1, "graya": 2}[layout]
    values = rng.random((*SIZE, channels))
    white = np.iinfo(dtype).max if dtype.startswith("u") else 1
    return Picture((values * white).astype(dtype), layout, space)


@pytest.mark.parametrize("space", ["srgb", "linear"])
@pytest.mark.parametrize("layout", ["rgba", "bgra", "rgb", "gray", "graya"])
@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float16", "float32"])
def test_rows_are_those_of_the_array(dtype, layout, space):
    given = picture(dtype, layout, space)
    for kind in ("rgba", "rgb", "gray", "mask"):
        rows, whole = Rows(given, kind), pixels.read(given, kind)
        assert rows.shape == whole.shape
        assert rows.replaced() == 0
        for block in (slice(0, 40), slice(7, 9), slice(38, 99), slice(50, 60)):
            np.testing.assert_array_equal(rows[block], whole[block])


@pytest.mark.parametrize("space", ["srgb", "linear"])
@pytest.mark.parametrize("layout", ["rgba", "bgra", "rgb", "gray", "graya"])
@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float16", "float32"])
@pytest.mark.parametrize("compiled", [False, True])
def test_luma_and_what_shows_are_those_of_the_values(dtype, layout, space, compiled, monkeypatch):
    given = picture(dtype, layout, space)
    given.pixels[5:9, :, -1] = 0
    if dtype.startswith("f"):
        given.pixels[1, 1:4] = np.array([[np.nan], [np.inf], [-np.inf]], dtype)
        given.pixels[2] *= 3
    if compiled:
        importlib.import_module("numba")
    else:
        monkeypatch.setattr(pixel_numbers, "compiled_for", lambda dtype: None)
    luma, visible = Rows(given, "rgba").luma()
    values, _ = pixels.clean(pixels.read(given, "rgba"))
    np.testing.assert_array_equal(luma, np.clip(color.luma(values[..., :3]), 0, 1))
    np.testing.assert_array_equal(visible, values[..., 3] > 0)
    assert (luma.dtype, visible.dtype) == (np.float32, np.bool_)


def test_what_is_no_number_is_replaced_and_counted():
    given = picture("float32", "rgba", "srgb")
    given.pixels[3, 4, 0], given.pixels[3, 4, 1], given.pixels[20, 5, 3] = np.nan, np.inf, -np.inf
    rows, (whole, count) = Rows(given, "rgba"), pixels.clean(pixels.read(given, "rgba"))
    assert rows.replaced() == count == 2
    np.testing.assert_array_equal(rows[0:40], whole)
    assert np.isnan(given.pixels[3, 4, 0])


def test_made_rows_are_written_as_an_array_is():
    rng = np.random.default_rng(5)
    for kind, channels in (("rgba", 4), ("rgb", 3), ("gray", 1), ("mask", 1)):
        values = rng.random((*SIZE, channels)).astype(np.float32)
        values = values[..., 0] if kind == "mask" else values
        made = MadeRows(values.shape, lambda rows, values=values: values[rows])
        for like in (picture("uint16", "bgra", "linear"), picture("uint8", "rgb", "srgb")):
            expected = pixels.write(values, like, kind=kind)
            np.testing.assert_array_equal(
                pixels.write(made, like, kind=kind).pixels, expected.pixels
            )


def test_made_rows_make_the_whole_array():
    values = np.random.default_rng(8).random((700, 300, 4)).astype(np.float32)
    made = MadeRows(values.shape, lambda rows: values[rows])
    np.testing.assert_array_equal(made.whole(), values)


def test_a_mapped_picture_is_let_go_of_and_still_there(tmp_path):
    stored = np.random.default_rng(6).integers(0, 256, (1024, 1024, 4), np.uint8)
    (tmp_path / "pixels").write_bytes(stored.tobytes())
    with open(tmp_path / "pixels", "rb") as file:
        mapped = FileMap(file.fileno(), 0, access=mmap.ACCESS_READ)
    given = Picture(np.ndarray(stored.shape, np.uint8, mapped))
    rows = Rows(given, "rgba")
    for block in pixels.row_blocks(*given.size):
        np.testing.assert_array_equal(rows[block], pixels.read(Picture(stored[block]), "rgba"))
    assert resident(mapped) < stored.nbytes / 4
    np.testing.assert_array_equal(given.pixels, stored)
    assert resident(mapped) > stored.nbytes / 2 or not smaps()
    let_go(given)
    let_go(Picture(stored))  # not mapped: nothing happens
    assert resident(mapped) < stored.nbytes / 4
    np.testing.assert_array_equal(given.pixels, stored)


@pytest.mark.parametrize("options", [{}, {"barriers": True}])
@pytest.mark.parametrize("keeping", [False, True])
def test_strokes_color_rows_as_they_color_an_array(options, keeping):
    truth = photograph("coffee", (300, 60))
    image = np.concatenate([truth, np.ones((300, 60, 1), np.float32)], axis=2)
    image[:5, :5, 3] = 0
    layer = paint_strokes(truth, 8, seed=1)
    inputs = {"image": Picture(image), "scribbles": Picture(layer)}
    keep = np.zeros((300, 60), np.float32)
    keep[250:290, 10:20] = 1
    if keeping:
        inputs["keep"] = Picture(keep[..., np.newaxis], "mask")
    operation = find_operation("scribble-colorize")
    placed = run_operation(operation, inputs, options, context=Context())["colors"].pixels
    before = image.copy()
    strokes, _ = pixels.read_strokes(inputs["scribbles"])
    kept = {"keep": keep} if keeping else {}
    direct = operation.function(image, strokes, **kept, **options, context=Context())["colors"]
    seen = image[..., 3] > 0
    np.testing.assert_array_equal(placed[seen], direct[seen])
    np.testing.assert_array_equal(image, before)
