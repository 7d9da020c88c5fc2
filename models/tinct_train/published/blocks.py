"""The parts both of Zhang's networks are made of, named as in their authors' weights."""

from __future__ import annotations

from itertools import pairwise

from torch import Tensor, nn

__all__ = ["AB_SCALE", "bare", "normalized_lightness", "stage", "upward"]

AB_SCALE = 110.0
L_CENTER, L_SCALE = 50.0, 100.0


def normalized_lightness(lightness: Tensor) -> Tensor:
    """Return L, 0 to 100, as the networks see it: -0.5 to 0.5."""
    return (lightness - L_CENTER) / L_SCALE


def stage(*widths: int, stride: int = 1, dilation: int = 1) -> nn.Sequential:
    """Return 3 x 3 convolutions with ReLU, the last one with a stride, then normalization.

    Parameters
    ----------
    *widths : int
        Channels in, and out of each convolution.
    stride : int
        Of the last convolution.
    dilation : int
        Of all.
    """
    layers = _convolutions(widths, dilation)
    layers[-2].stride = (stride, stride)
    return nn.Sequential(*layers, nn.BatchNorm2d(widths[-1]))


def bare(*widths: int) -> nn.Sequential:
    """Return ReLU, then convolutions with ReLU, then normalization: what follows a sum."""
    return nn.Sequential(nn.ReLU(), *_convolutions(widths, 1), nn.BatchNorm2d(widths[-1]))


def upward(width: int, wanted: int) -> nn.ConvTranspose2d:
    """Return the layer that doubles height and width."""
    return nn.ConvTranspose2d(width, wanted, kernel_size=4, stride=2, padding=1)


def _convolutions(widths: tuple[int, ...], dilation: int) -> list[nn.Module]:
    layers: list[nn.Module] = []
    for width, wanted in pairwise(widths):
        layers.append(nn.Conv2d(width, wanted, 3, padding=dilation, dilation=dilation))
        layers.append(nn.ReLU())
    return layers
