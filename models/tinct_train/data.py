"""Photographs for training: reading folders and zips, dropping gray ones, holding out a tenth."""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np
import numpy.typing as npt
from PIL import Image, UnidentifiedImageError

__all__ = ["PictureSet", "is_held_out", "label_of", "list_members", "load_sets", "read_pictures"]

_SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".bmp"}
_LONG_OVER_SHORT = 1.5
_MIN_MEAN_CHROMA = 0.03
_MIN_CHROMA_SPREAD = 0.012
_WNID = re.compile(r"^(n\d{8})_")


@dataclass(frozen=True)
class PictureSet:
    """Decoded photographs of one source on square canvases.

    Attributes
    ----------
    name : str
        Name of the source.
    canvas : (N, S, S, 3) uint8 ndarray
        sRGB pictures, each in the upper left corner of its canvas.
    sizes : (N, 2) int64 ndarray
        Height and width of each picture in pixels.
    names : list of str
        Member names, in the order of `canvas`.
    """

    name: str
    canvas: npt.NDArray[np.uint8]
    sizes: npt.NDArray[np.int64]
    names: list[str]

    def subset(self, indices: npt.NDArray[np.int64]) -> PictureSet:
        """Return the pictures at `indices` as a set of their own."""
        names = [self.names[i] for i in indices]
        return PictureSet(self.name, self.canvas[indices], self.sizes[indices], names)


def is_held_out(name: str) -> bool:
    """Tell whether a picture belongs to the fixed tenth that is never trained on.

    The rule looks at the member's name without suffix, so a repacked copy of a set is split in
    the same way as the set itself.
    """
    path = PurePosixPath(name).with_suffix("")
    if path.parts[0] == "sets" and len(path.parts) > 2:
        path = PurePosixPath(*path.parts[2:])
    digest = hashlib.sha1(path.as_posix().encode()).digest()
    return int.from_bytes(digest[:4], "big") % 10 == 0


def label_of(name: str) -> str:
    """Return the class of a picture: the WordNet id that starts its name, else its folder."""
    path = PurePosixPath(name)
    found = _WNID.match(path.name)
    if found:
        return found.group(1)
    return path.parent.name


def list_members(source: Path) -> dict[str, list[str]]:
    """List the pictures of a folder or zip by set.

    A zip that was written by `tinct_train.pack` holds several sets, one folder each, below
    ``sets/``; any other source is one set of the source's own name.
    """
    if source.is_dir():
        found = [p.relative_to(source).as_posix() for p in sorted(source.rglob("*"))]
    elif zipfile.is_zipfile(source):
        with zipfile.ZipFile(source) as archive:
            found = sorted(archive.namelist())
    else:
        raise ValueError(
            f"{source} is neither a folder nor a zip; give a folder or zip of pictures"
        )
    found = [name for name in found if PurePosixPath(name).suffix.lower() in _SUFFIXES]
    sets: dict[str, list[str]] = {}
    for name in found:
        parts = PurePosixPath(name).parts
        packed = parts[0] == "sets" and len(parts) > 2
        sets.setdefault(parts[1] if packed else source.stem, []).append(name)
    return sets


def load_sets(
    sources: Iterable[Path], *, short_side: int = 128, cache: Path | None = None, workers: int = 2
) -> list[PictureSet]:
    """Decode every source once; later runs read the arrays back from `cache`.

    Parameters
    ----------
    sources : iterable of Path
        Folders or zips of photographs, or arrays from an earlier run's cache.
    short_side : int
        Larger pictures are reduced to this shorter side, in pixels; nothing is enlarged.
    cache : Path, optional
        Folder for decoded arrays.
    workers : int
        Decoding processes.

    Returns
    -------
    list of PictureSet
    """
    sets = []
    for source in sources:
        if source.suffix == ".npz":
            sets.append(_restore(source))
            continue
        for set_name, members in list_members(source).items():
            stored = cache / f"{set_name}-{short_side}-{len(members)}.npz" if cache else None
            if stored is not None and stored.exists():
                sets.append(_restore(stored))
                continue
            pictures = read_pictures(source, members, short_side=short_side, workers=workers)
            sets.append(_lay_out(set_name, pictures, short_side))
            if stored is not None:
                stored.parent.mkdir(parents=True, exist_ok=True)
                last = sets[-1]
                arrays = {"canvas": last.canvas, "sizes": last.sizes, "names": last.names}
                np.savez(stored, set_name=set_name, **arrays)  # type: ignore[arg-type]
    if not sum(len(s.names) for s in sets):
        raise ValueError(
            "no colored pictures were found; give folders or zips of color photographs"
        )
    return sets


