"""The worker ends with its client, in whatever state, and takes the exchange folder along."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tinct_client import protocol

HERE = Path(__file__).resolve().parent
ENGINE_ROOT = HERE.parents[2] / "engine"
PATIENCE_S = 60

needs_pidfd = pytest.mark.skipif(
    not hasattr(os, "pidfd_open"), reason="waiting for another's child needs Linux"
)


def test_the_end_of_input_ends_an_idle_worker(wire: Any) -> None:
    wire.picture()
    assert wire.hang_up() == 0
    assert not os.path.exists(wire.exchange.path)


@pytest.mark.parametrize("manner", ["sleep", "spin"])
def test_the_end_of_input_ends_a_worker_that_does_not_listen(wire: Any, manner: str) -> None:
    wire.run(1, wire.picture(), operation="misbehave", params={"manner": manner})
    assert wire.receive()["method"] == protocol.PROGRESS
    assert wire.hang_up() == 0
    assert not os.path.exists(wire.exchange.path)


def test_exit_ends_a_busy_worker(wire: Any) -> None:
    wire.run(1, wire.picture(), operation="misbehave", params={"manner": "sleep"})
    wire.send(method="exit")
    assert wire.process.wait(PATIENCE_S) == 0
    assert not os.path.exists(wire.exchange.path)


def test_the_end_without_initialize(new_wire: Any) -> None:
    wire = new_wire()
    assert wire.hang_up() == 0
    assert os.path.isdir(wire.exchange.path)  # nobody told the worker of it


def test_a_message_cut_short_is_not_served(wire: Any) -> None:
    assert wire.process.stdin is not None
    wire.process.stdin.write(b'{"jsonrpc":"2.0","id":1,"method":"models/list"}')
    assert wire.hang_up() == 0


def test_foreign_files_stay_and_keep_the_folder(wire: Any) -> None:
    foreign = os.path.join(wire.exchange.path, "notes.txt")
    Path(foreign).write_text("mine")
    picture = wire.picture()
    assert wire.hang_up() == 0
    assert os.path.exists(foreign)
    assert not os.path.exists(picture["path"])


def test_a_link_in_the_folder_is_not_followed(wire: Any, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("mine")
    os.symlink(secret, os.path.join(wire.exchange.path, "0123456789abcdef.in"))
    assert wire.hang_up() == 0
    assert secret.read_text() == "mine"


def test_another_folder_in_place_of_the_greeted_one_stays(wire: Any) -> None:
    path = wire.exchange.path
    os.rename(path, path + "-away")
    os.mkdir(path)
    kept = Path(path, "0123456789abcdef.in")
    kept.write_text("mine")
    assert wire.hang_up() == 0
    assert kept.exists()


@pytest.mark.parametrize("fault", ["link", "mode", "name", "file"])
def test_a_folder_that_is_no_exchange_folder_is_never_taken(
    new_wire: Any, tmp_path: Path, fault: str
) -> None:
    wire = new_wire()
    folder = tmp_path / ("tinct-x" if fault != "name" else "keys")
    folder.mkdir(mode=0o700)
    kept = folder / "0123456789abcdef.in"
    kept.write_text("mine")
    if fault == "mode":
        folder.chmod(0o755)
    elif fault == "link":
        folder = tmp_path / "tinct-link"
        folder.symlink_to(tmp_path / "tinct-x")
    elif fault == "file":
        folder = tmp_path / "tinct-file"
        folder.write_text("")
    answer = wire.ask(
        1, "initialize", protocol=1, client="test", version="1", exchange_dir=str(folder)
    )
    assert answer["error"]["code"] == protocol.BAD_BUFFER
    assert wire.hang_up() == 0
    assert kept.exists()


@needs_pidfd
@pytest.mark.parametrize("manner", ["sleep", "spin"])
@pytest.mark.parametrize("whole_group", [False, True])
def test_a_killed_client_leaves_no_process_and_no_file(
    worker_command: list[str], folders: Path, whole_group: bool, manner: str
) -> None:
    client = subprocess.Popen(
        [
            sys.executable, "-I", "-S", str(HERE / "client_that_dies.py"), str(ENGINE_ROOT),
            json.dumps(worker_command), manner,
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )  # fmt: skip
    with client:
        assert client.stdout is not None
        told = json.loads(client.stdout.readline())
        assert os.path.isdir(told["folder"])
        ended = os.pidfd_open(told["pid"])
        try:
            if whole_group:
                os.killpg(client.pid, signal.SIGKILL)
            else:
                client.kill()
            poller = select.poll()
            poller.register(ended, select.POLLIN)
            assert poller.poll(PATIENCE_S * 1000), "the worker outlived its client"
        finally:
            os.close(ended)
    assert list(folders.iterdir()) == []
