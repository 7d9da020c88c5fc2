"""Building blocks of the network."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn

__all__ = ["AttentionBlock", "InvertedBlock", "ResidualBlock", "convolution"]


def convolution(
    inside: int, outside: int, *, size: int = 3, stride: int = 1, active: bool = True
) -> nn.Sequential:
    """Return a convolution with batch normalization, and ReLU unless not `active`."""
    layers: list[nn.Module] = [
        nn.Conv2d(inside, outside, size, stride, size // 2, bias=False),
        nn.BatchNorm2d(outside),
    ]
    if active:
        layers.append(nn.ReLU(inplace=True))
    return nn.Sequential(*layers)


class ResidualBlock(nn.Module):
    """Two 3x3 convolutions with a short cut; the dilation widens the view."""

    def __init__(self, width: int, dilation: int = 1) -> None:
        super().__init__()
        self.first = nn.Conv2d(width, width, 3, 1, dilation, dilation, bias=False)
        self.first_norm = nn.BatchNorm2d(width)
        self.second = nn.Conv2d(width, width, 3, 1, 1, bias=False)
        self.second_norm = nn.BatchNorm2d(width)
        nn.init.zeros_(self.second_norm.weight)

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, C, H, W) to the same shape."""
        y = F.relu(self.first_norm(self.first(x)), inplace=True)
        return F.relu(x + self.second_norm(self.second(y)), inplace=True)


class InvertedBlock(nn.Module):
    """Widen by 1x1, filter each channel by 5x5, narrow by 1x1, with a short cut."""

    def __init__(self, width: int, dilation: int = 1, widen: int = 3) -> None:
        super().__init__()
        inner = width * widen
        self.layers = nn.Sequential(
            convolution(width, inner, size=1),
            nn.Conv2d(inner, inner, 5, 1, 2 * dilation, dilation, inner, bias=False),
            nn.BatchNorm2d(inner),
            nn.ReLU(inplace=True),
            convolution(inner, width, size=1, active=False),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, C, H, W) to the same shape."""
        mapped: Tensor = self.layers(x)
        return x + mapped


class AttentionBlock(nn.Module):
    """A transformer block over all positions; a depthwise 3x3 tells places apart.

    There is no table of positions, so any picture size goes through.
    """

    def __init__(self, width: int, heads: int, *, widen: int = 3, dropout: float = 0.0) -> None:
        super().__init__()
        self.heads = heads
        self.place = nn.Conv2d(width, width, 3, 1, 1, groups=width)
        self.norm = nn.LayerNorm(width)
        self.query_key_value = nn.Linear(width, 3 * width)
        self.project = nn.Linear(width, width)
        self.second_norm = nn.LayerNorm(width)
        self.mix = nn.Sequential(
            nn.Linear(width, widen * width), nn.GELU(), nn.Linear(widen * width, width)
        )
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, C, H, W) to the same shape."""
        x = x + self.place(x)
        count, width, rows, columns = x.shape
        tokens = x.flatten(2).transpose(1, 2)
        tokens = tokens + self.dropout(self.attend(self.norm(tokens)))
        tokens = tokens + self.dropout(self.mix(self.second_norm(tokens)))
        return tokens.transpose(1, 2).reshape(count, width, rows, columns)

    def attend(self, tokens: Tensor) -> Tensor:
        """Let every position look at every other: (N, P, C) to (N, P, C)."""
        count, places, width = tokens.shape
        joined = self.query_key_value(tokens).reshape(count, places, 3, self.heads, -1)
        query, key, value = joined.permute(2, 0, 3, 1, 4).unbind(0)
        looked = F.scaled_dot_product_attention(query, key, value)
        mapped: Tensor = self.project(looked.transpose(1, 2).reshape(count, places, width))
        return mapped
