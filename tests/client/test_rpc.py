from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinct_client import protocol
from tinct_client.errors import EngineDied, InternalError, OperationFailed
from tinct_client.rpc import Call, Connection

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8
)


def line(**members: Any) -> bytes:
    return json.dumps({"jsonrpc": "2.0"} | members).encode() + b"\n"


def test_a_request_is_one_line_and_its_answer_completes_it() -> None:
    connection = Connection()
    call, sent = connection.request("catalog/list", {"text": "Farbe\nü"})
    assert sent.count(b"\n") == 1
    assert json.loads(sent) == {
        "jsonrpc": "2.0", "id": call.id, "method": "catalog/list", "params": {"text": "Farbe\nü"},
    }  # fmt: skip
    with pytest.raises(RuntimeError):
        call.result()
    connection.feed(line(id=call.id, result=[1, 2]))
    assert call.result() == [1, 2]
    assert connection.pending == {}


def test_an_error_is_raised_by_result() -> None:
    connection = Connection()
    call, _ = connection.request("x", {})
    connection.feed(line(id=call.id, error={"code": -32000, "message": "No strokes."}))
    with pytest.raises(OperationFailed, match="No strokes"):
        call.result()


@given(st.lists(st.integers(1, 30), max_size=12), st.data())
def test_answers_cut_anywhere_arrive_whole(cuts: list[int], data: st.DataObject) -> None:
    connection = Connection()
    calls = [connection.request("x", {})[0] for _ in range(3)]
    order = data.draw(st.permutations(calls))
    stream = b"".join(line(id=call.id, result=f"ü{call.id}") for call in order)
    start = 0
    for cut in cuts:
        connection.feed(stream[start : start + cut])
        start += cut
    connection.feed(stream[start:])
    assert [call.result() for call in calls] == [f"ü{call.id}" for call in calls]


@given(JSON)
def test_no_message_breaks_the_client(value: Any) -> None:
    connection = Connection(on_log=lambda level, message: None)
    call, _ = connection.request("x", {})
    connection.feed(json.dumps(value).encode() + b"\n")
    assert (connection.broken is None) == isinstance(value, dict)
    assert not call.done


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "id": JSON, "method": st.sampled_from([protocol.PROGRESS, protocol.LOG]) | JSON,
            "params": JSON | st.fixed_dictionaries(
                {"id": st.just(1) | JSON}, optional={"fraction": JSON, "stage": JSON}
            ),
            "error": JSON,
        },
    )
)  # fmt: skip
def test_half_right_messages_complete_no_call_wrongly(message: dict[str, Any]) -> None:
    connection = Connection(on_log=lambda level, text: None)
    call, _ = connection.request("x", {})
    connection.feed(json.dumps(message).encode() + b"\n")
    assert connection.broken is None
    assert 0.0 <= call.fraction <= 1.0
    answered = message.get("id") == call.id and type(message["id"]) is int
    assert call.done == (answered and "method" not in message)


@given(st.binary().filter(lambda data: b"\n" not in data))
def test_no_bytes_break_the_client(data: bytes) -> None:
    Connection().feed(data + b"\n")


def test_true_is_not_the_first_call() -> None:
    connection = Connection()
    call, _ = connection.request("x", {})
    connection.feed(line(id=True, result=5) + line(id=1.0, result=5))
    assert not call.done


def test_garbage_marks_the_connection_as_broken() -> None:
    connection = Connection()
    connection.feed(b"Traceback (most recent call last):\n")
    assert isinstance(connection.broken, InternalError)


def test_a_line_without_end_marks_the_connection_as_broken(monkeypatch: Any) -> None:
    monkeypatch.setattr(protocol, "MAX_LINE_BYTES", 100)
    connection = Connection()
    connection.feed(b"x" * 100)
    assert connection.broken is None
    connection.feed(b"x")
    assert isinstance(connection.broken, InternalError)


def test_progress_reaches_its_call_only() -> None:
    told: list[tuple[float, str]] = []
    connection = Connection()
    first, _ = connection.request("x", {}, lambda fraction, stage: told.append((fraction, stage)))
    second, _ = connection.request("x", {})
    connection.feed(
        line(method=protocol.PROGRESS, params={"id": first.id, "fraction": 0.5, "stage": "Half"})
        + line(method=protocol.PROGRESS, params={"id": 999, "fraction": 0.6, "stage": "?"})
        + line(method=protocol.PROGRESS, params={"id": first.id, "fraction": 7, "stage": "Much"})
    )
    assert told == [(0.5, "Half"), (1.0, "Much")]
    assert (second.fraction, second.stage) == (0.0, "")


@pytest.mark.parametrize("fraction", [math.nan, -math.inf, -(10**400), 10**400, math.inf, True])
def test_progress_is_always_a_fraction(fraction: float) -> None:
    connection = Connection()
    call, _ = connection.request("x", {})
    connection.feed(line(method=protocol.PROGRESS, params={"id": call.id, "fraction": fraction}))
    assert call.fraction == (1.0 if fraction > 0 else 0.0)


def test_log_and_answers_to_nobody_are_told() -> None:
    told: list[tuple[str, str]] = []
    connection = Connection(on_log=lambda level, message: told.append((level, message)))
    connection.feed(line(method=protocol.LOG, params={"level": "warning", "message": "Dark."}))
    connection.feed(line(id=None, error={"code": -32600, "message": "Too long."}))
    assert told == [("warning", "Dark."), ("error", "Too long.")]


def test_a_handler_that_raises_loses_no_answer() -> None:
    def refuse(fraction: float, stage: str) -> None:
        raise LookupError

    connection = Connection()
    call, _ = connection.request("x", {}, refuse)
    with pytest.raises(LookupError):
        connection.feed(
            line(method=protocol.PROGRESS, params={"id": call.id, "fraction": 0.5, "stage": ""})
            + line(id=call.id, result="there")
        )
    connection.feed(b"")
    assert call.result() == "there"


def test_fail_ends_every_call_once() -> None:
    connection = Connection()
    calls = [connection.request("x", {})[0] for _ in range(3)]
    ended: list[Call] = []
    for call in calls:
        call.then(ended.append)
    connection.fail(EngineDied("Gone."))
    connection.feed(line(id=calls[0].id, result="late"))
    assert ended == calls
    for call in calls:
        with pytest.raises(EngineDied):
            call.result()
    calls[0].then(ended.append)  # told at once when it is over
    assert ended[3] is calls[0]


def test_numbers_json_does_not_have_are_refused() -> None:
    connection = Connection()
    with pytest.raises(ValueError, match="JSON"):
        connection.request("x", {"value": float("nan")})
    assert connection.pending == {}
