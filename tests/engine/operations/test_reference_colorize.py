"""Color from a reference: what it keeps, what swatches do, and what it refuses."""

from __future__ import annotations

import numpy as np
import pytest

from support import assert_images_close, photograph
from tinct import color
from tinct.declare import Box, BoxPair, Context
from tinct.errors import Cancelled, InputError
from tinct.operations.reference_colorize import reference_colorize

SIZE = (90, 120)
LUMA = np.array([0.299, 0.587, 0.114])


def opaque(rgb):
    return np.concatenate([rgb, np.ones_like(rgb[..., :1])], axis=2).astype(np.float32)


def gray_of(rgb):
    return opaque(np.repeat((rgb @ LUMA)[..., np.newaxis], 3, axis=2))


def colorize(image, *references, **options):
    return reference_colorize(image, references, **options)["colors"][..., :3]


def chroma(rgb):
    return color.srgb_to_yiq(np.ascontiguousarray(rgb[..., :3]))[..., 1:]


@pytest.fixture
def truth():
    return photograph("coffee", SIZE)


@pytest.fixture
def image(truth):
    return gray_of(truth)


@pytest.mark.parametrize("space", ["lalphabeta", "lab"])
def test_its_own_colors_come_back(truth, image, space):
    colors = colorize(image, truth, space=space, samples=5000)
    wrong = np.abs(chroma(colors) - chroma(truth)).mean()
    assert wrong < 0.25 * np.abs(chroma(truth)).mean()
    assert_images_close(colors @ LUMA, truth @ LUMA, 1e-5)


def test_alpha_stays_and_hidden_pixels_count_for_nothing(truth, image):
    image[:20, :30, 3] = 0.0
    image[..., 3] *= 0.7
    colors = reference_colorize(image, (truth,))["colors"]
    np.testing.assert_array_equal(colors[..., 3], image[..., 3])
    np.testing.assert_array_equal(colors[:20, :30], image[:20, :30])
    other = image.copy()
    other[:20, :30, :3] = 1.0
    again = reference_colorize(other, (truth,))["colors"]
    np.testing.assert_array_equal(again[25:], colors[25:])


def test_two_references_give_more_than_one(truth, image):
    half = SIZE[1] // 2
    left, right = truth[:, :half], truth[:, half:]
    both = colorize(image, left, right, samples=2000)
    assert np.abs(both - colorize(image, left, samples=2000)).max() > 0.05


