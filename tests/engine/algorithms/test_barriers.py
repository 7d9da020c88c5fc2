"""Barriers: leakage at least halved, gaps closed, nothing isolated, strokes never cut."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage

from tinct.algorithms.barriers import adaptive_barriers
from tinct.algorithms.hints import Hints
from tinct.algorithms.propagation import Propagation
from tinct.errors import Cancelled


def half_planes(kind: str) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Return a picture of two regions, and where the second one is."""
    i, j = np.mgrid[0:96, 0:96]
    inside = (i - 48) ** 2 + (j - 48) ** 2 < 30**2 if kind == "disc" else j >= 48
    rng = np.random.default_rng(0)
    blurred = ndimage.gaussian_filter(inside.astype(np.float64), 1.0)
    luminance = 0.5 + 0.08 * blurred + 0.002 * rng.normal(size=i.shape)
    return luminance.astype(np.float32), inside


@pytest.mark.parametrize("kind", ["line", "disc"])
def test_leakage_near_the_boundary_is_at_least_halved(kind: str) -> None:
    luminance, inside = half_planes(kind)
    mask = np.zeros(inside.shape, bool)
    mask[46:50, 2:6] = mask[46:50, 60:64] = True
    truth = np.where(inside[..., None], (0.2, -0.1), (-0.2, 0.1)).astype(np.float32)
    hints = Hints.from_strokes(mask, truth)
    barriers = adaptive_barriers(luminance, mask)
    band = ndimage.binary_dilation(inside, iterations=3) & ~ndimage.binary_erosion(
        inside, iterations=3
    )
    plain, guarded = (
        np.abs(Propagation(luminance, barriers=b).solve(hints) - truth)[band & ~barriers].mean()
        for b in (None, barriers)
    )
    assert guarded < 0.5 * plain


def test_a_broken_outline_is_closed() -> None:
    i, j = np.mgrid[0:80, 0:80]
    luminance = np.where(np.hypot(i - 40, j - 40) < 25, 0.3, 0.7)
    smooth = ndimage.gaussian_filter(luminance, 0.7)
    # On these rows the right side fades into the left one, so for them there is no edge.
    fade = np.clip((j - 40) / 40.0, 0.0, 1.0)
    smooth[38:42] = (0.3 + 0.4 * fade)[38:42]
    smooth[38:42, :40] = 0.3
    nothing = np.zeros((80, 80), bool)

    def leaks(longest_gap: float) -> bool:
        found = adaptive_barriers(smooth.astype(np.float32), nothing, longest_gap=longest_gap)
        labels, _ = ndimage.label(~found[20:60, 45:75])
        return bool(labels[20, 5] == labels[20, 28])

    assert leaks(0.5)
    assert not leaks(12.0)


def test_strokes_stay_open_and_every_pixel_gets_color() -> None:
    luminance, inside = half_planes("disc")
    mask = np.zeros(inside.shape, bool)
    mask[48, 5:60] = True
    barriers = adaptive_barriers(luminance, mask)
    assert barriers.any()
    assert not (barriers & mask).any()
    solved = Propagation(luminance, barriers=barriers).solve(Hints.from_strokes(mask, (0.2, 0.1)))
    np.testing.assert_allclose(solved[..., 0], 0.2, atol=1e-4)


@pytest.mark.parametrize("shape", [(1, 1), (1, 7), (2, 2), (30, 30)])
def test_flat_pictures_have_no_edges(shape: tuple[int, int]) -> None:
    assert not adaptive_barriers(np.full(shape, 0.4, np.float32), np.zeros(shape, bool)).any()


def test_cancel() -> None:
    def cancel(fraction: float, stage: str) -> None:
        raise Cancelled("cancelled")

    with pytest.raises(Cancelled):
        adaptive_barriers(np.zeros((9, 9), np.float32), np.zeros((9, 9), bool), progress=cancel)
