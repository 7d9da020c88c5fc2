"""Gradients: GIMP's blendings and colorings by their formulas, and damaged files."""

from __future__ import annotations

import numpy as np
import pytest

from tinct.errors import FileError
from tinct.gradientfile import read_gradient


def write(tmp_path, *segments, head="GIMP Gradient\nName: Test\n"):
    path = tmp_path / "a.ggr"
    path.write_text(head + f"{len(segments)}\n" + "\n".join(segments) + "\n")
    return path


def segment(blend=0, model=0, middle=0.5, start="0 0 0 1", stop="1 1 1 1"):
    return f"0 {middle} 1 {start} {stop} {blend} {model} 0 0"


def sample(tmp_path, count=101, **options):
    return read_gradient(write(tmp_path, segment(**options))).sample(count)


def test_linear_segments_join(tmp_path):
    path = write(
        tmp_path, "0 0.125 0.25 0 0 0 1 1 0 0 0.5 0 0", "0.25 0.6 1 1 0 0 0.5 0 0 1 1 0 0 0 0"
    )
    gradient = read_gradient(path)
    assert gradient.name == "Test"
    colors = gradient.sample(9)
    np.testing.assert_allclose(colors[0], [0, 0, 0, 1])
    np.testing.assert_allclose(colors[1], [0.5, 0, 0, 0.75])
    np.testing.assert_allclose(colors[2], [1, 0, 0, 0.5])
    np.testing.assert_allclose(colors[8], [0, 0, 1, 1])


def test_the_middle_is_half_of_the_way_in_every_smooth_blending(tmp_path):
    for blend in (0, 1, 2):
        colors = sample(tmp_path, blend=blend, middle=0.3)
        assert colors[30, 0] == pytest.approx(0.5)
        assert (np.diff(colors[:, 0]) >= 0).all()
        assert colors[[0, -1], 0] == pytest.approx([0, 1])


def test_sine_spheres_and_step_follow_their_formulas(tmp_path):
    x = np.linspace(0, 1, 101)
    np.testing.assert_allclose(sample(tmp_path, blend=2)[:, 0], (1 - np.cos(np.pi * x)) / 2)
    np.testing.assert_allclose(
        sample(tmp_path, blend=3)[:, 0], np.sqrt(1 - (x - 1) ** 2), atol=1e-7
    )
    np.testing.assert_allclose(sample(tmp_path, blend=4)[:, 0], 1 - np.sqrt(1 - x**2), atol=1e-7)
    np.testing.assert_array_equal(sample(tmp_path, blend=5)[:, 0], x >= 0.5)


def test_hue_goes_the_way_the_segment_says(tmp_path):
    ends = {"start": "1 0 0 1", "stop": "0 1 0 1"}
    np.testing.assert_allclose(sample(tmp_path, 3, model=1, **ends)[1, :3], [1, 1, 0])
    np.testing.assert_allclose(sample(tmp_path, 3, model=2, **ends)[1, :3], [0, 0, 1])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("GIMP Palette\n", "first line"),
        ("GIMP Gradient\n", "fewer segments"),
        ("GIMP Gradient\nName: a\n2\n0 .5 1 0 0 0 1 1 1 1 1 0 0\n", "fewer segments"),
        ("GIMP Gradient\n0\nx\n", "no segment"),
        ("GIMP Gradient\n1\n0 .5 1 0 0\n", "13 numbers"),
        ("GIMP Gradient\n1\n0 .5 1 0 0 0 1 1 x 1 1 0 0\n", "not a number"),
        ("GIMP Gradient\n1\n0 nan 1 0 0 0 1 1 1 1 1 0 0\n", "not a number"),
        ("GIMP Gradient\n1\n0 .5 1 0 0 0 1 1 1 1 1 9 0\n", "does not have"),
        ("GIMP Gradient\n1\n0 .9 .5 0 0 0 1 1 1 1 1 0 0\n", "do not rise"),
        ("GIMP Gradient\n1\n0 .2 .5 0 0 0 1 1 1 1 1 0 0\n", "do not join"),
    ],
)
def test_damaged_files_are_refused_in_one_sentence(tmp_path, text, words):
    path = tmp_path / "a.ggr"
    path.write_text(text)
    with pytest.raises(FileError, match=rf"{words}.*\.$"):
        read_gradient(path)


def test_missing_files_are_named(tmp_path):
    with pytest.raises(FileError, match="cannot be opened"):
        read_gradient(tmp_path / "none.ggr")
