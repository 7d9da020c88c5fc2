"""The description of suggested colors."""

from __future__ import annotations

import json

import numpy as np
import pytest
from skimage.color import rgb2lab

from tinct.suggestions import Spot, describe_suggestions


def spot(x, lightness, ab, shares):
    return Spot(x, 7, lightness, np.float32(ab), np.float32(shares))


def lab_of(name):
    rgb = [int(name[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    return rgb2lab(np.array(rgb)[np.newaxis, np.newaxis])[0, 0]


def test_colors_are_those_asked_for_at_their_lightness():
    ab = [(20.0, 10.0), (-15.0, 12.0)]
    found = describe_suggestions([spot(3, 60.0, ab, [0.75, 0.25])], [])
    (stroke,) = found["strokes"]
    assert (stroke["x"], stroke["y"]) == (3, 7)
    assert [part["share"] for part in stroke["colors"]] == [0.75, 0.25]
    for part, wanted in zip(stroke["colors"], ab, strict=True):
        np.testing.assert_allclose(lab_of(part["color"]), (60, *wanted), atol=0.8)


def test_a_color_srgb_lacks_keeps_hue_and_lightness():
    (stroke,) = describe_suggestions([spot(0, 50.0, [(0.0, -200.0)], [1.0])], [])["strokes"]
    lab = lab_of(stroke["colors"][0]["color"])
    assert lab[0] == pytest.approx(50, abs=1)
    assert abs(lab[1]) < 3
    assert lab[2] < -40


def test_what_is_hardly_likely_is_left_out():
    shares = [0.9, 0.095, 0.004, 0.001, 0.0]
    (stroke,) = describe_suggestions(
        [spot(0, 50.0, [(0, 0), (20, 0), (0, 20), (-20, 0), (0, 0)], shares)], []
    )["strokes"]
    assert [part["share"] for part in stroke["colors"]] == [0.9, 0.095]


def test_the_map_goes_row_by_row():
    rows = [
        [spot(column, 50.0, [(10.0 * row, 10.0 * column)], [1.0]) for column in range(3)]
        for row in range(2)
    ]
    found = describe_suggestions([], rows)["map"]
    assert (found["rows"], found["columns"]) == (2, 3)
    for number, (name,) in enumerate(found["colors"]):
        row, column = divmod(number, 3)
        np.testing.assert_allclose(lab_of(name)[1:], (10 * row, 10 * column), atol=0.8)


def test_nothing_to_suggest_is_json_too():
    found = describe_suggestions([], [])
    assert json.loads(json.dumps(found)) == found
    assert found["map"] == {"rows": 0, "columns": 0, "colors": []}
