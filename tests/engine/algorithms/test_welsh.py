"""Samples and their matches against brute force, and what the method promises."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from support import photograph
from tinct.algorithms import welsh
from tinct.algorithms.welsh import Samples

LUMA = np.array([0.299, 0.587, 0.114], np.float32)


@pytest.fixture
def luminance():
    return photograph("coffee", (60, 81)) @ LUMA


def all_samples(luminance, chroma):
    return Samples(
        luminance.ravel(), welsh.neighborhood_deviation(luminance).ravel(), chroma.reshape(-1, 2)
    )


def test_deviation_is_that_of_every_window(luminance):
    wanted = ndimage.generic_filter(luminance.astype(np.float64), np.std, 5, mode="mirror")
    np.testing.assert_allclose(welsh.neighborhood_deviation(luminance), wanted, atol=1e-6)


def test_deviation_of_a_bright_flat_picture_is_zero():
    assert (welsh.neighborhood_deviation(np.full((9, 9), 1e4, np.float32)) < 1e-6).all()


def test_deviation_leaves_hidden_pixels_out(luminance):
    inside = np.ones(luminance.shape, bool)
    inside[10:13, 30:50] = False
    hidden = np.where(inside, luminance, np.float32(1e6))
    values = welsh.neighborhood_deviation(hidden, inside)
    windows = np.lib.stride_tricks.sliding_window_view(np.where(inside, luminance, np.nan), (5, 5))
    wanted = np.nanstd(windows.astype(np.float64), axis=(2, 3))
    shown = inside[2:-2, 2:-2]
    np.testing.assert_allclose(values[2:-2, 2:-2][shown], wanted[shown], atol=1e-5)


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (2, 3)])
def test_deviation_of_tiny_pictures_is_finite(shape):
    values = welsh.neighborhood_deviation(np.random.default_rng(0).random(shape, np.float32))
    assert values.shape == shape
    assert np.isfinite(values).all()


def test_remapped_luminance_has_the_targets_statistics(luminance):
    own = luminance.astype(np.float64)
    mapped = welsh.remap_luminance(own, welsh.mean_and_deviation(own), (0.25, 0.07))
    assert abs(mapped.mean() - 0.25) < 1e-9
    assert abs(mapped.std() - 0.07) < 1e-9


def test_flat_luminance_is_shifted_only():
    mapped = welsh.remap_luminance(np.full((4, 4), 0.3), (0.3, 0.0), (0.6, 0.2))
    np.testing.assert_allclose(mapped, 0.6)


@pytest.mark.parametrize("shape", [(100, 140), (7, 500), (30, 10)])
def test_jittered_samples_fill_a_grid(shape):
    picked = welsh.jittered_indices(shape, 200, np.random.default_rng(3))
    assert 120 <= picked.size <= 300
    assert len(set(picked.tolist())) == picked.size
    rows, columns = np.divmod(picked, shape[1])
    # an even spread: each quarter of the picture holds about a quarter of the samples
    share = np.mean((rows < shape[0] / 2) & (columns < shape[1] / 2))
    assert 0.15 < share < 0.35


def test_jittered_samples_stay_inside_a_mask():
    inside = np.zeros((50, 60), bool)
    inside[10:30, 20:55] = True
    inside[15:20, 30:40] = False
    picked = welsh.jittered_indices((50, 60), 50, np.random.default_rng(0), inside)
    assert inside.ravel()[picked].all()
    assert 30 <= picked.size <= 90
    np.testing.assert_array_equal(
        welsh.jittered_indices((50, 60), 10_000, np.random.default_rng(0), inside),
        np.flatnonzero(inside),
    )


@pytest.mark.parametrize("weight", [0.0, 0.3, 0.5, 0.8, 1.0])
def test_match_is_the_brute_force_minimum(luminance, weight):
    rng = np.random.default_rng(1)
    samples = Samples(*rng.random((2, 150), np.float32), rng.random((150, 2), np.float32))
    deviation = welsh.neighborhood_deviation(luminance)
    chroma, _ = welsh.match_samples(
        luminance.ravel(), deviation.ravel(), samples, texture_weight=weight
    )
    across = luminance.ravel()[:, None].astype(np.float64) - samples.luminance
    up = deviation.ravel()[:, None].astype(np.float64) - samples.deviation
    table = (1 - weight) * across**2 + weight * up**2
    cost = {tuple(c): k for k, c in enumerate(samples.chroma.tolist())}
    chosen = [cost[tuple(c)] for c in chroma.tolist()]
    np.testing.assert_allclose(table[np.arange(len(table)), chosen], table.min(axis=1), atol=1e-7)


def test_a_picture_gives_its_colors_back_to_itself(luminance):
    chroma = np.random.default_rng(0).random((*luminance.shape, 2), np.float32)
    samples = all_samples(luminance, chroma)
    pairs = np.stack([samples.luminance, samples.deviation], axis=1)
    _, index, count = np.unique(pairs, axis=0, return_index=True, return_counts=True)
    alone = index[count == 1]
    found, _ = welsh.match_samples(samples.luminance, samples.deviation, samples)
    assert alone.size > 0.9 * luminance.size
    np.testing.assert_array_equal(found[alone], samples.chroma[alone])


def test_brightness_and_contrast_of_the_reference_do_not_matter(luminance):
    chroma = np.random.default_rng(0).random((*luminance.shape, 2), np.float32)
    other = photograph("chelsea", (50, 70)) @ LUMA
    found = []
    for reference in (luminance, luminance * 0.5 + 0.2):
        samples = welsh.draw_samples(
            reference,
            welsh.neighborhood_deviation(reference),
            chroma,
            200,
            np.random.default_rng(5),
            onto=welsh.mean_and_deviation(other),
        )
        found.append(
            welsh.match_samples(
                other.ravel(), welsh.neighborhood_deviation(other).ravel(), samples
            )[0]
        )
    assert np.mean((found[0] == found[1]).all(axis=1)) > 0.999


def test_texture_tells_smooth_from_noisy_at_one_brightness():
    rng = np.random.default_rng(0)
    noise = rng.choice([-0.2, 0.2], (40, 80)).astype(np.float32)
    noise[:, :40] = 0.0
    luminance = 0.5 + noise
    chroma = np.zeros((40, 80, 2), np.float32)
    chroma[:, 40:] = 1.0
    deviation = welsh.neighborhood_deviation(luminance)
    onto = welsh.mean_and_deviation(luminance)
    samples = welsh.draw_samples(luminance, deviation, chroma, 200, rng, onto=onto)
    # every pixel asks with one brightness, so that texture alone can tell
    found, _ = welsh.match_samples(
        np.full(3200, 0.5, np.float32), deviation.ravel(), samples, texture_weight=1.0
    )
    right = found.reshape(40, 80, 2)[..., 0] == chroma[..., 0]
    assert right[:, :36].all()
    assert right[:, 44:].mean() > 0.99


def test_spreading_finds_the_nearest_patch_of_all():
    luminance = photograph("coffee", (40, 50)) @ LUMA
    rng = np.random.default_rng(0)
    chroma = rng.random((40, 50, 2), np.float32)
    swatches = np.zeros((40, 50), np.int32)
    swatches[5:15, 5:20] = 1
    swatches[25:35, 30:45] = 2
    targets = swatches == 0
    deviation = welsh.neighborhood_deviation(luminance)
    found, kinds = welsh.spread_from_swatches(
        luminance, deviation, chroma, swatches, targets, rng, candidates=10_000
    )
    padded = np.pad(luminance, 2, mode="symmetric").astype(np.float64)
    patches = np.lib.stride_tricks.sliding_window_view(padded, (5, 5)).reshape(2000, 25)
    patches = np.concatenate([patches, 7.0 * deviation.reshape(-1, 1)], axis=1)
    known = np.flatnonzero(swatches)
    for place, pixel in list(enumerate(np.flatnonzero(targets)))[::37]:
        costs = ((patches[known] - patches[pixel]) ** 2).sum(axis=1)
        equal = known[costs <= costs.min() + 1e-7]
        assert any((found[place] == chroma.reshape(-1, 2)[k]).all() for k in equal)
        assert kinds[place] in swatches.ravel()[equal]


@pytest.mark.parametrize("method", ["mean-deviation", "histogram"])
def test_statistics_become_the_references(method):
    rng = np.random.default_rng(0)
    values = rng.normal(0.2, 0.1, (5000, 2)).astype(np.float32)
    reference = rng.gamma(2.0, 0.3, (7000, 2)).astype(np.float32)
    matched = welsh.match_statistics(values, reference, method)
    np.testing.assert_allclose(matched.mean(axis=0), reference.mean(axis=0), rtol=0.01)
    np.testing.assert_allclose(matched.std(axis=0), reference.std(axis=0), rtol=0.02)
    if method == "histogram":
        levels = [0.05, 0.25, 0.5, 0.75, 0.95]
        np.testing.assert_allclose(
            np.quantile(matched, levels, axis=0), np.quantile(reference, levels, axis=0), rtol=0.03
        )
