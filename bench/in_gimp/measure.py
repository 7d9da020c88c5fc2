"""Measures calls of tinct's procedures; runs inside GIMP and writes ``measured.json``."""

import json
import os
import sys
import time

sys.path.insert(0, "/mnt/tinct/tests/e2e/gimp/cases")
from gimp_support import add_layer, call, fill, new_image, result_of

REPEATS = int(os.environ["TINCT_REPEATS"])


def timed(name, image, **values):
    """Return seconds of the quickest call, and what it took beside the engine's own time."""
    whole, beside = [], []
    for _ in range(REPEATS + 1):
        base = image.get_layers()[-1]
        started = time.perf_counter()
        layer = result_of(call(name, image, base, **values))
        seconds = time.perf_counter() - started
        record = json.loads(bytes(layer.get_parasite("tinct-result").get_data()))
        whole.append(seconds)
        beside.append(seconds - record["seconds"])
        image.remove_layer(layer)
    return min(whole[1:]), min(beside[1:])


def gray(width, height):
    """Return a gray picture with light and dark areas."""
    row = b"".join(bytes((60 + x * 120 // width,) * 3) + b"\xff" for x in range(width))
    return new_image(width, height, pixels=row * height)


large = gray(4000, 3000)
identity, _ = timed("identity", large)
large.delete()
small = gray(1000, 1000)
strokes = add_layer(small, "strokes")
for number in range(20):
    place = (40 + number * 45, 30 + (number * 271) % 900, 30, 6)
    fill(strokes, place, ((number * 90) % 256, (number * 50) % 256, 200, 255))
whole, beside = timed("scribble-colorize", small, scribbles=strokes)
tiny = gray(16, 16)
least, _ = timed("identity", tiny)
measured = {
    "12 MP RGBA8 identity": identity,
    "1 MP strokes, in all": whole,
    "1 MP strokes, beside the engine": beside,
    "16 x 16 identity (start of plug-in, engine)": least,
}
with open(os.path.join(os.environ["TINCT_OUT"], "measured.json"), "w") as file:
    json.dump(measured, file)
