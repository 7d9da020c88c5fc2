"""Enlarging chroma: constants stay, nothing leaves its range, and edges of the guide hold."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from tinct.algorithms import upsampling
from tinct.algorithms.upsampling import box_mean, upsample, upsample_blocks

SIZES = [(1, 1), (1, 9), (7, 5), (48, 64)]


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("small", [(1, 1), (3, 4), (13, 2)], ids=str)
def test_constants_stay(rng, size, small):
    values = np.broadcast_to(np.float32([0.2, -0.3, 0.7]), (*small, 3))
    guide = rng.random(size, np.float32)
    result = upsample(values, rng.random(small, np.float32), guide)
    assert result.shape == (*size, 3)
    np.testing.assert_allclose(result, np.broadcast_to([0.2, -0.3, 0.7], result.shape), atol=1e-6)


def test_nothing_leaves_the_range_of_what_was_given(rng):
    values = rng.normal(size=(6, 9, 2)).astype(np.float32)
    result = upsample(values, rng.random((6, 9), np.float32), rng.random((50, 70), np.float32))
    for channel in (0, 1):
        assert result[..., channel].min() >= values[..., channel].min() - 1e-6
        assert result[..., channel].max() <= values[..., channel].max() + 1e-6


def test_without_a_guide_it_is_bilinear(rng):
    values = rng.random((6, 9, 1), np.float32)
    result = upsample(values, None, np.zeros((30, 36), np.float32))[..., 0]
    rows = (np.arange(30) + 0.5) * 6 / 30 - 0.5
    columns = (np.arange(36) + 0.5) * 9 / 36 - 0.5
    places = np.meshgrid(rows, columns, indexing="ij")
    expected = ndimage.map_coordinates(values[..., 0], places, order=1, mode="nearest")
    np.testing.assert_allclose(result, expected, atol=1e-5)


def test_colors_end_where_the_guide_has_its_edge():
    guide = np.zeros((64, 64), np.float32)
    guide[:, 29:] = 0.8  # within a cell, not between two
    truth = np.where(guide > 0, 0.3, -0.2).astype(np.float32)
    small, small_guide = box_mean(truth, (8, 8)), box_mean(guide, (8, 8))
    # a network says one thing a cell: what most of the cell is
    small = np.where(small_guide > 0.4, np.float32(0.3), np.float32(-0.2))
    errors = [
        np.abs(upsample(small[..., np.newaxis], reference, guide)[..., 0] - truth).mean()
        for reference in (small_guide, None)
    ]
    assert errors[0] < 0.5 * errors[1]


def test_blocks_are_the_whole(rng, monkeypatch):
    values, reference = rng.random((5, 7, 2), np.float32), rng.random((5, 7), np.float32)
    guide = rng.random((40, 30), np.float32)
    whole = upsample(values, reference, guide)
    monkeypatch.setattr(upsampling, "BLOCK_PIXELS", 100)
    blocks = list(upsample_blocks(values, reference, guide))
    assert len(blocks) > 5
    np.testing.assert_array_equal(np.concatenate([part for _, part in blocks]), whole)


@pytest.mark.parametrize("size", [(7, 5), (3, 2), (1, 1), (20, 11), (2, 30)], ids=str)
def test_means_of_areas_are_exact(rng, size):
    values = rng.random((7, 5))
    rows, columns = size
    fine = np.repeat(np.repeat(values, rows, axis=0), columns, axis=1)
    expected = fine.reshape(rows, 7, columns, 5).mean(axis=(1, 3))
    np.testing.assert_allclose(box_mean(values, size), expected, atol=1e-6)


def test_means_do_not_depend_on_blocks(rng, monkeypatch):
    values = rng.random((300, 200), np.float32)
    whole = box_mean(values, (17, 13))
    monkeypatch.setattr(upsampling, "BLOCK_ROWS", 1)
    monkeypatch.setattr(upsampling, "PARTS", 1)
    np.testing.assert_allclose(box_mean(values, (17, 13)), whole, atol=1e-5)
