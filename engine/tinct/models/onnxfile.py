"""What an ONNX file says of itself, read without running it; what could reach beyond it is refused.

The numbers of the fields are those of the format's public description, onnx.proto.
"""

from __future__ import annotations

import mmap
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tinct.errors import FileError, NetworkError
from tinct.models.wire import Bytes, Field, WireError, fields, signed

__all__ = ["FILE_BYTES_MAXIMUM", "Facts", "Port", "inspect_bytes", "inspect_file"]

FILE_BYTES_MAXIMUM = 2**31 - 1  # what one protocol-buffer message can hold
NODES_MAXIMUM = 200_000
DEPTH_MAXIMUM = 12  # of graphs inside nodes
DOMAINS = {"": "ai.onnx", "ai.onnx": "ai.onnx"} | {
    name: name for name in ("ai.onnx.ml", "com.microsoft")
}
# It holds no arithmetic, but names a compiled program or a file that holds one.
FOREIGN_OPERATORS = {"EPContext"}
DTYPES = {1: "float32", 2: "uint8", 3: "int8", 6: "int32", 7: "int64", 9: "bool", 10: "float16"}
DTYPES |= {11: "float64"}
OTHER_FILES = (
    (b"version https://git-lfs", "a pointer of git-lfs, not the file it points at: fetch that"),
    (b"PK\x03\x04", "a zip archive or PyTorch's weights: unpack it or convert it to ONNX"),
    (b"\x80\x02", "a Python pickle, which could run programs: convert it to ONNX"),
    (b"\x93NUMPY", "an array of numpy: choose the network's .onnx file"),
    (b"\x89HDF", "weights of Keras: convert them to ONNX"),
    (b"\x1f\x8b", "a gzip archive: unpack it"),
)


@dataclass(frozen=True)
class Port:
    """An input or output: its axes are sizes, or names of sizes that vary, ``?`` without a name."""

    name: str
    dtype: str
    shape: tuple[int | str, ...]


@dataclass
class Facts:
    """What a file says of itself.

    Attributes
    ----------
    ir_version
        Of the format.
    opsets
        Version of the operators, by domain.
    inputs, outputs
        Without the weights, which old files list among the inputs.
    operators
        (domain, operator) of every node.
    """

    ir_version: int = 0
    opsets: dict[str, int] = field(default_factory=dict)
    inputs: tuple[Port, ...] = ()
    outputs: tuple[Port, ...] = ()
    operators: set[tuple[str, str]] = field(default_factory=set)

    @property
    def opset(self) -> int:
        """The version of the standard operators."""
        return self.opsets.get("ai.onnx", 0)


def inspect_file(path: Path, called: str = "") -> Facts:
    """Read what an ONNX file says of itself, and refuse one that is unfit or reaches beyond it.

    Parameters
    ----------
    path
        The file.
    called
        What to call it in sentences; its own name by default.

    Returns
    -------
    Facts

    Raises
    ------
    FileError
        When it cannot be read.
    NetworkError
        When it is empty, too large, another kind of file or cut off, keeps weights in other
        files, or has operators that are not part of onnxruntime.
    """
    name = called or path.name
    try:
        size = path.stat().st_size
        if not 0 < size <= FILE_BYTES_MAXIMUM:
            fault = "is empty" if size == 0 else "is larger than 2 GiB"
            raise NetworkError(f"{name} {fault}; choose a network's .onnx file.")
        with path.open("rb") as file:
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except OSError as error:
        raise FileError(f"{path} cannot be read: {error.strerror or error}.") from error
    with mapped:
        return inspect_bytes(mapped, name)


def inspect_bytes(data: Bytes, name: str) -> Facts:
    """Read what an ONNX file says of itself from its whole content; see `inspect_file`."""
    _refuse_other_files(data[:512], name)
    try:
        return _Reader(data, name).read()
    except (WireError, UnicodeDecodeError) as error:
        raise NetworkError(
            f"{name} is not ONNX, or was cut off ({error}); fetch it again."
        ) from error


def _refuse_other_files(head: bytes, name: str) -> None:
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype", b"<html", b"<?xml", b"<head")):
        raise NetworkError(f"{name} is a web page, not a network; look at it in a browser.")
    if start.startswith((b"{", b"[")):
        raise NetworkError(f"{name} is JSON, not a network; choose the .onnx file.")
    for magic, what in OTHER_FILES:
        if head.startswith(magic):
            raise NetworkError(f"{name} is {what}.")


