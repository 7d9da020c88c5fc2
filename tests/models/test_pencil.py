"""The drawing network that ships is the one its program builds."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("onnx")

from tinct_train.pencil import build

WEIGHTS = Path(__file__).parents[2] / "models" / "weights"


def test_the_shipped_file_is_what_is_built() -> None:
    built = build().SerializeToString(deterministic=True)
    assert built == (WEIGHTS / "pencil.onnx").read_bytes()
