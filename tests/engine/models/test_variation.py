"""Variations: equal for equal seeds, different for others, and as colorful as the first."""

from __future__ import annotations

import numpy as np
import pytest

from support import photograph
from tinct import color
from tinct.models.colorizer import Prediction, network_lightness, predict
from tinct.models.runtime import load
from tinct.models.variation import vary

SIZE = (96, 144)


@pytest.fixture(scope="module")
def lightness() -> np.ndarray:
    luma = color.luma(photograph("coffee", SIZE))
    return network_lightness(luma, np.ones(luma.shape, bool), SIZE)


@pytest.fixture(scope="module")
def likeliest(lightness: np.ndarray) -> Prediction:
    return predict(load("tinct"), lightness, 0.7, logits=True)


def variation(lightness: np.ndarray, likeliest: Prediction, seed: int) -> np.ndarray:
    return vary(load("tinct"), lightness, likeliest, 0.7, seed).chroma


def test_equal_seeds_give_equal_colors(lightness: np.ndarray, likeliest: Prediction) -> None:
    first, second = (variation(lightness, likeliest, 3) for _ in range(2))
    np.testing.assert_array_equal(first, second)


def test_other_seeds_give_other_colors(lightness: np.ndarray, likeliest: Prediction) -> None:
    found = [likeliest.chroma, *(variation(lightness, likeliest, seed) for seed in (1, 2, 3))]
    for number, one in enumerate(found):
        for other in found[number + 1 :]:
            assert np.linalg.norm(one - other, axis=2).mean() > 2


def test_colors_stay_those_of_a_photograph(lightness: np.ndarray, likeliest: Prediction) -> None:
    usual = np.linalg.norm(likeliest.chroma, axis=2).mean()
    for seed in range(1, 6):
        chroma = np.linalg.norm(variation(lightness, likeliest, seed), axis=2)
        assert 0.4 * usual < chroma.mean() < 3 * usual
        assert chroma.max() < 110


def test_a_black_picture_has_nothing_to_vary(likeliest: Prediction) -> None:
    black = np.zeros((32, 32), np.float32)
    first = predict(load("tinct"), black, 0.7, logits=True)
    np.testing.assert_array_equal(vary(load("tinct"), black, first, 0.7, 5).chroma, first.chroma)
