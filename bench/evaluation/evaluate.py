"""How good the colors are: `make evaluate`, on photographs no network was trained on.

Every method gets the same gray picture, its luma, and where it takes hints the same 7 x 7 squares
of the true color, placed by fixed seeds. Writes tables as CSV and curves as a picture.
"""

from __future__ import annotations

import argparse
import csv
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import numpy as np
from curves import draw
from measures import Scores, psnr_db
from numpy.typing import NDArray
from objects import OBJECTS, areas, dot_layer, load
from PIL import Image
from skimage.color import rgb2lab

from tinct.cache import Cache
from tinct.catalog import find_operation
from tinct.declare import Context
from tinct.errors import TinctError
from tinct.models.manifest import find_manifest, weights_path
from tinct.operations._networks import Model
from tinct.pixels import Picture
from tinct.run import run_operation

CHECKOUT = Path(__file__).resolve().parents[2]
KODAK = CHECKOUT.parent / "shared" / "data" / "reference" / "kodak"
COUNTS = (0, 1, 5, 10, 50, 100, 500)
PATCH = 7
CACHE_BYTES = 1 << 30
LUMA = np.array([0.299, 0.587, 0.114])
MOVED = (10.0, 5.0)  # Lab units
TABLE = (
    "method", "hints", "psnr_db", "psnr_ci95_db", "lead_db", "lead_ci95_db", "ciede2000",
    "colorfulness", "correlation",
)  # fmt: skip
# The color of a few hints depends on where they happen to lie, so they are drawn several times.
DRAWS, FEW = 3, 10
LEVIN = "Levin, exact"

Picture8 = NDArray[np.uint8]
Color = Callable[[Picture8, Picture8 | None, Context], Picture8]


def run(
    operation: str, gray: Picture8, layer: Picture8 | None, context: Context, **told: Any
) -> Picture8:
    """Run an operation as the editors do; `layer` is a layer of strokes."""
    pictures = {"image": Picture(gray, "rgb", "srgb")}
    if find_operation(operation).inputs[1].role == "scribbles":
        empty = np.zeros((*gray.shape[:2], 4), np.uint8)
        pictures["scribbles"] = Picture(empty if layer is None else layer, "rgba", "srgb")
    done = run_operation(find_operation(operation), pictures, told, context=context)
    return np.asarray(done["colors"].pixels[..., :3])


def hinted_methods() -> dict[str, Color]:
    """Return the methods that take hints, by name."""
    return {
        LEVIN: lambda gray, layer, context: (
            gray if layer is None else run("scribble-colorize", gray, layer, context)
        ),
        "hint network": lambda *given: run("hint-colorize", *given),
        "fusion": lambda *given: run("scribble-colorize", *given, prior="network"),
    }


def automatic_methods() -> dict[str, Color]:
    """Return gray and every network that is installed, by name."""
    methods: dict[str, Color] = {"gray": lambda gray, layer, context: gray}
    for model in get_args(Model):
        try:
            weights_path(find_manifest(model))
        except TinctError:
            continue
        methods[f"auto, {model}"] = lambda gray, layer, context, model=model: run(
            "auto-colorize", gray, None, context, model=model
        )
    return methods


def hint_layer(truth: Picture8, count: int, seed: int) -> Picture8 | None:
    """Return an RGBA layer with random squares of the mean color below each."""
    if not count:
        return None
    rng = np.random.default_rng(seed)
    layer = np.zeros((*truth.shape[:2], 4), np.uint8)
    for _ in range(count):
        top, left = (int(rng.integers(0, max(1, side - PATCH + 1))) for side in truth.shape[:2])
        spot = np.s_[top : top + PATCH, left : left + PATCH]
        layer[spot][..., :3] = np.rint(truth[spot].reshape(-1, 3).mean(axis=0))
        layer[spot][..., 3] = 255
    return layer


def gray_of(truth: Picture8) -> Picture8:
    """Return the picture's luma as a gray picture."""
    luma = np.rint(truth @ LUMA).astype(np.uint8)
    return np.repeat(luma[..., np.newaxis], 3, axis=2)


