"""Turned hues against the formula of the paper, written with the standard library."""

from __future__ import annotations

import colorsys
import math

import numpy as np
import pytest

from support import photograph
from tinct import color
from tinct.algorithms.harmonization import count_hues, keep_lightness, split, turn_into_sectors
from tinct.algorithms.harmony import HUE_TEMPLATES, arc_to_sectors, cost, sectors_of


def opaque(values):
    return np.concatenate([values, np.ones_like(values[..., :1])], axis=2).astype(np.float32)


def from_hsv(hue, saturation=0.8, value=0.9):
    rows = [[colorsys.hsv_to_rgb(h / 360 % 1, saturation, value) for h in row] for row in hue]
    return opaque(np.array(rows))


def to_hsv(image):
    return np.array([[colorsys.rgb_to_hsv(*map(float, p[:3])) for p in row] for row in image])


def test_hues_and_weights_are_those_of_hsv():
    image = opaque(photograph("astronaut", (24, 32)))
    hues = split(image)
    truth = to_hsv(image)
    colored = truth[..., 1] > 1e-3
    difference = color.hue_distance(hues.hue, truth[..., 0] * 360)
    assert difference[colored].max() < 0.01
    np.testing.assert_allclose(hues.weight, truth[..., 1], atol=1e-6)


def test_histogram_keeps_weight_and_places_it_between_degrees():
    hue = np.array([[359.75, 10.0]], np.float32)
    counts = count_hues(hue, np.array([[1.0, 2.0]], np.float32))
    assert counts[359] == pytest.approx(0.25)
    assert counts[0] == pytest.approx(0.75)
    assert counts[10] == pytest.approx(2)
    assert counts.sum() == pytest.approx(3)


def test_a_single_sector_follows_the_papers_falloff():
    center, width = 40.0, 93.6
    degrees = np.arange(center - 140, center + 141, 7.0)
    image = from_hsv([degrees])
    result, shifted = turn_into_sectors(image, split(image), sectors_of("V", center))
    expected = [
        center
        + math.copysign(1, d - center)
        * width
        / 2
        * (1 - math.exp(-((d - center) ** 2) / (2 * (width / 2) ** 2)))
        for d in degrees
    ]
    assert color.hue_distance(shifted[0], expected).max() < 0.01
    assert color.hue_distance(to_hsv(result)[0, :, 0] * 360, expected).max() < 0.01


@pytest.mark.parametrize("template", HUE_TEMPLATES)
def test_at_full_strength_every_hue_lies_inside_and_s_and_v_stay(template):
    image = opaque(photograph("coffee", (40, 60)))
    hues = split(image)
    sectors = sectors_of(template, 77.0)
    result, _ = turn_into_sectors(image, hues, sectors)
    before, after = to_hsv(image), to_hsv(result)
    colored = before[..., 1] > 1e-3
    assert arc_to_sectors(after[..., 0] * 360, sectors)[colored].max() < 0.05
    np.testing.assert_array_equal(result[..., :3].max(axis=2), image[..., :3].max(axis=2))
    np.testing.assert_array_equal(result[..., :3].min(axis=2), image[..., :3].min(axis=2))


@pytest.mark.parametrize("strength", [0.25, 0.6, 1.0])
@pytest.mark.parametrize("template", HUE_TEMPLATES)
@pytest.mark.parametrize("name", ["coffee", "chelsea", "astronaut", "rocket"])
def test_cost_never_rises(name, template, strength):
    image = opaque(photograph(name, (60, 80)))
    hues = split(image, neutral=0.05)
    sectors = sectors_of(template, 200.0)
    _, shifted = turn_into_sectors(image, hues, sectors, strength=strength)
    before, after = (cost(count_hues(hue, hues.weight), sectors) for hue in (hues.hue, shifted))
    assert after <= before


def test_mirrored_hues_give_the_mirrored_result():
    degrees = np.arange(1.0, 360.0, 9.0)[np.newaxis]
    here, there = from_hsv(degrees), from_hsv(-degrees)
    _, first = turn_into_sectors(here, split(here), sectors_of("Y", 0), coherence=0)
    _, second = turn_into_sectors(there, split(there), sectors_of("Y", 0), coherence=0)
    assert color.hue_distance(first, -second).max() < 0.01


def test_kept_hues_inside_stay_and_others_stop_at_the_border():
    image = from_hsv([[10.0, 60.0, 300.0]])
    result, shifted = turn_into_sectors(image, split(image), sectors_of("V", 0), keep_inside=True)
    np.testing.assert_array_equal(result[0, 0], image[0, 0])
    np.testing.assert_allclose(shifted[0], [10, 46.8, 313.2], atol=0.01)


def test_grays_and_transparent_pixels_keep_their_bits():
    image = opaque(photograph("chelsea", (20, 30)))
    image[:5, :, :3] = image[:5, :, :1]
    image[5:9, :, :3] = image[5:9, :, :1] + np.float32(0.01) * (np.arange(3) == 1)
    image[9:12, :, 3] = 0
    result, _ = turn_into_sectors(image, split(image, neutral=0.05), sectors_of("i", 200))
    np.testing.assert_array_equal(result[:12], image[:12])
    assert np.abs(result[12:] - image[12:]).max() > 0.1


def test_strength_0_is_the_picture_itself():
    image = opaque(photograph("coffee", (20, 30)))
    result, _ = turn_into_sectors(image, split(image), sectors_of("X", 100), strength=0.0)
    np.testing.assert_array_equal(result, image)


def test_lightness_is_held_on_request():
    image = opaque(photograph("astronaut", (30, 40)))
    result, _ = turn_into_sectors(image, split(image), sectors_of("i", 240))
    wanted = color.srgb_to_lab(image[..., :3])[..., 0]
    assert np.abs(color.srgb_to_lab(result[..., :3])[..., 0] - wanted).max() > 5
    keep_lightness(image, result)
    assert np.abs(color.srgb_to_lab(result[..., :3])[..., 0] - wanted).max() < 0.1
