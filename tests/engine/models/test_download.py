"""Downloads from servers of all manners: resumed, refused, and never trusted before their hash."""

from __future__ import annotations

import errno
import hashlib
import http.client
import os
import urllib.request
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import onnx_maker as make
from tinct.errors import Cancelled, FileError, NetworkError
from tinct.models import download
from tinct.models.download import fetch_file, part_of
from web import Manners, serving

WEIGHTS = np.random.default_rng(0).normal(size=(3, 3, 256, 64)).astype(np.float32)
CONTENT = make.model(
    [make.Node("Add", ["x", "w"], ["y"])], {"x": [3]}, {"y": [3]}, {"w": WEIGHTS}
)  # larger than one chunk
SHA256 = hashlib.sha256(CONTENT).hexdigest()
HALF = len(CONTENT) // 2


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "weights" / "net.onnx"


def fetch(url: str, target: Path, **options: Any) -> None:
    told = {"sha256": SHA256, "bytes_maximum": len(CONTENT), "bytes_exact": len(CONTENT)}
    fetch_file(url, target, **(told | {"stall_s": 5.0} | options))


def refused(sentence: str) -> Any:
    return pytest.raises(NetworkError, match=sentence)


def left(target: Path) -> list[str]:
    return sorted(path.name for path in target.parent.iterdir()) if target.parent.exists() else []


@pytest.mark.parametrize("announce", [True, False])
@pytest.mark.parametrize("ranges", [True, False])
@pytest.mark.parametrize("exact", [len(CONTENT), 0])
def test_a_whole_file_comes(target: Path, ranges: bool, announce: bool, exact: int) -> None:
    seen: list[float] = []
    with serving(Manners(CONTENT, ranges=ranges, announce=announce)) as url:
        fetch(
            url + "/net.onnx",
            target,
            bytes_exact=exact,
            progress=lambda fraction, stage: seen.append(fraction),
        )
    assert target.read_bytes() == CONTENT
    assert left(target) == ["net.onnx"]
    assert seen == sorted(seen)
    assert seen[0] == 0.0
    assert seen[-1] == 1.0
    assert len(seen) > 3


def test_a_broken_download_goes_on_where_it_stopped(target: Path) -> None:
    with (
        serving(Manners(CONTENT, stop_after=HALF)) as url,
        refused(rf"stopped after {HALF} of .* are kept, run the"),
    ):
        fetch(url + "/net.onnx", target)
    assert left(target) == ["net.onnx.part"]
    manners = Manners(CONTENT)
    with serving(manners) as url:
        fetch(url + "/net.onnx", target)
    assert manners.asked == [f"bytes={HALF}-"]
    assert target.read_bytes() == CONTENT
    assert left(target) == ["net.onnx"]


def test_a_server_without_ranges_sends_all_again(target: Path) -> None:
    part_of(target).parent.mkdir()
    part_of(target).write_bytes(CONTENT[:HALF])
    manners = Manners(CONTENT, ranges=False)
    with serving(manners) as url:
        fetch(url + "/net.onnx", target)
    assert manners.asked == [f"bytes={HALF}-"]
    assert target.read_bytes() == CONTENT


def test_a_server_that_sends_another_part_is_asked_for_all(target: Path) -> None:
    part_of(target).parent.mkdir()
    part_of(target).write_bytes(CONTENT[:HALF])
    manners = Manners(CONTENT, shift=7)
    with serving(manners) as url:
        fetch(url + "/net.onnx", target)
    assert manners.asked == [f"bytes={HALF}-", ""]
    assert target.read_bytes() == CONTENT


def test_a_part_that_is_whole_already_is_only_checked(target: Path) -> None:
    part_of(target).parent.mkdir()
    part_of(target).write_bytes(CONTENT)
    fetch("http://127.0.0.1:9/net.onnx", target)
    assert left(target) == ["net.onnx"]


