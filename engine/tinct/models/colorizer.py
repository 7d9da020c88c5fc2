"""From a picture to the chroma that a network gives it, at the network's size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinct.algorithms.rasterizing import LocalHints
from tinct.algorithms.upsampling import box_mean
from tinct.context import Context
from tinct.declare import FloatArray
from tinct.models.manifest import Manifest, Size
from tinct.models.runtime import Network

__all__ = [
    "GlobalHints",
    "Prediction",
    "is_native",
    "network_lightness",
    "network_size",
    "predict",
]

INPUTS = {
    "luminance",
    "hint_ab",
    "hint_mask",
    "histogram",
    "mean_chroma",
    "given",
    "temperature",
}
OUTPUTS = {"chroma", "confidence", "logits"}

Array = NDArray[Any]

ASPECT_MAXIMUM = 5  # a longer picture is seen squeezed
PIXELS_MAXIMUM = 2_000_000  # beyond this a picture is reduced before its lightness is computed
GRAY = 50.0


@dataclass(frozen=True)
class GlobalHints:
    """What is known of a picture's colors as a whole; None says nothing.

    Attributes
    ----------
    histogram
        Shape (Q,): the share of each bin, sum 1.
    mean_chroma
        Mean distance from gray, Lab units.
    """

    histogram: FloatArray | None = None
    mean_chroma: float | None = None


@dataclass(frozen=True)
class Prediction:
    """What a network says of a picture, on its own grid.

    Attributes
    ----------
    chroma
        Shape (m, n, 2), a and b of CIELAB.
    lightness
        Shape (m, n), L of the picture there, 0 to 100.
    confidence
        Shape (m, n), 0 to 1; ones when the network does not say.
    logits
        Shape (Q, m, n), or None when it was not asked for or there is none.
    """

    chroma: FloatArray
    lightness: FloatArray
    confidence: FloatArray
    logits: FloatArray | None = None

    @property
    def nbytes(self) -> int:
        """Memory held, in bytes."""
        held = self.chroma.nbytes + self.lightness.nbytes + self.confidence.nbytes
        return held + (self.logits.nbytes if self.logits is not None else 0)


def is_native(manifest: Manifest) -> bool:
    """Say whether a network takes and gives what tinct's own does, so that `predict` can ask it."""
    return (
        {tensor.name for tensor in manifest.inputs} == INPUTS
        and {tensor.name for tensor in manifest.outputs} >= OUTPUTS
        and manifest.distribution is not None
    )


def network_size(shape: tuple[int, int], size: Size) -> tuple[int, int]:
    """Return height and width at which a network sees a picture of `shape`."""
    if size.fixed is not None:
        return size.fixed
    short = size.short_side or min(shape)
    scale = min(short / min(shape), short * ASPECT_MAXIMUM / max(shape))
    height, width = (
        max(size.multiple, round(side * scale / size.multiple) * size.multiple) for side in shape
    )
    return height, width


def network_lightness(
    luma: FloatArray, visible: NDArray[np.bool_], size: tuple[int, int]
) -> FloatArray:
    """Return L of a gray picture at a network's size.

    Parameters
    ----------
    luma
        Shape (M, N), sRGB-encoded gray, 0 to 1.
    visible
        Shape (M, N); the other pixels take the mean of these, so that they draw no edge.
    size
        Height and width.

    Returns
    -------
    ndarray of shape `size`, float32
        0 to 100.
    """
    from PIL import Image as Pillow

    from tinct import color

    factor = max(1, int(np.ceil(np.sqrt(visible.size / PIXELS_MAXIMUM))))
    down, along = (min(factor, side) for side in visible.shape)
    gray = np.clip(_block_means(luma, down, along), 0.0, 1.0)
    lightness = color.srgb_to_lab(np.repeat(gray[..., np.newaxis], 3, axis=2))[..., 0]
    if not visible.all():
        seen = visible[down // 2 :: down, along // 2 :: along]
        seen = seen[: lightness.shape[0], : lightness.shape[1]]
        lightness[~seen] = lightness[seen].mean() if seen.any() else GRAY
    plane = Pillow.fromarray(np.ascontiguousarray(lightness))
    return np.asarray(plane.resize((size[1], size[0]), Pillow.Resampling.BILINEAR))


def predict(
    network: Network,
    lightness: FloatArray,
    temperature: float,
    local: LocalHints | None = None,
    overall: GlobalHints = GlobalHints(),
    *,
    logits: bool = False,
    context: Context = Context(),
) -> Prediction:
    """Ask a network of tinct's own kind for the colors of a picture.

    Parameters
    ----------
    network
        Its manifest names the tensors of `models/manifests/tinct.toml`.
    lightness
        Shape (H, W), see `network_lightness`.
    temperature
        Of the annealed mean.
    local, overall
        Hints; None and the default are those of automatic color.
    logits
        Ask for the distribution too.
    context
        Stops the network when the user cancels.

    Returns
    -------
    Prediction
        On a grid that is smaller by the network's stride.
    """
    height, width = lightness.shape
    feeds = _global_feeds(network.manifest, overall) | {
        "luminance": lightness[np.newaxis, np.newaxis],
        "hint_ab": np.zeros((1, 2, height, width), np.float32),
        "hint_mask": np.zeros((1, 1, height, width), np.float32),
        "temperature": np.array([temperature], np.float32),
    }
    if local is not None:
        feeds["hint_ab"] = np.ascontiguousarray(local.chroma.transpose(2, 0, 1))[np.newaxis]
        feeds["hint_mask"] = local.mask.astype(np.float32)[np.newaxis, np.newaxis]
    names = ["chroma", "confidence", *["logits"] * logits]
    found = network.run(feeds, names, context=context)
    chroma = np.ascontiguousarray(found["chroma"][0].transpose(1, 2, 0))
    return Prediction(
        chroma,
        box_mean(lightness, (chroma.shape[0], chroma.shape[1])),
        found["confidence"][0, 0],
        found["logits"][0] if logits else None,
    )


def _global_feeds(manifest: Manifest, overall: GlobalHints) -> dict[str, Array]:
    bins = len(manifest.distribution.centers) if manifest.distribution else 0
    histogram = np.zeros((1, bins), np.float32)
    mean_chroma = np.zeros((1, 1), np.float32)
    given = np.zeros((1, 2), np.float32)
    if overall.histogram is not None:
        histogram[0], given[0, 0] = overall.histogram, 1.0
    if overall.mean_chroma is not None:
        mean_chroma[0], given[0, 1] = overall.mean_chroma, 1.0
    return {"histogram": histogram, "mean_chroma": mean_chroma, "given": given}


def _block_means(plane: FloatArray, down: int, along: int) -> FloatArray:
    """Return the means of blocks of pixels; incomplete ones are left out."""
    if down == along == 1:
        return plane
    rows, columns = plane.shape[0] // down, plane.shape[1] // along
    blocks = plane[: rows * down, : columns * along].reshape(rows, down, columns, along)
    return np.asarray(blocks.mean(axis=(1, 3), dtype=np.float32))
