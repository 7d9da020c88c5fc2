"""The adapter in kritarunner, which needs no screen, and the plug-in as a zip from a file."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from e2e.krita.krita_host import HERE, KritaHost, KritaInRoot

RUNNER_TIMEOUT_S = 100
IMPORTER = "/usr/share/krita/pykrita/plugin_importer/plugin_importer.py"


def run_runner(krita: KritaHost, module: str = "runner_pixels", function: str = "main") -> None:
    code, output = krita.start(
        ["kritarunner", "-s", module, "-f", function],
        RUNNER_TIMEOUT_S,
        RUNNER_PATH=f"{krita.checkout}/tests/e2e/krita",
        TINCT_TEST_OUT=krita.folder,
    )
    assert code == 0, output[-3000:]
    assert "runner ok" in output, output[-3000:]


def test_pixels_without_a_screen_in_krita_52(krita_52: KritaHost) -> None:
    run_runner(krita_52)


def test_pixels_without_a_screen_in_krita_51(krita_51: KritaHost) -> None:
    run_runner(krita_51)


def test_krita_52_reads_a_palette_that_was_written(krita_52: KritaHost) -> None:
    run_runner(krita_52, "runner_palette", "write")
    run_runner(krita_52, "runner_palette", "read")


def test_krita_51_reads_a_palette_that_was_written(krita_51: KritaHost) -> None:
    run_runner(krita_51, "runner_palette", "write")
    run_runner(krita_51, "runner_palette", "read")


def test_krita_imports_the_zip_and_runs_it(
    krita_52: KritaInRoot, tmp_path_factory: pytest.TempPathFactory
) -> None:
    out = tmp_path_factory.mktemp("zip")
    python = f"{Path(krita_52.tinct).parent}/python"
    host = KritaInRoot(out, str(Path(krita_52.tinct).parents[1]))
    done = host.run([python, "-m", "tinct.install.krita", f"{host.folder}/dist"], 60)
    assert done.returncode == 0, done.stderr
    resources = f"{host.profile}/data/krita"
    done = host.run(["mkdir", "-p", resources], 20)
    (archive,) = (out / "dist").glob("tinct-krita-*.zip")
    done = host.run(["python3", IMPORTER, f"{host.folder}/dist/{archive.name}", resources], 60)
    assert "Imported plugin: Tinct" in done.stdout, done.stdout + done.stderr
    inside = out / Path(host.profile).name
    assert (inside / "data/krita/actions/tinct_krita.action").is_file()
    shutil.copytree(HERE / "hook", inside / "data/krita/pykrita", dirs_exist_ok=True)
    (inside / "config").mkdir()
    (inside / "config" / "kritarc").write_text(
        "[python]\nenable_tinct_krita=true\nenable_tinct_hook=true\n"
    )
    # the zip knows no engine: first a sentence with a way out, then the Python the user names
    verdict = host.run_cases(["zip"], TINCT_TEST_PYTHON=json.dumps(python))["zip"]
    assert verdict.passed, verdict.failure
