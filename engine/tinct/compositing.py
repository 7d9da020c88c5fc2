"""Puts a result into the region of its base, bit for bit the same outside."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from tinct.declare import Mask
from tinct.pixels import Picture, has_alpha, round_to, row_blocks, to_layout

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
    rows, columns = base.size
    pixels = np.empty(result.pixels.shape, result.pixels.dtype)
    with np.errstate(invalid="ignore", over="ignore"):
        for block in row_blocks(rows, columns):
            new = Picture(result.pixels[block], result.layout, result.space)
            old = to_layout(Picture(base.pixels[block], base.layout, base.space), result.layout)
            share = None if region is None else region[block]
            pixels[block] = _mix(new, old, share, outside)
    return Picture(pixels, result.layout, result.space)


def _mix(new: Picture, old: Picture, share: Mask | None, outside: Placement) -> NDArray[Any]:
    """Return one block of `composite`."""
    if share is not None and outside == "transparent":
        return _fade(new, share)
    mixed = new.pixels
    if has_alpha(new.layout):
        unseen = new.pixels[..., -1] == 0
        if unseen.any():
            unseen &= old.pixels[..., -1] == 0
            mixed = np.where(unseen[..., np.newaxis], old.pixels, mixed)
    if share is None or share.min(initial=1) >= 1:
        return mixed
    if share.max(initial=0) <= 0:
        return old.pixels
    mixed = np.where(share[..., np.newaxis] > 0, mixed, old.pixels)
    soft = (share > 0) & (share < 1)
    if soft.any():
        mixed[soft] = _blend(new, old, soft, share[soft])
    return mixed


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
