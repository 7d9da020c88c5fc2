"""Starts the real GIMP in the editors' root folder and brings back what its cases said."""

from __future__ import annotations

import ast
import dataclasses
import os
import subprocess
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from e2e.editors import root

HERE = Path(__file__).resolve().parent
CASES = HERE / "cases"
OUT = "/mnt/out"
PROFILE = f"{OUT}/GIMP profile, façon 色"
"""Blanks and letters beyond ASCII: people's folders have them."""

SYSTEM_PLUGINS = ("python-eval", "file-png", "file-tiff", "file-jpeg")
CASES_TIMEOUT_S = 900.0
START_GIMP = ["gimp-console", "-idfs"]
START_WINDOW = ["bash", f"{root.INSIDE}/tests/e2e/gimp/with_display", "gimp", "-ns"]


@dataclasses.dataclass
class Report:
    """What pytest inside GIMP said about one file of cases."""

    failures: dict[str, list[str]]
    counts: dict[str, int]
    output: str


class GimpHost:
    """An installed tinct, a profile, and GIMP to start with it.

    Parameters
    ----------
    engine
        The virtual environment inside the root.
    out
        A folder of this system, `OUT` inside.
    """

    def __init__(self, engine: str, out: Path) -> None:
        self.engine = engine
        self.out = out
        self.profile = out / Path(PROFILE).name

    def install(self) -> None:
        """Install the plug-in as a user does, into a profile that does not exist yet."""
        done = self.tinct("install", "gimp")
        assert done.returncode == 0, done.stdout + done.stderr
        self._write_gimprc()

    def write_photographs(self) -> None:
        """Put a photograph where cases find it: black and white."""
        from PIL import Image
        from skimage import data

        photograph = Image.fromarray(data.astronaut())
        photograph.convert("L").convert("RGB").save(self.out / "gray.png")

    def tinct(self, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
        """Run the command line of the installed tinct."""
        return self.run([f"{self.engine}/bin/tinct", *arguments], **settings)

    def run(
        self, argv: list[str], timeout_s: float = 300.0, **settings: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a command inside the root with GIMP's profile and nothing else of the user's."""
        known = {
            "GIMP3_DIRECTORY": PROFILE,
            "TINCT_UNLISTED": "1",
            "XDG_STATE_HOME": f"{OUT}/state",
            # compiled modules as users have them, but none in the checkout
            "PYTHONPYCACHEPREFIX": f"{OUT}/compiled",
        }
        # an empty setting stands for none
        given = {name: value for name, value in (known | settings).items() if value}
        return root.run(argv, binds={self.out: OUT}, settings=given, timeout_s=timeout_s)

    def run_cases(self, path: Path, *, window: bool = False, **settings: str) -> Report:
        """Run a file of cases in one GIMP and return its report."""
        name = path.stem
        report = self.out / f"{name}.xml"
        report.unlink(missing_ok=True)
        code = f"exec(open('{root.INSIDE}/tests/e2e/gimp/inside.py').read())"
        batch = ["--quit", "--batch-interpreter=python-fu-eval", "-b", code]
        done = self.run(
            [*(START_WINDOW if window else START_GIMP), *batch],
            TINCT_CASES=f"{root.INSIDE}/tests/e2e/gimp/cases/{path.name}",
            TINCT_OUT=OUT,
            TINCT_ENGINE=self.engine,
            timeout_s=CASES_TIMEOUT_S,
            **settings,
        )
        output = done.stdout + done.stderr
        assert report.exists(), f"GIMP ended with {done.returncode}:\n{output[-6000:]}"
        return _parse(report, output)

    def _write_gimprc(self) -> None:
        system = self.profile / "system"
        system.mkdir()
        folder = next((root.ready() / "usr/lib").glob("*/gimp/3.0/plug-ins"))
        for name in SYSTEM_PLUGINS:
            target = "/" + os.fspath((folder / name).relative_to(root.ready()))
            (system / name).symlink_to(target)
        told = self.run(["gimp-console", "--version"]).stdout
        version = told.split()[-1]  # without it GIMP welcomes a new user with a window
        (self.profile / "gimprc").write_text(
            f'(config-version "{version}")\n'
            f'(plug-in-path "{PROFILE}/plug-ins:{PROFILE}/system")\n'
            "(show-welcome-dialog no)\n(check-updates no)\n(color-profile-policy keep)\n"
            "(undo-levels 20)\n",
            "utf-8",
        )


def case_names(path: Path) -> list[str]:
    """Return the test functions of a file of cases, without importing it: that needs GIMP."""
    tree = ast.parse(path.read_text("utf-8"))
    return [
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    ]


def _parse(path: Path, output: str) -> Report:
    failures: dict[str, list[str]] = {}
    counts: dict[str, int] = {}
    for case in ElementTree.parse(path).iter("testcase"):
        full = case.get("name", "")
        name = full.split("[")[0]
        counts[name] = counts.get(name, 0) + 1
        for kind in ("failure", "error", "skipped"):
            for problem in case.iter(kind):
                text = f"{full}: {kind}\n{problem.text or problem.get('message', '')}"
                failures.setdefault(name, []).append(text)
    return Report(failures, counts, output)
