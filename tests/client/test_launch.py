from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from tinct_client import launch
from tinct_client.errors import EngineMissing


@pytest.fixture
def vendored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Pretend that the package lies in a plug-in; return the folder it lies in."""
    monkeypatch.delenv("TINCT_WORKER", raising=False)
    monkeypatch.setattr(launch, "HERE", tmp_path / "_vendor" / "tinct_client")
    launch.HERE.mkdir(parents=True)
    return launch.HERE.parent


def test_the_recorded_command_is_used(vendored: Path) -> None:
    (vendored / "launch.json").write_text(json.dumps({"command": ["python", "-I"]}))
    assert launch.worker_command() == ["python", "-I"]


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", '{"command": []}', '{"command": "python"}', '{"command": [1]}',
             '{"command": [""]}'],
)  # fmt: skip
def test_an_unfit_record_names_itself_and_the_cure(vendored: Path, text: str) -> None:
    (vendored / "launch.json").write_text(text)
    with pytest.raises(EngineMissing, match=r"launch\.json.*tinct doctor"):
        launch.worker_command()


def test_without_a_record_the_engine_is_missing(vendored: Path) -> None:
    with pytest.raises(EngineMissing, match=r"launch\.json.*tinct doctor"):
        launch.worker_command()


@pytest.mark.parametrize(
    ("override", "command"),
    [
        ('["python3", "-m", "x"]', ["python3", "-m", "x"]),
        ("/opt/my python/bin/python3", ["/opt/my python/bin/python3", "-I", "-m", "tinct.worker"]),
    ],
)
def test_the_environment_overrides(
    vendored: Path, monkeypatch: pytest.MonkeyPatch, override: str, command: list[str]
) -> None:
    (vendored / "launch.json").write_text(json.dumps({"command": ["other"]}))
    monkeypatch.setenv("TINCT_WORKER", override)
    assert launch.worker_command() == command


@pytest.mark.parametrize("override", ["[", "[]", "[1]"])
def test_an_unfit_override_is_named(monkeypatch: pytest.MonkeyPatch, override: str) -> None:
    monkeypatch.setenv("TINCT_WORKER", override)
    with pytest.raises(EngineMissing, match="TINCT_WORKER"):
        launch.worker_command()


def test_beside_the_engine_its_own_python_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TINCT_WORKER", raising=False)
    assert launch.worker_command()[:2] == [sys.executable, "-I"]


@pytest.mark.parametrize("appimage", [True, False])
def test_the_environment_loses_what_editors_set(
    monkeypatch: pytest.MonkeyPatch, appimage: bool
) -> None:
    for name in ("APPIMAGE", "APPDIR"):
        monkeypatch.delenv(name, raising=False)
    if appimage:
        monkeypatch.setenv("APPDIR", "/tmp/.mount_krita")
    for name in ("PYTHONPATH", "PYTHONHOME", "GI_TYPELIB_PATH", "QT_QPA_PLATFORM", "KEPT"):
        monkeypatch.setenv(name, "value")
    monkeypatch.setenv("LD_LIBRARY_PATH", "/tmp/lib")
    kept = launch.clean_environment("engine.log")
    assert not [name for name in kept if name.startswith("PYTHON")]
    assert not {"GI_TYPELIB_PATH", "QT_QPA_PLATFORM"} & set(kept)
    assert ("LD_LIBRARY_PATH" in kept) == (not appimage)
    assert (kept["KEPT"], kept["TINCT_LOG"]) == ("value", "engine.log")


def test_a_command_that_cannot_start_is_a_sentence(tmp_path: Path) -> None:
    for command in ([str(tmp_path / "no-python")], [str(tmp_path)], ["a\0b"]):
        with pytest.raises(EngineMissing, match=r"cannot be started.*tinct doctor"):
            launch.start(command, "test")


@pytest.mark.parametrize(
    ("platform", "end"),
    [
        ("linux", ("tinct", "engine-gimp.log")),
        ("darwin", ("Logs", "tinct", "engine-gimp.log")),
        ("win32", ("tinct", "logs", "engine-gimp.log")),
    ],
)
def test_the_log_lies_where_the_system_keeps_logs(
    monkeypatch: pytest.MonkeyPatch, platform: str, end: tuple[str, ...]
) -> None:
    monkeypatch.setattr(launch.sys, "platform", platform)
    assert launch.log_path("gimp").parts[-len(end) :] == end


def test_a_relative_state_folder_is_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", "state")
    assert launch.log_path("gimp").is_absolute()


def test_without_a_place_for_the_log_the_engine_starts_still(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    process = launch.start([sys.executable, "-I", "-S", "-c", "print(5)"], "test")
    with process:
        assert process.communicate()[0].strip() == b"5"


def test_a_long_log_keeps_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launch, "LOG_LIMIT_BYTES", 100)
    monkeypatch.setattr(launch, "LOG_KEPT_BYTES", 10)
    path = launch.log_path("test")
    launch.bound_log("test")  # nothing there yet
    path.parent.mkdir(parents=True)
    path.write_bytes(b"x" * 100)
    launch.bound_log("test")
    assert path.stat().st_size == 100
    path.write_bytes(b"x" * 100 + b"0123456789")
    launch.bound_log("test")
    assert path.read_bytes() == b"0123456789"


@pytest.mark.parametrize("text", [None, "", "{}", "[1]"])
def test_an_unfit_catalog_is_a_sentence(vendored: Path, text: Any) -> None:
    if text is not None:
        (vendored / "catalog.json").write_text(text)
    with pytest.raises(EngineMissing, match=r"catalog\.json.*tinct doctor"):
        launch.read_catalog()


def test_the_catalog_beside_the_package_is_read(vendored: Path) -> None:
    (vendored / "catalog.json").write_text('[{"id": "identity"}]')
    assert launch.read_catalog() == [{"id": "identity"}]


@pytest.mark.skipif(os.name != "posix", reason="sessions are POSIX")
def test_the_engine_has_a_session_of_its_own() -> None:
    process = launch.start(
        [sys.executable, "-I", "-S", "-c", "import os; print(os.getsid(0))"], "t"
    )
    with process:
        assert int(process.communicate()[0]) == process.pid != os.getsid(0)
