"""Small ONNX files made by hand, so that tests need no package that writes them."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from tinct.models.wire import encode_field

FLOAT = 1
TYPES = {"float32": 1, "uint8": 2, "int64": 7, "float16": 10}


class Node(NamedTuple):
    operator: str
    inputs: Sequence[str]
    outputs: Sequence[str]
    attributes: Mapping[str, Any] = {}
    domain: str = ""


def tensor(name: str, values: Any, external: str = "") -> bytes:
    """Return a TensorProto; with `external` its content lies in another file."""
    array = np.asarray(values)
    parts = [encode_field(1, int(size)) for size in array.shape]
    parts += [encode_field(2, TYPES[array.dtype.name]), encode_field(8, name.encode())]
    if external:
        entry = encode_field(1, b"location") + encode_field(2, external.encode())
        parts += [encode_field(13, entry), encode_field(14, 1)]
    else:
        parts.append(encode_field(9, array.tobytes()))
    return b"".join(parts)


def port(name: str, shape: Sequence[int | str], dtype: str = "float32") -> bytes:
    axes = b"".join(
        encode_field(1, encode_field(1, axis) if isinstance(axis, int) else _text(2, axis))
        for axis in shape
    )
    kind = encode_field(1, TYPES[dtype]) + encode_field(2, axes)
    return _text(1, name) + encode_field(2, encode_field(1, kind))


def node(made: Node) -> bytes:
    parts = [_text(1, name) for name in made.inputs] + [_text(2, name) for name in made.outputs]
    parts.append(_text(4, made.operator))
    parts += [encode_field(5, attribute(name, v)) for name, v in made.attributes.items()]
    if made.domain:
        parts.append(_text(7, made.domain))
    return b"".join(parts)


def attribute(name: str, value: Any) -> bytes:
    head = _text(1, name)
    if isinstance(value, float):
        return head + bytes([2 << 3 | 5]) + struct.pack("<f", value) + encode_field(20, 1)
    if isinstance(value, int):
        return head + encode_field(3, value) + encode_field(20, 2)
    if isinstance(value, str):
        return head + encode_field(4, value.encode()) + encode_field(20, 3)
    if isinstance(value, np.ndarray):
        return head + encode_field(5, tensor("", value)) + encode_field(20, 4)
    if isinstance(value, bytes):  # a graph
        return head + encode_field(6, value) + encode_field(20, 5)
    return head + b"".join(encode_field(8, int(v)) for v in value) + encode_field(20, 7)


def graph(
    nodes: Sequence[Node],
    inputs: Mapping[str, Sequence[int | str]],
    outputs: Mapping[str, Sequence[int | str]],
    weights: Mapping[str, Any] = {},
) -> bytes:
    parts = [encode_field(1, node(made)) for made in nodes]
    parts.append(_text(2, "made"))
    parts += [encode_field(5, tensor(name, values)) for name, values in weights.items()]
    parts += [encode_field(11, port(name, shape)) for name, shape in inputs.items()]
    parts += [encode_field(12, port(name, shape)) for name, shape in outputs.items()]
    return b"".join(parts)


def model(
    nodes: Sequence[Node],
    inputs: Mapping[str, Sequence[int | str]],
    outputs: Mapping[str, Sequence[int | str]],
    weights: Mapping[str, Any] = {},
    *,
    opset: int = 17,
    ir_version: int = 8,
    domains: Mapping[str, int] = {},
) -> bytes:
    """Return an ONNX file.

    Parameters
    ----------
    nodes
        In the order they run.
    inputs, outputs
        float32 tensors: sizes, or names of sizes that vary.
    weights
        Arrays by name.
    """
    return whole(
        graph(nodes, inputs, outputs, weights), opset=opset, ir_version=ir_version, domains=domains
    )


def whole(
    made: bytes, *, opset: int = 17, ir_version: int = 8, domains: Mapping[str, int] = {}
) -> bytes:
    parts = [encode_field(1, ir_version), encode_field(7, made)]
    for domain, version in ({"": opset} | dict(domains)).items():
        parts.append(encode_field(8, _text(1, domain) + encode_field(2, version)))
    return b"".join(parts)


def affine(
    inputs: Mapping[str, Sequence[int | str]],
    output: str,
    shape: Sequence[int | str],
    weights: Any,
    bias: Any,
) -> bytes:
    """Return a network whose output is, at each pixel, weights @ channels + bias."""
    table = np.asarray(weights, np.float32)
    names = list(inputs)
    joined = names[0] if len(names) == 1 else "joined"
    nodes = [Node("Concat", names, [joined], {"axis": 1})] if len(names) > 1 else []
    nodes.append(Node("Conv", [joined, "weights", "bias"], [output]))
    constants = {"weights": table[:, :, None, None], "bias": np.asarray(bias, np.float32)}
    return model(nodes, inputs, {output: shape}, constants)


def _text(number: int, text: str) -> bytes:
    return encode_field(number, text.encode())
