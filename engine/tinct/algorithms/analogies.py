"""Image analogies: B' is to B what A' is to A, pixel by pixel, from coarse to fine.

A. Hertzmann, C. Jacobs, N. Oliver, B. Curless, D. Salesin, Image analogies, 2001.
DOI 10.1145/383259.383295
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from tinct.algorithms import analogies_kernels
from tinct.algorithms.blocks import run_blocks
from tinct.algorithms.welsh import jittered_indices
from tinct.context import Progress, no_progress

__all__ = ["CAUSAL_OFFSETS", "Analogy", "Order", "Source", "by_wavefront", "synthesize"]

FloatArray = NDArray[np.float32]
IndexArray = NDArray[np.int64]

LEVELS_MAXIMUM = 4
COARSEST_SIDE = 24
CANDIDATES = 6_000
PCA_SAMPLES = 20_000
WORK_A_PIXEL = 300  # against an ordinary pixel's, for sharing out

CAUSAL_OFFSETS = np.array(
    [(i, j) for i in range(-2, 1) for j in range(-2, 3) if (i, j) < (0, 0)], np.int64
)

Step = Callable[[IndexArray, int], None]
Order = Callable[[tuple[int, int], Step, Progress], None]


class Source(NamedTuple):
    """A pair A : A' of one size: what is compared, (M, N, C), and what is copied, (M, N, D)."""

    before: FloatArray
    after: FloatArray


class Analogy(NamedTuple):
    """B', (M, N, D); and each pixel's source, (M, N, 3): picture, row, column."""

    values: FloatArray
    sources: IndexArray


@dataclass(frozen=True)
class _Level:
    """All sources at one scale, one pixel a row."""

    places: IndexArray
    pictures: IndexArray
    values: FloatArray
    static: FloatArray
    causal: FloatArray
    candidates: IndexArray
    axes: FloatArray


