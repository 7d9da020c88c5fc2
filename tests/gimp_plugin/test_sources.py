"""What the adapter's sources must be, seen without GIMP: the rest is tested inside it."""

from __future__ import annotations

import ast
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tinct import catalog

ROOT = Path(__file__).resolve().parents[2] / "gimp_plugin" / "tinct-gimp"
ENTRY = ROOT / "tinct-gimp.py"
MODULES = sorted((ROOT / "tinct_gimp").glob("*.py"))


def imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield (node.module or "").split(".")[0]


def test_the_entry_is_what_gimp_starts() -> None:
    assert ENTRY.stem == ROOT.name  # or GIMP passes it over in silence
    assert os.access(ENTRY, os.X_OK)
    text = ENTRY.read_text("utf-8")
    assert text.startswith("#!/usr/bin/env python3\n")
    assert len(text.splitlines()) <= 40


@pytest.mark.parametrize("path", [ENTRY, *MODULES], ids=lambda path: path.name)
def test_only_the_standard_library_and_gi_are_imported(path: Path) -> None:
    found = set(imports(ast.parse(path.read_text("utf-8"))))
    assert found <= {*sys.stdlib_module_names, "gi", "tinct_gimp"}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_gtk_is_left_to_the_dialogs(path: Path) -> None:
    """A run without a dialog must not need a display."""
    source = path.read_text("utf-8")
    drawn = {"dialog.py", "live.py", "widgets.py", "wheel.py", "suggested.py", "palette.py"}
    assert ("Gtk" in source) <= (path.name in drawn)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_no_operation_and_no_parameter_is_named(path: Path) -> None:
    """A new operation needs no line here: nothing of the catalog may stand in the sources."""
    known = set()
    for info in catalog.to_info():
        known |= {info["id"], info["title"], info["summary"]}
        known |= {parameter["name"] for parameter in info["parameters"] if "_" in parameter["name"]}
    texts = {
        node.value
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert not known & texts