def _restore(path: Path) -> PictureSet:
    with np.load(path) as arrays:
        names = [str(name) for name in arrays["names"]]
        return PictureSet(str(arrays["set_name"]), arrays["canvas"], arrays["sizes"], names)


def read_pictures(
    source: Path, members: list[str], *, short_side: int, workers: int
) -> Iterator[tuple[str, npt.NDArray[np.uint8]]]:
    """Yield name and sRGB pixels (H, W, 3) of every member that is a color photograph."""
    chunks = [members[i : i + 256] for i in range(0, len(members), 256)]
    jobs = [(source, chunk, short_side) for chunk in chunks]
    if workers <= 1:
        for job in jobs:
            yield from _decode_chunk(job)
        return
    with ProcessPoolExecutor(workers) as pool:
        for decoded in pool.map(_decode_chunk, jobs):
            yield from decoded


def _decode_chunk(
    job: tuple[Path, list[str], int],
) -> list[tuple[str, npt.NDArray[np.uint8]]]:
    source, members, short_side = job
    archive = None if source.is_dir() else zipfile.ZipFile(source)
    decoded = []
    for name in members:
        raw = (source / name).read_bytes() if archive is None else archive.read(name)
        pixels = _decode(raw, short_side)
        if pixels is not None:
            decoded.append((name, pixels))
    if archive is not None:
        archive.close()
    return decoded


def _decode(raw: bytes, short_side: int) -> npt.NDArray[np.uint8] | None:
    try:
        picture = Image.open(io.BytesIO(raw)).convert("RGB")
    except (UnidentifiedImageError, OSError):
        return None
    width, height = picture.size
    scale = min(1.0, short_side / min(width, height))
    if scale < 1.0:
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        picture = picture.resize(size, Image.Resampling.LANCZOS)
    width, height = picture.size
    limit = int(min(width, height) * _LONG_OVER_SHORT)
    left, top = max(0, (width - limit) // 2), max(0, (height - limit) // 2)
    picture = picture.crop((left, top, left + min(width, limit), top + min(height, limit)))
    pixels = np.asarray(picture)
    return None if _is_toned_gray(pixels) else pixels


def _is_toned_gray(pixels: npt.NDArray[np.uint8]) -> bool:
    # A scan of a gray print has no chroma; a sepia print has chroma, but the same everywhere.
    rgb = pixels[::4, ::4].reshape(-1, 3).astype(np.float32) / 255
    luma = rgb @ np.array([0.299, 0.587, 0.114], np.float32)
    chroma = rgb[:, [0, 2]] - luma[:, None]
    mean = float(np.abs(chroma).sum(axis=1).mean())
    spread = float(chroma.std(axis=0).sum())
    return mean < _MIN_MEAN_CHROMA or spread < _MIN_CHROMA_SPREAD


def _lay_out(
    name: str, pictures: Iterable[tuple[str, npt.NDArray[np.uint8]]], short_side: int
) -> PictureSet:
    kept = list(pictures)
    side = max((max(p.shape[:2]) for _, p in kept), default=short_side)
    canvas = np.zeros((len(kept), side, side, 3), np.uint8)
    sizes = np.zeros((len(kept), 2), np.int64)
    for i, (_, pixels) in enumerate(kept):
        height, width = pixels.shape[:2]
        canvas[i, :height, :width] = pixels
        sizes[i] = height, width
    return PictureSet(name, canvas, sizes, [n for n, _ in kept])
