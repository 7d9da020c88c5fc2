"""Soft-encoded ab targets, class rebalancing and the loss of a color distribution."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from tinct_train.bins import ab_bins

__all__ = ["ColorCoding", "annealed_mean", "rebalancing_weights"]

_REACH = 110
_NEIGHBORS = 5
_SIGMA = 5.0


class ColorCoding(nn.Module):
    """Soft encoding of ab values over the bins, by table look-up.

    A value is spread over its 5 nearest bins by a Gaussian of 5 units (Zhang, Isola and Efros
    2016). The table holds one entry for every whole ab pair.
    """

    bins: Tensor
    indices: Tensor
    shares: Tensor

    def __init__(self) -> None:
        super().__init__()
        bins = torch.from_numpy(ab_bins())
        axis = torch.arange(-_REACH, _REACH + 1, dtype=torch.float32)
        points = torch.cartesian_prod(axis, axis)
        squared, indices = (torch.cdist(points, bins) ** 2).topk(_NEIGHBORS, largest=False)
        shares = torch.softmax(-squared / (2 * _SIGMA**2), dim=1)
        self.register_buffer("bins", bins)
        self.register_buffer("indices", indices)
        self.register_buffer("shares", shares)

    def encode(self, ab: Tensor) -> tuple[Tensor, Tensor]:
        """Return bins and shares of each ab pair.

        Parameters
        ----------
        ab : (N, 2, H, W) Tensor
            Lab units.

        Returns
        -------
        indices, shares : (N, 5, H, W) Tensors
            Bins by distance, nearest first, and their shares, which sum to one.
        """
        cell = ab.round().clamp(-_REACH, _REACH).long() + _REACH
        entry = cell[:, 0] * (2 * _REACH + 1) + cell[:, 1]
        return (
            self.indices[entry].permute(0, 3, 1, 2),
            self.shares[entry].permute(0, 3, 1, 2),
        )

    def histogram(self, ab: Tensor) -> Tensor:
        """Return the share of each bin in each picture, (N, Q), from ab of shape (N, 2, H, W)."""
        indices, shares = self.encode(ab)
        counts = torch.zeros(ab.shape[0], len(self.bins), device=ab.device)
        counts.scatter_add_(1, indices.flatten(1), shares.flatten(1))
        return counts / counts.sum(1, keepdim=True)

    def loss(self, logits: Tensor, ab: Tensor, weights: Tensor) -> Tensor:
        """Return the rebalanced cross-entropy of `logits` (N, Q, H, W) with the true `ab`."""
        indices, shares = self.encode(ab)
        log_p = F.log_softmax(logits.float(), dim=1)
        entropy = -(log_p.gather(1, indices) * shares).sum(1)
        pixel = weights[indices[:, 0]]
        return (entropy * pixel).sum() / pixel.sum()


def rebalancing_weights(prior: Tensor, *, blend: float, strength: float) -> Tensor:
    """Return a weight for every bin that lifts rare colors.

    Parameters
    ----------
    prior : (Q,) Tensor
        Smoothed share of each bin in the training pictures.
    blend : float
        Part of the uniform distribution mixed into the prior, 0 to 1 (Zhang 2016: 0.5).
    strength : float
        Power of the weights: 1 as published, 0 for none.

    Returns
    -------
    (Q,) Tensor
        Weights whose mean under `prior` is one.
    """
    present = (prior > 0).to(prior.dtype)
    mixed = (1 - blend) * prior + blend * present / present.sum()
    weights = torch.where(prior > 0, 1 / mixed.clamp_min(1e-9), torch.zeros_like(prior))
    weights = torch.where(prior > 0, weights, weights.max()) ** strength
    return weights / (weights * prior).sum()


def annealed_mean(logits: Tensor, bins: Tensor, temperature: float) -> Tensor:
    """Return the mean ab (N, 2, H, W) of the distribution sharpened by `temperature`."""
    share = torch.softmax(logits.float() / temperature, dim=1)
    return torch.einsum("nqhw,qc->nchw", share, bins)
