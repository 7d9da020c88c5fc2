"""The recoloring methods against their goals and, where they can be had, their peers.

Peers run in the same call on the same pictures:

- ColorHarmonization (tartarskunk): set TINCT_PEER_HARMONIZATION to a checkout of it; needs cv2.
- gegl:c2g: in the GIMP of the tests' root folder, which is built when there is none.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from skimage import data

from tinct import color
from tinct.algorithms.color2gray import gray_from_all_pairs
from tinct.algorithms.distinct import distinct_colors
from tinct.algorithms.harmonization import count_hues, split
from tinct.algorithms.harmony import rank
from tinct.algorithms.hull_palette import mixing_weights
from tinct.context import Context
from tinct.operations.harmonize import harmonize
from tinct.operations.palette_recolor import palette_recolor
from tinct.operations.pseudo_color import pseudo_color
from tinct.operations.to_gray import to_gray

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tests"))

from e2e.editors import root  # noqa: E402 - the tests' folder comes first

PREVIEW = Context(quality="preview")
Array = NDArray[np.float32]

# the peer draws with matplotlib, which its fit does not need
PEER_FIT = """
import sys, time, types
sys.path.insert(0, sys.argv[1])
for name in ("matplotlib", "matplotlib.pyplot"):
    sys.modules[name] = types.ModuleType(name)
import cv2, color_harmonization
pixels = cv2.cvtColor(cv2.imread(sys.argv[2]), cv2.COLOR_BGR2HSV)
started = time.perf_counter()
color_harmonization.B(pixels)
print(time.perf_counter() - started)
"""
INSIDE = "/mnt/bench"
C2G_TIMEOUT_S = 500.0
C2G = f"""
import time
from gi.repository import Gegl, Gimp, Gio
image = Gimp.file_load(Gimp.RunMode.NONINTERACTIVE, Gio.File.new_for_path("{INSIDE}/in.png"))
layer = image.get_layers()[0]
started = time.perf_counter()
c2g = Gimp.DrawableFilter.new(layer, "gegl:c2g", "")
layer.merge_filter(c2g)
layer.get_buffer().flush()
open("{INSIDE}/seconds", "w").write(str(time.perf_counter() - started))
"""


def photograph(name: str, width: int, height: int) -> Array:
    """Return one of scikit-image's photographs at a size, with the colors 8 bits have."""
    picture = Image.fromarray(getattr(data, name)()).convert("RGBA")
    picture = picture.resize((width, height), Image.Resampling.BICUBIC)
    return np.asarray(picture, np.float32) / np.float32(255)


def fastest(action: Callable[[], object], repeats: int = 5) -> float:
    """Return the least seconds of several runs: other work only adds to it."""
    action()
    timings = []
    for _ in range(repeats):
        started = time.perf_counter()
        action()
        timings.append(time.perf_counter() - started)
    return min(timings)


def row(what: str, seconds: float, goal: str) -> None:
    print(f"{what:58s} {1000 * seconds:9.1f} ms   {goal}", flush=True)


def own_figures(quick: bool) -> None:
    one = photograph("coffee", 1224, 816)
    row("harmonize, 1 MP, preview", fastest(lambda: harmonize(one, context=PREVIEW)), "<= 60")
    row("harmonize, 1 MP, final (cut exact)", fastest(lambda: harmonize(one)), "")
    if not quick:
        twelve = photograph("coffee", 4242, 2828)
        row("harmonize, 12 MP, final", fastest(lambda: harmonize(twelve), 2), "<= 2500")
        del twelve
    hues = split(one)
    histogram = count_hues(hues.hue, hues.weight)
    row("all templates, best angles, after the histogram", fastest(lambda: rank(histogram)), "<= 5")
    row("to-gray, all pairs, 1 MP", fastest(lambda: to_gray(one)), "<= 400")
    row("to-gray, all pairs, 1 MP, preview", fastest(lambda: to_gray(one, context=PREVIEW)), "")
    row("to-gray, radius 4, 0.25 MP", fastest(lambda: to_gray(one[::2, ::2], radius=4), 2), "")
    distinct = distinct_colors(one)
    palette = np.array(
        [
            [int(name[k : k + 2], 16) / 255 for k in (1, 3, 5)]
            for name in palette_recolor(one)["palette"]["original"]
        ]
    )
    row(
        f"palette layers, 1 MP, {len(palette)} colors known",
        fastest(lambda: distinct_colors(one).spread(mixing_weights(distinct.colors, palette))),
        "<= 500",
    )
    row("palette-recolor, mixtures, 1 MP, palette found", fastest(lambda: palette_recolor(one)), "")
    row(
        "palette-recolor, clusters, 1 MP, snapped",
        fastest(lambda: palette_recolor(one, method="clusters", snap="T")),
        "",
    )
    row("pseudo-color, 1 MP", fastest(lambda: pseudo_color(one)), "")


