"""The operation: exact tables, slices of what is selected, files, and the legend."""

from __future__ import annotations

import numpy as np
import pytest

from tinct.algorithms.colormaps import ramp
from tinct.declare import Color
from tinct.errors import FileError, InputError, ParameterError
from tinct.operations.pseudo_color import pseudo_color
from tinct.palettefile import PaletteFile, Swatch, write_palette

RED, GREEN, BLUE = Color(1, 0, 0), Color(0, 1, 0), Color(0, 0, 1)


def grays(*levels):
    image = np.ones((1, len(levels), 4), np.float32)
    image[0, :, :3] = np.array(levels, np.float32)[:, np.newaxis]
    return image


def test_the_ramp_at_its_quarters():
    colors = pseudo_color(grays(0, 0.25, 0.5, 0.75, 1), map="ramp")["colors"]
    np.testing.assert_allclose(
        colors[0, :, :3], ramp([0, 0.25, 0.5, 0.75, 1]), atol=4 / 65535 + 1e-6
    )


def test_every_8_bit_level_has_its_own_color():
    colors = pseudo_color(grays(*np.arange(256) / 255), map="ember")["colors"]
    assert len(np.unique(colors[0, :, :3], axis=0)) == 256


def test_as_many_slices_as_the_palette_has_colors_show_just_these():
    image = grays(*np.linspace(0, 1, 30))
    colors = pseudo_color(image, map="palette", palette=(RED, GREEN, BLUE), slices=3)["colors"]
    np.testing.assert_allclose(np.unique(colors[0, :, :3].round(2), axis=0), np.eye(3)[::-1])
    np.testing.assert_allclose(colors[0, :10, :3], [RED] * 10, atol=2e-3)


def test_slices_count_the_selected_pixels():
    image = grays(*np.linspace(0, 0.1, 10), *np.linspace(0.5, 1, 10))
    region = np.zeros((1, 20), np.float32)
    region[0, 10:] = 1
    palette = (RED, BLUE)
    colors = pseudo_color(
        image, region, map="palette", palette=palette, slices=2, spacing="equal-count"
    )["colors"]
    np.testing.assert_allclose(colors[0, 10:15, :3], [RED] * 5, atol=2e-3)
    np.testing.assert_allclose(colors[0, 15:, :3], [BLUE] * 5, atol=2e-3)


def test_files_give_the_colors(tmp_path):
    path = tmp_path / "a.gpl"
    write_palette(path, PaletteFile("", (Swatch(RED), Swatch(BLUE))))
    colors = pseudo_color(grays(0, 1), map="file", file=path)["colors"]
    np.testing.assert_allclose(colors[0, :, :3], [RED, BLUE], atol=2e-3)
    gradient = tmp_path / "a.ggr"
    gradient.write_text("GIMP Gradient\nName: a\n1\n0 0.5 1 1 0 0 1 0 0 1 0.5 0 0\n")
    colors = pseudo_color(grays(0, 0.5, 1), map="file", file=gradient)["colors"]
    np.testing.assert_allclose(
        colors[0], [[1, 0, 0, 1], [0.5, 0, 0.5, 0.75], [0, 0, 1, 0.5]], atol=1e-4
    )


def test_strength_mixes_with_the_picture():
    image = grays(0.2, 0.8)
    full = pseudo_color(image)["colors"]
    half = pseudo_color(image, strength=0.5)["colors"]
    np.testing.assert_allclose(half, (full + image) / 2, atol=1e-6)


@pytest.mark.parametrize("size", [(1, 1), (5, 9), (200, 150)])
def test_the_legend_shows_the_ends_of_the_map(size):
    image = np.ones((*size, 4), np.float32)
    legend = pseudo_color(image, map="ramp", legend=True)["legend"]
    assert legend.shape == image.shape
    shown = legend[legend[..., 3] == 1][:, :3]
    assert (shown == (1, 0, 0)).all(axis=1).any()
    if size[0] > 1:
        assert (shown == (0, 0, 1)).all(axis=1).any()
        assert (legend[..., 3] == 0).any()


def test_what_is_missing_or_damaged_is_named(tmp_path):
    image = grays(0.5)
    with pytest.raises(ParameterError, match="palette is empty"):
        pseudo_color(image, map="palette")
    with pytest.raises(ParameterError, match="No file"):
        pseudo_color(image, map="file")
    with pytest.raises(FileError, match="cannot be opened"):
        pseudo_color(image, map="file", file=tmp_path / "a.gpl")
    with pytest.raises(InputError, match="selection is empty"):
        pseudo_color(image, np.zeros((1, 1), np.float32))
