"""What the operations that take color from a reference cost, beside peers on the same pictures."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import generic_filter
from scipy.spatial import cKDTree
from skimage import data
from skimage.color import rgb2lab

from tinct import color
from tinct.algorithms import analogies
from tinct.catalog import find_operation
from tinct.declare import Box, BoxPair, Context

FloatArray = NDArray[np.float32]
LUMA = np.array([0.299, 0.587, 0.114], np.float32)
CELL = 5
LOOP_ROWS = 100
TREE_QUERIES = 200


def photograph(name: str, rows: int, columns: int) -> FloatArray:
    picture = Image.fromarray(getattr(data, name)())
    return np.asarray(picture.resize((columns, rows), Image.Resampling.BICUBIC), np.float32) / 255


def gray_of(rgb: FloatArray) -> FloatArray:
    gray = np.repeat((rgb @ LUMA)[..., None], 3, axis=2)
    return np.concatenate([gray, np.ones_like(gray[..., :1])], axis=2)


def seconds(action: Callable[[], Any], repeats: int) -> float:
    """Return the least of several timings: others use the machine too."""
    timings = []
    for _ in range(repeats):
        started = time.perf_counter()
        action()
        timings.append(time.perf_counter() - started)
    return min(timings)


def run(operation: str, image: FloatArray, *references: FloatArray, **values: Any) -> Any:
    function = find_operation(operation).function
    return function(image, references, **values, context=Context())["colors"]


def loop_over_pixels(luminance: FloatArray, reference: FloatArray) -> NDArray[np.float64]:
    """Match each pixel in a loop of Python: the baseline that was reported.

    One sample in every cell of 5 x 5 pixels, standard deviations by a general filter, and for
    each pixel the distances to all samples.
    """
    rng = np.random.default_rng(0)
    lab = rgb2lab(reference)
    light = (lab[..., 0] - lab[..., 0].mean()) * luminance.std() / lab[..., 0].std()
    light += luminance.mean()
    texture, own = generic_filter(light, np.std, 5), generic_filter(luminance, np.std, 5)
    places = [
        (i * CELL + rng.integers(CELL), j * CELL + rng.integers(CELL))
        for i in range(light.shape[0] // CELL)
        for j in range(light.shape[1] // CELL)
    ]
    lights = np.array([light[place] for place in places])
    textures = np.array([texture[place] for place in places])
    result = np.zeros((*luminance.shape, 2))
    for i in range(luminance.shape[0]):
        for j in range(luminance.shape[1]):
            cost = 0.5 * np.square(lights - luminance[i, j])
            cost += 0.5 * np.square(textures - own[i, j])
            result[i, j] = lab[places[int(np.argmin(cost))]][1:]
    return result


def tree_for_each_pixel(reference: FloatArray, target: FloatArray) -> float:
    """Return seconds a pixel of a k-d tree over the whole features of all source pixels."""
    own, other = (all_features(picture) for picture in (reference, target))
    tree = cKDTree(own)
    queries = other[np.random.default_rng(0).integers(len(other), size=TREE_QUERIES)]
    started = time.perf_counter()
    for query in queries:
        tree.query(query)
    return (time.perf_counter() - started) / TREE_QUERIES


def all_features(rgb: FloatArray) -> FloatArray:
    """Return what analogies compare at the finest level, the picture's own colors as B'."""
    luma = (rgb @ LUMA)[..., None]
    chroma = color.srgb_to_yiq(rgb)[..., 1:]
    coarse = tuple(analogies._pyramid(one, 2)[1] for one in (luma, chroma))
    return np.concatenate([analogies._static(luma, coarse), analogies._causal(chroma)], axis=1)


def welsh(repeats: int) -> None:
    image = gray_of(photograph("coffee", 1000, 1000))
    reference = photograph("astronaut", 512, 512)
    run("reference-colorize", image, reference)
    whole = seconds(lambda: run("reference-colorize", image, reference), repeats)
    print(f"{'Welsh, global, 1 MP':<44} {whole:8.2f} s   <= 0.2 s")
    small = (photograph("coffee", LOOP_ROWS, LOOP_ROWS) @ LUMA) * 100
    loop = seconds(lambda: loop_over_pixels(small, reference), 1) * 1e6 / small.size
    print(f"{'  a loop over pixels, from 0.01 MP to 1 MP':<44} {loop:8.1f} s   {loop / whole:.0f}x")
    boxes = (
        BoxPair(Box(100, 100, 200, 200), Box(0, 300, 100, 100)),
        BoxPair(Box(450, 450, 200, 200), Box(200, 60, 80, 100)),
        BoxPair(Box(750, 700, 200, 200), Box(300, 0, 120, 120)),
    )
    swatches = seconds(lambda: run("reference-colorize", image, reference, boxes=boxes), repeats)
    print(f"{'Welsh, three swatches, 1 MP':<44} {swatches:8.2f} s   <= 2 s")
    coherent = seconds(lambda: run("reference-colorize", image, reference, coherence=0.5), repeats)
    print(f"{'Welsh, global, coherence 0.5, 1 MP':<44} {coherent:8.2f} s")


def example(repeats: int) -> None:
    image = gray_of(photograph("coffee", 707, 707))
    reference = photograph("astronaut", 512, 512)
    run("example-colorize", image[:64, :64], reference)
    for name, options in (
        ("By example, four classes, 0.5 MP", {"segments": 4}),
        ("By example, distribution, 0.5 MP", {"method": "distribution"}),
    ):
        taken = seconds(lambda o=options: run("example-colorize", image, reference, **o), repeats)
        print(f"{name:<44} {taken:8.2f} s   {'<= 6 s' if 'four' in name else ''}")


def by_analogy(repeats: int) -> None:
    target, reference = photograph("coffee", 500, 500), photograph("astronaut", 500, 500)
    image = gray_of(target)
    run("analogy-colorize", image[:64, :64], reference)
    taken = seconds(lambda: run("analogy-colorize", image, reference), repeats)
    print(f"{'By analogy, 0.25 MP':<44} {taken:8.2f} s   <= 20 s")
    peer = tree_for_each_pixel(reference, target) * 250_000
    print(
        f"{'  a k-d tree for each pixel, from 200 pixels':<44} {peer:8.0f} s   {peer / taken:.0f}x"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="without analogies, one repeat")
    quick = parser.parse_args().quick
    welsh(1 if quick else 5)
    example(1 if quick else 2)
    if not quick:
        by_analogy(1)


if __name__ == "__main__":
    main()
