"""Expansion moves against every labeling of a tiny grid."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from tinct.algorithms.expansion import energy, expand

DISTANCES = np.abs(np.subtract.outer([0.0, 1.0, 2.5], [0.0, 1.0, 2.5]))


def problem(seed, smoothness=1.0):
    rng = np.random.default_rng(seed)
    costs = rng.random((3, 3, 3)) * 3
    return costs, rng.random((3, 2)) * smoothness, rng.random((2, 3)) * smoothness


@pytest.mark.parametrize("seed", range(6))
def test_is_near_the_cheapest_of_all(seed):
    costs, right, down = problem(seed)
    found = energy(expand(costs, DISTANCES, right, down), costs, DISTANCES, right, down)
    least = min(
        energy(np.reshape(one, (3, 3)), costs, DISTANCES, right, down)
        for one in itertools.product(range(3), repeat=9)
    )
    # twice the largest over the smallest distance is the proven bound; here it is nearly exact
    assert least - 1e-9 <= found <= 1.05 * least


def test_without_smoothness_each_pixel_chooses_alone():
    costs, right, down = problem(0)
    labels = expand(costs, DISTANCES, right * 0, down * 0)
    np.testing.assert_array_equal(labels, costs.argmin(axis=2))


def test_with_much_of_it_all_pixels_agree():
    costs, right, down = problem(0)
    labels = expand(costs, DISTANCES, right * 0 + 100, down * 0 + 100)
    assert (labels == labels[0, 0]).all()
    assert labels[0, 0] == costs.sum(axis=(0, 1)).argmin()


def test_never_costs_more_than_each_pixel_alone():
    rng = np.random.default_rng(5)
    costs = rng.random((12, 17, 3)) * 2
    right, down = rng.random((12, 16)), rng.random((11, 17))
    alone = energy(costs.argmin(axis=2), costs, DISTANCES, right, down)
    assert energy(expand(costs, DISTANCES, right, down), costs, DISTANCES, right, down) < alone


def test_one_row_and_one_pixel():
    assert expand(np.array([[[2.0, 1.0, 3.0]]]), DISTANCES, np.ones((1, 0)), np.ones((0, 1))) == 1
    assert expand(np.ones((1, 5, 3)), DISTANCES, np.ones((1, 4)), np.ones((0, 5))).shape == (1, 5)
