"""Manifests: what one says is taken over as it stands, and every fault is named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tinct.errors import ManifestError, ModelMissingError
from tinct.models import places
from tinct.models.manifest import (
    find_manifest,
    list_manifests,
    read_manifest,
    weights_path,
)
from tinct.models.toml import to_toml

from .conftest import Folder, manifest_values


def written(tmp_path: Path, **more: Any) -> Path:
    path = tmp_path / "toy.toml"
    path.write_text(to_toml(manifest_values("toy", b"content", **more)), "utf-8")
    return path


def test_shipped_manifest_is_read_as_it_stands() -> None:
    manifest = find_manifest("tinct")
    assert manifest.task == "colorize"
    assert manifest.size.short_side == 192
    assert manifest.size.short_side_range == (64, 512)
    assert manifest.size.multiple == 16
    logits = manifest.tensor("logits")
    assert logits is not None
    assert logits.shape == ("batch", 260, "quarter_height", "quarter_width")
    assert logits.range == (-1e4, 1e4)
    assert [step.word for step in manifest.pre] == ["resize-short-side", "rasterize-hints"]
    assert manifest.pre[1].options["tensors"] == ["hint_ab", "hint_mask"]
    assert manifest.distribution is not None
    assert manifest.distribution.centers[0] == (-90.0, 80.0)
    assert len(manifest.distribution.centers) == 260


def test_every_manifest_that_comes_along_can_be_read() -> None:
    shipped = places.shipped_root() / places.MANIFESTS
    found = [path for path in list_manifests() if path.parent == shipped]
    assert {path.stem for path in found} >= {"tinct", "eccv16"}
    for path in found:
        assert read_manifest(path).id == path.stem


@pytest.mark.parametrize(
    ("entry", "value", "words"),
    [
        ("id", "other", "id must be 'toy'"),
        ("title", "", "title must be a text that is not empty"),
        ("title", 3, "title must be a text"),
        ("task", "dream", "task must be one of colorize, filter"),
        ("file", "../toy.onnx", "file must be of the form"),
        ("file", "toy.exe", "file must be of the form"),
        ("bytes", 2**31, "bytes must be 0 to"),
        ("bytes", True, "bytes must be a whole number"),
        ("sha256", "12ab", "sha256 must be of the form"),
        ("opset", 0.5, "opset must be a whole number"),
        ("shipped", "yes", "shipped must be true or false"),
        ("mood", "blue", "mood must be left out"),
        ("inputs", [], "inputs must be a list of tables"),
        ("inputs", "all", "inputs must be a list"),
        ("size", {"short_side": 4097}, "short_side must be 0 to 4096"),
        ("size", {"short_side": 8, "short_side_range": [16, 32]}, "two sides"),
        ("size", {"fixed": [0, 4]}, "fixed must be height and width"),
        ("size", {"wide": 3}, "size.wide must be left out"),
        ("pre", [{"step": "shake"}], "step must be one of"),
        ("pre", [{"step": "take", "channels": "rgb"}], "tensor must be a text"),
        ("pre", [{"step": "take", "tensor": "picture", "channels": "cmyk"}], "channels must be"),
        ("pre", [{"step": "take", "tensor": "nose", "channels": "rgb"}], "not 'nose'"),
        ("pre", [{"step": "picture", "tensor": "result"}], "step must be one of"),
        ("post", [{"step": "picture", "tensor": "result", "how": 1}], "how must be left out"),
        ("distribution", {"step": 10, "centers": [[1]]}, "centers must be a list of pairs"),
    ],
)
def test_every_fault_is_named_with_what_is_allowed(
    tmp_path: Path, entry: str, value: Any, words: str
) -> None:
    with pytest.raises(ManifestError) as raised:
        read_manifest(written(tmp_path, **{entry: value}))
    assert words in str(raised.value)
    assert str(raised.value).startswith("In the manifest toy.toml, ")
    assert str(raised.value).endswith(".")


@pytest.mark.parametrize(
    ("entry", "value"),
    [("name", ""), ("dtype", "float8"), ("shape", [1, 0]), ("shape", [1.5]), ("range", [0])],
)
def test_faults_of_a_tensor_say_which_one(tmp_path: Path, entry: str, value: Any) -> None:
    tensor = manifest_values("toy", b"content")["inputs"][0] | {entry: value}
    with pytest.raises(ManifestError, match=rf"inputs\[0\]\.{entry} must be"):
        read_manifest(written(tmp_path, inputs=[tensor]))


def test_two_tensors_of_one_name_are_refused(tmp_path: Path) -> None:
    tensor = manifest_values("toy", b"content")["inputs"][0]
    with pytest.raises(ManifestError, match="distinct names"):
        read_manifest(written(tmp_path, inputs=[tensor, tensor]))


@pytest.mark.parametrize("content", [b"id = ", b"\xff\xfe", b"x" * (1 << 20) + b"yy"])
def test_what_is_no_toml_is_refused_in_one_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "toy.toml"
    path.write_bytes(content)
    with pytest.raises(ManifestError, match=r"toy\.toml.*\.$"):
        read_manifest(path)


def test_a_manifest_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match=r"nowhere\.toml cannot be read"):
        read_manifest(tmp_path / "nowhere.toml")


def test_an_unknown_network_is_answered_with_those_there_are() -> None:
    with pytest.raises(
        ModelMissingError, match=r"no network 'dream'.*tinct.*models list"
    ) as raised:
        find_manifest("dream")
    assert raised.value.data() == {"model": "dream", "hint": "Run: tinct models list"}


def test_a_missing_file_is_answered_with_the_command_that_fetches_it(folder: Folder) -> None:
    folder.publish("toy", b"content", url="https://example.org/toy.onnx")
    with pytest.raises(ModelMissingError, match=r"not installed.*tinct models fetch toy"):
        weights_path(find_manifest("toy"))


def test_the_user_s_folder_comes_first(folder: Folder) -> None:
    folder.publish("tinct", b"another one")
    assert find_manifest("tinct").title == "Toy tinct"
    assert [path.stem for path in list_manifests()].count("tinct") == 1


def test_a_wheel_holds_what_a_checkout_has_beside_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "site" / "tinct"
    (package / "_data" / "models" / "manifests").mkdir(parents=True)
    monkeypatch.setattr(places.tinct, "__file__", str(package / "__init__.py"))
    assert places.shipped_root() == (package / "_data" / "models").resolve()


def test_a_checkout_is_found_from_its_sources() -> None:
    root = places.shipped_root()
    assert (root / places.MANIFESTS / "tinct.toml").is_file()
    assert (root / places.WEIGHTS / "tinct.onnx").is_file()
