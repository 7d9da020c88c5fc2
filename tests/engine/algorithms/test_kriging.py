"""Kriging over a network's distributions, against its formula and what it is for."""

from __future__ import annotations

import numpy as np
import pytest

from tinct.algorithms.kriging import (
    ALIKE,
    CAST,
    CHROMA,
    KNOWN_MAXIMUM,
    NEAR,
    NEAR_LIGHTNESS,
    NEAR_SIDES,
    NUGGET,
    SHARPNESS,
    TRUST,
    TRUSTED,
    krige,
)

SIZE = (6, 9)
BLUE = np.float32([[10.0, -40.0]])


def random_shares(rng, bins=7):
    shares = rng.random((bins, *SIZE)) ** 4
    return (shares / shares.sum(axis=0)).astype(np.float32)


def halves(left, right):
    """Return distributions of two bins, one for the left and one for the right of the picture."""
    shares = np.zeros((2, *SIZE), np.float32)
    shares[:, :, :5], shares[:, :, 5:] = np.reshape(left, (2, 1, 1)), np.reshape(right, (2, 1, 1))
    return shares


@pytest.mark.parametrize("count", [1, 5])
def test_it_is_the_textbook_s_regression(count):
    rng = np.random.default_rng(count)
    shares, light = random_shares(rng), rng.uniform(0, 100, SIZE).astype(np.float32)
    expected = rng.normal(0, 20, (*SIZE, 2)).astype(np.float32)
    cells = rng.choice(54, count, replace=False)
    known = rng.normal(0, 20, (count, 2)).astype(np.float32)

    def covariance(p, q):
        (py, px), (qy, qx) = divmod(p, SIZE[1]), divmod(q, SIZE[1])
        alike = sum(np.sqrt(float(s[py, px]) * float(s[qy, qx])) for s in shares)
        far = ((py - qy) ** 2 + (px - qx) ** 2) / 36 / NEAR_SIDES**2
        far += ((float(light[py, px]) - float(light[qy, qx])) / NEAR_LIGHTNESS) ** 2
        trust = float(expected[py, px] @ expected[qy, qx]) / CHROMA**2
        near = np.sqrt(alike) * np.exp(-far / 2)
        return CAST + ALIKE * alike**SHARPNESS + NEAR * near + TRUST * trust

    among = np.array([[covariance(p, q) + NUGGET * (p == q) for q in cells] for p in cells])
    prior = TRUSTED * expected.reshape(-1, 2).astype(np.float64)
    weights = np.linalg.inv(among) @ (known - prior[cells])
    cross = np.array([[covariance(p, q) for q in cells] for p in range(54)])
    wanted = (prior + cross @ weights).reshape(*SIZE, 2)
    found = krige(shares, light, expected, cells, known)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, wanted, atol=2e-2)


def test_what_is_alike_follows_and_the_rest_stays():
    gray = np.zeros((*SIZE, 2), np.float32)
    light = np.full(SIZE, 50, np.float32)
    found = krige(halves((1, 0), (0, 1)), light, gray, np.array([0]), BLUE)
    assert (np.linalg.norm(found[:, :5] - BLUE, axis=2) < 0.3 * 41).all()
    assert (np.linalg.norm(found[:, 5:], axis=2) < 0.05 * 41).all()


def test_a_network_that_is_wrong_by_half_is_believed_by_half():
    rng = np.random.default_rng(2)
    shares = random_shares(rng, 60)
    expected = rng.normal(0, 20, (*SIZE, 2)).astype(np.float32)
    cells = np.arange(0, 54, 4)
    others = np.setdiff1d(np.arange(54), cells)
    light = rng.uniform(0, 100, SIZE).astype(np.float32)
    for share in (1.0, 0.5, 0.0):
        found = krige(shares, light, expected, cells, share * expected.reshape(-1, 2)[cells])
        theirs, ours = expected.reshape(-1, 2)[others], found.reshape(-1, 2)[others]
        assert (theirs * ours).sum() / (theirs**2).sum() == pytest.approx(share, abs=0.15)


def test_more_cells_than_are_looked_at_still_count():
    size = (40, 50)
    shares = np.full((3, *size), 1 / 3, np.float32)
    gray, light = np.zeros((*size, 2), np.float32), np.full(size, 50, np.float32)
    cells = np.arange(4 * KNOWN_MAXIMUM + 3)
    found = krige(shares, light, gray, cells, np.repeat(BLUE, len(cells), axis=0))
    np.testing.assert_allclose(found, np.broadcast_to(BLUE, found.shape), atol=1.5)


def test_the_order_of_what_is_known_does_not_matter():
    rng = np.random.default_rng(3)
    shares, light = random_shares(rng), rng.uniform(0, 100, SIZE).astype(np.float32)
    expected = rng.normal(0, 20, (*SIZE, 2)).astype(np.float32)
    cells, known = np.array([3, 17, 40]), rng.normal(0, 20, (3, 2)).astype(np.float32)
    first = krige(shares, light, expected, cells, known)
    np.testing.assert_allclose(
        krige(shares, light, expected, cells[::-1], known[::-1]), first, atol=1e-3
    )


@pytest.mark.parametrize("size", [(1, 1), (1, 7)], ids=str)
def test_the_smallest_grids(size):
    shares = np.ones((1, *size), np.float32)
    gray = np.zeros((*size, 2), np.float32)
    found = krige(shares, gray[..., 0], gray, np.array([0]), BLUE)
    assert found.shape == (*size, 2)
    assert np.isfinite(found).all()
