"""Looking up suggested colors, on what the engine really returns."""

from __future__ import annotations

import json

import numpy as np
import pytest

from tinct.suggestions import Spot, describe_suggestions
from tinct_client.suggestions import Suggestions

# as a, b of CIELAB: red, green, and almost gray
RED, GREEN, GRAY = (60.0, 40.0), (-50.0, 45.0), (1.0, 0.0)


def spot(x: int, y: int, *colors: tuple[float, float]) -> Spot:
    shares = np.array([0.6, 0.3, 0.1])[: len(colors)]
    return Spot(x, y, 50.0, np.array(colors), shares)


@pytest.fixture
def suggestions() -> Suggestions:
    fields = [
        [spot(10, 10, RED), spot(30, 10, GREEN), spot(50, 10, GRAY)],
        [spot(10, 30, GRAY), spot(30, 30, RED, GREEN), spot(50, 30, GREEN)],
    ]
    data = describe_suggestions([spot(3, 4, GREEN, RED)], fields)
    found = Suggestions.find({"colors": "a picture", "suggested": json.loads(json.dumps(data))})
    assert found is not None
    return found


def channels(color: str) -> tuple[int, int, int]:
    red, green, blue = (int(color[place : place + 2], 16) for place in (1, 3, 5))
    return red, green, blue


def test_the_newest_stroke_has_its_colors_by_likelihood(suggestions):
    first, second = suggestions.for_newest_stroke()
    assert channels(first.color)[1] > channels(first.color)[0]
    assert channels(second.color)[0] > channels(second.color)[1]
    assert (first.share, second.share) == (0.6, 0.3)


@pytest.mark.parametrize(
    ("x", "y", "count", "is_red"),
    [(0, 0, 1, True), (19.9, 19.9, 1, True), (20, 0, 1, False), (30, 39.9, 2, True)],
)
def test_a_place_has_the_colors_of_its_field(suggestions, x, y, count, is_red):
    found = suggestions.at(x, y, 60, 40)
    assert len(found) == count
    red, green, _blue = channels(found[0].color)
    assert (red > green) == is_red


@pytest.mark.parametrize(("x", "y"), [(-0.1, 0), (0, -1), (60, 0), (0, 40), (1e9, 1e9)])
def test_outside_the_picture_nothing_is_suggested(suggestions, x, y):
    assert suggestions.at(x, y, 60, 40) == ()


def test_runs_without_suggestions_have_none():
    assert Suggestions.find({"wheel": {"kind": "wheel"}, "colors": "a picture"}) is None
    empty = Suggestions.from_data(describe_suggestions([], []))
    assert empty.for_newest_stroke() == ()
    assert empty.at(0, 0, 1, 1) == ()
