"""Chroma to planes and back."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tinct.algorithms.planes import join_planes, take_free


@pytest.mark.parametrize("pad", [1, 2])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_planes_hold_free_pixels_and_come_back_within_their_bounds(pad: int, dtype: Any) -> None:
    rng = np.random.default_rng(2)
    chroma = rng.normal(size=(70, 33, 2)).astype(np.float32)
    keep = rng.choice(np.float32([0.0, 0.25, 1.0]), (70, 33))
    planes = np.full((2, 70 + 2 * pad, 33 + 2 * pad), 9.0, dtype)
    inner = slice(None), slice(pad, -pad), slice(pad, -pad)
    take_free(chroma, keep, planes)
    wanted = np.where(keep[..., None] > 0, chroma, 9.0)
    np.testing.assert_array_equal(planes[inner].transpose(1, 2, 0), wanted)
    planes[inner] = 9.0
    assert (planes == 9.0).all(), "the frame is left alone"
    take_free(chroma, np.ones_like(keep), planes)
    low, high = np.float32([-0.5, -1.0]), np.float32([0.25, 2.0])
    np.testing.assert_array_equal(join_planes(planes, pad, low, high), chroma.clip(low, high))
