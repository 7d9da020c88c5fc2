"""The steps of CONTRIBUTING.md, followed to the letter, add a method."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A copy of the engine with the example of CONTRIBUTING.md added."""
    for package in ("tinct", "tinct_client"):
        shutil.copytree(
            ROOT / "engine" / package,
            tmp_path / package,
            ignore=shutil.ignore_patterns("__pycache__", "algorithms"),
        )
    (tmp_path / "tinct" / "algorithms").symlink_to(ROOT / "engine" / "tinct" / "algorithms")
    code = re.findall(r"```python\n(.*?)```", (ROOT / "CONTRIBUTING.md").read_text("utf-8"), re.S)
    (tmp_path / "tinct" / "operations" / "negative.py").write_text(code[0], "utf-8")
    return tmp_path


def tinct(house: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    path = f"import sys; sys.path.insert(0, {str(house)!r});"
    worker = [sys.executable, "-c", path + "from tinct.worker.__main__ import main; main()"]
    return subprocess.run(
        [sys.executable, "-c", path + "from tinct.cli import main; sys.exit(main())", *arguments],
        env=os.environ | {"TINCT_WORKER": json.dumps(worker)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_added_method_is_listed_and_runs(house: Path, tmp_path: Path) -> None:
    listed = tinct(house, "list")
    assert "negative" in listed.stdout, listed.stderr
    assert "--strength" in tinct(house, "run", "negative", "--help").stdout
    Image.fromarray(np.full((4, 5, 3), (10, 20, 30), np.uint8)).save(tmp_path / "in.png")
    done = tinct(
        house, "run", "negative", "--image", f"{tmp_path}/in.png", "-o", f"{tmp_path}/o.png"
    )
    assert done.returncode == 0, done.stderr
    assert (np.asarray(Image.open(tmp_path / "o.png")) == (245, 235, 225)).all()


def test_rooms_of_the_map_exist() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    table = text[text.index("| room |") : text.index("An editor never")]
    for cell in re.findall(r"^\| (.*?) \|", table, re.M)[1:]:
        folder = ""
        for name in re.findall(r"`([^`]+)`", cell):
            path = name if "/" in name.rstrip("/") else folder + name
            folder = name[: name.rindex("/", 0, -1) + 1] if "/" in name.rstrip("/") else folder
            assert list(ROOT.glob(path.rstrip("/"))), f"{name} is not there"
