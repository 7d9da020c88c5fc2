"""Color by analogy: what it keeps and how near it comes."""

from __future__ import annotations

import numpy as np
import pytest

from support import LUMA, assert_images_close, gray_of, photograph
from tinct import color
from tinct.declare import Context
from tinct.errors import Cancelled, InputError
from tinct.operations.analogy_colorize import analogy_colorize

SIZE = (60, 80)


def chroma(rgb):
    return color.srgb_to_yiq(np.ascontiguousarray(rgb[..., :3]))[..., 1:]


@pytest.fixture(scope="module")
def truth():
    return photograph("coffee", SIZE)


def test_its_own_colors_come_back_and_luma_stays(truth):
    colors = analogy_colorize(gray_of(truth), (truth,), candidates=50_000, smoothing=0.0)["colors"]
    assert_images_close(colors[..., :3], truth, 0.01)


def test_a_half_colors_the_other_half_better_than_gray():
    truth = photograph("coffee", (90, 140))
    left, right = np.ascontiguousarray(truth[:, :70]), truth[:, 70:]
    image = gray_of(right)
    colors = analogy_colorize(image, (left,))["colors"][..., :3]
    assert np.abs(colors - right).mean() < 0.7 * np.abs(image[..., :3] - right).mean()
    assert_images_close(colors @ LUMA, right @ LUMA, 1e-5)


def test_a_preview_is_made_small_and_laid_over_the_whole(truth):
    large = photograph("coffee", (240, 320))
    colors = analogy_colorize(gray_of(large), (large,), context=Context(quality="preview"))
    wrong = np.abs(chroma(colors["colors"]) - chroma(large)).mean()
    assert wrong < 0.4 * np.abs(chroma(large)).mean()


def test_hidden_pixels_stay(truth):
    image = gray_of(truth)
    image[:10, :10, 3] = 0
    colors = analogy_colorize(image, (truth,))["colors"]
    np.testing.assert_array_equal(colors[:10, :10], image[:10, :10])


def test_a_gray_reference_is_one_sentence(truth):
    with pytest.raises(InputError, match=r"no color to take.*\.$"):
        analogy_colorize(gray_of(truth), (np.full((20, 20, 3), 0.5, np.float32),))


def test_cancel_while_matching(truth):
    def progress(fraction, stage):
        if stage == "Matching":
            raise Cancelled

    with pytest.raises(Cancelled):
        analogy_colorize(gray_of(truth), (truth,), context=Context(progress=progress))
