"""Krita: the same strokes on the same pictures in its Colorize Mask and in tinct's live loop.

Runs in the real Krita 5.2 of the editors' root folder, each size in one of its own. The mask's
time is from its update to its end; tinct's from noticing the strokes to the exact result on the
canvas, for ten strokes at once and for one more each time (the median of nine, of the mask's up to
three: it begins anew each time). Before them the picture is made ready while nobody waits; that
time stands beside. Beside the clock's seconds stand the processor's, of Krita and engine; beside
the main loop's longest pause the longest that tinct's own code makes, and the one that Krita makes
alone when it repaints all of the picture (without a graphics card).
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tests"))

from e2e.editors import root  # noqa: E402 - the tests' folder is no package of ours
from e2e.krita.krita_host import KritaInRoot, Verdict  # noqa: E402

SIZES = {0.75: (1000, 750), 3: (2000, 1500), 4: (2320, 1740), 12: (4000, 3000)}
COLORS = ("#c83232", "#3264c8", "#32a046", "#d2aa28", "#8c46b4")
CELLS = 8
LINE_PX = 7
STROKE_PX = (40, 20)
STROKES = 19
GRAIN_LEVELS = 1.0
TIMEOUT_S = 560
"""Of the Krita that each size has for itself."""

KEYS = ("preview s", "exact s", "engine s", "painted s", "krita CPU s", "engine CPU s")

Make = Callable[[int, int], NDArray[np.uint8]]


def line_art(width: int, height: int) -> NDArray[np.uint8]:
    """Return a curved grid of dark lines on white, 8 cells across."""
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    cell = width / CELLS
    bent_x = columns + cell * 0.2 * np.sin(rows / cell * 2.1)
    bent_y = rows + cell * 0.2 * np.sin(columns / cell * 1.7)
    lines = (bent_x % cell < LINE_PX) | (bent_y % cell < LINE_PX)
    return np.where(lines, 20, 255).astype(np.uint8)


def photograph(width: int, height: int, grain_levels: float = 0.0) -> NDArray[np.uint8]:
    """Return scikit-image's astronaut in gray, at this size: plateaus as no scan or camera has.

    Parameters
    ----------
    grain_levels
        The standard deviation of noise that is laid over it before it is rounded.
    """
    from PIL import Image
    from skimage import data

    picture = Image.fromarray(data.astronaut()).convert("L")
    if not grain_levels:
        return np.asarray(picture.resize((width, height), Image.Resampling.LANCZOS))
    smooth = picture.convert("F").resize((width, height), Image.Resampling.LANCZOS)
    grain = np.random.default_rng(11).normal(0.0, grain_levels, (height, width))
    return np.clip(np.rint(np.asarray(smooth) + grain), 0, 255).astype(np.uint8)


def photograph_with_grain(width: int, height: int) -> NDArray[np.uint8]:
    """Return the photograph with the noise that scans and cameras have."""
    return photograph(width, height, GRAIN_LEVELS)


KINDS: dict[str, Make] = {
    "line art": line_art,
    "photograph": photograph,
    "photograph with grain": photograph_with_grain,
}


def write_pictures(folder: Path, megapixels: float) -> None:
    """Write each picture's 8-bit pixels and the strokes to lay on it."""
    plan = []
    width, height = SIZES[megapixels]
    for kind, make in KINDS.items():
        gray = make(width, height)
        pixels = np.dstack([gray, gray, gray, np.full_like(gray, 255)])
        name = f"{kind.replace(' ', '-')}-{megapixels}.bgra"
        (folder / name).write_bytes(pixels.tobytes())
        rng = np.random.default_rng(7)
        strokes = [
            [
                int(rng.integers(0, width - STROKE_PX[0])),
                int(rng.integers(0, height - STROKE_PX[1])),
                *STROKE_PX,
                COLORS[number % len(COLORS)],
            ]
            for number in range(STROKES)
        ]
        entry = {"kind": kind, "megapixels": megapixels, "file": name, "strokes": strokes}
        plan.append(entry | {"width": width, "height": height})
    (folder / "pictures.json").write_text(json.dumps(plan))


