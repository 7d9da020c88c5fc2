from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tinct_client import protocol
from tinct_client.buffers import Exchange
from tinct_client.process import Engine

HERE = Path(__file__).resolve().parent
ENGINE_ROOT = HERE.parents[2] / "engine"
PATIENCE_S = 60  # no measure: a test that waits this long has failed
BOOT = (
    "import sys; sys.path.insert(0, sys.argv[1]); from tinct import operations; "
    "operations.__path__.append(sys.argv[2]); from tinct.worker.__main__ import main; main()"
)


@pytest.fixture(scope="session")
def worker_command() -> list[str]:
    """Start the real worker, whose catalog has the test operations too."""
    return [sys.executable, "-I", "-c", BOOT, str(ENGINE_ROOT), str(HERE / "operations")]


@pytest.fixture(autouse=True)
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep pixels and log of a test to itself; return where pixels go."""
    pixels = tmp_path / "pixels"
    pixels.mkdir()
    monkeypatch.setenv("TINCT_EXCHANGE", str(pixels))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return pixels


@pytest.fixture
def engine(worker_command: list[str], folders: Path) -> Iterator[Engine]:
    with Engine("test", "1", command=worker_command) as engine:
        yield engine
    assert list(folders.iterdir()) == []  # whatever the test did, no file is left behind


class Wire:
    """A worker that is spoken to by hand."""

    def __init__(self, command: list[str]) -> None:
        self.exchange = Exchange()
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        self.notices: list[dict[str, Any]] = []
        self.log = b""
        self._lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._threads = [threading.Thread(target=self._read), threading.Thread(target=self._drain)]
        for thread in self._threads:
            thread.start()

    def send(self, **members: Any) -> None:
        self.send_line(json.dumps({"jsonrpc": "2.0"} | members).encode())

    def send_line(self, line: bytes) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(line + b"\n")
        self.process.stdin.flush()

    def receive(self) -> dict[str, Any]:
        """Return the next message."""
        line = self._lines.get(timeout=PATIENCE_S)
        assert line, "the worker ended: " + self.log.decode()
        message: dict[str, Any] = json.loads(line)
        assert message["jsonrpc"] == "2.0"
        return message

    def answer(self) -> dict[str, Any]:
        """Return the next answer, keeping the notifications before it."""
        while "method" in (message := self.receive()):
            self.notices.append(message)
        return message

    def ask(self, id: int | str, method: str, **params: Any) -> dict[str, Any]:  # noqa: A002
        self.send(id=id, method=method, params=params)
        return self.answer()

    def initialize(self) -> dict[str, Any]:
        return self.ask(
            "hello", "initialize", protocol=protocol.PROTOCOL_VERSION, client="test", version="1",
            exchange_dir=self.exchange.path,
        )  # fmt: skip

    def picture(self, rows: int = 2, columns: int = 3) -> dict[str, Any]:
        return self.exchange.write(bytes(rows * columns * 4), rows, columns).to_wire()

    def run(self, id: int | str, picture: Any, **members: Any) -> None:  # noqa: A002
        params = {"operation": "identity", "inputs": {"image": picture}} | members
        self.send(id=id, method="operation/run", params=params)

    def files(self) -> list[str]:
        return sorted(os.listdir(self.exchange.path))

    def hang_up(self) -> int:
        """Close the worker's input; return its exit status."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        return self.process.wait(PATIENCE_S)

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        assert self.process.stdin is not None
        self.process.stdin.close()
        for thread in self._threads:
            thread.join()
        self.exchange.close()

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as stream:
            for line in stream:
                self._lines.put(line)
        self._lines.put(b"")

    def _drain(self) -> None:
        assert self.process.stderr is not None
        with self.process.stderr as stream:
            for line in stream:
                self.log += line


@pytest.fixture
def wire(worker_command: list[str], folders: Path) -> Iterator[Wire]:
    """A greeted worker."""
    wire = Wire(worker_command)
    try:
        assert "result" in wire.initialize()
        yield wire
    finally:
        wire.close()


@pytest.fixture
def new_wire(worker_command: list[str], folders: Path) -> Iterator[Callable[[], Wire]]:
    """Starts workers that have not been greeted."""
    made: list[Wire] = []

    def make() -> Wire:
        made.append(Wire(worker_command))
        return made[-1]

    yield make
    for wire in made:
        wire.close()
