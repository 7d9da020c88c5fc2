"""Strokes over automatic color: exact where they are, one object at a time, the rest plausible."""

from __future__ import annotations

import numpy as np
import pytest

from support import LUMA, assert_images_close, gray_of, paint_dots, paint_strokes, photograph
from tinct import color
from tinct.algorithms.rasterizing import LocalHints
from tinct.cache import Cache
from tinct.declare import Context, Strokes
from tinct.operations._prior import _vividness
from tinct.operations.auto_colorize import auto_colorize
from tinct.operations.scribble_colorize import scribble_colorize

SIZE = (128, 192)
BLUE = (0.2, 0.3, 0.75)
NOTHING = Strokes(np.zeros(SIZE, bool), np.zeros((0, 3), np.float32))


def strokes(*dots, size=SIZE):
    return paint_dots(size, *dots)


def run(image, painted, **options):
    return scribble_colorize(image, painted, prior="network", **options)["colors"]


def chroma(image):
    return color.srgb_to_yiq(np.ascontiguousarray(image[..., :3]))[..., 1:]


def apart(first, second):
    return np.linalg.norm(
        color.srgb_to_lab(np.ascontiguousarray(first[..., :3]))[..., 1:]
        - color.srgb_to_lab(np.ascontiguousarray(second[..., :3]))[..., 1:],
        axis=2,
    )


@pytest.fixture(scope="module")
def gray():
    return gray_of(photograph("coffee", SIZE))


def test_without_strokes_it_is_the_mean_of_automatic_color_and_of_its_mirror_image(gray):
    first = auto_colorize(gray, temperature=1.0)["colors"]
    second = auto_colorize(np.ascontiguousarray(gray[:, ::-1]), temperature=1.0)["colors"]
    mean = (chroma(first) + chroma(second[:, ::-1])) / 2
    assert np.abs(chroma(first) - mean).mean() > 2e-3  # else nothing is told apart
    assert np.abs(chroma(run(gray, NOTHING)) - mean).mean() < 1e-3


def test_a_mirror_image_is_colored_alike(gray):
    painted = strokes((95, 42, BLUE), (20, 150, (0.3, 0.6, 0.3)))
    mirrored = strokes((95, 191 - 42, BLUE), (20, 191 - 150, (0.3, 0.6, 0.3)))
    found = run(np.ascontiguousarray(gray[:, ::-1]), mirrored)[:, ::-1]
    assert np.abs(found - run(gray, painted)).mean() < 3e-3


def test_colors_without_strokes_are_near_automatic_color(gray):
    assert apart(run(gray, NOTHING), auto_colorize(gray)["colors"]).mean() < 5


def test_strokes_are_exact_and_luma_is_kept(gray):
    painted = strokes((100, 30, BLUE), (40, 160, (0.6, 0.5, 0.2)))
    found = run(gray, painted)
    assert_images_close(found[..., :3] @ LUMA, gray[..., 0], 1e-5)
    wanted = color.fit_chroma_yiq(gray[painted.mask][:, 0], chroma(painted.colors[np.newaxis])[0])
    assert_images_close(found[painted.mask][:, :3], wanted, 1e-2)


def test_one_stroke_corrects_its_object_and_leaves_the_rest(gray):
    before = run(gray, NOTHING)
    # on the left of the saucer; the cup, the coffee and the wood on the right are others
    after = run(gray, strokes((95, 42, BLUE)))
    moved = apart(before, after) > 10
    assert moved[92:104, 38:52].mean() > 0.9
    assert moved[10:55, 62:120].mean() < 0.05
    assert moved[:, 152:].mean() < 0.05


def vividness(*lines):
    """Return what `lines`, (row, first column, end, chroma), say of a picture of chroma 10."""
    mask, ab = np.zeros((32, 48), bool), np.zeros((32, 48, 2), np.float32)
    for row, first, end, value in lines:
        mask[row, first:end], ab[row, first:end, 0] = True, value
    return _vividness(LocalHints(ab, mask), np.full((8, 12, 2), 10 / np.sqrt(2), np.float32))