def test_a_part_that_the_server_has_nothing_after_is_begun_anew(target: Path) -> None:
    part_of(target).parent.mkdir()
    part_of(target).write_bytes(CONTENT)
    manners = Manners(CONTENT)
    with serving(manners) as url:
        fetch(url + "/net.onnx", target, bytes_exact=0)
    assert manners.asked == [f"bytes={len(CONTENT)}-", ""]
    assert left(target) == ["net.onnx"]


def test_a_part_of_something_longer_is_thrown_away(target: Path) -> None:
    part_of(target).parent.mkdir()
    part_of(target).write_bytes(CONTENT + b"more")
    with serving(Manners(CONTENT)) as url:
        fetch(url + "/net.onnx", target)
    assert target.read_bytes() == CONTENT


def test_a_part_of_another_file_is_found_by_the_hash_and_thrown_away(target: Path) -> None:
    part_of(target).parent.mkdir()
    part_of(target).write_bytes(bytes(HALF))
    with serving(Manners(CONTENT)) as url:
        with refused("is not ONNX"):
            fetch(url + "/net.onnx", target)
        assert left(target) == []
        fetch(url + "/net.onnx", target)
    assert left(target) == ["net.onnx"]


def test_a_silent_server_is_given_up(target: Path) -> None:
    with (
        serving(Manners(CONTENT, stall_after=HALF)) as url,
        refused(r"sent nothing for 0\.2 seconds; \d+ bytes are kept"),
    ):
        fetch(url + "/net.onnx", target, stall_s=0.2)
    assert left(target) == ["net.onnx.part"]
    assert CONTENT.startswith(part_of(target).read_bytes())


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (bytes(len(CONTENT)), "is not ONNX"),
        (CONTENT[:HALF] + b"evil" + CONTENT[HALF + 4 :], "its sha256 is another one"),
        (b"<html>" + CONTENT[6:], "is a web page"),
    ],
)
def test_another_file_never_gets_the_name(target: Path, content: bytes, sentence: str) -> None:
    target.parent.mkdir()
    target.write_bytes(b"what was there before")
    with serving(Manners(content)) as url, refused(sentence):
        fetch(url + "/net.onnx", target)
    assert target.read_bytes() == b"what was there before"
    assert left(target) == ["net.onnx"]


def test_a_web_page_is_refused_before_it_is_stored(target: Path) -> None:
    manners = Manners(b"<html>please log in</html>", kind="text/html; charset=utf-8")
    with serving(manners) as url, refused("sent a web page instead"):
        fetch(url + "/net.onnx", target)
    assert left(target) == []


@pytest.mark.parametrize("content", [CONTENT + b"x", CONTENT[:-1]])
def test_another_size_is_refused_before_it_is_stored(target: Path, content: bytes) -> None:
    with serving(Manners(content)) as url, refused("nothing was fetched"):
        fetch(url + "/net.onnx", target)
    assert left(target) == []


def test_an_endless_answer_is_cut_off(target: Path) -> None:
    with serving(Manners(CONTENT * 2, announce=False)) as url, refused("sent more than the"):
        fetch(url + "/net.onnx", target, bytes_exact=0)
    assert part_of(target).stat().st_size == 0


def test_redirects_are_followed(target: Path) -> None:
    with serving(Manners(CONTENT)) as url:
        fetch(url + "/moved", target)
    assert target.read_bytes() == CONTENT


@pytest.mark.parametrize("place", ["file:///etc/passwd", "ftp://127.0.0.1/net.onnx"])
def test_redirects_lead_to_web_servers_only(target: Path, place: str) -> None:
    with serving(Manners(CONTENT, moved_to=place)) as url, refused("not allowed|not safe"):
        fetch(url + "/moved", target)
    assert left(target) == []


def test_redirects_never_leave_encryption() -> None:
    request = urllib.request.Request("https://example.com/net.onnx")
    follow = download._Redirects().redirect_request
    assert follow(request, None, 302, "Found", {}, "https://example.org/net.onnx") is not None
    with refused("not safe"):
        follow(request, None, 302, "Found", {}, "http://example.org/net.onnx")


