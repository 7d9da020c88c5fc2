"""Color propagation against its peers: time, peak memory and largest error, in one table.

Each line is measured in a process of its own, kernels compiled before. Of the next stroke it is the
median of several, each added to the same others. Errors are in steps of an
8-bit picture (1 / 255), against SuperLU in float64 where it was run, else against tinct solved to
1e-6. The goal is 0.5.
"""

from __future__ import annotations

import argparse
import json
import math
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tinct.algorithms import multigrid, propagation
from tinct.algorithms.direct import system_matrix
from tinct.algorithms.geodesic import blend_geodesic
from tinct.algorithms.hierarchy import COARSEST_PIXELS
from tinct.algorithms.hints import Hints
from tinct.algorithms.propagation import Propagation
from tinct.algorithms.stencil import affinity_planes, window_offsets
from tinct.algorithms.warm import warm_kernels

KODAK = Path(__file__).resolve().parents[2] / "shared" / "data" / "reference" / "kodak"
YIQ = np.array([[0.299, 0.587, 0.114], [0.596, -0.274, -0.322], [0.211, -0.523, 0.312]])
STROKES = 20
FURTHER = 8
OFFSETS = np.array(window_offsets(3), np.int64)
FloatArray = NDArray[np.float32]
Child = Callable[[FloatArray, Hints, list[Hints]], tuple[list[float], Any]]


def load(name: str, megapixels: float) -> FloatArray:
    """Return a photograph as YIQ, (M, N, 3), resized to so many megapixels (0: as it is)."""
    if name.startswith("kodim"):
        picture = Image.open(KODAK / f"{name}.png").convert("RGB")
    else:
        from skimage import data

        picture = Image.fromarray(getattr(data, name)())
    if megapixels:
        scale = math.sqrt(megapixels * 1e6 / (picture.width * picture.height))
        size = round(picture.width * scale), round(picture.height * scale)
        picture = picture.resize(size, Image.Resampling.BICUBIC)
    return (np.asarray(picture, np.float32) / 255 @ YIQ.T.astype(np.float32)).astype(np.float32)


def paint(yiq: FloatArray, count: int, seed: int) -> Hints:
    """Return polylines in the picture's own colors, 1 to 7 pixels wide per megapixel's side."""
    rng = np.random.default_rng(seed)
    side = math.sqrt(yiq.shape[0] * yiq.shape[1])
    mask = np.zeros(yiq.shape[:2], bool)
    for number in range(count):
        radius = max(0.5, (0.5 + number % 4) * side / 1000)
        at = rng.random(2) * np.array(yiq.shape[:2])
        angle = rng.random() * 2 * math.pi
        for _ in range(round(side / 10)):
            angle += rng.normal() * 0.05
            at += np.array((math.sin(angle), math.cos(angle)))
            low = np.maximum(np.ceil(at - radius), 0).astype(int)
            high = np.maximum(np.floor(at + radius) + 1, 0).astype(int)
            mask[low[0] : high[0], low[1] : high[1]] = True
    return Hints.from_strokes(mask, yiq[..., 1:])


def best(run: Callable[[], Any], repeats: int) -> tuple[float, Any]:
    seconds, result = [], None
    for _ in range(repeats):
        started = time.perf_counter()
        result = run()
        seconds.append(time.perf_counter() - started)
    return min(seconds), result


def tinct_cold(luma: FloatArray, hints: Hints, more: list[Hints]) -> tuple[list[float], Any]:
    seconds, solved = best(lambda: Propagation(luma).solve(hints), 3)
    return [seconds], solved


def tinct_next(luma: FloatArray, hints: Hints, more: list[Hints]) -> tuple[list[float], Any]:
    """Add one stroke of several at a time, each to the same others; the first one is kept."""
    system = Propagation(luma)
    before = system.solve(hints)
    timings, kept = [], None
    for further in more:
        seconds = []
        for _ in range(3):
            started, solved = best(lambda further=further: system.update(hints, before, further), 1)
            seconds.append(started)
            system.update(further, solved, hints)  # so that the next one finds the grids without it
        timings.append(min(seconds))
        kept = solved if kept is None else kept
    return timings, kept


