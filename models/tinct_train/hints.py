"""Simulated users: local hints, global hints and recolored objects for training and measuring."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

__all__ = ["HintSettings", "Hints", "global_hints", "recolor_regions", "simulate_hints"]

_MAX_COUNT = 48
_MAX_PATCH = 9


@dataclass(frozen=True)
class HintSettings:
    """How often each kind of help is given in training.

    Attributes
    ----------
    automatic : float
        Share of the pictures without any hint.
    local : float
        Share of the pictures with local hints; the rest has global hints alone.
    recolored : float
        Share of the locally hinted pictures in which one region gets another color first.
    dense : float
        Share of the locally hinted pictures with scattered pixels instead of patches.
    revealed : float
        Share of the locally hinted pictures that show the whole chroma.
    stop : float
        Probability that a patch is the last: the count is geometric (Zhang 2017: 1/8).
    beside : float
        Share of the locally hinted pictures that also have global hints.
    """

    automatic: float = 0.4
    local: float = 0.5
    recolored: float = 0.35
    dense: float = 0.15
    revealed: float = 0.01
    stop: float = 0.125
    beside: float = 0.2


@dataclass(frozen=True)
class Hints:
    """Local hints of a batch.

    Attributes
    ----------
    ab : (N, 2, H, W) Tensor
        Chroma in Lab units, zero where `mask` is zero.
    mask : (N, 1, H, W) Tensor
        One at hinted pixels, else zero.
    """

    ab: Tensor
    mask: Tensor


def recolor_regions(lab: Tensor, chosen: Tensor) -> tuple[Tensor, Tensor]:
    """Give a region of every chosen picture another color, and say where it is.

    A user asks for colors that no photograph has: the region around a random pixel that is alike
    in color, lightness and place is shifted in ab. The network then learns that a hint holds for
    its object, and for nothing else, even where the color is an unlikely one.

    Parameters
    ----------
    lab : (N, 3, H, W) Tensor
        L in 0 to 100, a and b in Lab units.
    chosen : (N,) bool Tensor
        Pictures to change.

    Returns
    -------
    ab : (N, 2, H, W) Tensor
        Chroma after the change.
    seed : (N, 2) int64 Tensor
        Row and column of the pixel that each region grew from.
    """
    count, _, height, width = lab.shape
    device = lab.device
    rows = torch.randint(height, (count,), device=device)
    columns = torch.randint(width, (count,), device=device)
    base = lab[torch.arange(count, device=device), :, rows, columns]

    def per_picture(low: float, high: float) -> Tensor:
        return torch.empty(count, 1, 1, device=device).uniform_(low, high)

    far_ab = ((lab[:, 1:] - base[:, 1:, None, None]) ** 2).sum(1) / per_picture(8, 22) ** 2
    far_l = (lab[:, 0] - base[:, 0, None, None]) ** 2 / per_picture(15, 45) ** 2
    y = torch.arange(height, device=device)[None, :, None] - rows[:, None, None]
    x = torch.arange(width, device=device)[None, None, :] - columns[:, None, None]
    far_place = (y**2 + x**2) / (per_picture(0.25, 1.5) * min(height, width)) ** 2
    weight = (1.6 - (far_ab + far_l + far_place).sqrt()).mul(1.5).clamp(0, 1)

    hue = per_picture(0, 2 * torch.pi)
    chroma = per_picture(5, 70)
    wanted = torch.cat([chroma * hue.cos(), chroma * hue.sin()], dim=1)[..., None]
    shift = (wanted - base[:, 1:, None, None]) * weight[:, None]
    ab = (lab[:, 1:] + shift * chosen[:, None, None, None]).clamp(-105, 105)
    return ab, torch.stack([rows, columns], dim=1)


def simulate_hints(
    ab: Tensor, settings: HintSettings, local: Tensor, seed: Tensor, seeded: Tensor
) -> Hints:
    """Draw local hints as in Zhang et al. 2017 (DOI 10.1145/3072959.3073703).

    The count is geometric, patches are squares of 1 to 9 pixels around a Gaussian center, and the
    color of a patch is its mean.

    Parameters
    ----------
    ab : (N, 2, H, W) Tensor
        True chroma, Lab units.
    settings : HintSettings
        Shares of the kinds of hints.
    local : (N,) bool Tensor
        Pictures that get local hints.
    seed : (N, 2) Tensor
        Row and column of the first hint where `seeded` holds.
    seeded : (N,) bool Tensor
        Pictures whose first hint is given.

    Returns
    -------
    Hints
    """
    count, _, height, width = ab.shape
    device = ab.device
    wanted = torch.empty(count, device=device).geometric_(settings.stop).clamp_max(_MAX_COUNT)
    slots = int(wanted.max().item())
    patch = torch.randint(1, _MAX_PATCH + 1, (count, slots), device=device)
    extent = ab.new_tensor([height, width])
    center = (torch.randn(count, slots, 2, device=device) / 4 + 0.5) * extent
    # Half of the pictures get hints all over: a user starts where something is wrong.
    scattered = torch.rand(count, 1, 1, device=device) < 0.5
    center = torch.where(scattered, torch.rand_like(center) * extent, center).long()
    center[:, 0] = torch.where(seeded[:, None], seed, center[:, 0])
    patch[:, 0] = torch.where(seeded, patch[:, 0].clamp_max(5), patch[:, 0])
    used = torch.arange(slots, device=device)[None] < wanted[:, None]
    hints = paint_patches(ab, center, patch, used & local[:, None])

    kind = torch.rand(count, device=device)
    dense = local & ~seeded & (kind < settings.dense)
    whole = local & ~seeded & (kind > 1 - settings.revealed)
    density = torch.exp(torch.empty(count, 1, 1, 1, device=device).uniform_(-7, -3.2))
    shown = torch.rand(count, 1, height, width, device=device) < density
    shown = (shown & dense[:, None, None, None]) | whole[:, None, None, None]
    replaced = (dense | whole)[:, None, None, None]
    mean = F.avg_pool2d(ab, 3, 1, 1, count_include_pad=False)
    mean = torch.where(whole[:, None, None, None], ab, mean)
    mask = torch.where(replaced, shown.to(ab.dtype), hints.mask)
    return Hints(torch.where(replaced, mean * mask, hints.ab), mask)


def paint_patches(ab: Tensor, center: Tensor, patch: Tensor, used: Tensor) -> Hints:
    """Paint square hints with the mean chroma below them; the later of two wins.

    Parameters
    ----------
    ab : (N, 2, H, W) Tensor
        True chroma, Lab units.
    center : (N, K, 2) int64 Tensor
        Row and column of each square.
    patch : (N, K) int64 Tensor
        Sides in pixels, at most 9.
    used : (N, K) bool Tensor
        Squares to paint.

    Returns
    -------
    Hints
    """
    count, _, height, width = ab.shape
    slots = center.shape[1]
    first = center - patch[..., None] // 2
    # Coarse dtypes lose the sums of a whole picture, hence double precision.
    total = F.pad(ab.double(), (1, 0, 1, 0)).cumsum(2).cumsum(3).flatten(2)
    top = first[..., 0].clamp(0, height - 1)
    left = first[..., 1].clamp(0, width - 1)
    bottom = (first[..., 0] + patch).clamp(1, height).maximum(top + 1)
    right = (first[..., 1] + patch).clamp(1, width).maximum(left + 1)

    def at(row: Tensor, column: Tensor) -> Tensor:
        index = (row * (width + 1) + column)[:, None].expand(-1, 2, -1)
        return total.gather(2, index)

    area = ((bottom - top) * (right - left))[:, None]
    mean = (at(bottom, right) - at(top, right) - at(bottom, left) + at(top, left)) / area

    steps = torch.arange(_MAX_PATCH, device=ab.device)
    row = top[..., None, None] + steps[:, None]
    column = left[..., None, None] + steps[None, :]
    inside = (row < bottom[..., None, None]) & (column < right[..., None, None])
    inside = inside & used[..., None, None]
    order = torch.arange(1, slots + 1, device=ab.device)[:, None, None] * inside
    place = (row.clamp_max(height - 1) * width + column.clamp_max(width - 1)).flatten(1)
    owner = torch.zeros(count, height * width, dtype=torch.int64, device=ab.device)
    owner.scatter_reduce_(1, place, order.flatten(1), "amax")
    mask = (owner > 0).to(ab.dtype)[:, None]
    painted = mean.to(ab.dtype).gather(2, (owner - 1).clamp_min(0)[:, None].expand(-1, 2, -1))
    shape = (count, -1, height, width)
    return Hints((painted * mask).reshape(shape), mask.reshape(shape))


def global_hints(ab: Tensor, histogram: Tensor, given: Tensor) -> Tensor:
    """Assemble the global hints: histogram, mean chroma, and which of the two are given.

    Parameters
    ----------
    ab : (N, 2, H, W) Tensor
        True chroma, Lab units.
    histogram : (N, Q) Tensor
        Share of the picture in each ab bin.
    given : (N, 2) bool Tensor
        Whether the histogram and the mean chroma are told.

    Returns
    -------
    (N, Q + 3) Tensor
        Histogram, mean chroma / 100, and the two indicators; zeros where not given.
    """
    told = given.to(ab.dtype)
    chroma = ab.square().sum(1).sqrt().mean((1, 2))[:, None] / 100
    return torch.cat([histogram * told[:, :1], chroma * told[:, 1:], told], dim=1)
