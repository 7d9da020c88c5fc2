"""Filters of other programs, against an independent reading of each."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from tinct.models.resample import resample
from tinct.models.vocabulary import FILTERS


@pytest.mark.parametrize("size", [(16, 16), (7, 31), (64, 80), (1, 1), (300, 2)])
def test_bilinear_looks_at_four_pixels(size: tuple[int, int]) -> None:
    values = np.random.default_rng(0).normal(size=(32, 40, 3)).astype(np.float32)
    factors = (size[0] / 32, size[1] / 40, 1)
    expected = ndimage.zoom(values, factors, order=1, mode="nearest", grid_mode=True)
    np.testing.assert_allclose(resample(values, size, "bilinear"), expected, atol=1e-5)


@pytest.mark.parametrize("filter_", FILTERS)
@pytest.mark.parametrize("size", [(5, 9), (60, 60)])
def test_every_filter_keeps_a_plane_and_a_ramp(filter_: str, size: tuple[int, int]) -> None:
    plane = np.full((30, 20, 2), 0.25, np.float32)
    np.testing.assert_allclose(resample(plane, size, filter_), 0.25, atol=1e-6)
    ramp = np.broadcast_to(np.arange(30, dtype=np.float32)[:, None, None], (30, 20, 1))
    found = resample(ramp, size, filter_)[..., 0]
    expected = (np.arange(size[0]) + 0.5) * 30 / size[0] - 0.5
    inner = slice(2, -2) if size[0] < 30 else slice(6, -6)
    np.testing.assert_allclose(found[inner, 0], expected[inner], atol=0.05)


@pytest.mark.parametrize("filter_", FILTERS[1:])
def test_antialiased_filters_see_every_pixel(filter_: str) -> None:
    dots = np.zeros((64, 64, 1), np.float32)
    dots[3::8, 3::8] = 1.0
    found = resample(dots, (8, 8), filter_)
    assert found.mean() == pytest.approx(dots.mean(), rel=0.1)
    assert found.std() < 0.01


def test_the_same_size_is_the_same_picture() -> None:
    values = np.random.default_rng(0).normal(size=(3, 4, 2)).astype(np.float32)
    np.testing.assert_array_equal(resample(values, (3, 4), "bicubic-antialiased"), values)


def test_unknown_filters_are_refused() -> None:
    with pytest.raises(ValueError, match="nearest"):
        resample(np.zeros((2, 2, 1), np.float32), (1, 1), "nearest")
