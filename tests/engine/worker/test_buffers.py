from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tinct.errors import MemoryLimitError, PixelBufferError
from tinct.pixels import Picture
from tinct.worker import buffers
from tinct.worker.buffers import Folder
from tinct_client.buffers import Exchange
from tinct_client.protocol import DTYPE_BYTES, LAYOUT_CHANNELS, PixelRef


@pytest.fixture
def exchange(tmp_path: Path) -> Iterator[Exchange]:
    exchange = Exchange(tmp_path)
    yield exchange
    exchange.close()


@pytest.fixture
def folder(exchange: Exchange) -> Folder:
    return Folder(exchange.path)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    layout=st.sampled_from(sorted(LAYOUT_CHANNELS)),
    dtype=st.sampled_from(sorted(DTYPE_BYTES)),
    rows=st.integers(0, 5),
    columns=st.integers(0, 5),
    padding=st.integers(0, 9),
    offset=st.integers(0, 9),
    seed=st.integers(0, 9),
    windows=st.booleans(),
)
def test_the_mapped_pixels_are_those_of_the_file(
    folder: Folder, layout: str, dtype: str, rows: int, columns: int, padding: int, offset: int,
    seed: int, windows: bool,
) -> None:  # fmt: skip
    channels = LAYOUT_CHANNELS[layout]
    random = np.random.default_rng(seed)
    pixels = random.integers(0, 256, (rows, columns, channels)).astype(dtype)
    row_bytes = columns * channels * DTYPE_BYTES[dtype]
    path = os.path.join(folder.path, "0123456789abcdef.in")
    with open(path, "wb") as file:
        file.write(b"\xff" * offset)
        for row in pixels:
            file.write(row.tobytes() + b"\xee" * padding)
    stride = row_bytes + padding if padding else 0
    reference = PixelRef(path, (rows, columns, channels), dtype, layout, "linear", offset, stride)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(buffers, "WINDOWS", windows)
        picture = folder.read(reference)
    np.testing.assert_array_equal(picture.pixels, pixels)
    assert (picture.layout, picture.space) == (layout, "linear")
    assert picture.pixels.dtype == dtype
    assert picture.pixels.flags.aligned
    os.unlink(path)  # the mapping does not need the name
    np.testing.assert_array_equal(picture.pixels, pixels)


def test_mapped_pixels_cannot_be_written(exchange: Exchange, folder: Folder) -> None:
    picture = folder.read(exchange.write(bytes(4), 1, 1))
    with pytest.raises(ValueError, match="read-only"):
        picture.pixels[0, 0, 0] = 1


@pytest.mark.parametrize("dtype", sorted(DTYPE_BYTES))
def test_a_written_picture_comes_back(exchange: Exchange, folder: Folder, dtype: str) -> None:
    pixels = np.arange(24).reshape(2, 3, 4).astype(dtype)
    turned = pixels[::-1, ::-1]  # not contiguous
    reference = folder.write(Picture(turned, "bgra", "linear"))
    assert stat.S_IMODE(os.stat(reference.path).st_mode) == 0o600
    assert PixelRef.from_wire(reference.to_wire()) == reference
    assert (reference.layout, reference.space, reference.dtype) == ("bgra", "linear", dtype)
    assert exchange.read(reference) == turned.tobytes()


def test_written_files_can_be_discarded(exchange: Exchange, folder: Folder) -> None:
    references = [folder.write(Picture(np.zeros((1, 1, 4), np.uint8))) for _ in range(3)]
    folder.discard(references)
    folder.discard(references)
    assert os.listdir(exchange.path) == []


def test_no_room_is_a_sentence_and_leaves_no_file(
    exchange: Exchange, folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int, data: Any) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(buffers.os, "write", full)
        with pytest.raises(MemoryLimitError, match="No space left on device"):
            folder.write(Picture(np.zeros((1, 1, 4), np.uint8)))
    assert os.listdir(exchange.path) == []


def test_after_remove_nothing_is_written(folder: Folder) -> None:
    folder.remove()
    assert not os.path.exists(folder.path)
    with pytest.raises(PixelBufferError):
        folder.write(Picture(np.zeros((1, 1, 4), np.uint8)))
    folder.remove()


def test_remove_takes_only_pixel_files(exchange: Exchange, folder: Folder, tmp_path: Path) -> None:
    exchange.write(bytes(4), 1, 1)
    folder.write(Picture(np.zeros((1, 1, 4), np.uint8)))
    secret = tmp_path / "secret"
    secret.write_text("mine")
    os.symlink(secret, os.path.join(folder.path, "0123456789abcdef.in"))
    os.mkdir(os.path.join(folder.path, "0123456789abcdef.out"))
    Path(folder.path, "notes.txt").write_text("mine")
    folder.remove()
    left = ["0123456789abcdef.in", "0123456789abcdef.out", "notes.txt"]
    assert sorted(os.listdir(folder.path)) == left
    assert secret.read_text() == "mine"


def test_a_file_exchanged_for_a_link_while_opening_is_refused(
    exchange: Exchange, folder: Folder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(bytes(4))
    reference = exchange.write(bytes(4), 1, 1)
    before = os.lstat(reference.path)
    os.unlink(reference.path)
    os.symlink(secret, reference.path)
    monkeypatch.setattr(buffers.os, "lstat", lambda path: before)  # what was seen a moment ago
    with pytest.raises(PixelBufferError):
        folder.read(reference)
