"""Color by dots: hints are followed, global hints set the mood, suggestions are of use."""

from __future__ import annotations

import json

import numpy as np
import pytest

from support import LUMA, assert_images_close, gray_of, paint_dots, photograph
from tinct import color
from tinct.cache import Cache
from tinct.declare import Color, Context
from tinct.errors import InputError, ParameterError
from tinct.operations.auto_colorize import auto_colorize
from tinct.operations.hint_colorize import hint_colorize

SIZE = (128, 192)
BLUE, GREEN = (0.2, 0.35, 0.8), (0.2, 0.6, 0.25)


def strokes(*dots, size=SIZE):
    return paint_dots(size, *dots)


def ab(image):
    return color.srgb_to_lab(np.ascontiguousarray(image[..., :3]))[..., 1:]


@pytest.fixture(scope="module")
def gray():
    return gray_of(photograph("coffee", SIZE))


def test_without_hints_it_is_automatic_color(gray):
    found = hint_colorize(gray, strokes())
    assert_images_close(found["colors"], auto_colorize(gray)["colors"], 1e-6)
    assert found["suggestions"]["strokes"] == []


@pytest.mark.parametrize("rgb", [BLUE, GREEN])
def test_a_dot_is_followed_where_it_lies_and_around(gray, rgb):
    found = hint_colorize(gray, strokes((100, 45, rgb)))["colors"]
    assert_images_close(found[..., :3] @ LUMA, gray[..., 0], 1e-5)
    wanted = ab(np.float32([[rgb]]))[0, 0]
    before = ab(auto_colorize(gray)["colors"])
    after = ab(found)
    spot = np.s_[92:108, 37:53]
    toward = ((after - before)[spot] @ (wanted / np.linalg.norm(wanted))).mean()
    assert toward > 10


def test_two_dots_keep_their_own_colors(gray):
    found = ab(hint_colorize(gray, strokes((110, 30, BLUE), (20, 170, GREEN)))["colors"])
    assert found[110, 30, 1] < -10
    assert found[20, 170, 0] < -10


def test_a_reference_lends_its_mood(gray):
    blue = np.full((40, 40, 3), 0.5, np.float32)
    blue[..., 2] = np.linspace(0.6, 1.0, 40)
    plain = ab(hint_colorize(gray, strokes())["colors"]).mean(axis=(0, 1))
    found = ab(hint_colorize(gray, strokes(), blue)["colors"]).mean(axis=(0, 1))
    assert found[1] < plain[1] - 10


def test_a_palette_lends_its_mood_too(gray):
    plain = ab(hint_colorize(gray, strokes())["colors"]).mean(axis=(0, 1))
    found = ab(hint_colorize(gray, strokes(), palette=(Color(*GREEN),))["colors"])
    assert found.mean(axis=(0, 1))[0] < plain[0] - 10


def test_a_gray_reference_is_refused(gray):
    with pytest.raises(InputError, match="no color to take"):
        hint_colorize(gray, strokes(), gray[..., :3])


def test_suggestions_are_json_with_strokes_and_a_map(gray):
    found = hint_colorize(gray, strokes((100, 45, BLUE), (20, 170, GREEN)))["suggestions"]
    assert json.loads(json.dumps(found)) == found
    assert found["kind"] == "suggestions"
    assert len(found["strokes"]) == 2
    fields = found["map"]
    assert len(fields["colors"]) == fields["rows"] * fields["columns"]
    for stroke in found["strokes"]:
        shares = [part["share"] for part in stroke["colors"]]
        assert shares == sorted(shares, reverse=True)
        assert 0.5 < sum(shares) <= 1.001


def test_a_stroke_s_suggestions_do_not_just_repeat_it(gray):
    painted = hint_colorize(gray, strokes((100, 45, BLUE)))["suggestions"]["strokes"][0]
    assert abs(painted["x"] - 45) <= 3
    assert abs(painted["y"] - 100) <= 3
    likely = [ab(np.float32([[Color.from_hex(part["color"])]]))[0, 0] for part in painted["colors"]]
    automatic = ab(auto_colorize(gray)["colors"])[97:104, 42:49].mean(axis=(0, 1))
    assert min(np.linalg.norm(one - automatic) for one in likely) < 15


def test_the_newest_stroke_comes_first(gray):
    context = Context(cache=Cache(1 << 26))
    first, second = (100, 45, BLUE), (20, 170, GREEN)
    hint_colorize(gray, strokes(first), context=context)
    found = hint_colorize(gray, strokes(first, second), context=context)["suggestions"]
    assert abs(found["strokes"][0]["x"] - 170) <= 3
    hint_colorize(gray, strokes(second), context=context)
    found = hint_colorize(gray, strokes(first, second), context=context)["suggestions"]
    assert abs(found["strokes"][0]["x"] - 45) <= 3


def test_a_stroke_on_transparent_ground_says_nothing(gray):
    hole = gray.copy()
    hole[90:110, 30:60, 3] = 0
    found = hint_colorize(hole, strokes((100, 45, BLUE)))
    assert found["suggestions"]["strokes"] == []
    assert_images_close(found["colors"], auto_colorize(hole)["colors"], 1e-6)


@pytest.mark.parametrize("size", [(1, 1), (1, 60), (9, 4)], ids=str)
def test_every_size_is_colored(size):
    image = np.full((*size, 4), 0.5, np.float32)
    image[..., 3] = 1
    found = hint_colorize(image, strokes((0, 0, BLUE), size=size))
    assert found["colors"].shape == image.shape
    assert found["colors"][0, 0, 2] > found["colors"][0, 0, 0]


def test_a_network_without_ears_is_refused(gray, tmp_path, monkeypatch):
    from stand_ins import install

    monkeypatch.setenv("TINCT_MODELS", str(tmp_path / "models"))
    made = install("eccv16", tmp_path)
    with pytest.raises(ParameterError, match="takes no hints"):
        hint_colorize(gray, strokes(), model="file", file=made.path)
