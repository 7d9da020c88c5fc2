"""A picture before a network of tinct's kind: sizes, lightness, and what goes in and comes out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from skimage.color import rgb2lab

import onnx_maker as make
from onnx_maker import Node
from tinct.algorithms.rasterizing import LocalHints
from tinct.models.colorizer import (
    GlobalHints,
    is_native,
    network_lightness,
    network_size,
    predict,
)
from tinct.models.manifest import Size, find_manifest
from tinct.models.runtime import Network, load

from .conftest import Folder

BINS = 3
PICTURE = {
    "luminance": ["batch", 1, "height", "width"],
    "hint_ab": ["batch", 2, "height", "width"],
    "hint_mask": ["batch", 1, "height", "width"],
}
REST = {"histogram": ["batch", BINS], "mean_chroma": ["batch", 1], "given": ["batch", 2]}
INPUTS = {**PICTURE, **REST, "temperature": [1]}
OUTPUTS = {
    "chroma": ["batch", 2, "h", "w"],
    "confidence": ["batch", 1, "h", "w"],
    "logits": ["batch", BINS, "h", "w"],
}


def stand_in(folder: Folder) -> Network:
    """Return a network of tinct's signature, whose answer is known.

    At half the size, chroma is the hints' plus the temperature, confidence is the share of hinted
    pixels, and the logits are L, the share of the first bin and the mean chroma, where given.
    """
    half = {"kernel_shape": (2, 2), "strides": (2, 2)}
    told = [
        Node("Slice", ["given", "zero", "one", "axis"], ["of_histogram"]),
        Node("Slice", ["given", "one", "two", "axis"], ["of_mean"]),
        Node("Slice", ["histogram", "zero", "one", "axis"], ["first"]),
        Node("Mul", ["first", "of_histogram"], ["first_given"]),
        Node("Mul", ["mean_chroma", "of_mean"], ["mean_given"]),
        Node("Reshape", ["first_given", "plane"], ["first_plane"]),
        Node("Reshape", ["mean_given", "plane"], ["mean_plane"]),
    ]
    nodes = [
        Node("AveragePool", ["hint_ab"], ["small_ab"], half),
        Node("Add", ["small_ab", "temperature"], ["chroma"]),
        Node("AveragePool", ["hint_mask"], ["confidence"], half),
        Node("AveragePool", ["luminance"], ["small_l"], half),
        *told,
        Node("Mul", ["small_l", "none"], ["nothing"]),
        Node("Add", ["nothing", "first_plane"], ["second"]),
        Node("Add", ["nothing", "mean_plane"], ["third"]),
        Node("Concat", ["small_l", "second", "third"], ["logits"], {"axis": 1}),
    ]
    weights = {
        "zero": np.int64([0]),
        "one": np.int64([1]),
        "two": np.int64([2]),
        "axis": np.int64([1]),
        "plane": np.int64([-1, 1, 1, 1]),
        "none": np.float32(0),
    }
    tensor: dict[str, Any] = {"dtype": "float32", "space": "any", "range": [0.0, 1.0]}
    folder.install(
        "toy",
        make.model(nodes, INPUTS, OUTPUTS, weights),
        task="colorize",
        inputs=[{"name": name, "shape": shape, **tensor} for name, shape in INPUTS.items()],
        outputs=[{"name": name, "shape": shape, **tensor} for name, shape in OUTPUTS.items()],
        pre=[],
        post=[],
        size={"short_side": 8, "multiple": 4, "output_stride": 2},
        distribution={"step": 10, "centers": [[0, 0], [10, 0], [0, 10]]},
    )
    return load("toy")


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ((192, 192), (192, 192)),
        ((384, 576), (192, 288)),
        ((1, 1), (192, 192)),
        ((3000, 4000), (192, 256)),
        ((100, 101), (192, 192)),
        ((10, 1000), (16, 960)),
        ((50_000_000, 1), (960, 16)),
    ],
)
def test_short_side_and_multiple_make_the_size(
    shape: tuple[int, int], expected: tuple[int, int]
) -> None:
    assert network_size(shape, find_manifest("tinct").size) == expected


def test_a_fixed_size_is_taken_as_it_is() -> None:
    assert network_size((30, 99), Size(fixed=(256, 128))) == (256, 128)


@pytest.mark.parametrize("size", [(16, 24), (40, 60), (3, 5)], ids=str)
def test_lightness_is_that_of_the_gray_picture(size: tuple[int, int]) -> None:
    luma = np.random.default_rng(0).random((40, 60)).astype(np.float32)
    found = network_lightness(luma, np.ones(luma.shape, bool), size)
    assert found.shape == size
    expected = rgb2lab(np.repeat(luma[..., np.newaxis], 3, axis=2))[..., 0]
    assert found.mean() == pytest.approx(expected.mean(), abs=1.0)
    if size == luma.shape:
        np.testing.assert_allclose(found, expected, atol=0.01)


def test_pixels_nobody_sees_draw_no_edge() -> None:
    luma = np.full((40, 60), 0.5, np.float32)
    visible = np.ones(luma.shape, bool)
    luma[:, 30:], visible[:, 30:] = 0.0, False
    found = network_lightness(luma, visible, (20, 30))
    assert np.ptp(found) < 0.01


def test_large_pictures_are_reduced_first(monkeypatch: pytest.MonkeyPatch) -> None:
    luma = np.linspace(0, 1, 400 * 500, dtype=np.float32).reshape(400, 500)
    seen = np.ones(luma.shape, bool)
    whole = network_lightness(luma, seen, (20, 25))
    monkeypatch.setattr("tinct.models.colorizer.PIXELS_MAXIMUM", 10_000)
    np.testing.assert_allclose(network_lightness(luma, seen, (20, 25)), whole, atol=1.0)


def test_nothing_visible_is_taken_as_gray() -> None:
    found = network_lightness(np.ones((4, 4), np.float32), np.zeros((4, 4), bool), (16, 16))
    np.testing.assert_array_equal(found, 50)


def test_all_that_is_known_reaches_the_network(folder: Folder) -> None:
    lightness = np.full((8, 12), 40, np.float32)
    mask = np.zeros((8, 12), bool)
    mask[:4] = True
    local = LocalHints(np.where(mask[..., np.newaxis], np.float32([20, -8]), np.float32(0)), mask)
    overall = GlobalHints(np.float32([0.25, 0.5, 0.25]), 17.0)
    found = predict(stand_in(folder), lightness, 0.5, local, overall, logits=True)
    assert found.chroma.shape == (4, 6, 2)
    np.testing.assert_allclose(found.chroma[:2], np.broadcast_to([20.5, -7.5], (2, 6, 2)))
    np.testing.assert_allclose(found.chroma[2:], 0.5)
    np.testing.assert_array_equal(found.confidence, np.repeat([[1], [1], [0], [0]], 6, axis=1))
    assert found.logits is not None
    np.testing.assert_allclose(found.logits[:, 0, 0], [40, 0.25, 17])
    np.testing.assert_allclose(found.lightness, 40)


def test_what_is_not_known_is_said_to_be_unknown(folder: Folder) -> None:
    found = predict(stand_in(folder), np.full((8, 8), 40, np.float32), 0.5, logits=True)
    assert found.logits is not None
    np.testing.assert_allclose(found.logits[1:], 0)
    np.testing.assert_allclose(found.confidence, 0)
    assert predict(stand_in(folder), np.full((8, 8), 40, np.float32), 0.5).logits is None


def test_which_networks_are_of_this_kind(folder: Folder) -> None:
    assert is_native(find_manifest("tinct"))
    assert is_native(stand_in(folder).manifest)
    assert not is_native(find_manifest("eccv16"))
