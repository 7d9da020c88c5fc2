"""The operation: identity, targets, layers that are the picture, files, and what it refuses."""

from __future__ import annotations

import numpy as np
import pytest

from support import photograph
from tinct.declare import Color
from tinct.errors import InputError, ParameterError
from tinct.operations.palette_recolor import palette_recolor
from tinct.palettefile import PaletteFile, Swatch, read_palette, write_palette

METHODS = ("mixtures", "clusters")


def opaque(values):
    return np.concatenate([values, np.ones_like(values[..., :1])], axis=2).astype(np.float32)


def colors_of(names):
    return tuple(Color.from_hex(name) for name in names)


@pytest.fixture
def image():
    return opaque(photograph("coffee", (48, 64)))


@pytest.mark.parametrize("method", METHODS)
def test_nothing_edited_is_the_picture_itself(image, method):
    result = palette_recolor(image, method=method)
    np.testing.assert_array_equal(result["colors"], image)
    assert result["palette"]["original"] == result["palette"]["edited"]
    assert sum(result["palette"]["shares"]) == pytest.approx(1, abs=1e-3)
    assert "layers" not in result


@pytest.mark.parametrize("method", METHODS)
def test_a_flat_area_of_a_palette_color_takes_the_new_one(method):
    parts = np.array([[0.1, 0.1, 0.2], [0.8, 0.2, 0.2], [0.2, 0.7, 0.3], [0.3, 0.3, 0.9]])
    image = opaque(np.repeat(np.repeat(parts[None], 6, axis=0), 5, axis=1))
    known = tuple(Color(*row) for row in parts.tolist())
    edited = (*known[:1], Color(0.75, 0.45, 0.2), *known[2:])
    colors = palette_recolor(image, method=method, original=known, edited=edited)["colors"]
    np.testing.assert_allclose(colors[0, 5:10, :3], [edited[1]] * 5, atol=0.01)
    if method == "mixtures":
        np.testing.assert_allclose(colors[0, 10:, :3], image[0, 10:, :3], atol=1e-6)


@pytest.mark.parametrize("alpha", [1.0, 0.6])
def test_layers_over_each_other_are_the_picture(image, alpha):
    image[..., 3] = alpha
    image[:5, :, 3] = 0
    result = palette_recolor(image, count=6, layers=True)
    assert [title for title, _ in result["layers"]] == result["palette"]["original"]
    total = np.zeros((48, 64, 3))
    cover = np.zeros((48, 64, 1))
    for _, layer in result["layers"]:
        own = layer[..., 3:]
        total = layer[..., :3] * own + total * (1 - own)
        cover = own + cover * (1 - own)
    np.testing.assert_allclose(cover[..., 0], image[..., 3], atol=1e-5)
    shown = cover[..., 0] > 0
    difference = total[shown] / cover[shown] - image[shown, :3]
    assert np.sqrt((difference**2).mean()) < 2 / 255


def test_new_colors_decide_how_many_there_are(image):
    edited = colors_of(["#000000", "#ff0000", "#00ff00", "#0000ff", "#ffffff"])
    result = palette_recolor(image, edited=edited)
    assert len(result["palette"]["original"]) == 5
    assert result["palette"]["edited"] == [color.to_hex() for color in edited]


@pytest.mark.parametrize("method", METHODS)
def test_strength_goes_part_of_the_way(image, method):
    found = palette_recolor(image, method=method, count=4)["palette"]["original"]
    edited = colors_of([*found[:3], "#40c0ff"])
    none = palette_recolor(image, method=method, edited=edited, strength=0.0)["colors"]
    np.testing.assert_array_equal(none, image)
    half, full = (
        palette_recolor(image, method=method, edited=edited, strength=share)["colors"]
        for share in (0.5, 1.0)
    )
    assert np.abs(half - image).mean() < np.abs(full - image).mean()


def test_files_give_and_take_palettes(image, tmp_path):
    path, saved = tmp_path / "in.gpl", tmp_path / "out.ase"
    colors = (Color(0, 0, 0), Color(1, 0, 0), Color(1, 1, 1))
    write_palette(path, PaletteFile("", tuple(Swatch(color) for color in colors)))
    result = palette_recolor(image, file=path, save_to=saved, count=5)
    assert set(result["palette"]["edited"]) <= {color.to_hex() for color in colors}
    read = [color.to_hex() for color in read_palette(saved).colors]
    assert read == result["palette"]["edited"]


def test_snapping_changes_hues_of_the_palette(image):
    result = palette_recolor(image, snap="i", count=6)
    assert result["palette"]["original"] != result["palette"]["edited"]
    assert np.abs(result["colors"] - image).max() > 0.02


def test_the_palette_is_that_of_the_selection(image):
    image[:, 32:, :3] = (0.2, 0.8, 0.4)
    region = np.zeros((48, 64), np.float32)
    region[:, 32:] = 1
    assert palette_recolor(image, region)["palette"]["original"] == ["#33cc66"]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("values", [np.full((3, 4, 3), 0.4), np.zeros((1, 1, 3))])
def test_pictures_of_one_color_have_a_palette_of_one(values, method):
    result = palette_recolor(opaque(values), method=method, edited=(Color(0.2, 0.5, 0.6),))
    assert len(result["palette"]["original"]) == 1
    if method == "mixtures":
        assert np.abs(result["colors"][..., :3] - (0.2, 0.5, 0.6)).max() < 1e-6


def test_gray_pictures_have_a_palette_of_two(image):
    image[..., :3] = image[..., :1]
    assert len(palette_recolor(image)["palette"]["original"]) == 2


def test_transparent_pixels_keep_their_bits_and_do_not_count(image):
    image[:10] = (0, 1, 0, 0)
    edited = colors_of(["#000080", "#ff0000", "#00ff00", "#ffffff"])
    colors = palette_recolor(image, edited=edited)["colors"]
    np.testing.assert_array_equal(colors[:10], image[:10])
    assert np.abs(colors[10:] - image[10:]).max() > 0.1


def test_what_does_not_fit_is_named(image):
    with pytest.raises(ParameterError, match="2 new colors, but the palette has 3"):
        palette_recolor(
            image, original=colors_of(["#000000"] * 3), edited=colors_of(["#000000"] * 2)
        )
    with pytest.raises(InputError, match="fully transparent"):
        palette_recolor(np.zeros((2, 2, 4), np.float32))
    with pytest.raises(InputError, match="selection is empty"):
        palette_recolor(image, np.zeros((48, 64), np.float32))
