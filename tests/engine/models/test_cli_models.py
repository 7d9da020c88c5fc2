"""``tinct models``: licences first, one sentence for each failure, a Ctrl-C that keeps the part."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tinct import cli
from web import Manners, serving

from .conftest import Folder, negative

TOY = negative()


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def run(*arguments: str) -> int:
    return cli.main(["models", *arguments])


def test_list_names_every_network_and_its_state(
    folder: Folder, capsys: pytest.CaptureFixture[str]
) -> None:
    folder.install("toy", TOY)
    assert run("list") == 0
    lines = {line.split()[0]: line for line in capsys.readouterr().out.splitlines()}
    assert lines["toy"].split(maxsplit=3)[1:] == ["present", "filter", "Toy toy"]
    assert lines["candy"].split()[1] == "missing"
    assert run("list", "--json") == 0
    found = {info["id"]: info for info in json.loads(capsys.readouterr().out)}
    assert found["toy"]["state"] == "present"
    assert found["eccv16"]["hint"] == "Run: tinct models fetch eccv16"


def test_show_says_where_it_comes_from_and_how_to_get_it(
    folder: Folder, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("show", "eccv16") == 0
    shown = capsys.readouterr().out
    for text in ("BSD-2-Clause", "about 123.0 MB", "b4a4cecae9e8", "tinct models fetch eccv16"):
        assert text in shown
    assert run("show", "chromagan") == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "AGPL-3.0" in shown
    assert "tinct models add FILE.onnx --like chromagan" in shown
    assert "sha256" not in shown
    assert run("show", "tinct", "--json") == 0
    assert json.loads(capsys.readouterr().out)["sha256"].startswith("3e1b6dda")


def test_fetch_shows_the_licence_and_insists(
    folder: Folder, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    manners = Manners(TOY)
    with serving(manners) as url:
        folder.publish("toy", TOY, url=f"{url}/net.onnx")
        monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))
        assert run("fetch", "toy") == 2
        said = capsys.readouterr().err
        assert "licence: CC0, no rights reserved" in said
        assert said.endswith("if you do, add --yes.\n")
        for answer in ("n\n", "\n", ""):
            monkeypatch.setattr(sys, "stdin", Terminal(answer))
            assert run("fetch", "toy") == 130
        assert manners.asked == []
        monkeypatch.setattr(sys, "stdin", Terminal("y\n"))
        assert run("fetch", "toy") == 0
        assert "[y/N]" in capsys.readouterr().err
        assert run("fetch", "toy", "--yes") == 0
    assert "is there already" in capsys.readouterr().out
    assert len(manners.asked) == 1
    assert folder.files() == ["manifests/toy.toml", "weights/toy.onnx"]


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["fetch", "ddcolor", "--yes"], 1, r"Nobody publishes a file for 'ddcolor'"),
        (["fetch", "nothing"], 1, "There is no network 'nothing'"),
        (["fetch", "candy", "--stall", "soon"], 2, "'soon' must be up to 3600 seconds"),
        (["show", "nothing"], 1, "There is no network 'nothing'"),
        (["add", "gone.onnx"], 1, "There is no file gone.onnx"),
        (["verify", "candy"], 1, "is not installed. Run: tinct models fetch candy"),
        (["remove", "tinct"], 1, "what came with tinct stays"),
        (["pack", "candy", "-o", "p.zip"], 1, "Run: tinct models fetch candy"),
        ([], 2, "see `tinct models --help`"),
    ],
)
def test_failures_are_one_sentence(
    folder: Folder,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    code: int,
    sentence: str,
) -> None:
    assert run(*arguments) == code
    said = capsys.readouterr().err
    assert sentence in said
    assert said.count("\n") == 1
    assert folder.files() == []


def test_a_file_and_a_pack_go_in_and_out_again(
    folder: Folder,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    file = tmp_path / "net.onnx"
    file.write_bytes(TOY)
    assert run("add", str(file), "--like", "pencil", "--id", "mine", "--title", "Mine") == 0
    assert run("verify") == 0
    said = capsys.readouterr().out
    assert "mine: good" in said
    assert "tinct: good" in said
    pack = tmp_path / "pack.zip"
    assert run("pack", "mine", "-o", str(pack)) == 0
    assert run("remove", "mine") == 0
    assert folder.files() == []
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    assert run("add", str(pack)) == 2
    assert "licence: the user's own file" in capsys.readouterr().err
    assert run("add", str(pack), "--yes") == 0
    assert folder.files() == ["manifests/mine.toml", "weights/mine.onnx"]


def test_verify_of_all_names_the_bad_ones(
    folder: Folder, capsys: pytest.CaptureFixture[str]
) -> None:
    folder.install("toy", TOY).write_bytes(negative(-0.5))
    folder.publish("broken", TOY)
    (folder.path / "manifests" / "broken.toml").write_text("nonsense")
    assert run("verify") == 1
    said = capsys.readouterr()
    assert "toy: " in said.err
    assert "broken: " in said.err
    assert "tinct: good" in said.out


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for one process")
def test_ctrl_c_leaves_the_part_and_the_next_call_goes_on(folder: Folder) -> None:
    half = len(TOY) // 2
    environment = os.environ | {"TINCT_MODELS": str(folder.path)}
    command = [sys.executable, "-m", "tinct", "models", "fetch", "toy", "--yes"]
    silent = Manners(TOY, stall_after=half)
    with serving(silent) as url:
        folder.publish("toy", TOY, url=f"{url}/net.onnx")
        process = subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert silent.stalled.wait(30)
        part = folder.path / "weights" / "toy.onnx.part"
        while process.poll() is None and not part.exists():
            pass
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=30)
    assert process.returncode == 130
    assert said.endswith("tinct: cancelled.\n")
    assert "Traceback" not in said
    assert folder.files() == ["manifests/toy.toml", "weights/toy.onnx.part"]
    with serving(Manners(TOY)) as url:
        folder.publish("toy", TOY, url=f"{url}/net.onnx")
        subprocess.run(command, env=environment, check=True, capture_output=True, timeout=60)
    assert (folder.path / "weights" / "toy.onnx").read_bytes() == TOY
    assert folder.files() == ["manifests/toy.toml", "weights/toy.onnx"]


def test_doctor_tells_of_networks(folder: Folder, capsys: pytest.CaptureFixture[str]) -> None:
    folder.install("toy", TOY)
    folder.install("cut", TOY).write_bytes(TOY[:-1])
    assert cli.main(["doctor", "--json"]) == 1
    found = {finding["what"]: finding for finding in json.loads(capsys.readouterr().out)}
    assert found["network toy"]["state"] == found["network tinct"]["state"] == "good"
    assert found["network cut"]["state"] == "broken"
    assert found["network cut"]["cure"].startswith("Run: tinct models remove cut")
    assert found["networks"]["state"] == "note"
    assert "network candy" not in found


def test_help_says_what_each_command_does(capsys: pytest.CaptureFixture[str]) -> None:
    for command in ("list", "show", "fetch", "add", "verify", "remove", "pack"):
        with pytest.raises(SystemExit) as stopped:
            run(command, "--help")
        assert stopped.value.code == 0
        assert len(capsys.readouterr().out.splitlines()) > 4
