"""Boxes around what changed, and which of them are better taken together."""

from __future__ import annotations

import numpy as np

from tinct.algorithms.windows import area, boxes_around, expanded, merged


def test_every_group_has_the_smallest_box_of_its_own() -> None:
    mask = np.zeros((300, 401), bool)
    mask[3:7, 2:9] = mask[290:300, 395:401] = mask[100, 200] = mask[104, 190] = True
    found = boxes_around(mask)
    assert sorted(found, key=lambda box: box[0].start) == [
        np.s_[3:7, 2:9],
        np.s_[100:105, 190:201],
        np.s_[290:300, 395:401],
    ]


def test_nothing_set_has_no_box() -> None:
    assert boxes_around(np.zeros((40, 1), bool)) == []


def test_what_is_set_all_over_has_few_boxes() -> None:
    mask = np.random.default_rng(0).random((2000, 1500)) < 1e-4
    found = boxes_around(mask)
    assert len(found) == 1
    assert np.count_nonzero(mask[found[0]]) == np.count_nonzero(mask)


def test_boxes_are_merged_where_one_around_both_is_no_larger() -> None:
    near, far = [np.s_[10:20, 10:20], np.s_[10:20, 60:70]], [np.s_[10:20, 300:310]]
    together = merged(near + far, 64)
    assert sorted(together, key=lambda box: box[1].start) == [np.s_[10:20, 10:70], *far]
    assert merged(near + far, 4) == near + far
    shape = (400, 400)
    apart = sum(area(expanded(box, 64, shape)) for box in near)
    assert area(expanded(np.s_[10:20, 10:70], 64, shape)) < apart
