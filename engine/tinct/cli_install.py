"""``tinct install`` and ``tinct uninstall``: the plug-ins into the editors, and out of them."""

from __future__ import annotations

import argparse
import importlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

__all__ = ["add_parser"]

EDITORS = ("gimp", "krita")
WARM_TIMEOUT_S = 600.0


def add_parser(subparsers: Any) -> None:
    """Add the two commands to those of `tinct`; each parser's default ``handler`` runs it."""
    install = subparsers.add_parser(
        "install", help="put the plug-in into GIMP 3 or Krita", description=_install.__doc__
    )
    install.add_argument("editor", choices=EDITORS)
    _add_profile(install)
    install.add_argument(
        "--link", action="store_true", help="link to the sources, for those who change them"
    )
    install.add_argument(
        "--python", default="", metavar="FILE", help="the Python that has tinct; default: this one"
    )
    install.add_argument(
        "--no-warm", action="store_true", help="leave the first run to compile its kernels"
    )
    install.set_defaults(handler=_install)
    uninstall = subparsers.add_parser(
        "uninstall", help="take the plug-in out again", description=_uninstall.__doc__
    )
    uninstall.add_argument("editor", choices=EDITORS)
    _add_profile(uninstall)
    uninstall.set_defaults(handler=_uninstall)


def _add_profile(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--profile",
        action="append",
        type=Path,
        metavar="FOLDER",
        help="this profile folder instead of all that are found; may be given again",
    )


def _install(arguments: argparse.Namespace) -> int:
    """Put the plug-in into every profile of an editor, in place of an older one."""
    editor = importlib.import_module(f"tinct.install.{arguments.editor}")
    options = {"link": arguments.link, "python": arguments.python}
    for line in editor.install(_profiles(editor, arguments), **options):
        print(line)
    if not arguments.no_warm:
        for line in _warm(arguments.python):
            print(line)
    print(f"Start {editor.TITLE} again: {editor.WHERE}.")
    return 0


def _uninstall(arguments: argparse.Namespace) -> int:
    """Remove the plug-in from every profile of an editor."""
    editor = importlib.import_module(f"tinct.install.{arguments.editor}")
    removed = list(editor.uninstall(_profiles(editor, arguments)))
    for line in removed or [f"There is no tinct in {editor.TITLE}: nothing was removed."]:
        print(line)
    return 0


def _profiles(editor: Any, arguments: argparse.Namespace) -> list[Any]:
    if arguments.profile:
        return [editor.Profile(path.expanduser().resolve()) for path in arguments.profile]
    found: list[Any] = editor.find_profiles()
    return found


def _warm(python: str) -> Iterator[str]:
    """Compile the kernels now, so that the first run in the editor need not."""
    try:
        done = subprocess.run(
            [python or sys.executable, "-I", "-m", "tinct", "warm"],
            timeout=WARM_TIMEOUT_S,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        yield "The kernels were not compiled; the first run in the editor will take longer."
        return
    if done.returncode:
        yield "The kernels were not compiled; the first run in the editor will take longer."
