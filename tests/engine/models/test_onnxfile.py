"""ONNX files as untrusted input: what they say is read, what reaches beyond them is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import onnx_maker as make
from onnx_maker import Node
from support import shared_data
from tinct.errors import FileError, NetworkError
from tinct.models.onnxfile import Port, inspect_bytes, inspect_file
from tinct.models.places import shipped_root
from tinct.models.wire import encode_field

SQUARE = {"x": [1, 3, "height", 8]}
ADD = Node("Add", ["x", "one"], ["y"])
ONE = {"one": np.float32(1)}
PLAIN = make.model([ADD], SQUARE, {"y": [1, 3, "height", 8]}, ONE)


def graph_with(extra: bytes) -> bytes:
    return make.whole(make.graph([ADD], SQUARE, {"y": [1, 3, "height", 8]}, ONE) + extra)


def test_facts_are_those_of_the_file() -> None:
    facts = inspect_bytes(PLAIN, "net.onnx")
    assert (facts.ir_version, facts.opset) == (8, 17)
    assert facts.inputs == (Port("x", "float32", (1, 3, "height", 8)),)
    assert facts.outputs == (Port("y", "float32", (1, 3, "height", 8)),)
    assert facts.operators == {("ai.onnx", "Add")}


def test_facts_agree_with_onnxruntime() -> None:
    import onnxruntime

    path = shipped_root() / "weights" / "tinct.onnx"
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    facts = inspect_file(path)
    for ours, theirs in (
        (facts.inputs, session.get_inputs()),
        (facts.outputs, session.get_outputs()),
    ):
        assert [(p.name, list(p.shape)) for p in ours] == [(p.name, p.shape) for p in theirs]


def test_weights_that_old_files_list_as_inputs_are_none() -> None:
    facts = inspect_file(shared_data("reference/onnx") / "candy_nc16_256.onnx")
    assert facts.inputs == (Port("input.1", "float32", (1, 3, 256, 256)),)
    assert (facts.ir_version, facts.opset) == (3, 9)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty"),
        (b"<!DOCTYPE html><html><body>Not found", "is a web page"),
        (b"\xef\xbb\xbf  <html>", "is a web page"),
        (b'{"error": "denied"}', "is JSON"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:1\n", "a pointer of git-lfs"),
        (b"PK\x03\x04zip", "convert it to ONNX"),
        (b"\x80\x02}q\x00.", "Python pickle"),
        (b"\x93NUMPY\x01\x00", "an array of numpy"),
        (b"\xff\xd8\xff\xe0JFIF", "is not ONNX"),
        (b"Just words.", "is not ONNX"),
        (PLAIN[:-1], "is not ONNX, or was cut off"),
        (PLAIN[: len(PLAIN) // 2], "is not ONNX, or was cut off"),
        (encode_field(1, 8), "is not ONNX, or was cut off"),
    ],
)
def test_other_files_are_named_for_what_they_are(
    content: bytes, sentence: str, tmp_path: Path
) -> None:
    path = tmp_path / "net.onnx"
    path.write_bytes(content)
    with pytest.raises(NetworkError, match=sentence) as caught:
        inspect_file(path)
    assert str(caught.value).startswith("net.onnx")
    assert str(caught.value).endswith(".")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"gone\.onnx cannot be read"):
        inspect_file(tmp_path / "gone.onnx")


HIDDEN = make.tensor("w", np.zeros(4, np.float32), external="../../secret.bin")


@pytest.mark.parametrize(
    "extra",
    [
        encode_field(5, HIDDEN),
        encode_field(15, encode_field(1, HIDDEN)),
        encode_field(1, encode_field(4, b"Constant") + encode_field(5, encode_field(5, HIDDEN))),
        encode_field(1, encode_field(4, b"Constant") + encode_field(5, encode_field(10, HIDDEN))),
        encode_field(
            1,
            encode_field(4, b"If")
            + encode_field(5, encode_field(6, encode_field(5, HIDDEN))),  # inside a branch
        ),
    ],
    ids=["weights", "sparse", "constant", "constants", "branch"],
)
def test_weights_in_other_files_are_refused_wherever_they_hide(extra: bytes) -> None:
    with pytest.raises(NetworkError, match="keeps weights in other files"):
        inspect_bytes(graph_with(extra), "net.onnx")


def test_operators_of_others_are_refused() -> None:
    foreign = Node("Shell", ["x"], ["z"], domain="com.example")
    data = make.model([ADD, foreign], SQUARE, {"y": [1, 3, "height", 8]}, ONE)
    with pytest.raises(NetworkError, match=r"operators of 'com\.example'"):
        inspect_bytes(data, "net.onnx")
    declared = make.model([ADD], SQUARE, {"y": [1]}, ONE, domains={"com.example": 1})
    with pytest.raises(NetworkError, match=r"operators of 'com\.example'"):
        inspect_bytes(declared, "net.onnx")


def test_operators_of_functions_are_looked_at_too() -> None:
    inner = make.node(Node("Shell", ["x"], ["z"], domain="com.example"))
    data = PLAIN + encode_field(25, encode_field(1, b"f") + encode_field(7, inner))
    with pytest.raises(NetworkError, match=r"operators of 'com\.example'"):
        inspect_bytes(data, "net.onnx")


def test_compiled_programs_are_refused() -> None:
    context = Node("EPContext", ["x"], ["y"], {"ep_cache_context": "x.bin"}, "com.microsoft")
    data = make.model([context], SQUARE, {"y": [1]}, domains={"com.microsoft": 1})
    with pytest.raises(NetworkError, match="holds a compiled program"):
        inspect_bytes(data, "net.onnx")


def test_training_is_refused() -> None:
    with pytest.raises(NetworkError, match="carries training"):
        inspect_bytes(PLAIN + encode_field(20, b""), "net.onnx")


def test_graphs_without_end_are_refused() -> None:
    inner = b""
    for _ in range(500):
        inner = make.node(Node("If", ["c"], ["z"], {"then_branch": encode_field(1, inner)}))
    with pytest.raises(NetworkError, match="not ONNX"):
        inspect_bytes(graph_with(encode_field(1, inner)), "net.onnx")


@given(
    cut=st.integers(0, len(PLAIN)), place=st.integers(0, len(PLAIN) - 1), byte=st.integers(0, 255)
)
def test_no_bytes_do_more_than_be_refused(cut: int, place: int, byte: int) -> None:
    broken = bytearray(PLAIN)
    broken[place] = byte
    for data in (bytes(broken), PLAIN[:cut]):
        try:
            inspect_bytes(data, "net.onnx")
        except NetworkError as error:
            assert str(error).endswith(".")  # noqa: PT017 - either is right, but nothing else is
