"""A folder of networks for one test, and a toy network with its manifest."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import onnx_maker as make
from tinct.models.toml import to_toml

SHAPE = [1, 3, "height", "width"]


def negative(weight: float = -1.0) -> bytes:
    """Return a filter network: 1 - picture, or another line through white."""
    return make.affine({"picture": SHAPE}, "result", SHAPE, weight * np.eye(3), np.ones(3))


def manifest_values(id_: str, content: bytes, **more: Any) -> dict[str, Any]:
    """Return the entries of a filter network's manifest."""
    tensor = {"dtype": "float32", "shape": SHAPE, "space": "sRGB", "range": [0.0, 1.0]}
    values: dict[str, Any] = {
        "id": id_,
        "title": f"Toy {id_}",
        "task": "filter",
        "file": f"{id_}.onnx",
        "bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "opset": 17,
        "licence": "CC0, no rights reserved",
        "source": "made by a test",
    }
    steps = {
        "inputs": [{"name": "picture", **tensor}],
        "outputs": [{"name": "result", **tensor}],
        "pre": [{"step": "take", "tensor": "picture", "channels": "rgb"}],
        "post": [{"step": "picture", "tensor": "result"}],
    }
    return {name: value for name, value in (values | steps | more).items() if value is not None}


class Folder:
    """The user's folder of networks."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def publish(self, id_: str, content: bytes, **more: Any) -> None:
        """Write a manifest; its file is still to come."""
        target = self.path / "manifests" / f"{id_}.toml"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(to_toml(manifest_values(id_, content, **more)), "utf-8")

    def install(self, id_: str, content: bytes, **more: Any) -> Path:
        """Write a manifest and its file."""
        self.publish(id_, content, **more)
        weights = self.path / "weights" / f"{id_}.onnx"
        weights.parent.mkdir(exist_ok=True)
        weights.write_bytes(content)
        return weights

    def files(self) -> list[str]:
        """Return every file there is, relative to the folder."""
        found = (path for path in self.path.rglob("*") if path.is_file())
        return sorted(path.relative_to(self.path).as_posix() for path in found)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Folder:
    monkeypatch.setenv("TINCT_MODELS", str(tmp_path / "models"))
    return Folder(tmp_path / "models")
