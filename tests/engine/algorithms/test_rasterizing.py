"""Strokes on a network's grid: their color, their place, and that none is lost."""

from __future__ import annotations

import numpy as np
import pytest

from tinct.algorithms.rasterizing import rasterize


def painted(size, *spots):
    """Return a mask and the chroma of its pixels from (place, color) pairs."""
    mask, plane = np.zeros(size, bool), np.zeros((*size, 2), np.float32)
    for place, color in spots:
        mask[place], plane[place] = True, color
    return mask, plane[mask]


def test_a_cell_holds_the_mean_of_what_is_painted_in_it():
    mask, chroma = painted((40, 60), (np.s_[0:5, 0:10], (10, 0)), (np.s_[5:10, 0:10], (0, 20)))
    hints = rasterize(mask, chroma, (4, 6))
    np.testing.assert_allclose(hints.chroma[0, 0], (5, 10))
    assert hints.mask.sum() == 1


def test_nothing_is_said_where_nothing_is_painted():
    mask, chroma = painted((40, 60), (np.s_[0:10, 0:10], (10, 5)))
    hints = rasterize(mask, chroma, (4, 6))
    assert not hints.chroma[~hints.mask].any()


def test_a_touched_cell_beside_a_fat_stroke_is_not_hinted():
    mask, chroma = painted((40, 60), (np.s_[0:11, 0:31], (10, 5)))
    hints = rasterize(mask, chroma, (4, 6))
    np.testing.assert_array_equal(np.argwhere(hints.mask), [(0, 0), (0, 1), (0, 2)])


def test_a_dot_beside_a_fat_stroke_keeps_a_cell():
    mask, chroma = painted(
        (400, 600), (np.s_[0:100, 0:100], (10, 5)), (np.s_[391:392, 591:592], (-30, 7))
    )
    hints = rasterize(mask, chroma, (4, 6))
    assert hints.mask[3, 5]
    np.testing.assert_allclose(hints.chroma[3, 5], (-30, 7))


def test_a_thin_line_keeps_at_least_one_cell():
    mask, chroma = painted((400, 600), (np.s_[50, 20:520], (10, 5)))
    assert rasterize(mask, chroma, (4, 6)).mask.any()


@pytest.mark.parametrize("size", [(40, 60), (33, 61), (20, 7)], ids=str)
def test_a_larger_grid_shows_every_painted_pixel(size):
    mask, chroma = painted((4, 6), (np.s_[1, 2], (10, 5)), (np.s_[3, 5], (-4, 8)))
    hints = rasterize(mask, chroma, size)
    up, along = np.arange(size[0]) * 4 // size[0], np.arange(size[1]) * 6 // size[1]
    covered = mask[np.ix_(up, along)]
    assert hints.mask[covered].all()
    for place, color in (((1, 2), (10, 5)), ((3, 5), (-4, 8))):
        cells = np.ix_(up == place[0], along == place[1])
        if hints.mask[cells].size:
            np.testing.assert_allclose(hints.chroma[cells].reshape(-1, 2).mean(axis=0), color)


def test_one_pixel_fills_a_grid():
    hints = rasterize(np.ones((1, 1), bool), np.float32([[3, -4]]), (16, 16))
    assert hints.mask.all()
    np.testing.assert_array_equal(hints.chroma, np.broadcast_to([3, -4], (16, 16, 2)))


def test_no_strokes_no_hints():
    hints = rasterize(np.zeros((9, 9), bool), np.zeros((0, 2), np.float32), (4, 4))
    assert not hints.mask.any()
