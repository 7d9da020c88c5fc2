"""Seconds of the operations that ask a network, and what the runtime adds to onnxruntime."""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import onnxruntime
from PIL import Image
from skimage import data

from tinct.cache import Cache
from tinct.catalog import find_operation
from tinct.context import Context
from tinct.models.manifest import find_manifest, weights_path
from tinct.models.runtime import load
from tinct.pixels import Picture
from tinct.run import run_operation

SIDE = 1024
ROUNDS = 9
CACHE_BYTES = 1 << 30


def picture(side: int) -> Picture:
    gray = Image.fromarray(data.astronaut()).convert("L").resize((side, side))
    return Picture(np.repeat(np.asarray(gray)[..., None], 3, axis=2), "rgb", "srgb")


def dots(side: int, count: int) -> Picture:
    """Return a layer with `count` dots, the last of which is new to each call's picture."""
    layer = np.zeros((side, side, 4), np.uint8)
    for number in range(count):
        row, column = (side // 4 + 61 * number) % (side - 9), (side // 3 + 97 * number) % (side - 9)
        layer[row : row + 9, column : column + 9] = (200, 60 + 20 * number % 150, 40, 255)
    return Picture(layer, "rgba", "srgb")


def seconds(act: Callable[[int], Any], rounds: int) -> str:
    act(0)
    taken = []
    for number in range(1, rounds + 1):
        started = time.perf_counter()
        act(number)
        taken.append(time.perf_counter() - started)
    return f"{statistics.median(taken):.3f} s (best {min(taken):.3f})"


def run(operation: str, context: Context, given: dict[str, Picture], **told: Any) -> Any:
    return run_operation(find_operation(operation), given, told, context=context)


def bare_and_ours(rounds: int) -> None:
    manifest = find_manifest("tinct")
    network = load("tinct")
    height, width = 192, 288
    feeds = {
        "luminance": np.random.default_rng(0).uniform(0, 100, (1, 1, height, width)),
        "hint_ab": np.zeros((1, 2, height, width)),
        "hint_mask": np.zeros((1, 1, height, width)),
        "histogram": np.zeros((1, 260)),
        "mean_chroma": np.zeros((1, 1)),
        "given": np.zeros((1, 2)),
        "temperature": np.array([0.7]),
    }
    feeds = {name: values.astype(np.float32) for name, values in feeds.items()}
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = network.threads
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    session = onnxruntime.InferenceSession(
        weights_path(manifest), options, providers=[network.provider]
    )
    names = ["chroma", "confidence", "logits"]
    bare, ours = [], []
    for _ in range(4 * rounds):  # in turn, so that both meet the same neighbors
        for taken, act in (
            (bare, lambda: session.run(names, feeds)),
            (ours, lambda: network.run(feeds, names)),
        ):
            started = time.perf_counter()
            act()
            taken.append(time.perf_counter() - started)
    share = statistics.median(ours) / statistics.median(bare) - 1
    print(f"onnxruntime alone, {height} x {width}: {statistics.median(bare):.4f} s")
    best = min(ours) / min(bare) - 1
    print(f"the runtime adds {100 * share:+.1f} % (best against best {100 * best:+.1f} %)")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer rounds")
    rounds = 3 if parser.parse_args().quick else ROUNDS
    bare_and_ours(rounds)
    base = picture(SIDE)
    print(f"{SIDE} x {SIDE} pixels, median of {rounds}, network loaded:")
    cold = seconds(
        lambda _: run("auto-colorize", Context(cache=Cache(CACHE_BYTES)), {"image": base}), rounds
    )
    print(f"  auto-colorize, picture not seen before: {cold}")
    for name, operation, told in (
        ("hint-colorize, one more dot", "hint-colorize", {}),
        ("scribble-colorize, one more dot", "scribble-colorize", {}),
        ("  the same with a prior", "scribble-colorize", {"prior": "network"}),
    ):
        context = Context(cache=Cache(CACHE_BYTES))
        taken = seconds(
            lambda number, operation=operation, told=told, context=context: run(
                operation, context, {"image": base, "scribbles": dots(SIDE, number + 1)}, **told
            ),
            rounds,
        )
        print(f"  {name}: {taken}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
