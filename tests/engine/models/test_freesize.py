"""Sizes written into a network are freed, and its arithmetic stays."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnxruntime
import pytest

import onnx_maker as make
from onnx_maker import Node
from support import shared_data
from tinct.errors import NetworkError
from tinct.models.freesize import free_size

SIDE = 8


def constant(name: str, values: Any) -> Node:
    return Node("Constant", [], [name], {"value": np.asarray(values)})


def enlarging(*, plain: bool = False, opset: int = 9, nothing: float = 0.0) -> bytes:
    """Return a network that doubles 8 x 8 pixels by reshapes, as exporters of 2018 did."""
    nodes, name = [], "x"
    for step, shape in enumerate(([-1, 1], [-1, 2 * SIDE])):
        rows, twice, added = f"rows{step}", f"twice{step}", f"added{step}"
        nodes += [constant(f"shape{step}", shape), Node("Reshape", [name, f"shape{step}"], [rows])]
        if not plain:
            nodes.append(constant(f"zero{step}", np.float32(nothing)))
            nodes.append(Node("Add", [rows, f"zero{step}"], [added]))
        nodes.append(Node("Concat", [rows, rows if plain else added], [twice], {"axis": 1}))
        name = twice
    nodes += [
        constant("shape", [-1, 2, 2 * SIDE, 2 * SIDE]),
        Node("Reshape", [name, "shape"], ["z"]),
    ]
    nodes.append(Node("Relu", ["z"], ["y"]))
    shapes = [1, 2, SIDE, SIDE], [1, 2, 2 * SIDE, 2 * SIDE]
    return make.model(nodes, {"x": shapes[0]}, {"y": shapes[1]}, opset=opset, ir_version=4)


def session(data: bytes) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])


@pytest.mark.parametrize("plain", [True, False])
@pytest.mark.parametrize("size", [(8, 8), (3, 5), (1, 1), (20, 7)])
def test_every_size_is_doubled_pixel_by_pixel(plain: bool, size: tuple[int, int]) -> None:
    freed = session(free_size(enlarging(plain=plain), "net.onnx"))
    assert [node.shape for node in (*freed.get_inputs(), *freed.get_outputs())] == [
        [1, 2, "height", "width"]
    ] * 2
    picture = np.random.default_rng(0).normal(size=(1, 2, *size)).astype(np.float32)
    (result,) = freed.run(None, {"x": picture})
    expected = np.maximum(picture, 0).repeat(2, axis=2).repeat(2, axis=3)
    np.testing.assert_array_equal(result, expected)
    if size == (SIDE, SIDE):
        (before,) = session(enlarging(plain=plain)).run(None, {"x": picture})
        np.testing.assert_array_equal(result, before)


def test_what_is_not_doubling_stays() -> None:
    # it adds one to the second copy, so it may not be replaced
    data = enlarging(nothing=1.0)
    picture = np.random.default_rng(0).normal(size=(1, 2, SIDE, SIDE)).astype(np.float32)
    (before,) = session(data).run(None, {"x": picture})
    (after,) = session(free_size(data, "net.onnx")).run(None, {"x": picture})
    np.testing.assert_array_equal(before, after)


def test_other_opsets_are_refused() -> None:
    with pytest.raises(NetworkError, match="only be freed in opset 9"):
        free_size(enlarging(opset=11), "net.onnx")


@pytest.mark.parametrize("name", ["candy_nc16_256", "mosaic_nc8_256"])
def test_published_networks_compute_the_same(name: str) -> None:
    data = (shared_data("reference/onnx") / f"{name}.onnx").read_bytes()
    before, after = session(data), session(free_size(data, name))
    picture = np.random.default_rng(0).uniform(0, 255, (1, 3, 256, 256)).astype(np.float32)
    (expected,) = before.run(None, {"input.1": picture})
    (found,) = after.run(None, {"input.1": picture})
    np.testing.assert_allclose(found, expected, atol=1e-3)
    assert after.run(None, {"input.1": picture[..., :120, :64]})[0].shape == (1, 3, 120, 64)
