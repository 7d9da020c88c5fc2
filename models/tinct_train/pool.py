"""The training pictures on the device: weighted draws and fixed held-out batches."""

from __future__ import annotations

from collections import Counter

import numpy as np
import torch
from torch import Tensor

from tinct_train.augment import center_crops, random_crops
from tinct_train.color import rgb_to_lab
from tinct_train.data import PictureSet, is_held_out, label_of

__all__ = ["Pool"]

_LEAST_PER_LABEL = 20


class Pool:
    """Picture sets on a device, split into training and held-out pictures.

    A set's share of a batch is its count times its shorter side: small pictures teach less.
    """

    def __init__(self, sets: list[PictureSet], device: torch.device) -> None:
        self.device = device
        self.train = [_pick(s, held_out=False) for s in sets]
        self.held_out = [_pick(s, held_out=True) for s in sets]
        counts = Counter(label_of(n) for s in self.train for n in s.names)
        self.labels = sorted(k for k, v in counts.items() if v >= _LEAST_PER_LABEL)
        number = {label: i for i, label in enumerate(self.labels)}
        self._targets = [
            torch.tensor([number.get(label_of(n), -1) for n in s.names], device=device)
            for s in self.train
        ]
        self._canvas = [torch.from_numpy(s.canvas).to(device) for s in self.train]
        self._sizes = [torch.from_numpy(s.sizes).to(device) for s in self.train]
        amount = torch.tensor([len(s.names) * float(s.sizes.min(1).mean()) for s in self.train])
        self.shares = (amount / amount.sum()).tolist()

    def draw(self, count: int, side: int) -> tuple[Tensor, Tensor]:
        """Draw a batch of random crops.

        Returns
        -------
        rgb : (N, 3, side, side) Tensor
            sRGB, 0 to 1.
        labels : (N,) int64 Tensor
            Class numbers, -1 where the class is rare.
        """
        crops, labels = [], []
        counts = [round(share * count) for share in self.shares]
        counts[int(np.argmax(counts))] += count - sum(counts)
        for canvas, sizes, target, part in zip(
            self._canvas, self._sizes, self._targets, counts, strict=True
        ):
            chosen = torch.randint(len(canvas), (part,), device=self.device)
            crops.append(
                random_crops(canvas[chosen], sizes[chosen], side, smallest=_smallest(sizes, side))
            )
            labels.append(target[chosen])
        return torch.cat(crops), torch.cat(labels)

    def held_out_lab(self, per_set: int, side: int) -> Tensor:
        """Return the same held-out pictures each time: Lab, (N, 3, side, side)."""
        parts = []
        for pictures in self.held_out:
            chosen = np.random.default_rng(0).permutation(len(pictures.names))[:per_set]
            few = pictures.subset(np.sort(chosen))
            canvas = torch.from_numpy(few.canvas).to(self.device)
            parts.append(center_crops(canvas, torch.from_numpy(few.sizes), side))
        return rgb_to_lab(torch.cat(parts))

    def describe(self) -> str:
        """Return one line per set: trained, held out, share of a batch."""
        return "\n".join(
            f"{t.name}: {len(t.names)} trained, {len(h.names)} held out, {share:.0%} of a batch"
            for t, h, share in zip(self.train, self.held_out, self.shares, strict=True)
        )


def _smallest(sizes: Tensor, side: int) -> float:
    # Beyond three times its size a crop is a blur that no real photograph looks like.
    short = float(sizes.float().min(1).values.mean())
    return min(1.0, max(0.25, (side / (3 * short)) ** 2))


def _pick(pictures: PictureSet, *, held_out: bool) -> PictureSet:
    wanted = [i for i, name in enumerate(pictures.names) if is_held_out(name) == held_out]
    return pictures.subset(np.array(wanted, np.int64))
