from __future__ import annotations

import os
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinct_client import buffers
from tinct_client.buffers import Exchange
from tinct_client.errors import BadBuffer, OutOfMemory
from tinct_client.protocol import DTYPE_BYTES, LAYOUT_CHANNELS, PixelRef


@pytest.fixture
def exchange(tmp_path: Path) -> Iterator[Exchange]:
    exchange = Exchange(tmp_path)
    yield exchange
    exchange.close()


def test_folder_and_files_are_private(exchange: Exchange) -> None:
    reference = exchange.write(bytes(4), 1, 1)
    assert stat.S_IMODE(os.stat(exchange.path).st_mode) == 0o700
    assert stat.S_IMODE(os.stat(reference.path).st_mode) == 0o600


@given(
    layout=st.sampled_from(sorted(LAYOUT_CHANNELS)),
    dtype=st.sampled_from(sorted(DTYPE_BYTES)),
    rows=st.integers(0, 6),
    columns=st.integers(0, 6),
    padding=st.integers(0, 9),
    last_row_padded=st.booleans(),
    strip=st.integers(1, 7),
    chunk=st.integers(1, 50),
    seed=st.integers(0, 99),
)
def test_what_is_written_is_read(
    tmp_path_factory: Any, layout: str, dtype: str, rows: int, columns: int, padding: int,
    last_row_padded: bool, strip: int, chunk: int, seed: int,
) -> None:  # fmt: skip
    packed = columns * LAYOUT_CHANNELS[layout] * DTYPE_BYTES[dtype]
    lines = [
        bytes((seed + row * 7 + place) % 251 for place in range(packed)) for row in range(rows)
    ]
    raw = b"".join(line + bytes(padding) for line in lines)
    if padding and not last_row_padded:
        raw = raw[: len(raw) - padding]
    exchange = Exchange(tmp_path_factory.getbasetemp())
    try:
        pieces = [raw[start : start + chunk] for start in range(0, len(raw), chunk)]
        stride = packed + padding if padding else 0
        reference = exchange.write(pieces, rows, columns, layout, dtype, row_stride=stride)
        assert b"".join(exchange.strips(reference, strip, keep=True)) == b"".join(lines)
        assert exchange.read(reference) == b"".join(lines)
        assert os.listdir(exchange.path) == []
    finally:
        exchange.close()


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_whole_pictures_of_every_bytes_type(exchange: Exchange, kind: Any) -> None:
    reference = exchange.write(kind(b"12345678"), 1, 2)
    assert exchange.read(reference) == b"12345678"


@pytest.mark.parametrize(
    "arguments",
    [
        {"rows": 2},
        {"columns": 3},
        {"rows": -1},
        {"layout": "cmyk"},
        {"dtype": "float64"},
        {"space": "lab"},
        {"row_stride": 3},
    ],
)
def test_unfit_pictures_are_refused_and_leave_nothing(
    exchange: Exchange, arguments: dict[str, Any]
) -> None:
    with pytest.raises(BadBuffer, match=r"\.$"):
        exchange.write(bytes(8), **({"rows": 1, "columns": 2} | arguments))
    assert os.listdir(exchange.path) == []


def test_a_source_that_fails_leaves_nothing(exchange: Exchange) -> None:
    def rows() -> Iterator[bytes]:
        yield bytes(4)
        raise LookupError

    with pytest.raises(LookupError):
        exchange.write(rows(), 2, 1)
    assert os.listdir(exchange.path) == []


def test_writing_in_steps_is_one_chunk_a_step(exchange: Exchange) -> None:
    chunks = [bytes([n]) * 8 for n in range(3)]
    steps = exchange.write_steps(iter(chunks), 3, 2)
    for _ in chunks:
        next(steps)
    reference = buffers.finish(steps)
    assert exchange.read(reference) == b"".join(chunks)


