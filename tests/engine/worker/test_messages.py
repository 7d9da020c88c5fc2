from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinct.errors import MemoryLimitError, ParameterError, ProtocolError, TinctError
from tinct.worker import messages
from tinct.worker.messages import Message, Writer, decode, error_of, id_of, parse, read_lines
from tinct_client import protocol

LIMIT = 64
FINITE = st.floats(allow_nan=False, allow_infinity=False)
SCALARS = st.none() | st.booleans() | st.integers() | FINITE | st.text()
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8
)


class Feed:
    """Hand out bytes in given pieces, as a pipe may."""

    def __init__(self, pieces: list[bytes]) -> None:
        self.pieces = iter(pieces)

    def read(self, descriptor: int, count: int) -> bytes:
        return next(self.pieces, b"")


def lines_of(pieces: list[bytes]) -> list[bytes | None]:
    """Split as the worker does, with a short limit."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(protocol, "MAX_LINE_BYTES", LIMIT)
        patch.setattr(messages.os, "read", Feed(pieces).read)
        return list(read_lines(0))


@given(st.lists(st.binary(max_size=3 * LIMIT)), st.lists(st.integers(1, LIMIT), max_size=20))
def test_lines_are_whole_however_they_arrive(contents: list[bytes], cuts: list[int]) -> None:
    stream = b"".join(content.replace(b"\n", b"") + b"\n" for content in contents)
    pieces, start = [], 0
    for cut in [*cuts, len(stream)]:
        if stream[start : start + cut]:
            pieces.append(stream[start : start + cut])
        start += cut
    whole = stream.split(b"\n")[:-1]
    assert lines_of(pieces) == [line if len(line) <= LIMIT else None for line in whole]


def test_a_line_without_end_is_no_message() -> None:
    assert lines_of([b"whole\nhal", b"f"]) == [b"whole"]


def test_a_line_without_end_takes_no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    largest = 0

    def pieces() -> Iterator[bytes]:
        for _ in range(1000):
            yield b"x" * LIMIT
        yield b"\nnext\n"

    class Watched(bytearray):
        def __iadd__(self, more: Any) -> Any:
            nonlocal largest
            result = super().__iadd__(more)
            largest = max(largest, len(result))
            return result

    monkeypatch.setattr(messages, "bytearray", Watched, raising=False)
    assert lines_of(list(pieces())) == [None, b"next"]
    assert 0 < largest <= 2 * LIMIT


@given(st.dictionaries(st.text(), JSON))
def test_any_object_is_decoded(value: dict[str, Any]) -> None:
    assert decode(json.dumps(value).encode()) == json.loads(json.dumps(value))


@given(st.binary())
def test_no_bytes_raise_anything_but_a_sentence(data: bytes) -> None:
    try:
        value = decode(data)
    except ProtocolError as error:
        sentence = str(error)
        assert error.code in (protocol.PARSE_ERROR, protocol.INVALID_REQUEST)  # noqa: PT017
        assert sentence.endswith(".")
    else:
        assert isinstance(value, dict)


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "jsonrpc": st.just("2.0") | JSON,
            "id": JSON,
            "method": st.sampled_from(["initialize", "operation/run"]) | JSON,
            "params": st.just({}) | JSON,
            "more": JSON,
        },
    )
)
def test_half_right_requests_are_messages_or_sentences(value: dict[str, Any]) -> None:
    try:
        message = parse(value)
    except TinctError as error:
        message = None
        assert str(error).endswith((".", '"2.0".'))  # noqa: PT017
    fits = (
        value.get("jsonrpc") == "2.0"
        and (value.get("id") is None or id_of(value) is not None)
        and isinstance(value.get("method"), str)
        and value["method"] != ""
        and isinstance(value.get("params", {}), dict)
    )
    assert (message is not None) == fits
    if message is not None:
        assert message == Message(value["method"], value.get("params", {}), id_of(value))


@pytest.mark.parametrize("id_", [0, -1, 1 << 62, "", "a", "i" * 200])
def test_ids_that_can_be_used(id_: Any) -> None:
    assert id_of({"id": id_}) == id_


@pytest.mark.parametrize("id_", [None, True, 1.0, 1 << 63, -(1 << 63), "i" * 201, [], {}])
def test_ids_that_cannot(id_: Any) -> None:
    assert id_of({"id": id_}) is None


def test_errors_become_code_sentence_and_data() -> None:
    unfit = ParameterError("x must be 1.", parameter="x", value=2, allowed="1")
    assert error_of(unfit, "?") == {
        "code": protocol.INVALID_PARAMS,
        "message": "x must be 1.",
        "data": {"parameter": "x", "value": "2", "allowed": "1"},
    }
    assert error_of(MemoryLimitError("Too large."), "?")["code"] == protocol.OUT_OF_MEMORY
    assert error_of(MemoryError(), "?")["code"] == protocol.OUT_OF_MEMORY
    hidden = error_of(KeyError("inside"), "The log says more.")
    assert hidden == {
        "code": protocol.INTERNAL_ERROR, "message": "The log says more.", "data": {},
    }  # fmt: skip


def test_answers_from_many_threads_stay_whole() -> None:
    source, target = os.pipe()
    writer = Writer(target)
    text = "ü" * 5000  # longer than what a pipe takes in one piece

    def tell(thread: int) -> None:
        for count in range(20):
            writer.notify("$/progress", {"thread": thread, "count": count, "text": text})

    threads = [threading.Thread(target=tell, args=(number,)) for number in range(4)]
    got: list[dict[str, Any]] = []
    with os.fdopen(source, "rb") as stream:
        for thread in threads:
            thread.start()
        got = [json.loads(stream.readline())["params"] for _ in range(80)]
        for thread in threads:
            thread.join()
    os.close(target)
    assert all(params["text"] == text for params in got)
    for number in range(4):
        counts = [params["count"] for params in got if params["thread"] == number]
        assert counts == list(range(20))


@pytest.mark.parametrize("value", [float("nan"), float("inf"), object(), "x" * (5 << 20)])
def test_what_json_cannot_hold_is_not_begun(value: Any) -> None:
    source, target = os.pipe()
    with os.fdopen(source, "rb") as stream:
        with pytest.raises((ValueError, TypeError)):
            Writer(target).answer(1, value)
        os.close(target)
        assert stream.read() == b""
