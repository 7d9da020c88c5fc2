"""Boxes on reduced pictures."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tinct_client.boxes import SIDE_MINIMUM, Reduced, reduce_pairs

SAME = Reduced(100, 80, 100, 80)


def test_a_picture_of_full_size_keeps_its_boxes():
    pairs = [[[3, 4, 20, 10], [0, 0, 100, 80]]]
    assert reduce_pairs(pairs, SAME, SAME) == pairs


def test_each_box_follows_its_own_picture():
    target, reference = Reduced(3000, 2000, 1500, 1000), Reduced(400, 400, 100, 100)
    reduced = reduce_pairs([[[100, 200, 50, 60], [40, 80, 120, 200]]], target, reference)
    assert reduced == [[[50, 100, 25, 30], [10, 20, 30, 50]]]


HALF = 0.5 + 1e-9
"""A pixel's half, and what rounding adds."""


@given(st.data())
def test_boxes_that_do_not_overlap_do_not_then(data):
    whole = data.draw(st.integers(60, 4000))
    picture = Reduced(whole, 40, data.draw(st.integers(whole // 4 + 1, whole)), 40)
    edges = sorted(data.draw(st.sets(st.integers(0, whole), min_size=2, max_size=6)))
    boxes = [[a, 0, b - a, 40] for a, b in itertools.pairwise(edges) if b - a >= 20]
    reduced = [pair[0] for pair in reduce_pairs([[b, b] for b in boxes], picture, picture)]
    covered = np.zeros(picture.columns, int)
    for left, _top, width, _height in reduced:
        assert left >= 0
        assert left + width <= picture.columns
        covered[left : left + width] += 1
    assert covered.max(initial=0) <= 1
    for (left, _, width, _), (start, _, length, _) in zip(reduced, boxes, strict=True):
        scale = picture.columns / whole
        assert abs(left - start * scale) <= HALF
        assert abs(left + width - (start + length) * scale) <= HALF


def test_a_small_box_stays_large_enough_and_inside():
    picture = Reduced(4000, 3000, 400, 300)
    (target, reference) = reduce_pairs([[[3990, 2990, 10, 10], [0, 0, 6, 6]]], picture, picture)[0]
    assert target == [400 - SIDE_MINIMUM, 300 - SIDE_MINIMUM, SIDE_MINIMUM, SIDE_MINIMUM]
    assert reference == [0, 0, SIDE_MINIMUM, SIDE_MINIMUM]
    tiny = Reduced(4000, 3000, 3, 2)
    assert reduce_pairs([[[0, 0, 90, 90]] * 2], tiny, tiny)[0][0] == [0, 0, 3, 2]


def test_what_does_not_fit_is_left_to_the_engine():
    picture = Reduced(100, 80, 50, 40)
    beyond = [[[90, 70, 20, 20], [-3, 0, 20, 20]]]
    target, reference = reduce_pairs(beyond, picture, picture)[0]
    assert target[0] + target[2] > picture.columns
    assert reference[0] < 0
    for wrong in ("boxes", [[1, 2]], [[[1, 2, 3], [1, 2, 3, 4]]], None):
        assert reduce_pairs(wrong, picture, picture) == wrong
