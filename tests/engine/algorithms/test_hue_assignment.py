"""Sector assignment against the energy written out pixel by pixel, and SciPy's flow."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from tinct.algorithms.harmony import Sector
from tinct.algorithms.hue_assignment import assign_sectors
from tinct.algorithms.hue_kernels import borders_of

TWO = (Sector(0, 40), Sector(180, 60))
ONE = (Sector(30, 50),)


def arcs(hue, sectors):
    """Return the arcs in radians that labels 0 and 1 stand for, and whether the hue is inside."""
    falls = [(hue - part.center - part.width / 2) % 360 for part in sectors]
    rises = [(part.center - part.width / 2 - hue) % 360 for part in sectors]
    inside = [abs((hue - part.center + 180) % 360 - 180) <= part.width / 2 for part in sectors]
    if len(sectors) == 1:
        return math.radians(falls[0]), math.radians(rises[0]), 0 if inside[0] else None
    pair = [math.radians(min(falls[k], rises[k])) for k in (0, 1)]
    return *pair, inside.index(True) if any(inside) else None


def energy(hue, weight, sectors, labels, coherence):
    """Return the paper's energy, one pixel and one link after the other."""
    total = 0.0
    rows, columns = hue.shape
    for row, column in np.ndindex(rows, columns):
        costs = arcs(hue[row, column], sectors)
        single = len(sectors) == 1 and costs[2] is not None
        if weight[row, column] <= 0 or single:
            continue
        if costs[2] is None:
            total += weight[row, column] * costs[labels[row, column]]
        elif labels[row, column] != costs[2]:
            return math.inf
        for other in ((row + 1, column), (row, column + 1)):
            if other[0] >= rows or other[1] >= columns or weight[other] <= 0:
                continue
            if len(sectors) == 1 and arcs(hue[other], sectors)[2] is not None:
                continue
            if labels[other] != labels[row, column]:
                gap = abs((hue[row, column] - hue[other] + 180) % 360 - 180)
                heavier = max(weight[row, column], weight[other])
                total += coherence * heavier / max(math.radians(gap), math.radians(1))
    return total


def random_hues(seed, rows, columns, spread=360.0):
    rng = np.random.default_rng(seed)
    hue = (80 + spread * (rng.random((rows, columns)) - 0.5)).astype(np.float32) % 360
    weight = rng.random((rows, columns)).astype(np.float32)
    weight[rng.random((rows, columns)) < 0.1] = 0
    return hue, weight


def assign(hue, weight, sectors, coherence=0.05, nodes=1 << 20):
    return assign_sectors(hue, weight, borders_of(sectors), coherence=coherence, nodes=nodes)


@pytest.mark.parametrize("sectors", [ONE, TWO], ids=["one", "two"])
@pytest.mark.parametrize("seed", range(4))
def test_no_labeling_has_less_energy(seed, sectors):
    hue, weight = random_hues(seed, 3, 4)
    found = energy(hue, weight, sectors, assign(hue, weight, sectors), 0.05)
    least = min(
        energy(hue, weight, sectors, np.array(bits).reshape(3, 4), 0.05)
        for bits in itertools.product((0, 1), repeat=12)
    )
    assert found == pytest.approx(least, rel=1e-5)


@pytest.mark.parametrize("nodes", [60, 1 << 20], ids=["cells", "pixels"])
@pytest.mark.parametrize("sectors", [ONE, TWO], ids=["one", "two"])
@pytest.mark.parametrize("seed", range(4))
def test_energy_is_never_above_the_nearest_sectors(seed, sectors, nodes):
    hue, weight = random_hues(seed, 21, 34, spread=(360, 90)[seed % 2])
    nearest = assign(hue, weight, sectors, coherence=0.0)
    cut = assign(hue, weight, sectors, coherence=0.3, nodes=nodes)
    both = [energy(hue, weight, sectors, labels, 0.3) for labels in (cut, nearest)]
    assert both[0] <= both[1] + 1e-6
    if nodes > 60 and seed % 2 == 0:
        assert both[0] < both[1]


def test_without_coherence_every_hue_goes_to_the_nearest_sector():
    hue = np.array([[10, 80, 100, 200, 300]], np.float32)
    labels = assign(hue, np.ones_like(hue), TWO, coherence=0.0)
    np.testing.assert_array_equal(labels, [[0, 0, 1, 1, 0]])


@pytest.mark.parametrize("nodes", [200, 1 << 20], ids=["cells", "pixels"])
def test_two_shades_on_both_sides_of_the_tie_stay_whole(nodes):
    # between the sectors' borders at 20 and 150 the tie lies at 85
    hue = np.full((40, 60), 82, np.float32)
    hue[:, 30:] = 88
    weight = np.ones_like(hue)
    assert np.unique(assign(hue, weight, TWO, coherence=0.0)).size == 2
    assert np.unique(assign(hue, weight, TWO, coherence=1.0, nodes=nodes)).size == 1


def test_a_torn_gradient_is_mended_where_it_matters():
    hue = np.broadcast_to(np.linspace(75, 95, 50, dtype=np.float32), (30, 50)).copy()
    labels = assign(hue, np.ones_like(hue), TWO, coherence=1.0)
    assert np.unique(labels).size == 1
