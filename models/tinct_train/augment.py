"""Random crops and aged luminance, made on the device that trains."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

__all__ = ["age_luminance", "center_crops", "random_crops"]


def random_crops(canvas: Tensor, sizes: Tensor, side: int, *, smallest: float = 0.25) -> Tensor:
    """Cut random rectangles, bring them to one size and flip half of them.

    Parameters
    ----------
    canvas : (N, S, S, 3) uint8 Tensor
        sRGB pictures, each in the upper left corner.
    sizes : (N, 2) Tensor
        Heights and widths in pixels.
    side : int
        Side of the crops in pixels.
    smallest : float
        Least area of a crop, as a share of the square over the shorter side.

    Returns
    -------
    (N, 3, side, side) float32 Tensor
        sRGB, 0 to 1.
    """
    count, device = canvas.shape[0], canvas.device
    size = sizes.to(device, torch.float32)
    short = size.min(dim=1).values
    area = torch.empty(count, device=device).uniform_(smallest, 1.1).clamp_max(1.0)
    aspect = torch.empty(count, device=device).uniform_(-1, 1) * math.log(4 / 3)
    root = area.sqrt() * short
    cut = torch.stack([root * (-aspect / 2).exp(), root * (aspect / 2).exp()], dim=1).minimum(size)
    start = torch.rand(count, 2, device=device) * (size - cut)
    flip = torch.where(torch.rand(count, device=device) < 0.5, -1.0, 1.0)
    return _cut(canvas, start, cut, side, flip)


def center_crops(canvas: Tensor, sizes: Tensor, side: int) -> Tensor:
    """Cut the central square of every picture and bring it to `side` pixels."""
    size = sizes.to(canvas.device, torch.float32)
    cut = size.min(dim=1, keepdim=True).values.expand(-1, 2)
    return _cut(canvas, (size - cut) / 2, cut, side, torch.ones_like(size[:, 0]))


def age_luminance(luminance: Tensor) -> Tensor:
    """Vary gamma, contrast, noise and sharpness, as old photographs do.

    Parameters
    ----------
    luminance : (N, 1, H, W) Tensor
        L, 0 to 100.

    Returns
    -------
    (N, 1, H, W) Tensor
        L, 0 to 100; about a third of the pictures is unchanged.
    """
    count, device = luminance.shape[0], luminance.device

    def draw(low: float, high: float, share: float) -> Tensor:
        on = (torch.rand(count, 1, 1, 1, device=device) < share).float()
        return torch.empty(count, 1, 1, 1, device=device).uniform_(low, high) * on

    x = (luminance / 100).clamp(1e-4, 1) ** draw(-0.35, 0.35, 0.5).exp()
    x = (x - 0.5) * (1 + draw(-0.3, 0.2, 0.4)) + 0.5 + draw(-0.06, 0.06, 0.4)
    soft = draw(0, 1, 0.25)
    x = x + soft * (F.avg_pool2d(x, 3, 1, 1, count_include_pad=False) - x)
    x = x + torch.randn_like(x) * draw(0, 0.035, 0.3)
    return x.clamp(0, 1) * 100


def _cut(canvas: Tensor, start: Tensor, cut: Tensor, side: int, flip: Tensor) -> Tensor:
    # grid_sample wants positions in -1..1 over the canvas, x before y.
    whole = canvas.shape[1]
    middle = (start + cut / 2) / whole * 2 - 1
    reach = cut / whole
    zero = torch.zeros_like(flip)
    theta = torch.stack(
        [
            torch.stack([reach[:, 1] * flip, zero, middle[:, 1]], dim=1),
            torch.stack([zero, reach[:, 0], middle[:, 0]], dim=1),
        ],
        dim=1,
    )
    grid = F.affine_grid(theta, [len(canvas), 3, side, side], align_corners=False)
    pixels = canvas.permute(0, 3, 1, 2).float() / 255
    return F.grid_sample(pixels, grid, padding_mode="border", align_corners=False)
