"""Options and collection order of the whole suite."""

from __future__ import annotations

import signal

import pytest

LAST = ("worker", "cli", "gimp", "krita")  # real processes and editors come after what is quick


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--require-editors",
        action="store_true",
        help="fail, instead of skip, when the real GIMP or Krita cannot be run",
    )


def pytest_configure() -> None:
    # what a shell starts in the background ignores Ctrl+C, and so would all that tests start
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        for editor in ("gimp", "krita"):
            if f"/e2e/{editor}/" in item.path.as_posix():
                item.add_marker(editor)
    items.sort(key=lambda item: _place(item.path.as_posix()))


def _place(path: str) -> int:
    return next((LAST.index(name) + 1 for name in LAST if f"/e2e/{name}/" in path), 0)
