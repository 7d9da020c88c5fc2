"""Descriptions, matching and harmony of palettes."""

from __future__ import annotations

import itertools
import json

import numpy as np

from tinct import color
from tinct.algorithms.harmonization import split
from tinct.algorithms.harmony import arc_to_sectors, best_angle, sectors_of
from tinct.palettes import describe_palette, match_palette, snap_to_harmony

RNG = np.random.default_rng(0)


def test_description_is_json_with_shares_of_sum_1():
    colors = RNG.random((3, 3))
    info = describe_palette(colors, colors[::-1], np.array([1.0, 2.0, 5.0]))
    assert json.loads(json.dumps(info)) == info
    assert info["original"] == info["edited"][::-1]
    assert info["shares"] == [0.125, 0.25, 0.625]


def test_match_is_the_least_of_all_assignments():
    original, offered = RNG.random((4, 3)), RNG.random((5, 3))
    labs = color.srgb_to_lab(original), color.srgb_to_lab(offered)
    least = min(
        np.linalg.norm(labs[0] - labs[1][list(chosen)], axis=1).sum()
        for chosen in itertools.permutations(range(5), 4)
    )
    matched = color.srgb_to_lab(match_palette(original, offered))
    assert np.isclose(np.linalg.norm(labs[0] - matched, axis=1).sum(), least)
    assert (match_palette(original, offered[:1]) == offered[0]).all()


def test_snapped_hues_lie_in_the_template_and_grays_stay():
    palette = np.concatenate([RNG.random((5, 3)), [[0.5, 0.5, 0.5]]])
    snapped = snap_to_harmony(palette, np.ones(6), "I")
    np.testing.assert_allclose(snapped[5], 0.5)
    row = np.ones((1, 6, 4), np.float32)
    row[0, :, :3] = snapped
    hues = split(row)
    histogram = np.bincount(np.rint(hues.hue[0, :5]).astype(int) % 360, minlength=360)
    sectors = sectors_of("I", best_angle(histogram.astype(float), "I").angle)
    assert arc_to_sectors(hues.hue[0, :5], sectors).max() < 1.5
    assert np.abs(snapped - palette).max() > 0.05
    grays = np.full((2, 3), 0.3)
    np.testing.assert_array_equal(snap_to_harmony(grays, np.ones(2), "auto"), grays)