def test_writing_that_is_given_up_leaves_nothing(exchange: Exchange) -> None:
    steps = exchange.write_steps(iter([bytes(8), bytes(8)]), 2, 2)
    next(steps)
    assert len(os.listdir(exchange.path)) == 1
    steps.close()
    assert os.listdir(exchange.path) == []


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a device without room")
def test_no_room_is_a_sentence(exchange: Exchange, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(buffers, "_private", lambda path, flags: os.open("/dev/full", os.O_WRONLY))
    with pytest.raises(OutOfMemory, match="TINCT_EXCHANGE"):
        exchange.write(bytes(4), 1, 1)


def test_a_result_that_is_missing_or_short_is_a_sentence(exchange: Exchange) -> None:
    reference = exchange.write(bytes(16), 2, 2)
    os.truncate(reference.path, 15)
    with pytest.raises(BadBuffer, match="too short"):
        exchange.read(reference)
    with pytest.raises(BadBuffer, match="cannot be read"):
        exchange.read(reference)


def test_nothing_outside_the_folder_is_read_or_deleted(exchange: Exchange, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(bytes(4))
    for path in (str(secret), f"{exchange.path}/../secret", "../secret"):
        with pytest.raises(BadBuffer):
            exchange.read(PixelRef(path, (1, 1, 4)))
        with pytest.raises(BadBuffer):
            exchange.discard(PixelRef(path, (1, 1, 4)))
    assert secret.exists()


def test_discard_finds_every_picture(exchange: Exchange) -> None:
    one, two, three = (exchange.write(bytes(4), 1, 1) for _ in range(3))
    exchange.discard({"colors": one, "layers": [("First", two)], "facts": {"deep": [three, 5]}})
    assert os.listdir(exchange.path) == []
    exchange.discard(one)  # gone already


def test_close_removes_the_folder_and_may_be_repeated(exchange: Exchange) -> None:
    exchange.write(bytes(4), 1, 1)
    exchange.close()
    exchange.close()
    assert not os.path.exists(exchange.path)


def test_the_end_of_python_removes_the_folder(tmp_path: Path) -> None:
    script = (
        "import sys; sys.path.insert(0, sys.argv[1]); from tinct_client.buffers import Exchange; "
        "Exchange(sys.argv[2]).write(bytes(4), 1, 1)"
    )
    root = Path(buffers.__file__).parents[1]
    subprocess.run([sys.executable, "-I", "-S", "-c", script, root, tmp_path], check=True)
    assert list(tmp_path.iterdir()) == []


def test_the_folder_may_be_chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    link = tmp_path / "link"
    (tmp_path / "real").mkdir()
    link.symlink_to(tmp_path / "real")
    monkeypatch.setenv("TINCT_EXCHANGE", str(link))
    exchange = Exchange()
    assert os.path.dirname(exchange.path) == str(tmp_path / "real")
    exchange.close()
    monkeypatch.setenv("TINCT_EXCHANGE", str(tmp_path / "nowhere"))
    with pytest.raises(BadBuffer, match="TINCT_EXCHANGE"):
        Exchange()


def test_shared_memory_is_left_alone_when_it_is_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TINCT_EXCHANGE", raising=False)
    monkeypatch.setattr(buffers, "ROOM_BYTES", 1 << 60)
    exchange = Exchange()
    assert not exchange.path.startswith("/dev/shm")
    exchange.close()


def test_only_abandoned_folders_are_swept(tmp_path: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-I", "-S", "-c", ""])
    ended.wait()
    folders = {
        "abandoned": tmp_path / f"tinct-{ended.pid}-abc",
        "recent": tmp_path / f"tinct-{ended.pid}-def",
        "living": tmp_path / f"tinct-{os.getpid()}-abc",
        "foreign": tmp_path / "tinct-notes",
    }
    for folder in folders.values():
        folder.mkdir()
        (folder / "0123456789abcdef.in").write_bytes(b"")
    old = time.time() - 2 * buffers.ABANDONED_AFTER_S
    for name in ("abandoned", "living", "foreign"):
        os.utime(folders[name], (old, old))
    Exchange(tmp_path).close()
    assert [name for name, folder in folders.items() if not folder.exists()] == ["abandoned"]
