"""How near each method that takes color from a reference comes to the truth, on halved photographs.

The left half in color is the reference, the right half in gray the target. Needs
../shared/data/reference/kodak beside the checkout.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage
from scipy.cluster.vq import kmeans2
from skimage.color import deltaE_ciede2000, rgb2lab

from tinct.catalog import find_operation
from tinct.declare import Box, BoxPair, Context
from tinct.errors import InputError

FloatArray = NDArray[np.float32]
KODAK = Path(__file__).resolve().parents[2] / "shared" / "data" / "reference" / "kodak"
LUMA = np.array([0.299, 0.587, 0.114], np.float32)
QUICK = 4
SWATCH_SIDE = 48
OBJECTS = 6


class Halves(NamedTuple):
    reference: FloatArray
    truth: FloatArray
    target: FloatArray
    boxes: tuple[BoxPair, ...]


def load(path: Path) -> Halves:
    picture = np.asarray(Image.open(path).convert("RGB"), np.float32) / 255
    middle = picture.shape[1] // 2
    reference = np.ascontiguousarray(picture[:, :middle])
    truth = np.ascontiguousarray(picture[:, middle : 2 * middle])
    gray = np.repeat((truth @ LUMA)[..., None], 3, axis=2)
    target = np.concatenate([gray, np.ones_like(gray[..., :1])], axis=2)
    return Halves(reference, truth, target, place_boxes(picture[:, : 2 * middle]))


def place_boxes(picture: FloatArray) -> tuple[BoxPair, ...]:
    """Return the boxes of a user who knows which things both halves show.

    The things are six clusters of color and height; a box is laid where each is broadest.
    """
    rows, columns = picture.shape[:2]
    smooth = ndimage.gaussian_filter(rgb2lab(picture), (4, 4, 0))
    height = np.broadcast_to(np.linspace(0, 30, rows)[:, None, None], (rows, columns, 1))
    features = np.concatenate([smooth * [0.5, 1, 1], height], axis=2).reshape(-1, 4)
    _, labels = kmeans2(features, OBJECTS, minit="++", rng=np.random.default_rng(0))
    labels = labels.reshape(rows, columns)
    pairs = []
    for label in range(OBJECTS):
        boxes = []
        for half in (labels[:, columns // 2 :], labels[:, : columns // 2]):
            depth = ndimage.distance_transform_edt(np.pad(half == label, 1))[1:-1, 1:-1]
            row, column = np.unravel_index(np.argmax(depth), depth.shape)
            reach = int(min(depth[row, column], SWATCH_SIDE / 2))
            top, left = max(int(row) - reach, 0), max(int(column) - reach, 0)
            side = min(2 * reach, rows - top, columns // 2 - left)
            boxes.append(Box(left, top, side, side))
        if min(box.width for box in boxes) >= 8:
            pairs.append(BoxPair(*boxes))
    return tuple(pairs)


def colors_of(operation: str, **parameters: Any) -> Callable[[Halves], FloatArray]:
    def run(halves: Halves) -> FloatArray:
        found = find_operation(operation)
        values = dict(parameters)
        if values.pop("swatches", False):
            values["boxes"] = halves.boxes
        result = found.function(halves.target, (halves.reference,), **values, context=Context())
        return result["colors"][..., :3]

    return run


METHODS: dict[str, Callable[[Halves], FloatArray]] = {
    "no color": lambda halves: halves.target[..., :3],
    "Welsh, global": colors_of("reference-colorize"),
    "Welsh, global, CIELAB": colors_of("reference-colorize", space="lab"),
    "Welsh, global, coherence 0.5": colors_of("reference-colorize", coherence=0.5),
    "Welsh, swatches": colors_of("reference-colorize", swatches=True),
    "Welsh, swatches, coherence 0.5": colors_of("reference-colorize", swatches=True, coherence=0.5),
    "by example, classes": colors_of("example-colorize"),
    "by example, distribution": colors_of("example-colorize", method="distribution"),
    "by analogy": colors_of("analogy-colorize"),
}


def score(colors: FloatArray, truth: FloatArray) -> tuple[float, float]:
    """Return mean CIEDE2000 and PSNR in dB."""
    difference = deltaE_ciede2000(rgb2lab(colors), rgb2lab(truth)).mean()
    return float(difference), float(-10 * np.log10(np.mean((colors - truth) ** 2)))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help=f"the first {QUICK} photographs")
    parser.add_argument("--only", default="", help="methods whose name holds this")
    parser.add_argument("--save", type=Path, help="a folder for the pictures")
    options = parser.parse_args()
    if not KODAK.exists():
        print("no ../shared/data/reference/kodak beside the checkout: nothing to measure")
        return 0
    paths = sorted(KODAK.glob("*.png"))[: QUICK if options.quick else None]
    scores: dict[str, list[tuple[float, float]]] = {}
    for path in paths:
        halves = load(path)
        for name, method in METHODS.items():
            if options.only and options.only not in name:
                continue
            try:
                colors = method(halves)
            except InputError as error:
                print(f"{path.stem}, {name}: {error}", file=sys.stderr)
                colors = halves.target[..., :3]
            scores.setdefault(name, []).append(score(colors, halves.truth))
            if options.save:
                options.save.mkdir(parents=True, exist_ok=True)
                stem = f"{path.stem} {name}".replace(" ", "-").replace(",", "")
                Image.fromarray((colors.clip(0, 1) * 255).round().astype(np.uint8)).save(
                    options.save / f"{stem}.png"
                )
    print(f"{len(paths)} photographs          mean CIEDE2000   mean PSNR   better than no color on")
    plain = scores.get("no color", [])
    for name, values in scores.items():
        difference, psnr = np.mean(values, axis=0)
        better = sum(v[0] < p[0] for v, p in zip(values, plain, strict=False)) if plain else 0
        print(f"{name:<32} {difference:8.2f} {psnr:11.2f} dB {better:8d} of {len(paths)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
