"""The operation: what each method promises, color back, and pictures it refuses."""

from __future__ import annotations

import numpy as np
import pytest

from support import paint_strokes, photograph
from tinct import color
from tinct.algorithms.contrast_scores import contrast_scores, draw_pairs
from tinct.declare import Context, Strokes
from tinct.errors import InputError
from tinct.operations.example_colorize import example_colorize
from tinct.operations.reference_colorize import reference_colorize
from tinct.operations.scribble_colorize import scribble_colorize
from tinct.operations.to_gray import to_gray

METHODS = ("best", "color2gray", "contrast", "lightness", "luma")


def opaque(values):
    return np.concatenate([values, np.ones_like(values[..., :1])], axis=2).astype(np.float32)


@pytest.fixture
def image():
    return opaque(photograph("astronaut", (48, 64)))


def lightness(image):
    return color.srgb_to_lab(image[..., :3].astype(float))[..., 0]


@pytest.mark.parametrize("method", METHODS)
def test_every_method_gives_grays(image, method):
    gray = to_gray(image, method=method)["gray"]
    assert np.ptp(gray[..., :3], axis=2).max() == 0
    assert 0 <= gray[..., 0].min() < gray[..., 0].max() <= 1


@pytest.mark.parametrize("method", ["color2gray", "lightness", "luma"])
@pytest.mark.parametrize("radius", [0, 3])
def test_a_gray_picture_stays_what_it_is(image, method, radius):
    image[..., :3] = image[..., :1]
    gray = to_gray(image, method=method, radius=radius)["gray"]
    assert np.abs(gray - image).max() < 1e-4


def test_luma_and_lightness_by_their_formulas(image):
    gray = to_gray(image, method="luma")["gray"][..., 0]
    assert np.abs(gray - color.luma(image[..., :3])).max() < 1e-4
    gray = to_gray(image, method="lightness")["gray"]
    assert np.abs(lightness(gray) - lightness(image)).max() < 0.02


def test_best_scores_highest(image):
    lab = color.srgb_to_lab(image[..., :3].astype(float)).reshape(-1, 3)
    pairs = draw_pairs(48, 64, 50_000, seed=99)
    scores = {
        method: contrast_scores(
            lab, lightness(to_gray(image, method=method)["gray"]).ravel(), pairs
        ).e_score
        for method in METHODS
    }
    assert scores["best"] >= max(scores.values()) - 0.003
    assert scores["best"] > min(scores.values())


def test_the_angle_found_keeps_isoluminant_colors_apart():
    lab = np.array([[60.0, 45, 0], [60.0, -45, 0], [60.0, 0, 40], [60.0, 0, -35]])
    image = opaque(np.repeat(color.fit_to_gamut(lab)[None], 8, axis=0))
    plain = lightness(to_gray(image, method="lightness")["gray"])
    assert np.ptp(plain) < 0.3
    found = lightness(to_gray(image, find_angle=True)["gray"])[0]
    assert np.diff(np.sort(found)).max() > 5


def test_neighbors_only_differ_from_all_pairs(image):
    near = to_gray(image, radius=4)["gray"]
    full = to_gray(image)["gray"]
    assert np.abs(near - full).max() > 0.005
    assert np.abs(near - full).mean() < 0.1


def test_color_back_keeps_hue_and_takes_the_new_lightness(image):
    colors = to_gray(image, alpha=20, color_back=True)["gray"]
    grays = to_gray(image, alpha=20)["gray"]
    assert np.abs(lightness(colors) - lightness(grays)).max() < 0.15
    before, after = (
        color.lab_to_lch(color.srgb_to_lab(part[..., :3].astype(float))) for part in (image, colors)
    )
    colored = (before[..., 1] > 10) & (after[..., 1] > 5)
    assert color.hue_distance(before[..., 2], after[..., 2])[colored].max() < 1


@pytest.mark.parametrize("fit_range", ["compress", "clip"])
def test_grays_beyond_black_and_white_are_brought_back(fit_range):
    image = opaque(np.array([[[0, 0, 1.0], [1, 1, 0.9], [1, 1, 1]]]))
    warned = []
    gray = to_gray(image, alpha=60, fit_range=fit_range, context=Context(warn=warned.append))[
        "gray"
    ]
    assert 0 <= gray[..., :3].min() <= gray[..., :3].max() <= 1
    assert bool(warned) == (fit_range == "compress")


def test_transparent_pixels_keep_their_bits_and_do_not_count(image):
    image[:10, :, 3] = 0
    image[:10, :, :3] = (1, 0, 0)
    gray = to_gray(image)["gray"]
    np.testing.assert_array_equal(gray[:10], image[:10])
    np.testing.assert_allclose(gray[10:], to_gray(image[10:])["gray"], atol=1e-6)


def test_only_selected_colors_are_compared(image):
    region = np.zeros((48, 64), np.float32)
    region[:24] = 1
    gray = to_gray(image, region)["gray"]
    np.testing.assert_allclose(gray[:24], to_gray(image[:24])["gray"], atol=1e-6)


@pytest.mark.parametrize(
    ("alpha", "region", "words"),
    [
        (0, None, "fully transparent"),
        (1, np.zeros((2, 2), np.float32), "selection is empty"),
        (0, np.ones((2, 2), np.float32), "fully transparent"),
    ],
)
def test_pictures_with_nothing_to_see_are_refused(alpha, region, words):
    image = np.full((2, 2, 4), alpha, np.float32)
    with pytest.raises(InputError, match=words + r".*\.$"):
        to_gray(image, region)


@pytest.mark.parametrize("method", ["color2gray", "contrast", "luma"])
@pytest.mark.parametrize("back", ["strokes", "reference", "example"])
def test_what_was_decolored_can_be_recolored(method, back):
    truth = opaque(photograph("coffee", (96, 144)))
    gray = to_gray(truth, method=method)["gray"]
    if back == "strokes":
        layer = paint_strokes(truth[..., :3], count=60)
        mask = layer[..., 3] > 0
        colors = scribble_colorize(gray, Strokes(mask, layer[mask][:, :3]))["colors"]
    else:
        operation = reference_colorize if back == "reference" else example_colorize
        colors = operation(gray, (truth[..., :3],))["colors"]
    wanted, found, without = (
        color.srgb_to_lab(one[..., :3].astype(float))[..., 1:] for one in (truth, colors, gray)
    )
    errors = [np.linalg.norm(one - wanted, axis=2).mean() for one in (found, without)]
    assert errors[0] < 0.6 * errors[1]
    np.testing.assert_allclose(color.luma(colors[..., :3]), color.luma(gray[..., :3]), atol=2e-3)
