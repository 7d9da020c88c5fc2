from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tinct.cache import Cache
from tinct.context import Context
from tinct.errors import Cancelled, MemoryLimitError, ParameterError, PixelBufferError
from tinct.pixels import Picture
from tinct.worker import runs
from tinct.worker.buffers import Folder
from tinct.worker.jobs import Job
from tinct.worker.runs import Answer, Run, word
from tinct_client.buffers import Exchange


@pytest.fixture
def exchange(tmp_path: Path) -> Iterator[Exchange]:
    exchange = Exchange(tmp_path)
    yield exchange
    exchange.close()


def identity(exchange: Exchange, **members: Any) -> Run:
    picture = exchange.write(bytes(range(24)), 2, 3).to_wire()
    return Run.parse({"operation": "identity", "inputs": {"image": picture}} | members)


def job() -> Job:
    return Job(1, lambda job: None, lambda fraction, stage: None)


def work(run: Run, exchange: Exchange) -> Answer:
    return run.work(job(), Folder(exchange.path), Cache(0), lambda sentence: None)


def test_defaults() -> None:
    run = Run.parse({"operation": "identity"})
    assert (run.quality, run.outside, run.priority) == ("final", "original", 0)
    assert (run.inputs, run.parameters) == ({}, {})


def test_a_run_reads_and_writes_pictures(exchange: Exchange) -> None:
    answer = work(identity(exchange), exchange)
    assert answer.wire["outputs"] == {"colors": {"picture": answer.files[0].to_wire()}}
    assert answer.wire["warnings"] == []
    assert exchange.read(answer.files[0]) == bytes(range(24))


@pytest.mark.parametrize(
    ("name", "value"),
    [("operation", 5), ("quality", "best"), ("outside", ""), ("priority", True), ("inputs", 1),
     ("params", "x")],
)  # fmt: skip
def test_unfit_members_are_named(exchange: Exchange, name: str, value: object) -> None:
    with pytest.raises(ParameterError, match=name) as caught:
        identity(exchange, **{name: value})
    assert caught.value.parameter == name


def test_without_a_folder_nothing_runs(exchange: Exchange) -> None:
    with pytest.raises(PixelBufferError, match="exchange_dir"):
        identity(exchange).work(job(), None, Cache(0), lambda sentence: None)


def results(count: int) -> dict[str, Any]:
    picture = Picture(np.zeros((1, 1, 4), np.uint8))
    return {f"role{number}": picture for number in range(count)}


def test_cancel_between_two_outputs_leaves_no_file(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, stopped = identity(exchange), job()
    before = os.listdir(exchange.path)
    stopped.cancelled = StopAfter(2)
    monkeypatch.setattr(runs, "run_operation", lambda *_, **__: results(3))
    with pytest.raises(Cancelled):
        run.work(stopped, Folder(exchange.path), Cache(0), lambda sentence: None)
    assert stopped.cancelled.asked == 3
    assert os.listdir(exchange.path) == before


class StopAfter(threading.Event):
    """An event that is set once it was asked often enough."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self.times, self.asked = times, 0

    def is_set(self) -> bool:
        self.asked += 1
        return self.asked > self.times


def test_no_room_for_the_second_output_leaves_no_file(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, folder = identity(exchange), Folder(exchange.path)
    before, write = os.listdir(exchange.path), folder.write
    written: list[Picture] = []

    def write_once(picture: Picture) -> Any:
        if written:
            raise MemoryLimitError("No room.")
        written.append(picture)
        return write(picture)

    monkeypatch.setattr(folder, "write", write_once)
    monkeypatch.setattr(runs, "run_operation", lambda *_, **__: results(2))
    with pytest.raises(MemoryLimitError):
        run.work(job(), folder, Cache(0), lambda sentence: None)
    assert os.listdir(exchange.path) == before


def test_layers_and_lists_are_told_apart(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture = Picture(np.zeros((1, 1, 4), np.uint8))
    given = {"layers": [("First", picture)], "facts": [["First", 5]], "nothing": None}
    monkeypatch.setattr(runs, "run_operation", lambda *_, **__: given)
    outputs = work(identity(exchange), exchange).wire["outputs"]
    assert outputs["layers"]["layers"][0]["title"] == "First"
    assert outputs["facts"] == {"data": [["First", 5]]}
    assert outputs["nothing"] == {"data": None}


def test_words() -> None:
    assert word({"a": "x"}, "a") == "x"
    assert word({}, "a", "y", ("x", "y")) == "y"
    for params in ({}, {"a": ""}, {"a": 5}, {"a": "x" * 101}):
        with pytest.raises(ParameterError):
            word(params, "a")


def test_an_operation_hears_of_a_cancel_while_it_runs(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, mine, heard = identity(exchange), job(), []

    def network(*_: object, context: Context, **__: object) -> dict[str, Any]:
        with context.on_cancel(lambda: heard.append("stopped")):
            mine.cancel()
        return {}

    monkeypatch.setattr(runs, "run_operation", network)
    run.work(mine, Folder(exchange.path), Cache(0), lambda sentence: None)
    assert heard == ["stopped"]
