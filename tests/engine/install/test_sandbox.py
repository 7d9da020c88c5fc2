from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import pytest

from tinct.install import gimp, krita, sandbox

NOWHERE = {"PATH": ""}
EDITORS = pytest.mark.parametrize(
    ("editor", "app", "folder"),
    [(gimp, gimp.FLATPAK_ID, "config/GIMP/3.0"), (krita, krita.FLATPAK_ID, "data/krita")],
)


@pytest.mark.parametrize(
    ("editor", "folder"),
    [(gimp, "gimp/current/.config/GIMP/3.0"), (krita, "krita/current/.local/share/krita")],
)
def test_doctor_sees_a_snap(editor: Any, folder: str, tmp_path: Path) -> None:
    (tmp_path / "snap" / folder).mkdir(parents=True)
    list(editor.install(editor.find_profiles(NOWHERE, tmp_path)))
    (found,) = editor.check(NOWHERE, tmp_path)
    assert "snap" in found[0]
    assert "Flatpak" in found[1]


@pytest.mark.skipif(sys.platform == "win32", reason="the fake flatpak is a shell script")
@pytest.mark.parametrize("granted", [True, False])
@EDITORS
def test_doctor_sees_a_closed_sandbox(
    editor: Any,
    app: str,
    folder: str,
    granted: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / ".var/app" / app / folder).mkdir(parents=True)
    profiles = editor.find_profiles(NOWHERE, tmp_path)
    assert any(sandbox.cure(app, editor.TITLE) in line for line in editor.install(profiles))
    tools = tmp_path / "bin"
    tools.mkdir()
    line = "org.freedesktop.Flatpak=talk" if granted else "[Context]"
    for name, body in (("flatpak", f"echo '{line}'"), ("flatpak-spawn", "true")):
        (tools / name).write_text(f"#!/bin/sh\n{body}\n")
        (tools / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tools}{os.pathsep}{os.environ['PATH']}")
    cures = [cure for _, cure in editor.check(NOWHERE, tmp_path)]
    assert cures == ([] if granted else [sandbox.cure(app, editor.TITLE)])
