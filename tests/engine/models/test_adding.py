"""A file of the user's own gets a manifest that fits it, or one sentence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import onnx_maker as make
from tinct.errors import NetworkError, ParameterError
from tinct.models.adding import add_file
from tinct.models.manifest import find_manifest
from tinct.models.pipeline import filter_picture
from tinct.models.runtime import load
from tinct.models.store import verify_model
from tinct.models.wire import encode_field

from .conftest import SHAPE, Folder, negative

TOY = negative()
OPEN = [1, 1, "h", "w"]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "My Net (2).onnx"
    path.write_bytes(TOY)
    return path


def test_a_file_like_a_known_one_is_kept_and_runs(folder: Folder, file: Path) -> None:
    told = add_file(file, like="pencil", id_="mine", title="Mine", licence="my own")
    assert folder.files() == ["manifests/mine.toml", "weights/mine.onnx"]
    assert (told.id, told.title, told.licence, told.task) == ("mine", "Mine", "my own", "filter")
    assert not told.shipped
    assert told.opset == 17
    assert verify_model("mine") == folder.path / "weights" / "mine.onnx"
    picture = np.random.default_rng(0).uniform(0, 1, (5, 7, 3)).astype(np.float32)
    result = filter_picture(load("mine"), picture)
    np.testing.assert_allclose(result, 1 - picture, atol=1e-6)


def test_tensors_of_other_names_are_told_to_the_steps(folder: Folder, file: Path) -> None:
    told = add_file(file, like="pencil", id_="mine")
    assert [tensor.name for tensor in (*told.inputs, *told.outputs)] == ["picture", "result"]
    assert [step.options["tensor"] for step in (*told.pre, *told.post)] == ["picture", "result"]


def test_a_file_whose_hash_is_known_needs_no_like(folder: Folder, file: Path) -> None:
    folder.publish("toy", TOY)
    assert add_file(file).id == "toy"
    assert folder.files() == ["manifests/toy.toml", "weights/toy.onnx"]
    assert verify_model("toy")


def test_an_unknown_file_needs_a_like(folder: Folder, file: Path) -> None:
    with pytest.raises(ParameterError, match=r"No manifest names My Net .*--like ID"):
        add_file(file)
    assert folder.files() == []


def contract(**more: Any) -> dict[str, Any]:
    """Return a conversion's tensors, those of siggraph17-hints unless told otherwise."""
    inputs = {"a": [1, 1, 128, 128], "b": [1, 2, 128, 128], "c": [1, 1, 128, 128]}
    return {"inputs": inputs | more, "output": "out", "shape": [1, 2, 128, 128]}


def converted(tmp_path: Path, told: dict[str, Any]) -> Path:
    channels = sum(int(shape[1]) for shape in told["inputs"].values())
    path = tmp_path / "net.onnx"
    path.write_bytes(
        make.affine(
            told["inputs"], told["output"], told["shape"], np.ones((2, channels)), np.zeros(2)
        )
    )
    return path


def test_a_conversion_takes_the_place_of_its_contract(folder: Folder, tmp_path: Path) -> None:
    told = add_file(converted(tmp_path, contract()), like="siggraph17-hints")
    assert (told.id, told.size.fixed) == ("siggraph17-hints", (128, 128))
    assert find_manifest("siggraph17-hints") == told
    assert told.pre[2].options["tensors"] == ["b", "c"]
    assert not told.is_contract
    assert not told.get


def test_open_sizes_stay_open(folder: Folder, tmp_path: Path) -> None:
    shapes = {"a": OPEN, "b": [1, 2, "h", "w"], "c": OPEN}
    made = converted(tmp_path, contract(**shapes) | {"shape": [1, 2, "h", "w"]})
    told = add_file(made, like="siggraph17-hints")
    assert told.size.fixed == (256, 256)
    assert told.inputs[0].shape == (1, 1, 256, 256)


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"d": [1, 1, 128, 128]}, r"has 4 inputs and siggraph17-hints has 3"),
        ({"b": [1, 3, 128, 128]}, r"'b' as float32 1x3x128x128 where siggraph17-hints has float32"),
        ({"b": [2, 2, 128, 128]}, r"'b' as float32 2x2x128x128"),
        ({"b": [1, 2, 128]}, r"'b' as float32 1x2x128 where"),
    ],
)
def test_other_tensors_are_refused(
    folder: Folder, tmp_path: Path, more: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(NetworkError, match=sentence):
        add_file(converted(tmp_path, contract(**more)), like="siggraph17-hints")
    assert folder.files() == []


def test_fixed_sizes_are_refused_where_any_size_comes(folder: Folder, tmp_path: Path) -> None:
    shape = [1, 3, 64, 64]
    path = tmp_path / "net.onnx"
    path.write_bytes(make.affine({"x": shape}, "y", shape, np.eye(3), np.zeros(3)))
    with pytest.raises(NetworkError, match=r"1x3x64x64 where pencil has float32 1x3xheightxwidth"):
        add_file(path, like="pencil", id_="mine")


@pytest.mark.parametrize(
    ("id_", "sentence"),
    [
        ("pencil", "There is a network 'pencil' already; choose another id with --id"),
        ("taken", "run: tinct models remove taken"),
        ("../escape", r"'\.\./escape' is no id"),
        ("Up", "is no id"),
        ("x" * 65, "use up to 64 lower-case letters"),
    ],
)
def test_ids_that_will_not_do_are_refused(
    folder: Folder, file: Path, id_: str, sentence: str
) -> None:
    folder.install("taken", negative(-0.5))
    before = folder.files()
    with pytest.raises(ParameterError, match=sentence):
        add_file(file, like="pencil", id_=id_)
    assert folder.files() == before


def test_what_onnxruntime_cannot_load_leaves_nothing(folder: Folder, tmp_path: Path) -> None:
    path = tmp_path / "net.onnx"
    nodes = [make.Node("NoSuchOperator", ["x"], ["y"])]
    path.write_bytes(make.model(nodes, {"x": SHAPE}, {"y": SHAPE}))
    with pytest.raises(NetworkError, match=r"cannot load mine\.onnx"):
        add_file(path, like="pencil", id_="mine")
    newer = make.affine({"x": SHAPE}, "y", SHAPE, np.eye(3), np.zeros(3)).replace(
        encode_field(2, 17), encode_field(2, 99)
    )
    path.write_bytes(newer)
    with pytest.raises(NetworkError, match="opset 99, which onnxruntime"):
        add_file(path, like="pencil", id_="mine")
    assert folder.files() == []


def test_a_network_of_many_pictures_at_once_is_fed_one(folder: Folder, tmp_path: Path) -> None:
    shape = ["batch", 3, "h", "w"]
    path = tmp_path / "net.onnx"
    path.write_bytes(make.affine({"x": shape}, "y", shape, np.eye(3), np.zeros(3)))
    assert add_file(path, like="pencil", id_="mine").inputs[0].shape == (1, 3, "height", "width")


def test_a_cancel_while_reading_leaves_nothing(folder: Folder, file: Path) -> None:
    def progress(fraction: float, stage: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        add_file(file, like="pencil", id_="mine", progress=progress)
    assert folder.files() == []
