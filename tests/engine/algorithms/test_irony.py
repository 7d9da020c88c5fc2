"""Classes and votes on stripes that no histogram tells apart."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from support import zebra
from tinct.algorithms import welsh
from tinct.algorithms.irony import Classifier

SIZE = (96, 128)
TINTS = np.array([[0.1, 0.05], [-0.1, 0.02]], np.float32)


@pytest.fixture(scope="module")
def example():
    luminance, lying = zebra(SIZE, seed=1)
    return luminance, lying.astype(np.int32), TINTS[lying.astype(int)]


@pytest.fixture(scope="module")
def target():
    return zebra(SIZE, seed=2)


@pytest.fixture(scope="module")
def classifier(example):
    luminance, labels, chroma = example
    return Classifier([luminance], [labels], [chroma], np.random.default_rng(0))


@pytest.fixture(scope="module")
def classified(classifier, target):
    return classifier.classify(target[0])


def far_from_borders(mask, pixels):
    inside = ndimage.distance_transform_edt(mask) > pixels
    return inside | (ndimage.distance_transform_edt(~mask) > pixels)


def test_both_textures_have_one_histogram(target):
    luminance, lying = target
    np.testing.assert_allclose(np.sort(luminance[lying]), np.sort(luminance[~lying]), atol=1e-6)


def test_voting_is_better_than_each_pixel_alone(classifier, classified, target):
    _, lying = target
    alone = np.mean(classified.labels == lying)
    voted = classifier.vote(classified)
    assert np.mean(voted.labels == lying) > alone
    far = far_from_borders(lying, 8)
    assert np.mean((voted.labels == lying)[far]) > 0.97


def test_samples_by_luminance_and_deviation_fail_there(example, target):
    luminance, _, chroma = example
    samples = welsh.draw_samples(
        luminance,
        welsh.neighborhood_deviation(luminance),
        chroma,
        200,
        np.random.default_rng(0),
        onto=welsh.mean_and_deviation(target[0]),
    )
    deviation = welsh.neighborhood_deviation(target[0])
    found, _ = welsh.match_samples(target[0].ravel(), deviation.ravel(), samples)
    right = (found == TINTS[target[1].ravel().astype(int)]).all(axis=1)
    assert right.mean() < 0.6


def test_low_confidence_lies_along_the_border(classifier, classified, target):
    voted = classifier.vote(classified)
    unsure = voted.confidence < 0.6
    near = ~far_from_borders(target[1], 8)
    assert unsure.any()
    assert np.mean(near[unsure]) > 0.9


def test_shares_are_parts_of_one(classifier, classified):
    shares = classifier.shares(classified.labels, classified.weights, 3)
    assert shares.min() >= 0
    np.testing.assert_allclose(shares.sum(axis=0), 1.0, atol=1e-9)


def test_names_of_classes_do_not_matter(example, target, classifier, classified):
    luminance, labels, chroma = example
    other = Classifier(
        [luminance], [np.where(labels == 1, 9, 4)], [chroma], np.random.default_rng(0)
    )
    found = other.vote(other.classify(target[0]))
    voted = classifier.vote(classified)
    np.testing.assert_array_equal(found.labels == 9, voted.labels == 1)
    np.testing.assert_allclose(found.chroma, voted.chroma, atol=1e-6)


def test_colors_are_those_of_the_class(classifier, classified, target):
    voted = classifier.vote(classified)
    far = far_from_borders(target[1], 12)
    wanted = TINTS[target[1].astype(int)]
    assert np.mean(np.abs(voted.chroma - wanted)[far].max(axis=1) < 0.02) > 0.9


def test_every_vote_is_counted_as_the_loop_counts_it(classifier, classified, example):
    voted = classifier.vote(classified, radius=2)
    sources, chroma = classifier.sources, classifier.chroma.reshape(*SIZE, 2)
    labels = example[1]
    assert sources.tolist() == [[0, *SIZE]]
    for row, column in ((0, 0), (40, 63), (95, 100)):
        votes, total = np.zeros(2), 0.0
        for i in range(max(row - 2, 0), min(row + 3, SIZE[0])):
            for j in range(max(column - 2, 0), min(column + 3, SIZE[1])):
                if classified.labels[i, j] != voted.labels[row, column]:
                    continue
                _, *match = classified.matches[i, j]
                down, across = match[0] + row - i, match[1] + column - j
                inside = 0 <= down < SIZE[0] and 0 <= across < SIZE[1]
                if not inside or labels[down, across] != voted.labels[row, column]:
                    down, across = match
                votes += classified.weights[i, j] * chroma[down, across]
                total += classified.weights[i, j]
        np.testing.assert_allclose(voted.chroma[row, column], votes / total, atol=1e-6)


def test_corrections_override(classifier, target):
    wrong = np.full(SIZE, -1, np.int32)
    wrong[10:30, 10:30] = 0
    found = classifier.classify(target[0], wrong)
    voted = classifier.vote(found, corrections=wrong)
    painted = wrong >= 0
    assert (voted.labels[painted] == 0).all()
    assert (voted.confidence[painted] == 1).all()
    assert np.abs(voted.chroma[15:25, 15:25] - TINTS[0]).max() < 0.03


def test_pixels_outside_have_no_vote(classifier, classified):
    inside = np.zeros(SIZE, bool)
    inside[:, :40] = True
    other = classified._replace(labels=np.where(inside, classified.labels, 1))
    one = classifier.vote(classified, inside=inside)
    np.testing.assert_array_equal(
        one.labels[inside], classifier.vote(other, inside=inside).labels[inside]
    )