def tinct_preview(luma: FloatArray, hints: Hints, more: list[Hints]) -> tuple[list[float], Any]:
    seconds, solved = best(lambda: blend_geodesic(luma, hints), 3)
    return [seconds], solved


def tinct_tight(luma: FloatArray, hints: Hints, more: list[Hints]) -> tuple[list[float], Any]:
    # Links as they are, not rounded, which compiled code for small grids does not know.
    propagation.packed_affinities = affinity_planes
    multigrid._SMALL_PIXELS = COARSEST_PIXELS + 1
    system = Propagation(luma)
    solved = [system.solve(h, tolerance=1e-6) for h in (hints, more[0])]
    return [0.0], np.stack(solved)


def matrix_of(luma: FloatArray, hints: Hints) -> Any:
    keep = np.float32(1.0) / (np.float32(1.0) + hints.confidence)
    return system_matrix(affinity_planes(luma), OFFSETS, keep).tocsr()


def superlu(luma: FloatArray, hints: Hints, more: list[Hints]) -> tuple[list[float], Any]:
    from scipy.sparse.linalg import splu

    def run() -> Any:
        right = np.where(hints.hard[..., None], hints.chroma, 0.0).reshape(-1, 2)
        return splu(matrix_of(luma, hints).tocsc()).solve(right.astype(np.float64))

    seconds, solved = best(run, 1)
    return [seconds], solved.reshape(*luma.shape, 2)


def pyamg_bicgstab(luma: FloatArray, hints: Hints, more: list[Hints]) -> tuple[list[float], Any]:
    import pyamg
    from scipy.sparse.linalg import bicgstab

    def run() -> Any:
        matrix, given = matrix_of(luma, hints), hints.hard.ravel()
        solved = np.where(given[:, None], hints.chroma.reshape(-1, 2), 0.0).astype(np.float64)
        rows = matrix[~given]
        free, right = rows[:, ~given].tocsr(), -(rows @ solved)
        cycle = pyamg.ruge_stuben_solver(free).aspreconditioner()
        for channel in range(2):
            b = right[:, channel]
            solved[~given, channel] = bicgstab(free, b, rtol=1e-5, M=cycle, maxiter=200)[0]
        return solved

    seconds, solved = best(run, 1)
    return [seconds], solved.reshape(*luma.shape, 2)


