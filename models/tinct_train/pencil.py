"""Builds ``pencil.onnx``: a drawing of a picture, as a network of nine operators, untrained."""

from __future__ import annotations

import argparse
import hashlib
from pathlib import Path

import numpy as np
import onnx
from onnx import helper, numpy_helper

__all__ = ["SIGMA_PX", "TAPS", "build"]

OPSET = 17
SIGMA_PX = 6.0
TAPS = 37
PAPER = 0.02  # keeps the division away from zero where the surroundings are black


def build() -> onnx.ModelProto:
    """Return the network: luma divided by its Gaussian surroundings, at most white.

    Returns
    -------
    onnx.ModelProto
        ``picture``, (1, 3, height, width), sRGB 0 to 1, to ``drawing`` of the same shape.
    """
    offsets = np.arange(TAPS) - TAPS // 2
    taps = np.exp(-(offsets**2) / (2 * SIGMA_PX**2))
    taps /= taps.sum()
    border = TAPS // 2
    constants = {
        "luma_weights": np.array([0.299, 0.587, 0.114], np.float32).reshape(1, 3, 1, 1),
        "border": np.array([0, 0, border, border, 0, 0, border, border], np.int64),
        "across": taps.astype(np.float32).reshape(1, 1, 1, TAPS),
        "down": taps.astype(np.float32).reshape(1, 1, TAPS, 1),
        "paper": np.array(PAPER, np.float32),
        "white": np.array(1.0, np.float32),
    }
    nodes = [
        helper.make_node("Conv", ["picture", "luma_weights"], ["luma"]),
        helper.make_node("Pad", ["luma", "border"], ["framed"], mode="edge"),
        helper.make_node("Conv", ["framed", "across"], ["smoothed"]),
        helper.make_node("Conv", ["smoothed", "down"], ["around"]),
        helper.make_node("Add", ["luma", "paper"], ["over"]),
        helper.make_node("Add", ["around", "paper"], ["under"]),
        helper.make_node("Div", ["over", "under"], ["ratio"]),
        helper.make_node("Min", ["ratio", "white"], ["line"]),
        helper.make_node("Concat", ["line"] * 3, ["drawing"], axis=1),
    ]
    shape = [1, 3, "height", "width"]
    graph = helper.make_graph(
        nodes,
        "pencil",
        [helper.make_tensor_value_info("picture", onnx.TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("drawing", onnx.TensorProto.FLOAT, shape)],
        [numpy_helper.from_array(values, name) for name, values in constants.items()],
    )
    model = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8, producer_name="tinct"
    )
    onnx.checker.check_model(model, full_check=True)
    return model


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target", type=Path, help="ONNX file to write")
    target = parser.parse_args().target
    data = build().SerializeToString(deterministic=True)
    target.write_bytes(data)
    print(f"{target}: {len(data)} bytes, sha256 {hashlib.sha256(data).hexdigest()}")


if __name__ == "__main__":
    main()
