"""The client against engines that break the rules; the real one is in e2e/worker."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tinct_client import process
from tinct_client.errors import Cancelled, EngineDied, EngineMissing, InternalError, StaleCatalog
from tinct_client.process import Engine, Latest, Outcome
from tinct_client.rpc import Call

GREET = "import sys, json; sys.stdin.readline(); "
HELLO = 'print(\'{"jsonrpc":"2.0","id":1,"result":{}}\', flush=True); '
WAIT = "sys.stdin.read()"


@pytest.fixture
def play(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Engine]]:
    """Make engines whose process runs a script."""
    monkeypatch.setenv("TINCT_EXCHANGE", str(tmp_path))
    made: list[Engine] = []

    def make(script: str) -> Engine:
        made.append(Engine("test", "1", command=[sys.executable, "-I", "-S", "-c", script]))
        return made[-1]

    yield make
    for engine in made:
        engine.close()
        assert not [path for path in tmp_path.iterdir() if path.name.startswith("tinct-")]


def test_an_engine_that_never_answers_is_given_up(
    play: Callable[[str], Engine], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "START_TIMEOUT_S", 0.05)
    engine = play("import sys; " + WAIT)
    with pytest.raises(EngineMissing, match=r"not answer.*tinct doctor"):
        engine.call("models/list", {})
    assert engine.pid is None


def test_an_engine_that_cannot_load_names_the_log(play: Callable[[str], Engine]) -> None:
    engine = play("import no_such_module")
    with pytest.raises(EngineMissing, match=r"cannot start.*engine-test\.log.*tinct doctor"):
        engine.call("models/list", {})


def test_an_engine_that_speaks_otherwise_is_not_believed(play: Callable[[str], Engine]) -> None:
    engine = play(GREET + HELLO + "print('hello', flush=True); " + WAIT)
    with pytest.raises(InternalError, match="tinct doctor"):
        engine.call("models/list", {})
    assert engine.pid is None


def test_an_engine_of_another_protocol_asks_for_an_install(play: Callable[[str], Engine]) -> None:
    refusal = '{"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":"Protocol 2 only."}}'
    engine = play(GREET + f"print({refusal!r}, flush=True); " + WAIT)
    with pytest.raises(StaleCatalog, match=r"Protocol 2 only\. Run `tinct install` again\."):
        engine.call("models/list", {})


def test_a_result_of_another_shape_is_a_sentence() -> None:
    whole = {"outputs": {}, "warnings": [], "seconds": 0}
    assert Outcome.from_wire(whole) == Outcome({}, [], 0.0)
    unfit = [{"outputs": {"a": {}}}, {"outputs": {"a": {"picture": {}}}}, {"seconds": "long"}]
    for value in (None, [], {}, *(whole | changes for changes in unfit)):
        with pytest.raises(InternalError, match="tinct doctor"):
            Outcome.from_wire(value)


def test_polling_without_an_engine_does_nothing(play: Callable[[str], Engine]) -> None:
    engine = play("")
    engine.poll()
    engine.kill()
    assert engine.pid is None


def test_submit_does_not_wait(play: Callable[[str], Engine]) -> None:
    engine = play("import sys; " + WAIT)
    call = engine.submit("models/list", {})
    engine.poll()
    assert not call.done
    engine.kill()
    with pytest.raises(EngineDied):
        call.result()


def test_a_message_longer_than_a_pipe_holds_arrives_whole(play: Callable[[str], Engine]) -> None:
    length = 3 << 20
    engine = play(
        GREET + HELLO + "size = len(json.loads(sys.stdin.readline())['params']['text']); "
        'print(json.dumps({"jsonrpc": "2.0", "id": 2, "result": size}), flush=True); ' + WAIT
    )
    assert engine.call("models/list", {"text": "x" * length}) == length


def test_inputs_are_deleted_when_the_engine_is_missing(tmp_path: Path) -> None:
    with Engine("test", "1", command=[str(tmp_path / "no-python")]) as engine:
        picture = engine.exchange.write(bytes(4), 1, 1)
        with pytest.raises(EngineMissing):
            engine.run("identity", {"image": picture}, {})
        assert os.listdir(engine.exchange.path) == []


def test_a_cancel_that_is_not_heard_kills(
    play: Callable[[str], Engine], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "CANCEL_GRACE_S", 0.02)
    engine = play(GREET + HELLO + WAIT)
    call, behind = engine.submit("a", {}), engine.submit("b", {})
    engine.cancel(call)
    until = time.monotonic() + 60
    while not behind.done:
        assert time.monotonic() < until
        engine.poll(0.01)
    assert type(call.error).__name__ == "Cancelled"
    assert isinstance(behind.error, EngineDied)


def test_once_settled_no_cancelled_call_takes_the_next_along(
    play: Callable[[str], Engine], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "CANCEL_GRACE_S", 0.02)
    engine = play(GREET + HELLO + WAIT)
    engine.settle()  # nothing to wait for
    call = engine.submit("a", {})
    engine.cancel(call)
    engine.settle()
    assert isinstance(call.error, Cancelled)
    assert engine.pid is None  # what comes next starts it anew
    behind = engine.submit("b", {})
    time.sleep(0.05)
    engine.poll()
    assert not behind.done


def test_latest_keeps_one_in_flight_and_the_newest_waiting() -> None:
    calls: list[Call] = []
    begun: list[str] = []

    def begin(request: str) -> Call:
        begun.append(request)
        calls.append(Call(len(calls), request))
        return calls[-1]

    latest = Latest(begin)
    for request in "abc":
        latest.ask(request)
    assert (begun, latest.busy) == (["a"], True)
    calls[0].finish()
    assert begun == ["a", "c"]
    latest.ask("d")
    latest.forget()
    calls[1].finish(error=EngineDied("Gone."))
    assert (begun, latest.busy) == (["a", "c"], False)
    latest.ask("e")
    assert begun == ["a", "c", "e"]
