"""Hints: how they combine, and what they refuse."""

from __future__ import annotations

import numpy as np
import pytest

from tinct.algorithms.hints import Hints
from tinct.errors import InputError


def pixel(chroma: float, confidence: float) -> Hints:
    return Hints(np.full((1, 1, 2), chroma, np.float32), np.full((1, 1), confidence, np.float32))


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ((0.1, np.inf), (0.3, 5.0), (0.1, np.inf)),
        ((0.1, 5.0), (0.3, np.inf), (0.3, np.inf)),
        ((0.1, np.inf), (0.3, np.inf), (0.3, np.inf)),
        ((0.1, 1.0), (0.3, 3.0), (0.25, 4.0)),
        ((0.1, 0.0), (0.3, 3.0), (0.3, 3.0)),
        ((0.1, 0.0), (0.3, 0.0), (0.0, 0.0)),
        ((np.nan, 0.0), (0.3, 2.0), (0.3, 2.0)),
    ],
)
def test_combined(
    first: tuple[float, float], second: tuple[float, float], expected: tuple[float, float]
) -> None:
    both = pixel(*first).combined(pixel(*second))
    np.testing.assert_allclose(both.chroma[0, 0], expected[0], rtol=1e-6)
    assert both.confidence[0, 0] == expected[1]


def test_strokes_are_hard_and_nothing_else_is_hinted() -> None:
    mask = np.array([[True, False]])
    hints = Hints.from_strokes(mask, (0.2, -0.1))
    np.testing.assert_array_equal(hints.hard, mask)
    np.testing.assert_array_equal(hints.confidence[~mask], 0)
    np.testing.assert_allclose(hints.chroma[0, 0], (0.2, -0.1))
    assert not Hints.none((3, 2)).confidence.any()


def test_only_what_is_hinted_is_held_and_given_arrays_are_left_alone() -> None:
    rng = np.random.default_rng(0)
    chroma = rng.uniform(-0.3, 0.3, (40, 50, 2)).astype(np.float32)
    confidence = np.where(rng.random((40, 50)) < 0.1, np.float32(2.0), np.float32(0.0))
    given = chroma.copy(), confidence.copy()
    hints = Hints(chroma, confidence)
    np.testing.assert_array_equal(hints.confidence, confidence)
    np.testing.assert_array_equal(hints.chroma, chroma * (confidence > 0)[..., None])
    assert hints.nbytes < chroma.nbytes / 3
    hints.chroma[:], hints.confidence[:] = 9.0, 9.0
    chroma[:], confidence[:] = 7.0, 7.0
    np.testing.assert_array_equal(hints.chroma, given[0] * (given[1] > 0)[..., None])
    np.testing.assert_array_equal(hints.confidence, given[1])


def test_changed_tells_where_hints_differ_in_any_way() -> None:
    confidence = np.float32([[0, 1, 1, 1, np.inf, np.inf, 0]])
    chroma = np.zeros((1, 7, 2), np.float32)
    others, another = confidence.copy(), chroma.copy()
    others[0, [0, 1, 5]] = 1, 0, 1  # a new one, one gone, one softer
    another[0, [3, 6], 1] = 0.1  # another color; and one where there is no hint
    changed = Hints(chroma, confidence).changed(Hints(another, others))
    np.testing.assert_array_equal(changed, [[True, True, False, True, False, True, False]])


def test_bad_hints_are_refused() -> None:
    with pytest.raises(InputError, match="0 or more"):
        pixel(0.1, -1.0)
    with pytest.raises(InputError, match="finite"):
        pixel(np.nan, 1.0)
    with pytest.raises(InputError, match="shape"):
        Hints(np.zeros((2, 2, 3), np.float32), np.zeros((2, 2), np.float32))
    with pytest.raises(InputError, match="combined"):
        Hints.none((2, 2)).combined(Hints.none((3, 2)))
