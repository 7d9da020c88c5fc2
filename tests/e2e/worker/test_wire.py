"""What the worker answers to whatever arrives, line by line."""

from __future__ import annotations

import json
import os
from typing import Any

import pytest

from tinct_client import protocol

LONG = b"i" * 201  # one more than an id may have


def _one_sentence(message: str) -> bool:
    return message[0].isupper() or message.startswith(("`", "'")) or "must" in message


def test_initialize_says_who_answers(new_wire: Any) -> None:
    result = new_wire().initialize()["result"]
    assert result["protocol"] == protocol.PROTOCOL_VERSION
    assert result["version"]
    assert len(result["catalog_sha256"]) == 64
    assert "CPUExecutionProvider" in result["providers"]


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"protocol": 2}, protocol.INVALID_PARAMS),
        ({"protocol": "1"}, protocol.INVALID_PARAMS),
        ({"client": ""}, protocol.INVALID_PARAMS),
        ({"client": 5}, protocol.INVALID_PARAMS),
        ({"version": "x" * 101}, protocol.INVALID_PARAMS),
        ({"exchange_dir": 5}, protocol.BAD_BUFFER),
        ({"exchange_dir": "/nowhere/tinct-1"}, protocol.BAD_BUFFER),
        ({"exchange_dir": "tinct-1"}, protocol.BAD_BUFFER),
        ({"exchange_dir": "/tinct-\0"}, protocol.BAD_BUFFER),
        ({"exchange_dir": "/tmp"}, protocol.BAD_BUFFER),
    ],
)
def test_unfit_initialize_is_refused_and_may_be_repeated(
    new_wire: Any, params: dict[str, Any], code: int
) -> None:
    wire = new_wire()
    good = {"protocol": 1, "client": "test", "version": "1", "exchange_dir": wire.exchange.path}
    assert wire.ask(1, "initialize", **(good | params))["error"]["code"] == code
    assert "result" in wire.ask(2, "initialize", **good)
    assert wire.ask(3, "initialize", **good)["error"]["code"] == protocol.INVALID_REQUEST


def test_requests_before_initialize_are_refused(new_wire: Any) -> None:
    wire = new_wire()
    for method in ("catalog/list", "operation/run", "models/list", "shutdown"):
        assert wire.ask(1, method)["error"]["code"] == protocol.NOT_INITIALIZED
    assert "result" in wire.initialize()


def test_without_a_folder_nothing_runs(new_wire: Any) -> None:
    wire = new_wire()
    assert "result" in wire.ask(1, "initialize", protocol=1, client="doctor", version="1")
    assert "result" in wire.ask(2, "catalog/list")
    wire.run(3, wire.picture())
    assert wire.answer()["error"]["code"] == protocol.BAD_BUFFER


@pytest.mark.parametrize(
    ("line", "code", "id_"),
    [
        (b"hello", protocol.PARSE_ERROR, None),
        (b"{", protocol.PARSE_ERROR, None),
        (b"\xff\xfe{}", protocol.PARSE_ERROR, None),
        (b"[" * 100_000, protocol.PARSE_ERROR, None),
        (b'{"jsonrpc":"2.0","id":1,"method":"x","params":{"a":NaN}}', protocol.PARSE_ERROR, None),
        (b"9" * 5000, protocol.PARSE_ERROR, None),
        (b'"text"', protocol.INVALID_REQUEST, None),
        (b"17", protocol.INVALID_REQUEST, None),
        (b"null", protocol.INVALID_REQUEST, None),
        (b"[]", protocol.INVALID_REQUEST, None),
        (b'[{"jsonrpc":"2.0","id":1,"method":"shutdown"}]', protocol.INVALID_REQUEST, None),
        (b'{"id":1,"method":"catalog/list"}', protocol.INVALID_REQUEST, 1),
        (b'{"jsonrpc":"1.0","id":1,"method":"catalog/list"}', protocol.INVALID_REQUEST, 1),
        (b'{"jsonrpc":"2.0","id":1}', protocol.INVALID_REQUEST, 1),
        (b'{"jsonrpc":"2.0","id":1,"method":7}', protocol.INVALID_REQUEST, 1),
        (b'{"jsonrpc":"2.0","id":1.5,"method":"x"}', protocol.INVALID_REQUEST, None),
        (b'{"jsonrpc":"2.0","id":true,"method":"x"}', protocol.INVALID_REQUEST, None),
        (b'{"jsonrpc":"2.0","id":{},"method":"x"}', protocol.INVALID_REQUEST, None),
        (b'{"jsonrpc":"2.0","id":"%s","method":"x"}' % LONG, protocol.INVALID_REQUEST, None),
        (b'{"jsonrpc":"2.0","method":"catalog/list"}', protocol.INVALID_REQUEST, None),
        (b'{"jsonrpc":"2.0","id":1,"method":"x","params":[1]}', protocol.INVALID_PARAMS, 1),
        (b'{"jsonrpc":"2.0","id":1,"method":"no/such"}', protocol.METHOD_NOT_FOUND, 1),
        (b'{"jsonrpc":"2.0","id":1,"method":"models/load"}', protocol.INVALID_PARAMS, 1),
    ],
)  # fmt: skip
def test_a_bad_line_gets_one_sentence_and_the_next_one_is_served(
    wire: Any, line: bytes, code: int, id_: Any
) -> None:
    wire.send_line(line)
    answer = wire.answer()
    assert answer["error"]["code"] == code
    assert answer["id"] == id_
    assert _one_sentence(answer["error"]["message"])
    assert wire.ask(2, "models/list")["id"] == 2


