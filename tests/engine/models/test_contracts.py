"""What a manifest may leave out of its file, and networks that are not what their manifest says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tinct.errors import ManifestError, ModelMissingError, NetworkError
from tinct.models.manifest import Manifest, read_manifest, weights_path
from tinct.models.runtime import load
from tinct.models.toml import to_toml

from .conftest import SHAPE, Folder, manifest_values, negative

TOY = negative()
NO_FILE = {"sha256": None, "bytes": None, "opset": None}


def read(folder: Path, **more: Any) -> Manifest:
    path = folder / "toy.toml"
    path.write_text(to_toml(manifest_values("toy", TOY, **more)), "utf-8")
    return read_manifest(path)


def test_a_contract_names_no_file_but_a_way_to_one(folder: Folder, tmp_path: Path) -> None:
    told = read(tmp_path, **NO_FILE, get="Convert it.")
    assert told.is_contract
    with pytest.raises(ModelMissingError, match=r"is not installed\. Convert it\.$"):
        weights_path(told)


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (NO_FILE, "toy.toml, sha256 must be given with bytes"),
        ({"sha256": None, "get": "Convert it."}, "sha256 must be given with bytes"),
        ({**NO_FILE, "get": "x", "url": "https://example.com/x"}, "sha256 must be given"),
        ({"bytes": None}, "bytes must be given with sha256, or megabytes"),
        ({"url": "ftp://example.com/net.onnx"}, "url must be of the form"),
        ({"url": "https://example.com/a b"}, "url must be of the form"),
        ({"sha256": "ABC"}, "sha256 must be of the form"),
        ({"size": {"written_for": [256]}}, r"size\.written_for must be a list of two numbers"),
        ({"size": {"written_for": [0, 9]}}, r"size\.written_for must be height and width"),
        ({"size": {"smallest": 0}}, r"size\.smallest must be 1 to"),
        ({"post": [{"step": "take", "tensor": "result"}]}, r"post\[0\]\.step must be one of scale"),
    ],
)
def test_half_a_file_is_refused(
    folder: Folder, tmp_path: Path, more: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(ManifestError, match=sentence):
        read(tmp_path, **more)


def test_scaling_may_come_before_and_after(folder: Folder, tmp_path: Path) -> None:
    scale = {"step": "scale", "multiply": 2, "add": 0.5}
    told = read(
        tmp_path,
        pre=[*manifest_values("toy", TOY)["pre"], {**scale, "tensor": "picture"}],
        post=[{**scale, "tensor": "result"}, *manifest_values("toy", TOY)["post"]],
    )
    assert [step.word for step in (*told.pre, *told.post)] == ["take", "scale", "scale", "picture"]
    assert told.pre[1].options == {"tensor": "picture", "multiply": 2.0, "add": 0.5}


TENSOR = {"dtype": "float32", "shape": SHAPE, "space": "sRGB", "range": [0.0, 1.0]}


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"opset": 16}, "has opset 17, but the manifest toy says 16"),
        ({"outputs": [{"name": "other", **TENSOR}], "post": []}, "has no output 'other'"),
        ({"outputs": [{"name": "result", **TENSOR, "shape": [1, 2, "height", "width"]}]}, "1 x 2"),
    ],
)
def test_a_network_that_is_not_what_its_manifest_says_is_not_run(
    folder: Folder, more: dict[str, Any], sentence: str
) -> None:
    folder.install("toy", TOY, **more)
    with pytest.raises(NetworkError, match=sentence):
        load("toy")


def test_an_opset_nobody_knows_is_not_compared(folder: Folder) -> None:
    folder.install("toy", TOY, opset=None)
    assert load("toy").manifest.opset == 0
