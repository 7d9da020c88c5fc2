"""Pixel files of the exchange folder, mapped into memory; nothing outside it is ever touched."""

from __future__ import annotations

import mmap
import os
import re
import secrets
import stat
import sys
import threading
from contextlib import suppress
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinct.errors import MemoryLimitError, PixelBufferError
from tinct.pixels import Picture
from tinct.rows import FileMap
from tinct_client.protocol import FOLDER_PREFIX, INPUT_SUFFIX, OUTPUT_SUFFIX, PixelRef

__all__ = ["Folder"]

WINDOWS = sys.platform == "win32"
FILE_NAME = re.compile(rf"[0-9a-f]{{16}}({re.escape(INPUT_SUFFIX)}|{re.escape(OUTPUT_SUFFIX)})")


class Folder:
    """The client's exchange folder, as the worker may use it.

    Parameters
    ----------
    path
        As `initialize` names it: absolute, no link anywhere in it, named like an exchange folder,
        and private to this user.

    Raises
    ------
    PixelBufferError
        When it is anything else.
    """

    def __init__(self, path: str) -> None:
        try:
            status = os.lstat(path)
            fits = os.path.isabs(path) and os.path.realpath(path) == path
        except (OSError, ValueError):
            raise PixelBufferError(
                "exchange_dir must be a folder that exists; make it before `initialize`."
            ) from None
        if not fits or not stat.S_ISDIR(status.st_mode):
            raise PixelBufferError("exchange_dir must be a folder's absolute path without links.")
        if not os.path.basename(path).startswith(FOLDER_PREFIX):
            raise PixelBufferError(f"exchange_dir must have a name that starts {FOLDER_PREFIX}.")
        if not WINDOWS and (status.st_uid != os.geteuid() or stat.S_IMODE(status.st_mode) & 0o077):
            raise PixelBufferError("exchange_dir must be this user's own, with mode 0700.")
        self.path = path
        self._identity = (status.st_dev, status.st_ino)
        self._lock = threading.Lock()
        self._removed = False

    def read(self, reference: PixelRef) -> Picture:
        """Map a picture's file; no copy is made and the pixels cannot be written.

        Raises
        ------
        PixelBufferError
            When the file is not a regular one of this user inside the folder, or is too short.
        """
        descriptor = self._open(reference.path)
        try:
            size = os.fstat(descriptor).st_size
            needed = reference.offset + reference.nbytes
            if size < needed:
                raise PixelBufferError(
                    f"A pixel file has {size} bytes, but its shape needs {needed}; write it whole."
                )
            return Picture(_map(descriptor, reference), reference.layout, reference.space)
        finally:
            os.close(descriptor)

    def write(self, picture: Picture) -> PixelRef:
        """Write a picture into a new file of the folder.

        Raises
        ------
        MemoryLimitError
            When the folder has no room; the part that was written is removed.
        """
        path = os.path.join(self.path, secrets.token_hex(8) + OUTPUT_SUFFIX)
        pixels = np.ascontiguousarray(picture.pixels)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        with self._lock:
            if self._removed:
                raise PixelBufferError("The client has gone; nobody takes the result.")
            descriptor = os.open(path, flags, 0o600)
        try:
            data = pixels.reshape(-1).view(np.uint8).data
            while data:
                data = data[os.write(descriptor, data) :]
        except OSError as error:
            with suppress(OSError):
                os.unlink(path)
            raise MemoryLimitError(
                f"The result does not fit into {self.path} ({error.strerror}); free some space, "
                "or set TINCT_EXCHANGE to a folder with more."
            ) from error
        finally:
            os.close(descriptor)
        rows, columns, channels = pixels.shape
        return PixelRef(
            path,
            (rows, columns, channels),
            dtype=pixels.dtype.name,
            layout=picture.layout,
            space=picture.space,
        )

    def discard(self, references: list[PixelRef]) -> None:
        """Remove files that `write` made and nobody will read."""
        for reference in references:
            with suppress(OSError):
                os.unlink(reference.path)

    def remove(self) -> None:
        """Remove the folder and the pixel files in it, and nothing else."""
        with self._lock:
            self._removed = True
            with suppress(OSError):
                status = os.lstat(self.path)
                if (status.st_dev, status.st_ino) != self._identity:
                    return
                for entry in list(os.scandir(self.path)):
                    if FILE_NAME.fullmatch(entry.name) and entry.is_file(follow_symlinks=False):
                        with suppress(OSError):
                            os.unlink(entry.path)
                os.rmdir(self.path)

    def _open(self, path: str) -> int:
        folder, name = os.path.split(path)
        if folder not in ("", self.path) or not FILE_NAME.fullmatch(name):
            raise PixelBufferError(
                "A pixel file must lie in the exchange folder and be named 16 hexadecimal digits "
                f"and {INPUT_SUFFIX}."
            )
        # A pipe in place of a file must not block, nor a link lead elsewhere.
        flags = os.O_RDONLY | getattr(os, "O_BINARY", 0)
        flags |= getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
        whole = os.path.join(self.path, name)
        try:
            status = os.lstat(whole)
            descriptor = os.open(whole, flags) if stat.S_ISREG(status.st_mode) else -1
        except OSError as error:
            raise PixelBufferError(
                f"A pixel file cannot be opened ({error.strerror}); write it before asking."
            ) from error
        if descriptor < 0:
            raise PixelBufferError("A pixel file must be a regular file, not a link or a pipe.")
        opened = os.fstat(descriptor)
        if not stat.S_ISREG(opened.st_mode) or (not WINDOWS and opened.st_uid != os.geteuid()):
            os.close(descriptor)
            raise PixelBufferError("A pixel file must be a regular file of this user.")
        return descriptor


def _map(descriptor: int, reference: PixelRef) -> NDArray[Any]:
    dtype = np.dtype(reference.dtype)
    rows, columns, channels = reference.shape
    if 0 in reference.shape:
        return np.zeros(reference.shape, dtype)
    end = reference.offset + reference.nbytes
    # Windows deletes no file that is mapped, so there it is read instead.
    stored = (
        _read_whole(descriptor, end)
        if WINDOWS
        else FileMap(descriptor, end, access=mmap.ACCESS_READ)
    )
    strides = (reference.stride, channels * dtype.itemsize, dtype.itemsize)
    array: NDArray[Any] = np.ndarray(
        (rows, columns, channels), dtype, stored, reference.offset, strides
    )
    # Compiled code may not take addresses that are no multiple of the number's size.
    return array if array.flags.aligned else array.copy()


def _read_whole(descriptor: int, size: int) -> bytes:
    with os.fdopen(os.dup(descriptor), "rb") as file:
        return file.read(size)