def print_table(figures: dict[str, float]) -> None:
    """Print the mask beside tinct's result, then what one more stroke costs, one row a picture."""
    names = [n for n in dict.fromkeys(key.split(":")[0] for key in figures) if n != "warm-up"]
    found = {name: _of_picture(figures, name) for name in names}
    head = ("mask s", "CPU", "exact s", "CPU", "faster", "preview s", "faster", "ready s")
    _print_head("Strokes at once", *head)
    for name in names:
        row = found[name]
        if "mask s" not in row:
            continue
        mask = row["mask s"]
        exact, preview = (row[f"tinct all, {when} s"] for when in ("exact", "preview"))
        values = [mask, row["mask CPU s"], exact, _cpu(row, "tinct all")]
        print(
            f"{name:28} "
            + " ".join(f"{value:10.2f}" for value in values)
            + f" {mask / exact:9.1f}x {preview:10.2f} {mask / preview:9.1f}x"
            + f" {row['tinct ready s']:10.2f}"
        )
    columns = ("mask s", "preview s", "exact s", "faster", "by engine", "painted s", "CPU Krita")
    columns += ("CPU engine", "pause ms", "own ms", "alone ms")
    _print_head("One more stroke", *columns)
    for name in names:
        row = found[name]
        if "tinct one more, exact s" not in row:
            continue
        preview, exact, *others = (row[f"tinct one more, {key}"] for key in KEYS)
        pauses = [row[f"tinct one more, longest {whose}pause ms"] for whose in ("", "own ")]
        pauses.append(row["krita alone, longest pause ms"])
        mask = row.get("mask one more s", row.get("mask s", 0.0))
        print(
            f"{name:28} {mask:10.2f} {preview:10.2f} {exact:10.2f} {mask / exact:9.1f}x "
            + " ".join(f"{value:10.2f}" for value in others)
            + " "
            + " ".join(f"{value:10.0f}" for value in pauses)
        )


def _print_head(title: str, *columns: str) -> None:
    print(f"\n{title:28} " + " ".join(f"{column:>10}" for column in columns))


def _of_picture(figures: dict[str, float], name: str) -> dict[str, float]:
    parts = (key.partition(": ") for key in figures)
    return {after: figures[f"{before}: {after}"] for before, _, after in parts if before == name}


def _cpu(row: dict[str, float], step: str) -> float:
    return row[f"{step}, krita CPU s"] + row[f"{step}, engine CPU s"]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="only 0.75 and 3 megapixels")
    parser.add_argument("--sizes", type=float, nargs="+", choices=list(SIZES), help="only these")
    parser.add_argument("--keep", type=Path, help="a folder for the screenshots")
    options = parser.parse_args()
    sizes = options.sizes or ([0.75, 3] if options.quick else list(SIZES))
    try:
        root.ready()
    except root.RootError as error:
        print(f"no Krita here: {error}")
        return 0
    figures: dict[str, float] = {}
    passed = True
    for size in sizes:
        verdict = measure(size, options.keep)
        figures |= verdict.figures
        passed = passed and verdict.passed
        if not verdict.passed:
            print(verdict.failure, file=sys.stderr)
    print_table(dict(sorted(figures.items(), key=lambda item: _kind_place(item[0]))))
    return 0 if passed else 1


def measure(megapixels: float, keep: Path | None) -> Verdict:
    """Return what a new Krita says of the pictures of one size."""
    with tempfile.TemporaryDirectory() as name, root.engine("krita") as engine:
        host = KritaInRoot(Path(name), engine)
        host.install()
        write_pictures(Path(name), megapixels)
        verdict = host.run_cases(
            ["bench_strokes"],
            TIMEOUT_S,
            folder=f"{root.INSIDE}/bench/in_krita",
            TINCT_BENCH_PICTURES=host.folder,
            TINCT_BENCH_SUPPORT=f"{root.INSIDE}/tests/e2e/krita/cases",
            TINCT_BENCH_LIMIT_S=str(TIMEOUT_S - 30),
        )["bench_strokes"]
        if keep:
            for picture in Path(name).glob("bench-*.png"):
                (keep / picture.name).write_bytes(picture.read_bytes())
    return verdict


def _kind_place(key: str) -> int:
    """Return where a figure's kind of picture stands: its name is the kind and the size."""
    words = key.split(":")[0].split()
    return list(KINDS).index(" ".join(words[:-2])) if key[:7] != "warm-up" else -1


if __name__ == "__main__":
    sys.exit(main())
