"""Affinity planes against the published formulas, written out pixel by pixel."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
import pytest
from numpy.typing import NDArray

from tinct.algorithms.halves import unpack_links
from tinct.algorithms.stencil import (
    affinity_planes,
    cut_links,
    packed_affinities,
    window_offsets,
)


def brute_gaussian(
    y: NDArray[np.float32], inside: NDArray[np.bool_], window: int
) -> NDArray[np.float64]:
    planes = np.zeros((window * window - 1, *y.shape))
    reach = window // 2
    for i, j in np.argwhere(inside):
        values, places = [float(y[i, j])], []
        for k, (di, dj) in enumerate(window_offsets(window)):
            a, b = i + di, j + dj
            if 0 <= a < y.shape[0] and 0 <= b < y.shape[1] and inside[a, b]:
                values.append(float(y[a, b]))
                places.append(k)
        assert max(map(max, map(np.abs, window_offsets(window)))) == reach
        if not places:
            continue
        steps = np.array(values[1:]) - values[0]
        c = max(0.6 * np.var(values), -np.min(steps**2) / math.log(0.01), 2e-6)
        weights = np.exp(-(steps**2) / c)
        planes[places, i, j] = weights / weights.sum()
    return planes


@pytest.mark.parametrize("window", [3, 5])
@pytest.mark.parametrize("shape", [(1, 1), (1, 6), (2, 2), (13, 9)])
def test_gaussian_is_the_released_code(window: int, shape: tuple[int, int]) -> None:
    rng = np.random.default_rng(3)
    y = np.round(rng.random(shape) * 12).astype(np.float32) / 255
    inside = rng.random(shape) > 0.15
    planes = affinity_planes(y, domain=inside, window=window)
    np.testing.assert_allclose(planes, brute_gaussian(y, inside, window), atol=2e-6)


def test_gaussian_is_the_released_code_at_every_width() -> None:
    # Compiled loops take many pixels at once, and what is left of a row one by one.
    rng = np.random.default_rng(5)
    for width in range(20, 100, 3):
        y = np.round(rng.random((4, width)) * 12).astype(np.float32) / 255
        inside = np.ones(y.shape, bool)
        planes = affinity_planes(y, domain=inside)
        np.testing.assert_allclose(planes, brute_gaussian(y, inside, 3), atol=2e-6)


@pytest.mark.parametrize("affinity", ["gaussian", "correlation"])
@pytest.mark.parametrize("window", [3, 5])
def test_packed_ones_are_the_same_to_a_part_in_a_thousand(
    affinity: Literal["gaussian", "correlation"], window: int
) -> None:
    y = np.random.default_rng(4).random((31, 23)).astype(np.float32)
    inside = y > 0.05
    planes = affinity_planes(y, domain=inside, affinity=affinity, window=window)
    packed = packed_affinities(y, domain=inside, affinity=affinity, window=window)
    assert packed.dtype == np.uint16
    np.testing.assert_allclose(unpack_links(packed), planes, rtol=1e-3, atol=1e-18)


@pytest.mark.parametrize("affinity", ["gaussian", "correlation"])
@pytest.mark.parametrize("window", [3, 5])
def test_rows_sum_to_one(affinity: Literal["gaussian", "correlation"], window: int) -> None:
    y = np.random.default_rng(1).random((20, 17)).astype(np.float32)
    planes = affinity_planes(y, affinity=affinity, window=window)
    np.testing.assert_allclose(planes.sum(axis=0), 1.0, atol=1e-6)
    assert planes.min() >= 0.0


def test_correlation_averages_luminance_to_itself_unless_it_is_extreme() -> None:
    y = np.random.default_rng(2).random((24, 24)).astype(np.float32)
    planes = affinity_planes(y, affinity="correlation").astype(np.float64)
    padded = np.pad(y, 1, mode="edge")
    mean = sum(
        planes[k] * padded[1 + di : 25 + di, 1 + dj : 25 + dj]
        for k, (di, dj) in enumerate(window_offsets(3))
    )
    free = planes[:, 1:-1, 1:-1].min(axis=0) > 1e-4
    assert free.sum() > 50
    np.testing.assert_allclose(mean[1:-1, 1:-1][free], y[1:-1, 1:-1][free], atol=1e-6)


def test_cuts_weaken_links_in_both_directions() -> None:
    y = np.full((3, 7), 0.5, np.float32)
    edge = np.zeros((3, 7), bool)
    edge[:, 3] = True
    planes = affinity_planes(y, cuts=cut_links(edge, 1e-4))
    east, west = planes[4], planes[3]
    assert east[1, 2] < 1e-4
    assert west[1, 4] < 1e-4
    assert east[1, 1] > 0.1


def test_factors_pass_through_and_stay_positive() -> None:
    factors = np.array([[0.0, 0.5, 2.0]], np.float32)
    np.testing.assert_allclose(cut_links(factors), [[1e-4, 0.5, 1.0]])
