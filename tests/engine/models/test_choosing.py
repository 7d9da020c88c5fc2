"""Which network two parameters name."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from support import shared_data
from tinct.errors import FileError, ModelMissingError, NetworkError, ParameterError
from tinct.models.choosing import choose_network
from tinct.models.pipeline import filter_picture

from .conftest import Folder, negative

TOY, OTHER = negative(), negative(-0.5)
PICTURE = np.random.default_rng(0).uniform(0, 1, (4, 6, 3)).astype(np.float32)


def result(model: str, file: Path | None = None) -> np.ndarray:
    return filter_picture(choose_network(model, file, "filter"), PICTURE)


def test_a_network_by_its_id(folder: Folder) -> None:
    folder.install("toy", TOY)
    np.testing.assert_allclose(result("toy"), 1 - PICTURE, atol=1e-6)
    np.testing.assert_allclose(result("file", Path("/anywhere/toy")), 1 - PICTURE, atol=1e-6)


def test_a_file_that_a_manifest_names_lies_anywhere(folder: Folder, tmp_path: Path) -> None:
    folder.publish("toy", TOY)
    lying = tmp_path / "downloads" / "some name.onnx"
    lying.parent.mkdir()
    lying.write_bytes(TOY)
    np.testing.assert_allclose(result("file", lying), 1 - PICTURE, atol=1e-6)
    with pytest.raises(ModelMissingError, match="is not installed"):
        result("toy")


def test_a_file_with_its_manifest_beside_it(folder: Folder, tmp_path: Path) -> None:
    beside = Folder(tmp_path / "elsewhere")
    weights = beside.install("mine", OTHER)
    expected = 1 - 0.5 * PICTURE
    np.testing.assert_allclose(result("file", weights), expected, atol=1e-6)
    flat = tmp_path / "flat"
    flat.mkdir()
    for path in (weights, beside.path / "manifests" / "mine.toml"):
        path.rename(flat / path.name)
    np.testing.assert_allclose(result("file", flat / "mine.onnx"), expected, atol=1e-6)
    np.testing.assert_allclose(result("file", flat / "mine.toml"), expected, atol=1e-6)
    (flat / "mine.onnx").write_bytes(TOY)
    with pytest.raises(NetworkError, match="No manifest says how"):
        result("file", flat / "mine.onnx")
    with pytest.raises(ModelMissingError, match="is not the file that the manifest mine names"):
        result("file", flat / "mine.toml")


def test_what_cannot_be_chosen_is_one_sentence(folder: Folder, tmp_path: Path) -> None:
    stray = tmp_path / "stray.onnx"
    stray.write_bytes(TOY)
    with pytest.raises(NetworkError, match=r"tinct models add stray\.onnx --like ID"):
        result("file", stray)
    with pytest.raises(ParameterError, match="Choose a network's file"):
        result("file")
    with pytest.raises(FileError, match=r"gone\.onnx cannot be read"):
        result("file", tmp_path / "gone.onnx")
    with pytest.raises(ModelMissingError, match="There is no network 'nothing'"):
        result("file", Path("nothing"))
    with pytest.raises(ParameterError, match="'tinct' is one to colorize, not to filter"):
        result("tinct")
    with pytest.raises(ModelMissingError, match="Run: tinct models fetch candy"):
        result("candy")


def test_a_published_file_is_known_wherever_it_lies(folder: Folder) -> None:
    network = choose_network(
        "file", shared_data("reference/onnx") / "candy_nc16_256.onnx", "filter"
    )
    assert network.manifest.id == "candy"
