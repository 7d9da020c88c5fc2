"""Geodesic blending: exact on strokes, within range, and it stops at edges."""

from __future__ import annotations

import numpy as np
import pytest

from tinct.algorithms.geodesic import blend_geodesic
from tinct.algorithms.hints import Hints
from tinct.errors import Cancelled, InputError


@pytest.mark.parametrize("size", [40, 900])
def test_two_flats_take_their_own_stroke(size: int) -> None:
    luminance = np.full((size, size), 0.2, np.float32)
    luminance[:, size // 2 :] = 0.7
    mask = np.zeros((size, size), bool)
    mask[size // 2, size // 8 : size // 6 + 1] = mask[size // 5, size - size // 8 :] = True
    chroma = np.zeros((size, size, 2), np.float32)
    chroma[:, : size // 2] = (0.2, 0.1)
    chroma[:, size // 2 :] = (-0.2, 0.0)
    out = blend_geodesic(luminance, Hints.from_strokes(mask, chroma))
    np.testing.assert_array_equal(out[mask], chroma[mask])
    assert np.abs(out - chroma).max() < 0.05


def test_single_color_is_everywhere_and_islands_stay_gray() -> None:
    luminance = np.random.default_rng(0).random((50, 70)).astype(np.float32)
    domain = np.ones((50, 70), bool)
    domain[:, 35] = False
    mask = np.zeros((50, 70), bool)
    mask[10, 10] = True
    out = blend_geodesic(luminance, Hints.from_strokes(mask, (0.1, -0.3)), domain=domain)
    np.testing.assert_allclose(out[:, :35], np.broadcast_to([0.1, -0.3], (50, 35, 2)), atol=1e-6)
    assert (out[:, 35:] == 0).all()


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (2, 2), (3, 5), (700, 3)])
def test_stays_within_the_range_of_the_hints(shape: tuple[int, int]) -> None:
    rng = np.random.default_rng(1)
    mask = rng.random(shape) < 0.3
    mask.flat[0] = True
    hints = Hints.from_strokes(mask, rng.uniform(-0.3, 0.3, (*shape, 2)))
    out = blend_geodesic(rng.random(shape).astype(np.float32), hints)
    painted = hints.chroma[mask]
    assert (out >= painted.min(axis=0) - 1e-6).all()
    assert (out <= painted.max(axis=0) + 1e-6).all()


def test_no_hints_cancel_and_a_wrong_size() -> None:
    luminance = np.zeros((8, 8), np.float32)
    assert not blend_geodesic(luminance, Hints.none((8, 8))).any()
    with pytest.raises(InputError, match="agree"):
        blend_geodesic(luminance, Hints.none((4, 8)))

    def cancel(fraction: float, stage: str) -> None:
        raise Cancelled("cancelled")

    with pytest.raises(Cancelled):
        blend_geodesic(luminance, Hints.none((8, 8)), progress=cancel)
