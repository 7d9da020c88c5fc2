"""sRGB to CIELAB and back on torch tensors, so that it runs where the network trains."""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = ["lab_to_rgb", "rgb_to_lab"]

_RGB_TO_XYZ = (
    (0.412453, 0.357580, 0.180423),
    (0.212671, 0.715160, 0.072169),
    (0.019334, 0.119193, 0.950227),
)
_WHITE = (0.95047, 1.0, 1.08883)


def rgb_to_lab(rgb: Tensor) -> Tensor:
    """Convert sRGB to CIELAB (D65).

    Parameters
    ----------
    rgb : (N, 3, H, W) float Tensor
        sRGB, 0 to 1.

    Returns
    -------
    (N, 3, H, W) float Tensor
        L in 0 to 100, a and b in Lab units.
    """
    linear = torch.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    matrix = rgb.new_tensor(_RGB_TO_XYZ) / rgb.new_tensor(_WHITE)[:, None]
    xyz = torch.einsum("ij,njhw->nihw", matrix, linear)
    f = torch.where(xyz > 0.008856, xyz.clamp_min(1e-8) ** (1 / 3), 7.787 * xyz + 16 / 116)
    fx, fy, fz = f.unbind(1)
    return torch.stack([116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)], dim=1)


def lab_to_rgb(lab: Tensor) -> Tensor:
    """Convert CIELAB (D65) to sRGB, clipped to 0 to 1.

    Parameters
    ----------
    lab : (N, 3, H, W) float Tensor
        L in 0 to 100, a and b in Lab units.

    Returns
    -------
    (N, 3, H, W) float Tensor
        sRGB, 0 to 1.
    """
    fy = (lab[:, 0] + 16) / 116
    f = torch.stack([fy + lab[:, 1] / 500, fy, fy - lab[:, 2] / 200], dim=1)
    xyz = torch.where(f > 0.2068966, f**3, (f - 16 / 116) / 7.787)
    xyz = xyz * lab.new_tensor(_WHITE)[:, None, None]
    matrix = torch.linalg.inv(torch.tensor(_RGB_TO_XYZ, dtype=torch.float64)).to(lab)
    linear = torch.einsum("ij,njhw->nihw", matrix, xyz).clamp(0, 1)
    curve = 1.055 * linear.clamp_min(1e-8) ** (1 / 2.4) - 0.055
    return torch.where(linear <= 0.0031308, 12.92 * linear, curve).clamp(0, 1)