def by_wavefront(shape: tuple[int, int], step: Step, progress: Progress) -> None:
    """Visit pixels so that what reading order finishes before each is finished before it here too.

    All pixels with equal j + 3 i come together: their 5 x 5 neighborhoods' earlier halves have
    smaller sums, so they do not wait for each other, and the result is that of reading order.
    """
    rows, columns = shape
    for wave in range(columns + 3 * rows - 3 + 1):
        if wave % 16 == 0:
            progress(wave / (columns + 3 * rows), "Matching")
        first = max(0, -(-(wave - columns + 1) // 3))
        last = min(rows - 1, wave // 3)
        if first <= last:
            step(np.arange(first, last + 1), wave)


def synthesize(
    sources: Sequence[Source],
    target: FloatArray,
    *,
    coherence: float,
    rng: np.random.Generator,
    candidates: int = CANDIDATES,
    order: Order = by_wavefront,
    progress: Progress = no_progress,
) -> Analogy:
    """Make B' from pairs A : A' and B.

    Parameters
    ----------
    sources
        One pair or several, of any size, `before` with the channels of `target`.
    target
        Shape (M, N, C): B.
    coherence
        κ: a source that continues a neighbor's is taken unless another is nearer by the factor
        1 + κ 2^(level - finest), in squared distance.
    rng
        Draws the candidates.
    candidates
        About how many source pixels each pixel is compared with besides those that continue.
    order
        How pixels are visited.
    progress
        Reported along each level; may raise `Cancelled`.

    Returns
    -------
    Analogy
    """
    shapes = [target.shape[:2], *(source.before.shape[:2] for source in sources)]
    shortest = min(min(shape) for shape in shapes)
    count = 1 + max(0, min(LEVELS_MAXIMUM - 1, int(np.log2(max(shortest / COARSEST_SIDE, 1)))))
    pyramids = [
        (_pyramid(source.before, count), _pyramid(source.after, count)) for source in sources
    ]
    targets = _pyramid(target, count)
    # coarser levels have a quarter of the pixels each
    weights = [4.0**-level for level in range(count)]
    done, chosen = 0.0, np.zeros((0, 0), np.int64)
    coarse: FloatArray | None = None
    for level in range(count - 1, -1, -1):
        span = weights[level] / sum(weights)

        def part(fraction: float, stage: str, begin: float = done, span: float = span) -> None:
            progress(begin + span * fraction, stage)

        here = [(before[level], after[level]) for before, after in pyramids]
        below = None
        if level < count - 1:
            below = [(before[level + 1], after[level + 1]) for before, after in pyramids]
        part(0.0, "Preparing")
        prepared = _prepare(here, below, candidates, rng)
        known = None if coarse is None else (targets[level + 1], coarse)
        factor = 1.0 + coherence * 2.0**-level
        coarse, chosen = _match(prepared, targets[level], known, factor, order, part)
        done += span
    return Analogy(prepared.values[chosen], prepared.places[chosen])


def _pyramid(picture: FloatArray, count: int) -> list[FloatArray]:
    levels = [np.asarray(picture, np.float32)]
    kernel = np.array([1, 4, 6, 4, 1], np.float32) / np.float32(16)
    while len(levels) < count:
        blurred = levels[-1]
        for axis in range(2):
            blurred = ndimage.convolve1d(blurred, kernel, axis=axis, mode="reflect")
        levels.append(np.ascontiguousarray(blurred[::2, ::2]))
    return levels


def _prepare(
    here: list[tuple[FloatArray, FloatArray]],
    below: list[tuple[FloatArray, FloatArray]] | None,
    candidates: int,
    rng: np.random.Generator,
) -> _Level:
    places, pictures, values, static, causal, picked = [], [], [], [], [], []
    first = 0
    for number, (before, after) in enumerate(here):
        shape = (before.shape[0], before.shape[1])
        rows, columns = np.divmod(np.arange(before.shape[0] * before.shape[1]), shape[1])
        places.append(np.stack([np.full_like(rows, number), rows, columns], axis=1))
        pictures.append((first, *shape))
        values.append(after.reshape(rows.size, -1))
        static.append(_static(before, None if below is None else below[number]))
        causal.append(_causal(after))
        picked.append(first + jittered_indices(shape, max(1, candidates // len(here)), rng))
        first += rows.size
    features = np.concatenate(static)
    sample = features[rng.permutation(len(features))[:PCA_SAMPLES]].astype(np.float64)
    _, axes = np.linalg.eigh(np.cov(sample, rowvar=False) if len(sample) > 1 else np.eye(1))
    if axes.shape[0] != features.shape[1]:
        axes = np.eye(features.shape[1])
    turned = features @ axes[:, ::-1].astype(np.float32)
    chosen = np.concatenate(picked)
    return _Level(
        np.concatenate(places),
        np.array(pictures, np.int64),
        np.ascontiguousarray(np.concatenate(values), np.float32),
        turned,
        np.concatenate(causal),
        chosen[np.argsort(turned[chosen, 0], kind="stable")],
        axes[:, ::-1].astype(np.float32),
    )


def _match(
    level: _Level,
    target: FloatArray,
    known: tuple[FloatArray, FloatArray] | None,
    factor: float,
    order: Order,
    progress: Progress,
) -> tuple[FloatArray, IndexArray]:
    features = _static(target, known) @ level.axes
    shape = (target.shape[0], target.shape[1])
    result = np.zeros((*shape, level.values.shape[1]), np.float32)
    chosen = np.full(shape, -1, np.int64)
    keys = np.ascontiguousarray(level.static[level.candidates, 0])
    weights = _causal_weights()

    def step(rows: IndexArray, wave: int) -> None:
        run_blocks(
            analogies_kernels.match_wavefront,
            len(rows),
            rows,
            wave,
            CAUSAL_OFFSETS,
            features,
            level.static,
            level.causal,
            level.candidates,
            keys,
            level.places,
            level.pictures,
            level.values,
            weights,
            factor,
            result,
            chosen,
            pixels=WORK_A_PIXEL * len(rows),
        )

    order(shape, step, progress)
    return result, chosen


def _bell(radius: int) -> FloatArray:
    """Return square roots of Gaussian weights that sum to 1: distances become weighted means."""
    side = np.arange(-radius, radius + 1)
    bell = np.exp(-(side[:, np.newaxis] ** 2 + side**2) / (2 * (radius / 1.5) ** 2))
    return np.asarray(np.sqrt(bell / bell.sum()), np.float32)


def _causal_weights() -> FloatArray:
    bell = _bell(2)[CAUSAL_OFFSETS[:, 0] + 2, CAUSAL_OFFSETS[:, 1] + 2]
    return np.asarray(bell / np.sqrt((bell**2).sum()), np.float32)


def _static(before: FloatArray, coarse: tuple[FloatArray, FloatArray] | None) -> FloatArray:
    """Return what is known of each pixel before its level is made: 5 x 5, and 3 x 3 of coarser."""
    rows, columns = before.shape[:2]
    blocks = [_neighborhoods(before, 2).reshape(rows * columns, -1)]
    if coarse is not None:
        down, across = np.arange(rows) // 2, np.arange(columns) // 2
        for picture in coarse:
            around = _neighborhoods(picture, 1)[np.ix_(down, across)]
            blocks.append(around.reshape(rows * columns, -1))
    return np.concatenate(blocks, axis=1)


def _neighborhoods(picture: FloatArray, radius: int) -> FloatArray:
    """Return each pixel's weighted neighborhood, (M, N, C, side, side), mirrored at borders."""
    padded = np.pad(picture, [(radius, radius), (radius, radius), (0, 0)], mode="symmetric")
    side = 2 * radius + 1
    windows = np.lib.stride_tricks.sliding_window_view(padded, (side, side), axis=(0, 1))
    return windows * _bell(radius)


def _causal(after: FloatArray) -> FloatArray:
    """Return each pixel's values before it in its 5 x 5 neighborhood, 0 outside the picture."""
    rows, columns, channels = after.shape
    padded = np.pad(after, [(2, 0), (2, 2), (0, 0)])
    causal = np.empty((rows, columns, len(CAUSAL_OFFSETS), channels), np.float32)
    for step, (down, across) in enumerate(CAUSAL_OFFSETS):
        causal[:, :, step] = padded[2 + down :, 2 + across :][:rows, :columns]
    causal *= _causal_weights()[:, np.newaxis]
    return causal.reshape(rows * columns, -1)
