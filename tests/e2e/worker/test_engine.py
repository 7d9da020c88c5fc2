"""The client with the real worker: pixels there and back, cancel, death, restart, previews."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tinct import catalog
from tinct_client import errors, launch, process
from tinct_client.buffers import Exchange
from tinct_client.process import Engine, Latest, Outcome
from tinct_client.protocol import DTYPE_BYTES, LAYOUT_CHANNELS
from tinct_client.rpc import Call


def wait_for(engine: Engine, condition: Callable[[], Any]) -> None:
    while not condition():
        engine.poll(1.0)


def start_long(engine: Engine, manner: str = "") -> Call:
    """Return a call that has begun and would take a minute."""
    picture = engine.exchange.write(bytes(4), 1, 1)
    if manner:
        call = engine.submit_run("misbehave", {"image": picture}, {"manner": manner})
    else:
        call = engine.submit_run("identity", {"image": picture}, {"seconds": 60})
    wait_for(engine, lambda: call.stage)
    return call


@pytest.mark.parametrize("layout", sorted(set(LAYOUT_CHANNELS) - {"mask"}))
@pytest.mark.parametrize("dtype", sorted(DTYPE_BYTES))
def test_pixels_come_back_as_they_went(engine: Engine, layout: str, dtype: str) -> None:
    channels = LAYOUT_CHANNELS[layout]
    raw = np.random.default_rng(1).random((5, 7, channels))
    pixels = (raw * 255).astype(dtype) if dtype.startswith("u") else raw.astype(dtype)
    picture = engine.exchange.write(pixels.tobytes(), 5, 7, layout, dtype)
    outcome = engine.run("identity", {"image": picture}, {})
    result = outcome.outputs["colors"]
    assert result.dtype == dtype
    assert result.shape[:2] == (5, 7)
    got = np.frombuffer(engine.exchange.read(result), dtype).reshape(result.shape)
    if result.layout == layout:
        np.testing.assert_array_equal(got, pixels)
    else:  # gray widens to color
        np.testing.assert_array_equal(got[..., :3], pixels[..., :1].repeat(3, axis=2))


def test_padded_rows_and_chunks(engine: Engine) -> None:
    pixels = np.arange(3 * 5 * 4, dtype=np.uint8).reshape(3, 20)
    padded = np.pad(pixels, ((0, 0), (0, 12)), constant_values=77)
    picture = engine.exchange.write(iter(padded), 3, 5, row_stride=32)  # type: ignore[arg-type]
    outcome = engine.run("identity", {"image": picture}, {})
    assert b"".join(engine.exchange.strips(outcome.outputs["colors"], 2)) == pixels.tobytes()


def test_region_and_outside_travel(engine: Engine) -> None:
    image = engine.exchange.write(bytes([9, 9, 9, 255] * 4), 2, 2)
    region = engine.exchange.write(bytes([0, 255, 0, 255]), 2, 2, "mask")
    inputs = {"image": image, "region": region}
    outcome = engine.run("identity", inputs, {}, outside="transparent")
    alpha = engine.exchange.read(outcome.outputs["colors"])[3::4]
    assert alpha == bytes([0, 255, 0, 255])


def test_inputs_are_deleted_unless_they_are_kept(engine: Engine) -> None:
    picture = engine.exchange.write(bytes(4), 1, 1)
    for _ in range(2):
        outcome = engine.run("identity", {"image": picture}, {}, keep_inputs=True)
        engine.exchange.discard(outcome.outputs)
    assert os.listdir(engine.exchange.path) == [os.path.basename(picture.path)]
    engine.exchange.discard(engine.run("identity", {"image": picture}, {}).outputs)
    assert os.listdir(engine.exchange.path) == []


def test_layers_and_data(engine: Engine) -> None:
    picture = engine.exchange.write(bytes(4), 1, 1)
    outcome = engine.run("misbehave", {"image": picture}, {"manner": "warn"}, quality="preview")
    assert [title for title, _ in outcome.outputs["layers"]] == ["First", "Second"]
    assert outcome.outputs["facts"] == {"quality": "preview"}
    assert outcome.warnings == ["Half of the picture is black."]
    assert outcome.seconds >= 0
    engine.exchange.discard(outcome.outputs)
    assert os.listdir(engine.exchange.path) == []


def test_the_engine_greets(engine: Engine) -> None:
    assert engine.call("models/list", {})
    assert engine.info["protocol"] == 1
    assert engine.client in launch.log_path("test").read_text()


def test_errors_keep_their_class_sentence_and_data(engine: Engine) -> None:
    picture = engine.exchange.write(bytes(4), 1, 1)
    with pytest.raises(errors.InvalidParameter, match="seconds must be 0 to 60") as caught:
        engine.run("identity", {"image": picture}, {"seconds": 99})
    assert caught.value.data["parameter"] == "seconds"
    with pytest.raises(errors.BadBuffer):  # the failed run has deleted it
        engine.run("identity", {"image": picture}, {})
    with pytest.raises(errors.MethodMissing):
        engine.call("no/such", {})


def test_cancel_answers_and_the_engine_goes_on(engine: Engine) -> None:
    call = start_long(engine)
    pid = engine.pid
    engine.cancel(call)
    engine.cancel(call)  # a second click changes nothing
    with pytest.raises(errors.Cancelled):
        engine.wait(call)
    assert engine.call("models/list", {})
    assert engine.pid == pid


def test_should_cancel_is_asked_while_waiting(engine: Engine) -> None:
    told: list[tuple[float, str]] = []
    picture = engine.exchange.write(bytes(4), 1, 1)
    with pytest.raises(errors.Cancelled):
        engine.run(
            "identity", {"image": picture}, {"seconds": 60}, should_cancel=lambda: bool(told),
            on_progress=lambda fraction, stage: told.append((fraction, stage)),
        )  # fmt: skip
    assert told[0] == (0.0, "Waiting")


@pytest.mark.parametrize("manner", ["sleep", "spin"])
def test_what_does_not_listen_is_killed_and_restarted(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, manner: str
) -> None:
    monkeypatch.setattr(process, "CANCEL_GRACE_S", 0.1)
    call = start_long(engine, manner)
    behind = engine.submit("catalog/list", {})
    pid = engine.pid
    engine.wait(behind)
    waiting = engine.submit_run("identity", {"image": engine.exchange.write(bytes(4), 1, 1)}, {})
    engine.cancel(call)
    with pytest.raises(errors.Cancelled):
        engine.wait(call)
    with pytest.raises(errors.EngineDied, match="try again"):
        engine.wait(waiting)
    assert engine.call("models/list", {})
    assert engine.pid != pid


def test_a_killed_engine_is_reported_and_restarted(engine: Engine) -> None:
    call = start_long(engine)
    assert engine.pid is not None
    os.kill(engine.pid, signal.SIGKILL)
    with pytest.raises(errors.EngineDied, match=r"signal 9.*\.log says more"):
        engine.wait(call)
    assert engine.pid is None
    outcome = engine.run("identity", {"image": engine.exchange.write(b"\1\2\3\4", 1, 1)}, {})
    assert engine.exchange.read(outcome.outputs["colors"]) == b"\1\2\3\4"


def test_an_engine_that_exits_by_itself_is_reported(engine: Engine) -> None:
    picture = engine.exchange.write(bytes(4), 1, 1)
    with pytest.raises(errors.EngineDied, match="exit code 9"):
        engine.run("misbehave", {"image": picture}, {"manner": "die"})
    assert os.listdir(engine.exchange.path) == []


def test_a_stale_catalog_is_noticed(worker_command: list[str]) -> None:
    with Engine("test", "1", command=worker_command, catalog_sha256="0" * 64) as engine:
        for _ in range(2):
            with pytest.raises(errors.StaleCatalog, match="tinct install"):
                engine.call("models/list", {})


def test_the_installed_catalog_is_known_by_its_digest() -> None:
    expected = launch.catalog_sha256(catalog.to_info())
    assert expected == catalog.catalog_sha256()
    with Engine("test", "1", catalog_sha256=expected) as engine:  # the default command
        assert engine.call("catalog/list", {}) == catalog.to_info()


def test_a_vanished_folder_is_made_again(engine: Engine) -> None:
    Exchange.close(engine.exchange)
    outcome = engine.run("identity", {"image": engine.exchange.write(bytes(4), 1, 1)}, {})
    assert engine.exchange.read(outcome.outputs["colors"]) == bytes(4)


def test_close_in_the_middle_cancels(worker_command: list[str], folders: Path) -> None:
    engine = Engine("test", "1", command=worker_command)
    call = start_long(engine, "sleep")
    engine.close()
    assert isinstance(call.error, errors.Cancelled)
    assert list(folders.iterdir()) == []
    assert engine.call("models/list", {})  # a closed engine starts again when it is used
    engine.close()


def test_previews_begin_only_the_newest(engine: Engine) -> None:
    begun: list[int] = []
    finished: list[int] = []

    def begin(request: int) -> Call:
        begun.append(request)
        picture = engine.exchange.write(bytes([request, 0, 0, 255]), 1, 1)
        return engine.submit_run("identity", {"image": picture}, {}, quality="preview").then(show)

    def show(call: Call) -> None:
        outcome = Outcome.from_wire(call.result())
        finished.append(engine.exchange.read(outcome.outputs["colors"])[0])

    latest = Latest(begin)
    for request in range(100):
        latest.ask(request)
    wait_for(engine, lambda: not latest.busy)
    assert begun == finished == [0, 99]


def test_the_log_stays_bounded(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launch, "LOG_LIMIT_BYTES", 2000)
    monkeypatch.setattr(launch, "LOG_KEPT_BYTES", 500)
    for _ in range(100):
        engine.call("models/list", {})
    size = launch.log_path("test").stat().st_size
    assert 0 < size < 3000
