"""The steps of a manifest, carried out: a picture into a network's tensors, and out of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinct import color
from tinct.algorithms.rasterizing import LocalHints
from tinct.algorithms.upsampling import box_mean
from tinct.context import Context
from tinct.declare import FloatArray, Image
from tinct.errors import NetworkError
from tinct.models.colorizer import Prediction, network_size
from tinct.models.contracts import check_steps
from tinct.models.manifest import Manifest, Size
from tinct.models.resample import resample
from tinct.models.runtime import Network

__all__ = ["filter_picture", "is_guided", "predict_by_steps", "takes_hints"]

Array = NDArray[Any]
GRAY = 0.5


def takes_hints(manifest: Manifest) -> bool:
    """Say whether local hints have a place in a network's steps."""
    return any(step.word == "rasterize-hints" for step in manifest.pre)


def is_guided(manifest: Manifest) -> bool:
    """Say whether a network's chroma is enlarged with the picture's luminance as guide."""
    return all(step.word != "upsample-bilinear" for step in manifest.post)


def predict_by_steps(
    network: Network,
    image: Image,
    visible: NDArray[np.bool_],
    local: LocalHints | None = None,
    *,
    context: Context = Context(),
) -> Prediction:
    """Ask a network for the colors of a picture in the way its manifest says.

    Parameters
    ----------
    network
        Of the task ``colorize``.
    image
        Shape (M, N, 4), sRGB-encoded; only its luminance is used.
    visible
        Shape (M, N); the other pixels take the mean of these.
    local
        Hints at the size `network_size` gives, for networks that take them.
    context
        Stops the network when the user cancels.

    Returns
    -------
    Prediction
        On the network's grid; it says nothing of its confidence.
    """
    manifest = network.manifest
    check_steps(manifest)
    rgb = _filled(image[..., :3], visible)
    small, feeds = _prepare(manifest, rgb, network_size(visible.shape, manifest.size), local)
    step = next(step for step in manifest.post if step.word.startswith("upsample-"))
    name = str(step.options["tensor"])
    found = network.run(feeds, [name], context=context)
    chroma = np.ascontiguousarray(_read(manifest, found)[name].transpose(1, 2, 0))
    height, width = chroma.shape[:2]
    return Prediction(
        chroma,
        box_mean(color.srgb_to_lab(small)[..., 0], (height, width)),
        np.ones((height, width), np.float32),
    )


def filter_picture(network: Network, rgb: FloatArray, *, context: Context = Context()) -> Image:
    """Make of a picture what a filter network makes of it.

    Parameters
    ----------
    network
        Of the task ``filter``.
    rgb
        Shape (M, N, 3), sRGB-encoded, 0 to 1.
    context
        Stops the network when the user cancels.

    Returns
    -------
    ndarray of shape (M, N, 3)
        Within 0 to 1; enlarged where the network takes one size only.
    """
    manifest = network.manifest
    check_steps(manifest)
    rows, columns = rgb.shape[:2]
    padded = rgb if manifest.size.fixed else _padded(rgb, manifest.size)
    _, feeds = _prepare(manifest, padded, network_size(padded.shape[:2], manifest.size), None)
    step = next(step for step in manifest.post if step.word == "picture")
    name = str(step.options["tensor"])
    found = network.run(feeds, [name], context=context)
    result = np.clip(_read(manifest, found)[name].transpose(1, 2, 0), 0.0, 1.0)
    if manifest.size.fixed:
        return resample(result, (rows, columns), "bilinear")
    if result.shape[0] < rows or result.shape[1] < columns:
        raise NetworkError(
            f"The network {manifest.id} gave {result.shape[1]} x {result.shape[0]} pixels of "
            f"{columns} x {rows}; choose another network."
        )
    return np.ascontiguousarray(result[:rows, :columns])


