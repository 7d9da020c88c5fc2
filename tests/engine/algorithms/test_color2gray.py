"""Color2Gray against its definition, pair by pair, and against dense least squares."""

from __future__ import annotations

import math

import numpy as np
import pytest

from support import photograph
from tinct import color
from tinct.algorithms.color2gray import gray_from_all_pairs, gray_from_neighbors
from tinct.algorithms.distinct import distinct_colors


def delta(lab, other, theta, alpha):
    """Return the wanted differences of L between all colors of two lists."""
    difference = lab[:, None] - other[None]
    chroma = np.hypot(difference[..., 1], difference[..., 2])
    crunched = alpha * np.tanh(chroma / alpha)
    angle = math.radians(theta)
    along = difference[..., 1] * math.cos(angle) + difference[..., 2] * math.sin(angle)
    light = difference[..., 0]
    return np.where(np.abs(light) > crunched, light, np.sign(along) * crunched)


def by_definition(lab, theta, alpha):
    """Return the closed form over all pairs of pixels, N by N."""
    sums = np.concatenate(
        [delta(part, lab, theta, alpha).mean(axis=1) for part in np.array_split(lab, 16)]
    )
    return lab[:, 0].mean() + sums


@pytest.mark.parametrize(("theta", "alpha"), [(45, 10), (200, 25), (0, 1)])
def test_64_by_64_pixels_equal_the_definition(theta, alpha):
    image = np.ones((64, 64, 4), np.float32)
    image[..., :3] = np.rint(photograph("coffee", (64, 64)) * 255) / 255
    distinct = distinct_colors(image)
    gray = gray_from_all_pairs(
        color.srgb_to_lab(distinct.colors), distinct.counts, theta_degrees=theta, alpha=alpha
    )
    lab = color.srgb_to_lab(np.rint(image[..., :3] * 255).astype(np.float64) / 255)
    expected = by_definition(lab.reshape(-1, 3), theta, alpha)
    assert np.abs(gray[distinct.index.ravel()] - expected).max() < 1e-5


def test_the_lattice_comes_near_the_sum_over_all_colors():
    rng = np.random.default_rng(0)
    lab = color.srgb_to_lab(rng.random((3000, 3)) * 0.6 + 0.2)
    counts = rng.integers(1, 9, 3000).astype(float)
    exact = gray_from_all_pairs(lab, counts, theta_degrees=45, alpha=10)
    near = gray_from_all_pairs(lab, counts, theta_degrees=45, alpha=10, step=2.0, exact_colors=0)
    assert np.abs(exact - lab[:, 0]).max() > 3
    assert np.abs(near - exact).max() < 0.5
    assert np.abs(near - exact).mean() < 0.06
    assert (near - lab[:, 0]) @ counts == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("counts", [(1, 1), (1, 99), (40, 2)])
def test_two_colors_of_one_lightness_part_by_their_crunched_chroma(counts):
    lab = np.array([[60.0, 20.0, 5.0], [60.0, -10.0, 0.0]])
    for theta, sign in ((0, 1), (180, -1)):
        gray = gray_from_all_pairs(lab, np.array(counts, float), theta_degrees=theta, alpha=10)
        expected = sign * 10 * math.tanh(math.hypot(30, 5) / 10)
        assert gray[0] - gray[1] == pytest.approx(expected, abs=1e-6)
        assert gray @ counts == pytest.approx(60 * sum(counts))


def test_without_strength_or_without_chroma_it_is_lightness():
    lab = color.srgb_to_lab(np.random.default_rng(1).random((50, 3)))
    ones = np.ones(50)
    np.testing.assert_array_equal(
        gray_from_all_pairs(lab, ones, theta_degrees=45, alpha=0), lab[:, 0]
    )
    lab[:, 1:] = 0
    np.testing.assert_allclose(
        gray_from_all_pairs(lab, ones, theta_degrees=45, alpha=10), lab[:, 0], atol=1e-9
    )


@pytest.mark.parametrize("radius", [1, 2, 20])
def test_windows_equal_dense_least_squares(radius):
    rng = np.random.default_rng(2)
    lab = color.srgb_to_lab(rng.random((7, 9, 3)))
    visible = rng.random((7, 9)) > 0.15
    visible[3, 3:6] = True
    places = [tuple(place) for place in np.argwhere(visible)]
    number = {place: k for k, place in enumerate(places)}
    rows, wanted = [], []
    for place in places:
        for other in places:
            if place < other and max(abs(place[0] - other[0]), abs(place[1] - other[1])) <= radius:
                row = np.zeros(len(places))
                row[number[place]], row[number[other]] = 1, -1
                rows.append(row)
                wanted.append(delta(lab[place][None], lab[other][None], 45, 10)[0, 0])
    rows.append(np.ones(len(places)))  # the mean is that of L
    wanted.append(lab[visible][:, 0].sum())
    expected = np.linalg.lstsq(np.array(rows), np.array(wanted), rcond=None)[0]
    gray = gray_from_neighbors(lab, visible, theta_degrees=45, alpha=10, radius_px=radius)
    assert np.abs(gray[visible] - expected).max() < 0.02
    np.testing.assert_array_equal(gray[~visible], lab[~visible][:, 0])


def test_a_window_over_everything_is_the_closed_form():
    lab = color.srgb_to_lab(photograph("chelsea", (8, 10)).astype(float))
    near = gray_from_neighbors(
        lab, np.ones((8, 10), bool), theta_degrees=45, alpha=10, radius_px=10
    )
    expected = gray_from_all_pairs(lab.reshape(-1, 3), np.ones(80), theta_degrees=45, alpha=10)
    assert np.abs(near.ravel() - expected).max() < 0.02
