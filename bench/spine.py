"""What the way through client, wire and worker costs, beside calling the function."""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from skimage import data

from tinct.cache import Cache
from tinct.catalog import find_operation
from tinct.context import Context
from tinct.pixels import Picture
from tinct.run import run_operation
from tinct_client.errors import Cancelled
from tinct_client.process import Engine, Outcome

VERSION = "bench"
ROWS_12MP, COLUMNS_12MP = 3000, 4000
ENGINES, TURNS = 5, 7


def seconds(action: Callable[[], object], repeats: int) -> float:
    """Return the median of several timings."""
    timings = []
    for _ in range(repeats):
        started = time.perf_counter()
        action()
        timings.append(time.perf_counter() - started)
    return statistics.median(timings)


def first_answer() -> None:
    with Engine("bench", VERSION) as engine:
        engine.call("catalog/list", {})


def pixels_in_and_out(engine: Engine) -> tuple[float, float]:
    """Return seconds to hand 12 MP RGBA8 to the worker, and to take them back."""
    pixels = np.random.default_rng(0).integers(0, 255, (ROWS_12MP, COLUMNS_12MP, 4), np.uint8)
    raw = pixels.tobytes()
    into, out = [], []
    for _ in range(5):
        started = time.perf_counter()
        reference = engine.exchange.write(raw, ROWS_12MP, COLUMNS_12MP)
        into.append(time.perf_counter() - started)
        outcome = engine.run("identity", {"image": reference}, {})
        started = time.perf_counter()
        back = engine.exchange.read(outcome.outputs["colors"])
        out.append(time.perf_counter() - started)
        assert back == raw
    return statistics.median(into), statistics.median(out)


def cancel_answer(engine: Engine, inputs: dict[str, NDArray[np.uint8]]) -> float:
    """Return seconds from the cancel to the answer, in the middle of a 12 MP solve."""
    call = submit(engine, inputs)
    while not call.done and call.fraction < 0.3:
        engine.poll(0.02)
    started = time.perf_counter()
    engine.cancel(call)
    try:
        engine.wait(call)
    except Cancelled:
        return time.perf_counter() - started
    raise SystemExit("the solve ended before it could be cancelled")


def photograph(rows: int, columns: int) -> dict[str, NDArray[np.uint8]]:
    """Return a gray photograph and twenty strokes in its true colors."""
    picture = Image.fromarray(data.astronaut()).resize((columns, rows), Image.Resampling.BICUBIC)
    truth = np.asarray(picture)
    strokes = np.zeros((rows, columns, 4), np.uint8)
    rng = np.random.default_rng(0)
    width = max(2, columns // 200)
    for _ in range(20):
        row, column = rng.integers(rows - width), rng.integers(columns - 20 * width)
        spot = np.s_[row : row + width, column : column + 20 * width]
        strokes[spot] = (*truth[row, column], 255)
    return {"image": np.asarray(picture.convert("L").convert("RGB")), "scribbles": strokes}


def submit(engine: Engine, inputs: dict[str, NDArray[np.uint8]]):
    references = {
        role: engine.exchange.write(
            pixels.reshape(-1).data,
            *pixels.shape[:2],
            layout="rgb" if pixels.shape[2] == 3 else "rgba",
        )
        for role, pixels in inputs.items()
    }
    return engine.submit_run("scribble-colorize", references, {})


def by_engine(engine: Engine, inputs: dict[str, NDArray[np.uint8]]) -> float:
    """Return the seconds that the worker counted: reading the files, the operation, writing."""
    outcome = Outcome.from_wire(engine.wait(submit(engine, inputs)))
    engine.exchange.read(outcome.outputs["colors"])
    return outcome.seconds


def by_function(inputs: dict[str, NDArray[np.uint8]]) -> None:
    pictures = {
        role: Picture(pixels, "rgb" if pixels.shape[2] == 3 else "rgba")
        for role, pixels in inputs.items()
    }
    operation = find_operation("scribble-colorize")
    run_operation(operation, pictures, {}, context=Context(cache=Cache(0)))


def by_turns() -> list[tuple[str, float, str]]:
    """Return rows: by client and worker, by the function, and what lies outside the worker's run.

    Medians of pairs, since the machine's speed drifts, with several engines. Still two processes
    differ by several percent in the same work, for as long as they live; the last row does not.
    """
    small, pairs = photograph(1000, 1000), []
    os.environ["TINCT_CACHE_MB"] = "0"  # both solve from pixels each time
    by_function(small)
    for _ in range(ENGINES):
        with Engine("bench", VERSION) as engine:
            by_engine(engine, small)
            for _ in range(TURNS):
                started = time.perf_counter()
                counted = by_engine(engine, small)
                wire = time.perf_counter() - started
                pairs.append((wire, seconds(lambda: by_function(small), 1), wire - counted))
    wire, function, outside = (statistics.median(column) for column in zip(*pairs, strict=True))
    more = statistics.median(a / b for a, b, _ in pairs) - 1
    return [
        ("1 MP colorization, the function", function, ""),
        ("1 MP colorization, by client and worker", wire, f"{more:+.1%}, goal <= 5 %"),
        ("of it outside the worker's run", outside, f"{outside / wire:.1%}"),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="leave the 12 MP solve out")
    quick = parser.parse_args().quick
    rows = [("worker start to first answer", seconds(first_answer, 5), "<= 0.3 s")]
    with Engine("bench", VERSION) as engine:
        into, out = pixels_in_and_out(engine)
        rows += [("12 MP RGBA8 in", into, "<= 0.06 s"), ("12 MP RGBA8 out", out, "<= 0.06 s")]
        if not quick:
            waited = cancel_answer(engine, photograph(ROWS_12MP, COLUMNS_12MP))
            rows.append(("cancel in the middle of 12 MP", waited, "< 0.5 s"))
    rows += by_turns()
    for name, value, goal in rows:
        print(f"{name:<42} {value * 1000:8.1f} ms   {goal}")


if __name__ == "__main__":
    main()
