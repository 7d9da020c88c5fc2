"""The network of Zhang, Isola, Efros 2016, Colorful image colorization.

DOI 10.1007/978-3-319-46487-9_40. The PyTorch release: logits over 313 bins at a quarter of the
size, their softmax at temperature 1, its mean over the bins, enlarged bilinearly.
"""

from __future__ import annotations

from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from tinct_train.published.blocks import AB_SCALE, normalized_lightness, stage, upward

__all__ = ["BINS", "Eccv16"]

BINS = 313
STRIDE = 4  # pixels for one distribution


class Eccv16(nn.Module):
    """L to chroma and to the distribution it is the mean of."""

    inputs: ClassVar[tuple[str, ...]] = ("input",)
    outputs: ClassVar[tuple[str, ...]] = ("output", "logits")

    def __init__(self) -> None:
        super().__init__()
        self.model1 = stage(1, 64, 64, stride=2)
        self.model2 = stage(64, 128, 128, stride=2)
        self.model3 = stage(128, 256, 256, 256, stride=2)
        self.model4 = stage(256, 512, 512, 512)
        self.model5 = stage(512, 512, 512, 512, dilation=2)
        self.model6 = stage(512, 512, 512, 512, dilation=2)
        self.model7 = stage(512, 512, 512, 512)
        head = stage(256, 256, 256)[:-1]  # without the normalization
        self.model8 = nn.Sequential(upward(512, 256), nn.ReLU(), *head, nn.Conv2d(256, BINS, 1))
        self.model_out = nn.Conv2d(BINS, 2, 1, bias=False)  # its weights are the bins / 110

    def forward(self, lightness: Tensor) -> tuple[Tensor, Tensor]:
        """Predict chroma.

        Parameters
        ----------
        lightness : (N, 1, H, W) Tensor
            L, 0 to 100; H and W are multiples of 8.

        Returns
        -------
        chroma : (N, 2, H, W) Tensor
            Lab units.
        logits : (N, 313, H / 4, W / 4) Tensor
            Unnormalized log share of each bin.
        """
        features = normalized_lightness(lightness)
        for part in (self.model1, self.model2, self.model3, self.model4):
            features = part(features)
        for part in (self.model5, self.model6, self.model7, self.model8):
            features = part(features)
        mean = self.model_out(torch.softmax(features, dim=1)) * AB_SCALE
        chroma = F.interpolate(mean, scale_factor=STRIDE, mode="bilinear", align_corners=False)
        return chroma, features
