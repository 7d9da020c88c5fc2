"""Offline packs: zip archives that carry networks from one machine to another."""

from __future__ import annotations

import os
import tempfile
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from tinct.context import Progress, no_progress
from tinct.errors import FileError, ModelMissingError, NetworkError
from tinct.models.download import disk_errors, sha256_of
from tinct.models.manifest import (
    BYTES_MAXIMUM,
    MANIFEST_BYTES_MAXIMUM,
    Manifest,
    find_manifest,
    read_manifest,
)
from tinct.models.onnxfile import inspect_file
from tinct.models.places import MANIFESTS, WEIGHTS, user_root
from tinct.models.store import install_files, list_models, verify_model

__all__ = ["Pack", "install_pack", "open_pack", "write_pack"]

MEMBERS_MAXIMUM = 200
UNFIT = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError)
CHUNK_BYTES = 1 << 20
STAMP = (1980, 1, 1, 0, 0, 0)  # so that the same networks make the same pack


class Pack(NamedTuple):
    """A pack that was unpacked and checked: its manifests, and the file of each."""

    folder: tempfile.TemporaryDirectory[str]
    networks: tuple[tuple[Manifest, Path], ...]

    def close(self) -> None:
        """Remove what was unpacked."""
        self.folder.cleanup()


def write_pack(ids: Sequence[str], target: Path, progress: Progress = no_progress) -> None:
    """Write networks with their manifests into one archive.

    Parameters
    ----------
    ids
        Of networks that are present; each is verified first.
    target
        The archive, put into place whole.
    progress
        Told the share of networks done.

    Raises
    ------
    ModelMissingError
        When one is missing or damaged.
    FileError
        When the archive cannot be written.
    """
    files = {}
    for done, id_ in enumerate(dict.fromkeys(ids)):
        progress(done / (2 * len(ids)), f"Checking {id_}")
        manifest = find_manifest(id_)
        files[f"{WEIGHTS}/{manifest.file}"] = verify_model(id_)
        files[f"{MANIFESTS}/{id_}.toml"] = manifest.path
    partial = target.with_name(f".{target.name}.new")
    try:
        with disk_errors(target), zipfile.ZipFile(partial, "w", zipfile.ZIP_STORED) as archive:
            for done, (name, path) in enumerate(files.items()):
                progress(0.5 + done / (2 * len(files)), "Packing")
                entry = zipfile.ZipInfo(name, STAMP)
                entry.external_attr = 0o644 << 16
                with path.open("rb") as source, archive.open(entry, "w", force_zip64=True) as copy:
                    while chunk := source.read(CHUNK_BYTES):
                        copy.write(chunk)
                        progress(0.5 + done / (2 * len(files)), "Packing")
        with disk_errors(target):
            os.replace(partial, target)
    finally:
        partial.unlink(missing_ok=True)


def open_pack(path: Path, progress: Progress = no_progress) -> Pack:
    """Unpack an archive aside and check everything in it; nothing is installed yet.

    Parameters
    ----------
    path
        What `write_pack` wrote, from anyone.
    progress
        Told the share unpacked.

    Raises
    ------
    NetworkError
        When it is no pack, is cut off, holds anything else, or a file is not the one its manifest
        names.
    FileError
        When it cannot be read, or there is no room to unpack it.
    """
    folder = tempfile.TemporaryDirectory(prefix="tinct-pack-", dir=_folder_for_unpacking())
    try:
        networks = _unpack(path, Path(folder.name), progress)
    except BaseException as error:
        folder.cleanup()
        if isinstance(error, UNFIT):
            raise NetworkError(f"{path} is no pack, or was cut off; copy it again.") from error
        if isinstance(error, OSError):
            raise FileError(f"{path} cannot be unpacked: {error.strerror or error}.") from error
        raise
    return Pack(folder, networks)


