"""Color by example: stripes, labels, corrections, and what it refuses."""

from __future__ import annotations

import numpy as np
import pytest

from support import assert_images_close, photograph, zebra
from tinct import color
from tinct.cache import Cache
from tinct.declare import Context
from tinct.errors import Cancelled, InputError
from tinct.operations.example_colorize import example_colorize
from tinct.operations.reference_colorize import reference_colorize

SIZE = (96, 128)
LUMA = np.array([0.299, 0.587, 0.114])
TINTS = np.array([[0.12, 0.05], [-0.12, 0.02]], np.float32)
RED, BLUE = (1.0, 0.0, 0.0, 1.0), (0.0, 0.0, 1.0, 1.0)


def opaque(rgb):
    return np.concatenate([rgb, np.ones_like(rgb[..., :1])], axis=2).astype(np.float32)


def gray(luminance):
    return np.repeat(luminance[..., np.newaxis], 3, axis=2)


def chroma(rgb):
    return color.srgb_to_yiq(np.ascontiguousarray(rgb[..., :3]))[..., 1:]


def label_layer(lying):
    return np.where(lying[..., None], RED, BLUE).astype(np.float32)


@pytest.fixture(scope="module")
def stripes():
    """Return a target, a reference, the reference's classes and the target's."""
    luminance, lying = zebra(SIZE, seed=1)
    reference = color.fit_chroma_yiq(luminance, TINTS[lying.astype(int)])
    other, other_lying = zebra(SIZE, seed=2)
    return opaque(gray(other)), reference, lying, other_lying


def share_right(colors, lying):
    return np.mean(np.sign(chroma(colors)[..., 0]) == np.where(lying, -1, 1))


@pytest.mark.parametrize("method", ["classes", "distribution"])
def test_stripes_are_told_apart_where_samples_fail(stripes, method):
    image, reference, _, lying = stripes
    colors = example_colorize(image, (reference,), method=method)["colors"]
    assert share_right(colors, lying) > 0.95
    assert share_right(reference_colorize(image, (reference,))["colors"], lying) < 0.6
    assert_images_close(colors[..., :3] @ LUMA, image[..., :3] @ LUMA, 1e-5)


def test_painted_labels_give_the_segments_of_automatic_ones(stripes):
    image, reference, lying, target_lying = stripes
    found = example_colorize(image, (reference,), (label_layer(lying),), show_segments=True)[
        "segmentation"
    ]
    automatic = example_colorize(image, (reference,), segments=2, show_segments=True)
    painted_red = found[..., 0] > 0.5
    assert np.mean(painted_red == target_lying) > 0.95
    one = automatic["segmentation"][..., 0] > automatic["segmentation"][..., 2]
    assert max(np.mean(one == painted_red), np.mean(one != painted_red)) > 0.95


def test_corrections_change_the_color_there(stripes):
    image, reference, lying, _ = stripes
    corrections = np.zeros((*SIZE, 4), np.float32)
    corrections[5:40, 5:50] = BLUE
    options = {"labels": (label_layer(lying),), "show_segments": True}
    results = example_colorize(image, (reference,), corrections=corrections, **options)
    spot = np.s_[10:35, 10:45]
    assert (results["segmentation"][spot] == BLUE[:3]).all()
    assert np.mean(chroma(results["colors"])[spot][..., 0] > 0) > 0.95
    before = example_colorize(image, (reference,), **options)
    assert np.mean(chroma(before["colors"])[spot][..., 0] < 0) > 0.95


def test_two_references_with_one_class_each(stripes):
    image, reference, lying, target_lying = stripes
    half, middle = SIZE[0] // 2, SIZE[1] // 2
    parts = (reference[:half, :middle], reference[:half, middle:])
    labels = tuple(label_layer(part) for part in (lying[:half, :middle], lying[:half, middle:]))
    colors = example_colorize(image, parts, labels)["colors"]
    assert share_right(colors, target_lying) > 0.9


def test_the_second_run_learns_nothing_anew(stripes):
    image, reference, _, _ = stripes
    cache = Cache(1 << 28)
    stages: list[str] = []
    context = Context(cache=cache, progress=lambda fraction, stage: stages.append(stage))
    first = example_colorize(image, (reference,), context=context)["colors"]
    kept = cache.used_bytes
    assert kept > 0
    again = example_colorize(image, (reference,), confidence=0.5, context=context)["colors"]
    np.testing.assert_array_equal(first, again)
    assert cache.used_bytes == kept


def test_a_large_target_is_worked_on_small_and_keeps_its_size():
    truth = photograph("astronaut")
    image = opaque(gray((truth @ LUMA).astype(np.float32)))
    preview = example_colorize(image, (truth,), context=Context(quality="preview"))["colors"]
    assert preview.shape == image.shape
    assert_images_close(preview[..., :3] @ LUMA, image[..., :3] @ LUMA, 1e-5)
    assert np.abs(chroma(preview)).mean() > 0.02


def test_hidden_pixels_stay_and_count_for_nothing(stripes):
    image, reference, _, _ = stripes
    holed = image.copy()
    holed[:30, :30, 3] = 0
    other = holed.copy()
    other[:30, :30, :3] = 0.9
    one, two = (example_colorize(each, (reference,))["colors"] for each in (holed, other))
    np.testing.assert_array_equal(one[:30, :30], holed[:30, :30])
    np.testing.assert_array_equal(one[30:], two[30:])


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"labels": (np.zeros((*SIZE, 4), np.float32),)}, "label layers are empty"),
        ({"labels": (np.zeros((5, 5, 4), np.float32),)}, "5 x 5 pixels, but its reference"),
        ({"labels": (np.zeros((*SIZE, 4), np.float32),) * 2}, "2 label layers for 1 references"),
        ({"corrections": np.full((*SIZE, 4), 0.5, np.float32)}, "no label of the reference"),
        ({"references": (np.full((*SIZE, 3), 0.5, np.float32),)}, "has no color"),
    ],
    ids=["empty", "size", "count", "unknown", "gray"],
)
def test_unfit_input_is_one_sentence(stripes, change, sentence):
    image, reference, _, _ = stripes
    arguments = {"references": (reference,)} | change
    with pytest.raises(InputError, match=sentence) as caught:
        example_colorize(image, **arguments)
    assert str(caught.value).endswith(".")


def test_cancel_while_matching(stripes):
    image, reference, _, _ = stripes

    def progress(fraction, stage):
        if stage == "Matching":
            raise Cancelled

    with pytest.raises(Cancelled):
        example_colorize(image, (reference,), context=Context(progress=progress))
