"""A network of the user's own: its file checked against the manifest of a like one, and kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import tomllib

from tinct.context import Progress, no_progress
from tinct.errors import FileError, NetworkError, ParameterError
from tinct.models.download import sha256_of
from tinct.models.manifest import ID, Manifest, Tensor, find_manifest, list_manifests, read_manifest
from tinct.models.onnxfile import Facts, Port, inspect_file
from tinct.models.places import MANIFESTS, WEIGHTS, user_root
from tinct.models.store import install_files, list_models, user_files
from tinct.models.toml import to_toml

__all__ = ["add_file"]

ID_MAXIMUM = 64
HEIGHT, WIDTH = 2, 3  # axes of a picture's tensor


def add_file(
    path: Path,
    *,
    like: str = "",
    id_: str = "",
    title: str = "",
    licence: str = "",
    progress: Progress = no_progress,
) -> Manifest:
    """Keep a network's file in the user's folder, with a manifest of its own where it needs one.

    A file whose hash a manifest names needs nothing more. Any other is held against the manifest
    of a network that is fed and read in the same way: tensors of the same types and axes, whatever
    their names and fixed sizes.

    Parameters
    ----------
    path
        The ``.onnx`` file.
    like
        The id of that network.
    id_
        What to call it; that of the like one by default.
    title, licence
        For lists; by default those of the like one, and "the user's own file".
    progress
        Told how much of the file has been read.

    Returns
    -------
    Manifest

    Raises
    ------
    NetworkError
        When the file is no network, does not fit, or onnxruntime cannot load it.
    ParameterError
        When `like` is needed, or the id is taken.
    FileError
        When a file cannot be read or written.
    """
    facts = inspect_file(path)
    try:
        digest = sha256_of(path, progress)
    except OSError as error:
        raise FileError(f"{path} cannot be read: {error.strerror or error}.") from error
    known = _known(digest)
    if known is not None and not like:
        install_files({user_root() / WEIGHTS / known.file: path})
        return known
    if not like:
        raise ParameterError(
            f"No manifest names {path.name}; say which network it is fed like: --like ID.",
            parameter="like",
            allowed=", ".join(entry.id for entry in list_models()),
        )
    pattern = find_manifest(like)
    name = _free_id(id_ or like)
    values = _fitted(path.name, pattern, facts)
    values |= {
        "id": name,
        "title": title or pattern.title,
        "file": f"{name}.onnx",
        "bytes": path.stat().st_size,
        "sha256": digest,
        "opset": facts.opset,
        "licence": licence or "the user's own file",
        "source": f"added from {path.name}",
    }
    return _install(path, values)


def _known(digest: str) -> Manifest | None:
    for entry in list_models():
        if entry.manifest is not None and entry.manifest.sha256 == digest:
            return entry.manifest
    return None


def _free_id(name: str) -> str:
    if not ID.fullmatch(name) or len(name) > ID_MAXIMUM:
        raise ParameterError(
            f"'{name[:ID_MAXIMUM]}' is no id; use up to {ID_MAXIMUM} lower-case letters, digits, "
            "dots and hyphens.",
            parameter="id",
            allowed="lower-case letters, digits, dots and hyphens",
        )
    for path in list_manifests():
        if path.stem != name:
            continue
        manifest = read_manifest(path)
        if manifest.shipped or path.is_relative_to(user_root()) or any(user_files(manifest)):
            way = "" if manifest.shipped else f", or run: tinct models remove {name}"
            raise ParameterError(
                f"There is a network '{name}' already; choose another id with --id{way}.",
                parameter="id",
                allowed="an id that is not taken",
            )
    return name


def _fitted(file: str, pattern: Manifest, facts: Facts) -> dict[str, Any]:
    """Return the entries of a manifest with the names and fixed sizes of a file's own tensors."""
    values = tomllib.loads(pattern.path.read_text("utf-8"))
    for key in ("url", "megabytes", "get", "shipped", "card", "scores"):
        values.pop(key, None)
    names: dict[str, str] = {}
    for kind, told, found in (
        ("inputs", pattern.inputs, facts.inputs),
        ("outputs", pattern.outputs, facts.outputs),
    ):
        pairs = _paired(file, pattern, kind, told, found)
        for table, (tensor, port) in zip(values[kind], pairs, strict=True):
            names[tensor.name] = port.name
            table |= {"name": port.name, "shape": _shape(pattern, tensor, port)}
    for step in (*values.get("pre", ()), *values.get("post", ())):
        if "tensor" in step:
            step["tensor"] = names[step["tensor"]]
        if "tensors" in step:
            step["tensors"] = [names[name] for name in step["tensors"]]
    sides = [axis for axis in facts.inputs[0].shape[HEIGHT:] if isinstance(axis, int)]
    for key in ("fixed", "written_for"):
        if key in values.get("size", {}) and len(sides) == 2:
            values["size"][key] = sides
    return values


