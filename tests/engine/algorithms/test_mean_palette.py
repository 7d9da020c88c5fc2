"""Cluster palettes and smooth recoloring: what the paper promises of both."""

from __future__ import annotations

import numpy as np
import pytest

from support import photograph
from tinct import color
from tinct.algorithms import mean_palette as module
from tinct.algorithms.mean_palette import mean_palette, recolor, smooth_weights

PALETTE = np.array([[0.2, 0.25, 0.3], [0.6, 0.3, 0.25], [0.4, 0.55, 0.35], [0.85, 0.8, 0.7]])


def test_clusters_are_found_from_dark_to_light():
    rng = np.random.default_rng(0)
    colors = np.concatenate([PALETTE + 0.01 * rng.standard_normal(3) for _ in range(50)])
    palette = mean_palette(colors, np.ones(len(colors)), 4)
    assert np.abs(palette - PALETTE).max() < 0.02
    assert (np.diff(color.srgb_to_lab(palette)[:, 0]) > 0).all()


def test_one_color_is_the_mean_of_what_is_not_black():
    colors = np.array([[0.0, 0, 0], [0.5, 0.5, 0.6]])
    palette = mean_palette(colors, np.array([5.0, 1.0]), 1)
    np.testing.assert_allclose(palette, colors[1:], atol=1e-6)


def test_each_palette_color_belongs_to_itself_alone():
    lab = color.srgb_to_lab(PALETTE)
    np.testing.assert_allclose(smooth_weights(lab, lab), np.eye(4), atol=1e-9)
    weights = smooth_weights(color.srgb_to_lab(np.random.default_rng(1).random((300, 3))), lab)
    assert weights.min() >= 0
    np.testing.assert_allclose(weights.sum(axis=1), 1)


@pytest.mark.parametrize("changed", range(4))
def test_an_edited_color_becomes_its_target(changed):
    lab = color.srgb_to_lab(PALETTE)
    lab[changed, 1:] += (12, -9)
    edited = color.fit_to_gamut(lab)
    np.testing.assert_allclose(recolor(PALETTE, PALETTE, edited), edited, atol=2e-3)


def test_lightness_follows_the_palette_and_keeps_its_order():
    lab = color.srgb_to_lab(PALETTE)
    lab[1, 0] = lab[2, 0] + 20  # past its neighbor, which is pushed along
    edited = color.fit_to_gamut(lab)
    grays = np.linspace(0, 1, 40)[:, None] * np.ones(3)
    light = color.srgb_to_lab(recolor(grays, PALETTE, edited))[:, 0]
    assert (np.diff(light) >= -0.1).all()
    assert light[[0, -1]] == pytest.approx([0, 100], abs=0.1)


def test_nothing_edited_changes_nothing_and_results_stay_in_gamut():
    colors = photograph("coffee", (40, 50)).reshape(-1, 3).astype(float)
    np.testing.assert_array_equal(recolor(colors, PALETTE, PALETTE), colors)
    moved = recolor(colors, PALETTE, PALETTE[:, [2, 0, 1]])
    assert moved.min() >= 0
    assert moved.max() <= 1
    assert np.abs(moved - colors).max() > 0.1


def test_the_lattice_comes_near_each_color_by_itself(monkeypatch):
    colors = photograph("coffee", (40, 50)).reshape(-1, 3).astype(float)
    edited = PALETTE.copy()
    edited[1] = (0.3, 0.35, 0.6)
    exact = recolor(colors, PALETTE, edited)
    monkeypatch.setattr(module, "EXACT_COLORS", 0)
    near = recolor(colors, PALETTE, edited)
    assert np.abs(near - exact).mean() < 2 / 255
