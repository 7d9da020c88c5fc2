"""Distributions of color: what they sum to, and what the whole picture makes of them."""

from __future__ import annotations

import numpy as np
import pytest

from support import zebra
from tinct.algorithms.multimodal import ColorDistributions

SIZE = (96, 128)
TINTS = np.array([[0.1, 0.05], [-0.1, 0.02]], np.float32)


@pytest.fixture(scope="module")
def learned():
    luminance, lying = zebra(SIZE, seed=1)
    chroma = TINTS[lying.astype(int)]
    return ColorDistributions([luminance], [chroma], np.random.default_rng(0))


@pytest.fixture(scope="module")
def prediction(learned):
    luminance, _ = zebra(SIZE, seed=2)
    return learned.predict(luminance, np.arange(luminance.size))


def test_bins_are_the_colors_there_are(learned):
    np.testing.assert_allclose(sorted(learned.centers[:, 0]), [-0.1, 0.1], atol=1e-6)


def test_probabilities_sum_to_one(prediction):
    np.testing.assert_allclose(prediction.probability.sum(axis=1), 1.0, atol=1e-5)
    assert prediction.probability.min() >= 0
    assert (prediction.variation >= 0).all()


def test_smoothness_mends_what_pixels_alone_get_wrong(learned, prediction):
    _, lying = zebra(SIZE, seed=2)
    wanted = TINTS[lying.astype(int)]

    def right(smoothness):
        chroma, _ = learned.resolve(prediction, SIZE, smoothness)
        return np.mean(np.abs(chroma - wanted).max(axis=2) < 0.02)

    assert right(0.3) > right(0.0)
    assert right(0.3) > 0.9


def test_without_smoothness_the_most_probable_color_is_chosen(learned, prediction):
    chroma, confidence = learned.resolve(prediction, SIZE, 0.0)
    best = prediction.probability.argmax(axis=1)
    np.testing.assert_allclose(confidence.ravel(), prediction.probability.max(axis=1))
    np.testing.assert_allclose(
        chroma.reshape(-1, 2), prediction.chroma[np.arange(len(best)), best], atol=1e-6
    )
