"""Automatic color: what it keeps, what it leaves, and what variations and bad pictures give."""

from __future__ import annotations

import numpy as np
import pytest

from support import assert_images_close, photograph
from tinct import color
from tinct.cache import Cache
from tinct.declare import Context
from tinct.errors import Cancelled, ModelMissingError
from tinct.operations.auto_colorize import auto_colorize

LUMA = np.array([0.299, 0.587, 0.114])


def opaque(rgb):
    return np.concatenate([rgb, np.ones_like(rgb[..., :1])], axis=2).astype(np.float32)


def gray_of(rgb):
    return opaque(np.repeat((rgb @ LUMA)[..., np.newaxis], 3, axis=2))


def chroma(image):
    return color.srgb_to_yiq(np.ascontiguousarray(image[..., :3]))[..., 1:]


@pytest.fixture(scope="module")
def gray():
    return gray_of(photograph("coffee", (96, 144)))


@pytest.fixture(scope="module")
def colors(gray):
    return auto_colorize(gray)["colors"]


def test_luma_is_kept_and_colors_come(gray, colors):
    assert_images_close(colors[..., :3] @ LUMA, gray[..., 0], 1e-5)
    assert np.linalg.norm(chroma(colors), axis=2).mean() > 0.03
    assert colors[..., :3].min() >= 0
    assert colors[..., :3].max() <= 1


@pytest.mark.parametrize("name", ["astronaut", "coffee", "chelsea", "rocket"])
def test_colors_are_nearer_to_the_truth_than_gray(name):
    truth = photograph(name, (192, 256))
    found = auto_colorize(gray_of(truth))["colors"][..., :3]
    assert np.mean((found - truth) ** 2) < np.mean((gray_of(truth)[..., :3] - truth) ** 2)
    correlation = np.corrcoef(chroma(found).ravel(), chroma(truth).ravel())[0, 1]
    assert correlation > 0.3


def test_saturation_scales_from_gray_on(gray, colors):
    none = auto_colorize(gray, saturation=0.0)["colors"]
    assert_images_close(none, gray, 2e-3)
    half = auto_colorize(gray, saturation=0.5)["colors"]
    ratio = (
        np.linalg.norm(chroma(half), axis=2).mean() / np.linalg.norm(chroma(colors), axis=2).mean()
    )
    assert ratio == pytest.approx(0.5, abs=0.05)


def test_alternatives_differ_and_come_only_when_asked_for(gray, colors):
    found = auto_colorize(gray, alternatives=True)
    assert "alternatives" not in auto_colorize(gray)
    np.testing.assert_array_equal(found["colors"], colors)
    titles, layers = zip(*found["alternatives"], strict=True)
    assert titles == ("Variation 1", "Variation 2", "Variation 3")
    pictures = [colors, *layers]
    for number, one in enumerate(pictures):
        assert_images_close(one[..., :3] @ LUMA, gray[..., 0], 1e-5)
        for other in pictures[number + 1 :]:
            assert np.abs(one - other).mean() > 0.003


def test_a_variation_is_the_alternative_of_its_number(gray):
    layers = dict(auto_colorize(gray, alternatives=True)["alternatives"])
    np.testing.assert_array_equal(auto_colorize(gray, seed=2)["colors"], layers["Variation 2"])


def test_a_color_photograph_is_recolored_and_the_user_told():
    warnings = []
    truth = opaque(photograph("coffee", (96, 144)))
    found = auto_colorize(truth, context=Context(warn=warnings.append))["colors"]
    assert [sentence for sentence in warnings if "colors already" in sentence] == warnings
    assert len(warnings) == 1
    alike = auto_colorize(gray_of(truth[..., :3]))["colors"]
    assert_images_close(found, alike, 1e-5)


def test_a_gray_photograph_is_no_reason_to_warn(gray):
    warnings = []
    auto_colorize(gray, context=Context(warn=warnings.append))
    assert warnings == []


def test_transparent_pixels_keep_everything_and_say_nothing(gray):
    hole = gray.copy()
    hole[:, 100:] = (0.9, 0.1, 0.5, 0.0)
    found = auto_colorize(hole)["colors"]
    np.testing.assert_array_equal(found[:, 100:], hole[:, 100:])
    other = hole.copy()
    other[:, 100:, :3] = 0.3
    np.testing.assert_array_equal(auto_colorize(other)["colors"][:, :100], found[:, :100])


@pytest.mark.parametrize("size", [(1, 1), (1, 300), (700, 3), (17, 5)], ids=str)
def test_every_size_is_colored(size):
    image = np.full((*size, 4), 0.5, np.float32)
    image[..., 3] = 1
    found = auto_colorize(image, alternatives=True)
    assert found["colors"].shape == image.shape
    assert np.isfinite(found["colors"]).all()
    assert_images_close(found["colors"][..., :3] @ LUMA, image[..., 0], 1e-5)


def test_the_answer_is_kept_for_what_does_not_change_it(gray, monkeypatch):
    context = Context(cache=Cache(1 << 26))
    auto_colorize(gray, context=context)
    monkeypatch.setattr("tinct.models.runtime.Network.run", None)  # asked again it would fail
    again = auto_colorize(gray, saturation=1.4, context=context)["colors"]
    assert np.linalg.norm(chroma(again), axis=2).mean() > 0.03


def test_a_missing_network_is_answered_with_what_to_do(gray, tmp_path, monkeypatch):
    monkeypatch.setenv("TINCT_MODELS", str(tmp_path))
    with pytest.raises(ModelMissingError, match="eccv16"):
        auto_colorize(gray, model="eccv16")


def test_cancel_reaches_the_network(gray):
    stops = []

    class Watch:
        def __init__(self, stop):
            self.stop = stop

        def __enter__(self):
            stops.append(self.stop)
            self.stop()

        def __exit__(self, *ended):
            pass

    with pytest.raises(Cancelled):
        auto_colorize(gray, context=Context(on_cancel=Watch))
    assert len(stops) == 1
