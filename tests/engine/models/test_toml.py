"""Manifests written here read as what was written."""

from __future__ import annotations

from typing import Any

import pytest
import tomllib
from hypothesis import given
from hypothesis import strategies as st

from tinct.models.places import shipped_root
from tinct.models.toml import to_toml

NAMES = st.text("abcdefgh_", min_size=1)
PLAIN = (
    st.text(st.characters(exclude_categories=["Cs"]))
    | st.integers(-(2**62), 2**62)
    | st.booleans()
    | st.floats(allow_nan=False, allow_infinity=False)
)
TABLES = st.dictionaries(NAMES, PLAIN | st.lists(PLAIN))
WHOLE = st.dictionaries(NAMES, PLAIN | st.lists(PLAIN) | TABLES | st.lists(TABLES, min_size=1))


@given(values=WHOLE)
def test_what_is_written_is_read(values: dict[str, Any]) -> None:
    assert tomllib.loads(to_toml(values)) == values


@pytest.mark.parametrize(
    "path", sorted((shipped_root() / "manifests").glob("*.toml")), ids=lambda path: path.stem
)
def test_every_manifest_survives(path: Any) -> None:
    values = tomllib.loads(path.read_text("utf-8"))
    assert tomllib.loads(to_toml(values)) == values
