"""The network of Zhang et al. 2017, Real-time user-guided image colorization.

DOI 10.1145/3072959.3073703. The release "colorizers": hints as they are, the mask 0 or 1.
"""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor, nn

from tinct_train.published.blocks import AB_SCALE, bare, normalized_lightness, stage, upward

__all__ = ["Siggraph17", "Siggraph17Automatic"]

CLASSES = 529  # of the distribution that the release carries and its chroma does not use
SLOPE = 0.2


class Siggraph17(nn.Module):
    """L and local hints to chroma."""

    inputs: ClassVar[tuple[str, ...]] = ("luminance", "hint_ab", "hint_mask")
    outputs: ClassVar[tuple[str, ...]] = ("chroma",)

    def __init__(self) -> None:
        super().__init__()
        self.model1 = stage(4, 64, 64)
        self.model2 = stage(64, 128, 128)
        self.model3 = stage(128, 256, 256, 256)
        self.model4 = stage(256, 512, 512, 512)
        self.model5 = stage(512, 512, 512, 512, dilation=2)
        self.model6 = stage(512, 512, 512, 512, dilation=2)
        self.model7 = stage(512, 512, 512, 512)
        self.model8up = nn.Sequential(upward(512, 256))
        self.model3short8 = nn.Sequential(nn.Conv2d(256, 256, 3, padding=1))
        self.model8 = bare(256, 256, 256)
        self.model9up = nn.Sequential(upward(256, 128))
        self.model2short9 = nn.Sequential(nn.Conv2d(128, 128, 3, padding=1))
        self.model9 = bare(128, 128)
        self.model10up = nn.Sequential(upward(128, 128))
        self.model1short10 = nn.Sequential(nn.Conv2d(64, 128, 3, padding=1))
        self.model10 = nn.Sequential(
            nn.ReLU(), nn.Conv2d(128, 128, 3, padding=1), nn.LeakyReLU(SLOPE)
        )
        self.model_class = nn.Sequential(nn.Conv2d(256, CLASSES, 1))
        self.model_out = nn.Sequential(nn.Conv2d(128, 2, 1), nn.Tanh())

    def forward(self, luminance: Tensor, hint_ab: Tensor, hint_mask: Tensor) -> Tensor:
        """Predict chroma.

        Parameters
        ----------
        luminance : (N, 1, H, W) Tensor
            L, 0 to 100; H and W are multiples of 8.
        hint_ab : (N, 2, H, W) Tensor
            Lab units, 0 where nothing is hinted.
        hint_mask : (N, 1, H, W) Tensor
            1 at hinted pixels, else 0.

        Returns
        -------
        (N, 2, H, W) Tensor
            Lab units.
        """
        seen = torch.cat([normalized_lightness(luminance), hint_ab / AB_SCALE, hint_mask], dim=1)
        whole = self.model1(seen)
        half = self.model2(_every_second(whole))
        quarter = self.model3(_every_second(half))
        deep = self.model4(_every_second(quarter))
        for part in (self.model5, self.model6, self.model7):
            deep = part(deep)
        quarter = self.model8(self.model8up(deep) + self.model3short8(quarter))
        half = self.model9(self.model9up(quarter) + self.model2short9(half))
        whole = self.model10(self.model10up(half) + self.model1short10(whole))
        chroma: Tensor = self.model_out(whole) * AB_SCALE
        return chroma


class Siggraph17Automatic(Siggraph17):
    """The same network without hints: L to chroma."""

    inputs = ("input",)
    outputs = ("output",)

    def forward(self, lightness: Tensor) -> Tensor:  # type: ignore[override]
        """Predict chroma from L, both (N, ., H, W), Lab units."""
        nothing = torch.zeros_like(lightness)
        return super().forward(lightness, torch.cat([nothing, nothing], dim=1), nothing)


def _every_second(features: Tensor) -> Tensor:
    return features[:, :, ::2, ::2]
