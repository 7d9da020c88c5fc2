"""Writes the manifest of tinct's own network from the ONNX file itself."""

from __future__ import annotations

import argparse
import csv
import hashlib
from pathlib import Path

from tinct_train.bins import ab_bins

__all__ = ["manifest_text"]

_HEAD = """\
id = "tinct"
title = "tinct (automatic, hints, palette)"
task = "colorize"
file = "tinct.onnx"
bytes = {size}
sha256 = "{digest}"
opset = 17
licence = "MIT; training pictures under terms of their own, see the card"
source = "trained here: python -m tinct_train.recipes.tinct"
card = "tinct.md"
shipped = true

[size]
# The shorter side is brought to this many pixels, both sides rounded to the multiple.
short_side = 192
short_side_range = [64, 512]
multiple = 16
output_stride = 4

[defaults]
temperature = 0.7
temperature_range = [0.1, 1.0]
"""

_TENSORS = """
[[inputs]]
name = "luminance"
dtype = "float32"
shape = ["batch", 1, "height", "width"]
space = "Lab L"
range = [0.0, 100.0]

[[inputs]]
name = "hint_ab"
dtype = "float32"
shape = ["batch", 2, "height", "width"]
space = "Lab ab"
range = [-110.0, 110.0]
meaning = "color of local hints, ignored where hint_mask is 0"

[[inputs]]
name = "hint_mask"
dtype = "float32"
shape = ["batch", 1, "height", "width"]
space = "mask"
range = [0.0, 1.0]
meaning = "exactly 1 at hinted pixels, else 0; zeros for automatic color"

[[inputs]]
name = "histogram"
dtype = "float32"
shape = ["batch", {bins}]
space = "share of the picture in each ab bin"
range = [0.0, 1.0]
meaning = "sum 1; ignored unless given[0] is 1"

[[inputs]]
name = "mean_chroma"
dtype = "float32"
shape = ["batch", 1]
space = "mean Lab chroma"
range = [0.0, 100.0]
meaning = "ignored unless given[1] is 1"

[[inputs]]
name = "given"
dtype = "float32"
shape = ["batch", 2]
space = "mask"
range = [0.0, 1.0]
meaning = "1 where histogram, mean_chroma is given"

[[inputs]]
name = "temperature"
dtype = "float32"
shape = [1]
space = "temperature of the annealed mean"
range = [0.02, 1.0]

[[outputs]]
name = "chroma"
dtype = "float32"
shape = ["batch", 2, "quarter_height", "quarter_width"]
space = "Lab ab"
range = [-110.0, 110.0]

[[outputs]]
name = "spread"
dtype = "float32"
shape = ["batch", 1, "quarter_height", "quarter_width"]
space = "expected error of chroma, Lab units"
range = [0.0, 150.0]

[[outputs]]
name = "confidence"
dtype = "float32"
shape = ["batch", 1, "quarter_height", "quarter_width"]
space = "1 / (1 + (spread / 12)^2)"
range = [0.0, 1.0]

[[outputs]]
name = "logits"
dtype = "float32"
shape = ["batch", {bins}, "quarter_height", "quarter_width"]
space = "unnormalized log share of each ab bin at temperature 1"
range = [-1e4, 1e4]

[[pre]]
step = "resize-short-side"
tensor = "luminance"
filter = "bilinear-antialiased"

[[pre]]
step = "rasterize-hints"
tensors = ["hint_ab", "hint_mask"]
color = "mean of the hinted pixels in a cell"

[[post]]
step = "upsample-guided"
tensor = "chroma"
guide = "luminance"

[[post]]
step = "fit-gamut"
keep = "luminance"

[scores]
# Kodak, 24 pictures of 768 x 512, never trained on; hints are random 7x7 squares.
dataset = "kodak"
temperature = 0.7
short_side = 192
hints = {hints}
correlation = {correlation}
colorfulness_ratio = {ratio}
psnr_rgb_db = {psnr}
"""


def manifest_text(network: Path, rows: list[dict[str, float]]) -> str:
    """Return the manifest of `network` in TOML.

    Parameters
    ----------
    network : Path
        The ONNX file.
    rows : list of dict
        Rows of `tinct_train.evaluate`'s table.

    Returns
    -------
    str
    """
    data = network.read_bytes()
    bins = ab_bins().astype(int).tolist()
    columns = {
        "hints": [int(row["hints"]) for row in rows],
        "correlation": [round(row["correlation"], 3) for row in rows],
        "ratio": [round(row["colorfulness_ratio"], 3) for row in rows],
        "psnr": [round(row["psnr_db"], 2) for row in rows],
    }
    text = _HEAD.format(size=len(data), digest=hashlib.sha256(data).hexdigest())
    text += _TENSORS.format(bins=len(bins), **columns)
    text += "\n[distribution]\n# Centers (a, b) of the bins, as in logits and histogram.\n"
    text += "step = 10\ncenters = [\n"
    for first in range(0, len(bins), 8):
        text += "    " + " ".join(f"{pair}," for pair in bins[first : first + 8]) + "\n"
    return text + "]\n"


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("network", type=Path, help="ONNX file")
    parser.add_argument("table", type=Path, help="CSV written by tinct_train.evaluate")
    parser.add_argument("target", type=Path, help="TOML to write")
    given = parser.parse_args()
    with given.table.open(newline="") as file:
        rows = [{k: float(v) for k, v in row.items()} for row in csv.DictReader(file)]
    given.target.write_text(manifest_text(given.network, rows), encoding="utf-8")


if __name__ == "__main__":
    main()
