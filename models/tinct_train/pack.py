"""Repacking of picture sets into one small zip, for training on a machine that is far away."""

from __future__ import annotations

import argparse
import io
import zipfile
from pathlib import Path, PurePosixPath

from PIL import Image

from tinct_train.data import list_members

__all__ = ["main", "pack"]


def pack(sources: list[Path], target: Path, *, quality: int = 70) -> int:
    """Write the pictures of all `sources` as WebP into one zip, a folder for each set.

    Parameters
    ----------
    sources : list of Path
        Folders or zips of photographs.
    target : Path
        Zip to write.
    quality : int
        WebP quality, 1 to 100.

    Returns
    -------
    int
        Bytes written.
    """
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as packed:
        for source in sources:
            archive = None if source.is_dir() else zipfile.ZipFile(source)
            for set_name, members in list_members(source).items():
                for name in members:
                    raw = (source / name).read_bytes() if archive is None else archive.read(name)
                    buffer = io.BytesIO()
                    picture = Image.open(io.BytesIO(raw)).convert("RGB")
                    picture.save(buffer, "WEBP", quality=quality, method=4)
                    stem = PurePosixPath(name).with_suffix(".webp")
                    packed.writestr(f"sets/{set_name}/{stem}", buffer.getvalue())
            if archive is not None:
                archive.close()
    return target.stat().st_size


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sources", nargs="+", type=Path, help="folders or zips of photographs")
    parser.add_argument("--target", type=Path, required=True, help="zip to write")
    parser.add_argument("--quality", type=int, default=70, help="WebP quality, 1 to 100")
    arguments = parser.parse_args()
    written = pack(arguments.sources, arguments.target, quality=arguments.quality)
    print(f"{arguments.target}: {written / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
