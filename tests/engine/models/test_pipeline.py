"""Filters on pictures of sizes that their networks do not take, by networks with closed forms."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import onnx_maker as make
from onnx_maker import Node
from tinct.context import Context
from tinct.errors import Cancelled, NetworkError
from tinct.models.pipeline import filter_picture
from tinct.models.runtime import load

from .conftest import SHAPE, Folder, negative


def mosaic() -> bytes:
    """Return a network that gives each block of 4 x 4 pixels its mean; a rest of rows is lost."""
    nodes = [
        Node("AveragePool", ["picture"], ["small"], {"kernel_shape": [4, 4], "strides": [4, 4]}),
        Node("Resize", ["small", "", "factors"], ["result"], {"mode": "nearest"}),
    ]
    factors = {"factors": np.array([1, 1, 4, 4], np.float32)}
    return make.model(nodes, {"picture": SHAPE}, {"result": SHAPE}, factors)


def picture(rows: int, columns: int) -> Any:
    return np.random.default_rng(0).uniform(0, 1, (rows, columns, 3)).astype(np.float32)


@pytest.mark.parametrize("size", [(8, 12), (9, 13), (1, 1), (3, 50)])
def test_odd_sizes_get_a_border_that_is_cut_off(folder: Folder, size: tuple[int, int]) -> None:
    folder.install("toy", mosaic(), size={"multiple": 4, "smallest": 6})
    rgb = picture(*size)
    rows, columns = (max(side, 6) + -max(side, 6) % 4 for side in size)
    padded = np.pad(rgb, [(0, rows - size[0]), (0, columns - size[1]), (0, 0)], mode="edge")
    blocks = padded.reshape(rows // 4, 4, columns // 4, 4, 3).mean(axis=(1, 3))
    expected = blocks.repeat(4, axis=0).repeat(4, axis=1)[: size[0], : size[1]]
    np.testing.assert_allclose(filter_picture(load("toy"), rgb), expected, atol=1e-6)


def test_a_picture_that_comes_back_too_small_is_refused(folder: Folder) -> None:
    folder.install("toy", mosaic())
    with pytest.raises(NetworkError, match="gave 12 x 8 pixels of 13 x 9"):
        filter_picture(load("toy"), picture(9, 13))


def test_a_network_of_one_size_is_stretched_there_and_back(folder: Folder) -> None:
    shape = [1, 3, 32, 32]
    content = make.affine({"picture": shape}, "result", shape, -np.eye(3), np.ones(3))
    tensor = {"dtype": "float32", "shape": shape, "space": "sRGB", "range": [0.0, 1.0]}
    resize = {"step": "resize-picture", "filter": "bilinear"}
    take = {"step": "take", "tensor": "picture", "channels": "rgb"}
    folder.install(
        "toy",
        content,
        size={"fixed": [32, 32]},
        inputs=[{"name": "picture", **tensor}],
        outputs=[{"name": "result", **tensor}],
        pre=[resize, take],
    )
    ramp = np.broadcast_to(np.linspace(0, 1, 90, dtype=np.float32)[None, :, None], (20, 90, 3))
    found = filter_picture(load("toy"), ramp)
    np.testing.assert_allclose(found[:, 3:-3], 1 - ramp[:, 3:-3], atol=0.01)


def test_results_stay_within_the_picture(folder: Folder) -> None:
    folder.install("toy", negative(-5.0))
    rgb = picture(4, 4)
    expected = np.clip(1 - 5 * rgb, 0, 1)
    np.testing.assert_allclose(filter_picture(load("toy"), rgb), expected, atol=1e-5)


def test_what_is_no_number_is_refused(folder: Folder) -> None:
    nodes = [Node("Log", ["picture"], ["result"])]
    folder.install("toy", make.model(nodes, {"picture": SHAPE}, {"result": SHAPE}))
    with pytest.raises(NetworkError, match="gave values that are not numbers"):
        filter_picture(load("toy"), np.zeros((3, 3, 3), np.float32))


def test_a_cancelled_run_stops(folder: Folder) -> None:
    class Asked:
        """A context that was cancelled before the network began."""

        def __init__(self, stop: Any) -> None:
            self._stop = stop

        def __enter__(self) -> None:
            self._stop()

        def __exit__(self, *_: object) -> None:
            pass

    folder.install("toy", negative())
    with pytest.raises(Cancelled):
        filter_picture(load("toy"), picture(8, 8), context=Context(on_cancel=Asked))
