"""Distinct colors: told apart exactly, hidden pixels left out, large and small alike."""

from __future__ import annotations

import numpy as np
import pytest

from tinct.algorithms.distinct import distinct_colors


def random_picture(rows, columns, levels=255):
    rng = np.random.default_rng(0)
    image = np.ones((rows, columns, 4), np.float32)
    image[..., :3] = rng.integers(0, 6, (rows, columns, 3)) / np.float32(levels)
    image[rng.random((rows, columns)) < 0.2, 3] = 0
    return image


@pytest.mark.parametrize("size", [(1, 1), (20, 30), (300, 301)])
def test_every_visible_pixel_finds_its_color_again(size):
    image = random_picture(*size)
    image[0, 0, 3] = 1
    distinct = distinct_colors(image)
    shown = image[..., 3] > 0
    assert (distinct.index[~shown] == -1).all()
    np.testing.assert_allclose(distinct.colors[distinct.index[shown]], image[shown, :3], atol=1e-7)
    assert len(np.unique(distinct.colors, axis=0)) == len(distinct.colors)
    assert distinct.counts.sum() == shown.sum()


def test_pixels_count_what_they_weigh():
    image = random_picture(10, 10)
    weight = np.random.default_rng(1).random((10, 10)).astype(np.float32)
    distinct = distinct_colors(image, weight)
    assert distinct.counts.sum() == pytest.approx(weight[image[..., 3] > 0].sum(), rel=1e-6)


def test_finer_colors_stand_for_themselves():
    image = random_picture(6, 7, levels=65535)
    distinct = distinct_colors(image)
    shown = image[..., 3] > 0
    assert len(distinct.colors) == shown.sum()
    np.testing.assert_array_equal(distinct.colors[distinct.index[shown]], image[shown, :3])


def test_values_are_spread_over_the_picture():
    image = random_picture(5, 5)
    distinct = distinct_colors(image)
    spread = distinct.spread(distinct.colors[:, 1], fill=7.0)
    shown = image[..., 3] > 0
    np.testing.assert_allclose(spread[shown], image[shown, 1], atol=1e-6)
    assert (spread[~shown] == 7).all()
