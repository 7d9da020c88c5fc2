"""Color maps at their published points, and slices against brute force and scikit-image."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from support import photograph
from tinct import color
from tinct.algorithms.colormaps import (
    PATHS,
    cubehelix,
    lookup_table,
    perceptual_map,
    ramp,
    sines,
    slice_thresholds,
    through_colors,
)

LEVELS = np.linspace(0, 1, 257)


@pytest.mark.parametrize("name", PATHS)
def test_perceptual_maps_take_equal_steps(name):
    colors = perceptual_map(name, LEVELS)
    assert colors.min() >= 0
    assert colors.max() <= 1
    lab = color.srgb_to_lab(colors)
    steps = np.linalg.norm(np.diff(lab, axis=0), axis=1)
    np.testing.assert_allclose(steps, steps.mean(), rtol=0.2)  # a corner is cut short
    rises = np.diff(lab[:, 0]) > 0
    assert rises.all() or (name == "diverging" and rises[:100].all() and not rises[-100:].any())


def test_cubehelix_rises_in_luma_from_black_to_white():
    colors = cubehelix(LEVELS)
    np.testing.assert_allclose(colors[[0, -1]], [[0, 0, 0], [1, 1, 1]], atol=1e-12)
    # the published weights are those of the directions, 0.30, 0.59, 0.11
    assert np.abs(colors @ [0.30, 0.59, 0.11] - LEVELS).max() < 0.02


def test_the_textbook_ramp_at_its_quarters():
    np.testing.assert_allclose(
        ramp([0, 0.25, 0.5, 0.75, 1]),
        [[0, 0, 1], [0, 1, 1], [0, 1, 0], [1, 1, 0], [1, 0, 0]],
    )


def test_sines_by_their_formula():
    np.testing.assert_allclose(
        sines([0, 0.5], 0.5, (0, 90, 30)), [[0, 1, 0.5], [1, 0, np.sin(np.pi * 2 / 3)]], atol=1e-12
    )


def test_palettes_are_met_exactly_and_mixed_in_lab():
    colors = np.array([[0, 0, 0], [0.6, 0.3, 0.3], [0.3, 0.3, 0.6]])
    np.testing.assert_allclose(through_colors([0, 0.5, 1], colors), colors, atol=2e-3)
    between = color.srgb_to_lab(through_colors([0.75], colors))[0]
    ends = color.srgb_to_lab(colors[1:].astype(float))
    np.testing.assert_allclose(between, ends.mean(axis=0), atol=0.1)
    np.testing.assert_allclose(through_colors([0.3], colors[1:2]), [[0.6, 0.3, 0.3]], atol=1e-4)


@pytest.mark.parametrize("count", [2, 3, 4])
def test_otsus_classes_equal_scikit_image(count):
    from skimage.filters import threshold_multiotsu

    gray = np.rint(color.luma(photograph("coffee", (60, 80))) * 255)
    ours = slice_thresholds(gray.ravel() / 255, count, "otsu") * 255
    theirs = threshold_multiotsu(gray.astype(np.uint8), classes=count)
    for one, other in zip(ours, theirs, strict=True):
        assert not ((gray > min(one, other)) & (gray <= max(one, other - 1))).any()


def test_otsus_classes_have_the_least_variance_of_all():
    rng = np.random.default_rng(3)
    levels = rng.choice(rng.integers(0, 256, 12), 60) / 255
    values = np.unique(levels)

    def within(borders):
        slices = np.digitize(levels, borders)
        return sum(levels[slices == k].var() * (slices == k).sum() for k in range(4))

    least = min(within(values[list(cut)]) for cut in itertools.combinations(range(1, 12), 3))
    assert within(slice_thresholds(levels, 4, "otsu")) == pytest.approx(least)


def test_equal_counts_are_equal():
    levels = np.random.default_rng(0).random(1000) ** 3
    slices = np.digitize(levels, slice_thresholds(levels, 8, "equal-count"))
    assert np.ptp(np.bincount(slices)) <= 2


@pytest.mark.parametrize("spacing", ["equal-count", "otsu"])
def test_slices_that_would_be_empty_are_dropped(spacing):
    levels = np.array([0.2, 0.2, 0.8])
    slices = np.digitize(levels, slice_thresholds(levels, 9, spacing))
    np.testing.assert_array_equal(slices, [0, 0, 1])
    assert slice_thresholds(np.full(5, 0.3), 4, spacing).size == 0


def test_256_slices_are_the_map_itself():
    thresholds = slice_thresholds(np.zeros(0), 256, "equal-width")
    table = lookup_table(ramp, thresholds)
    levels = np.arange(256) / 255
    np.testing.assert_allclose(table[np.rint(levels * 65535).astype(int)], ramp(levels), atol=1e-6)


def test_low_and_high_stretch_and_turn_the_map():
    table = lookup_table(ramp, None, low=0.75, high=0.25)
    np.testing.assert_allclose(table[0], ramp(1.0))
    np.testing.assert_allclose(table[-1], ramp(0.0))
    assert np.isfinite(lookup_table(ramp, None, low=0.5, high=0.5)).all()
