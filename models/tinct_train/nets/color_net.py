"""A U-shaped network from luminance and hints to a distribution over ab bins."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from tinct_train.nets.blocks import AttentionBlock, InvertedBlock, ResidualBlock, convolution

__all__ = ["DESIGNS", "ColorNet", "Design", "build"]


@dataclass(frozen=True)
class Design:
    """Sizes of a network.

    Attributes
    ----------
    block : str
        Convolution block of encoder and decoder: ``residual`` or ``inverted``.
    middle : str
        Block of the bottleneck: ``attention``, ``residual`` or ``inverted``; convolutions are
        dilated by turns.
    widths : tuple of int
        Channels at a quarter, an eighth and a sixteenth of the size.
    depths : tuple of int
        Encoder blocks at a quarter and an eighth, bottleneck blocks, decoder blocks at an eighth
        and a quarter.
    widen : int
        Inner width of the bottleneck blocks, as a multiple.
    """

    block: str = "residual"
    middle: str = "attention"
    widths: tuple[int, int, int] = (64, 128, 256)
    depths: tuple[int, int, int, int, int] = (2, 3, 5, 2, 2)
    widen: int = 3


DESIGNS: dict[str, Design] = {
    "depthwise": Design("inverted", "inverted", (48, 96, 192), (3, 4, 8, 3, 3)),
    "dilated": Design("residual", "residual", (64, 128, 192), (2, 3, 6, 2, 2)),
    "attention": Design("residual", "attention", (64, 128, 256), (2, 3, 5, 2, 2)),
    "attention-wide": Design("residual", "attention", (64, 128, 320), (2, 2, 5, 2, 2)),
}


class ColorNet(nn.Module):
    """Both networks of Zhang et al. in one: automatic, locally and globally hinted.

    The hints enter three times: with the luminance, in the bottleneck (global ones) and again at
    a quarter of the size, so that a hint is not lost on its way through the strides.
    """

    def __init__(self, design: Design, bins: int, labels: int = 0, dropout: float = 0.1) -> None:
        super().__init__()
        fine, coarse, middle = design.widths
        depth = design.depths
        self.stem = nn.Sequential(convolution(4, 32, stride=2), convolution(32, fine, stride=2))
        self.fine = _stack(design.block, fine, depth[0])
        self.to_coarse = convolution(fine, coarse, stride=2)
        self.coarse = _stack(design.block, coarse, depth[1])
        self.to_middle = convolution(coarse, middle, stride=2, active=False)
        self.told = nn.Sequential(
            nn.Linear(bins + 3, middle), nn.ReLU(inplace=True), nn.Linear(middle, middle)
        )
        self.middle = _stack(design.middle, middle, depth[2], design.widen, dropout)
        self.from_middle = convolution(middle, coarse, size=1, active=False)
        self.join_coarse = convolution(2 * coarse, coarse, size=1)
        self.decode_coarse = _stack(design.block, coarse, depth[3])
        self.from_coarse = convolution(coarse, fine, size=1, active=False)
        self.join_fine = convolution(2 * fine + 3, fine, size=3)
        self.decode_fine = _stack(design.block, fine, depth[4])
        self.head = nn.Conv2d(fine, bins, 1)
        self.label_head = nn.Linear(middle, labels) if labels else None

    def forward(self, image: Tensor, told: Tensor) -> tuple[Tensor, Tensor | None]:
        """Predict the distribution of color.

        Parameters
        ----------
        image : (N, 4, H, W) Tensor
            (L - 50) / 100, ab / 110 of the local hints, and their mask. H and W are multiples
            of 16.
        told : (N, Q + 3) Tensor
            Global hints, see `tinct_train.hints.global_hints`.

        Returns
        -------
        logits : (N, Q, H / 4, W / 4) Tensor
        labels : (N, K) Tensor or None
            Logits of the picture's class where the network was built with labels.
        """
        near = F.avg_pool2d(image[:, 1:], 4)
        fine = self.fine(self.stem(image))
        coarse = self.coarse(self.to_coarse(fine))
        middle = self.to_middle(coarse) + self.told(told)[:, :, None, None]
        middle = self.middle(middle)
        labels = self.label_head(middle.mean((2, 3))) if self.label_head is not None else None
        up = F.interpolate(self.from_middle(middle), scale_factor=2.0, mode="nearest")
        coarse = self.decode_coarse(self.join_coarse(torch.cat([up, coarse], 1)))
        up = F.interpolate(self.from_coarse(coarse), scale_factor=2.0, mode="nearest")
        fine = self.decode_fine(self.join_fine(torch.cat([up, fine, near], 1)))
        return self.head(fine), labels


def build(design: str, bins: int, labels: int = 0, dropout: float = 0.1) -> ColorNet:
    """Return a network of a named design with random weights."""
    if design not in DESIGNS:
        raise ValueError(f"unknown design {design!r}; choose one of {', '.join(DESIGNS)}")
    return ColorNet(DESIGNS[design], bins, labels, dropout)


def _stack(
    block: str, width: int, depth: int, widen: int = 3, dropout: float = 0.0
) -> nn.Sequential:
    if block == "attention":
        layers: list[nn.Module] = [
            AttentionBlock(width, width // 32, widen=widen, dropout=dropout) for _ in range(depth)
        ]
    elif block == "residual":
        layers = [ResidualBlock(width, (1, 2, 4)[i % 3] if depth > 4 else 1) for i in range(depth)]
    else:
        layers = [InvertedBlock(width, (1, 2)[i % 2] if depth > 4 else 1) for i in range(depth)]
    return nn.Sequential(*layers)