def lattice_error() -> None:
    """Compare the lattice of photographs with the sum over every distinct color."""
    distinct = distinct_colors(photograph("coffee", 306, 204))
    lab = color.srgb_to_lab(distinct.colors)
    exact, lattice = (
        gray_from_all_pairs(lab, distinct.counts, theta_degrees=45, alpha=10, exact_colors=most)
        for most in (1 << 30, 0)
    )
    error = np.abs(exact - lattice)
    print(
        f"to-gray's lattice against the sum over {len(lab)} colors: "
        f"mean {error.mean():.3f}, largest {error.max():.3f} of L 0 to 100"
    )


def peer_harmonization() -> None:
    folder = os.environ.get("TINCT_PEER_HARMONIZATION")
    if not folder:
        print("ColorHarmonization: not measured, TINCT_PEER_HARMONIZATION is not set")
        return
    image = photograph("coffee", 300, 200)
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "in.png"
        Image.fromarray((image * 255).round().astype(np.uint8)).save(path)
        command = [sys.executable, "-c", PEER_FIT, folder, str(path)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    if done.returncode:
        print(f"ColorHarmonization: not measured, {done.stderr.strip().splitlines()[-1]}")
        return
    theirs = float(done.stdout.split()[-1])

    def fit() -> None:
        hues = split(image)
        rank(count_hues(hues.hue, hues.weight))

    ours = fastest(fit)
    row("template and angle, 0.06 MP: ColorHarmonization", theirs, "")
    row("template and angle, 0.06 MP: tinct", ours, f"{theirs / ours:.0f} times (>= 100)")


def peer_c2g(width: int, height: int) -> None:
    """Measure GIMP's own filter on the same picture in the same run."""
    try:
        root.ready()
    except root.RootError as error:
        print(f"gegl:c2g: not measured, {error}")
        return
    image = photograph("coffee", width, height)
    with tempfile.TemporaryDirectory() as scratch:
        pixels = (image[..., :3] * 255).round().astype(np.uint8)
        Image.fromarray(pixels).save(Path(scratch) / "in.png")
        batch = ["--quit", "--batch-interpreter=python-fu-eval", "-b", C2G]
        done = root.run(
            ["gimp-console", "-idfs", *batch],
            binds={Path(scratch): INSIDE},
            settings={"GIMP3_DIRECTORY": f"{INSIDE}/profile"},
            timeout_s=C2G_TIMEOUT_S,
        )
        answer = Path(scratch) / "seconds"
        if not answer.exists():
            print(f"gegl:c2g: not measured, GIMP gave no answer: {done.stderr[-500:]}")
            return
        theirs = float(answer.read_text())
    ours = fastest(lambda: to_gray(image), 2)
    size = f"{width * height / 1e6:.2g} MP"
    row(f"gray, {size}: gegl:c2g in GIMP", theirs, "")
    row(f"gray, {size}: tinct to-gray, all pairs", ours, f"{theirs / ours:.1f} times (>= 20)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    quick = parser.parse_args().quick
    print(f"{'what':58s} {'least':>12s}   goal")
    own_figures(quick)
    lattice_error()
    peer_harmonization()
    peer_c2g(*((612, 408) if quick else (2448, 1632)))


if __name__ == "__main__":
    main()
