"""The ab bins: which 10-unit cells of the ab plane sRGB colors fall into."""

from __future__ import annotations

import functools

import numpy as np
import numpy.typing as npt
from skimage.color import rgb2lab

__all__ = ["GRID_STEP", "ab_bins"]

GRID_STEP = 10


@functools.cache
def ab_bins() -> npt.NDArray[np.float32]:
    """Return the centers of the ab cells that any sRGB color falls into.

    Every color of a fine RGB lattice is rounded to a grid of 10 units, as in Zhang, Isola and
    Efros 2016 (DOI 10.1007/978-3-319-46487-9_40); the cells that are hit are the bins.

    Returns
    -------
    (Q, 2) float32 ndarray
        Centers in CIELAB units (D65), sorted by a, then b.
    """
    steps = np.linspace(0.0, 1.0, 88)
    lattice = np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), axis=-1)
    ab = rgb2lab(lattice.reshape(1, -1, 3))[0, :, 1:]
    cells = np.unique(np.rint(ab / GRID_STEP).astype(np.int64), axis=0)
    return (cells * GRID_STEP).astype(np.float32)