def test_an_oversized_line_is_dropped_however_long_it_gets(wire: Any) -> None:
    wire.send_line(b"x" * (3 * protocol.MAX_LINE_BYTES))
    assert wire.answer()["error"]["code"] == protocol.INVALID_REQUEST
    assert "result" in wire.ask(2, "catalog/list")


def test_blank_lines_and_unknown_members_are_let_pass(wire: Any) -> None:
    wire.send_line(b"")
    wire.send_line(b"  ")
    wire.send(id=1, method="models/list", params={"later": 1}, trace=True)
    answer = wire.answer()
    assert answer["id"] == 1
    assert "tinct" in [info["id"] for info in answer["result"]]


def test_unknown_notifications_of_the_protocol_are_ignored(wire: Any) -> None:
    wire.send(method="$/setTrace", params={})
    wire.send(method="$/cancelRequest", params={"id": 99})
    wire.send(method="$/cancelRequest", params={"id": [1]})
    assert "result" in wire.ask(1, "models/list")


def test_an_id_in_use_is_refused_without_touching_the_running_one(wire: Any) -> None:
    wire.run("a", wire.picture(), params={"seconds": 60})
    assert wire.receive()["method"] == protocol.PROGRESS
    wire.run("a", wire.picture())
    answer = wire.answer()
    assert answer["id"] is None
    assert answer["error"]["code"] == protocol.INVALID_REQUEST
    wire.send(method="$/cancelRequest", params={"id": "a"})
    answer = wire.answer()
    assert (answer["id"], answer["error"]["code"]) == ("a", protocol.CANCELLED)
    wire.run("a", wire.picture())  # free again
    assert "result" in wire.answer()


def test_catalog_list_holds_every_operation(wire: Any) -> None:
    infos = wire.ask(1, "catalog/list")["result"]
    assert {"identity", "misbehave"} <= {info["id"] for info in infos}


def test_a_missing_network_gets_its_name_and_a_cure(wire: Any) -> None:
    error = wire.ask(1, "models/load", model="no-such-network")["error"]
    assert error["code"] == protocol.MODEL_MISSING
    assert error["data"]["model"] == "no-such-network"
    assert error["data"]["hint"]


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"operation": "no-such"}, protocol.INVALID_PARAMS),
        ({"operation": None}, protocol.INVALID_PARAMS),
        ({"inputs": []}, protocol.INVALID_PARAMS),
        ({"inputs": {}}, protocol.INVALID_PARAMS),
        ({"inputs": {"image": None}}, protocol.BAD_BUFFER),
        ({"inputs": {"image": "picture.png"}}, protocol.BAD_BUFFER),
        ({"params": []}, protocol.INVALID_PARAMS),
        ({"params": {"seconds": -1}}, protocol.INVALID_PARAMS),
        ({"params": {"seconds": "1"}}, protocol.INVALID_PARAMS),
        ({"params": {"seconds": 1e999}}, protocol.PARSE_ERROR),
        ({"params": {"no_such": 1}}, protocol.INVALID_PARAMS),
        ({"quality": "best"}, protocol.INVALID_PARAMS),
        ({"outside": "black"}, protocol.INVALID_PARAMS),
        ({"priority": 1.5}, protocol.INVALID_PARAMS),
        ({"priority": 1000}, protocol.INVALID_PARAMS),
    ],
)
def test_an_unfit_run_is_refused(wire: Any, members: dict[str, Any], code: int) -> None:
    wire.run(1, wire.picture(), **members)
    assert wire.answer()["error"]["code"] == code
    wire.run(2, wire.picture())
    assert "result" in wire.answer()