def _paired(
    file: str, pattern: Manifest, kind: str, told: Sequence[Tensor], found: Sequence[Port]
) -> list[tuple[Tensor, Port]]:
    """Match tensors by name, or by place where the names are others, and refuse what is unlike."""
    by_name = {port.name: port for port in found}
    pairs = [
        (tensor, by_name.get(tensor.name) or (found[place] if place < len(found) else None))
        for place, tensor in enumerate(told)
    ]
    needed = len(told) if kind == "inputs" else None
    matched = {port.name for _, port in pairs if port is not None}
    if len(matched) != len(told) or (needed is not None and len(found) != needed):
        raise NetworkError(
            f"{file} has {len(found)} {kind} and {pattern.id} has {len(told)}; choose the id of a "
            "network with the same ones."
        )
    fit = []
    for tensor, port in pairs:
        assert port is not None
        if not _is_like(pattern, tensor, port):
            raise NetworkError(
                f"{file} has '{port.name}' as {port.dtype} {_axes(port.shape)} where "
                f"{pattern.id} has {tensor.dtype} {_axes(tensor.shape)}; choose the id of a "
                "network like it."
            )
        fit.append((tensor, port))
    return fit


def _is_like(pattern: Manifest, tensor: Tensor, port: Port) -> bool:
    """Say whether batch and channels agree, and every open axis is open; sizes may be others."""
    if tensor.dtype != port.dtype or len(tensor.shape) != len(port.shape):
        return False
    for place, (told, found) in enumerate(zip(tensor.shape, port.shape, strict=True)):
        if isinstance(found, str) or (place in (HEIGHT, WIDTH) and pattern.size.written_for):
            continue
        if isinstance(told, str):
            if place > 0 or found != 1:
                return False
        elif found != told and place not in (HEIGHT, WIDTH):
            return False
    return True


def _shape(pattern: Manifest, tensor: Tensor, port: Port) -> list[int | str]:
    """Return the file's sizes, and the manifest's names where they are open or made so."""
    freed = (HEIGHT, WIDTH) if pattern.size.written_for else ()
    return [
        found if isinstance(found, int) and place not in freed else told
        for place, (told, found) in enumerate(zip(tensor.shape, port.shape, strict=True))
    ]


def _axes(shape: Sequence[int | str]) -> str:
    return "x".join(map(str, shape)) or "of one number"


def _install(path: Path, values: Mapping[str, Any]) -> Manifest:
    from tinct.models.runtime import load_network

    root = user_root()
    weights = root / WEIGHTS / str(values["file"])
    manifest = root / MANIFESTS / f"{values['id']}.toml"
    install_files({weights: path, manifest: to_toml(values)})
    try:
        found = read_manifest(manifest)
        load_network(found)
    except BaseException:
        manifest.unlink(missing_ok=True)
        weights.unlink(missing_ok=True)
        raise
    return found
