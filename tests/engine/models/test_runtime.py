"""Running networks: what is refused at load, what a run gives, and that it can be stopped."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest

import onnx_maker as make
from onnx_maker import Node
from tinct.declare import Context
from tinct.errors import Cancelled, ModelMissingError, NetworkError
from tinct.models import runtime
from tinct.models.manifest import find_manifest
from tinct.models.runtime import Network, load, load_network, providers

from .conftest import SHAPE, Folder, negative

PIXELS = np.linspace(0, 1, 24, dtype=np.float32).reshape(1, 3, 2, 4)
ROUNDS = 20_000_000  # of a loop: more than anybody waits for


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runtime, "_networks", type(runtime._networks)())
    monkeypatch.setattr(runtime, "_hashes", {})


def installed(folder: Folder, content: bytes, **more: Any) -> Network:
    folder.install("toy", content, **more)
    return load("toy")


def endless() -> bytes:
    """Return a network that adds 0 again and again."""
    body = make.graph(
        [
            Node("Identity", ["going"], ["goes_on"]),
            Node("Add", ["value", "nothing"], ["next"]),
        ],
        {},
        {},
        {"nothing": np.zeros((1, 3, 2, 4), np.float32)},
    )
    body += make.encode_field(11, b"".join([make._text(1, "round"), _type(7, [])]))
    body += make.encode_field(11, b"".join([make._text(1, "going"), _type(9, [])]))
    body += make.encode_field(11, make.port("value", [1, 3, 2, 4]))
    body += make.encode_field(12, b"".join([make._text(1, "goes_on"), _type(9, [])]))
    body += make.encode_field(12, make.port("next", [1, 3, 2, 4]))
    return make.model(
        [Node("Loop", ["rounds", "", "picture"], ["result"], {"body": body})],
        {"picture": [1, 3, 2, 4]},
        {"result": [1, 3, 2, 4]},
        {"rounds": np.int64(ROUNDS)},
    )


def _type(number: int, shape: list[int]) -> bytes:
    axes = b"".join(make.encode_field(1, make.encode_field(1, size)) for size in shape)
    tensor = make.encode_field(1, number) + make.encode_field(2, axes)
    return make.encode_field(2, make.encode_field(1, tensor))


def test_a_run_gives_what_the_network_computes(folder: Folder) -> None:
    network = installed(folder, negative())
    found = network.run({"picture": PIXELS})
    np.testing.assert_array_equal(found["result"], 1 - PIXELS)
    assert network.provider in providers()


def test_open_axes_take_every_size(folder: Folder) -> None:
    network = installed(folder, negative())
    for size in ((1, 1), (5, 3), (64, 1)):
        picture = np.full((1, 3, *size), 0.25, np.float32)
        assert network.run({"picture": picture})["result"].shape == (1, 3, *size)


def test_a_network_is_loaded_once(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    first = installed(folder, negative())
    monkeypatch.setattr(runtime, "_open_session", None)
    assert load("toy") is first


def test_a_file_is_hashed_once_while_it_stays(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = folder.install("toy", negative())
    digest = runtime.file_sha256(path)
    assert digest == hashlib.sha256(negative()).hexdigest()
    monkeypatch.setattr(runtime.hashlib, "sha256", None)
    assert runtime.file_sha256(path) == digest


def test_a_file_changed_after_loading_is_refused(folder: Folder) -> None:
    path = folder.install("toy", negative())
    load("toy")
    path.write_bytes(negative(-2.0) + b"\x00")
    with pytest.raises(ModelMissingError, match="not the file that the manifest toy names"):
        load("toy")


@pytest.mark.parametrize(
    "content", [b"", b"<!doctype html><title>Sign in</title>", negative()[:-40], negative(-2.0)]
)
def test_another_file_than_the_manifest_names_is_refused(folder: Folder, content: bytes) -> None:
    path = folder.install("toy", negative())
    path.write_bytes(content)
    with pytest.raises(ModelMissingError) as raised:
        load("toy")
    assert "tinct models verify toy" in str(raised.value)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"<!doctype html><title>Sign in</title>", "web page"),
        (negative()[:-40], "cut off"),
        (b"version https://git-lfs.github.com/spec/v1", "git-lfs"),
    ],
)
def test_what_is_no_network_is_refused_even_when_its_hash_is_right(
    folder: Folder, content: bytes, words: str
) -> None:
    with pytest.raises(NetworkError, match=words):
        installed(folder, content)


def test_weights_in_other_files_are_refused(folder: Folder) -> None:
    outside = make.tensor("weights", np.zeros((3, 3, 1, 1), np.float32), external="/etc/hostname")
    graph = make.graph(
        [Node("Conv", ["picture", "weights"], ["result"])], {"picture": SHAPE}, {"result": SHAPE}
    ) + make.encode_field(5, outside)
    with pytest.raises(NetworkError, match="weights in other files"):
        installed(folder, make.whole(graph))


def test_operators_of_others_are_refused(folder: Folder) -> None:
    made = Node("Dream", ["picture"], ["result"], domain="org.example")
    content = make.model([made], {"picture": SHAPE}, {"result": SHAPE}, domains={"org.example": 1})
    with pytest.raises(NetworkError, match=r"org\.example"):
        installed(folder, content)


@pytest.mark.parametrize(
    ("ports", "words"),
    [
        ({"inputs": {"image": SHAPE}}, "has no input 'picture', but image"),
        ({"outputs": {"other": SHAPE}}, "has no output 'result', but other"),
        ({"inputs": {"picture": [1, 3, 64, "width"]}}, "1 x 3 x 64 x width, not 1 x 3 x height"),
        ({"inputs": {"picture": [1, 3, "height"]}}, "'picture' of shape"),
    ],
)
def test_tensors_unlike_the_manifest_s_are_named(
    folder: Folder, ports: dict[str, Any], words: str
) -> None:
    told: dict[str, Any] = {"inputs": {"picture": SHAPE}, "outputs": {"result": SHAPE}} | ports
    source, target = next(iter(told["inputs"])), next(iter(told["outputs"]))
    content = make.model([Node("Identity", [source], [target])], told["inputs"], told["outputs"])
    with pytest.raises(NetworkError) as raised:
        installed(folder, content)
    assert words in str(raised.value)
    assert "manifest toy" in str(raised.value)


def test_an_input_nobody_would_feed_is_named(folder: Folder) -> None:
    inputs = {"picture": SHAPE, "mood": SHAPE}
    content = make.model([Node("Add", list(inputs), ["result"])], inputs, {"result": SHAPE})
    with pytest.raises(NetworkError, match="also takes 'mood'"):
        installed(folder, content)


def test_another_type_is_named(folder: Folder) -> None:
    tensor = {"name": "picture", "dtype": "uint8", "shape": SHAPE, "space": "sRGB", "range": [0, 1]}
    with pytest.raises(NetworkError, match=r"'picture' as tensor\(float\), not uint8"):
        installed(folder, negative(), inputs=[tensor])


def test_another_opset_than_the_manifest_s_is_named(folder: Folder) -> None:
    with pytest.raises(NetworkError, match=r"opset 17, but the manifest toy says 13"):
        installed(folder, negative(), opset=13)


def test_an_opset_from_the_future_is_answered_with_what_to_do(folder: Folder) -> None:
    content = make.model(
        [Node("Identity", ["picture"], ["result"])],
        {"picture": SHAPE},
        {"result": SHAPE},
        opset=900,
    )
    with pytest.raises(NetworkError, match=r"opset 900, which onnxruntime .* update onnxruntime"):
        installed(folder, content, opset=900)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_an_output_that_is_not_a_number_is_refused(folder: Folder, value: float) -> None:
    network = installed(folder, negative())
    broken = PIXELS.copy()
    broken[0, 1, 1, 2] = value
    with pytest.raises(NetworkError, match=r"not numbers in 'result'.*\.$"):
        network.run({"picture": broken})


@pytest.mark.parametrize(
    ("feeds", "words"),
    [
        ({}, "got nothing"),
        ({"picture": PIXELS.astype(np.float64)}, "got float64"),
        ({"picture": PIXELS[0]}, "of 3 axes"),
        ({"picture": PIXELS[:, :2]}, "has 3 2; it must be 3"),
    ],
)
def test_unfit_feeds_are_refused(folder: Folder, feeds: Any, words: str) -> None:
    network = installed(folder, negative())
    with pytest.raises(NetworkError, match=words):
        network.run(feeds)


def test_cancel_ends_a_run_in_the_middle(folder: Folder) -> None:
    fixed = {"dtype": "float32", "shape": [1, 3, 2, 4], "space": "sRGB", "range": [0.0, 1.0]}
    network = installed(
        folder,
        endless(),
        inputs=[{"name": "picture", **fixed}],
        outputs=[{"name": "result", **fixed}],
    )

    @contextmanager
    def soon(stop: Callable[[], None]) -> Iterator[None]:
        timer = threading.Timer(0.2, stop)
        timer.start()
        yield
        timer.join()

    with pytest.raises(Cancelled):
        network.run({"picture": PIXELS}, context=Context(on_cancel=soon))


def test_a_cancel_before_the_run_ends_it_too(folder: Folder) -> None:
    network = installed(folder, negative())

    @contextmanager
    def at_once(stop: Callable[[], None]) -> Iterator[None]:
        stop()
        yield

    with pytest.raises(Cancelled):
        network.run({"picture": PIXELS}, context=Context(on_cancel=at_once))


def test_the_processor_is_always_there(monkeypatch: pytest.MonkeyPatch) -> None:
    import onnxruntime

    there = ["TensorrtExecutionProvider", "CUDAExecutionProvider", "CPUExecutionProvider"]
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: there)
    assert providers() == ["CUDAExecutionProvider", "CPUExecutionProvider"]
    monkeypatch.setenv("TINCT_DEVICE", "cpu")
    assert providers() == ["CPUExecutionProvider"]


def test_a_device_that_fails_is_replaced_by_the_processor(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    import onnxruntime

    real = onnxruntime.InferenceSession

    def open_session(data: bytes, options: Any, providers: list[str]) -> Any:
        if providers[0] == "CUDAExecutionProvider":
            raise RuntimeError("no device")
        return real(data, options, providers=providers)

    monkeypatch.setattr(onnxruntime, "InferenceSession", open_session)
    monkeypatch.setattr(
        runtime, "providers", lambda: ["CUDAExecutionProvider", "CPUExecutionProvider"]
    )
    assert installed(folder, negative()).provider == "CPUExecutionProvider"


def test_the_shipped_network_fits_its_manifest() -> None:
    network = load_network(find_manifest("tinct"))
    assert network.manifest.id == "tinct"
