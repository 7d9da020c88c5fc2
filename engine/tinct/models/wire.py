"""Protocol-buffer fields by offset: enough to read an ONNX file without loading or trusting it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, Protocol

__all__ = ["Bytes", "Field", "WireError", "encode_field", "encode_varint", "fields", "signed"]

VARINT, FIXED64, LENGTH, FIXED32 = 0, 1, 2, 5
VARINT_BYTES_MAXIMUM = 10
BITS = 64


class WireError(ValueError):
    """The bytes are no protocol-buffer message, or end too early."""


class Bytes(Protocol):
    """What can be read: bytes, or a file mapped into memory."""

    def __len__(self) -> int: ...
    def __getitem__(self, place: slice, /) -> bytes: ...


class Field(NamedTuple):
    """One field of a message.

    Attributes
    ----------
    number
        As the format's description numbers it.
    wire
        0 for a varint, 1 and 5 for fixed sizes, 2 for what has a length.
    value
        Of a varint, else 0.
    start, stop
        Where the content of the others lies.
    """

    number: int
    wire: int
    value: int
    start: int
    stop: int


def fields(data: Bytes, start: int = 0, stop: int | None = None) -> Iterator[Field]:
    """Yield the fields of the message that lies between two offsets.

    Raises
    ------
    WireError
        When a field is malformed or reaches past the end.
    """
    end = len(data) if stop is None else stop
    place = start
    while place < end:
        key, place = _varint(data, place, end)
        number, wire = key >> 3, key & 7
        value = 0
        if number == 0:
            raise WireError("field 0")
        if wire == VARINT:
            first = place
            value, place = _varint(data, place, end)
        elif wire == LENGTH:
            size, first = _varint(data, place, end)
            place = first + size
        elif wire in (FIXED64, FIXED32):
            first, place = place, place + (8 if wire == FIXED64 else 4)
        else:
            raise WireError(f"wire type {wire}")
        if place > end:
            raise WireError("a field reaches past the end")
        yield Field(number, wire, value, first, place)


def signed(value: int) -> int:
    """Return a varint's value as the signed 64-bit number it stands for."""
    return value - (1 << BITS) if value >> (BITS - 1) else value


def encode_varint(value: int) -> bytes:
    """Return a whole number as a varint; negative ones as 64 bits."""
    value &= (1 << BITS) - 1
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def encode_field(number: int, content: int | bytes) -> bytes:
    """Return a field: a whole number as a varint, bytes with their length."""
    if isinstance(content, int):
        return encode_varint(number << 3 | VARINT) + encode_varint(content)
    return encode_varint(number << 3 | LENGTH) + encode_varint(len(content)) + content


def _varint(data: Bytes, place: int, end: int) -> tuple[int, int]:
    chunk = data[place : min(place + VARINT_BYTES_MAXIMUM, end)]
    value = 0
    for count, byte in enumerate(chunk):
        value |= (byte & 0x7F) << (7 * count)
        if byte < 0x80:
            return value & ((1 << BITS) - 1), place + count + 1
    raise WireError("a number without an end")
