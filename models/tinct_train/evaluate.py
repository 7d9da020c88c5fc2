"""Measures an exported network on whole pictures, at full size, through onnxruntime."""

from __future__ import annotations

import argparse
import csv
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime
from PIL import Image
from skimage.color import lab2rgb, rgb2lab

__all__ = ["Measured", "colorfulness", "measure", "network_feeds", "random_patches", "resize"]

HINT_COUNTS = (0, 1, 5, 10, 50, 100, 500)
_PATCH = 7

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Measured:
    """Scores over a set of pictures.

    Attributes
    ----------
    hints : int
        Random 7x7 hints given on each picture.
    correlation : float
        Pearson's correlation of predicted and true chroma, pooled over pictures, pixels, a and b.
    colorfulness_ratio : float
        Mean colorfulness (Hasler and Suesstrunk 2003) over that of the truth.
    psnr_db : float
        Mean PSNR of the 8-bit RGB pictures.
    rms_ab : float
        Root mean square distance in the ab plane, Lab units.
    """

    hints: int
    correlation: float
    colorfulness_ratio: float
    psnr_db: float
    rms_ab: float


def resize(values: Floats, size: tuple[int, int], *, smooth: bool = True) -> Floats:
    """Resize (H, W) or (H, W, C) float values; larger by bilinear, smaller by area means."""
    planes = values[..., None] if values.ndim == 2 else values
    method = Image.Resampling.BILINEAR if smooth else Image.Resampling.BOX
    resized = [
        np.asarray(Image.fromarray(planes[..., i]).resize((size[1], size[0]), method))
        for i in range(planes.shape[2])
    ]
    stacked = np.stack(resized, axis=-1).astype(np.float32)
    return stacked[..., 0] if values.ndim == 2 else stacked


def colorfulness(rgb: npt.NDArray[np.uint8]) -> float:
    """Return the colorfulness of Hasler and Suesstrunk 2003 of (H, W, 3) uint8 sRGB."""
    red, green, blue = np.moveaxis(rgb.astype(np.float64), -1, 0)
    first, second = red - green, (red + green) / 2 - blue
    return float(np.hypot(first.std(), second.std()) + 0.3 * np.hypot(first.mean(), second.mean()))


