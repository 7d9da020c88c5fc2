"""What published networks are fed, and how their answers are read, by stand-ins with closed forms.

Each stand-in has the signature of the published network and one layer of known weights. Its right
answer is computed with scikit-image from the words of the authors, not with tinct's own code.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tomllib

from stand_ins import STAND_INS, expected_chroma, install
from support import photograph
from tinct.algorithms.rasterizing import LocalHints
from tinct.errors import ManifestError
from tinct.models.contracts import check_steps, has_steps
from tinct.models.manifest import find_manifest, list_manifests, read_manifest
from tinct.models.pipeline import predict_by_steps, takes_hints
from tinct.models.runtime import load
from tinct.models.toml import to_toml

from .conftest import Folder, manifest_values, negative

IDS = [*STAND_INS, "iizuka16"]
RED = np.array([1.0, 0.0, 0.0])  # Lab (53.24, 80.09, 67.20), luma 0.299


def opaque(rgb: np.ndarray) -> np.ndarray:
    return np.concatenate([rgb, np.ones_like(rgb[..., :1])], axis=2).astype(np.float32)


def predicted(id_: str, rgb: np.ndarray) -> np.ndarray:
    visible = np.ones(rgb.shape[:2], bool)
    return predict_by_steps(load(id_), opaque(rgb), visible).chroma


def size_of(id_: str) -> tuple[int, int]:
    return find_manifest(id_).size.fixed or (512, 512)


def test_every_published_colorizer_has_a_stand_in() -> None:
    manifests = [read_manifest(path) for path in list_manifests()]
    colorizers = [m.id for m in manifests if m.task == "colorize" and has_steps(m)]
    assert sorted(colorizers) == sorted(IDS)


@pytest.mark.parametrize("path", list_manifests(), ids=lambda path: path.stem)
def test_steps_make_sense_together(path: Path) -> None:
    manifest = read_manifest(path)
    if has_steps(manifest):
        check_steps(manifest)


@pytest.mark.parametrize("id_", IDS)
def test_a_photograph_gets_the_chroma_of_the_closed_form(
    folder: Folder, tmp_path: Path, id_: str
) -> None:
    install(id_, tmp_path)
    rgb = photograph("astronaut", size_of(id_)).astype(np.float64)
    found, expected = predicted(id_, rgb), expected_chroma(id_, rgb)
    assert found.shape == expected.shape
    assert np.abs(found - expected).max() < 0.02
    assert found.std() > 1.0


@pytest.mark.parametrize("id_", IDS)
@pytest.mark.parametrize("size", [(1, 1), (3, 200), (300, 217)])
def test_the_golden_pixel_arrives_at_every_size(
    folder: Folder, tmp_path: Path, id_: str, size: tuple[int, int]
) -> None:
    install(id_, tmp_path)
    found = predicted(id_, np.broadcast_to(RED, (*size, 3)))
    expected = expected_chroma(id_, np.broadcast_to(RED, (2, 2, 3)))[0, 0]
    assert np.abs(found - expected).max() < 0.02


OTHERWISE = {
    "lab-l": "luma",
    "lab-l-rgb": "luma-rgb",
    "luma": "lab-l",
    "luma-rgb": "rgb",
    "lab-gray-rgb": "rgb",
}


def altered(values: dict[str, Any]) -> Iterator[str]:
    """Alter one entry of the steps after another, and put it back."""
    for step in (*values["pre"], *values["post"]):
        for key in step.keys() & {"multiply", "add", "value", "channels"}:
            before = step[key]
            step[key] = OTHERWISE[before] if key == "channels" else before * 1.1 + 1.0
            yield f"{step['step']} {key}"
            step[key] = before


@pytest.mark.parametrize("id_", IDS)
def test_any_altered_entry_shows(folder: Folder, tmp_path: Path, id_: str) -> None:
    told = install(id_, tmp_path)
    rgb = photograph("astronaut", size_of(id_)).astype(np.float64)
    expected = expected_chroma(id_, rgb)
    values = tomllib.loads(told.path.read_text("utf-8"))
    entries = []
    for entry in altered(values):
        told.path.write_text(to_toml(values), "utf-8")
        assert np.abs(predicted(id_, rgb) - expected).max() > 0.02, entry
        entries.append(entry)
    assert "take channels" in entries


GOLDEN = {
    # by hand, from L 53.24 and luma 0.299
    "eccv16": (0.5 * 53.24 - 20, -0.3 * 53.24 + 10),
    "chromagan": (255 * (0.17 * 0.5324 + 0.45) - 128, 255 * (-0.09 * 0.5324 + 0.6) - 128),
    "instcolorization": (
        110 * (0.2 * 0.0324 - 0.3 * 0.5 + 0.1),
        110 * (-0.1 * 0.0324 + 0.2 * 0.5 - 0.05),
    ),
    "iizuka16": (200 * (0.5 * 0.299 + 0.3) - 100, 200 * (1 - 0.299) - 100),
}


@pytest.mark.parametrize("id_", GOLDEN)
def test_the_golden_pixel_by_hand(folder: Folder, tmp_path: Path, id_: str) -> None:
    install(id_, tmp_path)
    found = predicted(id_, np.broadcast_to(RED, (8, 8, 3)))
    assert found[0, 0] == pytest.approx(GOLDEN[id_], abs=0.02)


def test_a_stretched_picture_is_stretched_back(folder: Folder, tmp_path: Path) -> None:
    install("eccv16", tmp_path)
    halves = np.zeros((64, 640, 3))
    halves[:, 320:] = 1.0
    found = predicted("eccv16", halves)
    assert found.shape == (256, 256, 2)
    assert found[:, :126] == pytest.approx(np.broadcast_to((-20, 10), (256, 126, 2)), abs=0.1)
    assert found[:, 130:] == pytest.approx(np.broadcast_to((30, -20), (256, 126, 2)), abs=0.1)


def test_hints_arrive_exactly(folder: Folder, tmp_path: Path) -> None:
    install("siggraph17-hints", tmp_path)
    network = load("siggraph17-hints")
    assert takes_hints(network.manifest)
    rgb = np.full((256, 256, 3), 0.5)
    chroma = np.zeros((256, 256, 2), np.float32)
    mask = np.zeros((256, 256), bool)
    chroma[10:17, 20:27], mask[10:17, 20:27] = (40, -25), True
    chroma[100, 100] = (99, 99)  # no hint: its mask is 0
    visible = np.ones(mask.shape, bool)
    plain = predict_by_steps(network, opaque(rgb), visible).chroma
    hinted = predict_by_steps(network, opaque(rgb), visible, LocalHints(chroma, mask)).chroma
    difference = hinted - plain
    np.testing.assert_allclose(difference[mask], [[40 + 5, -25 - 7]] * 49, atol=1e-3)
    np.testing.assert_array_equal(difference[~mask], 0.0)


def test_pixels_nobody_sees_count_for_nothing(folder: Folder, tmp_path: Path) -> None:
    install("eccv16", tmp_path)
    image = opaque(np.full((256, 256, 3), 0.5))
    image[:100, :100] = (0.0, 1.0, 0.0, 0.0)
    found = predict_by_steps(load("eccv16"), image, image[..., 3] > 0).chroma
    assert np.ptp(found, axis=(0, 1)).max() < 1e-3
    hidden = predict_by_steps(load("eccv16"), image, np.zeros((256, 256), bool)).chroma
    assert np.isfinite(hidden).all()


STEP = {"step": "take", "tensor": "picture", "channels": "rgb"}
BROKEN = {
    "no step makes the input": {"pre": []},
    "comes before what makes": {
        "pre": [{"step": "scale", "tensor": "picture", "multiply": 1.0, "add": 0.0}, STEP]
    },
    "and 'picture' has others": {"pre": [{**STEP, "channels": "luma"}]},
    "needs 'picture' to have fixed sides": {
        "pre": [STEP, {"step": "resize-tensor", "tensor": "picture", "filter": "bilinear"}]
    },
    "there must be one of picture": {"post": []},
    "must be an output": {"post": [{"step": "picture", "tensor": "picture"}]},
    "after the network must name 'result'": {
        "post": [
            {"step": "scale", "tensor": "picture", "multiply": 1.0, "add": 0.0},
            {"step": "picture", "tensor": "result"},
        ]
    },
}


@pytest.mark.parametrize("sentence", BROKEN)
def test_steps_that_cannot_be_carried_out_are_refused(tmp_path: Path, sentence: str) -> None:
    values = manifest_values("toy", negative(), **BROKEN[sentence])
    path = tmp_path / "toy.toml"
    path.write_text(to_toml(values), "utf-8")
    with pytest.raises(ManifestError, match=sentence) as caught:
        check_steps(read_manifest(path))
    assert "toy.toml" in str(caught.value)
