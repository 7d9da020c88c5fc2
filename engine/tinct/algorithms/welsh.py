"""Color from a reference by luminance and texture: matching samples, swatches and statistics.

T. Welsh, M. Ashikhmin, K. Mueller, Transferring color to greyscale images, 2002.
DOI 10.1145/566654.566576
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from tinct.algorithms import welsh_kernels
from tinct.algorithms.blocks import run_blocks
from tinct.algorithms.neighbors import NearestNeighbors
from tinct.context import Progress, no_progress

__all__ = [
    "RADIUS",
    "Samples",
    "draw_samples",
    "jittered_indices",
    "match_samples",
    "match_statistics",
    "mean_and_deviation",
    "neighborhood_deviation",
    "remap_luminance",
    "spread_from_swatches",
]

FloatArray = NDArray[np.float32]
BoolArray = NDArray[np.bool_]

RADIUS = 2  # 5 x 5 neighborhoods
PATCH_SIDE = 2 * RADIUS + 1
FLAT = 1e-6  # a deviation below it, on a scale where the luminance is about 1, is none
JITTER_POOL = 1 << 18
SPREAD_CANDIDATES = 1500
SAMPLE_NEIGHBORS = 5
QUANTILES = 1024
PIXELS_PER_REPORT = 1 << 20
ROWS_OF_PATCHES = 64
DEVIATION_WEIGHT = 1.4  # of one deviation against the root mean square of 25 differences


@dataclass(frozen=True)
class Samples:
    """Pixels drawn from references: what they are matched by, and their chroma.

    Attributes
    ----------
    luminance, deviation : ndarray of shape (S,), float32
        Remapped onto the target; in its units.
    chroma : ndarray of shape (S, 2), float32
    """

    luminance: FloatArray
    deviation: FloatArray
    chroma: FloatArray

    @classmethod
    def joined(cls, parts: list[Samples]) -> Samples:
        """Return the samples of several references together."""
        return cls(
            np.concatenate([part.luminance for part in parts]),
            np.concatenate([part.deviation for part in parts]),
            np.concatenate([part.chroma for part in parts]),
        )


def neighborhood_deviation(luminance: FloatArray, inside: BoolArray | None = None) -> FloatArray:
    """Return the standard deviation of the 5 x 5 neighborhood of each pixel.

    Parameters
    ----------
    luminance
        Shape (M, N), any unit.
    inside
        Shape (M, N); pixels outside count for nothing. Default: all are inside.

    Returns
    -------
    ndarray
        Shape (M, N), float32; borders are mirrored.
    """

    # around the mean, so that the difference of squares keeps its digits
    center = luminance.mean() if inside is None or not inside.any() else luminance[inside].mean()
    result = np.empty(luminance.shape, np.float32)
    everywhere = np.zeros((0, 0), bool)
    run_blocks(
        welsh_kernels.deviations,
        len(luminance),
        luminance - center,
        everywhere if inside is None else inside,
        RADIUS,
        result,
        pixels=luminance.size,
    )
    return result


def mean_and_deviation(values: NDArray[Any]) -> tuple[float, float]:
    """Return mean and standard deviation, summed in double precision."""
    return float(values.mean(dtype=np.float64)), float(values.std(dtype=np.float64))


def remap_luminance(
    luminance: NDArray[Any], own: tuple[float, float], onto: tuple[float, float]
) -> NDArray[Any]:
    """Return luminance of mean and deviation `own` shifted and stretched to those of `onto`.

    A flat picture (deviation 0) is shifted only.
    """
    scale = _stretch(own, onto)
    return np.asarray((luminance - own[0]) * scale + onto[0])


def _stretch(own: tuple[float, float], onto: tuple[float, float]) -> float:
    flat = own[1] <= FLAT * max(1.0, abs(own[0]))
    return 1.0 if flat else onto[1] / own[1]


def jittered_indices(
    shape: tuple[int, int], count: int, rng: np.random.Generator, inside: BoolArray | None = None
) -> NDArray[np.int64]:
    """Return about `count` pixels spread evenly: one by chance in every cell of a grid.

    Parameters
    ----------
    shape
        (M, N).
    count
        When there are no more pixels than this, all are returned.
    inside
        Shape (M, N); only such pixels are drawn, from a grid over the box around them.

    Returns
    -------
    ndarray
        Indices into the flattened picture, ascending.
    """
    if inside is not None and not inside.all():
        return _jittered_inside(inside, count, rng)
    rows, columns = shape
    if rows * columns <= count:
        return np.arange(rows * columns)
    cells = _grid(rows, columns, count)
    down, across = (np.linspace(0, size, n + 1) for size, n in zip(shape, cells, strict=True))
    row = down[:-1, None] + rng.random(cells) * np.diff(down)[:, None]
    column = across[:-1] + rng.random(cells) * np.diff(across)
    picked = row.astype(np.int64).clip(0, rows - 1) * columns
    return np.unique(picked + column.astype(np.int64).clip(0, columns - 1))


def _jittered_inside(inside: BoolArray, count: int, rng: np.random.Generator) -> NDArray[np.int64]:
    members = np.flatnonzero(inside)
    if members.size <= count:
        return members
    if members.size > JITTER_POOL:
        members = members[rng.integers(members.size, size=JITTER_POOL)]
    row, column = np.divmod(members, inside.shape[1])
    top, left = row.min(), column.min()
    height, width = int(row.max() - top + 1), int(column.max() - left + 1)
    wanted = max(count, int(count * height * width / np.count_nonzero(inside)))
    down, across = _grid(height, width, min(wanted, height * width))
    cell = (row - top) * down // height * across + (column - left) * across // width
    shuffled = rng.permutation(members.size)
    _, first = np.unique(cell[shuffled], return_index=True)
    return np.unique(members[shuffled[first]])


def _grid(rows: int, columns: int, count: int) -> tuple[int, int]:
    """Return how many cells down and across make about `count` nearly square ones."""
    down = int(np.clip(round((count * rows / columns) ** 0.5), 1, min(rows, count)))
    return down, int(np.clip(round(count / down), 1, columns))


def draw_samples(
    luminance: FloatArray,
    deviation: FloatArray,
    chroma: FloatArray,
    count: int,
    rng: np.random.Generator,
    *,
    onto: tuple[float, float],
    inside: BoolArray | None = None,
) -> Samples:
    """Draw jittered samples of a reference, its luminance remapped onto a target's.

    Parameters
    ----------
    luminance, deviation, chroma
        Of the reference: (M, N), (M, N) and (M, N, 2), in one color space.
    count
        About how many, see `jittered_indices`.
    onto
        Mean and deviation of the target's luminance.
    inside
        Shape (M, N): the part of the reference that counts.

    Returns
    -------
    Samples
    """
    counted = luminance if inside is None else luminance[inside]
    own = mean_and_deviation(counted)
    picked = jittered_indices(luminance.shape, count, rng, inside)
    return Samples(
        remap_luminance(luminance.reshape(-1)[picked], own, onto).astype(np.float32),
        (deviation.reshape(-1)[picked] * _stretch(own, onto)).astype(np.float32),
        chroma.reshape(-1, 2)[picked],
    )


def match_samples(
    luminance: FloatArray,
    deviation: FloatArray,
    samples: Samples,
    *,
    texture_weight: float = 0.5,
    progress: Progress = no_progress,
) -> tuple[FloatArray, FloatArray]:
    """Give each pixel the chroma of the sample nearest in luminance and deviation.

    Parameters
    ----------
    luminance, deviation
        Shape (P,): the pixels of the target.
    samples
        From `draw_samples`.
    texture_weight
        w in ``(1 - w) dL^2 + w dS^2``, the squared distance that is made smallest; 0 to 1.

    Returns
    -------
    chroma, agreement
        Shapes (P, 2) and (P,). Agreement, 0 to 1, is near 1 where the samples that match almost
        as well have about the same chroma.
    """
    weights = np.sqrt(np.array([1.0 - texture_weight, texture_weight], np.float32))
    points = np.stack([samples.luminance, samples.deviation], axis=1) * weights
    # sorted along the axis that counts more, few samples need a look
    axis = 0 if texture_weight <= 0.5 else 1
    order = np.argsort(points[:, axis], kind="stable")
    queries = np.empty((luminance.size, 2), np.float32)
    np.multiply(luminance, weights[0], out=queries[:, axis])
    np.multiply(deviation, weights[1], out=queries[:, 1 - axis])
    turned = np.ascontiguousarray(points[order][:, [axis, 1 - axis]])
    found = np.empty(luminance.size, np.int32)
    for start in range(0, luminance.size, PIXELS_PER_REPORT):
        progress(start / luminance.size, "Matching")
        part = slice(start, start + PIXELS_PER_REPORT)
        run_blocks(
            welsh_kernels.nearest,
            len(found[part]),
            queries[part],
            turned,
            found[part],
            pixels=len(found[part]),
        )
    chosen = order[found]
    return samples.chroma[chosen], _agreement(points, samples.chroma)[chosen]


def _agreement(points: FloatArray, chroma: FloatArray) -> FloatArray:
    """Return how much the samples nearest to each sample agree on chroma."""
    _, near = NearestNeighbors(points).query(points, min(SAMPLE_NEIGHBORS, len(points)))
    scatter = chroma[near].var(axis=1).sum(axis=1)
    usual = chroma.var(axis=0).sum() + np.finfo(np.float32).tiny
    return np.asarray(1.0 / (1.0 + 4.0 * scatter / usual), np.float32)


def spread_from_swatches(
    luminance: FloatArray,
    deviation: FloatArray,
    chroma: FloatArray,
    swatches: NDArray[np.integer[Any]],
    targets: BoolArray,
    rng: np.random.Generator,
    *,
    candidates: int = SPREAD_CANDIDATES,
    progress: Progress = no_progress,
) -> tuple[FloatArray, NDArray[np.int32]]:
    """Color pixels like the swatch pixels whose texture is most alike: 5 x 5 luminance, deviation.

    Both neighborhoods come from one picture, so nothing is remapped, and chroma that is not yet
    known takes no part in the distance.

    Parameters
    ----------
    luminance, deviation
        Shape (M, N), of one picture.
    chroma
        Shape (M, N, 2), known within the swatches.
    swatches
        Shape (M, N): 0 outside, 1, 2, ... within each swatch.
    targets
        Shape (M, N): the pixels to color.
    candidates
        About how many swatch pixels are compared with, in equal shares.

    Returns
    -------
    chroma, swatches
        Shapes (T, 2) and (T,): of each target pixel in row order, the chroma and the swatch it
        came from.
    """
    kinds = np.unique(swatches[swatches > 0])
    share = max(1, candidates // len(kinds))
    picked = np.concatenate(
        [jittered_indices(luminance.shape, share, rng, swatches == kind) for kind in kinds]
    )
    texture = _Textures(luminance, deviation)
    rows, columns = np.divmod(picked, luminance.shape[1])
    search = NearestNeighbors(texture.at(rows, columns))
    chosen = np.empty(np.count_nonzero(targets), np.int64)
    done = 0
    for start in range(0, len(luminance), ROWS_OF_PATCHES):
        progress(start / len(luminance), "Spreading")
        rows, columns = np.nonzero(targets[start : start + ROWS_OF_PATCHES])
        chosen[done : done + len(rows)] = search.query(texture.at(rows + start, columns))[1][:, 0]
        done += len(rows)
    sources = picked[chosen]
    return chroma.reshape(-1, 2)[sources], swatches.reshape(-1)[sources].astype(np.int32)


class _Textures:
    """The 5 x 5 luminances around pixels, and their deviation.

    A smooth patch is nearer to noise than other noise is, by the luminances alone; the deviation
    makes up for that.
    """

    def __init__(self, luminance: FloatArray, deviation: FloatArray) -> None:
        padded = np.pad(luminance, RADIUS, mode="symmetric")
        self.windows = np.lib.stride_tricks.sliding_window_view(padded, (PATCH_SIDE, PATCH_SIDE))
        self.deviation = deviation * np.float32(DEVIATION_WEIGHT * PATCH_SIDE)

    def at(self, rows: NDArray[np.int64], columns: NDArray[np.int64]) -> FloatArray:
        """Return the textures around these pixels, (P, 26)."""
        texture = np.empty((len(rows), PATCH_SIDE**2 + 1), np.float32)
        texture[:, :-1] = self.windows[rows, columns].reshape(len(rows), -1)
        texture[:, -1] = self.deviation[rows, columns]
        return texture


def match_statistics(
    values: FloatArray, reference: FloatArray, method: Literal["mean-deviation", "histogram"]
) -> FloatArray:
    """Give each channel the mean and deviation, or the histogram, of a reference's channel.

    Parameters
    ----------
    values, reference
        Shapes (P, C) and (R, C).
    method
        ``mean-deviation``: E. Reinhard et al., Color transfer between images, 2001,
        DOI 10.1109/38.946629. ``histogram``: the value at the same rank, from 1024 quantiles.

    Returns
    -------
    ndarray
        Shape (P, C), float32.
    """
    result = np.empty_like(values)
    for channel in range(values.shape[1]):
        own, other = values[:, channel], reference[:, channel]
        if method == "mean-deviation":
            result[:, channel] = remap_luminance(
                own, mean_and_deviation(own), mean_and_deviation(other)
            )
        else:
            ranks = np.linspace(0.0, 1.0, QUANTILES)
            levels, at = np.unique(np.quantile(own, ranks), return_inverse=True)
            # equal levels share the middle of their ranks
            middle = np.bincount(at, ranks) / np.bincount(at)
            rank = np.interp(own, levels, middle)
            result[:, channel] = np.interp(rank, ranks, np.quantile(other, ranks))
    return result
