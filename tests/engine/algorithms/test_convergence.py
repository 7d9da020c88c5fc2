"""The estimate of the error that is left."""

from __future__ import annotations

import numpy as np

from tinct.algorithms.convergence import TILE, Convergence


def test_what_is_about_to_be_corrected_opens_its_square_and_those_around_it() -> None:
    coarse = np.zeros((2, 2 + 5 * TILE // 2, 2 + 7 * TILE // 2 - 3), np.float32)
    coarse[1, 1 + 2 * TILE // 2 + 4, 1 + 6 * TILE // 2] = -0.01
    convergence = Convergence()
    convergence.foresee(coarse)
    opened = np.zeros((5, 7), bool)
    opened[1:4, 5:7] = True
    np.testing.assert_array_equal(convergence.open_tiles(0.05), opened)
    assert 0.05 < convergence.error() < 0.2


def test_after_a_long_step_more_is_left_than_is_told() -> None:
    coarse = np.full((2, 34, 34), 0.01, np.float32)
    usual, long = Convergence(), Convergence()
    for convergence, unseen in ((usual, 1.0), (long, 4.0)):
        convergence.note(np.full((64, 2), 0.1, np.float32), unseen)
        convergence.foresee(coarse)
    assert np.isclose(long.error(), 4.0 * usual.error())
