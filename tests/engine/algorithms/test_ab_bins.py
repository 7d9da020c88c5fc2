"""Shares of ab bins against closed forms, and the few colors a distribution speaks of."""

from __future__ import annotations

import numpy as np
import pytest

from tinct.algorithms.ab_bins import encode, ranked_colors, shares_of

GRID = np.array([(a, b) for a in range(-50, 60, 10) for b in range(-50, 60, 10)], float)


def bin_of(a, b):
    return int(np.flatnonzero(((a, b) == GRID).all(axis=1))[0])


def test_soft_encoding_at_a_center_is_the_published_one():
    shares = encode(np.array([(10.0, -20.0)]), GRID)
    assert shares[bin_of(10, -20)] == pytest.approx(0.6488, abs=1e-4)
    for neighbor in ((0, -20), (20, -20), (10, -10), (10, -30)):
        assert shares[bin_of(*neighbor)] == pytest.approx(0.0878, abs=1e-4)
    assert np.count_nonzero(shares) == 5


def test_shares_sum_to_one_and_blocks_do_not_show():
    ab = np.random.default_rng(0).normal(0, 25, (9000, 2))
    shares = encode(ab, GRID)
    assert shares.sum() == pytest.approx(1, abs=1e-5)
    thirds = np.mean([encode(part, GRID) for part in np.split(ab, 3)], axis=0)
    np.testing.assert_allclose(shares, thirds, atol=1e-6)


def test_a_color_beyond_every_bin_goes_to_the_nearest():
    shares = encode(np.array([(500.0, 500.0)]), GRID)
    assert shares.argmax() == bin_of(50, 50)
    assert np.isfinite(shares).all()


@pytest.mark.parametrize("temperature", [1.0, 0.38])
def test_softmax_of_two_bins(temperature):
    shares = shares_of(np.log(np.float32([[0.6], [0.4]])), temperature)
    expected = 0.6 ** (1 / temperature) / (0.6 ** (1 / temperature) + 0.4 ** (1 / temperature))
    assert shares[0, 0] == pytest.approx(expected, abs=1e-5)
    if temperature == 0.38:
        assert shares[0, 0] == pytest.approx(0.7440, abs=5e-4)  # Zhang 2016's figure


def test_separate_peaks_are_ranked_by_their_shares():
    shares = 0.7 * encode(np.array([(30.0, 30.0)]), GRID) + 0.3 * encode(
        np.array([(-40.0, 10.0)]), GRID
    )
    colors, found = ranked_colors(shares[np.newaxis], GRID)
    np.testing.assert_allclose(colors[0, :2], [(30, 30), (-40, 10)], atol=1e-3)
    np.testing.assert_allclose(found[0], [0.7, 0.3, 0, 0, 0], atol=1e-5)


def test_what_looks_alike_is_one_color():
    near = np.array([(20.0, 20.0), (30.0, 20.0)])
    colors, found = ranked_colors(encode(near, GRID)[np.newaxis], GRID)
    assert found[0, 0] == pytest.approx(1.0, abs=1e-5)
    np.testing.assert_allclose(colors[0, 0], (25, 20), atol=1e-3)


def test_ranks_fall_and_never_exceed_the_whole():
    shares = np.random.default_rng(1).random((40, len(GRID))).astype(np.float32)
    shares /= shares.sum(axis=1, keepdims=True)
    _, found = ranked_colors(shares, GRID)
    assert (np.diff(found, axis=1) <= 0).all()
    assert (found.sum(axis=1) <= 1 + 1e-5).all()
    assert found.min() >= 0


def test_many_distributions_are_ranked_as_each_alone():
    shares = np.random.default_rng(2).dirichlet(np.full(len(GRID), 0.1), 5).astype(np.float32)
    together = ranked_colors(shares, GRID)
    for number, alone in enumerate(shares):
        colors, found = ranked_colors(alone[np.newaxis], GRID)
        np.testing.assert_allclose(together[0][number], colors[0], atol=1e-3)
        np.testing.assert_allclose(together[1][number], found[0], atol=1e-5)
