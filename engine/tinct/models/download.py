"""Downloads that resume, give up when nothing comes, and are nothing until their hash is right."""

from __future__ import annotations

import errno
import hashlib
import http.client
import os
import shutil
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

from tinct.context import Progress, no_progress
from tinct.errors import FileError, NetworkError

__all__ = ["STALL_S", "disk_errors", "fetch_file", "part_of", "sha256_of"]

STALL_S = 30.0
CHUNK_BYTES = 1 << 18
HASH_CHUNK_BYTES = 1 << 20
SCHEMES = ("http", "https")
PARTIAL, UNSATISFIABLE = 206, 416
AGAIN = "run the same command again to go on from there"
PROXY = "check the connection, and https_proxy if you need a proxy"


def part_of(target: Path) -> Path:
    """Return where a download lies until it is whole and checked."""
    return target.with_name(target.name + ".part")


def fetch_file(
    url: str,
    target: Path,
    *,
    sha256: str,
    bytes_maximum: int,
    bytes_exact: int = 0,
    stall_s: float = STALL_S,
    progress: Progress = no_progress,
) -> None:
    """Bring a file from a server; only one with the right hash ever gets the name `target`.

    What has come before an interruption stays in ``<target>.part``, and the next call goes on from
    there where the server can; a server that cannot sends everything again. Proxies are taken from
    the environment.

    Parameters
    ----------
    url
        http or https; redirects are followed, but never from https to http.
    target
        Its folder is made.
    sha256
        Of the whole file, in hexadecimal.
    bytes_maximum, bytes_exact
        The most it may have; what it must have, 0 when that is not known.
    stall_s
        After so many seconds without a byte the server is given up.
    progress
        Told the share that has come; may raise to cancel.

    Raises
    ------
    NetworkError
        When the server cannot be reached, refuses, stalls, stops early, or sends something else.
    FileError
        When the file cannot be written, as on a full disk.
    """
    if urlsplit(url).scheme not in SCHEMES:
        raise NetworkError(f"'{url[:200]}' is no web address; it must begin with https://.")
    part = part_of(target)
    limit = bytes_exact or bytes_maximum
    with disk_errors(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        if _size_of(part) > limit:
            part.unlink()
    _check_room(target.parent, bytes_exact - _size_of(part))
    if not bytes_exact or _size_of(part) < bytes_exact:
        _Download(url, part, limit, bytes_exact, stall_s, progress).run()
    progress(1.0, "Checking")
    with disk_errors(target):
        if sha256_of(part) != sha256:
            _refuse(part, url)
        os.replace(part, target)


def sha256_of(path: Path, progress: Progress = no_progress) -> str:
    """Return the sha256 of a file in hexadecimal; raises `OSError` when it cannot be read."""
    digest, done = hashlib.sha256(), 0
    with path.open("rb") as file:
        total = max(os.fstat(file.fileno()).st_size, 1)
        while chunk := file.read(HASH_CHUNK_BYTES):
            digest.update(chunk)
            done += len(chunk)
            progress(min(done / total, 1.0), "Checking")
    return digest.hexdigest()


@contextmanager
def disk_errors(target: Path) -> Iterator[None]:
    """Turn what the disk refuses into one sentence about `target`."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise FileError(
                f"The disk with {target.parent} is full; free some space and run the command again."
            ) from error
        raise FileError(
            f"{target} cannot be written: {error.strerror or error}; choose another folder with "
            "TINCT_MODELS."
        ) from error


def _size_of(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _check_room(folder: Path, needed: int) -> None:
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise FileError(
            f"The disk with {folder} has {free >> 20} MiB left and {needed >> 20} MiB are needed; "
            "free some space."
        )


def _refuse(part: Path, url: str) -> None:
    """Say why a whole file is not the one that was asked for, and forget it."""
    from tinct.models.onnxfile import inspect_file

    try:
        inspect_file(part, called=f"What {urlsplit(url).netloc} sent")
    finally:
        part.unlink(missing_ok=True)
    raise NetworkError(
        f"What {urlsplit(url).netloc} sent is not the file its manifest names (its sha256 is "
        "another one), so it was deleted; try again, and if it stays so, tell the network's source."
    )


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows redirects between web servers, never to a less safe one."""

    def redirect_request(
        self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        scheme = urlsplit(newurl).scheme
        if scheme not in SCHEMES or (urlsplit(req.full_url).scheme == "https" != scheme):
            raise NetworkError(
                f"{urlsplit(req.full_url).netloc} sends us on to '{newurl[:200]}', which is not "
                "safe; tell the network's source."
            )
        return super().redirect_request(req, fp, code, msg, headers, newurl)


class _Download:
    """One attempt to complete a partial file."""

    def __init__(
        self, url: str, part: Path, limit: int, exact: int, stall_s: float, progress: Progress
    ) -> None:
        self._url = url
        self._server = urlsplit(url).netloc
        self._part = part
        self._limit = limit
        self._exact = exact
        self._stall_s = stall_s
        self._progress = progress

    def run(self) -> None:
        have = _size_of(self._part)
        try:
            response = self._open(have)
            if response is None:  # the server has nothing after what we have, or something else
                have = 0
                response = self._open(0)
            if response is None:
                raise NetworkError(f"{self._server} sends parts nobody asked for; try again later.")
            with response:
                self._read(response, have)
        except TimeoutError as error:
            raise NetworkError(
                f"{self._server} sent nothing for {self._stall_s:g} seconds; {self._kept()}."
            ) from error
        except urllib.error.HTTPError as error:
            with error:
                raise NetworkError(
                    f"{self._server} refused {self._url} ({error.code} {error.reason}); if it has "
                    "moved, fetch it by hand and run: tinct models add FILE."
                ) from error
        except urllib.error.URLError as error:
            if isinstance(error.reason, TimeoutError):
                raise NetworkError(
                    f"{self._server} did not answer for {self._stall_s:g} seconds; {PROXY}."
                ) from error
            raise NetworkError(
                f"{self._server} cannot be reached ({error.reason}); {PROXY}."
            ) from error
        except (http.client.HTTPException, ConnectionError) as error:
            raise NetworkError(
                f"The connection to {self._server} broke ({error!r:.100}); {self._kept()}."
            ) from error

    def _open(self, have: int) -> Any:
        headers = {"Accept-Encoding": "identity", "User-Agent": "tinct"}
        if have:
            headers["Range"] = f"bytes={have}-"
        opener = urllib.request.build_opener(_Redirects)
        try:
            request = urllib.request.Request(self._url, headers=headers)
            response = opener.open(request, timeout=self._stall_s)
        except urllib.error.HTTPError as error:
            if have and error.code == UNSATISFIABLE:
                error.close()
                return None
            raise
        given = str(response.headers.get("Content-Range", ""))
        if response.status == PARTIAL and not given.startswith(f"bytes {have}-"):
            response.close()
            return None
        return response

    def _read(self, response: Any, have: int) -> None:
        if response.headers.get_content_type() == "text/html":
            raise NetworkError(
                f"{self._server} sent a web page instead of the network; look at {self._url} in a "
                "browser, fetch the file by hand and run: tinct models add FILE."
            )
        goes_on = response.status == PARTIAL
        start = have if goes_on else 0
        length = response.headers.get("Content-Length", "")
        total = start + int(length) if length.isdecimal() else 0
        if (self._exact and total and total != self._exact) or total > self._limit:
            raise NetworkError(
                f"{self._server} offers {total} bytes and the manifest names {self._limit}; it is "
                "another file, so nothing was fetched."
            )
        with disk_errors(self._part):
            file = self._part.open("ab" if goes_on else "wb")
        with file:
            done = self._copy(response, file, start, total or self._exact or self._limit)
        if done < (total or self._exact):
            raise NetworkError(
                f"{self._server} stopped after {done} of {total or self._exact} bytes; "
                f"{self._kept()}."
            )

    def _copy(self, response: Any, file: IO[bytes], start: int, total: int) -> int:
        done = start
        self._progress(min(done / total, 1.0), "Fetching")
        while chunk := _some(response):
            done += len(chunk)
            if done > self._limit:
                file.truncate(0)
                raise NetworkError(
                    f"{self._server} sent more than the {self._limit} bytes the manifest names; "
                    "it is another file, so it was deleted."
                )
            with disk_errors(self._part):
                file.write(chunk)
            self._progress(min(done / total, 1.0), "Fetching")
        return done

    def _kept(self) -> str:
        kept = _size_of(self._part)
        return f"{kept} bytes are kept, {AGAIN}" if kept else "try again later"


def _some(response: Any) -> bytes:
    """Return what has come, or nothing at the end, early or not."""
    try:
        chunk: bytes = response.read1(CHUNK_BYTES)
    except http.client.IncompleteRead as error:
        return bytes(error.partial)
    return chunk
