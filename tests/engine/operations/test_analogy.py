"""Pictures by analogy: textures by numbers, filters, and unfit examples."""

from __future__ import annotations

import numpy as np
import pytest

from support import photograph
from tinct import color
from tinct.errors import InputError
from tinct.operations.analogy import analogy

SIZE = (48, 56)


def opaque(rgb):
    return np.concatenate([rgb, np.ones_like(rgb[..., :1])], axis=2).astype(np.float32)


def test_the_example_itself_gives_its_other_half():
    before, after = photograph("coffee", SIZE), photograph("chelsea", SIZE)
    picture = analogy(opaque(before), before, after, candidates=50_000)["picture"]
    np.testing.assert_array_equal(picture[..., :3], after)


def test_numbers_become_their_textures():
    rng = np.random.default_rng(0)
    numbers = np.zeros((40, 40, 3), np.float32)
    numbers[:, :20], numbers[:, 20:] = (1, 0, 0), (0, 0, 1)
    textures = np.empty_like(numbers)
    textures[:, :20] = np.array([0.1, 0.6, 0.1]) + rng.uniform(-0.1, 0.1, (40, 20, 1))
    textures[:, 20:] = np.array([0.7, 0.7, 0.2]) + rng.uniform(-0.1, 0.1, (40, 20, 1))
    layout = np.zeros((36, 50, 3), np.float32)
    layout[:18], layout[18:] = (0, 0, 1), (1, 0, 0)
    picture = analogy(opaque(layout), numbers, textures)["picture"]
    assert np.mean(picture[:15, :, 0] > 0.5) > 0.97
    assert np.mean(picture[21:, :, 0] < 0.3) > 0.97


def test_a_filter_of_brightness_keeps_color():
    example = photograph("coffee", SIZE)
    image = opaque(photograph("chelsea", SIZE) * 0.5 + 0.25)
    negative = (1 - example).astype(np.float32)
    picture = analogy(image, example, negative, copied="brightness", coherence=0.0)["picture"]
    own, made = color.luma(image[..., :3]).ravel(), color.luma(picture[..., :3]).ravel()
    assert np.corrcoef(own, made)[0, 1] < -0.8
    chroma = [
        color.srgb_to_yiq(np.ascontiguousarray(x[..., :3]))[..., 1:] for x in (image, picture)
    ]
    assert np.mean((chroma[0] * chroma[1]).sum(axis=2) >= -1e-6) > 0.999


def test_large_pictures_are_made_of_blocks_of_the_example(monkeypatch):
    monkeypatch.setitem(analogy.__globals__["WORK_PIXELS"], "final", 1000)
    before, after = photograph("coffee", (60, 81)), photograph("chelsea", (60, 81))
    picture = analogy(opaque(before), before, after, candidates=50_000)["picture"]
    assert picture.shape == (60, 81, 4)
    np.testing.assert_array_equal(picture[..., :3], after)


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [((20, 20), (20, 21), "before is 20 x 20 pixels and after 21 x 20"), ((4, 9), (4, 9), "5 x 5")],
)
def test_unfit_examples_are_one_sentence(before, after, sentence):
    pictures = [np.zeros((*size, 3), np.float32) for size in (before, after)]
    with pytest.raises(InputError, match=sentence) as caught:
        analogy(np.ones((*SIZE, 4), np.float32), *pictures)
    assert str(caught.value).endswith(".")
