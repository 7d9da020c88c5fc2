"""Fits the spread, the network's own estimate of its error, to errors on held-out pictures."""

from __future__ import annotations

import argparse
import itertools
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from tinct_train.augment import center_crops
from tinct_train.color import rgb_to_lab
from tinct_train.data import is_held_out, load_sets
from tinct_train.export import load_weights
from tinct_train.losses import ColorCoding, annealed_mean
from tinct_train.scores import predict

__all__ = ["Calibration", "calibrate"]

_TEMPERATURES = (0.8, 0.9, 1.0, 1.1, 1.2, 1.35, 1.5, 1.75, 2.0)
_HINTS = (0, 1, 5, 20)


@dataclass(frozen=True)
class Calibration:
    """Outcome of `calibrate`.

    Attributes
    ----------
    temperature, scale : float
        For `tinct_train.export.Decoding`.
    table : list of tuple of float
        Mean predicted spread, true rms error and share of pixels, by tenths of the spread.
    """

    temperature: float
    scale: float
    table: list[tuple[float, float, float]]


@torch.no_grad()
def calibrate(weights: Path, lab: Tensor, *, unbalance: float, shown: float) -> Calibration:
    """Choose temperature and scale of the spread.

    Parameters
    ----------
    weights : Path
        ``weights.pt`` of a run.
    lab : (N, 3, H, W) Tensor
        Held-out pictures.
    unbalance : float
        How much of the rebalancing is taken out of the shown color.
    shown : float
        Temperature of the shown color.
    """
    network, bin_weights = load_weights(weights)
    coding = ColorCoding()
    truth = F.avg_pool2d(lab[:, 1:], 4)
    log_weights = bin_weights.log().reshape(1, -1, 1, 1)
    raw = torch.cat([predict(network, lab, hints, 3) for hints in _HINTS])
    truth = truth.repeat(len(_HINTS), 1, 1, 1)
    uniform = torch.ones(len(bin_weights))
    honest = raw - log_weights
    losses = [float(coding.loss(honest / t, truth, uniform)) for t in _TEMPERATURES]
    temperature = _TEMPERATURES[losses.index(min(losses))]
    chroma = annealed_mean(raw - unbalance * log_weights, coding.bins, shown)
    likely = torch.softmax(honest / temperature, dim=1)
    mean = torch.einsum("nqhw,qc->nchw", likely, coding.bins)
    second = torch.einsum("nqhw,q->nhw", likely, coding.bins.square().sum(1))
    spread = (second + (chroma * (chroma - 2 * mean)).sum(1)).clamp_min(0)
    error = (chroma - truth).square().sum(1)
    scale = float((error.mean() / spread.mean()).sqrt())
    order = spread.flatten().sqrt().mul(scale)
    # torch takes quantiles of at most 2**24 values
    edges = order[:: order.numel() // 2**22 + 1].quantile(torch.linspace(0, 1, 11))
    table = []
    for low, high in itertools.pairwise(edges):
        inside = (order >= low) & (order <= high)
        found = float(error.flatten()[inside].mean().sqrt())
        table.append((float(order[inside].mean()), found, float(inside.float().mean())))
    return Calibration(temperature, scale, table)


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("weights", type=Path, help="weights.pt of a run")
    parser.add_argument("sources", nargs="+", type=Path, help="the folders or zips trained on")
    parser.add_argument("--unbalance", type=float, default=0.0)
    parser.add_argument("--temperature", type=float, default=0.7)
    parser.add_argument("--each", type=int, default=80, help="held-out pictures of each set")
    given = parser.parse_args()
    parts = []
    for pictures in load_sets(given.sources):
        kept = [i for i, name in enumerate(pictures.names) if is_held_out(name)][: given.each]
        canvas = torch.from_numpy(pictures.canvas[kept])
        parts.append(center_crops(canvas, torch.from_numpy(pictures.sizes[kept]), 128))
    lab = rgb_to_lab(torch.cat(parts))
    found = calibrate(given.weights, lab, unbalance=given.unbalance, shown=given.temperature)
    print(f"--spread-temperature {found.temperature} --spread-scale {found.scale:.3f}")
    for predicted, error, share in found.table:
        print(f"predicted {predicted:6.2f}  found {error:6.2f}  share {share:.2f}")


if __name__ == "__main__":
    main()
