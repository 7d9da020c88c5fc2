"""The client as plug-ins carry it: vendored, with the standard library only."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import tinct_client
from tinct_client import launch

SCRIPT = """
import importlib, pkgutil, sys
before = set(sys.modules)
sys.path.insert(0, sys.argv[1])
package = importlib.import_module("plugin._vendor.tinct_client")
for module in pkgutil.iter_modules(package.__path__):
    importlib.import_module(package.__name__ + "." + module.name)
roots = {name.split(".")[0] for name in set(sys.modules) - before}
print(sorted(roots - set(sys.stdlib_module_names)))
from plugin._vendor.tinct_client.process import Engine
with Engine("vendored", "1") as engine:
    picture = engine.exchange.write(bytes(range(24)), 2, 3)
    outcome = engine.run("identity", {"image": picture}, {})
    print(engine.exchange.read(outcome.outputs["colors"]) == bytes(range(24)))
    print(engine.exchange.path)
"""
PYTHONS = [sys.executable, *(f"python3.{minor}" for minor in range(10, 15))]


@pytest.fixture
def plugins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with a plug-in that carries the client and the engine's command."""
    command = launch.worker_command()
    vendor = tmp_path / "plugin" / "_vendor"
    source = Path(tinct_client.__file__).parent
    shutil.copytree(source, vendor / "tinct_client", ignore=shutil.ignore_patterns("__pycache__"))
    (vendor / "launch.json").write_text(json.dumps({"command": command}))
    monkeypatch.delenv("TINCT_WORKER", raising=False)
    monkeypatch.setenv("TINCT_EXCHANGE", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize("python", PYTHONS)
def test_the_vendored_client_needs_only_the_standard_library(plugins: Path, python: str) -> None:
    found = shutil.which(python)
    if found is None or subprocess.run([found, "-c", ""], capture_output=True).returncode:
        pytest.skip(f"{python} is not installed")
    done = subprocess.run(
        [found, "-I", "-S", "-W", "error", "-c", SCRIPT, str(plugins)],
        capture_output=True,
        text=True,
    )
    assert done.stderr == ""
    strangers, same, folder = done.stdout.splitlines()
    assert (strangers, same) == ("['plugin']", "True")
    assert not os.path.exists(folder)
