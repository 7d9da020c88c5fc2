"""Names both sides of the wire share: methods, error codes, pixel formats and `PixelRef`."""

from __future__ import annotations

import dataclasses
from typing import Any

PROTOCOL_VERSION = 1
MAX_LINE_BYTES = 4 * 1024 * 1024  # a longer line is hostile or broken: pixels never travel in it

INITIALIZE = "initialize"
SHUTDOWN = "shutdown"
EXIT = "exit"
CATALOG_LIST = "catalog/list"
MODELS_LIST = "models/list"
MODELS_LOAD = "models/load"
OPERATION_RUN = "operation/run"
CANCEL = "$/cancelRequest"
PROGRESS = "$/progress"
LOG = "$/log"

PARSE_ERROR = -32700
INVALID_REQUEST = -32600
METHOD_NOT_FOUND = -32601
INVALID_PARAMS = -32602
INTERNAL_ERROR = -32603
OPERATION_FAILED = -32000
MODEL_MISSING = -32001
NOT_INITIALIZED = -32002
BAD_BUFFER = -32003
OUT_OF_MEMORY = -32004
CANCELLED = -32800

DTYPE_BYTES = {"uint8": 1, "uint16": 2, "float16": 2, "float32": 4}
LAYOUT_CHANNELS = {"rgba": 4, "bgra": 4, "rgb": 3, "graya": 2, "gray": 1, "mask": 1}
SPACES = ("srgb", "linear")  # sRGB-encoded values, or values proportional to light
QUALITIES = ("final", "preview", "prepare")
PLACEMENTS = ("original", "transparent")  # what a result holds outside the region

FOLDER_PREFIX = "tinct-"  # of every exchange folder: no other folder is ever written or removed
INPUT_SUFFIX = ".in"  # of the files the client writes, and below of the worker's
OUTPUT_SUFFIX = ".out"


@dataclasses.dataclass(frozen=True)
class PixelRef:
    """Where a picture lies in the exchange folder, and how to read its bytes.

    Parameters
    ----------
    path
        A file inside the exchange folder.
    shape
        Rows, columns and channels; the channels follow from `layout`.
    dtype
        A key of `DTYPE_BYTES`, native byte order; integers span black to white, floats are 0 to 1.
    layout
        A key of `LAYOUT_CHANNELS`. Alpha is always straight.
    space
        ``"srgb"`` for sRGB-encoded values, ``"linear"`` for linear light. A mask has no space.
    offset, row_stride
        In bytes. A `row_stride` of 0 means rows without padding.
    """

    path: str
    shape: tuple[int, int, int]
    dtype: str = "uint8"
    layout: str = "rgba"
    space: str = "srgb"
    offset: int = 0
    row_stride: int = 0

    @property
    def row_bytes(self) -> int:
        """Bytes of one row's pixels, padding left out."""
        return self.shape[1] * self.shape[2] * DTYPE_BYTES[self.dtype]

    @property
    def stride(self) -> int:
        """Bytes from one row to the next."""
        return self.row_stride or self.row_bytes

    @property
    def nbytes(self) -> int:
        """Bytes from `offset` to the end of the last row."""
        return max(self.shape[0] - 1, 0) * self.stride + self.row_bytes * bool(self.shape[0])

    def to_wire(self) -> dict[str, Any]:
        """Return the JSON form."""
        return dataclasses.asdict(self) | {"shape": list(self.shape), "alpha": "straight"}

    @classmethod
    def from_wire(cls, value: object) -> PixelRef:
        """Parse and check the JSON form.

        Raises
        ------
        ValueError
            In one sentence, when a field is missing, of the wrong kind or out of range.
        """
        if not isinstance(value, dict):
            raise ValueError(
                f"A picture must be an object with path and shape, got {_kind(value)}."
            )
        known = {field.name for field in dataclasses.fields(cls)}
        unknown = sorted(set(value) - known - {"alpha"})
        if unknown:
            raise ValueError(
                f"A picture has no field '{unknown[0]}'; it has {_words(sorted(known))}."
            )
        if value.get("alpha", "straight") != "straight":
            raise ValueError(
                "A picture's alpha must be straight; divide the colors by alpha first."
            )
        reference = cls(
            path=_text(value, "path"),
            shape=_shape(value.get("shape")),
            dtype=_one_of(value, "dtype", "uint8", DTYPE_BYTES),
            layout=_one_of(value, "layout", "rgba", LAYOUT_CHANNELS),
            space=_one_of(value, "space", "srgb", SPACES),
            offset=_count(value, "offset"),
            row_stride=_count(value, "row_stride"),
        )
        channels = LAYOUT_CHANNELS[reference.layout]
        if reference.shape[2] != channels:
            raise ValueError(
                f"Layout {reference.layout} has {channels} channels, but the shape names "
                f"{reference.shape[2]}."
            )
        if reference.row_stride and reference.row_stride < reference.row_bytes:
            raise ValueError(
                f"row_stride is {reference.row_stride} bytes, but a row needs "
                f"{reference.row_bytes}; give 0 for rows without padding."
            )
        return reference


MAX_SIDE = 1 << 20  # far beyond any picture; keeps every product of sizes inside 64 bits


def _shape(value: object) -> tuple[int, int, int]:
    if (
        not isinstance(value, list | tuple)
        or len(value) != 3
        or not all(_is_count(side) and side <= MAX_SIDE for side in value)
    ):
        raise ValueError(f"shape must be [rows, columns, channels], each 0 to {MAX_SIDE}.")
    rows, columns, channels = value
    return rows, columns, channels


def _text(value: dict[str, Any], name: str) -> str:
    text = value.get(name)
    if not isinstance(text, str) or not text or "\0" in text:
        raise ValueError(f"{name} must be a non-empty text without NUL characters.")
    return text


def _count(value: dict[str, Any], name: str) -> int:
    number = value.get(name, 0)
    if not _is_count(number) or number > 1 << 62:
        raise ValueError(f"{name} must be a whole number of bytes, 0 or more.")
    return int(number)


def _one_of(value: dict[str, Any], name: str, default: str, allowed: Any) -> str:
    word = value.get(name, default)
    if not isinstance(word, str) or word not in allowed:
        raise ValueError(f"{name} must be one of {_words(allowed)}.")
    return word


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _words(names: Any) -> str:
    return ", ".join(names)


def _kind(value: object) -> str:
    return "nothing" if value is None else type(value).__name__