def _prepare(
    manifest: Manifest, rgb: FloatArray, size: tuple[int, int], local: LocalHints | None
) -> tuple[FloatArray, dict[str, Array]]:
    """Return the picture the network sees, (h, w, 3), and its tensors."""
    small = rgb
    tensors: dict[str, FloatArray] = {}
    for step in manifest.pre:
        told = step.options
        if step.word == "resize-picture":
            small = np.clip(resample(rgb, size, told["filter"]), 0.0, 1.0)
        elif step.word == "take":
            tensors[told["tensor"]] = _take(small, told["channels"])
        elif step.word == "resize-tensor":
            shape = _sides(manifest, told["tensor"])
            tensors[told["tensor"]] = resample(tensors[told["tensor"]], shape, told["filter"])
        elif step.word == "fill":
            name = told["tensor"]
            sides = (*small.shape[:2], _channels(manifest, name))
            tensors[name] = np.full(sides, told["value"], np.float32)
        elif step.word == "rasterize-hints":
            tensors.update(_hints(told["tensors"], small.shape[:2], local))
        elif step.word == "scale":
            tensors[told["tensor"]] = _scale(tensors[told["tensor"]], told)
    return small, {
        tensor.name: np.ascontiguousarray(
            tensors[tensor.name].transpose(2, 0, 1)[np.newaxis], tensor.dtype
        )
        for tensor in manifest.inputs
    }


def _read(manifest: Manifest, found: Mapping[str, Array]) -> dict[str, FloatArray]:
    """Return outputs, (C, h, w), after the steps that come before the picture's own size."""
    tensors = {name: np.asarray(values[0], np.float32) for name, values in found.items()}
    for step in manifest.post:
        name = str(step.options.get("tensor", ""))
        if step.word == "scale":
            tensors[name] = _scale(tensors[name], step.options)
        elif step.word == "chroma-of-rgb":
            rgb = np.clip(tensors[name].transpose(1, 2, 0), 0.0, 1.0)
            tensors[name] = color.srgb_to_lab(rgb)[..., 1:].transpose(2, 0, 1)
    return tensors


def _take(rgb: FloatArray, channels: str) -> FloatArray:
    if channels == "rgb":
        return rgb
    times = 3 if channels.endswith("-rgb") else 1
    if channels.startswith("luma"):
        return np.repeat(color.luma(rgb)[..., np.newaxis], times, axis=2)
    lightness = color.srgb_to_lab(rgb)[..., :1]
    if channels.startswith("lab-l"):
        return np.repeat(lightness, times, axis=2)
    gray = np.concatenate([lightness, np.zeros((*rgb.shape[:2], 2), np.float32)], axis=2)
    return np.asarray(np.clip(color.lab_to_srgb(gray), 0.0, 1.0))


def _hints(
    names: list[str], size: tuple[int, int], local: LocalHints | None
) -> dict[str, FloatArray]:
    """Return the tensors of the hints' color and of their mask, zeros where there are none."""
    if local is None:
        empty = np.zeros((*size, 3), np.float32)
        return {names[0]: empty[..., :2], names[1]: empty[..., 2:]}
    mask = local.mask.astype(np.float32)[..., np.newaxis]
    return {names[0]: np.asarray(local.chroma * mask, np.float32), names[1]: mask}


def _scale(values: FloatArray, told: Mapping[str, Any]) -> FloatArray:
    return np.asarray(values * np.float32(told["multiply"]) + np.float32(told["add"]))


def _filled(rgb: FloatArray, visible: NDArray[np.bool_]) -> FloatArray:
    """Return colors within 0 to 1, those of pixels nobody sees being the mean of the others."""
    if visible.all():
        return np.clip(rgb, 0.0, 1.0)
    mean = rgb[visible].mean(axis=0, dtype=np.float64) if visible.any() else GRAY
    return np.clip(np.where(visible[..., np.newaxis], rgb, mean), 0.0, 1.0).astype(np.float32)


def _padded(rgb: FloatArray, size: Size) -> FloatArray:
    """Return a picture with sides that a network takes, its edge drawn on at right and below."""
    sides = [max(side, size.smallest) for side in rgb.shape[:2]]
    border = [
        (0, side + -side % size.multiple - there)
        for side, there in zip(sides, rgb.shape, strict=False)
    ]
    return np.pad(rgb, [*border, (0, 0)], mode="edge") if any(b for _, b in border) else rgb


def _sides(manifest: Manifest, name: str) -> tuple[int, int]:
    """Return height and width, which `check_steps` holds to be fixed."""
    shape = _tensor(manifest, name)
    return int(shape[2]), int(shape[3])


def _channels(manifest: Manifest, name: str) -> int:
    return int(_tensor(manifest, name)[1])


def _tensor(manifest: Manifest, name: str) -> tuple[int | str, ...]:
    tensor = manifest.tensor(name)
    assert tensor is not None  # read_manifest holds that steps name tensors there are
    return tensor.shape
