"""The search against a table of all distances."""

from __future__ import annotations

import numpy as np
import pytest

from tinct.algorithms.neighbors import NearestNeighbors


@pytest.mark.parametrize(("count", "dimensions"), [(1, 1), (7, 2), (300, 25)])
def test_finds_what_brute_force_finds(count, dimensions):
    rng = np.random.default_rng(0)
    points = rng.standard_normal((count, dimensions)) * np.arange(1, dimensions + 1)
    queries = rng.standard_normal((500, dimensions)) * np.arange(1, dimensions + 1)
    neighbors = min(4, count)
    distances, found = NearestNeighbors(points).query(queries, neighbors)
    table = np.linalg.norm(queries[:, None] - points[None], axis=2)
    np.testing.assert_array_equal(found, np.argsort(table, axis=1)[:, :neighbors])
    np.testing.assert_allclose(distances, np.sort(table, axis=1)[:, :neighbors], rtol=1e-5)


def test_points_all_alike_are_found_too():
    distances, found = NearestNeighbors(np.ones((40, 3))).query(np.ones((5, 3)), 2)
    assert (distances == 0).all()
    assert ((found >= 0) & (found < 40)).all()


def test_progress_is_reported_before_each_part():
    seen = []
    NearestNeighbors(np.zeros((3, 1))).query(
        np.zeros((70_000, 1)), progress=lambda fraction, stage: seen.append(fraction)
    )
    assert seen[0] == 0.0
    assert len(seen) == 3
