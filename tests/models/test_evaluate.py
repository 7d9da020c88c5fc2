"""The measures used on whole pictures."""

from __future__ import annotations

import numpy as np
import pytest

from tinct_train.evaluate import colorfulness, network_feeds, random_patches, resize


def test_colorfulness_of_gray_is_zero() -> None:
    assert colorfulness(np.full((4, 4, 3), 99, np.uint8)) == 0


@pytest.mark.parametrize(("half", "expected"), [((255, 0, 0), 85.53), ((0, 255, 255), 285.1)])
def test_colorfulness_of_red_beside_another_color(
    half: tuple[int, int, int], expected: float
) -> None:
    picture = np.zeros((2, 2, 3), np.uint8)
    picture[0], picture[1] = (255, 0, 0), half
    assert colorfulness(picture) == pytest.approx(expected, abs=0.06)


def test_patches_show_the_mean_color_and_repeat() -> None:
    ab = np.random.default_rng(0).normal(0, 20, (40, 60, 2)).astype(np.float32)
    hint_ab, mask = random_patches(ab, 1, seed=3)
    assert mask.sum() == 49
    assert np.allclose(hint_ab[mask], ab[mask].mean(axis=0), atol=1e-4)
    assert not hint_ab[~mask].any()
    again = random_patches(ab, 1, seed=3)
    assert np.array_equal(mask, again[1])


def test_resize_keeps_a_ramp() -> None:
    ramp = np.linspace(0, 1, 64, dtype=np.float32)[None].repeat(32, axis=0)
    small = resize(ramp, (16, 32))
    assert small.shape == (16, 32)
    assert np.abs(small[:, 1:-1] - np.linspace(0, 1, 64).reshape(32, 2).mean(1)[1:-1]).max() < 0.01


def test_feeds_keep_hint_colors_and_round_the_size() -> None:
    luminance = np.full((384, 500), 50, np.float32)
    hint_ab, mask = np.zeros((384, 500, 2), np.float32), np.zeros((384, 500), bool)
    mask[100:107, 200:207] = True
    hint_ab[mask] = (40, -20)
    found = network_feeds(luminance, hint_ab, mask, short_side=192, bins=260, temperature=0.5)
    assert found["luminance"].shape == (1, 1, 192, 256)
    hinted = found["hint_mask"][0, 0] == 1
    assert 4 <= hinted.sum() <= 25
    assert np.allclose(found["hint_ab"][0][:, hinted].T, (40, -20), atol=0.01)
    assert not found["hint_ab"][0][:, ~hinted].any()