def test_the_seed_draws_other_samples(truth, image):
    first, same, other = (colorize(image, truth, seed=seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, same)
    assert np.abs(first - other).max() > 0.01


def test_coherence_makes_chroma_smoother_and_keeps_luma(truth, image):
    def roughness(rgb):
        return np.abs(np.diff(chroma(rgb), axis=1)).mean()

    plain, coherent = colorize(image, truth), colorize(image, truth, coherence=0.6)
    assert roughness(coherent) < 0.7 * roughness(plain)
    assert_images_close(coherent @ LUMA, truth @ LUMA, 1e-5)


def two_sides():
    """Return a reference and a target of two textures, and swatch layers that cross them over."""
    rng = np.random.default_rng(0)
    smooth = np.linspace(0.4, 0.6, 60, dtype=np.float32)[:, None].repeat(60, axis=1)
    noisy = (0.5 + rng.uniform(-0.2, 0.2, (60, 60))).astype(np.float32)
    gray = np.concatenate([smooth, noisy], axis=1)
    tint = np.zeros((60, 120, 2), np.float32)
    tint[:, :60] = (0.1, 0.02)
    tint[:, 60:] = (-0.1, 0.05)
    reference = color.fit_chroma_yiq(gray, tint)
    layer, partner = np.zeros((2, 60, 120, 4), np.float32)
    layer[10:30, 10:30], layer[10:30, 80:100] = (1, 0, 0, 1), (0, 0, 1, 1)
    partner[10:30, 80:100], partner[10:30, 10:30] = (1, 0, 0, 1), (0, 0, 1, 1)
    return opaque(np.repeat(gray[..., None], 3, axis=2)), reference, layer, partner, tint


@pytest.mark.parametrize("painted", [True, False], ids=["layers", "boxes"])
def test_swatches_decide_against_texture(painted):
    image, reference, layer, partner, tint = two_sides()
    boxes = (
        BoxPair(Box(10, 10, 20, 20), Box(80, 10, 20, 20)),
        BoxPair(Box(80, 10, 20, 20), Box(10, 10, 20, 20)),
    )
    options = {"swatches": layer, "reference_swatches": partner} if painted else {"boxes": boxes}
    colors = colorize(image, reference, **options)
    # red grows with I, and the references' sides are of opposite I
    right = np.sign(chroma(colors)[..., 0]) == -np.sign(tint[..., 0])
    inside = np.zeros(right.shape, bool)
    inside[10:30, 10:30] = inside[10:30, 80:100] = True
    assert right[inside].mean() > 0.95
    assert right.mean() > 0.95


@pytest.mark.parametrize("method", ["mean-deviation", "histogram"])
def test_statistics_of_color_move_to_the_references(method, truth):
    reference = photograph("astronaut", (80, 80))
    image = opaque(truth * 0.5 + 0.25)
    colors = colorize(image, reference, method=method)
    assert_images_close(colors @ LUMA, image[..., :3] @ LUMA, 1e-5)

    def apart(rgb):
        mine = color.srgb_to_lalphabeta(np.ascontiguousarray(rgb)).reshape(-1, 3)[:, 1:]
        other = color.srgb_to_lalphabeta(reference).reshape(-1, 3)[:, 1:]
        return np.abs(mine.std(axis=0) - other.std(axis=0)).sum()

    assert apart(colors) < 0.2 * apart(image[..., :3])


def test_only_the_region_is_measured(truth, image):
    region = np.zeros(SIZE, np.float32)
    region[:, :60] = 1.0
    cut = colorize(np.ascontiguousarray(image[:, :60]), truth)
    whole = colorize(image, truth, region=region)
    # the border column sees other neighbors
    assert np.mean(np.abs(whole[:, :57] - cut[:, :57]).max(axis=2) < 1e-3) > 0.98


GRAY = np.full((30, 30, 3), 0.4, np.float32)


def flat_lightness():
    tint = np.zeros((20, 20, 2), np.float32)
    tint[:10] = (0.1, 0.1)
    return color.fit_chroma_yiq(np.full((20, 20), 0.5, np.float32), tint)


@pytest.mark.parametrize(
    ("references", "sentence"),
    [
        ((GRAY,), "has no color to take"),
        ((GRAY, GRAY), "None of the references has color"),
        ((np.ones((1, 1, 3), np.float32) * [1, 0, 0],), "at least 5 x 5"),
        ((flat_lightness(),), "same lightness everywhere"),
    ],
    ids=["gray", "all gray", "1 x 1", "flat"],
)
def test_unfit_references_are_one_sentence(image, references, sentence):
    with pytest.raises(InputError, match=sentence) as caught:
        reference_colorize(image, tuple(r.astype(np.float32) for r in references))
    assert str(caught.value).endswith(".")


def test_one_gray_reference_among_others_is_told(truth, image):
    warned: list[str] = []
    options = {"context": Context(warn=warned.append)}
    colors = reference_colorize(image, (GRAY, truth), **options)["colors"][..., :3]
    assert len(warned) == 1
    assert "Reference 1" in warned[0]
    assert_images_close(colors, colorize(image, truth), 0.0)


def test_a_reference_of_fifty_megapixels_is_reduced(image):
    row = np.linspace(0, 1, 10_000, dtype=np.float32)
    ramp = np.stack([row, row**2, 1 - row], axis=1)
    # 50 megapixels without their memory
    reference = np.broadcast_to(ramp, (5000, 10_000, 3))
    warned: list[str] = []
    reference_colorize(image, (reference,), context=Context(warn=warned.append))
    assert warned == ["The reference has 50 megapixels; it was reduced to 1/3 of its width."]


def swatch(color_of, box, shape=SIZE):
    layer = np.zeros((*shape, 4), np.float32)
    top, left, bottom, right = box
    layer[top:bottom, left:right] = (*color_of, 1.0)
    return layer


RED, BLUE = (1.0, 0.0, 0.0), (0.0, 0.0, 1.0)


@pytest.mark.parametrize(
    ("layer", "partner", "sentence"),
    [
        (swatch(RED, (0, 0, 20, 20)), None, "on the picture only"),
        (None, swatch(RED, (0, 0, 20, 20)), "on the reference only"),
        (swatch(RED, (0, 0, 20, 20)), swatch(BLUE, (0, 0, 20, 20)), "#ff0000 is on the picture"),
        (swatch(RED, (0, 0, 4, 4)), swatch(RED, (0, 0, 20, 20)), "smaller than 25 pixels"),
        (swatch(RED, (0, 0, 0, 0)), swatch(RED, (0, 0, 0, 0)), "layers are empty"),
        (
            swatch(RED, (0, 0, 20, 20)),
            swatch(RED, (0, 0, 20, 20), (40, 40)),
            "40 x 40 pixels, but the reference is 120 x 90",
        ),
    ],
    ids=["one layer", "other layer", "one side", "small", "empty", "size"],
)
def test_unfit_swatches_are_one_sentence(truth, image, layer, partner, sentence):
    with pytest.raises(InputError, match=sentence) as caught:
        colorize(image, truth, swatches=layer, reference_swatches=partner)
    assert str(caught.value).endswith(".")


@pytest.mark.parametrize(
    ("pairs", "sentence"),
    [
        ([((100, 0, 30, 30), (0, 0, 20, 20))], "Box 1 on the picture reaches beyond"),
        ([((0, 0, 20, 20), (0, 0, 500, 500))], "Box 1 on the reference reaches beyond"),
        ([((0, 0, 3, 3), (0, 0, 20, 20))], "smaller than 25"),
        (
            [((0, 0, 20, 20), (0, 0, 20, 20)), ((10, 10, 20, 20), (0, 0, 20, 20))],
            "Swatch 2 overlaps",
        ),
    ],
)
def test_unfit_boxes_are_one_sentence(truth, image, pairs, sentence):
    boxes = tuple(BoxPair(Box(*target), Box(*reference)) for target, reference in pairs)
    with pytest.raises(InputError, match=sentence):
        colorize(image, truth, boxes=boxes)


def test_brush_edges_in_other_colors_are_no_swatches(truth, image):
    layer, partner = swatch(RED, (10, 10, 30, 30)), swatch(RED, (40, 40, 60, 60))
    clean = colorize(image, truth, swatches=layer, reference_swatches=partner)
    layer[30, 10:30] = (0.9, 0.1, 0.0, 0.6)
    partner[60, 40:60] = (1.0, 0.0, 0.0, 0.3)
    again = colorize(image, truth, swatches=layer, reference_swatches=partner)
    np.testing.assert_array_equal(again, clean)


def test_swatches_may_cover_the_whole_picture(truth, image):
    left, right = swatch(RED, (0, 0, 90, 60)), swatch(BLUE, (0, 60, 90, 120))
    layer = np.maximum(left, right)
    colors = colorize(image, truth, swatches=layer, reference_swatches=layer)
    assert np.abs(chroma(colors)).mean() > 0.01
    assert_images_close(colors @ LUMA, truth @ LUMA, 1e-5)


def test_a_swatch_outside_the_region_is_told(truth, image):
    region = np.zeros(SIZE, np.float32)
    region[60:] = 1.0
    layer = swatch(RED, (0, 0, 20, 20))
    with pytest.raises(InputError, match="outside the region"):
        colorize(image, truth, swatches=layer, reference_swatches=layer, region=region)


def test_cancel_while_spreading(truth, image):
    stages: list[str] = []

    def progress(fraction, stage):
        stages.append(stage)
        if stage == "Spreading":
            raise Cancelled

    layer = swatch(RED, (10, 10, 30, 30))
    with pytest.raises(Cancelled):
        colorize(
            image,
            truth,
            swatches=layer,
            reference_swatches=layer,
            context=Context(progress=progress),
        )
    assert "Spreading" in stages
