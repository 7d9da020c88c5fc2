"""Scores of a network during training, at a quarter of the size."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from tinct_train.hints import global_hints, paint_patches
from tinct_train.losses import ColorCoding, annealed_mean
from tinct_train.nets import ColorNet

__all__ = ["correlation", "hinted_input", "predict", "score"]

_BATCH = 64


def hinted_input(lab: Tensor, hints: int, patch: int, seed: int) -> Tensor:
    """Return the network's image input for `lab` with random square hints of its true color."""
    generator = torch.Generator().manual_seed(seed)
    count, _, height, width = lab.shape
    slots = max(hints, 1)
    place = torch.rand(count, slots, 2, generator=generator).to(lab.device)
    center = (place * lab.new_tensor([height, width])).long()
    sides = torch.full((count, slots), patch, device=lab.device)
    used = torch.full((count, slots), hints > 0, device=lab.device)
    painted = paint_patches(lab[:, 1:], center, sides, used)
    return torch.cat([(lab[:, :1] - 50) / 100, painted.ab / 110, painted.mask], dim=1)


@torch.no_grad()
def predict(network: ColorNet, lab: Tensor, hints: int, patch: int) -> Tensor:
    """Return logits (N, Q, H / 4, W / 4) for `lab` (N, 3, H, W) with random hints."""
    network.eval()
    logits = []
    for first in range(0, len(lab), _BATCH):
        part = lab[first : first + _BATCH]
        image = hinted_input(part, hints, patch, seed=first)
        bins = network.head.out_channels
        nothing = torch.zeros(len(part), 2, dtype=torch.bool, device=lab.device)
        told = global_hints(part[:, 1:], torch.zeros(len(part), bins, device=lab.device), nothing)
        with torch.autocast(lab.device.type, torch.bfloat16, enabled=lab.is_cuda):
            logits.append(network(image, told)[0].float())
    return torch.cat(logits)


def correlation(predicted: Tensor, true: Tensor) -> float:
    """Return Pearson's correlation pooled over pixels, pictures, a and b."""
    x, y = predicted.flatten().double(), true.flatten().double()
    x, y = x - x.mean(), y - y.mean()
    return float((x * y).sum() / (x.norm() * y.norm()).clamp_min(1e-12))


def score(
    network: ColorNet, coding: ColorCoding, groups: list[Tensor], patch: int
) -> dict[str, float]:
    """Score a network on groups of Lab pictures, each group of one size.

    Returns
    -------
    dict of str to float
        Cross-entropy; correlation and chroma ratio to truth at temperatures 1 and 0.5; rms ab
        error without hints and with 1, 5, 10 and 50.
    """
    rows: dict[str, float] = {}
    truth = [F.avg_pool2d(lab[:, 1:], 4) for lab in groups]
    uniform = torch.ones(len(coding.bins), device=coding.bins.device)
    flat_truth = torch.cat([t.flatten() for t in truth])
    true_chroma = torch.cat([t.norm(dim=1).flatten() for t in truth]).mean()
    for hints in (0, 1, 5, 10, 50):
        logits = [predict(network, lab, hints, patch) for lab in groups]
        means = [annealed_mean(part, coding.bins, 1.0) for part in logits]
        flat = torch.cat([m.flatten() for m in means])
        rows[f"rmse_{hints}"] = float((flat - flat_truth).square().mean().mul(2).sqrt())
        if hints:
            continue
        losses = [coding.loss(x, t, uniform) for x, t in zip(logits, truth, strict=True)]
        rows["entropy"] = float(sum(losses) / len(losses))
        for name, temperature in (("mean", 1.0), ("half", 0.5)):
            chroma = [annealed_mean(x, coding.bins, temperature) for x in logits]
            rows[f"corr_{name}"] = correlation(torch.cat([c.flatten() for c in chroma]), flat_truth)
            level = torch.cat([c.norm(dim=1).flatten() for c in chroma]).mean()
            rows[f"ratio_{name}"] = float(level / true_chroma)
    return rows