def textbook(luma: FloatArray, hints: Hints, more: list[Hints]) -> tuple[list[float], Any]:
    """Assemble pixel by pixel in Python, as course reports do, and solve by scipy's spsolve."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.linalg import spsolve

    m, n = luma.shape

    def run() -> Any:
        rows, columns, values = [], [], []
        for i in range(m):
            for j in range(n):
                here = i * n + j
                rows.append(here)
                columns.append(here)
                values.append(1.0)
                if hints.hard[i, j]:
                    continue
                places = [
                    (a, b)
                    for a in range(max(0, i - 1), min(m, i + 2))
                    for b in range(max(0, j - 1), min(n, j + 2))
                    if (a, b) != (i, j)
                ]
                steps = np.array([luma[p] for p in places], float) - luma[i, j]
                variance = np.var(np.append(steps, 0.0))
                c = max(0.6 * variance, -np.min(steps**2) / math.log(0.01), 2e-6)
                weights = np.exp(-(steps**2) / c)
                for (a, b), weight in zip(places, weights / weights.sum(), strict=True):
                    rows.append(here)
                    columns.append(a * n + b)
                    values.append(-weight)
        matrix = coo_matrix((values, (rows, columns)), (m * n, m * n)).tocsc()
        right = np.where(hints.hard[..., None], hints.chroma, 0.0).reshape(-1, 2)
        return np.stack([spsolve(matrix, right[:, channel]) for channel in range(2)], axis=1)

    seconds, solved = best(run, 1)
    return [seconds], solved.reshape(*luma.shape, 2)


CHILDREN: dict[str, Child] = {
    "tinct, new picture": tinct_cold,
    "tinct, next stroke": tinct_next,
    "tinct, preview": tinct_preview,
    "exact": tinct_tight,
    "SuperLU": superlu,
    "PyAMG + BiCGSTAB": pyamg_bicgstab,
    "textbook": textbook,
}
LARGEST = {"SuperLU": 1.1, "PyAMG + BiCGSTAB": 1.1, "textbook": 0.26}
LARGEST_QUICK = {"SuperLU": 0.26, "PyAMG + BiCGSTAB": 0.26, "textbook": 0.0}


def child(name: str, picture: str, megapixels: float, out: Path) -> None:
    if name.startswith("tinct") or name == "exact":
        warm_kernels()
    yiq = load(picture, megapixels)
    hints = paint(yiq, STROKES, 0)
    more = [hints.combined(paint(yiq, 1, seed)) for seed in range(1, FURTHER + 1)]
    seconds, solved = CHILDREN[name](np.ascontiguousarray(yiq[..., 0]), hints, more)
    np.save(out, np.asarray(solved, np.float32))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    slowest = {"slowest": max(seconds)} if len(seconds) > 1 else {}
    print(json.dumps({"seconds": statistics.median(seconds), "megabytes": peak} | slowest))


def measure(name: str, picture: str, megapixels: float, out: Path) -> dict[str, float] | None:
    command = [sys.executable, __file__, "--child", name, picture, str(megapixels), str(out)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"  {name} failed: {done.stderr.strip().splitlines()[-1:]}", file=sys.stderr)
        return None
    result: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
    return result


def table(picture: str, megapixels: float, largest: dict[str, float], folder: Path) -> None:
    exact = folder / "exact.npy"
    if measure("exact", picture, megapixels, exact) is None:
        return
    truth = np.load(exact)
    size = truth.shape[1] * truth.shape[2] / 1e6
    direct = None
    rows = []
    for name in CHILDREN:
        if name == "exact" or size > largest.get(name, math.inf):
            continue
        out = folder / "row.npy"
        result = measure(name, picture, megapixels, out)
        if result is not None:
            rows.append((name, result, np.load(out)))
            direct = rows[-1][2] if name == "SuperLU" else direct
    lu = next((r["seconds"] for name, r, _ in rows if name == "SuperLU"), math.nan)
    for name, result, solved in rows:
        wanted = truth[1 if name == "tinct, next stroke" else 0]
        wanted = direct if direct is not None and "next" not in name else wanted
        error = float(np.abs(solved - wanted).max()) * 255
        ratio = "" if math.isnan(lu) else f"{lu / result['seconds']:8.1f} x"
        slowest = f"  slowest of {FURTHER} {result['slowest']:.3f} s" if "slowest" in result else ""
        print(
            f"{picture:<10}{size:6.2f} MP  {name:<20}{result['seconds']:9.3f} s"
            f"{result['megabytes']:8.0f} MB{error:9.3f} / 255 {ratio}{slowest}",
            flush=True,
        )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="two sizes, small peers only")
    parser.add_argument("--pictures", nargs="*", help="scikit-image's names, or kodim01 and so on")
    parser.add_argument("--sizes", nargs="*", type=float, help="megapixels; 0 = as it is")
    parser.add_argument("--child", nargs=4, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        name, picture, size, out = arguments.child
        child(name, picture, float(size), Path(out))
        return 0
    largest = LARGEST_QUICK if arguments.quick else LARGEST
    pictures = arguments.pictures or (["coffee"] if arguments.quick else ["astronaut", "coffee"])
    sizes = arguments.sizes or ([0.25, 1.0] if arguments.quick else [0.25, 1.0, 4.0, 12.0])
    jobs = [(picture, size) for size in sizes for picture in pictures]
    if not arguments.quick and not arguments.pictures:
        jobs += [(path.stem, 0.0) for path in sorted(KODAK.glob("kodim*.png"))[::6]]
    with tempfile.TemporaryDirectory() as folder:
        for picture, size in jobs:
            table(picture, size, largest, Path(folder))
    return 0


if __name__ == "__main__":
    sys.exit(main())
