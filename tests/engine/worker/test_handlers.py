"""The server without a process: any line gets its one answer. The rest is in e2e/worker."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinct.worker import handlers
from tinct.worker.handlers import Server
from tinct_client import protocol
from tinct_client.buffers import Exchange

METHODS = [
    protocol.INITIALIZE, protocol.CATALOG_LIST, protocol.MODELS_LIST, protocol.MODELS_LOAD,
    protocol.OPERATION_RUN, "no/such",
]  # fmt: skip
FINITE = st.floats(allow_nan=False, allow_infinity=False)
SCALARS = st.none() | st.booleans() | st.integers() | FINITE | st.text(max_size=20)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=6,
)
PARAMS = st.dictionaries(
    st.sampled_from(
        ["protocol", "client", "version", "exchange_dir", "operation", "inputs", "params",
         "quality", "outside", "priority", "model"]
    ),
    JSON | st.sampled_from(["identity", "final", "original", {"image": {}}, {"seconds": 0}]),
)  # fmt: skip


class Talk:
    """A server in this process, and the pipe it answers into."""

    def __init__(self) -> None:
        source, self.target = os.pipe()
        self.stream = os.fdopen(source, "rb")
        self.server = Server(-1, self.target)
        self.ids = 0

    def ask(self, method: str, params: Any) -> dict[str, Any]:
        self.ids += 1
        return self.exchange({"id": self.ids, "method": method, "params": params})

    def exchange(self, members: dict[str, Any]) -> dict[str, Any]:
        """Send an object and return the next message."""
        self.server.take(json.dumps({"jsonrpc": "2.0"} | members).encode())
        message: dict[str, Any] = json.loads(self.stream.readline())
        return message

    def close(self) -> None:
        os.close(self.target)
        assert self.stream.read() == b""  # nothing but the answers came
        self.stream.close()


@pytest.fixture
def talk(capfd: pytest.CaptureFixture[str]) -> Iterator[Talk]:
    talk = Talk()
    yield talk
    talk.close()


@pytest.fixture(scope="module")
def greeted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Talk]:
    talk, exchange = Talk(), Exchange(tmp_path_factory.getbasetemp())
    hello = {"protocol": 1, "client": "t", "version": "1", "exchange_dir": exchange.path}
    assert "result" in talk.ask("initialize", hello)
    yield talk
    talk.close()
    assert os.listdir(exchange.path) == []
    exchange.close()


@given(method=st.sampled_from(METHODS), params=PARAMS)
def test_every_request_gets_one_answer(greeted: Talk, method: str, params: Any) -> None:
    answer = greeted.ask(method, params)
    assert answer["id"] == greeted.ids
    assert ("error" in answer) != ("result" in answer)
    if "error" in answer:
        error = answer["error"]
        assert error["code"] != protocol.INTERNAL_ERROR, error
        assert re.search(r"(\.|\"|Run: tinct [a-z ]+)$", error["message"])
        assert "\n" not in error["message"]


def test_a_request_that_is_no_object_keeps_its_id(talk: Talk) -> None:
    answer = talk.exchange({"id": 7, "method": "models/list", "params": [1]})
    assert (answer["id"], answer["error"]["code"]) == (7, protocol.INVALID_PARAMS)


def test_an_endless_method_name_is_cut(talk: Talk) -> None:
    answer = talk.ask("x" * 100_000, {})
    assert answer["error"]["code"] == protocol.METHOD_NOT_FOUND
    assert len(answer["error"]["message"]) < 500


def test_the_log_names_each_message(talk: Talk, capfd: pytest.CaptureFixture[str]) -> None:
    talk.ask("initialize", {"protocol": 1, "client": "krita", "version": "5"})
    talk.ask("models/load", {"model": "gone"})
    log = capfd.readouterr().err
    assert "#2 models/load from krita 5" in log
    assert "#2 failed: There is no network 'gone'" in log


def test_models_are_listed_and_loaded_ahead(talk: Talk) -> None:
    talk.ask("initialize", {"protocol": 1, "client": "krita", "version": "5"})
    (found,) = [info for info in talk.ask("models/list", {})["result"] if info["id"] == "tinct"]
    assert (found["state"], found["task"], found["shipped"]) == ("present", "colorize", True)
    answer = talk.ask("models/load", {"model": "tinct"})
    assert answer["result"]["id"] == "tinct"
    assert answer["result"]["provider"].endswith("ExecutionProvider")


def test_log_lines_hold_any_text(capfd: pytest.CaptureFixture[str]) -> None:
    handlers.log("a lone surrogate \ud800")
    assert "\\ud800" in capfd.readouterr().err


def test_without_onnxruntime_there_are_no_providers(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "CPUExecutionProvider" in handlers.providers()
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    assert handlers.providers() == []


def test_the_sentence_about_a_defect_names_the_log(
    talk: Talk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def fail() -> list[str]:
        raise ZeroDivisionError

    monkeypatch.setenv("TINCT_LOG", str(tmp_path / "engine.log"))
    monkeypatch.setattr(handlers, "providers", fail)
    error = talk.ask("initialize", {"protocol": 1, "client": "t", "version": "1"})["error"]
    assert error["code"] == protocol.INTERNAL_ERROR
    assert str(tmp_path / "engine.log") in error["message"]


@pytest.mark.parametrize(
    ("needed", "outcome"), [(False, "kernels are loaded\n"), (True, "loaded in part")]
)
def test_kernels_are_loaded_until_a_job_comes(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], needed: bool, outcome: str
) -> None:
    monkeypatch.setattr(handlers, "Jobs", lambda finish, idle: idle)
    done: list[int] = []

    def warm(step: Callable[[str], None]) -> None:
        for number in range(3):
            done.append(number)
            step(f"kernel {number}")

    Server(-1, -1, warm)._prepare(lambda: needed)
    assert len(done) == (1 if needed else 3)
    assert outcome in capfd.readouterr().err


def test_kernels_that_do_not_load_are_left_to_their_operation(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def warm(step: Callable[[str], None]) -> None:
        raise ImportError("no numba")

    monkeypatch.setattr(handlers, "Jobs", lambda finish, idle: idle)
    Server(-1, -1, warm)._prepare(lambda: False)
    assert "no numba" in capfd.readouterr().err
