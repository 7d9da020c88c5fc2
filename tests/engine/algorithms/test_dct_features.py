"""The features against a transform of each block, and the axes against a known answer."""

from __future__ import annotations

import numpy as np
from scipy.fft import dctn

from support import photograph
from tinct.algorithms.dct_features import TextureFeatures, learn_projection

LUMA = np.array([0.299, 0.587, 0.114], np.float32)


def test_features_are_the_transform_of_the_block_around():
    luminance = photograph("coffee", (30, 40)) @ LUMA
    features = TextureFeatures(luminance)
    padded = np.pad(luminance, (4, 3), mode="symmetric").astype(np.float64)
    for row, column in ((0, 0), (13, 22), (29, 39)):
        block = padded[row : row + 8, column : column + 8]
        wanted = np.abs(dctn(block, norm="ortho")).ravel()
        found = features.at(np.array([row * 40 + column]))[0]
        np.testing.assert_allclose(found, wanted, atol=1e-5)
        np.testing.assert_allclose(found[0], 8 * block.mean(), rtol=1e-5)


def test_projecting_in_tiles_is_projecting_at_once():
    luminance = photograph("coffee", (70, 40)) @ LUMA
    projection = np.random.default_rng(0).standard_normal((64, 5)).astype(np.float32)
    features = TextureFeatures(luminance)
    np.testing.assert_allclose(
        features.projected(projection), features.at(np.arange(2800)) @ projection, atol=1e-4
    )


def test_the_first_axis_is_the_one_that_tells_classes_apart():
    rng = np.random.default_rng(0)
    labels = rng.integers(2, size=4000)
    values = rng.standard_normal((4000, 6)) * [10, 5, 1, 1, 1, 0.1]
    values[:, 3] += 4 * labels
    projection = learn_projection(values, labels, 2, rng)
    first = np.abs(projection[:, 0]) * [10, 5, 1, 1, 1, 0.1]
    assert np.argmax(first) == 3
    assert first[3] > 5 * np.delete(first, 3).max()


def test_names_of_classes_do_not_matter():
    rng = np.random.default_rng(0)
    labels = rng.integers(3, size=600)
    values = rng.standard_normal((600, 8)) + labels[:, None]
    one = learn_projection(values, labels, 4, np.random.default_rng(1))
    other = learn_projection(values, labels * 7 + 3, 4, np.random.default_rng(1))
    np.testing.assert_array_equal(one, other)


def test_constant_features_and_one_class_give_finite_axes():
    rng = np.random.default_rng(0)
    for values in (np.ones((50, 64)), rng.random((50, 64))):
        projection = learn_projection(values, np.zeros(50, int), 10, rng)
        assert projection.shape == (64, 10)
        assert np.isfinite(projection).all()
