"""Templates and their fit against dense search on the circle."""

from __future__ import annotations

import numpy as np
import pytest

from tinct.algorithms.harmony import (
    HUE_TEMPLATES,
    Sector,
    Shape,
    arc_to_sectors,
    best_angle,
    cost,
    rank,
    sectors_of,
)


def random_histogram(seed):
    rng = np.random.default_rng(seed)
    histogram = np.zeros(360)
    occupied = rng.integers(0, 360, (3, 12, 400)[seed % 3])
    histogram[occupied] += rng.random(occupied.size)
    return histogram


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("i", [(0, 18)]),
        ("V", [(0, 93.6)]),
        ("L", [(0, 18), (90, 79.2)]),
        ("I", [(0, 18), (180, 18)]),
        ("T", [(0, 180)]),
        ("Y", [(0, 93.6), (180, 18)]),
        ("X", [(0, 93.6), (180, 93.6)]),
        ("N", []),
    ],
)
def test_sectors_are_the_published_ones(template, expected):
    assert [(part.center, part.width) for part in sectors_of(template, 0)] == expected


def test_shape_sizes_the_sectors_and_mirrors_l():
    first, second = sectors_of("L", 30, Shape(first=2, second=0.5, offset=-180))
    assert (first.center, first.width) == (30, 36)
    assert (second.center, second.width) == (300, pytest.approx(39.6))


def test_arc_is_measured_round_the_circle():
    sectors = (Sector(350, 20),)
    np.testing.assert_allclose(arc_to_sectors([0, 5, 340, 170, 355], sectors), [0, 5, 0, 170, 0])


@pytest.mark.parametrize("seed", range(9))
@pytest.mark.parametrize("template", HUE_TEMPLATES)
def test_best_angle_is_as_good_as_any_of_a_dense_search(template, seed):
    histogram = random_histogram(seed)
    fit = best_angle(histogram, template)
    dense = min(cost(histogram, sectors_of(template, angle)) for angle in np.arange(0, 360, 0.25))
    assert fit.cost <= dense + 1e-9
    assert fit.cost == pytest.approx(cost(histogram, sectors_of(template, fit.angle)))


def test_ranking_holds_every_template_best_first():
    fits = rank(random_histogram(2))
    assert sorted(fit.template for fit in fits) == sorted(HUE_TEMPLATES)
    assert [fit.cost for fit in fits] == sorted(fit.cost for fit in fits)


@pytest.mark.parametrize("template", HUE_TEMPLATES)
def test_turning_the_hues_turns_the_template(template):
    histogram = random_histogram(1)
    turned = best_angle(np.roll(histogram, 37), template)
    still = best_angle(histogram, template)
    assert turned.cost == pytest.approx(still.cost)
    circle = 180 if template in "IX" else 360  # the two that look the same upside down
    assert (turned.angle - still.angle) % circle == pytest.approx(37, abs=1e-4)


def test_hues_with_room_in_the_sector_come_to_lie_in_its_middle():
    histogram = np.zeros(360)
    histogram[[100, 110]] = 1
    assert best_angle(histogram, "V").angle == pytest.approx(105)
    histogram = np.roll(histogram, -105)  # across red
    assert best_angle(histogram, "V").angle % 360 == pytest.approx(0, abs=1e-6)


def test_even_hues_have_an_angle_too():
    assert 0 <= best_angle(np.ones(360), "X").angle < 360
