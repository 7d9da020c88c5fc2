"""Which network a user means: one of those tinct knows, or a file of the user's own."""

from __future__ import annotations

from pathlib import Path

from tinct.errors import FileError, NetworkError, ParameterError
from tinct.models.manifest import Manifest, find_manifest, list_manifests, read_manifest
from tinct.models.places import MANIFESTS
from tinct.models.runtime import Network, file_sha256, load_network

__all__ = ["FILE", "choose_network"]

FILE = "file"
"""The choice that stands for a file of the user's own."""


def choose_network(model: str, file: Path | None, task: str) -> Network:
    """Return the network that two parameters name.

    Parameters
    ----------
    model
        Its id, or `FILE`.
    file
        An ``.onnx`` file: one whose hash a manifest names, or with its own manifest beside it. Or
        a manifest itself, or the id of a network the user added.
    task
        What it has to do.

    Returns
    -------
    Network

    Raises
    ------
    ParameterError
        When no file is given, or none that does this task.
    FileError
        When it cannot be read.
    NetworkError
        When the file has no manifest, or does not fit it.
    ModelMissingError
        When the network is not installed.
    """
    place = None
    if model != FILE:
        manifest = find_manifest(model)
    elif file is None:
        raise ParameterError(
            "Choose a network's file, or another network.",
            parameter="file",
            allowed="an .onnx file, or the id of a network you added",
        )
    else:
        manifest, place = _of_file(file)
    if manifest.task != task:
        raise ParameterError(
            f"The network '{manifest.id}' is one to {manifest.task}, not to {task}; choose another "
            "one: tinct models list shows them.",
            parameter="model",
            value=manifest.id,
            allowed=f"a network to {task}",
        )
    return load_network(manifest, place)


def _of_file(file: Path) -> tuple[Manifest, Path | None]:
    if not file.exists() and not file.suffix:
        return find_manifest(file.name), None
    if file.suffix == ".toml":
        manifest = read_manifest(file)
        beside = file.with_name(manifest.file)
        return manifest, beside if beside.is_file() else None
    try:
        digest = file_sha256(file)
    except OSError as error:
        raise FileError(
            f"{file} cannot be read: {error.strerror or error}; choose a network's .onnx file."
        ) from error
    nearby = [file.with_suffix(".toml"), file.parent.parent / MANIFESTS / f"{file.stem}.toml"]
    for path in [*(path for path in nearby if path.is_file()), *list_manifests()]:
        manifest = read_manifest(path)
        if manifest.sha256 == digest:
            return manifest, file
    raise NetworkError(
        f"No manifest says how {file.name} is fed; run: tinct models add {file.name} --like ID, "
        "and give its id here."
    )
