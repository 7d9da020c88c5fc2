"""Networks with a size written into them, made to take any: their weights stay as they are.

Exporters of 2018 had no operator for enlarging, so they wrote each pixel twice along the rows and
then along the columns by reshapes, with the sizes of one picture. Those reshapes are replaced by
the operator that says the same, and the sizes of inputs and outputs are left open.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import NamedTuple

from tinct.errors import NetworkError
from tinct.models.wire import Field, encode_field, fields, signed

__all__ = ["free_size"]

GRAPH, NODE, INPUT, OUTPUT, VALUE_INFO, OPSETS = 7, 1, 11, 12, 13, 8
OPSET = 9  # the only one in which Upsample takes its factors as a tensor
AXES = {2: "height", 3: "width"}


@dataclass(frozen=True)
class _Node:
    """An operator: what it reads and writes, and the bytes of a constant."""

    operator: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    constant: bytes


class _Enlarging(NamedTuple):
    """A chain of reshapes that doubles a picture: what goes in, its nodes, the last of them."""

    source: str
    chain: tuple[int, ...]
    last: int


def free_size(data: bytes, called: str) -> bytes:
    """Return a network that takes pictures of any size.

    Parameters
    ----------
    data
        The ONNX file, opset 9.
    called
        What to call it in sentences.

    Returns
    -------
    bytes
        The same weights and arithmetic.

    Raises
    ------
    NetworkError
        When it has another opset.
    """
    parts = list(fields(data))
    opsets = [_number(data, part, 2) for part in parts if part.number == OPSETS]
    if opsets != [OPSET]:
        raise NetworkError(
            f"{called} has a size written into it that can only be freed in opset {OPSET}; export "
            "it with open height and width."
        )
    out = []
    for part in parts:
        raw = data[part.start : part.stop]
        if part.number == GRAPH:
            out.append(encode_field(GRAPH, _freed_graph(raw)))
        else:
            out.append(encode_field(part.number, part.value if part.wire == 0 else raw))
    return b"".join(out)


def _freed_graph(data: bytes) -> bytes:
    parts = list(fields(data))
    nodes = [_node(data[part.start : part.stop]) for part in parts if part.number == NODE]
    found = [chain for last in range(len(nodes)) if (chain := _enlarging(nodes, last))]
    removed = {place for chain in found for place in chain.chain}
    lasts = {chain.last: chain for chain in found}
    out, place = [], -1
    for part in parts:
        raw = data[part.start : part.stop]
        if part.number == NODE:
            place += 1
            if place in lasts:
                out += _upsample(lasts[place].source, nodes[place].outputs[0])
            elif place not in removed:
                out.append(encode_field(NODE, raw))
        elif part.number in (INPUT, OUTPUT):
            out.append(encode_field(part.number, _opened(raw)))
        elif part.number != VALUE_INFO:  # they state sizes that hold no longer
            out.append(encode_field(part.number, part.value if part.wire == 0 else raw))
    return b"".join(out)


def _node(data: bytes) -> _Node:
    texts: dict[int, list[str]] = {1: [], 2: [], 4: [""]}
    constant = b""
    for part in fields(data):
        content = data[part.start : part.stop]
        if part.number in texts:
            texts[part.number].append(content.decode())
        elif part.number == 5:
            tensors = [item for item in fields(content) if item.number == 5 and item.wire == 2]
            for tensor in tensors:
                constant = _raw_data(content[tensor.start : tensor.stop])
    return _Node(texts[4][-1], tuple(texts[1]), tuple(texts[2]), constant)


def _raw_data(tensor: bytes) -> bytes:
    found = [tensor[item.start : item.stop] for item in fields(tensor) if item.number == 9]
    return found[0] if found else b""


def _enlarging(nodes: list[_Node], last: int) -> _Enlarging | None:
    """Recognize X, twice: flattened to rows, joined with itself (+ 0); then given its new shape."""
    maker = {name: place for place, node in enumerate(nodes) for name in node.outputs}
    if nodes[last].operator != "Reshape":
        return None
    shape = _shape_of(nodes, maker, last)
    if shape is None or len(shape) != 4 or min(shape[2:]) < 2:
        return None
    chain: list[int] = []
    name = nodes[last].inputs[0]
    for flattened in ((-1, shape[3]), (-1, 1)):
        joined = maker.get(name)
        if joined is None or nodes[joined].operator != "Concat" or len(nodes[joined].inputs) != 2:
            return None
        first, second = nodes[joined].inputs
        rows = maker.get(first)
        if rows is None or _shape_of(nodes, maker, rows) != flattened:
            return None
        if second != first:
            added = maker.get(second)
            if added is None or not _adds_nothing(nodes, maker, added, first):
                return None
            chain.append(added)
        chain += [joined, rows]
        name = nodes[rows].inputs[0]
    return _Enlarging(name, tuple(chain), last)


def _adds_nothing(nodes: list[_Node], maker: dict[str, int], place: int, name: str) -> bool:
    node = nodes[place]
    if node.operator != "Add" or node.inputs[0] != name or node.inputs[1] not in maker:
        return False
    constant = nodes[maker[node.inputs[1]]].constant
    return bool(constant) and not any(constant)


def _shape_of(nodes: list[_Node], maker: dict[str, int], place: int) -> tuple[int, ...] | None:
    node = nodes[place]
    if node.operator != "Reshape" or len(node.inputs) != 2 or node.inputs[1] not in maker:
        return None
    raw = nodes[maker[node.inputs[1]]].constant
    return struct.unpack(f"<{len(raw) // 8}q", raw) if raw and len(raw) % 8 == 0 else None


def _upsample(source: str, target: str) -> list[bytes]:
    """Return the factors as a constant, and the operator that writes every pixel four times."""
    factors = f"{target}_factors"
    tensor = encode_field(1, 4) + encode_field(2, 1)
    tensor += encode_field(9, struct.pack("<4f", 1, 1, 2, 2))
    value = encode_field(1, b"value") + encode_field(5, tensor) + encode_field(20, 4)
    constant = encode_field(2, factors.encode()) + encode_field(4, b"Constant")
    enlarge = encode_field(1, source.encode()) + encode_field(1, factors.encode())
    enlarge += encode_field(2, target.encode()) + encode_field(4, b"Upsample")
    return [encode_field(NODE, constant + encode_field(5, value)), encode_field(NODE, enlarge)]


def _opened(info: bytes, depth: int = 0) -> bytes:
    """Return ValueInfo with height and width open: its type 2, tensor 1, shape 2, axes 1."""
    way = (2, 1, 2)
    if depth == len(way):
        axes = [part for part in fields(info) if part.number == 1]
        if len(axes) != 4:
            return info
        out = []
        for place, part in enumerate(axes):
            name = AXES.get(place)
            axis = encode_field(2, name.encode()) if name else info[part.start : part.stop]
            out.append(encode_field(1, axis))
        return b"".join(out)
    out = []
    for part in fields(info):
        raw = info[part.start : part.stop]
        if part.number == way[depth]:
            raw = _opened(raw, depth + 1)
        out.append(encode_field(part.number, part.value if part.wire == 0 else raw))
    return b"".join(out)


def _number(data: bytes, part: Field, wanted: int) -> int:
    """Return a whole number among the fields of a message."""
    for item in fields(data, part.start, part.stop):
        if item.number == wanted and item.wire == 0:
            return signed(item.value)
    return 0