def evaluate_hints(
    paths: list[Path], counts: list[int], longest: int
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return a row of scores for every method and number of hints, and one for every picture."""
    scores: dict[tuple[str, int], Scores] = {}
    raw = []
    automatic, hinted = automatic_methods(), hinted_methods()
    for number, path in enumerate(paths):
        started = time.perf_counter()
        picture = Image.open(path).convert("RGB")
        picture.thumbnail((longest, longest), Image.Resampling.LANCZOS)
        truth = np.asarray(picture)
        gray = gray_of(truth)
        context = Context(cache=Cache(CACHE_BYTES))
        for count, turn in layers(counts):
            layer = hint_layer(truth, count, seed=1000 * count + number + 1_000_000 * turn)
            for name, color in (automatic | hinted if count == 0 else hinted).items():
                made = color(gray, layer, context)
                scores.setdefault((name, count), Scores()).add(made, truth, path.stem)
                told = {"picture": path.stem, "hints": count, "draw": turn, "method": name}
                raw.append(told | {"psnr_db": psnr_db(made, truth)})
        print(f"{path.stem}: {time.perf_counter() - started:.0f} s", file=sys.stderr, flush=True)
    return summary(scores), raw


def layers(counts: list[int]) -> list[tuple[int, int]]:
    """Return number of hints and of the draw of every layer."""
    return [(count, turn) for count in counts for turn in range(DRAWS if 0 < count <= FEW else 1)]


def summary(scores: dict[tuple[str, int], Scores]) -> list[dict[str, Any]]:
    """Return the rows of the table; leads are over Levin's method with the same hints."""
    rows = []
    for (name, count), found in sorted(scores.items(), key=lambda item: item[0][1]):
        lead = found.lead(scores[LEVIN, count])
        cells = (
            name, count, found.psnr, found.psnr_error, *lead, found.delta_e, found.liveliness,
            found.correlation,
        )  # fmt: skip
        rows.append(dict(zip(TABLE, cells, strict=True)))
    return rows


def evaluate_objects(kodak: Path) -> list[dict[str, Any]]:
    """Return by object how much of it, and of the rest, one dot moves."""
    rows = []
    for item in OBJECTS:
        truth = load(item, kodak)
        if truth is None:
            continue
        gray, context = gray_of(truth), Context(cache=Cache(CACHE_BYTES))
        layer = np.asarray(dot_layer(item, truth.shape))
        inside, outside = areas(item, truth.shape)
        row: dict[str, Any] = {"object": item.name}
        for name, operation, told in (
            ("network", "hint-colorize", {}),
            ("fusion", "scribble-colorize", {"prior": "network"}),
        ):
            before = rgb2lab(run(operation, gray, None, context, **told))[..., 1:]
            after = rgb2lab(run(operation, gray, layer, context, **told))[..., 1:]
            distance = np.linalg.norm(after - before, axis=2)
            for units in MOVED:
                moved = distance > units
                row[f"{name} inside >{units:g}"] = 100 * moved[inside].mean()
                row[f"{name} outside >{units:g}"] = 100 * moved[outside].mean()
        rows.append(row)
    if rows:
        names = list(rows[0])[1:]
        rows.append(
            {"object": "mean"}
            | {name: float(np.mean([row[name] for row in rows])) for name in names}
        )
    return rows


def write(rows: list[dict[str, Any]], target: Path) -> None:
    """Write a table as CSV."""
    with target.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def show(rows: list[dict[str, Any]], target: Path) -> None:
    """Print a table and write it as CSV."""
    if not rows:
        return
    write(rows, target)
    widths = [max(len(name), 14) for name in rows[0]]
    for cells in [list(rows[0]), *([_cell(value) for value in row.values()] for row in rows)]:
        print("  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)))
    print(f"({target})\n", flush=True)


def _cell(value: Any) -> str:
    return f"{value:.2f}" if isinstance(value, float) else str(value)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=KODAK, help="photographs; default: Kodak")
    parser.add_argument("--pictures", type=int, default=24, help="how many of them")
    parser.add_argument("--size", type=int, default=768, help="their longest side, pixels")
    parser.add_argument("--counts", type=int, nargs="+", default=list(COUNTS), help="hints")
    parser.add_argument("--skip-objects", action="store_true", help="only the table and curves")
    parser.add_argument("--out", type=Path, default=CHECKOUT / "bench" / "out" / "evaluation")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    paths = sorted(given.folder.glob("*.png"))[: given.pictures]
    if not paths:
        print(f"{given.folder} holds no PNG photographs; give --folder.", file=sys.stderr)
        return 1
    counts = sorted(set(given.counts))
    rows, raw = evaluate_hints(paths, counts, given.size)
    write(raw, given.out / "pictures.csv")
    print(f"{len(paths)} photographs of {given.folder.name}, longest side {given.size} px")
    show(rows, given.out / "table.csv")
    lines: dict[str, dict[int, float]] = {}
    for row in rows:
        if row["method"] in hinted_methods():
            lines.setdefault(row["method"], {})[row["hints"]] = row["psnr_db"]
    draw(counts, lines).save(given.out / "curves.png")
    if not given.skip_objects:
        print(f"one dot on an object: percent of pixels moved by more than {MOVED} Lab units")
        show(evaluate_objects(given.folder), given.out / "objects.csv")
    return 0


if __name__ == "__main__":
    sys.exit(main())
