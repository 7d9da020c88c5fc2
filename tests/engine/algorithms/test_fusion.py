"""Strokes over a network's colors: exact where they are, and on the object they lie on alone."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from support import photograph
from tinct import color
from tinct.algorithms.fusion import CALM, UNITS, Opinion, accept, join
from tinct.algorithms.propagation import Hints, Propagation
from tinct.algorithms.upsampling import box_mean, upsample

SIZE = (120, 160)
CELLS = (30, 40)
STROKE = np.float32([0.15, -0.1])
SKY = np.float32([-0.05, 0.02])


@pytest.fixture
def disk():
    rows, columns = np.mgrid[: SIZE[0], : SIZE[1]]
    return (rows - 60) ** 2 + (columns - 50) ** 2 < 35**2


@pytest.fixture
def luma(disk):
    noise = np.random.default_rng(0).normal(0, 0.01, SIZE)
    return (np.where(disk, 0.65, 0.35) + noise).astype(np.float32)


@pytest.fixture
def hints():
    mask = np.zeros(SIZE, bool)
    mask[58:63, 48:53] = True
    return Hints.from_strokes(mask, STROKE)


def opinion_of(luma, share):
    """Return a network that colors all of the sky, and a share of the picture like the stroke."""
    base = np.broadcast_to(SKY, (*CELLS, 2)).copy()
    small = box_mean(share.astype(np.float32), CELLS)[..., np.newaxis]
    return Opinion(box_mean(luma, CELLS), base, base + small * (STROKE - base))


def fused(luma, hints, opinion):
    base, hinted = (upsample(part, opinion.guide, luma) for part in (opinion.base, opinion.hinted))
    system = Propagation(luma)
    strokes = system.solve(hints)
    below = np.where(hints.hard[..., np.newaxis], hinted, np.float32(0))
    explained = system.solve(Hints(below, hints.confidence))
    accepted = accept(luma, hints, opinion)
    return base, join(base, hinted, accepted, strokes, explained)


def lab_distance(first, second):
    return np.sqrt((np.square(first - second) * UNITS**2).sum(axis=2))


def test_strokes_are_exact(luma, hints, disk):
    _, result = fused(luma, hints, opinion_of(luma, disk))
    np.testing.assert_allclose(result[hints.hard], np.broadcast_to(STROKE, (25, 2)), atol=2e-3)


def test_the_object_follows_and_the_rest_stays(luma, hints, disk):
    spilled = disk.copy()
    spilled[:, 110:] = True  # where the network changes what it should not
    base, result = fused(luma, hints, opinion_of(luma, spilled))
    near = lab_distance(result, np.broadcast_to(STROKE, result.shape)) < 10
    assert near[disk].mean() > 0.9
    moved = lab_distance(result, base)
    wanted = float(lab_distance(STROKE[np.newaxis, np.newaxis], SKY)[0, 0])
    assert moved[:, 115:].max() < wanted / 2
    # cells are 4 pixels wide, so that the edge itself says nothing
    beside = ~ndimage.binary_dilation(disk, iterations=6)
    assert moved[:, :100][beside[:, :100]].max() < 2 * CALM


def test_what_the_network_left_alone_is_left_alone_across_an_edge(luma, hints, disk):
    accepted = accept(luma, hints, opinion_of(luma, disk))
    assert accepted[disk].mean() > 0.8
    assert accepted[~disk].mean() < 0.2
    assert (accepted[hints.hard] == 1).all()


def test_several_strokes_speak_for_a_picture_and_a_long_one_does_not():
    luma = np.random.default_rng(0).normal(0.5, 0.02, SIZE).astype(np.float32)
    left = np.zeros(SIZE)
    left[:, :40] = 1  # what the network would change
    line = np.zeros(SIZE, bool)
    line[5:-5, 20:24] = True
    pieces = line.copy()
    pieces[15::20] = pieces[16::20] = False
    farthest = [
        accept(luma, Hints.from_strokes(mask, STROKE), opinion_of(luma, left))[:, 120:].mean()
        for mask in (line, pieces)
    ]
    assert farthest[0] < 0.5
    assert farthest[1] > 0.9


def test_strokes_all_over_are_all_accepted(luma, disk):
    mask = np.zeros(SIZE, bool)
    mask[5::10, 5::10] = True
    hints = Hints.from_strokes(mask, STROKE)
    accepted = accept(luma, hints, opinion_of(luma, np.zeros(SIZE)))
    assert accepted.min() > 0.9


def test_where_network_and_strokes_agree_nothing_changes(luma, hints):
    same = np.broadcast_to(STROKE, (*CELLS, 2)).copy()
    _, result = fused(luma, hints, Opinion(box_mean(luma, CELLS), same, same))
    np.testing.assert_allclose(result, np.broadcast_to(STROKE, result.shape), atol=2e-3)


def test_islands_without_strokes_keep_the_network_s_colors():
    base = np.full((4, 6, 2), 0.1, np.float32)
    reached = np.zeros((4, 6), bool)
    reached[:, :3] = True
    nothing, accepted = np.zeros_like(base), np.ones((4, 6), np.float32)
    result = join(base, base, accepted, nothing, nothing, reached)
    np.testing.assert_array_equal(result[:, 3:], base[:, 3:])
    assert (np.abs(result[:, :3]) < np.abs(base[:, :3])).all()


def test_blocks_do_not_show(monkeypatch):
    rng = np.random.default_rng(3)
    planes = [rng.normal(0, 0.1, (37, 11, 2)).astype(np.float32) for _ in range(4)]
    accepted = rng.random((37, 11), np.float32)
    whole = join(planes[0], planes[1], accepted, planes[2], planes[3])
    monkeypatch.setattr("tinct.algorithms.fusion.BLOCK_PIXELS", 20)
    np.testing.assert_array_equal(join(planes[0], planes[1], accepted, planes[2], planes[3]), whole)


@pytest.mark.parametrize("size", [(1, 1), (1, 30), (5, 3)], ids=str)
def test_small_pictures_survive(size):
    luma = np.full(size, 0.5, np.float32)
    mask = np.zeros(size, bool)
    mask[0, 0] = True
    gray = np.zeros((2, 2, 2), np.float32)
    accepted = accept(luma, Hints.from_strokes(mask, STROKE), Opinion(gray[..., 0], gray, gray))
    assert accepted.shape == size
    assert accepted[0, 0] == 1
    assert np.isfinite(accepted).all()


def test_units_are_about_those_of_lab():
    rng = np.random.default_rng(4)
    luma = rng.uniform(0.2, 0.8, 2000).astype(np.float32)
    first = rng.normal(0, 0.04, (2000, 2)).astype(np.float32)
    second = first + rng.normal(0, 0.02, (2000, 2)).astype(np.float32)
    lab = [
        color.srgb_to_lab(color.yiq_to_srgb(np.column_stack([luma, part])))[:, 1:]
        for part in (first, second)
    ]
    true = np.linalg.norm(lab[1] - lab[0], axis=1)
    told = np.sqrt((np.square(second - first) * UNITS**2).sum(axis=1))
    assert np.median(told / true) == pytest.approx(1, abs=0.1)


def test_a_prior_near_the_truth_helps_the_strokes():
    truth = photograph("coffee", (100, 150))
    luma, chroma = color.luma(truth), color.srgb_to_yiq(truth)[..., 1:]
    small = np.stack([box_mean(chroma[..., k], (25, 37)) for k in (0, 1)], axis=2)
    mask = np.zeros(luma.shape, bool)
    mask[10::30, 10::30] = True
    hints = Hints.from_strokes(mask, chroma)
    _, result = fused(luma, hints, Opinion(box_mean(luma, (25, 37)), small, small))
    alone = Propagation(luma).solve(hints)
    assert np.abs(result - chroma).mean() < 0.7 * np.abs(alone - chroma).mean()