def random_patches(ab: Floats, count: int, seed: int) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Return ab and mask of `count` random 7x7 hints with the mean color below each.

    Parameters
    ----------
    ab : (H, W, 2) float32 ndarray
        True chroma, Lab units.
    count : int
        Hints.
    seed : int
        Of the places.

    Returns
    -------
    hint_ab : (H, W, 2) float32 ndarray
        Zero outside the hints.
    mask : (H, W) bool ndarray
    """
    generator = np.random.default_rng(seed)
    height, width = ab.shape[:2]
    hint_ab, mask = np.zeros_like(ab), np.zeros((height, width), bool)
    for _ in range(count):
        top = int(generator.integers(0, max(1, height - _PATCH + 1)))
        left = int(generator.integers(0, max(1, width - _PATCH + 1)))
        patch = np.s_[top : top + _PATCH, left : left + _PATCH]
        hint_ab[patch] = ab[patch].mean(axis=(0, 1))
        mask[patch] = True
    return hint_ab, mask


def network_feeds(
    luminance: Floats,
    hint_ab: Floats,
    mask: npt.NDArray[np.bool_],
    *,
    short_side: int,
    bins: int,
    temperature: float,
) -> dict[str, Floats]:
    """Bring a picture and its hints to the network's size.

    Parameters
    ----------
    luminance : (H, W) float32 ndarray
        L, 0 to 100.
    hint_ab : (H, W, 2) float32 ndarray
        Hints in Lab units.
    mask : (H, W) bool ndarray
        Hinted pixels.
    short_side : int
        The network's shorter side; both sides become multiples of 16.
    bins : int
        Bins of the distribution.
    temperature : float
        Temperature of the annealed mean.

    Returns
    -------
    dict of str to ndarray
        The network's inputs by name.
    """
    scale = short_side / min(luminance.shape)
    height, width = (max(16, round(side * scale / 16) * 16) for side in luminance.shape)
    # A cell is hinted where a hint covers a good part of it; its color is the mean of the hints.
    share = resize(mask.astype(np.float32), (height, width), smooth=False)
    color = resize(hint_ab * mask[..., None], (height, width), smooth=False)
    hinted = share > min(0.25, float(share.max()) / 2) if mask.any() else share > 0
    color = np.where(hinted[..., None], color / np.maximum(share, 1e-6)[..., None], 0)
    return {
        "luminance": resize(luminance, (height, width), smooth=True)[None, None],
        "hint_ab": color.transpose(2, 0, 1)[None].astype(np.float32),
        "hint_mask": hinted[None, None].astype(np.float32),
        "histogram": np.zeros((1, bins), np.float32),
        "mean_chroma": np.zeros((1, 1), np.float32),
        "given": np.zeros((1, 2), np.float32),
        "temperature": np.array([temperature], np.float32),
    }


def measure(
    session: onnxruntime.InferenceSession,
    pictures: list[Path],
    *,
    hints: int,
    short_side: int,
    temperature: float,
    saturation: float = 1.0,
) -> Measured:
    """Score the network on pictures with `hints` random hints each.

    Parameters
    ----------
    session : onnxruntime.InferenceSession
        The exported network.
    pictures : list of Path
        Color photographs.
    hints : int
        Random 7x7 hints on each picture, placed by fixed seeds.
    short_side : int
        The network's shorter side in pixels.
    temperature : float
        Temperature of the annealed mean.
    saturation : float
        Factor to the predicted chroma.

    Returns
    -------
    Measured
    """
    bins = session.get_inputs()[3].shape[1]
    sums, psnr, ratio = np.zeros(6), [], [0.0, 0.0]
    for number, path in enumerate(pictures):
        rgb = np.asarray(Image.open(path).convert("RGB"))
        lab = rgb2lab(rgb).astype(np.float32)
        hint_ab, mask = random_patches(lab[..., 1:], hints, seed=number)
        feeds = network_feeds(
            lab[..., 0], hint_ab, mask, short_side=short_side, bins=bins, temperature=temperature
        )
        chroma = session.run(["chroma"], feeds)[0][0].transpose(1, 2, 0)
        ab = resize(np.ascontiguousarray(chroma), lab.shape[:2]) * saturation
        x, y = ab.ravel().astype(np.float64), lab[..., 1:].ravel().astype(np.float64)
        sums += [x.size, x.sum(), y.sum(), x @ x, y @ y, x @ y]
        made = _to_rgb(np.dstack([lab[..., :1], ab]))
        made8 = np.clip(np.rint(made * 255), 0, 255).astype(np.uint8)
        error = np.mean((made8.astype(np.float64) - rgb) ** 2)
        psnr.append(10 * np.log10(255**2 / max(error, 1e-9)))
        ratio[0] += colorfulness(made8)
        ratio[1] += colorfulness(rgb)
    n, sx, sy, xx, yy, xy = sums
    spread = np.sqrt((xx - sx * sx / n) * (yy - sy * sy / n))
    return Measured(
        hints,
        float((xy - sx * sy / n) / max(spread, 1e-12)),
        ratio[0] / max(ratio[1], 1e-12),
        float(np.mean(psnr)),
        float(np.sqrt((xx - 2 * xy + yy) / (n / 2))),
    )


def _to_rgb(lab: Floats) -> Floats:
    # Colors beyond the gamut are clipped on purpose, so scikit-image's warning says nothing new.
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*negative Z values.*")
        rgb: Floats = lab2rgb(lab)
    return rgb


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("network", type=Path, help="ONNX file")
    parser.add_argument("pictures", type=Path, help="folder of color photographs")
    parser.add_argument("--hints", type=int, nargs="+", default=list(HINT_COUNTS))
    parser.add_argument("--short-side", type=int, default=256, help="network's shorter side")
    parser.add_argument("--temperature", type=float, default=0.5)
    parser.add_argument("--saturation", type=float, default=1.0)
    parser.add_argument("--table", type=Path, help="CSV to write")
    given = parser.parse_args()
    session = onnxruntime.InferenceSession(given.network, providers=["CPUExecutionProvider"])
    found = sorted(p for p in given.pictures.iterdir() if p.suffix.lower() in {".png", ".jpg"})
    rows = []
    for hints in given.hints:
        scores = measure(
            session,
            found,
            hints=hints,
            short_side=given.short_side,
            temperature=given.temperature,
            saturation=given.saturation,
        )
        rows.append({k: round(v, 4) for k, v in vars(scores).items()})
        print(rows[-1], flush=True)
    if given.table:
        with given.table.open("w", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)


if __name__ == "__main__":
    main()