def test_redirects_in_a_circle_end(target: Path) -> None:
    with serving(Manners(CONTENT, moved_to="/moved")) as url, refused("refused"):
        fetch(url + "/moved", target)


@pytest.mark.parametrize("place", ["file:///etc/passwd", "net.onnx", "ftp://x/net.onnx"])
def test_only_web_addresses_are_fetched(target: Path, place: str) -> None:
    with refused("is no web address"):
        fetch(place, target)


@pytest.mark.parametrize("status", [401, 404, 500, 503])
def test_refusals_name_the_status(target: Path, status: int) -> None:
    with (
        serving(Manners(CONTENT, status=status)) as url,
        refused(rf"refused .*\({status} .*tinct models add FILE\.$"),
    ):
        fetch(url + "/net.onnx", target)
    assert left(target) == []


def test_a_server_that_is_not_there_is_named(target: Path) -> None:
    with serving(Manners(CONTENT)) as url:
        pass
    with refused(r"127\.0\.0\.1:\d+ cannot be reached .*https_proxy"):
        fetch(url + "/net.onnx", target)


def test_a_proxy_is_taken_from_the_environment(
    target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    manners = Manners(CONTENT)
    with serving(manners) as url:
        monkeypatch.setenv("http_proxy", url)
        monkeypatch.setenv("no_proxy", "")
        fetch("http://example.invalid/net.onnx", target)
    assert manners.paths == ["http://example.invalid/net.onnx"]
    assert target.read_bytes() == CONTENT


@pytest.mark.parametrize("error", [KeyboardInterrupt, Cancelled])
def test_a_cancel_leaves_the_part_and_nothing_else(
    target: Path, error: type[BaseException]
) -> None:
    def progress(fraction: float, stage: str) -> None:
        if fraction > 0.2:
            raise error

    with serving(Manners(CONTENT)) as url, pytest.raises(error):
        fetch(url + "/net.onnx", target, progress=progress)
    assert left(target) == ["net.onnx.part"]
    assert CONTENT.startswith(part_of(target).read_bytes())
    manners = Manners(CONTENT)
    with serving(manners) as url:
        fetch(url + "/net.onnx", target)
    assert manners.asked[0].startswith("bytes=")
    assert target.read_bytes() == CONTENT


def test_a_full_disk_is_one_sentence(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Full:
        def __init__(self, file: Any) -> None:
            self._file = file
            self._written = 0

        def write(self, chunk: bytes) -> None:
            self._written += len(chunk)
            if self._written > HALF:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            self._file.write(chunk)

        def __enter__(self) -> Full:
            return self

        def __exit__(self, *_: object) -> None:
            self._file.close()

    plain = Path.open
    monkeypatch.setattr(
        Path, "open", lambda path, mode="r", **more: Full(plain(path, mode, **more))
    )
    with serving(Manners(CONTENT)) as url, pytest.raises(FileError, match=r"is full; free some"):
        fetch(url + "/net.onnx", target)
    assert left(target) == ["net.onnx.part"]


def test_a_disk_without_room_is_said_before_anything_is_fetched(
    target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Usage:
        free = HALF

    monkeypatch.setattr(download.shutil, "disk_usage", lambda folder: Usage)
    manners = Manners(CONTENT)
    with serving(manners) as url, pytest.raises(FileError, match="MiB are needed"):
        fetch(url + "/net.onnx", target)
    assert manners.asked == []


def test_a_folder_that_cannot_be_written_is_named(target: Path) -> None:
    target.parent.write_text("a file where the folder should be")
    with pytest.raises(FileError, match=r"cannot be written: .*TINCT_MODELS\.$"):
        fetch("http://127.0.0.1:9/net.onnx", target)


def test_a_connection_that_breaks_is_one_sentence(
    target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(response: Any) -> bytes:
        raise http.client.HTTPException("nonsense")

    monkeypatch.setattr(download, "_some", broken)
    with serving(Manners(CONTENT)) as url, refused(r"broke \(HTTPException.*; try again later\.$"):
        fetch(url + "/net.onnx", target)
