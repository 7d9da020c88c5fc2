"""Pull a picture's hues into the sectors of a harmonic template.

D. Cohen-Or et al., Color harmonization, 2006. DOI 10.1145/1141911.1141933
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinct import color
from tinct.algorithms import hue_kernels
from tinct.algorithms.blocks import run_blocks
from tinct.algorithms.harmony import Sector
from tinct.algorithms.hue_assignment import assign_sectors
from tinct.context import Progress, no_progress

__all__ = ["Hues", "count_hues", "keep_lightness", "split", "turn_into_sectors"]

Array = NDArray[Any]
BANDS = 16  # histograms are summed in this many parts, however many threads there are


@dataclasses.dataclass(frozen=True)
class Hues:
    """A picture's hues and what each pixel counts.

    Parameters
    ----------
    hue
        Shape (M, N), float32, HSV degrees.
    weight
        Shape (M, N), float32, 0 to 1: saturation times alpha; 0 for grays.
    neutral
        Chroma below which a color counts as gray.
    """

    hue: Array
    weight: Array
    neutral: float


def split(image: Array, *, exponent: float = 1.0, neutral: float = 0.0) -> Hues:
    """Return hues and weights of a picture.

    Parameters
    ----------
    image
        Shape (M, N, 4), float32, sRGB-encoded with alpha.
    exponent
        Power of saturation in the weight; 1 is the paper's, 0 counts all colors alike.
    neutral
        Colors whose largest and smallest channels are closer than half of this weigh nothing;
        up to this they weigh part.
    """
    rows, columns = image.shape[:2]
    hue = np.empty((rows, columns), np.float32)
    weight = np.empty((rows, columns), np.float32)
    run_blocks(
        hue_kernels.split_hues,
        rows,
        image,
        np.float32(exponent),
        np.float32(neutral),
        hue,
        weight,
        pixels=rows * columns,
    )
    return Hues(hue, weight, neutral)


def count_hues(hue: Array, weight: Array) -> Array:
    """Return the weight of every whole degree of hue, shape (360,), float64."""
    rows = hue.shape[0]
    bands = min(BANDS, rows)
    per_band = -(-rows // bands)
    counts = np.zeros((bands, hue_kernels.BINS))
    run_blocks(hue_kernels.add_hues, bands, per_band, hue, weight, counts, pixels=hue.size)
    return np.asarray(counts.sum(axis=0))


def turn_into_sectors(
    image: Array,
    hues: Hues,
    sectors: Sequence[Sector],
    *,
    strength: float = 1.0,
    keep_inside: bool = False,
    coherence: float = 1.0,
    nodes: int = 1 << 18,
    progress: Progress = no_progress,
) -> tuple[Array, Array]:
    """Move hues into the sectors with the paper's falloff; S and V of HSV stay.

    Parameters
    ----------
    image, hues
        From `split`, which knows grays.
    sectors
        One or two.
    strength
        The part of the way hues go, 0 to 1.
    keep_inside
        Leave hues inside a sector where they are and bring others to its border; the paper draws
        all of them towards the center.
    coherence, nodes
        See `assign_sectors`.
    progress
        Called between the steps.

    Returns
    -------
    ndarray, ndarray
        The picture, shape (M, N, 4), and its hues, shape (M, N).
    """
    borders = hue_kernels.borders_of(sectors)
    labels = assign_sectors(
        hues.hue,
        hues.weight,
        borders,
        coherence=coherence,
        nodes=nodes,
        progress=lambda fraction, stage: progress(0.8 * fraction, stage),
    )
    progress(0.8, "Turning hues")
    result = np.empty_like(image)
    shifted = hues.hue.copy()
    run_blocks(
        hue_kernels.turn_hues,
        image.shape[0],
        image,
        shifted,
        hues.weight,
        labels,
        borders,
        keep_inside,
        np.float32(strength),
        np.float32(hues.neutral),
        result,
        pixels=hues.hue.size,
    )
    return result, shifted


def keep_lightness(before: Array, after: Array) -> None:
    """Give changed colors the CIELAB lightness they had, chroma scaled down where sRGB ends.

    Parameters
    ----------
    before
        Shape (M, N, 4).
    after
        Same shape, overwritten where it differs.
    """
    changed = (before[..., :3] != after[..., :3]).any(axis=2)
    lab = color.srgb_to_lab(np.clip(after[changed, :3], 0, 1))
    lab[:, 0] = color.srgb_to_lab(np.clip(before[changed, :3], 0, 1))[:, 0]
    after[changed, :3] = color.fit_to_gamut(lab)
