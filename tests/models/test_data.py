"""Reading, filtering and splitting of training pictures."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image
from skimage import data

from tinct_train.bins import GRID_STEP, ab_bins
from tinct_train.data import is_held_out, label_of, list_members, load_sets
from tinct_train.pack import pack


def encoded(pixels: npt.NDArray[np.uint8]) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    coffee = data.coffee()
    gray = np.repeat(data.camera()[..., None], 3, axis=2)
    sepia = np.clip(gray * np.array([1.0, 0.85, 0.6]), 0, 255).astype(np.uint8)
    sepia[:] = np.clip(gray.astype(float) * 0.02 + np.array([120, 90, 60]), 0, 255)
    path = tmp_path / "photos.zip"
    with zipfile.ZipFile(path, "w") as target:
        target.writestr("cup/coffee.png", encoded(coffee))
        target.writestr("cup/gray.png", encoded(gray))
        target.writestr("cup/sepia.png", encoded(sepia))
        target.writestr("cup/broken.png", b"\x89PNG broken")
        target.writestr("cup/notes.txt", b"not a picture")
    return path


def test_only_color_photographs_are_kept(archive: Path) -> None:
    (found,) = load_sets([archive], workers=1)
    assert found.names == ["cup/coffee.png"]


def test_pictures_are_reduced_and_laid_in_the_corner(archive: Path) -> None:
    (found,) = load_sets([archive], short_side=100, workers=1)
    height, width = found.sizes[0]
    assert (height, width) == (100, 150)
    assert found.canvas[0, :height, :width].std() > 10
    assert found.canvas[0, height:].max() == 0
    expected = data.coffee().mean(axis=(0, 1))
    assert np.abs(found.canvas[0, :height, :width].mean(axis=(0, 1)) - expected).max() < 3


def test_cache_gives_the_same_pictures(archive: Path, tmp_path: Path) -> None:
    first, second = (load_sets([archive], cache=tmp_path / "c", workers=1)[0] for _ in range(2))
    (stored,) = (tmp_path / "c").iterdir()
    third = load_sets([stored])[0]
    for other in (second, third):
        assert np.array_equal(first.canvas, other.canvas)
        assert (first.name, first.names) == (other.name, other.names)


def test_a_folder_reads_like_a_zip(archive: Path, tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    with zipfile.ZipFile(archive) as source:
        source.extractall(folder)
    assert list_members(folder) == list_members(archive)
    assert np.array_equal(load_sets([folder])[0].canvas, load_sets([archive])[0].canvas)


def test_a_file_that_is_no_archive_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "photos.zip"
    path.write_text("nothing")
    with pytest.raises(ValueError, match="neither a folder nor a zip"):
        load_sets([path])


def test_nothing_to_train_on_is_said(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no colored pictures"):
        load_sets([tmp_path])


def test_about_a_tenth_is_held_out_and_packing_keeps_the_split() -> None:
    names = [f"cup/image_{i:04}.jpg" for i in range(2000)]
    held = [is_held_out(name) for name in names]
    assert 160 < sum(held) < 240
    assert held == [is_held_out(f"sets/any/{name[:-4]}.webp") for name in names]


def test_packed_sets_keep_their_names(archive: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(archive, "a") as target:
        target.writestr("cup/cat.png", encoded(data.chelsea()))
    clean = tmp_path / "clean.zip"
    with zipfile.ZipFile(archive) as source, zipfile.ZipFile(clean, "w") as target:
        for name in ("cup/coffee.png", "cup/cat.png"):
            target.writestr(name, source.read(name))
    target_zip = tmp_path / "small.zip"
    assert pack([clean], target_zip, quality=90) == target_zip.stat().st_size
    members = {"clean": ["sets/clean/cup/cat.webp", "sets/clean/cup/coffee.webp"]}
    assert list_members(target_zip) == members
    first, second = load_sets([clean])[0], load_sets([target_zip])[0]
    assert np.abs(first.canvas.astype(int) - second.canvas.astype(int)).mean() < 6


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("n01443537_12.JPEG", "n01443537"),
        ("a/n01440764/n01440764_5.JPEG", "n01440764"),
        ("sets/s/piano/image_0001.webp", "piano"),
    ],
)
def test_labels_come_from_the_name_or_the_folder(name: str, label: str) -> None:
    assert label_of(name) == label


def test_every_color_is_near_a_bin() -> None:
    from skimage.color import rgb2lab

    rgb = np.random.default_rng(0).uniform(0, 1, (1, 5000, 3))
    ab = rgb2lab(rgb)[0, :, 1:]
    distance = np.linalg.norm(ab[:, None] - ab_bins()[None], axis=2).min(axis=1)
    assert distance.max() <= GRID_STEP * np.sqrt(0.5) + 2
    assert (distance <= GRID_STEP * np.sqrt(0.5)).mean() > 0.99
    assert len(np.unique(ab_bins(), axis=0)) == len(ab_bins())
