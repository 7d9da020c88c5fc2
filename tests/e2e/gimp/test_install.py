"""Installation as a user does it, seen from GIMP."""

from __future__ import annotations

import json

import pytest

from e2e.gimp.gimp_host import OUT, PROFILE, START_GIMP, GimpHost

LABEL = "Color from strokes"
ASK = (
    "p = Gimp.get_pdb().lookup_procedure('plug-in-tinct-scribble-colorize');"
    "print('LABEL', p.get_menu_label() if p else None)"
)
BATCH = ["--quit", "--batch-interpreter=python-fu-eval", "-b"]


def label(gimp: GimpHost, **settings: str) -> str:
    """Return how GIMP names the operation in its menu."""
    done = gimp.run([*START_GIMP, *BATCH, ASK], **settings)
    lines = [line for line in done.stdout.splitlines() if line.startswith("LABEL")]
    assert lines, done.stdout + done.stderr
    return lines[0].removeprefix("LABEL ")


def test_gimp_shows_the_catalog(gimp: GimpHost) -> None:
    assert label(gimp) == LABEL + "…"


def test_opening_gimp_never_starts_the_engine(gimp: GimpHost) -> None:
    trace = gimp.out / "started"
    worker = gimp.out / "worker"
    worker.write_text(f"#!/bin/sh\ntouch {OUT}/started\n")
    worker.chmod(0o755)
    (gimp.profile / "pluginrc").unlink(missing_ok=True)  # so that all plug-ins are asked again
    settings = {"TINCT_WORKER": json.dumps([f"{OUT}/worker"])}
    assert label(gimp, **settings) == LABEL + "…"
    assert not trace.exists()


@pytest.mark.parametrize("language", ["zh_CN", "ko"])
def test_menus_speak_the_users_language(gimp: GimpHost, language: str) -> None:
    (gimp.profile / "pluginrc").unlink(missing_ok=True)
    translated = label(gimp, LANGUAGE=language, LANG=f"{language}.UTF-8")
    (gimp.profile / "pluginrc").unlink(missing_ok=True)
    assert translated not in (LABEL + "…", "None")
    assert max(map(ord, translated)) > 0x3000


def test_the_profile_gimp_makes_itself_is_found(gimp: GimpHost) -> None:
    settings = {"GIMP3_DIRECTORY": "", "XDG_CONFIG_HOME": f"{OUT}/fresh config"}
    done = gimp.tinct("install", "gimp", "--no-warm", **settings)
    assert done.returncode == 0, done.stderr
    assert "fresh config/GIMP/3." in done.stdout
    assert label(gimp, **settings) == LABEL + "…"
    again = gimp.tinct("install", "gimp", "--no-warm", **settings)
    assert again.stdout == done.stdout
    gone = gimp.tinct("uninstall", "gimp", **settings)
    assert "Removed" in gone.stdout
    assert label(gimp, **settings) == "None"


def test_doctor_finds_gimp_well_and_says_what_breaks_it(gimp: GimpHost) -> None:
    told = gimp.tinct("doctor", "--json")
    findings = [found for found in json.loads(told.stdout) if found["what"].lower() == "gimp"]
    assert findings
    assert all(found["state"] != "broken" for found in findings), findings
    entry = gimp.profile / "plug-ins/tinct-gimp/tinct-gimp.py"
    entry.chmod(0o644)
    try:
        told = gimp.tinct("doctor")
        assert told.returncode != 0
        assert f"{PROFILE}/plug-ins/tinct-gimp/tinct-gimp.py is not executable" in told.stdout
        assert "tinct install gimp" in told.stdout
        (gimp.profile / "pluginrc").unlink(missing_ok=True)
        assert label(gimp) == "None"  # so it matters
    finally:
        entry.chmod(0o755)
        (gimp.profile / "pluginrc").unlink(missing_ok=True)
