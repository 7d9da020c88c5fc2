"""Puts a result into the region of its base, bit for bit the same outside."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from tinct.declare import Mask
from tinct.pixels import Picture, each_block, has_alpha, round_to, to_layout

__all__ = ["Placement", "composite"]

Placement = Literal["original", "transparent"]


def composite(
    result: Picture,
    base: Picture,
    region: Mask | None = None,
    outside: Placement = "original",
) -> Picture:
    """Put a result into a region of its base.

    Parameters
    ----------
    result, base
        Same size, type and space. The layouts may differ in order, alpha and color.
    region
        Shape (M, N), 0 outside to 1 inside; NaN counts as 0. None is everywhere.
    outside
        ``"original"`` keeps the base there; ``"transparent"`` makes the result transparent there,
        for which it must have alpha.

    Returns
    -------
    Picture
        In the layout of `result`. Where the region is 0, and where base and result are wholly
        transparent, the numbers are those of the base to the last bit; where it is 1, those of
        the result. Between, both mix as straight alpha asks.
    """
    if result.size != base.size or result.pixels.dtype != base.pixels.dtype:
        raise ValueError("result and base differ in size or type")
    if region is not None and region.shape != base.size:
        raise ValueError(f"region has shape {region.shape}, the base {base.size}")
    if outside == "transparent" and not has_alpha(result.layout):
        raise ValueError(f"layout {result.layout} cannot be transparent")
    pixels = np.empty(result.pixels.shape, result.pixels.dtype)

    def place(block: slice) -> None:
        old = to_layout(base.rows(block), result.layout)
        share = None if region is None else region[block]
        pixels[block] = _mix(result.rows(block), old, share, outside)

    each_block(place, *base.size)
    return Picture(pixels, result.layout, result.space)


def _mix(new: Picture, old: Picture, share: Mask | None, outside: Placement) -> NDArray[Any]:
    """Return one block of `composite`."""
    if share is not None and outside == "transparent":
        return _fade(new, share)
    mixed = _seen(new.pixels, old.pixels) if has_alpha(new.layout) else new.pixels
    if share is None or share.min(initial=1) >= 1:
        return mixed
    if share.max(initial=0) <= 0:
        return old.pixels
    mixed = np.where(share[..., np.newaxis] > 0, mixed, old.pixels)
    soft = (share > 0) & (share < 1)
    if soft.any():
        mixed[soft] = _blend(new, old, soft, share[soft])
    return mixed


def _seen(new: NDArray[Any], old: NDArray[Any]) -> NDArray[Any]:
    """Return the new numbers, but the old ones where alpha, the last channel, is 0 in both."""
    if new.dtype.kind != "u":
        unseen = (new[..., -1:] == 0) & (old[..., -1:] == 0)
        return np.where(unseen, old, new) if unseen.any() else new
    # a pixel as one number: several times as fast as channel by channel
    whole = np.dtype(f"u{new.dtype.itemsize * new.shape[2]}")
    opaque = np.zeros(new.shape[2], new.dtype)
    opaque[-1] = np.iinfo(new.dtype).max
    first, second = (np.ascontiguousarray(part).view(whole) for part in (new, old))
    unseen = (first | second) & opaque.view(whole) == 0
    return np.where(unseen, second, first).view(new.dtype) if unseen.any() else new


def _fade(new: Picture, share: Mask) -> NDArray[Any]:
    """Return one block with its alpha multiplied by the share."""
    faded = new.pixels.copy()
    part = ~(share >= 1)
    alpha = faded[..., -1]
    alpha[part] = round_to(alpha[part].astype(np.float32) * np.fmax(share[part], 0), alpha.dtype)
    return faded


def _blend(new: Picture, old: Picture, where: NDArray[np.bool_], share: Mask) -> NDArray[Any]:
    """Mix the stored numbers of some pixels, colors weighted by their alpha."""
    first = old.pixels[where].astype(np.float32)
    second = new.pixels[where].astype(np.float32)
    share = share[:, np.newaxis]
    if not has_alpha(new.layout):
        return round_to(first + share * (second - first), new.pixels.dtype)
    weight = share * second[:, -1:]
    total = weight + (1 - share) * first[:, -1:]
    # nothing to weigh where both are transparent; the shares alone do then
    color_share = np.where(total > 0, weight / np.where(total > 0, total, 1), share)
    mixed = first + color_share * (second - first)
    mixed[:, -1:] = total
    return round_to(mixed, new.pixels.dtype)
