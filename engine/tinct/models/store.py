"""The networks a user has: what is there, what is wrong with it, fetching, adding and removing."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from tinct.context import Progress, no_progress
from tinct.errors import FileError, ManifestError, ModelMissingError, NetworkError
from tinct.models.download import STALL_S, disk_errors, fetch_file, part_of, sha256_of
from tinct.models.manifest import (
    Manifest,
    find_manifest,
    list_manifests,
    read_manifest,
    weights_path,
)
from tinct.models.places import MANIFESTS, WEIGHTS, shipped_root, user_root

__all__ = [
    "Entry",
    "describe_models",
    "fetch_model",
    "install_files",
    "list_models",
    "remove_model",
    "user_files",
    "verify_model",
]

State = Literal["present", "missing", "bad checksum", "bad manifest"]


@dataclass(frozen=True)
class Entry:
    """A network as a list shows it: its manifest, unless that is broken, its state and a cure."""

    id: str
    state: State
    hint: str = ""
    manifest: Manifest | None = None
    path: Path | None = None

    def to_info(self) -> dict[str, Any]:
        """Return it in JSON's types."""
        info: dict[str, Any] = {"id": self.id, "state": self.state}
        if self.manifest is not None:
            told = self.manifest
            info |= {"title": told.title, "task": told.task, "licence": told.licence}
            info["shipped"] = told.shipped
        if self.hint:
            info["hint"] = self.hint
        return info


def list_models() -> list[Entry]:
    """Return every network there is a manifest of, sorted by id.

    Files are only measured here; `verify_model` reads them, and so does every load.
    """
    return [_entry(path) for path in list_manifests()]


def describe_models() -> list[dict[str, Any]]:
    """Return the list in JSON's types."""
    return [entry.to_info() for entry in list_models()]


def _entry(path: Path) -> Entry:
    try:
        manifest = read_manifest(path)
    except ManifestError as error:
        return Entry(path.stem, "bad manifest", str(error))
    try:
        file = weights_path(manifest)
    except ModelMissingError:
        return Entry(
            manifest.id, "missing", f"Run: tinct models {_way(manifest)} {manifest.id}", manifest
        )
    if manifest.bytes and file.stat().st_size != manifest.bytes:
        return Entry(manifest.id, "bad checksum", _cure(manifest), manifest, file)
    return Entry(manifest.id, "present", "", manifest, file)


def _way(manifest: Manifest) -> str:
    return "fetch" if manifest.url else "show"


def _cure(manifest: Manifest) -> str:
    if manifest.shipped:
        return "Install tinct again"
    again = f"tinct models {_way(manifest)} {manifest.id}"
    return f"Run: tinct models remove {manifest.id}; then: {again}"


def verify_model(id_: str, progress: Progress = no_progress) -> Path:
    """Read a network's file and return it when it is the one its manifest names.

    Raises
    ------
    ModelMissingError
        When it is missing or another one.
    NetworkError
        When its hash is right, but it is unfit all the same.
    """
    from tinct.models.onnxfile import inspect_file

    manifest = find_manifest(id_)
    path = weights_path(manifest)
    try:
        found = sha256_of(path, progress)
    except OSError as error:
        raise FileError(f"{path} cannot be read: {error.strerror or error}.") from error
    if found != manifest.sha256:
        hint = _cure(manifest)
        raise ModelMissingError(
            f"{path} is damaged, or another file than its manifest names. {hint}",
            model=id_,
            hint=hint,
        )
    inspect_file(path)
    return path


def fetch_model(
    id_: str, *, stall_s: float = STALL_S, progress: Progress = no_progress
) -> tuple[Path, bool]:
    """Fetch a network, unless it is already there.

    Parameters
    ----------
    id_
        Of a manifest with a `url`.
    stall_s, progress
        See `fetch_file`.

    Returns
    -------
    tuple
        The file, and whether it was fetched just now.

    Raises
    ------
    ModelMissingError
        When nobody publishes a file for it; the sentence says how to get one.
    NetworkError, FileError
        See `fetch_file`.
    """
    manifest = find_manifest(id_)
    try:
        return verify_model(id_, progress), False
    except (ModelMissingError, NetworkError, FileError):
        if not manifest.url:
            raise
    target = user_root() / WEIGHTS / manifest.file
    fetch_file(
        manifest.url,
        target,
        sha256=manifest.sha256,
        bytes_maximum=_bytes_maximum(manifest),
        bytes_exact=manifest.bytes,
        stall_s=stall_s,
        progress=progress,
    )
    return target, True


def _bytes_maximum(manifest: Manifest) -> int:
    """Return the most a file may have whose size is only known about."""
    return manifest.bytes or int(manifest.megabytes * 1.1e6) + (1 << 20)


def user_files(manifest: Manifest) -> Iterator[Path]:
    """Yield a network's files that are in the user's folder, a started download among them."""
    root = user_root()
    own = root / MANIFESTS / f"{manifest.id}.toml"
    weights = root / WEIGHTS / manifest.file
    for path in (own, weights, part_of(weights)):
        if path.is_file():
            yield path


def remove_model(id_: str) -> list[Path]:
    """Remove a network's files from the user's folder and return them.

    Raises
    ------
    ModelMissingError
        When there is no such network, or nothing of it in the user's folder.
    FileError
        When a file cannot be removed.
    """
    try:
        found = list(user_files(find_manifest(id_)))
    except ManifestError:
        found = [path for path in list_manifests() if path.stem == id_]
        found = [path for path in found if shipped_root() not in path.parents]
    if not found:
        raise ModelMissingError(
            f"Nothing of the network '{id_}' lies in {user_root()}; what came with tinct stays.",
            model=id_,
            hint="Run: tinct models list",
        )
    for path in found:
        try:
            os.remove(path)
        except OSError as error:
            raise FileError(f"{path} cannot be removed: {error.strerror or error}.") from error
    return found


def install_files(files: dict[Path, Path | str]) -> None:
    """Put files into the user's folder, all whole or none.

    Parameters
    ----------
    files
        By target, the file to copy or the text to write, in order; weights before manifests.

    Raises
    ------
    FileError
        When one cannot be written.
    """
    placed: list[Path] = []
    try:
        for target, content in files.items():
            fresh = target.with_name(target.name + ".new")
            placed.append(fresh)
            with disk_errors(target):
                target.parent.mkdir(parents=True, exist_ok=True)
                if isinstance(content, str):
                    fresh.write_text(content, "utf-8")
                else:
                    _copy(content, fresh)
        for target in files:
            with disk_errors(target):
                os.replace(target.with_name(target.name + ".new"), target)
    finally:
        for fresh in placed:
            fresh.unlink(missing_ok=True)


def _copy(source: Path, target: Path) -> None:
    with source.open("rb") as file, target.open("wb") as copy:
        while chunk := file.read(1 << 20):
            copy.write(chunk)
