"""Memory that one solve leaves to the next, and images of directions."""

from __future__ import annotations

import numpy as np
import pytest

from tinct.algorithms.direct import system_matrix
from tinct.algorithms.krylov import Workspace, image_rows
from tinct.algorithms.stencil import packed_affinities, window_offsets


def test_a_workspace_is_kept_while_it_fits_and_is_not_too_large() -> None:
    workspace = Workspace(2 * 2 * 2 * 10 * 12 * 4)
    first = workspace.take(2, (2, 10, 12))
    assert workspace.nbytes == first[0].nbytes + first[1].nbytes
    again = workspace.take(2, (2, 10, 12))
    assert np.shares_memory(first[0], again[0])
    assert not np.shares_memory(again[0], again[1])
    other = workspace.take(2, (2, 9, 12))
    assert not np.shares_memory(other[0], first[0])
    workspace.take(2, (2, 10, 13))
    assert workspace.nbytes == 0, "too large to be kept"


@pytest.mark.parametrize("window", [3, 5])
@pytest.mark.parametrize("width", [1, 40, 67])
def test_images_are_the_system_times_the_direction(window: int, width: int) -> None:
    rng = np.random.default_rng(1)
    pad, shape = window // 2, (9, width)
    links = packed_affinities(rng.random(shape).astype(np.float32), window=window)
    offsets = np.array(window_offsets(window), np.int64)
    keep = (rng.random(shape) > 0.2).astype(np.float32)
    inner = slice(None), slice(None), slice(pad, -pad), slice(pad, -pad)
    directions, images = np.zeros((2, 2, 2, 9 + 2 * pad, width + 2 * pad), np.float32)
    directions[inner], images[inner] = rng.normal(size=(2, 2, 2, *shape))
    residual, sums = images[0] + np.float32(0.5), np.zeros((9, 2, 4))
    image_rows(0, 9, links, offsets, keep, 1, directions, images, residual, sums)
    matrix = system_matrix(links, offsets, keep)
    z = directions[inner][1].reshape(2, -1)
    wanted = (matrix @ z.T.astype(np.float64)).T
    np.testing.assert_allclose(images[inner][1].reshape(2, -1), wanted, atol=3e-6)
    dots = [
        (wanted * other).sum(axis=1)
        for other in (
            wanted,
            residual[:, pad:-pad, pad:-pad].reshape(2, -1),
            images[inner][0].reshape(2, -1),
        )
    ]
    np.testing.assert_allclose(sums.sum(axis=0)[:, :3].T, dots, rtol=1e-4, atol=1e-4)
