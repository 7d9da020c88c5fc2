"""The evaluation's measures against closed forms, its hints and its objects."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import numpy as np
import pytest

EVALUATION = Path(__file__).parents[2] / "bench" / "evaluation"


@pytest.fixture(autouse=True)
def beside(monkeypatch):
    monkeypatch.syspath_prepend(str(EVALUATION))
    yield
    for name in ("measures", "objects", "curves", "evaluate"):
        sys.modules.pop(name, None)


def test_psnr_of_one_step_everywhere():
    measures = importlib.import_module("measures")
    picture = np.full((9, 9, 3), 100, np.uint8)
    assert measures.psnr_db(picture + 1, picture) == pytest.approx(48.13, abs=0.01)


def test_colorfulness_of_gray_and_of_known_halves():
    measures = importlib.import_module("measures")
    assert measures.colorfulness(np.full((4, 4, 3), 77, np.uint8)) == 0
    red = np.zeros((4, 4, 3), np.uint8)
    red[..., 0] = 255
    assert measures.colorfulness(red) == pytest.approx(85.53, abs=0.01)
    half = red.copy()
    half[:, 2:] = (0, 255, 255)
    assert measures.colorfulness(half) == pytest.approx(285.1, abs=0.1)


def test_scores_of_the_truth_and_of_gray():
    measures = importlib.import_module("measures")
    truth = np.random.default_rng(0).integers(0, 256, (32, 32, 3)).astype(np.uint8)
    perfect = measures.Scores()
    perfect.add(truth, truth)
    assert perfect.correlation == pytest.approx(1)
    assert perfect.liveliness == pytest.approx(1)
    assert perfect.delta_e == 0
    gray = measures.Scores()
    gray.add(np.repeat(truth[..., :1], 3, axis=2), truth)
    assert gray.correlation == 0
    assert gray.liveliness == 0


def test_correlation_is_pooled_over_pictures():
    measures = importlib.import_module("measures")
    rng = np.random.default_rng(1)
    first, second = (rng.integers(60, 200, (16, 16, 3)).astype(np.uint8) for _ in range(2))
    scores = measures.Scores()
    scores.add(first, first)
    scores.add(np.full_like(second, 128), second)
    assert 0.5 < scores.correlation < 1


def test_leads_are_paired_and_tries_on_one_picture_are_one_value():
    measures = importlib.import_module("measures")
    truth = np.full((8, 8, 3), 100, np.uint8)
    far, near, other = (measures.Scores() for _ in range(3))
    for name, steps in (("a", 4), ("b", 20)):
        far.add(truth + np.uint8(2 * steps), truth, name)
        near.add(truth + np.uint8(steps), truth, name)
        other.add(truth + np.uint8(steps), truth, name)
        other.add(truth + np.uint8(4 * steps), truth, name)
    lead, half = near.lead(far)  # half of the error everywhere, so as many dB on every picture
    assert lead == pytest.approx(20 * np.log10(2))
    assert half == pytest.approx(0, abs=1e-9)
    assert far.psnr_error > 5
    assert other.psnr == pytest.approx(far.psnr)
    assert other.psnr_error == pytest.approx(far.psnr_error)


def test_few_hints_are_drawn_several_times():
    evaluate = importlib.import_module("evaluate")
    assert evaluate.layers([0, 1, 50]) == [(0, 0), (1, 0), (1, 1), (1, 2), (50, 0)]


def test_hints_have_the_color_below_them_and_fixed_places():
    evaluate = importlib.import_module("evaluate")
    truth = np.random.default_rng(2).integers(0, 256, (40, 50, 3)).astype(np.uint8)
    layer = evaluate.hint_layer(truth, 1, seed=3)
    painted = layer[..., 3] == 255
    assert painted.sum() == 49
    np.testing.assert_allclose(layer[painted][0, :3], truth[painted].mean(axis=0), atol=0.51)
    np.testing.assert_array_equal(evaluate.hint_layer(truth, 1, seed=3), layer)
    assert evaluate.hint_layer(truth, 0, seed=3) is None


def test_objects_hold_their_dots_and_not_what_lies_around():
    objects = importlib.import_module("objects")
    assert len(objects.OBJECTS) == 10
    for item in objects.OBJECTS:
        inside, outside = objects.areas(item, (768, 768))
        x, y = item.dot
        assert inside[y - 4 : y + 5, x - 4 : x + 5].all(), item.name
        assert not (inside & outside).any()
        assert inside.sum() > 1000
        assert np.asarray(objects.dot_layer(item, (768, 768)))[y, x, 3] == 255


def test_curves_are_drawn_for_every_line():
    curves = importlib.import_module("curves")
    sheet = curves.draw(
        (0, 1, 5), {"one": {0: 20.0, 1: 21.5, 5: 23.0}, "other": {1: 22.0, 5: 22.5}}
    )
    colors = {color for _, color in sheet.getcolors(1 << 20)}
    assert {(0x99, 0x99, 0x99), (0xD5, 0x5E, 0x00)} <= colors
