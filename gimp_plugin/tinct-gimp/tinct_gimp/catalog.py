"""The operations, read from the copy that was installed: nothing is started to list them."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import json
import os
from pathlib import Path
from typing import Any

from ._vendor.tinct_client import launch
from ._vendor.tinct_client.errors import EngineError
from ._vendor.tinct_client.process import Engine

UNLISTED = "TINCT_UNLISTED"  # set: operations that only tests want are registered too
Info = dict[str, Any]
_started: list[Engine] = []


@functools.cache
def _installed() -> list[Info]:
    return launch.read_catalog()


def operations() -> list[Info]:
    """Return the info dicts of the operations to register."""
    every = bool(os.environ.get(UNLISTED))
    return [info for info in _installed() if every or info["listed"]]


def find(id_: str) -> Info | None:
    """Return an operation's info dict, or None when this tinct has no such operation."""
    return next((info for info in _installed() if info["id"] == id_), None)


def start_ahead() -> None:
    """Start the engine that `new_engine` will return."""
    engine = _make_engine()
    with contextlib.suppress(EngineError):  # who needs it says what is wrong
        engine.start()
    _started.append(engine)


def new_engine() -> Engine:
    """Return the engine; it runs when it was started ahead."""
    return _started.pop() if _started else _make_engine()


def _make_engine() -> Engine:
    try:
        recorded = json.loads((launch.HERE.parent / "launch.json").read_text("utf-8"))
    except (OSError, ValueError):
        recorded = {}  # `launch` finds the words for it at the start
    if exchange := recorded.get("exchange"):
        # in a sandbox most folders are not those the engine sees outside
        os.environ.setdefault("TINCT_EXCHANGE", exchange)
    version = str(recorded.get("version", "0"))
    return Engine("gimp", version, catalog_sha256=launch.catalog_sha256(_installed()))


@dataclasses.dataclass(frozen=True)
class Role:
    """One input of an operation, as the adapter needs it."""

    name: str
    kind: str
    title: str
    help: str
    source: str
    optional: bool
    many: bool
    same_size: bool

    @property
    def chosen(self) -> bool:
        """Whether the user chooses it: not the base, not the selection."""
        return self.source not in ("active-layer", "selection")

    @property
    def painted(self) -> bool:
        """Whether it is a layer to paint on, over the base."""
        return self.chosen and self.same_size and not self.many and self.source != "picture"

    @property
    def colored(self) -> bool:
        """Whether the colors painted on its layer count."""
        return self.kind != "mask"

    @property
    def labels(self) -> bool:
        """Whether single colors mean something: a smaller copy must not mix them."""
        return self.chosen and self.kind == "rgba"


def roles(info: Info) -> list[Role]:
    """Return an operation's inputs."""
    return [
        Role(
            name=role["role"],
            kind=role["kind"],
            title=role["title"],
            help=role["description"],
            source=role["source"],
            optional=role["optional"],
            many=role["many"],
            same_size=role["sameSize"],
        )
        for role in info["inputs"]
    ]


def layer_name(role: Role) -> str:
    """Return the name of a new layer for a role; it stays the same in every language."""
    return f"Tinct {role.title.lower()}"


def vendored(path: str) -> Path:
    """Return a file of the vendored part."""
    return launch.HERE.parent / path