def test_a_long_stroke_says_no_more_of_the_whole_picture_than_a_short_one():
    short = vividness((4, 2, 4, 70))
    assert vividness((4, 2, 40, 70)) == pytest.approx(short)
    assert 20 < short < 35
    several = vividness(*[(row, 2, 4, 70) for row in range(0, 20, 4)])
    assert short + 10 < several < 70
    assert vividness((4, 2, 40, 5)) < 10
    assert vividness(*[(row, 2, 4, 130) for row in range(0, 32, 2)]) == 100


def test_many_strokes_are_nearer_to_the_truth_with_a_prior_than_without():
    truth = photograph("astronaut", SIZE)
    layer = paint_strokes(truth, 6, seed=2)
    painted = Strokes(layer[..., 3] == 1, layer[layer[..., 3] == 1][:, :3])
    gray = gray_of(truth)
    with_prior = np.mean((run(gray, painted)[..., :3] - truth) ** 2)
    without = np.mean((scribble_colorize(gray, painted)["colors"][..., :3] - truth) ** 2)
    assert with_prior < without


def test_a_second_run_with_one_more_stroke_is_what_a_first_would_be(gray):
    context = Context(cache=Cache(1 << 28))
    run(gray, strokes((95, 42, BLUE)), context=context)
    both = strokes((95, 42, BLUE), (20, 170, (0.3, 0.6, 0.3)))
    assert_images_close(run(gray, both, context=context), run(gray, both), 2e-2)


def test_switching_the_prior_off_and_on_leaves_no_trace(gray):
    context, painted = Context(cache=Cache(1 << 28)), strokes((95, 42, BLUE))
    fresh = scribble_colorize(gray, painted)["colors"]
    run(gray, painted, context=context)
    again = scribble_colorize(gray, painted, context=context)["colors"]
    assert_images_close(again, fresh, 1e-3)


def test_what_is_kept_holds_for_the_network_too(gray):
    image = gray.copy()
    image[:, :40, :3] = color.fit_chroma_yiq(
        gray[:, :40, 0], np.broadcast_to(chroma(np.float32([[BLUE]]))[0, 0], (128, 40, 2))
    )
    keep = np.zeros(SIZE, np.float32)
    keep[:, :40] = 1
    found = run(image, NOTHING, keep=keep)
    assert_images_close(found[:, :40], image[:, :40], 2e-2)


def test_a_region_without_strokes_keeps_the_network_s_colors(gray):
    region = np.zeros(SIZE, np.float32)
    region[:, :60] = region[:, 130:] = 1
    warnings = []
    found = run(gray, strokes((95, 42, BLUE)), region=region, context=Context(warn=warnings.append))
    assert apart(found, auto_colorize(gray)["colors"])[:, 135:].mean() < 8
    assert np.linalg.norm(chroma(found)[:, 135:], axis=2).mean() > 0.01
    assert not any("stay gray" in sentence for sentence in warnings)


def test_a_preview_looks_like_the_result(gray):
    painted = strokes((95, 42, BLUE))
    preview = run(gray, painted, context=Context(quality="preview"))
    assert np.abs(preview - run(gray, painted)).mean() < 0.03


@pytest.mark.parametrize("size", [(1, 1), (1, 40), (30, 2)], ids=str)
def test_every_size_is_colored(size):
    image = np.full((*size, 4), 0.5, np.float32)
    image[..., 3] = 1
    found = run(image, strokes((0, 0, BLUE), size=size))
    assert np.isfinite(found).all()
    assert found[0, 0, 2] > found[0, 0, 0]


def test_transparent_pixels_stay_out(gray):
    hole = gray.copy()
    hole[:, 120:] = (0.9, 0.2, 0.1, 0.0)
    other = hole.copy()
    other[:, 120:, :3] = 0.1
    first, second = (run(image, strokes((95, 42, BLUE))) for image in (hole, other))
    assert_images_close(first[:, :120], second[:, :120], 1e-5)
