"""Published networks chosen in the operations: their colors in the finished picture."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from scipy import ndimage
from skimage import color

from onnx_maker import affine
from stand_ins import LUMA, STAND_INS, expected_chroma, install
from support import photograph
from tinct.catalog import find_operation
from tinct.declare import Context
from tinct.errors import ModelMissingError, ParameterError
from tinct.models.adding import add_file
from tinct.models.contracts import has_steps
from tinct.models.manifest import find_manifest, list_manifests, read_manifest
from tinct.models.pipeline import takes_hints
from tinct.operations import network_filter
from tinct.operations.auto_colorize import auto_colorize
from tinct.pixels import Picture
from tinct.run import run_operation

from .conftest import Folder

IDS = [*STAND_INS, "iizuka16"]
YIQ = np.array([LUMA, (0.596, -0.274, -0.322), (0.211, -0.523, 0.312)])  # NTSC


def gray_photograph(size: tuple[int, int]) -> np.ndarray:
    # between dark and light, where colors have room
    luma = 0.3 + 0.4 * (photograph("astronaut", size).astype(np.float64) @ LUMA)
    return np.repeat(luma[..., np.newaxis], 3, axis=2)


def opaque(rgb: np.ndarray) -> np.ndarray:
    return np.concatenate([rgb, np.ones_like(rgb[..., :1])], axis=2).astype(np.float32)


def colorized(rgb: np.ndarray, **parameters: Any) -> np.ndarray:
    found: np.ndarray = auto_colorize(opaque(rgb), **parameters)["colors"]
    return found[..., :3]


def run(id_: str, given: dict[str, Any], **parameters: Any) -> np.ndarray:
    operation = find_operation(id_)
    found = run_operation(operation, given, parameters, context=Context())["colors"].pixels
    return np.asarray(found)


def painted(rgb: np.ndarray, chroma: np.ndarray) -> np.ndarray:
    """Return a gray picture in (a, b), with its own luma: by scikit-image and the NTSC matrix."""
    lab = color.rgb2lab(rgb)
    lab[..., 1:] = chroma
    yiq = color.lab2rgb(lab) @ YIQ.T
    yiq[..., 0] = rgb[..., 0]
    found: np.ndarray = yiq @ np.linalg.inv(YIQ).T
    return found


def choices(id_: str) -> list[str]:
    (model,) = [p for p in find_operation(id_).parameters if p.name == "model"]
    return list(model.choices)


def test_every_network_there_is_a_manifest_of_can_be_chosen() -> None:
    told = [read_manifest(path) for path in list_manifests()]
    colorizers = {m.id for m in told if m.task == "colorize"}
    assert set(choices("auto-colorize")) == colorizers | {"file"}
    hinted = {m.id for m in told if m.task == "colorize" and (not has_steps(m) or takes_hints(m))}
    assert set(choices("hint-colorize")) == hinted | {"file"}
    filters = {m.id for m in told if m.task == "filter"}
    assert set(choices("network-filter")) == filters | {"file"}
    assert set(get_args(network_filter.Model)) == filters | {"file"}


@pytest.mark.parametrize("id_", IDS)
def test_the_finished_picture_has_the_colors_of_the_closed_form(
    folder: Folder, tmp_path: Path, id_: str
) -> None:
    install(id_, tmp_path)
    size = find_manifest(id_).size.fixed or (512, 512)
    rgb = gray_photograph(size)
    if id_ == "iizuka16":  # its answer is half the size, and is compared there
        rgb = ndimage.gaussian_filter(rgb, (8, 8, 0))
    chroma = expected_chroma(id_, rgb)
    found = colorized(rgb, model=id_, follow_edges=False)
    if id_ == "iizuka16":
        shrink = (size[0] // 2, 2, size[1] // 2, 2, 3)
        rgb, found = (part.reshape(shrink).mean(axis=(1, 3)) for part in (rgb, found))
    expected = painted(rgb, chroma)
    lab = color.rgb2lab(rgb)
    lab[..., 1:] = chroma
    # where sRGB has the color, at the lightness of the gray and at its luma
    back = color.rgb2lab(color.lab2rgb(lab))
    inside = np.abs(back - lab).max(axis=2) < 0.5
    inside &= ((expected > 0.01) & (expected < 0.99)).all(axis=2)
    assert inside.mean() > 0.3
    assert np.abs(found - expected)[inside].max() < 0.02
    assert np.abs(found @ LUMA - rgb[..., 0]).max() < 0.01


def test_edges_are_followed_or_crossed_as_published(folder: Folder, tmp_path: Path) -> None:
    install("eccv16", tmp_path)
    rgb = np.full((300, 1200, 3), 0.3)
    rgb[:, 590:] = 0.7  # 590 lies in a cell of the network that has both
    spilled = []
    for follow in (False, True):
        found = colorized(rgb, model="eccv16", follow_edges=follow)[150]
        flat = np.where(np.arange(1200)[:, np.newaxis] < 590, found[100], found[1100])
        spilled.append(np.abs(found - flat)[580:600].sum())
    assert spilled[1] < spilled[0] / 2


def test_a_file_of_the_users_own_is_chosen_by_its_id(folder: Folder, tmp_path: Path) -> None:
    shapes = {"x": [1, 1, 256, 256]}
    path = tmp_path / "mine.onnx"
    path.write_bytes(affine(shapes, "y", [1, 2, 256, 256], [[0.0], [0.0]], [30.0, -20.0]))
    add_file(path, like="eccv16", id_="mine")
    rgb = np.full((40, 60, 3), 0.5)
    found = colorized(rgb, model="file", file=Path("mine"))
    expected = painted(rgb, np.broadcast_to((30.0, -20.0), (40, 60, 2)))
    np.testing.assert_allclose(found, expected, atol=0.01)


@pytest.mark.parametrize("size", [(1, 1), (7, 5), (48, 64)])
@pytest.mark.parametrize("id_", ["eccv16", "iizuka16", "deoldify"])
def test_every_picture_survives(
    folder: Folder, tmp_path: Path, id_: str, size: tuple[int, int]
) -> None:
    install(id_, tmp_path)
    pixels = np.rint(opaque(photograph("coffee", size)) * 65535).astype(np.uint16)
    pixels[0, 0, 3] = 0
    given = {"image": Picture(pixels, "rgba", "srgb")}
    found = run("auto-colorize", given, model=id_)
    assert found.dtype == np.uint16
    assert found.shape == pixels.shape
    np.testing.assert_array_equal(found[0, 0], pixels[0, 0])


def test_one_answer_is_said_to_be_one(folder: Folder, tmp_path: Path) -> None:
    install("eccv16", tmp_path)
    said: list[str] = []
    image = opaque(gray_photograph((20, 20)))
    auto_colorize(image, model="eccv16", seed=3, context=Context(warn=said.append))
    assert said == ["The network eccv16 has one answer only; it gave that."]


def test_what_is_not_installed_says_how_to_get_it(folder: Folder) -> None:
    rgb = gray_photograph((8, 8))
    with pytest.raises(ModelMissingError, match="Run: tinct models fetch eccv16"):
        colorized(rgb, model="eccv16")
    with pytest.raises(ModelMissingError, match="publish PyTorch weights only"):
        colorized(rgb, model="ddcolor")
    with pytest.raises(ParameterError, match="'pencil' is one to filter, not to colorize"):
        colorized(rgb, model="file", file=Path("pencil"))


def test_published_hints_color_where_they_lie(folder: Folder, tmp_path: Path) -> None:
    install("siggraph17-hints", tmp_path)
    pixels = np.full((256, 256, 3), 128, np.uint8)
    strokes = np.zeros((256, 256, 4), np.uint8)
    strokes[100:110, 100:110] = (200, 40, 40, 255)
    given = {
        "image": Picture(pixels, "rgb", "srgb"),
        "scribbles": Picture(strokes, "rgba", "srgb"),
    }
    found = run("hint-colorize", given, model="siggraph17-hints")
    red = found[104, 104].astype(int)
    assert red[0] - red[1:].max() > 40
    far = found[20, 20].astype(int)
    assert np.ptp(far) < 40
