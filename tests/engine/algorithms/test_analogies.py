"""Analogies against a loop in reading order that computes every distance in full."""

from __future__ import annotations

import numpy as np
import pytest

from support import photograph
from tinct.algorithms import analogies
from tinct.algorithms.analogies import CAUSAL_OFFSETS, Source, synthesize

LUMA = np.array([0.299, 0.587, 0.114], np.float32)


def pair(size=(32, 32), name="coffee"):
    rgb = photograph(name, size)
    luma = (rgb @ LUMA)[..., None]
    return Source(luma, np.ascontiguousarray(rgb[..., :2] - luma))


def reading_order(shape, step, progress):
    for row in range(shape[0]):
        for column in range(shape[1]):
            step(np.array([row]), column + 3 * row)


def made(source, target, **options):
    options = {"coherence": 1.0, "candidates": 400} | options
    return synthesize([source], target, rng=np.random.default_rng(0), **options)


@pytest.mark.parametrize("size", [(32, 32), (5, 40), (41, 7), (1, 9), (9, 1)])
@pytest.mark.parametrize("coherence", [0.0, 2.0])
def test_wavefront_is_reading_order_to_the_last_bit(size, coherence):
    source, target = pair(), pair(size, "chelsea").before
    one = made(source, target, coherence=coherence)
    other = made(source, target, coherence=coherence, order=reading_order)
    np.testing.assert_array_equal(one.sources, other.sources)
    np.testing.assert_array_equal(one.values, other.values)


def brute_force(source, target, coherence):
    """Return the sources of a one-level analogy with every source compared in full."""
    squares = np.arange(-2, 3) ** 2
    bell = np.exp(-np.add.outer(squares, squares) / (2 * (4 / 3) ** 2))
    causal = np.array([bell[i + 2, j + 2] for i, j in CAUSAL_OFFSETS])
    bell, causal = bell / bell.sum(), causal / causal.sum()
    rows, columns = source.before.shape[:2]
    height, width = target.shape[:2]

    def patches(picture):
        padded = np.pad(picture[..., 0].astype(np.float64), 2, mode="symmetric")
        return np.lib.stride_tricks.sliding_window_view(padded, (5, 5))

    def before(picture, row, column):
        return np.array(
            [
                picture[row + i, column + j]
                if 0 <= row + i < picture.shape[0] and 0 <= column + j < picture.shape[1]
                else np.zeros(2)
                for i, j in CAUSAL_OFFSETS
            ]
        )

    own, other = patches(source.before), patches(target)
    earlier = np.array([[before(source.after, i, j) for j in range(columns)] for i in range(rows)])
    result, chosen = np.zeros((height, width, 2)), np.zeros((height, width, 2), int)
    for row in range(height):
        for column in range(width):
            distance = ((own - other[row, column]) ** 2 * bell).sum(axis=(2, 3))
            mine = before(result, row, column)
            distance += ((earlier - mine) ** 2 * causal[:, None]).sum(axis=(2, 3))
            best = np.unravel_index(distance.argmin(), distance.shape)
            near = [
                tuple(chosen[row + i, column + j] - (i, j))
                for i, j in CAUSAL_OFFSETS
                if 0 <= row + i < height and 0 <= column + j < width
            ]
            near = [p for p in near if 0 <= p[0] < rows and 0 <= p[1] < columns]
            if near:
                coherent = min(near, key=lambda p: distance[p])
                if distance[coherent] <= distance[best] * (1 + coherence):
                    best = coherent
            chosen[row, column] = best
            result[row, column] = source.after[best]
    return chosen


@pytest.mark.parametrize("coherence", [0.0, 1.0])
def test_choices_are_those_of_brute_force(coherence):
    rng = np.random.default_rng(0)
    # noise has no ties, so that rounding cannot decide
    source = Source(rng.random((18, 20, 1), np.float32), rng.random((18, 20, 2), np.float32))
    target = rng.random((16, 15, 1), np.float32)
    found = made(source, target, coherence=coherence, candidates=10_000)
    np.testing.assert_array_equal(found.sources[..., 1:], brute_force(source, target, coherence))


@pytest.mark.parametrize("coherence", [0.0, 1.0, 20.0])
def test_the_example_itself_gives_its_other_half(coherence):
    source = pair((60, 70))
    found = made(source, source.before, coherence=coherence, candidates=10_000)
    np.testing.assert_array_equal(found.values, source.after)


def test_more_coherence_copies_larger_pieces():
    source, target = pair((60, 60)), pair((50, 50), "chelsea").before

    def seams(coherence):
        places = made(source, target, coherence=coherence).sources[..., 1:]
        return np.mean(np.any(np.diff(places, axis=1) != (0, 1), axis=2))

    assert seams(20.0) < 0.6 * seams(0.0)


def test_several_sources_are_all_used():
    rng = np.random.default_rng(0)
    tints = (np.full((20, 20, 2), low, np.float32) for low in (0.0, 0.7))
    noise = rng.random((20, 20, 1), np.float32) * 0.3
    tints = (np.full((20, 20, 2), low, np.float32) for low in (0.0, 0.7))
    noise = rng.random((20, 20, 1), np.float32) * 0.3
    dark, light = (Source(noise + tint[..., :1], tint) for tint in tints)
    target = np.concatenate([light.before, dark.before], axis=1)
    found = synthesize(
        [dark, light], target, coherence=1.0, candidates=10_000, rng=np.random.default_rng(0)
    )
    # neighborhoods that cross the seam are like neither
    np.testing.assert_array_equal(found.sources[:, :18, 0], 1)
    np.testing.assert_array_equal(found.sources[:, 22:, 0], 0)


def test_progress_rises_and_levels_follow_size():
    seen: list[float] = []
    made(
        pair((100, 100)),
        pair((100, 120)).before,
        progress=lambda fraction, stage: seen.append(fraction),
    )
    assert seen == sorted(seen)
    assert seen[0] >= 0
    assert seen[-1] <= 1
    assert len(analogies._pyramid(np.zeros((100, 120, 1), np.float32), 3)) == 3
