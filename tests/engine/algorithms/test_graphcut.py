"""The cut against SciPy's maximum flow and against every labeling of small grids."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_flow

from tinct.algorithms.graphcut import cut_grid


def energy(labels, preference, right, down):
    ones = labels.astype(bool)
    own = np.where(ones, np.maximum(preference, 0), np.maximum(-preference, 0)).sum()
    return int(own + right[ones[:, 1:] != ones[:, :-1]].sum() + down[ones[1:] != ones[:-1]].sum())


def random_grid(rng, rows, columns, link=12):
    return (
        rng.integers(-20, 21, (rows, columns)).astype(np.int32),
        rng.integers(0, link, (rows, columns - 1)).astype(np.int32),
        rng.integers(0, link, (rows - 1, columns)).astype(np.int32),
    )


def scipy_flow(preference, right, down):
    rows, columns = preference.shape
    index = np.arange(rows * columns).reshape(rows, columns)
    source, sink = index.size, index.size + 1
    links = [
        (index[:, :-1], index[:, 1:], right),
        (index[:, 1:], index[:, :-1], right),
        (index[:-1], index[1:], down),
        (index[1:], index[:-1], down),
        (np.full_like(index, source), index, np.maximum(preference, 0)),
        (index, np.full_like(index, sink), np.maximum(-preference, 0)),
    ]
    starts, ends, values = (
        np.concatenate([link[part].ravel() for link in links]) for part in range(3)
    )
    graph = csr_array((values, (starts, ends)), shape=(index.size + 2,) * 2, dtype=np.int32)
    return maximum_flow(graph, source, sink).flow_value


@pytest.mark.parametrize("seed", range(40))
def test_cut_equals_maximum_flow_and_its_own_energy(seed):
    rng = np.random.default_rng(seed)
    rows, columns = rng.integers(1, 30, 2)
    grid = random_grid(rng, rows, columns, link=int(rng.integers(1, 40)) + 1)
    labels, cost = cut_grid(*grid)
    assert cost == energy(labels, *grid)
    assert cost == scipy_flow(*grid)


@pytest.mark.parametrize("seed", range(5))
def test_no_labeling_of_a_small_grid_costs_less(seed):
    grid = random_grid(np.random.default_rng(seed), 3, 4)
    least = min(
        energy(np.array(bits).reshape(3, 4), *grid) for bits in itertools.product((0, 1), repeat=12)
    )
    assert cut_grid(*grid)[1] == least


def test_strong_links_beat_weak_wishes():
    preference = np.array([[5, -1, -1, 5]], np.int32)
    right = np.full((1, 3), 4, np.int32)
    labels, cost = cut_grid(preference, right, np.zeros((0, 4), np.int32))
    np.testing.assert_array_equal(labels, [[0, 0, 0, 0]])
    assert cost == 2


def test_links_of_another_shape_are_refused():
    with pytest.raises(ValueError, match="right and down must have shapes"):
        cut_grid(np.zeros((2, 2), np.int32), np.zeros((2, 2), np.int32), np.zeros((1, 2), np.int32))
