"""Boxes on a picture that is shown smaller, as previews are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

SIDE_MINIMUM = 5  # the engine refuses boxes of fewer than 5 x 5 pixels


class Reduced(NamedTuple):
    """A picture's size, and its size as the engine gets it."""

    width: int
    height: int
    columns: int
    rows: int


def reduce_pairs(pairs: Any, target: Reduced, reference: Reduced) -> Any:
    """Return pairs of boxes as they lie on reduced pictures.

    Neighbors stay neighbors: edges move, not sizes. What is no list of pairs, or reaches beyond
    its picture, stays as it is, for the engine to say so.

    Parameters
    ----------
    pairs
        ``[[target, reference], …]``, each ``[left, top, width, height]`` in whole pixels.
    target, reference
        The two pictures.
    """
    try:
        return [[_reduce(box, target), _reduce(other, reference)] for box, other in pairs]
    except (TypeError, ValueError):
        return pairs


def _reduce(box: Sequence[int], picture: Reduced) -> list[int]:
    left, top, width, height = box
    left, width = _reduce_side(left, width, picture.width, picture.columns)
    top, height = _reduce_side(top, height, picture.height, picture.rows)
    return [left, top, width, height]


def _reduce_side(start: int, length: int, whole: int, reduced: int) -> tuple[int, int]:
    if whole == reduced or start < 0 or start + length > whole:
        return start, length
    first, last = (round(edge * reduced / whole) for edge in (start, start + length))
    grown = max(last - first, min(length, SIDE_MINIMUM, reduced))
    return max(0, min(first, reduced - grown)), grown
