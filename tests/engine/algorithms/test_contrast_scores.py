"""The scores, counted by hand on a few pairs."""

from __future__ import annotations

import numpy as np
import pytest

from tinct.algorithms.contrast_scores import Pairs, contrast_scores, draw_pairs


def score(colors, grays, threshold):
    lab = np.zeros((len(colors) + 1, 3))
    lab[1:, 1] = colors
    lightness = np.concatenate([[0.0], grays])
    ends = np.arange(1, len(colors) + 1)
    return contrast_scores(lab, lightness, Pairs(0 * ends, ends), (threshold,))


def test_shares_are_those_of_the_definition():
    # three pairs differ visibly in color, two of them in gray; one gray difference is invented
    found = score([10, 10, 10, 1], [9, 6, 1, 8], threshold=5)
    assert found.ccpr == pytest.approx(2 / 3)
    assert found.ccfr == pytest.approx(2 / 3)
    assert found.e_score == pytest.approx(2 / 3)


def test_equal_lightness_keeps_nothing_and_invents_nothing():
    found = score([10, 20], [0, 0], threshold=5)
    assert (found.ccpr, found.ccfr, found.e_score) == (0, 1, 0)


def test_half_of_the_pairs_are_neighbors():
    pairs = draw_pairs(20, 30, 1000, seed=1)
    apart = np.abs(np.array(np.divmod(pairs.first, 30)) - np.divmod(pairs.second, 30)).sum(axis=0)
    assert (apart[:500] <= 1).all()
    assert (apart[500:] > 1).mean() > 0.9
    assert pairs.second.max() < 600