class _Reader:
    """Walks the messages of one file by offset, so that its weights are never copied."""

    def __init__(self, data: Bytes, name: str) -> None:
        self._data = data
        self._name = name
        self._nodes = 0
        self._facts = Facts()

    def read(self) -> Facts:
        graphs = []
        for part in fields(self._data):
            if part.number == 1:
                self._facts.ir_version = part.value
            elif part.number == 8:
                domain, version = self._opset(part)
                self._facts.opsets[domain] = version
            elif part.number == 7:
                graphs.append(part)
            elif part.number == 25:
                self._function(part)
            elif part.number == 20:
                raise NetworkError(f"{self._name} carries training; export it for inference.")
        if len(graphs) != 1 or not self._facts.opsets or not self._facts.ir_version:
            raise WireError("no graph")
        self._graph(graphs[0], 0)
        return self._facts

    def _text(self, part: Field) -> str:
        return self._data[part.start : part.stop].decode("utf-8")

    def _opset(self, part: Field) -> tuple[str, int]:
        found: Mapping[int, Field] = {item.number: item for item in self._inside(part)}
        domain = self._domain(self._text(found[1]) if 1 in found else "")
        return domain, found[2].value if 2 in found else 0

    def _inside(self, part: Field) -> list[Field]:
        return list(fields(self._data, part.start, part.stop))

    def _domain(self, text: str) -> str:
        if text not in DOMAINS:
            raise NetworkError(
                f"{self._name} needs the operators of '{text[:60]}', which only programs of others "
                "could add; export it with standard ONNX operators."
            )
        return DOMAINS[text]

    def _graph(self, part: Field, depth: int) -> None:
        if depth > DEPTH_MAXIMUM:
            raise WireError("graphs inside graphs")
        inputs: list[Port] = []
        outputs: list[Port] = []
        weights: set[str] = set()
        for item in fields(self._data, part.start, part.stop):
            if item.number == 1:
                self._node(item, depth)
            elif item.number == 5:
                weights.add(self._tensor(item))
            elif item.number == 15:
                self._sparse(item)
            elif item.number in (11, 12) and depth == 0:
                (inputs if item.number == 11 else outputs).append(self._port(item))
        if depth == 0:
            self._facts.inputs = tuple(port for port in inputs if port.name not in weights)
            self._facts.outputs = tuple(outputs)
            if not self._facts.inputs or not self._facts.outputs:
                raise WireError("no inputs or outputs")

    def _function(self, part: Field) -> None:
        for item in fields(self._data, part.start, part.stop):
            if item.number == 7:
                self._node(item, 1)
            elif item.number == 9:
                self._opset(item)

    def _node(self, part: Field, depth: int) -> None:
        self._nodes += 1
        if self._nodes > NODES_MAXIMUM:
            raise NetworkError(f"{self._name} has more than {NODES_MAXIMUM} operators; it is none.")
        operator = domain = ""
        for item in fields(self._data, part.start, part.stop):
            if item.number == 4:
                operator = self._text(item)
            elif item.number == 7:
                domain = self._text(item)
            elif item.number == 5:
                self._attribute(item, depth)
        if operator in FOREIGN_OPERATORS:
            raise NetworkError(
                f"{self._name} holds a compiled program ({operator}); export it as plain ONNX."
            )
        self._facts.operators.add((self._domain(domain), operator))

    def _attribute(self, part: Field, depth: int) -> None:
        for item in fields(self._data, part.start, part.stop):
            if item.number in (5, 10) and item.wire == 2:
                self._tensor(item)
            elif item.number in (6, 11) and item.wire == 2:
                self._graph(item, depth + 1)
            elif item.number in (22, 23):
                self._sparse(item)

    def _sparse(self, part: Field) -> None:
        for item in fields(self._data, part.start, part.stop):
            if item.number in (1, 2):
                self._tensor(item)

    def _tensor(self, part: Field) -> str:
        """Return a tensor's name; its weights must lie in the file."""
        name = ""
        for item in fields(self._data, part.start, part.stop):
            if item.number == 8:
                name = self._text(item)
            elif item.number == 13 or (item.number == 14 and item.value != 0):
                raise NetworkError(
                    f"{self._name} keeps weights in other files, which no checksum covers; "
                    "save it with all weights inside."
                )
        return name

    def _port(self, part: Field) -> Port:
        """Return an input or output: ValueInfo, its type, the tensor's type and shape."""
        found = {item.number: item for item in self._inside(part)}
        name = self._text(found[1]) if 1 in found else ""
        kind = {item.number: item for item in self._inside(found[2])} if 2 in found else {}
        if 1 not in kind:
            raise NetworkError(f"{self._name} takes or gives something that is no tensor.")
        tensor = {item.number: item for item in self._inside(kind[1])}
        number = tensor[1].value if 1 in tensor else 0
        shape: list[int | str] = []
        for axis in self._inside(tensor[2]) if 2 in tensor else []:
            size = {item.number: item for item in self._inside(axis)}
            if 1 in size and signed(size[1].value) > 0:
                shape.append(size[1].value)
            else:
                shape.append(self._text(size[2]) if 2 in size else "?")
        return Port(name, DTYPES.get(number, f"type {number}"), tuple(shape))
