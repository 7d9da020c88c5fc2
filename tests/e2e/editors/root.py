"""The Debian root with the real editors: whether it is to be had, and how to run things in it."""

from __future__ import annotations

import contextlib
import fcntl
import functools
import hashlib
import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
CHECKOUT = HERE.parents[2]
INSIDE = "/mnt/tinct"
"""Where the checkout lies inside the root, read and write."""

BUILD_TIMEOUT_S = 900.0
INSTALL_TIMEOUT_S = 900.0
PACKAGED = ("engine", "gimp_plugin", "krita_plugin", "models/manifests", "models/weights")
"""What `pip install` takes from the checkout."""


class RootError(Exception):
    """The editors cannot be had here; the sentence says why."""


def folder() -> Path:
    """Return where the root lies, or will."""
    if chosen := os.environ.get("TINCT_EDITORS"):
        return Path(chosen)
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache) / "tinct" / "editors"


@functools.cache
def ready() -> Path:
    """Return the root, built first when there is none.

    Raises
    ------
    RootError
        Without the rights or the system to build it, or when the build fails.
    """
    root = folder()
    if os.geteuid() != 0:
        raise RootError("the editors' tests enter a root folder of their own: run them as root")
    if not (root / ".ready").exists() and not Path("/etc/debian_version").exists():
        raise RootError("the editors' root folder is built on Debian or Ubuntu only")
    built = subprocess.run(
        [HERE / "build", root], capture_output=True, text=True, timeout=BUILD_TIMEOUT_S, check=False
    )
    if built.returncode:
        raise RootError(f"the editors' root folder was not built: {built.stderr[-2000:]}")
    return root


def command(
    argv: Sequence[str | Path],
    *,
    binds: Mapping[Path, str] | None = None,
    settings: Mapping[str, str] | None = None,
) -> list[str]:
    """Return the command line that runs `argv` inside the root.

    Parameters
    ----------
    argv
        The command inside.
    binds
        Folders of this system and where they appear inside, besides the checkout at `INSIDE`.
    settings
        The environment inside is clean but for these.
    """
    line = [str(HERE / "enter"), str(ready()), "--bind", str(CHECKOUT), INSIDE]
    for source, target in (binds or {}).items():
        line += ["--bind", str(source), target]
    for name, value in (settings or {}).items():
        line += ["--set", f"{name}={value}"]
    return line + [str(part) for part in argv]


def run(
    argv: Sequence[str | Path],
    *,
    binds: Mapping[Path, str] | None = None,
    settings: Mapping[str, str] | None = None,
    timeout_s: float = 300.0,
) -> subprocess.CompletedProcess[str]:
    """Run `argv` inside the root and return what it wrote; see `command`."""
    return subprocess.run(
        command(argv, binds=binds, settings=settings),
        capture_output=True,
        text=True,
        errors="replace",
        timeout=timeout_s,
        check=False,
    )


def ready_or_skip(config: pytest.Config) -> Path:
    """Return the root; without it skip the test, or fail it under ``--require-editors``."""
    try:
        return ready()
    except RootError as error:
        if config.getoption("--require-editors"):
            pytest.fail(f"--require-editors: {error}")
        pytest.skip(str(error))


@contextlib.contextmanager
def engine(name: str) -> Iterator[str]:
    """Install the checkout as a user does and yield the folder of its virtual environment inside.

    Each `name` has its own, so that one editor's tests never wait for the other's. It is made anew
    when the packaged files or the dependencies changed; the lock is held while the caller uses it.
    """
    inside = f"/srv/tinct-{name}"
    outside = ready() / inside.lstrip("/")
    with open(f"{outside}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        digest = _packaged_digest()
        mark = outside / "installed"
        if not mark.exists() or mark.read_text() != digest:
            _install(inside, outside)
            mark.write_text(digest)
        yield inside


def _install(inside: str, outside: Path) -> None:
    mark = outside / "installed"
    mark.unlink(missing_ok=True)
    pip = [f"{inside}/bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    known = outside / "pyproject.toml"  # of the last installation: the dependencies are in it
    steps = [[*pip, "--force-reinstall", "--no-deps", INSIDE]]
    if not known.exists() or known.read_bytes() != (CHECKOUT / "pyproject.toml").read_bytes():
        steps = [["python3", "-m", "venv", "--clear", inside], [*pip, INSIDE]]
    for step in steps:
        done = run(step, timeout_s=INSTALL_TIMEOUT_S)
        if done.returncode:
            raise RootError(f"{' '.join(step)} failed: {done.stdout[-1000:]}{done.stderr[-2000:]}")
    known.write_bytes((CHECKOUT / "pyproject.toml").read_bytes())


def _packaged_digest() -> str:
    digest = hashlib.sha256((CHECKOUT / "pyproject.toml").read_bytes())
    for top in PACKAGED:
        for path in sorted((CHECKOUT / top).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts and "_vendor" not in path.parts:
                status = path.stat()
                digest.update(f"{path.relative_to(CHECKOUT)} {status.st_size} ".encode())
                digest.update(f"{status.st_mtime_ns} {status.st_mode}\n".encode())
    return digest.hexdigest()