class TestHostilePictures:
    """A picture's reference cannot make the worker touch or return anything else."""

    def refuse(self, wire: Any, **changes: Any) -> str:
        before = wire.files()
        picture = wire.picture(4, 4)
        wire.run(1, picture | changes)
        error = wire.answer()["error"]
        assert error["code"] == protocol.BAD_BUFFER, error
        os.unlink(picture["path"])
        assert wire.files() == before
        wire.run(2, wire.picture())
        assert "result" in wire.answer()
        return str(error["message"])

    @pytest.mark.parametrize(
        "changes",
        [
            {"shape": [1 << 20, 1 << 20, 4]},
            {"shape": [1 << 63, 1 << 63, 4]},
            {"shape": [1 << 200, 4, 4]},
            {"shape": [-4, 4, 4]},
            {"shape": [4, 4, 3]},
            {"shape": [4, 4]},
            {"shape": [4.0, 4, 4]},
            {"shape": [True, 4, 4]},
            {"shape": [5, 4, 4]},
            {"shape": None},
            {"row_stride": -16},
            {"row_stride": 15},
            {"row_stride": 1 << 61},
            {"row_stride": 17},
            {"offset": -1},
            {"offset": 1},
            {"offset": 1 << 62},
            {"offset": 1 << 64},
            {"dtype": "float64"},
            {"dtype": "uint16"},
            {"dtype": ["uint8"]},
            {"layout": "cmyk"},
            {"layout": {}},
            {"space": "lab"},
            {"alpha": "premultiplied"},
            {"color": "red"},
            {"path": ""},
            {"path": 5},
            {"path": "a\0b"},
            {"path": "\ud800" * 16 + ".in"},
            {"path": "/etc/passwd"},
            {"path": "0123456789abcdef.in"},
            {"path": "../../../../etc/passwd"},
        ],
    )
    def test_fields(self, wire: Any, changes: dict[str, Any]) -> None:
        self.refuse(wire, **changes)

    def test_a_file_outside_the_folder(self, wire: Any, tmp_path: Any) -> None:
        secret = tmp_path / "0123456789abcdef.in"
        secret.write_bytes(bytes(64))
        self.refuse(wire, path=str(secret))
        self.refuse(wire, path=f"{wire.exchange.path}/../../{secret.name}")
        self.refuse(wire, path=f"{wire.exchange.path}/./{secret.name}")

    def test_the_name_of_a_file_inside_with_another_folder(self, wire: Any) -> None:
        picture = wire.picture()
        wire.run(1, picture | {"path": "/tmp/" + os.path.basename(picture["path"])})
        assert wire.answer()["error"]["code"] == protocol.BAD_BUFFER
        wire.run(2, picture | {"path": os.path.basename(picture["path"])})
        assert "result" in wire.answer()

    def test_a_link_to_a_file_outside(self, wire: Any, tmp_path: Any) -> None:
        secret = tmp_path / "secret"
        secret.write_bytes(bytes(64))
        link = os.path.join(wire.exchange.path, "0123456789abcdef.in")
        os.symlink(secret, link)
        assert "link" in self.refuse(wire, path=link)
        wire.hang_up()
        assert secret.exists()

    def test_a_pipe_does_not_block(self, wire: Any) -> None:
        pipe = os.path.join(wire.exchange.path, "0123456789abcdef.in")
        os.mkfifo(pipe)
        assert "pipe" in self.refuse(wire, path=pipe)

    def test_a_folder_and_a_device(self, wire: Any) -> None:
        folder = os.path.join(wire.exchange.path, "0123456789abcdef.in")
        os.mkdir(folder)
        self.refuse(wire, path=folder)
        self.refuse(wire, path="/dev/zero")

    def test_a_file_of_another_name_in_the_folder(self, wire: Any) -> None:
        path = os.path.join(wire.exchange.path, "picture.png")
        with open(path, "wb") as file:
            file.write(bytes(64))
        self.refuse(wire, path=path)

    def test_empty_pictures_have_a_sentence_of_their_own(self, wire: Any) -> None:
        wire.run(1, wire.picture(0, 0))
        assert wire.answer()["error"]["code"] == protocol.OPERATION_FAILED

    def test_several_pictures_for_a_role_that_takes_one(self, wire: Any) -> None:
        wire.run(1, [wire.picture()])
        assert wire.answer()["error"]["code"] == protocol.INVALID_PARAMS
        wire.run(2, [wire.picture()] * 300)
        assert wire.answer()["error"]["code"] == protocol.BAD_BUFFER


