"""Who may import whom: the walls between the rooms of CONTRIBUTING.md."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = {
    "tinct": ROOT / "engine" / "tinct",
    "tinct_client": ROOT / "engine" / "tinct_client",
    "tinct_gimp": ROOT / "gimp_plugin" / "tinct-gimp",
    "tinct_krita": ROOT / "krita_plugin",
    "tinct_train": ROOT / "models" / "tinct_train",
}
# the command line is a client of the worker like any editor; everything else in the engine
# shares nothing but names with the client
CLIENTS = ("cli", "install", "demo")
HOSTS = {
    "tinct_gimp": {"gi", "cairo", "tinct_client", "tinct_gimp"},
    "tinct_krita": {"krita", "PyQt5", "PyQt6", "sip", "tinct_client", "tinct_krita"},
}


def files(package: str) -> Iterator[Path]:
    for path in sorted(PACKAGES[package].rglob("*.py")):
        if "_vendor" not in path.parts:
            yield path


def imports(path: Path) -> Iterator[tuple[str, int]]:
    """Yield the dotted names a file imports, with the dots of relative imports as a number."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, 0) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            names = [f"{base}.{alias.name}" if base else alias.name for alias in node.names]
            yield from ((name, node.level) for name in names)


def test_client_imports_the_standard_library_and_itself_only() -> None:
    for path in files("tinct_client"):
        for name, level in imports(path):
            top = name.split(".")[0]
            assert level or top in sys.stdlib_module_names, f"{path.name} imports {name}"


def test_engine_knows_no_editor_and_shares_only_names_with_the_client() -> None:
    for path in files("tinct"):
        inside = path.relative_to(PACKAGES["tinct"]).as_posix()
        for name, _ in imports(path):
            top = name.split(".")[0]
            assert top not in ("gi", "krita", "PyQt5", "PyQt6", "torch"), f"{inside}: {name}"
            if top == "tinct_client" and not inside.startswith(CLIENTS):
                assert name.startswith("tinct_client.protocol"), f"{inside} imports {name}"


@pytest.mark.parametrize("package", HOSTS)
def test_adapters_import_their_host_and_the_client_only(package: str) -> None:
    found = list(files(package))
    assert found
    for path in found:
        for name, level in imports(path):
            top = name.split(".")[0]
            allowed = level or top in sys.stdlib_module_names or top in HOSTS[package]
            assert allowed, f"{path.name} imports {name}"


def test_algorithms_are_pure() -> None:
    for path in files("tinct"):
        if path.parent.name == "algorithms":
            for name, _ in imports(path):
                top = name.split(".")[0]
                assert top not in ("io", "pathlib", "subprocess", "PIL"), f"{path.name}: {name}"
                inner = name.split(".")[1] if top == "tinct" and "." in name else ""
                known = ("algorithms", "color", "declare", "context", "errors", "parameters")
                assert not inner or inner in known, f"{path.name} imports {name}"
