from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinct_client.protocol import DTYPE_BYTES, LAYOUT_CHANNELS, MAX_SIDE, SPACES, PixelRef


@st.composite
def references(draw: st.DrawFn) -> PixelRef:
    layout = draw(st.sampled_from(sorted(LAYOUT_CHANNELS)))
    dtype = draw(st.sampled_from(sorted(DTYPE_BYTES)))
    columns = draw(st.integers(0, MAX_SIDE))
    packed = columns * LAYOUT_CHANNELS[layout] * DTYPE_BYTES[dtype]
    return PixelRef(
        path=draw(st.text(st.characters(exclude_characters="\0"), min_size=1)),
        shape=(draw(st.integers(0, MAX_SIDE)), columns, LAYOUT_CHANNELS[layout]),
        dtype=dtype,
        layout=layout,
        space=draw(st.sampled_from(SPACES)),
        offset=draw(st.integers(0, 1 << 40)),
        row_stride=draw(st.just(0) | st.integers(packed, packed + 4096)),
    )


@given(references())
def test_the_wire_form_comes_back_equal(reference: PixelRef) -> None:
    assert PixelRef.from_wire(json.loads(json.dumps(reference.to_wire()))) == reference


@given(references())
def test_sizes_hold_every_row(reference: PixelRef) -> None:
    rows = reference.shape[0]
    ends = [row * reference.stride + reference.row_bytes for row in (0, rows - 1) if rows]
    assert reference.nbytes == max(ends, default=0)
    assert reference.nbytes < 1 << 62


@given(
    st.dictionaries(
        st.sampled_from(
            ["path", "shape", "dtype", "layout", "space", "offset", "row_stride", "alpha", "more"]
        ),
        st.none() | st.booleans() | st.integers() | st.text() | st.floats()
        | st.lists(st.integers() | st.booleans() | st.floats(), max_size=4)
        | st.sampled_from([*DTYPE_BYTES, *LAYOUT_CHANNELS, *SPACES, "straight"]),
    )
)  # fmt: skip
def test_anything_else_is_one_sentence(value: dict[str, Any]) -> None:
    sentence, reference = "", None
    try:
        reference = PixelRef.from_wire(value)
    except ValueError as error:
        sentence = str(error)
    if reference is None:
        assert sentence.endswith(".")
        assert "\n" not in sentence
    else:
        assert all(0 <= side <= MAX_SIDE for side in reference.shape)
        assert reference.offset >= 0
        assert reference.stride >= reference.row_bytes


@pytest.mark.parametrize("value", [None, [], "path", 5, True])
def test_a_reference_is_an_object(value: object) -> None:
    with pytest.raises(ValueError, match="object"):
        PixelRef.from_wire(value)
