"""Hull palettes and mixing weights: known mixtures, flat pictures, and the published picture."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image
from scipy.optimize import nnls
from scipy.spatial import ConvexHull

from support import shared_data
from tinct.algorithms.distinct import distinct_colors
from tinct.algorithms.hull_palette import hull_palette, mixing_weights

PAINTS = np.array(
    [[0.05, 0.05, 0.1], [0.7, 0.1, 0.1], [0.1, 0.6, 0.2], [0.1, 0.2, 0.9], [0.95, 0.9, 0.6]]
)


def mixtures(paints, count=4000, seed=0):
    rng = np.random.default_rng(seed)
    shares = rng.dirichlet(np.full(len(paints), 0.3), count)
    return np.concatenate([shares @ paints, paints])


def test_the_paints_of_mixtures_are_found_again():
    colors = mixtures(PAINTS)
    for size in (0, 5):
        palette = hull_palette(colors, np.ones(len(colors)), size)
        assert palette.shape == PAINTS.shape
        gaps = np.abs(palette[:, None] - PAINTS).max(axis=2)
        assert gaps.min(axis=0).max() < 0.01
    assert (np.diff(palette.sum(axis=1)) >= 0).all()


@pytest.mark.parametrize(("size", "miss"), [(4, 0.08), (6, 0.03), (9, 0.02)])
def test_fewer_corners_still_hold_the_colors(size, miss):
    colors = np.random.default_rng(1).random((3000, 3)) * 0.5 + 0.25
    palette = hull_palette(colors, np.ones(3000), size)
    assert len(palette) <= size
    mixed = mixing_weights(colors, palette) @ palette
    # collapsing never loses a color; clipping to sRGB may, at the corners
    assert np.sqrt(((mixed - colors) ** 2).mean()) < miss


@pytest.mark.parametrize("paints", [PAINTS, PAINTS[:4], PAINTS[:3], PAINTS[:2], PAINTS[:1]])
def test_weights_are_shares_and_mix_the_colors(paints):
    colors = mixtures(paints, 500)
    weights = mixing_weights(colors, paints)
    assert weights.min() >= 0
    np.testing.assert_allclose(weights.sum(axis=1), 1, atol=1e-9)
    np.testing.assert_allclose(weights @ paints, colors, atol=1e-7)


@pytest.mark.parametrize("paints", [PAINTS, PAINTS[:3], PAINTS[:2]])
def test_colors_outside_mix_to_the_nearest_of_the_hull(paints):
    colors = np.random.default_rng(2).random((200, 3)) * 1.4 - 0.2
    mixed = mixing_weights(colors, paints) @ paints
    system = np.vstack([paints.T, np.full(len(paints), 1e4)])
    for color, ours in zip(colors, mixed, strict=True):
        shares = nnls(system, np.append(color, 1e4))[0]
        assert np.linalg.norm(ours - color) <= np.linalg.norm(shares @ paints - color) + 1e-5


def test_flat_sets_of_colors():
    ones = np.ones(50)
    assert hull_palette(np.full((50, 3), 0.4), ones).shape == (1, 3)
    grays = np.linspace(0.1, 0.9, 50)[:, None] * np.ones(3)
    np.testing.assert_allclose(hull_palette(grays, ones), [[0.1] * 3, [0.9] * 3])
    plane = mixtures(PAINTS[:3], 300)
    palette = hull_palette(plane, np.ones(len(plane)))
    mixed = mixing_weights(plane, palette) @ palette
    assert np.abs(mixed - plane).max() < 3 / 255


def test_weights_are_unique_inside_a_tetrahedron():
    weights = np.random.default_rng(3).dirichlet(np.ones(4), 100)
    np.testing.assert_allclose(mixing_weights(weights @ PAINTS[:4], PAINTS[:4]), weights, atol=1e-9)


def test_the_published_picture_gives_the_published_palette():
    folder = shared_data("reference/palette")
    published = np.array(json.loads((folder / "turquoise_palette.json").read_text())["vs"]) / 255
    pixels = np.asarray(Image.open(folder / "turquoise.png").convert("RGBA"), np.float32) / 255
    distinct = distinct_colors(pixels)
    palette = hull_palette(distinct.colors, distinct.counts)
    gaps = np.abs(palette[:, None] - published).max(axis=2).min(axis=0)
    assert len(palette) == len(published)
    assert gaps.max() < 20 / 255
    layers = [folder / f"turquoise_weights_{k}.png" for k in range(6)]
    weights = np.stack([np.asarray(Image.open(path).convert("L")) / 255 for path in layers], -1)
    theirs = weights @ published
    ours = distinct.spread(mixing_weights(distinct.colors, palette) @ palette)
    truth = pixels[..., :3]
    assert np.sqrt(((ours - truth) ** 2).mean()) <= np.sqrt(((theirs - truth) ** 2).mean())
    assert np.abs(ours - theirs).mean() < 1 / 255


def test_the_hull_holds_every_color_before_clipping():
    colors = mixtures(PAINTS * 0.1 + 0.45)
    palette = hull_palette(colors, np.ones(len(colors)), 4)
    hull = ConvexHull(palette)
    outside = (colors @ hull.equations[:, :3].T + hull.equations[:, 3]).max()
    assert outside < 0.01
