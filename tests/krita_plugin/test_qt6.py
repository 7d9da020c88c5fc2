"""What PyQt5 forgives and PyQt6 does not: read in the sources, for no Krita 6 runs here."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ADAPTER = Path(__file__).parents[2] / "krita_plugin" / "tinct_krita"
SHIM = ADAPTER / "qt.py"
SOURCES = sorted(path for path in ADAPTER.rglob("*.py") if "_vendor" not in path.parts)
GONE = {"exec_", "print_", "localPos", "globalPos", "globalX", "globalY", "toSet", "desktop"}
"""Methods that PyQt6 does not have."""


def unscoped_enums(tree: ast.AST) -> Iterator[str]:
    """Yield ``Qt.AlignCenter`` where PyQt6 knows ``Qt.AlignmentFlag.AlignCenter`` alone.

    Methods begin with a small letter, types and members of enums with a capital one: what is
    taken from a class and has a capital is a type, of which something must be taken in turn.
    """
    inner = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    names = qt_names(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            is_type = node.value.id in names and node.attr[:1].isupper()
            if is_type and id(node) not in inner:
                yield f"line {node.lineno}: {node.value.id}.{node.attr}"


def qt_names(tree: ast.AST) -> set[str]:
    """Return what a source imports from Qt's shim, from PyQt or from Krita."""
    modules = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    ours = [m for m in modules if (m.module or "").split(".")[0] in ("qt", "krita", "PyQt6")]
    return {alias.asname or alias.name for module in ours for alias in module.names}


def gone_methods(tree: ast.AST) -> Iterator[str]:
    """Yield methods that PyQt6 has not kept."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in GONE:
            yield f"line {node.lineno}: {node.attr}"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_enums_are_spelled_in_full(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    assert list(unscoped_enums(tree)) == []
    assert list(gone_methods(tree)) == []


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_only_the_shim_knows_pyqt(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    modules = [(n.module or "") for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)]
    modules += [a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names]
    found = [name for name in modules if name.startswith(("PyQt", "PySide", "sip"))]
    assert not found or path == SHIM, found


def test_the_shim_gives_the_same_from_both() -> None:
    tree = ast.parse(SHIM.read_text("utf-8"))
    found: dict[str, list[tuple[str, list[str]]]] = {"PyQt5": [], "PyQt6": []}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("PyQt"):
            package, _, module = (node.module or "").partition(".")
            found[package].append((module, sorted(alias.name for alias in node.names)))
    assert found["PyQt5"], "the shim imports nothing"
    assert sorted(found["PyQt5"]) == sorted(found["PyQt6"])


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("from .qt import Qt\nQt.AlignCenter", ["line 2: Qt.AlignCenter"]),
        ("from .qt import Qt\nf(Qt.Key_Left)", ["line 2: Qt.Key_Left"]),
        ("from .qt import QEvent\nx = QEvent.KeyPress", ["line 2: QEvent.KeyPress"]),
        ("from krita import DockPlace\nDockPlace.DockRight", ["line 2: DockPlace.DockRight"]),
        ("from .qt import Qt\nQt.AlignmentFlag.AlignCenter", []),
        ("from .qt import QTimer\nQTimer.singleShot(0, f)", []),
        ("Other.Name", []),
    ],
)
def test_an_unscoped_enum_is_found(source: str, found: list[str]) -> None:
    assert list(unscoped_enums(ast.parse(source))) == found


def test_a_method_that_is_gone_is_found() -> None:
    assert list(gone_methods(ast.parse("dialog.exec_()"))) == ["line 1: exec_"]
