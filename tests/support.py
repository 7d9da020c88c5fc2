"""What several tests need: pictures made by seed, strokes, and a comparison that shows itself."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tinct.declare import Strokes

FloatArray = NDArray[np.float32]
Color = tuple[float, float, float]
LUMA = np.array([0.299, 0.587, 0.114])
SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


def shared_data(name: str) -> Path:
    """Return a folder of measuring data beside the checkout, or skip the test."""
    folder = SHARED_DATA / name
    if not folder.exists():
        pytest.skip(f"no ../shared/data/{name} beside the checkout")
    return folder


def photograph(name: str = "astronaut", size: tuple[int, int] | None = None) -> FloatArray:
    """Return one of scikit-image's photographs, (M, N, 3), sRGB-encoded, 0 to 1."""
    from PIL import Image
    from skimage import data

    picture = Image.fromarray(getattr(data, name)())
    if size is not None:
        picture = picture.resize((size[1], size[0]), Image.Resampling.LANCZOS)
    return np.asarray(picture, np.float32) / np.float32(255)


def paint_strokes(truth: FloatArray, count: int = 20, seed: int = 0) -> FloatArray:
    """Return an RGBA layer with short strokes in the picture's own colors."""
    rng = np.random.default_rng(seed)
    rows, columns = truth.shape[:2]
    layer = np.zeros((rows, columns, 4), np.float32)
    length, width = max(rows, columns) // 12, max(1, max(rows, columns) // 200)
    for _ in range(count):
        row, column = rng.integers(rows), rng.integers(columns)
        spot = np.s_[row : row + width, column : column + length]
        if rng.random() < 0.5:
            spot = np.s_[row : row + length, column : column + width]
        layer[spot] = np.append(truth[row, column], 1.0)
    return layer


def gray_of(rgb: NDArray[np.floating]) -> FloatArray:
    """Return a photograph's luma as an opaque RGBA picture."""
    gray = np.repeat((rgb @ LUMA)[..., np.newaxis], 3, axis=2)
    return np.concatenate([gray, np.ones_like(gray[..., :1])], axis=2).astype(np.float32)


def paint_dots(size: tuple[int, int], *dots: tuple[int, int, Color]) -> Strokes:
    """Return dots of 7 x 7 pixels, each a row, a column and a color."""
    mask, colors = np.zeros(size, bool), np.zeros((*size, 3), np.float32)
    for row, column, rgb in dots:
        spot = np.s_[max(row - 3, 0) : row + 4, max(column - 3, 0) : column + 4]
        mask[spot], colors[spot] = True, rgb
    return Strokes(mask, colors[mask])


def paint_regions(size: tuple[int, int]) -> FloatArray:
    """Return an RGBA layer with a region of plain color at the upper left and one at the right."""
    rows, columns = size
    layer = np.zeros((rows, columns, 4), np.float32)
    layer[: rows // 2, : columns // 3] = (0.9, 0.1, 0.1, 1.0)
    layer[: rows // 2, -(columns // 3) :] = (0.1, 0.2, 0.9, 1.0)
    return layer


def assert_images_close(
    actual: NDArray[np.generic], expected: NDArray[np.generic], tolerance: float
) -> None:
    """Fail, saving both pictures, when any value differs by more than `tolerance`."""
    assert actual.shape == expected.shape
    first, second = np.asarray(actual, np.float64), np.asarray(expected, np.float64)
    difference = np.abs(first - second)
    if difference.size and not difference.max() <= tolerance:
        folder = Path(tempfile.mkdtemp(prefix="tinct-test-"))
        np.save(folder / "actual.npy", actual)
        np.save(folder / "expected.npy", expected)
        where = np.unravel_index(np.nanargmax(difference), difference.shape)
        pytest.fail(
            f"differs by {difference.max():.6g} at {tuple(map(int, where))}, "
            f"{tolerance:g} is allowed; both pictures lie in {folder}"
        )


def zebra(size: tuple[int, int], seed: int = 0) -> tuple[FloatArray, NDArray[np.bool_]]:
    """Return upright stripes beside lying ones, with one histogram, and where they lie.

    Two bands of each, so that a place in the picture does not tell which it is.
    """
    rows, columns = size
    rng = np.random.default_rng(seed)
    lying = np.zeros(size, bool)
    lying[: rows // 2, : columns // 2] = lying[rows // 2 :, columns // 2 :] = True
    i, j = np.mgrid[:rows, :columns]
    phase = rng.uniform(0, 2 * np.pi, 2)
    stripes = np.where(lying, np.sin(i * 1.1 + phase[0]), np.sin(j * 1.1 + phase[1]))
    values = stripes + rng.normal(0, 0.4, size)
    levels = np.linspace(0.2, 0.8, np.count_nonzero(lying))
    for part in (lying, ~lying):
        order = np.argsort(values[part], kind="stable")
        ranked = np.empty(order.size)
        ranked[order] = np.linspace(0.2, 0.8, order.size) if order.size != levels.size else levels
        values[part] = ranked
    return values.astype(np.float32), lying
