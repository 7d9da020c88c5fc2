"""Changing a palette's colors, on what the engine really returns."""

from __future__ import annotations

import json

import numpy as np
import pytest

from tinct.palettes import describe_palette
from tinct_client.palette import PaletteOf

ORIGINAL, HALF_WAY = ["#ff0000", "#00ff00"], ["#ff3300", "#00ff00"]
EMPTY = {"original": [], "edited": []}


def numbers(names: list[str]) -> np.ndarray:
    return np.array([[int(name[k : k + 2], 16) / 255 for k in (1, 3, 5)] for name in names])


@pytest.fixture
def palette() -> PaletteOf:
    data = describe_palette(numbers(ORIGINAL), numbers(HALF_WAY), np.array([3.0, 1.0]))
    found = PaletteOf.find({"colors": "a picture", "palette": json.loads(json.dumps(data))})
    assert found is not None
    return found


def test_there_may_be_none() -> None:
    assert PaletteOf.find({"colors": "a picture", "wheel": {"kind": "wheel"}}) is None


def test_it_holds_both(palette: PaletteOf) -> None:
    assert list(palette.original) == ORIGINAL
    assert list(palette.edited) == HALF_WAY


def test_one_color_is_changed_and_the_rest_stay(palette: PaletteOf) -> None:
    settings = palette.changed(1, "#0000ff", EMPTY)
    assert settings == {"original": ORIGINAL, "edited": ["#ff3300", "#0000ff"]}


def test_the_full_change_is_kept_where_the_form_holds_it(palette: PaletteOf) -> None:
    held = {"original": ORIGINAL, "edited": ["#ff6600", "#00ff00"]}
    assert palette.changed(1, "#0000ff", held)["edited"] == ["#ff6600", "#0000ff"]
    chosen = {"original": [], "edited": ["#111111", "#222222"]}
    assert palette.changed(0, "#0000ff", chosen)["edited"] == ["#0000ff", "#222222"]


@pytest.mark.parametrize(
    "held",
    [
        {"original": ["#123456", "#00ff00"], "edited": ["#aaaaaa", "#bbbbbb"]},
        {"original": ORIGINAL, "edited": ["#aaaaaa"]},
    ],
)
def test_what_was_held_for_another_palette_is_dropped(
    palette: PaletteOf, held: dict[str, list[str]]
) -> None:
    assert palette.changed(1, "#0000ff", held)["edited"] == ["#ff3300", "#0000ff"]
