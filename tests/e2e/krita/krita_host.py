"""Starts real Kritas, with tinct installed as a user does, and brings back what the cases said."""

from __future__ import annotations

import dataclasses
import json
import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from e2e.editors import root

HERE = Path(__file__).resolve().parent
CASES = HERE / "cases"
OUT = "/mnt/out"
PROFILE = "Krita profile, façon 色"
"""Blanks and letters beyond ASCII: people's folders have them."""

INSTALL_TIMEOUT_S = 120
PACKAGES = ("krita", "python3-pyqt5", "python3-pyqt5.sip", "xvfb", "xauth", "xdotool")
CRASHES_MAXIMUM = 3


@dataclasses.dataclass
class Verdict:
    """What one case said."""

    passed: bool
    failure: str
    figures: dict[str, Any]


class KritaHost:
    """A Krita with tinct in it.

    Parameters
    ----------
    out
        A folder of this system for profile, logs, pictures and verdicts.
    """

    version = ""

    def __init__(self, out: Path) -> None:
        self.out = out
        self.folder = str(out)
        self.checkout = str(root.CHECKOUT)
        self.tinct = str(root.CHECKOUT / ".venv" / "bin" / "tinct")

    @property
    def profile(self) -> str:
        """Where the profile lies, as Krita sees it."""
        return f"{self.folder}/{PROFILE}"

    def run(self, argv: Sequence[str], timeout_s: float, **settings: str) -> Any:
        """Run a command where this Krita lives."""
        return subprocess.run(
            list(argv),
            capture_output=True,
            text=True,
            errors="replace",
            timeout=timeout_s,
            check=False,
            env=dict(os.environ) | settings,
        )

    def install(self) -> None:
        """Install the plug-in as a user does, into a profile that does not exist yet."""
        folders = {
            "XDG_DATA_HOME": f"{self.profile}/data",
            "XDG_CONFIG_HOME": f"{self.profile}/config",
        }
        done = self.run([self.tinct, "install", "krita"], INSTALL_TIMEOUT_S, **folders)
        assert done.returncode == 0, done.stdout + done.stderr
        write_photograph(self.out / "photograph.png")
        here = self.out / PROFILE
        hook = here / "data" / "krita" / "pykrita"
        shutil.copytree(HERE / "hook", hook, dirs_exist_ok=True)
        kritarc = here / "config" / "kritarc"
        assert "enable_tinct_krita=true" in kritarc.read_text()
        kritarc.write_text(kritarc.read_text() + "enable_tinct_hook=true\n")

    def start(self, program: Sequence[str], timeout_s: int, **settings: str) -> tuple[int, str]:
        """Start Krita and return its exit status and what it wrote."""
        log = self.out / "krita.log"
        known = {"TINCT_UNLISTED": "1", "TINCT_TEST_PACKAGES": self.checkout + "/tests"}
        done = self.run(
            [
                f"{self.checkout}/tests/e2e/krita/start_krita",
                self.profile,
                f"{self.folder}/krita.log",
                str(timeout_s),
                *program,
            ],
            timeout_s + 30.0,
            **(known | settings),
        )
        text = log.read_text("utf-8", "replace") if log.exists() else ""
        return done.returncode, text + done.stdout + done.stderr

    def run_cases(
        self, names: Sequence[str], timeout_s: int = 800, folder: str = "", **settings: str
    ) -> dict[str, Verdict]:
        """Run cases one after another in one Krita; a crash fails one and the rest start anew."""
        left, verdicts = list(names), {}
        for _attempt in range(CRASHES_MAXIMUM):
            plan = {
                "folder": folder or f"{self.checkout}/tests/e2e/krita/cases",
                "cases": left,
                "out": self.folder,
            }
            (self.out / "plan.json").write_text(json.dumps(plan))
            code, output = self.start(
                ["krita"], timeout_s, TINCT_HOOK_PLAN=f"{self.folder}/plan.json", **settings
            )
            for name in list(left):
                path = self.out / f"{name}.json"
                if path.exists():
                    verdicts[name] = _verdict(path, output)
                    left.remove(name)
            if not left:
                break
            crashed = left.pop(0)
            text = f"Krita ended with status {code}:\n{output[-4000:]}"
            verdicts[crashed] = Verdict(False, text, {})
        for name in left:
            verdicts[name] = Verdict(False, "not run: Krita ended too often", {})
        return verdicts


class KritaInRoot(KritaHost):
    """Krita 5.2 in the editors' root folder."""

    version = "5.2"

    def __init__(self, out: Path, engine: str) -> None:
        super().__init__(out)
        self.folder = OUT
        self.checkout = root.INSIDE
        self.tinct = f"{engine}/bin/tinct"

    def run(self, argv: Sequence[str], timeout_s: float, **settings: str) -> Any:
        """Run a command inside the root."""
        return root.run(argv, binds={self.out: OUT}, settings=settings, timeout_s=timeout_s)


class KritaOnHost(KritaHost):
    """Krita 5.1 of Debian 12, installed on this system."""

    version = "5.1"

    @staticmethod
    def why_not() -> str:
        """Return why it cannot be had here, or an empty text; its packages are installed."""
        release = Path("/etc/os-release")
        text = release.read_text() if release.exists() else ""
        if not re.search(r'^VERSION_ID="12"', text, re.MULTILINE) or "debian" not in text.lower():
            return "Krita 5.1 is tested on Debian 12 only"
        if shutil.which("krita") and shutil.which("xvfb-run") and shutil.which("xdotool"):
            return ""
        if os.geteuid() != 0:
            return "Krita 5.1's packages can be installed by root only"
        for step in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends"]):
            packages = PACKAGES if step[0] == "install" else ()
            done = subprocess.run(
                ["apt-get", *step, *packages],
                capture_output=True,
                text=True,
                timeout=600,
                check=False,
                env=dict(os.environ) | {"DEBIAN_FRONTEND": "noninteractive"},
            )
            if done.returncode:
                return f"Krita 5.1 was not installed: {done.stderr[-1000:]}"
        return ""


def write_photograph(path: Path) -> None:
    """Write scikit-image's astronaut in gray, as three equal channels."""
    from PIL import Image
    from skimage import data

    Image.fromarray(data.astronaut()).convert("L").convert("RGB").save(path)


def _verdict(path: Path, output: str) -> Verdict:
    said = json.loads(path.read_text("utf-8"))
    failure = said["failure"]
    if failure:
        failure += "\n" + output[-3000:]
    return Verdict(said["passed"], failure, said["figures"])
