"""Sheets of sample pictures: gray, automatic, hinted, truth."""

from __future__ import annotations

from pathlib import Path

import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from tinct_train.color import lab_to_rgb
from tinct_train.losses import ColorCoding, annealed_mean
from tinct_train.nets import ColorNet
from tinct_train.scores import predict

__all__ = ["write_sheet"]


def write_sheet(
    path: Path,
    network: ColorNet,
    coding: ColorCoding,
    groups: list[Tensor],
    *,
    patch: int,
    temperature: float = 0.5,
    each: int = 12,
) -> None:
    """Write a PNG with one row per picture: gray, automatic, 1, 5 and 50 hints, truth.

    Parameters
    ----------
    path : Path
        File to write.
    network, coding
        What predicts, and the bins of its output.
    groups : list of (N, 3, H, W) Tensor
        Lab pictures.
    patch : int
        Side of the simulated hints in pixels.
    temperature : float
        Temperature of the annealed mean.
    each : int
        Pictures taken from each group.
    """
    rows = []
    for group in groups:
        spaced = torch.linspace(0, len(group) - 1, min(each, len(group))).long()
        lab = group[spaced.to(group.device)]
        columns = [torch.zeros_like(lab[:, 1:])]
        for hints in (0, 1, 5, 50):
            chroma = annealed_mean(predict(network, lab, hints, patch), coding.bins, temperature)
            columns.append(F.interpolate(chroma, scale_factor=4.0, mode="bilinear"))
        columns.append(lab[:, 1:])
        rgb = [lab_to_rgb(torch.cat([lab[:, :1], ab], dim=1)) for ab in columns]
        rows.append(_reduce(torch.cat(rgb, dim=3)))
    width = max(row.shape[3] for row in rows)
    lines = [F.pad(line, (0, width - line.shape[2])) for row in rows for line in row]
    sheet = torch.cat(_two_columns(lines), dim=1)
    pixels = sheet.mul(255).round().byte().permute(1, 2, 0).cpu().numpy()
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)


def _reduce(rgb: Tensor) -> Tensor:
    factor = max(1, round(rgb.shape[2] / 128))
    return F.avg_pool2d(rgb, factor) if factor > 1 else rgb


def _two_columns(lines: list[Tensor]) -> list[Tensor]:
    half = (len(lines) + 1) // 2
    left, right = torch.cat(lines[:half], dim=1), torch.cat(lines[half:], dim=1)
    height = max(left.shape[1], right.shape[1])
    both = [F.pad(part, (0, 8, 0, height - part.shape[1])) for part in (left, right)]
    return [torch.cat(both, dim=2)]
