"""How much contrast grays keep: CCPR, CCFR and E-score of every method, in one table.

Pictures: those of ../shared/data beside the checkout (Kodak and Color2Gray's), or scikit-image's
where they are absent. OpenCV's decolor is listed where cv2 can be imported.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tinct import color
from tinct.algorithms.contrast_scores import contrast_scores, draw_pairs
from tinct.operations.to_gray import to_gray

DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "reference"
PAIRS = 1_000_000
SEED = 1
Array = NDArray[np.float32]
Method = Callable[[Array], Array]


def pictures(quick: bool) -> dict[str, Array]:
    paths = [*sorted((DATA / "color2gray").glob("*.ppm")), *sorted((DATA / "kodak").glob("*.png"))]
    if not paths:
        from skimage import data

        names = ("astronaut", "chelsea", "coffee", "rocket")
        return {name: prepare(Image.fromarray(getattr(data, name)())) for name in names}
    return {path.stem: prepare(Image.open(path)) for path in (paths[::4] if quick else paths)}


def prepare(picture: Image.Image) -> Array:
    return np.asarray(picture.convert("RGBA"), np.float32) / np.float32(255)


def of_tinct(**options: object) -> Method:
    return lambda image: to_gray(image, **options)["gray"][..., 0]


def of_scikit_image(image: Array) -> Array:
    from skimage.color import rgb2gray

    return np.asarray(rgb2gray(image[..., :3]), np.float32)


def of_opencv() -> Method | None:
    try:
        import cv2
    except ImportError:
        return None

    def decolor(image: Array) -> Array:
        pixels = np.rint(image[..., 2::-1] * 255).astype(np.uint8)
        return cv2.decolor(np.ascontiguousarray(pixels))[0].astype(np.float32) / 255

    return decolor


def methods() -> dict[str, Method]:
    found: dict[str, Method | None] = {
        "tinct best": of_tinct(method="best"),
        "tinct color2gray 45°, 10": of_tinct(),
        "tinct color2gray, angle found, 16": of_tinct(find_angle=True, alpha=16.0),
        "tinct contrast (Lu 2012)": of_tinct(method="contrast"),
        "tinct lightness": of_tinct(method="lightness"),
        "tinct luma": of_tinct(method="luma"),
        "scikit-image rgb2gray": of_scikit_image,
        "OpenCV decolor": of_opencv(),
    }
    return {name: method for name, method in found.items() if method is not None}


def lightness(gray: Array) -> NDArray[np.float64]:
    rgb = np.repeat(np.clip(gray.ravel()[:, None], 0, 1).astype(np.float64), 3, axis=1)
    return color.srgb_to_lab(rgb)[:, 0]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    quick = parser.parse_args().quick
    images = pictures(quick)
    table: dict[str, list[tuple[float, float, float]]] = {name: [] for name in methods()}
    for image in images.values():
        lab = color.srgb_to_lab(image[..., :3].astype(np.float64)).reshape(-1, 3)
        pairs = draw_pairs(*image.shape[:2], PAIRS // 10 if quick else PAIRS, SEED)
        for name, method in methods().items():
            scores = contrast_scores(lab, lightness(method(image)), pairs)
            table[name].append((scores.ccpr, scores.ccfr, scores.e_score))
    print(f"{len(images)} pictures, thresholds 1 to 15, half the pairs neighbors\n")
    print(f"{'method':36s} {'CCPR':>7s} {'CCFR':>7s} {'E':>7s} {'lowest E':>9s}")
    for name, rows in sorted(table.items(), key=lambda row: -np.mean(row[1], axis=0)[2]):
        ccpr, ccfr, e_score = np.mean(rows, axis=0)
        lowest = min(row[2] for row in rows)
        print(f"{name:36s} {ccpr:7.3f} {ccfr:7.3f} {e_score:7.3f} {lowest:9.3f}")


if __name__ == "__main__":
    main()
