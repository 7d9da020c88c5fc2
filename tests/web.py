"""A web server for tests, with the manners of good and bad ones."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Manners:
    """How the server behaves.

    Attributes
    ----------
    content
        What it serves under ``/net.onnx``; ``/moved`` leads there.
    ranges
        Whether it knows Range.
    stop_after
        Bytes after which it closes the connection, though it announced more.
    stall_after
        Bytes after which it falls silent.
    kind
        The Content-Type.
    announce
        Whether it sends Content-Length.
    status
        Anything but 200 is sent with a page about it.
    moved_to
        Where ``/moved`` leads.
    shift
        Added to the start of the parts it sends.
    asked
        The Range of every request, "" without one.
    """

    content: bytes
    ranges: bool = True
    stop_after: int = -1
    stall_after: int = -1
    kind: str = "application/octet-stream"
    announce: bool = True
    status: int = 200
    moved_to: str = "/net.onnx"
    shift: int = 0
    asked: list[str] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    stalled: threading.Event = field(default_factory=threading.Event)
    over: threading.Event = field(default_factory=threading.Event)


@contextmanager
def serving(manners: Manners) -> Iterator[str]:
    """Serve on a free port and yield the address."""

    class Handler(_Handler):
        told = manners

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        manners.over.set()
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(http.server.BaseHTTPRequestHandler):
    told: Manners

    def do_GET(self) -> None:
        told = self.told
        told.paths.append(self.path)
        if self.path.endswith("/moved"):
            self.send_response(302)
            self.send_header("Location", told.moved_to)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        told.asked.append(self.headers.get("Range", ""))
        if told.status != 200:
            self.send_error(told.status)
            return
        start = 0
        asked = told.asked[-1]
        if told.ranges and asked:
            start = int(asked.removeprefix("bytes=").removesuffix("-"))
            if start >= len(told.content):
                self.send_error(416)
                return
        self._send(start, partial=bool(told.ranges and asked))

    def _send(self, start: int, *, partial: bool) -> None:
        told = self.told
        start += told.shift if partial else 0
        self.send_response(206 if partial else 200)
        self.send_header("Content-Type", told.kind)
        if partial:
            end = len(told.content)
            self.send_header("Content-Range", f"bytes {start}-{end - 1}/{end}")
        if told.announce:
            self.send_header("Content-Length", str(len(told.content) - start))
        self.end_headers()
        body = told.content[start:]
        for limit in (told.stop_after, told.stall_after):
            body = body[: limit - start] if limit >= 0 else body
        try:
            self.wfile.write(body)
            self.wfile.flush()
            if told.stall_after >= 0:
                told.stalled.set()
                told.over.wait(20)
        except OSError:
            pass

    def log_message(self, *_: Any) -> None:
        pass