def install_pack(pack: Pack) -> list[Manifest]:
    """Put the networks of a pack into the user's folder and return their manifests.

    A manifest that came with tinct is not replaced: its own must name the same file.

    Raises
    ------
    NetworkError
        When another network of an id is there already.
    FileError
        When a file cannot be written.
    """
    files: dict[Path, Path | str] = {}
    root = user_root()
    taken = {entry.manifest.file: entry.id for entry in list_models() if entry.manifest}
    for manifest, weights in pack.networks:
        try:
            present = find_manifest(manifest.id)
        except ModelMissingError:
            present = None
        if present is not None and not present.is_contract and present.sha256 != manifest.sha256:
            raise NetworkError(
                f"There is another network '{manifest.id}' already; to replace it, first run: "
                f"tinct models remove {manifest.id}"
            )
        if taken.get(manifest.file, manifest.id) != manifest.id:
            raise NetworkError(
                f"The pack's '{manifest.id}' has a file {manifest.file}, as the network "
                f"'{taken[manifest.file]}' has; rename it and pack it again."
            )
        files[root / WEIGHTS / manifest.file] = weights
        if present is None or present.is_contract:
            files[root / MANIFESTS / f"{manifest.id}.toml"] = manifest.path
    install_files(files)
    return [manifest for manifest, _ in pack.networks]


def _folder_for_unpacking() -> str | None:
    """Return the user's folder if it is there, so that the disk is the one with room for it."""
    root = user_root()
    return str(root) if root.is_dir() and os.access(root, os.W_OK) else None


def _unpack(path: Path, folder: Path, progress: Progress) -> tuple[tuple[Manifest, Path], ...]:
    with zipfile.ZipFile(path) as archive:
        members = {_checked_name(path, entry): entry for entry in archive.infolist()}
        if len(members) > MEMBERS_MAXIMUM or len(members) != len(archive.infolist()):
            raise NetworkError(f"{path} holds too much for a pack; pack fewer networks.")
        found = []
        manifests = [name for name in members if name.parts[0] == MANIFESTS]
        for done, name in enumerate(manifests):
            progress(done / len(manifests), "Unpacking")
            place = _extract(archive, members[name], folder / name, MANIFEST_BYTES_MAXIMUM)
            manifest = read_manifest(place)
            weights = PurePosixPath(WEIGHTS, manifest.file)
            if manifest.is_contract or weights not in members:
                raise NetworkError(f"{path} lacks the file of '{manifest.id}'; pack it again.")
            limit = manifest.bytes or BYTES_MAXIMUM
            file = _extract(archive, members[weights], folder / weights, limit)
            if sha256_of(file) != manifest.sha256:
                raise NetworkError(
                    f"In {path}, {manifest.file} is not the file its manifest names; copy it again."
                )
            inspect_file(file)
            found.append((manifest, file))
    if not found:
        raise NetworkError(f"{path} holds no networks; choose what `tinct models pack` wrote.")
    return tuple(found)


def _checked_name(path: Path, entry: zipfile.ZipInfo) -> PurePosixPath:
    name = PurePosixPath(entry.filename)
    suffixes = {MANIFESTS: ".toml", WEIGHTS: ".onnx"}
    fit = (
        len(name.parts) == 2
        and "\\" not in entry.filename
        and ":" not in entry.filename
        and name.suffix == suffixes.get(name.parts[0])
    )
    if not fit:
        raise NetworkError(
            f"{path} holds '{entry.filename[:80]}', which no pack does; choose what "
            "`tinct models pack` wrote."
        )
    return name


def _extract(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path, limit: int) -> Path:
    """Write a member, and no byte more than it may have, whatever the archive says of it."""
    target.parent.mkdir(parents=True, exist_ok=True)
    left = limit
    with archive.open(entry) as source, target.open("wb") as copy:
        while chunk := source.read(CHUNK_BYTES):
            left -= len(chunk)
            if left < 0:
                raise NetworkError(f"'{entry.filename}' is larger than its manifest says.")
            copy.write(chunk)
    return target
