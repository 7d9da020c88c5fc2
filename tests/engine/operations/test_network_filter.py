"""Pictures through image networks: a drawing with a closed form, and published styles."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tomllib
from PIL import Image
from scipy import ndimage

from support import photograph, shared_data
from tinct.declare import Context
from tinct.errors import Cancelled, ModelMissingError, NetworkError
from tinct.models.manifest import find_manifest, weights_path
from tinct.models.toml import to_toml
from tinct.operations.network_filter import network_filter


@pytest.fixture(autouse=True)
def _no_networks_of_the_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TINCT_MODELS", str(tmp_path / "models"))


def opaque(rgb: np.ndarray) -> np.ndarray:
    return np.concatenate([rgb, np.ones_like(rgb[..., :1])], axis=2).astype(np.float32)


def filtered(image: np.ndarray, **parameters: Any) -> np.ndarray:
    found: np.ndarray = network_filter(image, **parameters)["picture"]
    return found


def drawing(rgb: np.ndarray) -> np.ndarray:
    """Return what `tinct_train.pencil` says of its network, by scipy."""
    luma = rgb.astype(np.float64) @ (0.299, 0.587, 0.114)
    around = ndimage.gaussian_filter(luma, 6.0, mode="nearest", radius=18)
    return np.minimum((luma + 0.02) / (around + 0.02), 1.0)


@pytest.mark.parametrize("size", [(1, 1), (3, 50), (64, 48)])
def test_the_pencil_has_a_closed_form(size: tuple[int, int]) -> None:
    rgb = photograph("coffee", size)
    found = filtered(opaque(rgb))
    for channel in range(3):
        np.testing.assert_allclose(found[..., channel], drawing(rgb), atol=1e-4)
    np.testing.assert_array_equal(found[..., 3], 1.0)


def test_strength_mixes() -> None:
    image = opaque(photograph("coffee", (32, 40)))
    whole = filtered(image)
    np.testing.assert_allclose(filtered(image, strength=0.5), (image + whole) / 2, atol=1e-6)
    np.testing.assert_array_equal(filtered(image, strength=0.0), image)


def test_pixels_nobody_sees_stay_and_draw_no_line() -> None:
    rgb = np.full((40, 60, 3), 0.5, np.float32)
    image = opaque(rgb)
    image[10:20, 10:30] = (0.0, 0.0, 0.0, 0.0)
    found = filtered(image)
    np.testing.assert_array_equal(found[10:20, 10:30], image[10:20, 10:30])
    np.testing.assert_allclose(found[image[..., 3] > 0][:, :3], 1.0, atol=1e-5)
    hidden = image.copy()
    hidden[..., 3] = 0.0
    np.testing.assert_array_equal(filtered(hidden), hidden)


def test_a_network_that_is_not_there_says_how_to_get_it() -> None:
    with pytest.raises(ModelMissingError, match="Run: tinct models fetch udnie") as caught:
        filtered(opaque(photograph("coffee", (8, 8))), model="udnie")
    assert caught.value.model == "udnie"


def test_a_cancel_ends_it() -> None:
    def progress(fraction: float, stage: str) -> None:
        if fraction > 0:
            raise Cancelled

    with pytest.raises(Cancelled):
        filtered(opaque(photograph("coffee", (64, 64))), context=Context(progress=progress))


def candy(name: str = "candy_nc16_256") -> dict[str, Any]:
    return {"model": "file", "file": shared_data("reference/onnx") / f"{name}.onnx"}


def test_candy_is_the_published_picture() -> None:
    folder = shared_data("reference/onnx")
    amber = np.asarray(Image.open(folder / "amber.jpg").convert("RGB"), np.float32) / 255
    published = Image.open(folder / "amber_candy_nc16.jpg")
    found = np.rint(filtered(opaque(amber), **candy())[..., :3] * 255).astype(np.uint8)
    saved = io.BytesIO()
    sampling = 2 if published.layer[0][1] == 2 else 0
    Image.fromarray(found).save(saved, "JPEG", qtables=published.quantization, subsampling=sampling)
    error = np.asarray(Image.open(saved), np.float64) - np.asarray(published, np.float64)
    assert 10 * np.log10(255**2 / np.mean(error**2)) >= 37.0


@pytest.mark.parametrize("size", [(1, 1), (3, 2), (61, 47), (16, 300)])
@pytest.mark.parametrize("name", ["candy_nc16_256", "mosaic_nc8_256"])
def test_styles_take_every_size(size: tuple[int, int], name: str) -> None:
    found = filtered(opaque(photograph("coffee", size)), **candy(name))
    assert found.shape == (*size, 4)
    assert np.isfinite(found).all()


def test_large_pictures_are_reduced_and_it_is_said(tmp_path: Path) -> None:
    pencil = find_manifest("pencil")
    values = tomllib.loads(pencil.path.read_text("utf-8")) | {"size": {"pixels_maximum": 3000}}
    (tmp_path / "pencil.toml").write_text(to_toml(values), "utf-8")
    (tmp_path / "pencil.onnx").write_bytes(weights_path(pencil).read_bytes())
    said: list[str] = []
    image = opaque(photograph("coffee", (100, 120)))
    limited = {"model": "file", "file": tmp_path / "pencil.toml"}
    found = filtered(image, **limited, context=Context(warn=said.append))
    assert found.shape == image.shape
    assert len(said) == 1
    assert "ran at 60 x 50 pixels" in said[0]
    assert np.abs(found - filtered(image)).mean() < 0.1


def test_a_picture_where_a_network_should_be_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "photo.onnx"
    Image.new("RGB", (4, 4)).save(path, "PNG")
    with pytest.raises(NetworkError, match="No manifest says how"):
        filtered(opaque(photograph("coffee", (8, 8))), model="file", file=path)
