"""The contrast-preserving gray: known cases, and the likelihood it raises."""

from __future__ import annotations

import numpy as np
import pytest

from support import photograph
from tinct import color
from tinct.algorithms.decolor import MONOMIALS, SIGMA, contrast_weights, gray_from_weights


def halves(left, right):
    image = np.empty((12, 12, 3))
    image[:, :6], image[:, 6:] = left, right
    return image


def test_colors_of_one_lightness_come_apart():
    colors = color.fit_to_gamut(np.array([[60.0, 50, 40], [60.0, -40, 30]]))
    image = halves(*colors)
    weights = contrast_weights(image, np.ones((12, 12), bool))
    gray = gray_from_weights(colors, weights)
    assert abs(gray[0] - gray[1]) == pytest.approx(1)
    assert abs(np.diff(color.luma(colors))[0]) < 0.05


def test_an_order_beyond_doubt_is_kept():
    image = halves((0.2, 0.2, 0.3), (0.8, 0.7, 0.6))
    weights = contrast_weights(image, np.ones((12, 12), bool))
    gray = gray_from_weights(image, weights)
    assert (gray[:, :6] == 0).all()
    assert (gray[:, 6:] == 1).all()


def test_weights_fit_the_wanted_differences_better_than_luma():
    image = photograph("coffee", (60, 80)).astype(float)
    weights = contrast_weights(image, np.ones((60, 80), bool))
    powers = np.stack([np.prod(image ** np.array(m), axis=-1) for m in MONOMIALS], axis=-1)
    wanted = np.linalg.norm(np.diff(color.srgb_to_lab(image), axis=0), axis=-1) / 100

    def likelihood(gray):
        difference = np.diff(gray, axis=0)
        near = [np.exp(-((difference - s * wanted) ** 2) / (2 * SIGMA**2)) for s in (-1, 1)]
        return np.log(sum(near) / 2 + 1e-30).sum()

    assert likelihood(powers @ weights) > likelihood(color.luma(image))


def test_nothing_to_compare_gives_the_luma():
    image = np.full((1, 1, 3), 0.3)
    weights = contrast_weights(image, np.ones((1, 1), bool))
    assert gray_from_weights(image, weights)[0, 0] == pytest.approx(0.3)
