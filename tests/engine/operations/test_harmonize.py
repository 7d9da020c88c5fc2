"""The operation: what it fits to, what it refuses, and the wheel it describes."""

from __future__ import annotations

import json

import numpy as np
import pytest

from support import photograph
from tinct.algorithms.harmony import HUE_TEMPLATES
from tinct.declare import Color
from tinct.errors import InputError, ParameterError
from tinct.operations.harmonize import harmonize

SIZE = (60, 80)


def opaque(values):
    return np.concatenate([values, np.ones_like(values[..., :1])], axis=2).astype(np.float32)


@pytest.fixture
def image():
    return opaque(photograph("coffee", SIZE))


def test_automatic_takes_the_template_and_angle_of_least_cost(image):
    wheel = harmonize(image)["wheel"]
    best = wheel["ranking"][0]
    assert (wheel["template"], wheel["angle"]) == (best["template"], best["angle"])
    scan = [
        harmonize(image, template=name, find_angle=False, angle=float(angle))["wheel"]["cost"][
            "before"
        ]
        for name in HUE_TEMPLATES
        for angle in range(0, 360, 15)
    ]
    assert wheel["cost"]["before"] <= min(scan) + 1e-4


def test_wheel_is_json_and_complete(image):
    wheel = harmonize(image, template="Y", find_angle=False, angle=123.0)["wheel"]
    assert json.loads(json.dumps(wheel)) == wheel
    assert wheel["kind"] == "wheel"
    assert [len(wheel[name]) for name in ("before", "after", "fitted")] == [360] * 3
    assert max(wheel["before"]) == 1
    assert sum(wheel["after"]) == pytest.approx(sum(wheel["before"]), rel=1e-3)
    assert wheel["angle"] == 123
    assert [part["center"] for part in wheel["sectors"]] == [123, 303]
    assert {fit["template"] for fit in wheel["ranking"]} == set(HUE_TEMPLATES)
    assert wheel["cost"]["after"] <= wheel["cost"]["before"]


def test_template_can_come_from_the_rest_the_palette_or_a_second_picture(image):
    green = (0.1, 0.8, 0.2)
    halves = np.zeros(SIZE, np.float32)
    halves[:, :40] = 1
    picture = image.copy()
    picture[:, 40:, :3] = green
    flag = np.ones((4, 4, 4), np.float32)
    flag[..., :3] = green
    for options in (
        {"region": halves, "fit_to": "rest"},
        {"palette": (Color(*green),), "fit_to": "palette"},
        {"reference": flag, "fit_to": "reference"},
    ):
        result = harmonize(picture, template="i", **options)
        center = result["wheel"]["sectors"][0]["center"]
        assert center == pytest.approx(128.57, abs=1.1), options
        moved = result["colors"][:, :40, :3]
        colored = np.ptp(picture[:, :40, :3], axis=2) > 0.06
        assert (moved[colored].argmax(axis=1) == 1).all()


def test_selection_fits_to_its_own_hues(image):
    picture = image.copy()
    picture[:, 40:, :3] = (0.1, 0.2, 0.9)
    region = np.zeros(SIZE, np.float32)
    region[:, 40:] = 1
    wheel = harmonize(picture, region, template="i", fit_to="selection")["wheel"]
    assert wheel["angle"] == pytest.approx(232.5, abs=1)
    assert wheel["cost"]["before"] == pytest.approx(0, abs=1e-3)


def test_template_n_takes_hue_out_and_keeps_v(image):
    colors = harmonize(image, template="N")["colors"]
    assert np.ptp(colors[..., :3], axis=2).max() < 1e-6
    np.testing.assert_allclose(colors[..., 0], image[..., :3].max(axis=2), atol=1e-6)


@pytest.mark.parametrize(
    ("picture", "region", "words"),
    [
        (np.full((4, 4, 4), 0.5, np.float32), None, "is gray"),
        (np.zeros((4, 4, 4), np.float32), None, "fully transparent"),
        (np.eye(4, dtype=np.float32)[None], np.zeros((1, 4), np.float32), "selection is empty"),
    ],
)
def test_pictures_without_hues_are_refused(picture, region, words):
    with pytest.raises(InputError, match=words + r".*\.$"):
        harmonize(picture, region)


@pytest.mark.parametrize(
    ("fit_to", "words"),
    [
        ("palette", "palette is empty"),
        ("reference", "no second picture"),
        ("rest", "no selection"),
        ("selection", "no selection"),
    ],
)
def test_missing_sources_of_the_template_are_named(image, fit_to, words):
    with pytest.raises(ParameterError, match=words):
        harmonize(image, fit_to=fit_to)


def test_gray_sources_of_the_template_are_refused(image):
    with pytest.raises(InputError, match="only grays"):
        harmonize(image, fit_to="palette", palette=(Color(0.5, 0.5, 0.5),))
