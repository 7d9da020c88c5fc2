"""Clusters that are known to be there."""

from __future__ import annotations

import numpy as np

from tinct.algorithms.kmeans import cluster, segment


def test_well_parted_clusters_are_found_largest_first():
    rng = np.random.default_rng(0)
    wanted = np.array([[0.0, 0.0], [10.0, 0.0], [0.0, 10.0]])
    points = np.concatenate(
        [rng.normal(center, 0.5, (n, 2)) for center, n in zip(wanted, (300, 200, 100), strict=True)]
    )
    np.testing.assert_allclose(cluster(points, 3, rng), wanted, atol=0.2)


def test_alike_points_are_one_cluster():
    assert cluster(np.ones((50, 3)), 5, np.random.default_rng(0)).shape == (1, 3)


def test_segments_follow_colors_in_all_pictures():
    red, blue = (50.0, 60.0, 40.0), (40.0, 20.0, -60.0)
    pictures = [np.zeros((20, 30, 3), np.float32) for _ in range(2)]
    pictures[0][:, :20], pictures[0][:, 20:] = red, blue
    pictures[1][:5], pictures[1][5:] = blue, red
    found = segment(pictures, 4, np.random.default_rng(0))
    assert [int(labels.max()) for labels in found] == [1, 1]
    np.testing.assert_array_equal(found[0][:, :20], 0)
    np.testing.assert_array_equal(found[1][:3], 1)
