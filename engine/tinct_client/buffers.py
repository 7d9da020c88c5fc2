"""The private folder through which pixels travel: one file a picture, removed as soon as used."""

from __future__ import annotations

import atexit
import os
import secrets
import shutil
import stat
import sys
import tempfile
import time
from collections.abc import Generator, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, TypeVar, cast

from .errors import BadBuffer, OutOfMemory
from .protocol import FOLDER_PREFIX, INPUT_SUFFIX, LAYOUT_CHANNELS, PixelRef

ROOM_BYTES = 512 * 1024 * 1024
ABANDONED_AFTER_S = 24 * 3600.0

Piece = bytes | bytearray | memoryview
T = TypeVar("T")


class Exchange:
    """Own a folder only this user can enter; remove it at `close` or when Python ends.

    Parameters
    ----------
    base
        The folder to make it in. By default `TINCT_EXCHANGE`, else ``/dev/shm`` where that has
        room (pixels then never touch a disk), else the temporary folder.
    """

    def __init__(self, base: str | os.PathLike[str] | None = None) -> None:
        parent = os.path.realpath(base or _default_base())
        _sweep(parent)
        try:
            self.path = tempfile.mkdtemp(prefix=f"{FOLDER_PREFIX}{os.getpid()}-", dir=parent)
        except OSError as error:
            raise BadBuffer(
                f"No folder for pixels can be made in {parent} ({error.strerror}); "
                "set TINCT_EXCHANGE to one that can be written."
            ) from error
        atexit.register(self.close)

    def write(
        self,
        pixels: Piece | Iterable[Piece],
        rows: int,
        columns: int,
        layout: str = "rgba",
        dtype: str = "uint8",
        space: str = "srgb",
        row_stride: int = 0,
    ) -> PixelRef:
        """Write a picture's bytes, whole or in chunks, and return where they lie.

        Raises
        ------
        BadBuffer
            When layout or type are unknown or the number of bytes does not match.
        OutOfMemory
            When the folder has no room; nothing is left behind.
        """
        return finish(self.write_steps(pixels, rows, columns, layout, dtype, space, row_stride))

    def write_steps(
        self,
        pixels: Piece | Iterable[Piece],
        rows: int,
        columns: int,
        layout: str = "rgba",
        dtype: str = "uint8",
        space: str = "srgb",
        row_stride: int = 0,
    ) -> Generator[None, None, PixelRef]:
        """Do what `write` does, one chunk a step, for an interface that must not wait.

        Nothing is left behind when the generator is closed before its end.
        """
        path = os.path.join(self.path, secrets.token_hex(8) + INPUT_SUFFIX)
        shape = [rows, columns, LAYOUT_CHANNELS.get(layout, 0)]
        fields: dict[str, Any] = {"dtype": dtype, "layout": layout, "space": space}
        try:
            reference = PixelRef.from_wire(
                {"path": path, "shape": shape, "row_stride": row_stride} | fields
            )
        except ValueError as error:
            raise BadBuffer(str(error)) from error
        chunks = [pixels] if isinstance(pixels, (bytes, bytearray, memoryview)) else pixels
        try:
            with open(path, "xb", buffering=0, opener=_private) as file:
                for chunk in chunks:
                    _write_all(file.fileno(), memoryview(chunk).cast("B"))
                    yield
                size = file.tell()
        except OSError as error:
            self.discard(reference)
            raise OutOfMemory(
                f"The picture does not fit into {self.path} ({error.strerror}); "
                "free some space, or set TINCT_EXCHANGE to a folder with more."
            ) from error
        except BaseException:
            self.discard(reference)
            raise
        if size not in (reference.nbytes, rows * reference.stride):
            self.discard(reference)
            raise BadBuffer(f"The picture has {size} bytes; it needs {reference.nbytes}.")
        return reference

    def read(self, reference: PixelRef, keep: bool = False) -> bytes:
        """Return a picture's bytes without padding, and delete its file unless `keep`."""
        return b"".join(self.strips(reference, max(reference.shape[0], 1), keep))

    def strips(self, reference: PixelRef, rows: int = 256, keep: bool = False) -> Iterator[bytes]:
        """Yield a picture's bytes `rows` rows at a time, from the top; then delete its file.

        Raises
        ------
        BadBuffer
            When the file is missing or too short.
        """
        try:
            with open(self._inside(reference), "rb", buffering=0) as file:
                for first in range(0, reference.shape[0], rows):
                    file.seek(reference.offset + first * reference.stride)
                    yield _read_rows(file, reference, min(rows, reference.shape[0] - first))
        except OSError as error:
            raise BadBuffer(
                f"The result cannot be read ({error.strerror}); run it again."
            ) from error
        finally:
            if not keep:
                self.discard(reference)

    def discard(self, value: object) -> None:
        """Delete the files of every `PixelRef` in a value made of mappings and lists."""
        if isinstance(value, PixelRef):
            with suppress(OSError):
                os.unlink(self._inside(value))
        elif isinstance(value, dict):
            self.discard(list(value.values()))
        elif isinstance(value, list | tuple):
            for part in value:
                self.discard(part)

    def close(self) -> None:
        """Remove the folder with everything in it; harmless when it is gone."""
        atexit.unregister(self.close)
        shutil.rmtree(self.path, ignore_errors=True)

    def _inside(self, reference: PixelRef) -> str:
        path = os.path.join(self.path, os.path.basename(reference.path))
        if reference.path not in (path, os.path.basename(path)):
            raise BadBuffer("The picture does not lie in the exchange folder; run it again.")
        return path


def finish(steps: Generator[None, None, T]) -> T:
    """Go through all steps at once and return what they come to."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return cast(T, end.value)


def _default_base() -> str:
    override = os.environ.get("TINCT_EXCHANGE", "")
    if override:
        return override
    with suppress(OSError):
        shared = "/dev/shm"
        if os.access(shared, os.W_OK | os.X_OK) and shutil.disk_usage(shared).free > ROOM_BYTES:
            return shared
    return tempfile.gettempdir()


def _sweep(parent: str) -> None:
    """Remove this user's folders whose owner and engine both died without removing them."""
    if sys.platform == "win32":
        return  # a file in use cannot be told from an abandoned one there
    oldest = time.time() - ABANDONED_AFTER_S
    for folder in Path(parent).glob(f"{FOLDER_PREFIX}*"):
        with suppress(OSError, ValueError):
            status = folder.lstat()
            if (
                stat.S_ISDIR(status.st_mode)
                and status.st_uid == os.geteuid()
                and status.st_mtime < oldest
                and not _runs(int(folder.name[len(FOLDER_PREFIX) :].split("-")[0]))
            ):
                shutil.rmtree(folder, ignore_errors=True)


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _write_all(descriptor: int, data: memoryview) -> None:
    while data:
        data = data[os.write(descriptor, data) :]


def _read_rows(file: BinaryIO, reference: PixelRef, rows: int) -> bytes:
    needed = (rows - 1) * reference.stride + reference.row_bytes
    data = file.read(needed)
    while len(data) < needed:
        more = file.read(needed - len(data))
        if not more:
            raise BadBuffer("The result's file is too short; run it again.")
        data += more
    if reference.stride == reference.row_bytes:
        return data
    return b"".join(
        data[start : start + reference.row_bytes] for start in range(0, needed, reference.stride)
    )