class TestTurns:
    """Jobs run one at a time and each can be stopped."""

    def test_cancel_of_a_running_one(self, wire: Any) -> None:
        wire.run(1, wire.picture(), params={"seconds": 60})
        assert wire.receive()["method"] == protocol.PROGRESS
        wire.send(method="$/cancelRequest", params={"id": 1})
        assert wire.answer()["error"]["code"] == protocol.CANCELLED

    def test_cancel_of_one_that_waits_comes_before_the_running_ones_end(self, wire: Any) -> None:
        wire.run(1, wire.picture(), params={"seconds": 60})
        wire.run(2, wire.picture())
        wire.run(3, wire.picture())
        wire.send(method="$/cancelRequest", params={"id": 2})
        answer = wire.answer()
        assert (answer["id"], answer["error"]["code"]) == (2, protocol.CANCELLED)
        wire.send(method="$/cancelRequest", params={"id": 1})
        assert wire.answer()["id"] == 1
        assert wire.answer()["id"] == 3

    def test_priority_goes_first(self, wire: Any) -> None:
        wire.run(1, wire.picture(), params={"seconds": 60})
        assert wire.receive()["method"] == protocol.PROGRESS
        wire.run(2, wire.picture())
        wire.run(3, wire.picture(), priority=1)
        wire.run(4, wire.picture())
        wire.send(method="$/cancelRequest", params={"id": 1})
        assert [wire.answer()["id"] for _ in range(4)] == [1, 3, 2, 4]

    def test_other_requests_are_answered_while_one_runs(self, wire: Any) -> None:
        wire.run(1, wire.picture(), params={"seconds": 60})
        assert wire.ask(2, "models/list")["id"] == 2

    def test_shutdown_cancels_and_refuses_what_comes_after(self, wire: Any) -> None:
        wire.run(1, wire.picture(), params={"seconds": 60})
        wire.run(2, wire.picture())
        wire.send(id=3, method="shutdown")
        answers = {(answer := wire.answer())["id"]: answer for _ in range(3)}
        assert answers[1]["error"]["code"] == answers[2]["error"]["code"] == protocol.CANCELLED
        assert answers[3]["result"] is None
        wire.run(4, wire.picture())
        assert wire.answer()["error"]["code"] == protocol.INVALID_REQUEST
        wire.send(method="exit")
        assert wire.process.wait(60) == 0

    def test_progress_comes_at_most_twenty_times_a_second(self, wire: Any) -> None:
        wire.run(1, wire.picture(), operation="misbehave", params={"manner": "chatter"})
        facts = wire.answer()["result"]["outputs"]["facts"]["data"]
        told = [notice["params"] for notice in wire.notices]
        assert facts["called"] > 1000
        assert 2 <= len(told) <= 12  # half a second, and the first one at once
        assert all(params["id"] == 1 for params in told)

    def test_progress_is_always_a_fraction_and_a_short_text(self, wire: Any) -> None:
        wire.run(1, wire.picture(), operation="misbehave", params={"manner": "strange-progress"})
        assert "result" in wire.answer()
        for notice in wire.notices:
            assert 0.0 <= notice["params"]["fraction"] <= 1.0
            assert len(notice["params"]["stage"]) <= 200
        assert len(wire.notices) >= 3


class TestMisbehavior:
    """Whatever an operation does, the conversation goes on."""

    def run(self, wire: Any, manner: str) -> dict[str, Any]:
        wire.run(1, wire.picture(), operation="misbehave", params={"manner": manner})
        answer: dict[str, Any] = wire.answer()
        if "error" in answer:
            assert all(name.endswith(".in") for name in wire.files())
        wire.run(2, wire.picture())
        assert "result" in wire.answer()
        return answer

    def test_prints_go_to_the_log(self, wire: Any) -> None:
        assert "result" in self.run(wire, "print")
        wire.hang_up()
        wire.close()
        assert b"not a message" in wire.log
        assert b"from a child" in wire.log

    @pytest.mark.parametrize("manner", ["raise", "exit", "nan-data", "long-data"])
    def test_a_defect_shows_a_sentence_and_logs_the_rest(self, wire: Any, manner: str) -> None:
        error = self.run(wire, manner)["error"]
        assert error["code"] == protocol.INTERNAL_ERROR
        assert "log" in error["message"]
        assert "secret" not in json.dumps(error)
        wire.hang_up()
        wire.close()
        assert b"Traceback" in wire.log

    def test_lack_of_memory_has_its_own_code(self, wire: Any) -> None:
        assert self.run(wire, "memory")["error"]["code"] == protocol.OUT_OF_MEMORY

    def test_warnings_come_at_once_and_with_the_result(self, wire: Any) -> None:
        result = self.run(wire, "warn")["result"]
        assert result["warnings"] == ["Half of the picture is black."]
        logged = [notice for notice in wire.notices if notice["method"] == protocol.LOG]
        assert [notice["params"]["message"] for notice in logged] == result["warnings"]

    def test_every_kind_of_output(self, wire: Any) -> None:
        wire.run(1, wire.picture(), operation="misbehave", quality="preview",
                 params={"manner": "warn"})  # fmt: skip
        outputs = wire.answer()["result"]["outputs"]
        assert outputs["copy"]["picture"]["shape"] == [2, 3, 4]
        assert [layer["title"] for layer in outputs["layers"]["layers"]] == ["First", "Second"]
        assert outputs["facts"] == {"data": {"quality": "preview"}}
        assert len([name for name in wire.files() if name.endswith(".out")]) == 3
