"""Fields of protocol buffers, against what the format's own documentation says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinct.models.wire import WireError, encode_field, encode_varint, fields, signed

NUMBERS = st.integers(1, 2**29 - 1)
CONTENTS = st.integers(-(2**63), 2**63 - 1) | st.binary(max_size=300)


@given(parts=st.lists(st.tuples(NUMBERS, CONTENTS)))
def test_what_is_written_is_read(parts: list[tuple[int, int | bytes]]) -> None:
    data = b"".join(encode_field(number, content) for number, content in parts)
    found = []
    for part in fields(data):
        content = data[part.start : part.stop]
        found.append((part.number, signed(part.value) if part.wire == 0 else content))
    assert found == parts


def test_fields_are_those_of_the_published_format() -> None:
    # from the format's own documentation: field 1 is 150, field 2 is "testing"
    assert encode_field(1, 150) == bytes.fromhex("089601")
    assert encode_field(2, b"testing") == bytes.fromhex("120774657374696e67")
    assert encode_varint(-1) == b"\xff" * 9 + b"\x01"


@pytest.mark.parametrize(
    "data",
    [
        b"\x0a\x05ab",  # five bytes announced, two there
        b"\x0a",
        b"\x08",
        b"\x08\xff",
        b"\x09\x00\x00",  # eight bytes of a fixed number announced
        b"\x0d\x00",
        b"\x0b",  # a group
        b"\x00\x00",  # field 0
        b"\x08" + b"\xff" * 11,
    ],
)
def test_malformed_fields_are_refused(data: bytes) -> None:
    with pytest.raises(WireError):
        list(fields(data))
