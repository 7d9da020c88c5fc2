"""Small networks with the signatures of published ones, whose right answers are known."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from skimage import color

import onnx_maker as make
from onnx_maker import Node
from tinct.models.adding import add_file
from tinct.models.manifest import Manifest, find_manifest

Array = NDArray[Any]
LUMA = (0.299, 0.587, 0.114)


def lightness(rgb: Array) -> Array:
    found: Array = color.rgb2lab(rgb)[..., :1]
    return found


def luma(rgb: Array) -> Array:
    return (rgb @ LUMA)[..., np.newaxis]


class StandIn(NamedTuple):
    """One network.

    Attributes
    ----------
    weights, bias
        Of its only layer: output = weights @ channels + bias at each pixel.
    fed
        What the published network is fed, (H, W, C), from the picture at its size, by the words
        of its authors and another library than tinct's own.
    read
        What (a, b) its output stands for.
    """

    weights: Any
    bias: Any
    fed: Callable[[Array], Array]
    read: Callable[[Array], Array]


def ab_of_rgb(values: Array) -> Array:
    found: Array = color.rgb2lab(np.clip(values / 255, 0, 1))[..., 1:]
    return found


def without_hints(rgb: Array, *, l_scale: float, l_shift: float, mask: float) -> Array:
    rest = np.zeros((*rgb.shape[:2], 3)) + np.array([0.0, 0.0, mask])
    return np.concatenate([lightness(rgb) * l_scale + l_shift, rest], axis=2)


def gray_of_lightness(rgb: Array) -> Array:
    lab = np.concatenate([lightness(rgb), np.zeros((*rgb.shape[:2], 2))], axis=2)
    found: Array = color.lab2rgb(lab)
    return found


ZHANG = StandIn(
    [[0.5], [-0.3]],
    [-20.0, 10.0],
    lightness,
    lambda out: out,
)
DEOLDIFY = StandIn(
    [[0.9, 0, 0], [0, 0.8, 0], [0, 0, 0.5]],
    [10.0, 5.0, 30.0],
    lambda rgb: np.repeat(luma(rgb) * 255, 3, axis=2),
    ab_of_rgb,
)
DDCOLOR = StandIn(
    [[40.0, 0, -10.0], [0, -20.0, 0]],
    [-5.0, 12.0],
    gray_of_lightness,
    lambda out: out,
)
STAND_INS = {
    "eccv16": ZHANG,
    "siggraph17": ZHANG,
    "siggraph17-hints": StandIn(
        [[0.2, 1, 0, 5], [-0.1, 0, 1, -7]],
        [-3.0, 4.0],
        lambda rgb: without_hints(rgb, l_scale=1, l_shift=0, mask=0),
        lambda out: out,
    ),
    "chromagan": StandIn(
        [[0.1, 0.05, 0.02], [-0.1, 0.03, -0.02]],
        [0.45, 0.6],
        lambda rgb: np.repeat(lightness(rgb) / 100, 3, axis=2),
        lambda out: 255 * out - 128,
    ),
    "instcolorization": StandIn(
        [[0.2, 1, 0, 0.3], [-0.1, 0, 1, -0.2]],
        [0.1, -0.05],
        lambda rgb: without_hints(rgb, l_scale=0.01, l_shift=-0.5, mask=-0.5),
        lambda out: 110 * out,
    ),
    "deoldify": DEOLDIFY,
    "deoldify-quant": DEOLDIFY,
    "ddcolor": DDCOLOR,
    "ddcolor-tiny": DDCOLOR,
}
"""By id; iizuka16, whose two inputs differ in size, has `iizuka` instead."""


def expected_chroma(id_: str, rgb: Array) -> Array:
    """Return (a, b) that the stand-in gives a picture at the network's size, (H, W, 2)."""
    if id_ == "iizuka16":
        return expected_iizuka(rgb)
    told = STAND_INS[id_]
    out = told.fed(rgb.astype(np.float64)) @ np.asarray(told.weights).T + told.bias
    return told.read(out)


def stand_in(manifest: Manifest) -> bytes:
    """Return the ONNX file of a stand-in with the tensors of a manifest."""
    if manifest.id == "iizuka16":
        return iizuka()
    told = STAND_INS[manifest.id]
    shapes = {tensor.name: tensor.shape for tensor in manifest.inputs}
    (output,) = manifest.outputs
    return make.affine(shapes, output.name, output.shape, told.weights, told.bias)


def iizuka() -> bytes:
    """Return a network that mixes the mean of its small input with the other at half the size."""
    nodes = [
        Node("GlobalAveragePool", ["small"], ["mean"]),
        Node("AveragePool", ["luma"], ["half"], {"kernel_shape": [2, 2], "strides": [2, 2]}),
        Node("Mul", ["half", "quarter"], ["part"]),
        Node("Mul", ["mean", "quarter"], ["mean_part"]),
        Node("Add", ["part", "mean_part"], ["sum"]),
        Node("Add", ["sum", "shift"], ["first"]),
        Node("Sub", ["one", "half"], ["second"]),
        Node("Concat", ["first", "second"], ["chroma"], {"axis": 1}),
    ]
    return make.model(
        nodes,
        {"small": [1, 1, 224, 224], "luma": [1, 1, "height", "width"]},
        {"chroma": [1, 2, "half_height", "half_width"]},
        {"quarter": np.float32(0.25), "shift": np.float32(0.3), "one": np.float32(1)},
    )


def expected_iizuka(rgb: Array) -> Array:
    plane = luma(rgb.astype(np.float64))
    rows, columns = plane.shape[0] // 2, plane.shape[1] // 2
    half = plane.reshape(rows, 2, columns, 2, 1).mean(axis=(1, 3))
    out = np.concatenate([0.25 * half + 0.25 * plane.mean() + 0.3, 1 - half], axis=2)
    return (2 * out - 1) * 100


def install(id_: str, folder: Path) -> Manifest:
    """Add a stand-in as the user would a conversion of the published network."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{id_}.onnx"
    path.write_bytes(stand_in(find_manifest(id_)))
    return add_file(path, like=id_)
